"""Draw a ranking as a map: a circle for each metropolitan area, and the first ten as text.

The fifty states and the District of Columbia, with their borders. Unranked areas are dots.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from math import sqrt
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from paycite.model.money import in_dollars, in_percent, in_thousands
from paycite.model.place import MetroPoint
from paycite.model.ranking import RankedPlace, Ranking
from paycite.model.snapshot import Snapshot
from paycite.present.chart.answer import DARK_OF, Theme, style_element
from paycite.present.chart.bars import DARK, LIGHT
from paycite.present.chart.page import (
    INNER,
    Block,
    Line,
    draw_page,
    draw_text,
    lay_out,
)
from paycite.present.chart.projection import project
from paycite.present.chart.text import printable

# Pixels below the heading.
_LEGEND, _MIDDLE, _ROOM = 10, 162, 274
_SCALE = 434  # of the projection
OUTLINE_UNITS = 2_000  # of states.txt, per Earth radius; bench/states.py writes it
_LEAST, _MOST, _DOT = 2, 17, 1.4  # radius in pixels, of circles and of dots
_IN_A_ROW = 3  # of the legend
_NAMED = 10
_UNMAPPED = "PR"  # postal code
# The lowest fifth first; higher fifths contrast more with the page. Only the map uses these.
_LOW_TO_HIGH = ("#a8c7e8", "#78a7d8", "#4a86c5", "#2263a5", "#0a3a70")
_LOW_TO_HIGH_IN_DARK = ("#33608f", "#4a82bb", "#6ba3de", "#9cc8f5", "#d9ebff")
_ALL_DARK_OF = DARK_OF | dict(zip(_LOW_TO_HIGH, _LOW_TO_HIGH_IN_DARK, strict=True))


def mapped_points(snapshot: Snapshot) -> list[MetroPoint]:
    """The metropolitan areas that the projection covers."""
    return [
        point for id_, point in snapshot.points.items() if snapshot.metros[id_].state != _UNMAPPED
    ]


def draw_map(ranking: Ranking, points: Sequence[MetroPoint], theme: Theme | None) -> str:
    """Draw the map; without a theme it follows the viewer's color scheme. Colors show the
    percentile that ranks the areas, or else the median."""
    colors = DARK if theme == "dark" else LIGHT
    head, rest = Block(_head(ranking), room=_ROOM), _rest(ranking)
    page = lay_out([head, *rest], None, colors)
    top = lay_out([head], None, colors).height - _ROOM
    page.shapes.extend(_areas(ranking, points, top, theme == "dark"))
    return draw_page(
        page,
        colors,
        head.lines[0].text,
        " ".join(line.text for block in (head, *rest) for line in block.lines),
        style_element(theme, _ALL_DARK_OF),
    )


def pay_shown(ranking: Ranking) -> str:
    """The name of the percentile that is shown."""
    return ranking.by if ranking.by.startswith("p") else "p50"


def _head(ranking: Ranking) -> list[Line]:
    called = "median" if pay_shown(ranking) == "p50" else pay_shown(ranking).upper()
    by = {"employment": "employment", "ratio_to_nation": "median relative to the nation"}
    unknown = any(place.employment is None for place in ranking.items)
    if_unknown = " (smallest if not released)" if unknown else ""
    occupations = ", ".join(ranking.role.soc_codes)
    return [
        Line("title", f"{ranking.role.title}: metros by {by.get(ranking.by, f'{called} pay')}"),
        Line(
            "note",
            f"Annual base pay, all levels of its occupations ({occupations}), as released for "
            f"{ranking.ranked_places} of {ranking.total_places} metropolitan areas; dots are the "
            "other areas.",
        ),
        Line("note", f"Color: fifths of the areas by {called}. Size: employment{if_unknown}."),
    ]


def _rest(ranking: Ranking) -> list[Block]:
    first = [Line("text", _named(place, ranking)) for place in ranking.items[:_NAMED]]
    cited = "; ".join(source.citation for source in ranking.sources)
    by = f"by Paycite, dataset {ranking.dataset.version}."
    notes = [
        f"Source: {cited}; {by}" if cited else f"No figures; {by}",
        "Circles are at the median latitude and longitude of the ZIP codes (GeoNames, CC BY 4.0); "
        "areas in Puerto Rico are not on the map. State borders: U.S. Census Bureau, 2017.",
    ]
    return [Block(first), Block([Line("note", note) for note in notes])]


def _named(place: RankedPlace, ranking: Ranking) -> str:
    amount = getattr(place.percentiles, pay_shown(ranking))
    capped = " or more" if pay_shown(ranking) in place.percentiles.capped else ""
    value = in_dollars(amount) + capped
    if ranking.by == "employment":
        value = f"{place.employment:,}"
    if ranking.by == "ratio_to_nation":
        value = in_percent(place.ratio_to_nation or 0)
    return f"{place.rank}. {place.metro.name}: {value}"


class Circle(NamedTuple):
    """A ranked area: its middle and radius in pixels from the middle of the map, and its fifth."""

    x: float
    y: float
    radius: float
    fifth: str
    place: RankedPlace


def place_circles(
    ranking: Ranking, points: Sequence[MetroPoint]
) -> tuple[list[Circle], list[tuple[float, float]]]:
    """Place a circle for each ranked area, the largest first so that none hides a smaller one, and
    a dot for each other area."""
    ranked = {place.metro.id: place for place in ranking.items}
    fifths = _label_fifths(ranking)
    most = max((place.employment or 0 for place in ranking.items), default=0) or 1
    circles, dots = [], []
    for point in points:
        right, down = project(point.longitude, point.latitude)
        x, y = _SCALE * right, _SCALE * down
        place = ranked.get(point.id)
        if place is None:
            dots.append((x, y))
            continue
        radius = sqrt(_LEAST**2 + (_MOST**2 - _LEAST**2) * (place.employment or 0) / most)
        circles.append(Circle(x, y, radius, fifths[_amount(place, ranking)], place))
    return sorted(circles, key=lambda one: -(one.place.employment or 0)), dots


def draw_states() -> str:
    """Draw the borders of the states, around the middle of the map."""
    return (
        f'<path class="states" transform="scale({_SCALE / OUTLINE_UNITS:g})" fill="none" '
        f'vector-effect="non-scaling-stroke" d="{_outlines()}"></path>'
    )


@cache
def _outlines() -> str:
    return Path(__file__).with_name("states.txt").read_text().strip()


def _areas(
    ranking: Ranking, points: Sequence[MetroPoint], top: float, is_dark: bool
) -> Iterator[str]:
    """Draw the states, the dots, the circles, and the legend above them."""
    colors = DARK if is_dark else LIGHT
    labels = list_fifths(ranking)
    shades = _LOW_TO_HIGH_IN_DARK if is_dark else _LOW_TO_HIGH
    shade = dict(zip(labels, shades, strict=False))
    circles, dots = place_circles(ranking, points)
    yield f'<g transform="translate({INNER / 2:g},{top + _MIDDLE:g})">'
    yield f'<g stroke="{colors.faint}" stroke-width="0.5" stroke-opacity="0.6">{draw_states()}</g>'
    for x, y in dots:
        yield f'<circle cx="{x:.4g}" cy="{y:.4g}" r="{_DOT}" fill="{colors.faint}"></circle>'
    for one in circles:
        named = escape(printable(_named(one.place, ranking)))
        yield (
            f'<circle cx="{one.x:.4g}" cy="{one.y:.4g}" r="{one.radius:.4g}" '
            f'fill="{shade[one.fifth]}" stroke="{colors.page}" stroke-width="0.75">'
            f"<title>{named}</title></circle>"
        )
    yield "</g>"
    for number, label in enumerate(labels):
        x, y = number % _IN_A_ROW * INNER / _IN_A_ROW, top + _LEGEND + number // _IN_A_ROW * 18
        yield f'<circle cx="{x + 5:.5g}" cy="{y:g}" r="5" fill="{shade[label]}"></circle>'
        yield draw_text(label, x + 14, y, "note", colors)


def _amount(place: RankedPlace, ranking: Ranking) -> float:
    amount: float = getattr(place.percentiles, pay_shown(ranking))
    return amount


def list_fifths(ranking: Ranking) -> list[str]:
    """The labels of the legend, the lowest first."""
    return list(dict.fromkeys(_label_fifths(ranking).values()))


def _label_fifths(ranking: Ranking) -> dict[float, str]:
    """Label each amount with the range of its fifth, the lowest first; capped amounts are in the
    highest."""
    is_capped = any(pay_shown(ranking) in place.percentiles.capped for place in ranking.items)
    pays = sorted(_amount(place, ranking) for place in ranking.items)
    cuts = [pays[len(pays) * part // 5] for part in range(1, 5)] if pays else []
    parts: defaultdict[int, list[float]] = defaultdict(list)
    for pay in pays:
        parts[bisect_right(cuts, pay)].append(pay)
    return {
        pay: f"{in_thousands(part[0])} to {in_thousands(part[-1])}"
        + " or more" * (is_capped and part[-1] == pays[-1])
        for part in parts.values()
        for pay in part
    }
