"""What chains rest on, in order: their figures, the sources of these, and their steps in words."""

from collections.abc import Iterable

from paycite.model.answer import Answer, Chain, Step, citations, range_in_dollars
from paycite.model.figure import Citation, Source


def used(answer: Answer) -> list[Chain]:
    """The chains of the estimate."""
    return [chain for chain in answer.chains if chain.weight]


def figures(chains: Iterable[Chain]) -> list[Citation]:
    """Each figure once."""
    return list({one.figure_id: one for one in citations(chains, (), None)}.values())


def sources(answer: Answer, chains: Iterable[Chain]) -> list[Source]:
    """The sources of the figures, each once: of one chain, its own first."""
    known = {source.id: source for source in answer.sources}
    return [known[id_] for id_ in dict.fromkeys(one.source_id for one in figures(chains))]


def in_words(step: Step) -> str:
    """ "multiply 15-25% higher, times 1.15 to 1.25 = $161,000 to $225,000"."""
    return f"{done(step)} = {range_in_dollars(step.range)}"


def done(step: Step) -> str:
    """ "multiply 15-25% higher, times 1.15 to 1.25"."""
    said = f"{step.operation} {step.as_published}"
    if step.statistics and not step.factor:
        said += ", the median of P25 to P75"
    if step.factor:
        low, high = f"{step.factor.min:g}", f"{step.factor.max:g}"
        said += f", times {low}" if low == high else f", times {low} to {high}"
    if step.divisor:
        said += f", divided by {step.divisor:,g}"
    if step.operand:
        said += f", taking in {range_in_dollars(step.operand)}"
    if step.share is not None:
        said += f", share {step.share:g}"
    return said
