"""`GET /salary`, and `/offer`, which is the same with an offer."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlencode

import msgspec
from litestar import Response

from paycite.api.http import ApiRequest, Representation, asked_of, send
from paycite.api.operations import REQUEST_PROBLEMS, reading
from paycite.api.parameters import Texts, given
from paycite.api.question import OfferText, SalaryParameters, read_question, requested
from paycite.dataset.store import Store
from paycite.estimate import answer
from paycite.model.answer import Answer, Links
from paycite.model.comparison import Refused
from paycite.model.problem import Refusal

_KEPT_ANSWERS = 4_096


SALARY_PROBLEMS = (
    *("missing-parameter", *REQUEST_PROBLEMS, "conflicting-parameters"),
    *("unknown-role", "unknown-level", "unknown-metro", "unknown-source", "unknown-dataset"),
    *("no-figures", "suppressed", "ambiguous-title", "ambiguous-metro", "fallback-refused"),
)


class OfferParameters(SalaryParameters, frozen=True, kw_only=True):
    offer: OfferText


@reading(
    "/salary",
    summary="Estimate what a role pays",
    answers=Answer,
    parameters=SalaryParameters,
    problems=SALARY_PROBLEMS,
)
async def salary(request: ApiRequest) -> Response[bytes]:
    """An estimated range of base pay, the steps that led to it, and the sources it rests on."""
    asked = await asked_of(request)
    representation = represented(asked.store, asked.query_string)
    return send(request, representation, asked.store, asked.cache_control)


@reading(
    "/offer",
    summary="Place an offer",
    answers=Answer,
    parameters=OfferParameters,
    problems=SALARY_PROBLEMS,
    same_problems_as="/salary",
)
async def offer(request: ApiRequest) -> Response[bytes]:
    """The answer of /salary, with an amount or a posted range placed in each of its ranges:
    percentile where percentiles are known; else position and ratio to the midpoint."""
    asked = await asked_of(request)
    representation = represented(asked.store, asked.query_string, OfferParameters)
    return send(request, representation, asked.store, asked.cache_control)


@lru_cache(_KEPT_ANSWERS)
def represented(
    store: Store, query_string: bytes, parameters: type[SalaryParameters] = SalaryParameters
) -> Representation:
    """The encoded answer: a function of the dataset, the service and the query, so kept."""
    return Representation.of(answered(store, given(query_string), parameters))


def answered(
    store: Store, texts: Texts, parameters: type[SalaryParameters] = SalaryParameters
) -> Answer:
    """The answer to the parameters of a question; Refusal where there is none."""
    question = read_question(texts, store, parameters)
    asked = msgspec.to_builtins(question.requested)
    pinned = asked | {"dataset": store.snapshot.version}
    return answer(question, store.snapshot, Links(self=_address(asked), permalink=_address(pinned)))


def refused(refusal: Refusal, texts: Texts) -> Refused:
    """Why there is no answer, as the address of the question alone would tell it."""
    asked = requested(texts)
    return Refused(requested=asked, problem=refusal.problem(_address(msgspec.to_builtins(asked))))


def _address(asked: Mapping[str, str | list[str]]) -> str:
    return f"/salary?{urlencode(asked, doseq=True)}"
