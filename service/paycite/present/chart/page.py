"""Draw a page of text and bars, from top to bottom: on a phone, text belongs above its bar."""

from collections.abc import Iterator, Sequence
from math import floor, log10
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from paycite.model.answer import Offer
from paycite.present.chart.bars import Arrow, Bar, Palette, Rectangle, Scale, draw_bar, fit_scale
from paycite.present.chart.text import printable, wrap

Style = Literal["title", "amount", "label", "text", "aside", "offer", "note"]

WIDTH, _MARGIN = 360, 16
INNER = WIDTH - 2 * _MARGIN
# Liberation Sans comes with the library that makes PNGs; the others have the same widths.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_TO_BAR = 6  # from its text
_AXIS = 18  # with its labels
_GAP = 16  # between blocks
_TICKS = 5  # on the axis, about
_ROUND = (1, 2, 2.5, 5, 10)  # ticks are these times a power of ten apart


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


AXIS = Block(())  # marks the place of the axis among the blocks


class Page(NamedTuple):
    """The shapes of a page as SVG elements, inside its margins, and its height in pixels."""

    shapes: list[str]
    height: float


def lay_out(blocks: Sequence[Block], offer: Offer | None, colors: Palette) -> Page:
    """Place the blocks from top to bottom; the offer is marked on each bar."""
    scale = fit_scale([block.bar for block in blocks if block.bar])
    shapes: list[str] = []
    bottom = 0.0
    for block in blocks:
        for style, text in block.lines:
            font = _FONTS[style]
            for line in wrap(printable(text), INNER, font.size, font.weight == "bold"):
                shapes.append(draw_text(line, 0, bottom + font.leading / 2, style, colors))
                bottom += font.leading
        if block.bar:
            bottom += _TO_BAR
            shapes += (
                _mark(one, scale) for one in draw_bar(block.bar, bottom, scale, offer, colors)
            )
            bottom += block.bar.thick
        bottom += block.room
        if block is AXIS:
            bottom -= _GAP / 2  # it belongs to the block above
            shapes += _axis(scale, bottom, colors)
            bottom += _AXIS
        bottom += _GAP
    return Page(shapes, bottom - _GAP)


def page_size(page: Page) -> tuple[int, int]:
    """The width and the height with margins, in pixels."""
    return WIDTH, round(page.height + 2 * _MARGIN)


def draw_page(page: Page, colors: Palette, name: str, description: str, style: str) -> str:
    """Draw the page as an SVG, with a name and a description for screen readers, and a style
    element."""
    width, height = page_size(page)
    name, description = printable(name), printable(description)
    return (
        f'<svg class="paycite" xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" font-family="{FONT}" role="img" '
        f"aria-label={quoteattr(name)}><title>{escape(name)}</title>"
        f"<desc>{escape(description)}</desc>{style}"
        f'<rect width="{width}" height="{height}" fill="{colors.page}"></rect>'
        f'<g transform="translate({_MARGIN},{_MARGIN})">{"".join(page.shapes)}</g></svg>'
    )


def draw_text(
    text: str, x: float, y: float, style: Style, colors: Palette, anchor: str = "start"
) -> str:
    """Draw a line of text with its middle at `y`."""
    font = _FONTS[style]
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    # The middle of capital letters is a third of the size above the baseline.
    return (
        f'<text x="{x:g}" y="{y + font.size * 0.35:g}" font-size="{font.size}" '
        f'font-weight="{font.weight}" fill="{getattr(colors, font.color)}"{placed}>'
        f"{escape(text)}</text>"
    )


def _mark(mark: Rectangle | Arrow, scale: Scale) -> str:
    x = scale.share(mark.x) * INNER
    if isinstance(mark, Rectangle):
        width, height = scale.share(mark.x2) * INNER - x, mark.y2 - mark.y
        return (
            f'<path d="M{x:.6g},{mark.y:g}h{width:.6g}v{height:g}h{-width:.6g}Z" '
            f'fill="{mark.fill}" stroke="{mark.line}" stroke-width="{mark.line_width:g}"></path>'
        )
    half = mark.side / 2
    return (
        f'<path d="M{x + mark.out:.6g},{mark.y:g}L{x:.6g},{mark.y - half:.6g}'
        f'L{x:.6g},{mark.y + half:.6g}Z" fill="{mark.line}"></path>'
    )


def _axis(scale: Scale, y: float, colors: Palette) -> Iterator[str]:
    yield f'<path d="M0,{y:g}h{INNER}" stroke="{colors.quiet}"></path>'
    for amount in ticks(scale):
        x = scale.share(amount) * INNER
        yield f'<path d="M{x:.6g},{y:g}v5" stroke="{colors.quiet}"></path>'
        if _MARGIN <= x <= INNER - _MARGIN:
            yield draw_text(short(amount), x, y + 12, "note", colors, "middle")


def ticks(scale: Scale) -> list[float]:
    """Round amounts across the scale, evenly apart."""
    least = (scale.high - scale.low) / _TICKS
    power = 10.0 ** floor(log10(least))
    apart = next(one * power for one in _ROUND if one * power >= least)
    first, last = -(-scale.low // apart), scale.high // apart
    return [number * apart for number in range(int(first), int(last) + 1)]


def short(amount: float) -> str:
    """Write an amount for an axis: "$120k", "$62.5"."""
    return f"${amount / 1_000:g}k" if amount >= 1_000 else f"${amount:g}"
