"""A page of text and bars, from top to bottom, as a Vega-Lite chart.

Vega-Lite puts text beside a plot and does not wrap lines; on a phone, text belongs above its bar.
So the height of each line and bar is computed here, in pixels, and Vega-Lite only scales, draws the
axis and renders.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from paycite.model.answer import Offer
from paycite.present.chart.bars import Arrow, Bar, Palette, Rectangle, Scale, draw_bar, fit_scale
from paycite.present.chart.text import printable, wrap

Style = Literal["title", "amount", "label", "text", "aside", "offer", "note"]
Spec = dict[str, Any]

WIDTH, _MARGIN = 360, 16
INNER = WIDTH - 2 * _MARGIN
# Liberation Sans comes with vl-convert; the others have the same widths.
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_TO_BAR = 6  # from its text
_AXIS = 18  # with its labels
_GAP = 16  # between blocks


class _Font(NamedTuple):
    size: int
    leading: int
    weight: Literal["normal", "bold"]
    color: str  # by its name in the palette


_FONTS: dict[Style, _Font] = {
    "title": _Font(16, 21, "bold", "ink"),
    "amount": _Font(20, 26, "bold", "estimate"),
    "label": _Font(14, 19, "bold", "ink"),
    "text": _Font(14, 19, "normal", "ink"),
    "aside": _Font(14, 19, "normal", "quiet"),
    "offer": _Font(14, 19, "bold", "offer"),
    "note": _Font(13, 17, "normal", "quiet"),
}


class Line(NamedTuple):
    style: Style
    text: str


class Block(Struct, frozen=True):
    """Lines of text with the bar they describe, or with room left below them."""

    lines: Sequence[Line]
    bar: Bar | None = None
    room: int = 0


class _Text(NamedTuple):
    text: str
    y: float
    size: int
    weight: str
    color: str


AXIS = Block(())  # marks the place of the axis among the blocks


def build_chart(blocks: Sequence[Block], offer: Offer | None, colors: Palette) -> Spec:
    """Build the Vega-Lite chart; the offer is marked on each bar."""
    scale = fit_scale([block.bar for block in blocks if block.bar])
    texts: list[_Text] = []
    marks: list[Rectangle | Arrow] = []
    axis_at, bottom = None, 0.0
    for block in blocks:
        for style, text in block.lines:
            font = _FONTS[style]
            color = getattr(colors, font.color)
            for line in wrap(printable(text), INNER, font.size, font.weight == "bold"):
                middle = bottom + font.leading / 2
                texts.append(_Text(line, middle, font.size, font.weight, color))
                bottom += font.leading
        if block.bar:
            bottom += _TO_BAR
            marks += draw_bar(block.bar, bottom, scale, offer, colors)
            bottom += block.bar.thick
        bottom += block.room
        if block is AXIS:
            bottom -= _GAP / 2  # it belongs to the block above
            axis_at = bottom
            bottom += _AXIS
        bottom += _GAP
    height = bottom - _GAP
    axis = None if axis_at is None else _axis(axis_at - height, colors.quiet)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": INNER,
        "height": height,
        "padding": _MARGIN,
        "autosize": "none",
        "background": colors.page,
        "config": {"aria": False, "font": _FONT, "view": {"stroke": None}},
        "layer": _layers(texts, marks, scale, axis),
    }


def spec_size(spec: Spec) -> tuple[int, int]:
    """The width and the height of a chart, in pixels, before it is drawn."""
    around = 2 * spec["padding"]
    return round(spec["width"] + around), round(spec["height"] + around)


def _layers(
    texts: Sequence[_Text],
    marks: Sequence[Rectangle | Arrow],
    scale: Scale,
    axis: Spec | None,
) -> list[Spec]:
    domain = {"domain": [*scale], "nice": False, "zero": False}
    x = {"field": "x", "type": "quantitative", "scale": domain, "axis": axis}
    y = _unscaled("y") | {"type": "quantitative", "axis": None}
    return [
        {
            "data": _data(mark for mark in marks if isinstance(mark, Rectangle)),
            "mark": "rect",
            "encoding": {
                "x": x,
                "x2": {"field": "x2"},
                "y": y,
                "y2": {"field": "y2"},
                "fill": _unscaled("fill"),
                "stroke": _unscaled("line"),
                "strokeWidth": _unscaled("line_width") | {"type": "quantitative"},
            },
        },
        {
            "data": _data(mark for mark in marks if isinstance(mark, Arrow)),
            "mark": {
                "type": "point",
                "filled": True,
                "opacity": 1,
                "strokeWidth": 0,
                "xOffset": {"expr": "datum.out"},
            },
            "encoding": {
                "x": x,
                "y": y,
                "shape": _unscaled("shape"),
                "size": _unscaled("size") | {"type": "quantitative"},
                "color": _unscaled("line"),
            },
        },
        {
            "data": _data(texts),
            "mark": {
                "type": "text",
                "align": "left",
                "baseline": "middle",
                "fontWeight": {"expr": "datum.weight"},
            },
            "encoding": {
                "x": {"value": 0},
                "y": y,
                "text": {"field": "text"},
                "size": _unscaled("size") | {"type": "quantitative"},
                "color": _unscaled("color"),
            },
        },
    ]


def _data(rows: Iterable[NamedTuple]) -> Spec:
    return {"values": [row._asdict() for row in rows]}


def _unscaled(field: str) -> Spec:
    """Use the field as the drawn value, without a scale."""
    return {"field": field, "scale": None}


def _axis(offset: float, color: str) -> Spec:
    """The axis of amounts, `offset` pixels below the bottom of the page."""
    return {
        "offset": offset,
        "title": None,
        "format": "$~s",
        "tickCount": 5,
        "grid": False,
        "labelBound": _MARGIN / 2,  # labels further outside the page are dropped
        "labelFontSize": _FONTS["note"].size,
        "domainColor": color,
        "tickColor": color,
        "labelColor": color,
    }
