"""`/posting.html`: an employer's range for a job posting, beside the pay laws and the market."""

from paycite.present.html import posting as page
from paycite.web.endpoint import Ask
from paycite.web.handlers.posting import PostingParameters, posting
from paycite.web.page import html_page, site


@html_page("/posting.html", "posting_form.html", parameters=PostingParameters)
def posting_page(ask: Ask) -> str:
    """Show a posting's sentence, fields, laws and market; without parameters, all known laws."""
    if not ask.texts:
        return page.laws_page(site(ask))
    return page.posting_page(site(ask), ask.texts, posting.handler(ask))
