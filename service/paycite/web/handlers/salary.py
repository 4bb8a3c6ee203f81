"""`/salary`, and `/offer`, which is the same with an offer."""

from paycite.model.answer import Answer
from paycite.model.parameters import SalaryParameters
from paycite.questions.answer import OfferParameters, answer_question
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint

SALARY_PROBLEMS = (
    *("missing-parameter", *REQUEST_PROBLEMS, "conflicting-parameters"),
    *("unknown-role", "unknown-level", "unknown-metro", "unknown-source", "unknown-dataset"),
    *("no-figures", "suppressed", "ambiguous-title", "ambiguous-metro", "fallback-refused"),
)


@endpoint(
    "/salary",
    "Estimate what a role pays",
    Answer,
    parameters=SalaryParameters,
    problems=SALARY_PROBLEMS,
)
def salary(ask: Ask) -> Answer:
    """An estimated range of base pay, the steps that led to it, and the sources it rests on."""
    return answer_question(ask.store, ask.texts)


@endpoint(
    "/offer",
    "Place an offer",
    Answer,
    parameters=OfferParameters,
    problems=SALARY_PROBLEMS,
    same_problems_as="/salary",
)
def offer(ask: Ask) -> Answer:
    """The answer of /salary, with an amount or a posted range placed in each of its ranges:
    percentile where percentiles are known; else position and ratio to the midpoint."""
    return answer_question(ask.store, ask.texts, OfferParameters)
