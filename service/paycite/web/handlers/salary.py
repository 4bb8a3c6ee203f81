"""`/salary`, and `/offer`, which is the same with an offer."""

from paycite.dataset.store import Store
from paycite.model.answer import Answer, Links, alter
from paycite.model.parameters import SalaryParameters, View
from paycite.questions.answer import OfferParameters, answer_question
from paycite.questions.parameters import Texts
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint

SALARY_PROBLEMS = (
    *("missing-parameter", *REQUEST_PROBLEMS, "conflicting-parameters"),
    *("unknown-role", "unknown-level", "unknown-metro", "unknown-source", "unknown-dataset"),
    *("no-figures", "suppressed", "ambiguous-title", "ambiguous-metro", "fallback-refused"),
)

_SUMMARY = "&view=summary"  # in its links


class SalaryViewParameters(SalaryParameters, frozen=True, kw_only=True):
    view: View = "full"


class OfferViewParameters(OfferParameters, frozen=True, kw_only=True):
    view: View = "full"


@endpoint(
    "/salary",
    "Estimate base pay",
    Answer,
    parameters=SalaryViewParameters,
    problems=SALARY_PROBLEMS,
)
def salary(ask: Ask) -> Answer:
    """Estimate the base pay range of a role, with the steps behind it and the sources it comes
    from."""
    return _answer(ask.store, ask.texts, SalaryViewParameters)


@endpoint(
    "/offer",
    "Compare an offer",
    Answer,
    parameters=OfferViewParameters,
    problems=SALARY_PROBLEMS,
)
def offer(ask: Ask) -> Answer:
    """Answer like /salary, and compare an amount or a posted range to each range of the answer: by
    percentile if percentiles are known, otherwise by position in the range and ratio to the
    midpoint."""
    return _answer(ask.store, ask.texts, OfferViewParameters)


def _answer(store: Store, texts: Texts, parameters: type[SalaryParameters]) -> Answer:
    answer = answer_question(store, texts, parameters)
    return _summarize(answer) if texts.get("view") == ["summary"] else answer


def _summarize(answer: Answer) -> Answer:
    """The same without steps, caveats, context and disagreement. The sources stay, although some
    are cited only by what is left out: they are those of the estimate."""
    chains = tuple(alter(chain, steps=(), caveats=()) for chain in answer.chains)
    links = Links(
        self=f"{answer.links.self}{_SUMMARY}", permalink=f"{answer.links.permalink}{_SUMMARY}"
    )
    return alter(answer, chains=chains, context=(), disagreement=None, links=links)
