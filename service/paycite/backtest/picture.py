"""Draw a back-test: the loss of each method, and the coverage of its ranges."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import vl_convert

from paycite.backtest import METHODS, Result
from paycite.backtest.boosting import METHOD as BOOSTED
from paycite.dataset.backtest import POOLING

_PIXELS = 2  # pixels of a .png per pixel of the picture
_WIDTH, _HEIGHT = 340, 230
_HALF, _EIGHTY = "from P25 to P75", "from P10 to P90"
# From the palette of Okabe and Ito, which is safe for color blindness; the shapes differ too.
_COLORS, _SHAPES = ["#0072B2", "#D55E00"], ["circle", "diamond"]

Row = dict[str, Any]
Specification = dict[str, Any]  # of Vega-Lite


def draw_picture(result: Result, file: Path) -> None:
    """Draw to a file in the format of its suffix."""
    picture = _picture(result)
    if file.suffix == ".png":
        file.write_bytes(vl_convert.vegalite_to_png(picture, scale=_PIXELS))
        return
    # For screen readers: the elements of the picture do not describe it as a whole.
    words = f"<title>{escape(_title(result))}</title><desc>{escape(_in_words(result))}</desc>"
    start, end, rest = vl_convert.vegalite_to_svg(picture).partition(">")
    file.write_text(f'{start} role="img"{end}{words}{rest}\n', encoding="utf-8")


def _picture(result: Result) -> Specification:
    is_compared = BOOSTED in result.tested
    losses = f"pinball loss relative to {BOOSTED}, 95% interval" if is_compared else "pinball loss"
    observations = f"{result.tested[POOLING].overall.n:,} observations"
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": {
            "text": _title(result),
            "subtitle": f"{observations}, predicted from those {_others(result)}",
            "anchor": "start",
            "offset": 16,
        },
        "hconcat": [
            _panel(list(_losses(result)), losses, [1] if is_compared else [], (".4~f", ".4f")),
            _panel(list(_shares(result)), "share inside", [0.5, 0.8], (".1~%", ".1%")),
        ],
        "spacing": 24,
        "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        "config": {"background": "white", "legend": {"orient": "bottom", "title": None}},
    }


def _title(result: Result) -> str:
    return f"How well {result.observed.source.id} predicts held-out observations"


def _others(result: Result) -> str:
    if result.split.folds:
        return f"of other employers, in {result.split.folds} folds"
    return f"before {result.split.since}"


def _losses(result: Result) -> Iterator[Row]:
    for method, tested in result.tested.items():
        value = result.ratio(tested.overall) or tested.overall.pinball
        yield _row(method, "loss", value, tested.interval)


def _shares(result: Result) -> Iterator[Row]:
    for method, tested in result.tested.items():
        yield _row(method, _HALF, tested.overall.coverage_p25_p75, None)
        yield _row(method, _EIGHTY, tested.overall.coverage_p10_p90, None)


def _row(method: str, what: str, value: float, interval: tuple[float, float] | None) -> Row:
    """A point with its interval, if any; rounded, so that tiny differences do not change the
    picture."""
    low, high = interval or (value, value)
    numbers = {"value": value, "low": low, "high": high}
    return {"method": method, "range": what} | {
        name: round(number, 6) for name, number in numbers.items()
    }


def _panel(
    rows: list[Row], title: str, marks: Sequence[float], forms: tuple[str, str]
) -> Specification:
    """Points by method with their intervals, and marks at the ideal values; `forms` are the number
    formats of the axis and of the points."""
    ranges = list(dict.fromkeys(row["range"] for row in rows))
    legend: Specification | None = {} if len(ranges) > 1 else None
    x = {
        "field": "value",
        "type": "quantitative",
        "title": title,
        "scale": {"zero": False, "nice": False, "padding": 28},
        "axis": {"format": forms[0], "tickCount": 6},
    }
    y = {"field": "method", "type": "nominal", "sort": list(METHODS), "title": None}
    told_apart: Specification = {"field": "range", "type": "nominal", "legend": legend}
    color = told_apart | {"scale": {"domain": ranges, "range": _COLORS}}
    shape = told_apart | {"scale": {"domain": ranges, "range": _SHAPES}}
    text = {"field": "value", "type": "quantitative", "format": forms[1]}
    interval = {
        "x": {"field": "low", "type": "quantitative"},
        "x2": {"field": "high"},
        "color": color,
    }
    background = {"type": "text", "dy": -12, "stroke": "white", "strokeWidth": 4}
    methods: Specification = {"y": y | {"axis": {"labelLimit": 200}}}
    layers: list[tuple[Specification, Specification]] = [
        ({"type": "rule", "strokeWidth": 2}, interval),
        (
            {"type": "point", "filled": True, "size": 80, "opacity": 1},
            {"x": x, "color": color, "shape": shape},
        ),
        (background, {"x": x, "text": text}),
        ({"type": "text", "dy": -12}, {"x": x, "text": text}),
    ]
    expected = {
        "data": {"values": [{"at": mark} for mark in marks]},
        "mark": {"type": "rule", "strokeDash": [4, 4], "color": "#666666"},
        "encoding": {"x": {"field": "at", "type": "quantitative"}},
    }
    drawn = [
        {"data": {"values": rows}, "mark": mark, "encoding": methods | encoding}
        for mark, encoding in layers
    ]
    return {"width": _WIDTH, "height": _HEIGHT, "layer": [expected, *drawn]}


def _in_words(result: Result) -> str:
    shown = (
        f"{method}: pinball loss {tested.overall.pinball:.4f}, coverage of P25 to P75 "
        f"{tested.overall.coverage_p25_p75:.1%}, of P10 to P90 "
        f"{tested.overall.coverage_p10_p90:.1%}"
        for method, tested in result.tested.items()
    )
    return "; ".join(shown)
