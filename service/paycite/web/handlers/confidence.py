"""`/confidence`: the error of estimates by confidence label."""

from operator import attrgetter

from paycite.model.voice import LabelError
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint
from paycite.web.handlers.lists import Page, PageParameters, build_page


class LabelErrors(Page[LabelError], frozen=True, kw_only=True):
    """The error of each label, by test data."""


@endpoint(
    "/confidence",
    "List the error of each confidence label",
    LabelErrors,
    parameters=PageParameters,
    problems=(*REQUEST_PROBLEMS, "unknown-dataset"),
)
def confidence(ask: Ask) -> LabelErrors:
    """The median absolute error of estimates by confidence label, on pay that was not used to make
    them: each observation counted once, and each employer counted once."""
    parsed = ask.parse()
    parsed.faults.stop()
    found = list(ask.store.snapshot.label_errors)
    return build_page(ask, parsed, LabelErrors, found, attrgetter("id"))
