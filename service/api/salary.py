"""`GET /salary`."""

from functools import lru_cache
from urllib.parse import urlencode

import msgspec
from litestar import Response

from service.api.http import CURRENT, PINNED, ApiRequest, Representation, send, store_of
from service.api.operations import REQUEST_PROBLEMS, reading
from service.api.parameters import given
from service.api.question import SalaryParameters, read_question
from service.dataset.store import Store
from service.estimate import answer
from service.model.answer import Answer, Links, Requested

_KEPT_ANSWERS = 4_096


@reading(
    "/salary",
    summary="Estimate what a role pays",
    answers=Answer,
    parameters=SalaryParameters,
    problems=(
        *("missing-parameter", *REQUEST_PROBLEMS, "conflicting-parameters"),
        *("unknown-role", "unknown-level", "unknown-metro", "unknown-source", "unknown-dataset"),
        *("no-figures", "suppressed", "ambiguous-title", "ambiguous-metro", "fallback-refused"),
    ),
)
async def salary(request: ApiRequest) -> Response[bytes]:
    """An estimated range of base pay, the steps that led to it, and the sources it rests on."""
    query_string = request.scope["query_string"]
    # Only the dataset is needed before the answer that is kept is looked up.
    may_pin = b"dataset" in query_string or b"%" in query_string
    texts = given(query_string) if may_pin else {}
    store = await store_of(request, texts)
    representation = represented(store, query_string)
    return send(request, representation, store, PINNED if "dataset" in texts else CURRENT)


@lru_cache(_KEPT_ANSWERS)
def represented(store: Store, query_string: bytes) -> Representation:
    """The encoded answer: a function of the dataset, the service and the query, so kept."""
    return Representation.of(answered(store, query_string))


def answered(store: Store, query_string: bytes) -> Answer:
    """The answer to the query of an address; Refusal where there is none."""
    question = read_question(query_string, store)
    return answer(question, store.snapshot, _links(question.requested, store))


def _links(requested: Requested, store: Store) -> Links:
    asked = msgspec.to_builtins(requested)
    pinned = asked | {"dataset": store.snapshot.version}
    return Links(
        self=f"/salary?{urlencode(asked, doseq=True)}",
        permalink=f"/salary?{urlencode(pinned, doseq=True)}",
    )
