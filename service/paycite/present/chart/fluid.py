"""Pictures inside a page: an answer with the range of each source below it, or ranges of several
answers on one scale.

They are as wide as their container: amounts are placed in percent of the width, and text keeps its
size. Colors are classes, which the style sheet of the page defines, because its policy forbids
styles inside the document.
"""

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from paycite.estimate.quote import summarize
from paycite.model.answer import Answer, Estimate, Interval, Range
from paycite.model.money import in_dollars, in_percent, in_thousands, range_in_dollars
from paycite.present.chart.answer import to_bar
from paycite.present.chart.bars import Bar, Scale, fit_scale
from paycite.present.chart.page import ticks
from paycite.present.chart.text import fit, printable, wrap
from paycite.present.citations import used_chains

_EDGE = 2  # percent left free at each side
_NARROWEST = 330  # pixels: labels that would collide at this width are left out
_LABEL = 46  # pixels, of an amount in thousands
_PUBLISHER, _NAME = 190, 264  # pixels for a publisher, and for a line of the name of a row
_MOST_LINES = 4  # of a name: enough for the longest role, level and place
_ESTIMATE, _ROW, _LINE, _BAND, _AXIS = 76, 40, 16, 20, 24  # heights; a line is one after the first
_LEAST = 0.4  # percent: the least width of a range


class FluidRow(NamedTuple):
    """A range with its name, and an offer marked on it."""

    name: str
    bar: Bar
    offer: Interval | None = None


class Band(NamedTuple):
    """A range across all rows, such as an offer; `name` is written before its amounts."""

    name: str
    ends: Interval


def draw_fluid(answer: Answer) -> str:
    """Draw the estimate with its percentiles, each used source, and the offer across."""
    chains = used_chains(answer)
    if len(chains) == 1:  # the estimate is that source
        chains = []
    publishers = {source.id: source.publisher for source in answer.sources}
    rows = [
        FluidRow(_describe_source(publishers[chain.source_id], chain.weight), to_bar(chain, "used"))
        for chain in chains
    ]
    estimate, offer = to_bar(answer.estimate, "estimate"), answer.offer
    scale = fit_scale([estimate, *(row.bar for row in rows)])
    band = Band("Offer", offer.ends) if offer else None
    top = _BAND if band else 0
    label = summarize(answer.used, answer.estimate)
    shapes, bottom = _rows(rows, scale, top + _ESTIMATE)
    return _picture([*_estimate(estimate, scale, top), *shapes], scale, band, bottom, label)


def _describe_source(publisher: str, weight: float) -> str:
    name = fit(printable(publisher.partition(",")[0]), _PUBLISHER, 13)
    return f"{name} \N{MIDDLE DOT} {in_percent(weight)}"


def draw_rows(rows: Sequence[FluidRow], label: str, band: Band | None = None) -> str:
    """Draw rows on one scale, which the offers and the band widen as far as it stays readable."""
    offers = [row.offer for row in rows if row.offer] + ([band.ends] if band else [])
    scale = fit_scale(
        [*(row.bar for row in rows), *(Bar(ends=ends, look="offer") for ends in offers)]
    )
    shapes, bottom = _rows(rows, scale, _BAND if band else 0)
    return _picture(shapes, scale, band, bottom, label)


def _picture(
    shapes: Sequence[str], scale: Scale, band: Band | None, bottom: float, label: str
) -> str:
    """The element, with a grid and the band behind the shapes."""
    top = _BAND if band else 0
    behind = [*_grid(scale, top, bottom)]
    if band:
        left, width = _across(band.ends, scale)
        behind.append(_rect("offer-band", left, width, top - 4, bottom - top))
        text = f"{band.name} {range_in_dollars(band.ends)}"
        middle = left + width / 2  # of a text that may be wider than half of the picture
        at = 0 if middle < 40 else 100 if middle > 60 else middle
        behind.append(_words("offer", at, 11, text))
    return (
        f'<svg class="picture" role="img" aria-label={quoteattr(printable(label))} width="100%" '
        f'height="{bottom + _AXIS}">{"".join([*behind, *shapes])}</svg>'
    )


def draw_fluid_bar(estimate: Estimate, scale: Scale) -> str:
    """Draw only the bar of an estimate, for a row of a table that has its numbers."""
    shapes = "".join(_range(to_bar(estimate, "estimate"), scale, 3, 12))
    return f'<svg class="picture" aria-hidden="true" width="100%" height="18">{shapes}</svg>'


