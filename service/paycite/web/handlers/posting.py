"""`GET /posting`: an employer's own range, ready to be advertised, and what the laws still want."""

from functools import partial
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import Response
from msgspec import Meta

from paycite.dataset.store import Store
from paycite.model.answer import Links
from paycite.model.comparison import Outcome
from paycite.model.posting import Posting
from paycite.model.problem import Refusal
from paycite.posting import advertisement
from paycite.questions.answer import answered, refused
from paycite.questions.parameters import Texts, given
from paycite.questions.question import SalaryParameters, read_question
from paycite.web.endpoints import REQUEST_PROBLEMS, reading
from paycite.web.respond import ApiRequest, Representation, asked_of, kept, send

_PATH = "/posting"
RangeText = Annotated[
    str,
    Meta(
        description="The employer's own range of base pay in dollars, or one amount: by the year, "
        "or as `period` says. It has both ends.",
        examples=["160000-200000"],
    ),
]
# Those of /salary, with the range in place of an offer.
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


@reading(
    _PATH,
    summary="Advertise a range of pay",
    answers=Posting,
    parameters=PostingParameters,
    problems=(
        *("missing-parameter", *REQUEST_PROBLEMS, "conflicting-parameters", "unknown-role"),
        *("unknown-level", "unknown-metro", "unknown-source", "unknown-dataset"),
        *("ambiguous-title", "ambiguous-metro"),
    ),
    same_problems_as="/salary",
)
async def posting(request: ApiRequest) -> Response[bytes]:
    """The employer's own range as a sentence and in the fields of applicant tracking systems, the
    market beside it, and what the pay-transparency laws of the place still want of the
    advertisement. No legal advice. Where the market has no answer, `market` says why."""
    asked = await asked_of(request)
    representation = await kept(
        request,
        (asked.store, _PATH, asked.query_string),
        partial(_represented, asked.store, asked.query_string),
    )
    return send(request, representation, asked.store, asked.cache_control)


def _represented(store: Store, query_string: bytes) -> Representation:
    return Representation.of(posted(store, given(query_string)))


def posted(store: Store, texts: Texts) -> Posting:
    """The answer to the parameters; Refusal for what is wrong with them."""
    question = read_question(texts, store, PostingParameters)
    pinned = {**texts, "dataset": [store.snapshot.version]}
    links = Links(self=_address(texts), permalink=_address(pinned))
    return advertisement.build_posting(question, _market(store, texts), store.snapshot, links)


def _market(store: Store, texts: Texts) -> Outcome:
    """What /salary says of the same question, with the range as its offer."""
    asked = {"offer" if name == "range" else name: values for name, values in texts.items()}
    try:
        return answered(store, asked)
    except Refusal as refusal:
        return refused(refusal, asked)


def _address(texts: Texts) -> str:
    return f"{_PATH}?{urlencode(texts, doseq=True)}"
