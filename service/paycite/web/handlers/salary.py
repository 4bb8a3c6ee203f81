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
    "Estimate base pay",
    Answer,
    parameters=SalaryParameters,
    problems=SALARY_PROBLEMS,
)
def salary(ask: Ask) -> Answer:
    """Estimate the base pay range of a role, with the steps behind it and the sources it comes
    from."""
    return answer_question(ask.store, ask.texts)


@endpoint(
    "/offer",
    "Compare an offer",
    Answer,
    parameters=OfferParameters,
    problems=SALARY_PROBLEMS,
    same_problems_as="/salary",
)
def offer(ask: Ask) -> Answer:
    """Answer like /salary, and compare an amount or a posted range to each range of the answer: by
    percentile if percentiles are known, otherwise by position in the range and ratio to the
    midpoint."""
    return answer_question(ask.store, ask.texts, OfferParameters)