def _estimate(bar: Bar, scale: Scale, top: float) -> Iterator[str]:
    yield from _range(bar, scale, top + 24, 24)
    if bar.median is not None:
        yield _words("strong", _percent(bar.median, scale), top + 16, in_dollars(bar.median))
    apart = 100 * _LABEL / _NARROWEST
    inner = [one for one in (bar.ends.min, bar.ends.max) if one is not None]
    outer = [bar.whisker.min, bar.whisker.max] if bar.whisker else []
    at = {one: _percent(one, scale) for one in (*inner, *outer) if one is not None}
    taken = -inf
    for amount in sorted(at):
        beside = () if amount in inner else inner
        if at[amount] - taken < apart or any(abs(at[amount] - at[one]) < apart for one in beside):
            continue
        taken = at[amount]
        yield _words("tick", taken, top + 63, in_thousands(amount))


def _rows(rows: Sequence[FluidRow], scale: Scale, top: float) -> tuple[list[str], float]:
    """The shapes of rows, and where they end."""
    shapes: list[str] = []
    for row in rows:
        lines = _wrap_name(row.name)
        shapes += [_name(lines, top + 12), _words("value", 100, top + 12, _ends(row.bar.ends))]
        top += _LINE * len(lines[1:])
        shapes += _range(row.bar, scale, top + 19, 10)
        if row.offer:
            shapes += _mark(row.offer, scale, top + 16)
        top += _ROW
    return shapes, top


def _wrap_name(name: str) -> list[str]:
    lines = wrap(printable(name), _NAME, 13, is_bold=False)
    first, rest = lines[: _MOST_LINES - 1], " ".join(lines[_MOST_LINES - 1 :])
    return [*first, fit(rest, _NAME, 13)] if rest else first


def _name(lines: Sequence[str], y: float) -> str:
    spans = (
        f'<tspan x="0" y="{y + _LINE * number:g}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    return f'<text class="who">{" ".join(spans)}</text>'


def _range(bar: Bar, scale: Scale, y: float, thick: float) -> Iterator[str]:
    if bar.whisker:
        yield _rect(f"{bar.look} whisker", *_across(bar.whisker, scale), y + thick / 2 - 1, 2)
    yield _rect(f"{bar.look} half", *_across(bar.ends, scale), y, thick)
    if bar.median is not None:
        yield _rect("middle", _percent(bar.median, scale) - 0.25, 0.5, y - 2, thick + 4)


def _mark(offer: Interval, scale: Scale, y: float) -> Iterator[str]:
    """An offer across a bar: a line at each end, and a thin one between them."""
    left, width = _across(offer, scale)
    yield _rect("offer", left, width, y + 6.5, 3)
    for end in dict.fromkeys((offer.min, offer.max)):
        if end is not None:
            yield _rect("offer", _percent(scale.cut(end), scale), _LEAST, y, 16)


def _across(ends: Interval | Range, scale: Scale) -> tuple[float, float]:
    """The left edge and the width of a range, in percent; an open end is at the right edge."""
    left = _percent(scale.cut(ends.min), scale)
    right = 100 if ends.max is None else _percent(scale.cut(ends.max), scale)
    return left, max(right - left, _LEAST)


def _grid(scale: Scale, top: float, bottom: float) -> Iterator[str]:
    for amount in ticks(scale):
        at = _percent(amount, scale)
        if 5 <= at <= 95:
            yield _rect("grid", at, 0.15, top, bottom - top)
            yield _words("tick", at, bottom + 16, in_thousands(amount))


def _percent(amount: float, scale: Scale) -> float:
    return _EDGE + (100 - 2 * _EDGE) * scale.share(amount)


def _rect(look: str, x: float, width: float, y: float, height: float) -> str:
    return (
        f'<rect class="{look}" x="{x:.2f}%" y="{y:g}" width="{width:.2f}%" height="{height:g}"'
        f"></rect>"
    )


def _words(look: str, x: float, y: float, text: str) -> str:
    anchor = "start" if x < 8 else "end" if x > 92 else "middle"
    at = f'x="{x:.2f}%" y="{y:g}" text-anchor="{anchor}"'
    return f'<text class="{look}" {at}>{escape(printable(text))}</text>'


def _ends(ends: Interval | Range) -> str:
    low = in_thousands(ends.min)
    return f"{low} or more" if ends.max is None else f"{low} to {in_thousands(ends.max)}"
