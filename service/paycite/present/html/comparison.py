"""The picture of a page that compares answers: the first of them, on one scale."""

from collections.abc import Sequence

from paycite.estimate.quote import describe_scope
from paycite.model.answer import Answer, Offer, Used
from paycite.model.money import in_percentile
from paycite.model.vocabulary import describe_place
from paycite.present.chart.answer import to_bar
from paycite.present.chart.fluid import Band, FluidRow, draw_rows

MOST_DRAWN = 10


def draw_comparison(answers: Sequence[Answer]) -> str | None:
    """Draw the first answers with the offer, which they share; None without any."""
    drawn = answers[:MOST_DRAWN]
    if not drawn:
        return None
    names = _short_names([answer.used for answer in drawn])
    rows = [
        FluidRow(name, to_bar(answer.estimate, "estimate"))
        for name, answer in zip(names, drawn, strict=True)
    ]
    offer = drawn[0].offer
    band = Band("Offer", offer.ends) if offer else None
    scopes = "; ".join(describe_scope(answer.used) for answer in drawn)
    return draw_rows(rows, f"Base pay on one scale: {scopes}", band)


def _short_names(scopes: Sequence[Used]) -> list[str]:
    """The role, level and place of each, without what is the same in all of them."""
    named = [
        (used.role.title, used.level.title if used.level else "all levels", used.metro.name)
        for used in scopes
    ]
    differs = [len(set(column)) > 1 for column in zip(*named, strict=True)]
    if not any(differs):
        return [describe_place(used.metro) for used in scopes]
    return [
        ", ".join(part for part, is_shown in zip(parts, differs, strict=True) if is_shown)
        for parts in named
    ]


def place_in_market(offer: Offer) -> str:
    """The verdict on an amount with its percentile; on both ends of a range."""
    positions = offer.against_estimate().positions
    verdicts = dict.fromkeys(one.verdict for one in positions)
    percentiles = [in_percentile(one.percentile) for one in positions if one.percentile]
    return ", ".join(filter(None, (" to ".join(verdicts), " to ".join(percentiles))))
