"""The picture of an answer inside a page: its distribution, and each source's range below it.

It is as wide as its container: amounts are placed in percent of the width, and text keeps its size.
Colors are classes, which the style sheet of the page defines, because its policy forbids styles
inside the document.
"""

from collections.abc import Iterator
from math import inf
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from paycite.model.answer import Answer, Chain, Estimate, Interval
from paycite.model.money import in_dollars, in_thousands, range_in_dollars
from paycite.present.chart.answer import to_bar
from paycite.present.chart.bars import Scale, fit_scale
from paycite.present.chart.page import ticks
from paycite.present.chart.text import fit, printable
from paycite.present.citations import used_chains

_EDGE = 2  # percent left free at each side
_NARROWEST = 330  # pixels: labels that would collide at this width are left out
_LABEL = 46  # pixels, of an amount in thousands
_NAME = 200  # pixels for the name of a source
_ESTIMATE, _SOURCE, _AXIS = 76, 40, 24  # heights of rows


class _Row(Struct, frozen=True):
    """What is drawn on one line: amounts in dollars, None where not stated."""

    p10: float | None
    low: float
    middle: float | None
    high: float | None  # None: open-ended
    p90: float | None

    @classmethod
    def of(cls, stated: Estimate | Chain) -> "_Row":
        known = stated.percentiles
        return cls(
            p10=known.p10 if known else None,
            low=stated.range.min,
            middle=known.p50 if known and "p50" not in known.capped else None,
            high=stated.range.max,
            p90=known.p90 if known else None,
        )


def draw_fluid(answer: Answer) -> str:
    """Draw the estimate with its percentiles, each used source, and the offer across."""
    chains = used_chains(answer)
    if len(chains) == 1:  # the estimate is that source
        chains = []
    bars = [to_bar(answer.estimate, "estimate"), *(to_bar(chain, "used") for chain in chains)]
    scale = fit_scale(bars)
    publishers = {source.id: source.publisher for source in answer.sources}
    top = 20 if answer.offer else 0
    height = top + _ESTIMATE + _SOURCE * len(chains) + _AXIS
    shapes = [*_grid(scale, top, height - _AXIS)]
    if offer := answer.offer:
        low, high = (
            _percent(scale.cut(one), scale) for one in (offer.min, offer.max or scale.high)
        )
        shapes.append(_rect("offer-band", low, max(high - low, 0.4), top - 4, height - _AXIS - top))
        text = f"Offer {range_in_dollars(Interval(min=offer.min, max=offer.max))}"
        shapes.append(_words("offer", (low + high) / 2, 11, text))
    shapes += _estimate(_Row.of(answer.estimate), scale, top)
    for number, chain in enumerate(chains):
        y = top + _ESTIMATE + _SOURCE * number
        shapes += _source(chain, publishers[chain.source_id], scale, y)
    name = quoteattr(printable(answer.quote))
    return (
        f'<svg class="picture" role="img" aria-label={name} width="100%" height="{height}">'
        f"{''.join(shapes)}</svg>"
    )


def draw_fluid_bar(estimate: Estimate, scale: Scale) -> str:
    """Draw only the bar of an estimate, for a row of a table that has its numbers."""
    shapes = "".join(_range("estimate", _Row.of(estimate), scale, 3, 12))
    return f'<svg class="picture" aria-hidden="true" width="100%" height="18">{shapes}</svg>'


def _estimate(row: _Row, scale: Scale, top: float) -> Iterator[str]:
    yield from _range("estimate", row, scale, top + 24, 24)
    if row.middle is not None:
        yield _words("strong", _percent(row.middle, scale), top + 16, in_dollars(row.middle))
    taken = -inf
    amounts = [("P10", row.p10), ("P25", row.low), ("P75", row.high), ("P90", row.p90)]
    inner = [one for name, one in amounts if name in ("P25", "P75") and one is not None]
    for name, amount in amounts:
        if amount is None:
            continue
        at = _percent(amount, scale)
        is_inner = name in ("P25", "P75")
        apart = 100 * _LABEL / _NARROWEST
        if not is_inner and any(abs(at - _percent(one, scale)) < apart for one in inner):
            continue
        if at - taken < apart:
            continue
        taken = at
        yield _words("tick", at, top + 63, _short(amount))


def _source(chain: Chain, publisher: str, scale: Scale, y: float) -> Iterator[str]:
    name = fit(printable(publisher.partition(",")[0]), _NAME, 13)
    yield _words("who", 0, y + 12, f"{name} · {chain.weight:.0%}", "start")
    yield _words("value", 100, y + 12, _ends(chain), "end")
    yield from _range("source", _Row.of(chain), scale, y + 19, 10)


def _range(look: str, row: _Row, scale: Scale, y: float, thick: float) -> Iterator[str]:
    ends = [one for one in (row.p10, row.p90, row.low, row.high) if one is not None]
    low, high = _percent(min(ends), scale), _percent(max(ends), scale)
    yield _rect(f"{look} whisker", low, high - low, y + thick / 2 - 1, 2)
    left = _percent(row.low, scale)
    right = 100 if row.high is None else _percent(row.high, scale)
    yield _rect(f"{look} half", left, max(right - left, 0.4), y, thick)
    if row.middle is not None:
        yield _rect("middle", _percent(row.middle, scale) - 0.25, 0.5, y - 2, thick + 4)


def _grid(scale: Scale, top: float, bottom: float) -> Iterator[str]:
    for amount in ticks(scale):
        at = _percent(amount, scale)
        if 5 <= at <= 95:
            yield _rect("grid", at, 0.15, top, bottom - top)
            yield _words("tick", at, bottom + 16, _short(amount))


def _percent(amount: float, scale: Scale) -> float:
    return _EDGE + (100 - 2 * _EDGE) * scale.share(amount)


def _rect(look: str, x: float, width: float, y: float, height: float) -> str:
    return (
        f'<rect class="{look}" x="{x:.2f}%" y="{y:g}" width="{width:.2f}%" height="{height:g}"'
        f"></rect>"
    )


def _words(look: str, x: float, y: float, text: str, anchor: str = "") -> str:
    anchor = anchor or ("start" if x < 8 else "end" if x > 92 else "middle")
    at = f'x="{x:.2f}%" y="{y:g}" text-anchor="{anchor}"'
    return f'<text class="{look}" {at}>{escape(printable(text))}</text>'


def _ends(chain: Chain) -> str:
    low = _short(chain.range.min)
    return f"{low} or more" if chain.range.max is None else f"{low} to {_short(chain.range.max)}"


def _short(amount: float) -> str:
    return in_thousands(amount) if amount >= 1_000 else in_dollars(amount)
