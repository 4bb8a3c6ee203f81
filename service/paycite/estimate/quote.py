"""Write the quote of an answer: a summary with its sources, ready to paste elsewhere."""

from collections.abc import Iterable, Mapping

from paycite.model.answer import Chain, Estimate, Offer, OfferPosition, Used
from paycite.model.figure import Source
from paycite.model.money import in_dollars, pay_in_dollars, per_period
from paycite.model.vocabulary import describe_place


def write_quote(
    used: Used,
    estimate: Estimate,
    chains: Iterable[Chain],
    offer: Offer | None,
    sources: Mapping[str, Source],
    version: str,
) -> str:
    """Summarize an estimate: scope, range, median, date of the newest data, confidence and sources,
    and how an offer compares to it."""
    confidence = estimate.confidence
    positions = offer.positions if offer else ()
    return " ".join(
        [
            f"{describe_scope(used)}: {pay_in_dollars(estimate.range, estimate.period)} in base pay"
            + (f", median {in_dollars(estimate.median)}" if estimate.median is not None else "")
            + (f", newest data from {estimate.as_of}" if estimate.as_of else "")
            + f" ({confidence.label} confidence: {confidence.reason}).",
            write_citation(chains, sources, version),
            *(_compare(one, estimate) for one in positions if one.chain_index is None),
            *(offer.notes if offer else ()),
        ]
    )


def describe_scope(used: Used) -> str:
    """Describe the scope: "MLOps Engineer, Mid-level, Austin-Round Rock-San Marcos, TX"."""
    level = used.level.title if used.level else "all levels"
    return f"{used.role.title}, {level}, {describe_place(used.metro)}"


def describe_question(used: Used) -> str:
    """Describe the scope as a title: "Senior Data Engineer in Columbus, OH"."""
    level = f"{used.level.title} " if used.level else ""
    return f"{level}{used.role.title} in {describe_place(used.metro)}"


def write_citation(chains: Iterable[Chain], sources: Mapping[str, Source], version: str) -> str:
    """Cite the source of each used chain, and the dataset. The dataset also covers Paycite's own
    factors; the answer lists the sources they were computed from."""
    ids = dict.fromkeys(chain.source_id for chain in chains if chain.weight)
    cited = "; ".join(sources[id_].citation for id_ in ids)
    return f"Source: {cited}; by Paycite, dataset {version}."


def _compare(position: OfferPosition, estimate: Estimate) -> str:
    percentile = "" if position.percentile is None else f" (P{position.percentile:g})"
    amount = f"{in_dollars(position.amount)} {per_period(estimate.period)}"
    return f"{amount} is {position.verdict} of this estimate{percentile}."
