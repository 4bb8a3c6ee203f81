"""Write the quote of an answer: a summary with its sources, ready to paste elsewhere."""

from collections.abc import Iterable, Mapping, Sequence

from paycite.model.answer import Chain, Estimate, Offer, OfferPosition, Step, Used
from paycite.model.figure import Source
from paycite.model.money import in_dollars, in_percentile, pay_in_dollars, per_period
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import describe_place


def write_quote(
    used: Used,
    estimate: Estimate,
    chains: Sequence[Chain],
    offer: Offer | None,
    snapshot: Snapshot,
) -> str:
    """Summarize an estimate: scope, range, median, date of the newest data and the month that it is
    aged to, confidence and sources, and how an offer compares to it."""
    positions = offer.positions if offer else ()
    months = {snapshot.figures[step.figure_id].as_of for step in _aging(chains)}  # one, or none
    return " ".join(
        [
            summarize(used, estimate, months),
            write_citation(chains, snapshot.sources, snapshot.version),
            *(_compare(one, estimate) for one in positions if one.chain_index is None),
            *(offer.notes if offer else ()),
        ]
    )


def summarize(used: Used, estimate: Estimate, months: Iterable[str | None] = ()) -> str:
    """Write the part of a quote before its citation, for screen readers and link previews. `months`
    has the one that the estimate is aged to, if any."""
    confidence = estimate.confidence
    return (
        f"{describe_scope(used)}: {describe_pay(estimate)}"
        + (f", newest data from {estimate.as_of}" if estimate.as_of else "")
        + "".join(f", aged to {month} with wage growth" for month in months)
        + f" ({confidence.label} confidence: {confidence.reason})."
    )


def describe_pay(estimate: Estimate) -> str:
    """Write the range and the median: "$161,000 to $225,000 a year in base pay (P25 to P75), median
    $190,000"."""
    median = f", median {in_dollars(estimate.median)}" if estimate.median else ""
    pay = pay_in_dollars(estimate.range, estimate.period)
    return f"{pay} in base pay{name_percentiles(estimate)}{median}"


def describe_range(estimate: Estimate) -> str:
    """Write the range: "$161,000 to $225,000 a year (P25 to P75)"."""
    return f"{pay_in_dollars(estimate.range, estimate.period)}{name_percentiles(estimate)}"


def name_percentiles(estimate: Estimate) -> str:
    """Say which percentiles a range is between; empty for a published range, which has none."""
    if not estimate.percentiles:
        return ""
    return " (from P25)" if estimate.range.open_ended else " (P25 to P75)"


def describe_scope(used: Used) -> str:
    """Describe the scope: "MLOps Engineer, Mid-level, Austin-Round Rock-San Marcos, TX"."""
    level = used.level.title if used.level else "all levels"
    return f"{used.role.title}, {level}, {describe_place(used.metro)}"


def describe_question(used: Used) -> str:
    """Describe the scope as a title: "Senior Data Engineer in Columbus, OH"."""
    return f"{describe_job(used)} in {describe_place(used.metro)}"


def describe_job(used: Used) -> str:
    """Describe the level and the role: "Senior Data Engineer"."""
    return f"{used.level.title} {used.role.title}" if used.level else used.role.title


def write_citation(chains: Iterable[Chain], sources: Mapping[str, Source], version: str) -> str:
    """Cite the source of each used chain, that of the wage growth it is aged with, and the dataset.
    The dataset also covers Paycite's own factors; the answer lists the sources they were computed
    from."""
    used = [chain for chain in chains if chain.weight]
    cited = [one.source_id for one in used] + [one.source_id for one in _aging(used)]
    named = "; ".join(sources[id_].citation for id_ in dict.fromkeys(cited))
    return f"Source: {named}; by Paycite, dataset {version}."


def _aging(chains: Iterable[Chain]) -> list[Step]:
    steps = (step for chain in chains if chain.weight for step in chain.steps)
    return [step for step in steps if step.operation == "age"]


def _compare(position: OfferPosition, estimate: Estimate) -> str:
    percentile = f" ({in_percentile(position.percentile)})" if position.percentile else ""
    amount = f"{in_dollars(position.amount)} {per_period(estimate.period)}"
    return f"{amount} is {position.verdict} of this estimate{percentile}."
