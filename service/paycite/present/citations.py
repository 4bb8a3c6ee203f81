"""List the figures and sources of chains, and describe their steps."""

from collections.abc import Iterable

from paycite.estimate import quote
from paycite.model.answer import Answer, Chain, Factor, Step, citations
from paycite.model.figure import Citation, Source
from paycite.model.money import in_dollars, in_percent, range_in_dollars


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
    """ "times 1.15 to 1.25, the source's own rule (15-25% higher): $161,000 to $225,000"."""
    return f"{describe_operation(step)}: {range_in_dollars(step.range)}"


def describe_operation(step: Step) -> str:
    """Say what a step does, without its result: "times 0.9611, for the role"."""
    if step.parts:
        return f"average of {len(step.parts)} places"
    if step.levels:
        return f"put in order with {', '.join(one.level for one in step.levels)}"
    if step.operand:
        return f"average with {range_in_dollars(step.operand)}{_share(step)}"
    if step.power == 1:
        return "read as P25 and P75, with their geometric mean as the median"
    if step.power is not None:
        return f"spread around the median times {step.power:g}"
    if step.spread:
        return "P25 to P75, from the spread of its observations"
    if step.divisor:
        return f"divided by {step.divisor:,g} hours a year"
    if step.factor:
        what = _FACTORS[step.operation].format(step.as_published)
        if ":pooled-role-metro-" in (step.figure_id or ""):
            what = "for the role in the place"
        return f"times {_times(step.factor)}, {what}"
    return _describe_figure(step)


def _describe_figure(step: Step) -> str:
    published = in_dollars(int(number)) if (number := step.as_published).isdecimal() else number
    if step.operation == "pool":
        return f"central pay of {published}, computed from its observations"
    what = "published"
    if step.operation == "mix":
        what = "mixed with"
    elif step.locator.startswith("computed by Paycite"):
        what = "computed from its rows:"
    median = "a median of " if step.statistics else ""
    return f"{what} {median}{published}{_share(step)}"


_FACTORS = {
    "multiply": "the source's own rule ({})",
    "envelope": "the source's own rule ({})",
    "role": "for the role",
    "level": "for the level",
    "place": "for the place",
    "pool": "for the place",
    "age": "for the growth of wages since",
    "mix": "before the mixture",
}


def _times(factor: Factor) -> str:
    low, high = f"{factor.min:g}", f"{factor.max:g}"
    return low if low == high else f"{low} to {high}"


def _share(step: Step) -> str:
    return f" (share {in_percent(step.share)})" if step.share else ""
