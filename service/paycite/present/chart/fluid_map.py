"""The map of a ranking inside a page: as wide as its container, and each of the largest circles
opens the answer of its place.

Colors are classes, which the style sheet of the page defines, because its policy forbids styles
inside the document.
"""

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

from paycite.model.money import in_dollars
from paycite.model.place import MetroPoint
from paycite.model.ranking import RankedPlace, Ranking
from paycite.present.chart.map import Circle, draw_states, list_fifths, pay_shown, place_circles
from paycite.present.chart.text import printable

_BOX = "-164 -116 328 232"  # around the middle of the map
_LINKED = 60  # circles; the page stays small


def draw_fluid_map(
    ranking: Ranking, points: Sequence[MetroPoint], address: Callable[[str], str]
) -> str:
    """Draw the map; `address` gives that of the answer in a place, by its id."""
    circles, dots = place_circles(ranking, points)
    labels = list_fifths(ranking)
    shapes = [draw_states()]
    if dots:  # each a line without length, with round ends
        shapes.append(f'<path class="dots" d="{"".join(f"M{x:.0f},{y:.0f}h0" for x, y in dots)}"/>')
    for one in circles[:_LINKED]:
        named = escape(printable(_describe(one.place, ranking)))
        shape = _draw(one, f' class="f{labels.index(one.fifth)}"')
        link = escape(address(one.place.metro.id))
        shapes.append(f'<a href="{link}"><title>{named}</title>{shape}</a>')
    for number, label in enumerate(labels):
        small = "".join(_draw(one) for one in circles[_LINKED:] if one.fifth == label)
        shapes.append(f'<g class="f{number}">{small}</g>')
    name = quoteattr(printable(f"Map of {ranking.role.title} pay; the table has the numbers"))
    return (
        f'<svg class="map" role="group" aria-label={name} viewBox="{_BOX}">{"".join(shapes)}</svg>'
    )


def _draw(one: Circle, attribute: str = "") -> str:
    return f'<circle{attribute} cx="{one.x:.1f}" cy="{one.y:.1f}" r="{one.radius:.1f}"/>'


def _describe(place: RankedPlace, ranking: Ranking) -> str:
    pay = pay_shown(ranking)
    capped = " or more" if pay in place.percentiles.capped else ""
    called = "median" if pay == "p50" else pay.upper()
    facts = [f"{called} {in_dollars(getattr(place.percentiles, pay))}{capped}"]
    if place.employment is not None:
        facts.append(f"{place.employment:,} people")
    return f"{place.rank}. {place.metro.name}: {', '.join(facts)}"
