"""List the figures and sources of chains, and describe their steps."""

from collections.abc import Iterable

from paycite.estimate import quote
from paycite.model.answer import Answer, Chain, Step, citations
from paycite.model.figure import Citation, Source
from paycite.model.money import in_dollars, range_in_dollars


def used_chains(answer: Answer) -> list[Chain]:
    """List the chains that the estimate combines."""
    return [chain for chain in answer.chains if chain.weight]


def list_figures(chains: Iterable[Chain]) -> list[Citation]:
    """List each figure once."""
    return list({one.figure_id: one for one in citations(chains, (), None)}.values())


def cited_source_ids(chains: Iterable[Chain]) -> set[str]:
    """The ids of the sources of the figures."""
    return {one.source_id for one in list_figures(chains)}


def list_sources(answer: Answer, chains: Iterable[Chain]) -> list[Source]:
    """List the sources of the figures, each once; for a single chain, its own source first."""
    known = {source.id: source for source in answer.sources}
    return [known[id_] for id_ in dict.fromkeys(one.source_id for one in list_figures(chains))]


def write_citation(answer: Answer) -> str:
    """Cite the sources of the estimate, in the order of its steps, and the dataset."""
    sources = {source.id: source for source in answer.sources}
    return quote.write_citation(answer.chains, sources, answer.dataset.version)


def describe_step(step: Step) -> str:
    """ "multiply 15-25% higher, times 1.15 to 1.25 = $161,000 to $225,000"."""
    return f"{describe_operation(step)} = {range_in_dollars(step.range)}"


def describe_operation(step: Step) -> str:
    """ "multiply 15-25% higher, times 1.15 to 1.25"."""
    published = step.as_published
    is_amount = published.isdecimal() and step.operation in ("published", "mix")
    words = f"{step.operation} {in_dollars(int(published)) if is_amount else published}"
    if step.operation in ("published", "mix") and step.statistics:
        words += ", the median of P25 to P75"
    if step.factor:
        low, high = f"{step.factor.min:g}", f"{step.factor.max:g}"
        words += f", times {low}" if low == high else f", times {low} to {high}"
    if step.divisor:
        words += f", divided by {step.divisor:,g}"
    if step.operand:
        words += f", mean with {range_in_dollars(step.operand)}"
    if step.power is not None:
        words += f", spread times {step.power:g}" if step.power != 1 else ""
    if step.levels:
        words += f", among {', '.join(one.level for one in step.levels)}"
    if step.parts:
        words += f", mean of {', '.join(one.metro for one in step.parts)}"
    if step.share is not None:
        words += f", share {step.share:g}"
    return words
