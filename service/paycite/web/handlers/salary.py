"""`GET /salary`, and `/offer`, which is the same with an offer."""

from functools import lru_cache

from litestar import Response

from paycite.dataset.store import Store
from paycite.model.answer import Answer
from paycite.questions.answer import OfferParameters, answered
from paycite.questions.parameters import given
from paycite.questions.question import SalaryParameters
from paycite.web.endpoints import REQUEST_PROBLEMS, reading
from paycite.web.respond import ApiRequest, Representation, asked_of, send

_KEPT_ANSWERS = 4_096


SALARY_PROBLEMS = (
    *("missing-parameter", *REQUEST_PROBLEMS, "conflicting-parameters"),
    *("unknown-role", "unknown-level", "unknown-metro", "unknown-source", "unknown-dataset"),
    *("no-figures", "suppressed", "ambiguous-title", "ambiguous-metro", "fallback-refused"),
)


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
