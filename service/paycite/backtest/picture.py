"""A back-test as a picture: how far off each method is, and what its ranges hold."""

from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import altair as alt

from paycite.backtest import METHODS, Result
from paycite.backtest.boosting import METHOD as BOOSTED
from paycite.dataset.backtest import POOLING

_PIXELS = 2  # of a .png, for each of the picture's
_WIDTH, _HEIGHT = 340, 230
_HALF, _EIGHTY = "from P25 to P75", "from P10 to P90"
# Of the palette of Okabe and Ito, which everybody tells apart; the shapes differ as well.
_COLOURS, _SHAPES = ["#0072B2", "#D55E00"], ["circle", "diamond"]

Row = dict[str, Any]


def draw(result: Result, file: Path) -> None:
    """Draw to a file of the kind that its name says."""
    picture = _picture(result)
    if file.suffix == ".png":
        picture.save(file, scale_factor=_PIXELS)
        return
    drawn = StringIO()
    picture.save(drawn, format="svg")
    # For those who do not see it: nothing of the picture's own says it as a whole.
    words = f"<title>{escape(_title(result))}</title><desc>{escape(_in_words(result))}</desc>"
    start, end, rest = drawn.getvalue().partition(">")
    file.write_text(f'{start} role="img"{end}{words}{rest}\n', encoding="utf-8")


def _picture(result: Result) -> alt.HConcatChart:
    is_compared = BOOSTED in result.tested
    losses = f"pinball loss of {BOOSTED}'s, 95% interval" if is_compared else "pinball loss"
    panels = [
        _panel(list(_losses(result)), losses, [1] if is_compared else [], (".4~f", ".4f")),
        _panel(list(_shares(result)), "share of observations", [0.5, 0.8], (".1~%", ".1%")),
    ]
    observations = f"{result.tested[POOLING].overall.n:,} observations"
    title = alt.TitleParams(
        _title(result),
        subtitle=f"{observations}, predicted by those {_others(result)}",
        anchor="start",
        offset=16,
    )
    picture: alt.HConcatChart = (
        alt.hconcat(*panels, title=title, spacing=24)
        .resolve_scale(color="independent", shape="independent")
        .configure(background="white")
        .configure_legend(orient="bottom", title=None)
    )
    return picture


def _title(result: Result) -> str:
    return f"How well {result.observed.source.id} predicts what was left out of it"


def _others(result: Result) -> str:
    if result.split.folds:
        return f"of other employers, in {result.split.folds} parts"
    return f"from before {result.split.since}"


def _losses(result: Result) -> Iterator[Row]:
    for method, tested in result.tested.items():
        value = result.ratio(tested.overall) or tested.overall.pinball
        yield _row(method, "loss", value, tested.interval)


def _shares(result: Result) -> Iterator[Row]:
    for method, tested in result.tested.items():
        yield _row(method, _HALF, tested.overall.holds_half, None)
        yield _row(method, _EIGHTY, tested.overall.holds_eighty, None)


def _row(method: str, what: str, value: float, interval: tuple[float, float] | None) -> Row:
    """A point, and its interval if it has one; rounded, so that no last digit moves a pixel."""
    low, high = interval or (value, value)
    numbers = {"value": value, "low": low, "high": high}
    return {"method": method, "range": what} | {
        name: round(number, 6) for name, number in numbers.items()
    }


def _panel(rows: list[Row], title: str, marks: Sequence[float], forms: tuple[str, str]) -> Any:
    """Points by method, with their intervals, beside marks of what they should be; `forms` are
    those of the numbers on the axis and at the points."""
    ranges = list(dict.fromkeys(row["range"] for row in rows))
    legend = alt.Legend() if len(ranges) > 1 else None
    scale = alt.Scale(zero=False, nice=False, padding=28)
    of = alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(format=forms[0], tickCount=6))
    methods = alt.Y("method:N", sort=list(METHODS), title=None, axis=alt.Axis(labelLimit=200))
    chart = alt.Chart({"values": rows}, width=_WIDTH, height=_HEIGHT).encode(y=methods)
    colour = alt.Color("range:N", scale=alt.Scale(domain=ranges, range=_COLOURS), legend=legend)
    shape = alt.Shape("range:N", scale=alt.Scale(domain=ranges, range=_SHAPES), legend=legend)
    expected = alt.Chart({"values": [{"at": mark} for mark in marks]})
    number = {"x": of, "text": alt.Text("value:Q", format=forms[1])}
    return alt.layer(
        expected.mark_rule(strokeDash=[4, 4], color="#666666").encode(x="at:Q"),
        chart.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", color=colour),
        chart.mark_point(filled=True, size=80, opacity=1).encode(x=of, color=colour, shape=shape),
        chart.mark_text(dy=-12, stroke="white", strokeWidth=4).encode(**number),  # a background
        chart.mark_text(dy=-12).encode(**number),
    )


def _in_words(result: Result) -> str:
    shown = (
        f"{method}: pinball loss {tested.overall.pinball:.4f}, P25 to P75 hold "
        f"{tested.overall.holds_half:.1%}, P10 to P90 {tested.overall.holds_eighty:.1%}"
        for method, tested in result.tested.items()
    )
    return "; ".join(shown)
