"""The values of the page of a ranking."""

from functools import partial
from typing import Any

from paycite.estimate.ranking import list_unreleased
from paycite.model.distribution import PERCENTILES, Percentile
from paycite.model.money import in_dollars, in_percent
from paycite.model.ranking import OfficialPay, RankedPlace, Ranking
from paycite.model.snapshot import Snapshot
from paycite.present.chart.fluid_map import draw_fluid_map
from paycite.present.chart.map import list_fifths, mapped_points
from paycite.present.html.links import add_query, page_of
from paycite.present.html.records import Asked

# The parameters of a page that its map takes too.
_OF_THE_MAP = ("role", "by", "min_employment", "dataset")
_SHOWN = ("p25", "p50", "p75")  # and the percentile that the ranking is by
_MOST_NAMED = 5  # places without figures
_NONE = "\N{EN DASH}"


def ranking_values(
    asked: Asked,
    ranking: Ranking | None,
    whole: Ranking | None,
    snapshot: Snapshot,
) -> dict[str, Any]:
    """The values of `ranking.html`; without a ranking, only its form. `asked` has the parameters of
    /ranking, and `whole` is the ranking with the places of all pages, for the map."""
    if ranking is None or whole is None:
        return {"ranking": None}
    unreleased = list_unreleased(snapshot.roles[ranking.role.id], ranking.kind, snapshot)
    nation = [ranking.nation] if ranking.nation else []
    first_page = {name: asked[name] for name in asked if name != "after"}
    return {
        "ranking": ranking,
        "rows": [_row(asked, place, ranking) for place in (*nation, *ranking.items)],
        "columns": _columns(ranking),
        "map": _map(asked, whole, snapshot) if whole.kind == "metro" and whole.items else None,
        "estimate": _estimate(asked, ranking),
        "unreleased": [metro.name for metro in unreleased],
        "most_named": _MOST_NAMED,
        "all": add_query("/ranking.html", first_page | {"min_employment": ["0"]}),
        "next": page_of(ranking.next) if ranking.next else None,
        "json": add_query("/ranking.json", asked),
    }


def _estimate(asked: Asked, ranking: Ranking, metro: str = "") -> str:
    """The address of the estimate of the role, in a place or the nation, from the same dataset."""
    place = {"metro": metro} if metro else {}
    pinned = {"dataset": asked["dataset"]} if "dataset" in asked else {}
    return add_query("/salary.html", {"role": ranking.role.id, **place, **pinned})


def _map(asked: Asked, whole: Ranking, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "address": add_query(
            "/ranking.svg", {name: asked[name] for name in _OF_THE_MAP if name in asked}
        ),
        "picture": draw_fluid_map(whole, mapped_points(snapshot), partial(_estimate, asked, whole)),
        "fifths": list_fifths(whole),
    }


def _percentiles(ranking: Ranking) -> list[Percentile]:
    return [name for name in PERCENTILES if name in (*_SHOWN, ranking.by)]


def _columns(ranking: Ranking) -> list[tuple[str, bool]]:
    """The heading of each column, and whether the ranking is by it."""
    names = ["Median" if name == "p50" else name.upper() for name in _percentiles(ranking)]
    return [
        *((name, name.lower() == ranking.by) for name in names),
        ("Jobs", ranking.by == "employment"),
        ("% of nation", ranking.by == "ratio_to_nation"),
    ]


def _row(asked: Asked, place: OfficialPay, ranking: Ranking) -> dict[str, Any]:
    """A row of the table. Each cell is a pair: its text, and the id of its figure, or None if the
    number was computed; the JSON has the figures behind it."""
    figures = _figures(place)
    stated = place.percentiles
    people, ratio = place.employment, place.ratio_to_nation
    return {
        "rank": place.rank if isinstance(place, RankedPlace) else None,
        "name": place.metro.name,
        "address": _estimate(asked, ranking, place.metro.id),
        "cells": [
            *(
                (
                    in_dollars(getattr(stated, name)) + (" or more" * (name in stated.capped)),
                    figures.get(name),
                )
                for name in _percentiles(ranking)
            ),
            (_NONE if people is None else f"{people:,}", figures.get("employment")),
            (in_percent(ratio) if ratio else _NONE, None),
        ],
    }


def _figures(place: OfficialPay) -> dict[str, str]:
    """The figure id of each number of one occupation, in the order of a distribution; none for a
    mixture."""
    if len(place.steps) > 1 or not place.steps[0].statistics:
        return {}
    cited = place.steps[0].statistics.figures
    return dict(zip((*PERCENTILES, "employment"), (one.figure_id for one in cited), strict=False))
