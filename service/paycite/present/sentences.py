"""An answer in sentences: what it is of, what it says, and the citation to quote with it."""

from collections.abc import Iterable

from paycite.model.answer import (
    Answer,
    Chain,
    Percentiles,
    Range,
    in_dollars,
    range_in_dollars,
)
from paycite.model.answer import (
    citations as citations_of,
)
from paycite.model.distribution import PERCENTILES
from paycite.model.vocabulary import NATION
from paycite.present import citations


def subject(answer: Answer) -> str:
    """What was answered: "MLOps Engineer, Mid-level, Austin-Round Rock-San Marcos, TX"."""
    used = answer.used
    level = used.level.title if used.level else "all levels"
    return f"{used.role.title}, {level}, {where(answer)}"


def where(answer: Answer) -> str:
    """Where it was answered, as it stands in a sentence."""
    metro = answer.used.metro
    return f"the {metro.name}" if metro.id == NATION else metro.name


def pay(range_: Range, period: str) -> str:
    """ "$161,000 to $225,000 a year"."""
    return f"{range_in_dollars(range_)} {'an hour' if period == 'hour' else 'a year'}"


def sentence(answer: Answer) -> str:
    """The estimate with its confidence and its citation, ready to quote."""
    estimate = answer.estimate
    return (
        f"{subject(answer)}: {pay(estimate.range, estimate.period)} of base pay "
        f"({estimate.confidence.label} confidence: {estimate.confidence.reason}). "
        f"{citation(answer)}"
    )


def percentiles(stated: Percentiles) -> list[str]:
    """Each: "P10 $79,870", "median $135,980", "P90 $239,200 or more"."""
    said = []
    for name in PERCENTILES:
        amount = getattr(stated, name)
        value = "not released" if amount is None else in_dollars(amount)
        more = " or more" if name in stated.capped else ""
        said.append(f"{'median' if name == 'p50' else name.upper()} {value}{more}")
    return said


def citation(answer: Answer) -> str:
    """The sources of the estimate, in the order of its steps, as they are to be cited, and the
    dataset."""
    made_of = citations.sources(answer, citations.used(answer))
    listed = "; ".join(source.citation for source in made_of)
    return f"Source: {listed}; by Paycite, dataset {answer.dataset.version}."


def cited_by(chains: Iterable[Chain]) -> set[str]:
    """The ids of the sources that chains are made of."""
    return {one.source_id for one in citations_of(chains, (), None)}
