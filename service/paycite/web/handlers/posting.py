"""`/posting`: an employer's own range, ready for a job posting, and what the laws still require."""

from typing import Annotated
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from paycite.model.answer import Links
from paycite.model.comparison import Outcome
from paycite.model.parameters import SalaryParameters
from paycite.model.posting import Posting
from paycite.model.problem import Refusal
from paycite.posting.advertisement import build_posting
from paycite.questions.answer import answer_question, describe_refusal
from paycite.questions.parameters import Texts
from paycite.questions.question import draft_question
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint

RangeText = Annotated[
    str,
    Meta(
        description="The employer's own base pay in U.S. dollars, as people write it: a range with "
        "both ends, or one amount, to the cent. A pay period in it sets `period`; without one, it "
        "is per `period`.",
        examples=["160000-200000", "$41.25 - $52/hr"],
    ),
]
# The parameters of /salary, with `range` instead of `offer`.
PostingParameters = msgspec.defstruct(
    "PostingParameters",
    [
        ("range", RangeText),
        *(
            (field.name, field.type) if field.required else (field.name, field.type, field.default)
            for field in msgspec.structs.fields(SalaryParameters)
            if field.name != "offer"
        ),
    ],
    frozen=True,
    kw_only=True,
)
# Faults without which a range can be advertised: it depends on no role.
_OF_THE_MARKET = ("unknown-role", "ambiguous-title")


@endpoint(
    "/posting",
    "Write the pay of a job posting",
    Posting,
    parameters=PostingParameters,
    problems=(
        *("missing-parameter", *REQUEST_PROBLEMS, "conflicting-parameters", "unknown-role"),
        *("unknown-level", "unknown-metro", "unknown-source", "unknown-dataset"),
        *("ambiguous-title", "ambiguous-metro"),
    ),
    runs="thread",
)
def posting(ask: Ask) -> Posting:
    """Write the employer's own range as a sentence and in the fields of applicant tracking systems,
    with the market range, and list what else the pay-transparency laws of the place require. Not
    legal advice. If there is no market range, `market` says why."""
    draft = draft_question(ask.texts, ask.store, PostingParameters)
    if any(fault.type not in _OF_THE_MARKET for fault in draft.faults):
        draft.faults.stop()
    assert draft.offer and draft.metro  # otherwise `stop` raised
    snapshot = ask.store.snapshot
    texts = {**ask.texts, "dataset": [snapshot.version]}
    pinned = {name: texts[name] for name in PostingParameters.__struct_fields__ if name in texts}
    links = Links(self=_address(ask.texts), permalink=_address(pinned))
    return build_posting(draft.offer, draft.metro, draft.matches, _market(ask), snapshot, links)


def _market(ask: Ask) -> Outcome:
    """Answer the same question as /salary does, with the range as the offer."""
    asked = {"offer" if name == "range" else name: found for name, found in ask.texts.items()}
    try:
        return answer_question(ask.store, asked)
    except Refusal as refusal:
        return describe_refusal(refusal, asked)


def _address(texts: Texts) -> str:
    return f"/posting?{urlencode(texts, doseq=True)}"
