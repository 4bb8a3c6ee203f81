"""Ranges as bars on one scale: the rectangles and arrows that draw them."""

from collections.abc import Iterator, Sequence
from math import inf, sqrt
from typing import Literal, NamedTuple

from msgspec import Struct

from paycite.model.answer import Interval, Offer, Range

Look = Literal["estimate", "used", "unused", "offer"]

# The used ranges set the scale. Other ranges widen it by at most this share; beyond that they are
# drawn as arrows at the edge, so that the used ranges stay readable.
_WIDENED = 1.5
_PADDING = 0.05
_LEAST = 0.4  # least width of a scale, as a share of its low end
_THICK: dict[Look, int] = {"estimate": 14, "used": 12, "unused": 12, "offer": 12}  # pixels
_LINE = 1.5  # pixels around a bar
_ARROW = 10  # the side of an arrow at a thin line, in pixels
_BEYOND = 4  # pixels by which the lines of an offer extend beyond a bar
_OFFER, _HALO = 2.5, 6  # width of these lines in pixels, without and with the halo around them


class Palette(NamedTuple):
    """Colors as the SVG has them, all different: dark ones replace light ones by value."""

    page: str
    ink: str
    quiet: str
    faint: str
    track: str
    band: str
    estimate: str
    used: str
    offer: str


LIGHT = Palette(
    page="#ffffff",
    ink="#1f2328",
    quiet="#57606a",
    faint="#8b949e",
    track="#edf0f3",
    band="#fbd9bd",
    estimate="#0a4f94",
    used="#4089cc",
    offer="#b34700",
)
DARK = Palette(
    page="#0d1117",
    ink="#e6edf3",
    quiet="#9da7b1",
    faint="#6e7681",
    track="#20272f",
    band="#5c3a1e",
    estimate="#79b8ff",
    used="#3b7dc0",
    offer="#ffa657",
)


class Bar(Struct, frozen=True, kw_only=True):
    """A range; `whisker` is a wider one around it, and `median` a point in it."""

    ends: Interval | Range
    look: Look
    whisker: Interval | None = None
    median: float | None = None

    @property
    def thick(self) -> int:
        return _THICK[self.look]


class Scale(NamedTuple):
    """The amounts at the left and right edges."""

    low: float
    high: float

    def holds(self, amount: float) -> bool:
        return self.low <= amount <= self.high

    def cut(self, amount: float) -> float:
        return min(max(amount, self.low), self.high)

    def share(self, amount: float) -> float:
        """How far from the left edge to the right it is, from 0 to 1."""
        return (amount - self.low) / (self.high - self.low)


class Rectangle(NamedTuple):
    """From amount to amount, and down from `y` to `y2` in pixels."""

    x: float
    x2: float
    y: float
    y2: float
    fill: str
    line: str
    line_width: float = _LINE


class Arrow(NamedTuple):
    """At an edge, pointing to what lies beyond the scale."""

    x: float
    y: float
    out: float  # pixels from `x`, where its base is, to its tip
    side: float
    line: str


def fit_scale(bars: Sequence[Bar]) -> Scale:
    used = [amount for bar in bars if bar.look in ("estimate", "used") for amount in _amounts(bar)]
    low, high = min(used, default=0), max(used, default=1)
    lacking = max(0, low * _LEAST - (high - low))
    low, high = low - lacking / 2, high + lacking / 2
    room = _WIDENED * (high - low)
    within = [x for bar in bars for x in _amounts(bar) if low - room <= x <= high + room]
    low, high = min([low, *within]), max([high, *within])
    padding = _PADDING * (high - low)
    return Scale(max(0, low - padding), high + padding)


def _amounts(bar: Bar) -> Iterator[float]:
    """The amounts of a bar that a scale should include; for an open end, some room above it."""
    for one in (bar.ends, bar.whisker):
        if one:
            yield one.min
            yield one.min * (1 + _LEAST) if one.max is None else one.max


def draw_bar(
    bar: Bar, top: float, scale: Scale, offer: Offer | None, colors: Palette
) -> Iterator[Rectangle | Arrow]:
    """Draw a bar: its shapes from back to front, with the offer marked on it."""
    fill = colors.page if bar.look == "unused" else getattr(colors, bar.look)
    line = colors.faint if bar.look == "unused" else fill
    notch = line if bar.look == "unused" else colors.page
    at, across = (top, top + bar.thick), (top - _BEYOND, top + bar.thick + _BEYOND)
    middle = top + bar.thick / 2
    yield Rectangle(scale.low, scale.high, *at, colors.track, colors.track)
    marked = [offer.min, offer.max or offer.min] if offer else []
    low, high = map(scale.cut, marked or (0, 0))
    if low < high:
        yield Rectangle(low, high, *across, colors.band, colors.band)
    if bar.whisker:
        yield from _range(bar.whisker, (middle, middle), scale, line, line)
    yield from _range(bar.ends, at, scale, fill, line)
    if bar.median is not None:
        yield from _line(bar.median, at, scale, notch)
    for amount in marked:
        yield from _line(amount, across, scale, colors.page, _HALO)
        yield from _line(amount, across, scale, colors.offer, _OFFER)


def _range(
    ends: Interval | Range, at: tuple[float, float], scale: Scale, fill: str, line: str
) -> Iterator[Rectangle | Arrow]:
    """A range, cut at the edges of the scale, with an arrow at each edge that it crosses."""
    low, high = ends.min, inf if ends.max is None else ends.max
    yield Rectangle(scale.cut(low), scale.cut(high), *at, fill, line)
    middle, side = sum(at) / 2, max(at[1] - at[0] + _LINE, _ARROW)
    out = side * sqrt(3) / 2
    if low < scale.low:
        yield Arrow(scale.low, middle, -out, side, line)
    if high > scale.high:
        yield Arrow(scale.high, middle, out, side, line)


def _line(
    amount: float, at: tuple[float, float], scale: Scale, color: str, width: float = _LINE
) -> Iterator[Rectangle]:
    if scale.holds(amount):
        yield Rectangle(amount, amount, *at, color, color, width)
