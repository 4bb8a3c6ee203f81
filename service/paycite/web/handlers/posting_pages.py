"""`/posting.html`: an employer's range for a job posting, beside the pay laws and the market."""

from paycite.present.html.posting import show_laws, show_posting
from paycite.web.endpoint import Ask
from paycite.web.handlers.pages import page_endpoint, site_of
from paycite.web.handlers.posting import PostingParameters, build_posting


@page_endpoint("/posting.html", "posting_form.html", parameters=PostingParameters)
def posting_page(ask: Ask) -> str:
    """Show a posting's sentence, fields, laws and market; without parameters, all known laws."""
    if not ask.texts:
        return show_laws(site_of(ask))
    return show_posting(site_of(ask), ask.texts, build_posting(ask))
