"""Write a back-test as Markdown; the same back-test gives the same text."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from paycite.backtest import FEWEST, METHODS, Dimension, Result
from paycite.backtest.boosting import METHOD as BOOSTED
from paycite.backtest.boosting import MOST as TRAINING
from paycite.backtest.boosting import SETTINGS, TREES
from paycite.backtest.interval import DRAWS, SEED
from paycite.backtest.interval import MOST as DRAWN
from paycite.dataset.backtest import AS_ANSWERED, POOLING, UNSTATED, Measured, RangeErrors

Row = Sequence[str]
Group = TypeVar("Group", Measured, RangeErrors)
_MOST_GROUPS, _MOST_PLACES = 15, 10  # rows per table
_MEASURES = ("median abs. error", "bias", "P25-P75 coverage", "P10-P90 coverage")
_PLACE = "place (us: not given)"
_TITLES: dict[Dimension, str] = {
    "role": "role or occupation",
    "level": "level",
    "geography": _PLACE,
}


def write_report(result: Result) -> str:
    parts = [*_whole(result), *_by_group(result), *_published(result)]
    return "\n\n".join(parts) + "\n"


def _whole(result: Result) -> Iterator[str]:
    yield f"## {result.observed.source.id}: predicting held-out observations"
    yield _divided(result)
    columns = ("method", "pinball loss", f"relative to {BOOSTED}", "95% interval", *_MEASURES)
    yield _table(columns, [_method(method, result) for method in METHODS])
    yield "\n".join(f"- {line}." for line in _explained(result))


def _divided(result: Result) -> str:
    observed, tested = result.observed, result.tested[POOLING].overall
    what = (
        f"{tested.n:,} observations ({observed.kind}, {observed.component}) of "
        f"{tested.employers:,} named employers"
    )
    if result.split.folds:
        return (
            f"{what}.\nA hash of the employer divides them into {result.split.folds} folds; each "
            "is predicted from the others. An observation\nwithout an employer counts as its own."
        )
    known = sum(part.n for part in result.parts if part.part is None)
    undated = observed.rows - known - tested.n
    return (
        f"{what}, on {result.split.since} or later,\npredicted from {known:,} earlier ones; "
        f"{undated:,} without a date are excluded. An employer may be on both sides."
    )


def _method(method: str, result: Result) -> Row:
    tested = result.tested.get(method)
    if tested is None:
        return (method, "not measured: lightgbm is not installed", *[""] * 6)
    low_high = tested.interval if method != BOOSTED else None
    return (
        method,
        f"{tested.overall.pinball:.4f}",
        _ratio(tested.overall, result),
        f"{low_high[0]:.4f} to {low_high[1]:.4f}" if low_high else "",
        *_measures(tested.overall),
    )


def _explained(result: Result) -> Iterator[str]:
    pooled = result.tested[POOLING]
    unstated = sum(one.n for one in pooled.by["level"] if one.level == UNSTATED)
    yield "Pinball loss: mean over P10, P25, P50, P75 and P90, in log pay"
    yield (
        f"95% interval: {DRAWS:,} bootstrap draws of employers, at most {DRAWN:,} of "
        f"them,\n  paired across methods (seed {SEED})"
    )
    yield (
        "Median absolute error: of P50 / observed - 1; bias: the median of P50 / observed - 1. An "
        "observed range\n  counts as its geometric midpoint"
    )
    yield (
        f"{AS_ANSWERED}: observations without a level ({unstated:,}) are predicted for all "
        "levels,\n  as `/salary` answers without a level"
    )
    yield (
        "nation: the quantiles of the role and level if they have five observations, else of the "
        "role, else\n  of all; cell of 5, of 30: of role, level and place if they have that many, "
        "else like nation"
    )
    sample = f"; trained on about {TRAINING:,} of them" if pooled.overall.n > TRAINING else ""
    yield (
        f"{BOOSTED}: role, level and place as categories, and the official ratio of the place; for "
        f"each\n  quantile {TREES} trees of {SETTINGS['num_leaves']} leaves with at least "
        f"{SETTINGS['min_data_in_leaf']} observations, rate {SETTINGS['learning_rate']}{sample}"
    )


def _by_group(result: Result) -> Iterator[str]:
    """Yield the errors of pooling by role, level and place."""
    for by, title in _TITLES.items():
        groups = result.tested[POOLING].by[by]
        shown = _large(groups, _MOST_GROUPS)
        columns = (title, "n", "employers", f"pinball loss relative to {BOOSTED}", *_MEASURES)
        rows = [
            (
                getattr(one, by),
                f"{one.n:,}",
                f"{one.employers:,}",
                _ratio(one, result),
                *_measures(one),
            )
            for one in shown
        ]
        yield f"### Pooling, by {by if by != 'geography' else 'place'}"
        yield _table(columns, rows) + _rest(groups, shown)


def _published(result: Result) -> Iterator[str]:
    """Yield the errors of other sources: overall, and by place."""
    yield f"## Other sources compared to {result.observed.source.id}"
    if not result.range_errors:
        yield "No other source in the dataset prices the observed roles."
        return
    yield (
        "Each source is asked for the role, the level (all levels if not given) and the place of "
        "an\nobservation, like `/salary?source=`. If it does not price the level, nothing is "
        "scored; if it does\nnot price the place, its answer for a broader one is (`local`: "
        "observations for which it prices\nthe place itself). Inside: observations from min to "
        "max. Median absolute error and bias are of its\nmidpoint."
    )
    columns = ("source", _PLACE, "n", "local", "employers", "inside", "median abs. error", "bias")
    for source, (overall, *places) in result.range_errors.items():
        shown = _large(places, _MOST_PLACES)
        rows = [_range_errors(overall), *map(_range_errors, shown if len(places) > 1 else ())]
        yield f"### {source}"
        yield _table(columns[1:], rows) + _rest(places, shown)


def _range_errors(one: RangeErrors) -> Row:
    return (
        one.geography or "all",
        f"{one.n:,}",
        f"{one.n_local:,}",
        f"{one.employers:,}",
        _percent(one.coverage),
        _percent(one.median_absolute_error),
        _percent(one.bias, sign="+"),
    )


def _large(groups: Sequence[Group], most: int) -> list[Group]:
    return [one for one in groups if one.n >= FEWEST][:most]


def _rest(groups: Sequence[Group], shown: Sequence[Group]) -> str:
    """A line that counts the groups left out of a table, which shows only the largest."""
    left = groups[len(shown) :]
    rows = sum(one.n for one in left)
    return f"\n\nand {len(left):,} with fewer, {rows:,} observations." if left else ""


def _ratio(one: Measured, result: Result) -> str:
    ratio = result.ratio(one)
    return "" if ratio is None else f"{ratio:.4f}"


def _measures(one: Measured) -> Row:
    held = map(_percent, (one.coverage_p25_p75, one.coverage_p10_p90))
    return (_percent(one.median_absolute_error), _percent(one.bias, sign="+"), *held)


def _percent(share: float, sign: str = "") -> str:
    return f"{round(share, 3) + 0:{sign}.1%}"  # + 0: no -0.0%


def _table(columns: Row, rows: Sequence[Row]) -> str:
    """A Markdown table, aligned to be readable as plain text; the first column is text."""
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    rules = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [_line(columns, widths), _line(rules, widths), *(_line(row, widths) for row in rows)]
    return "\n".join(lines)


def _line(cells: Row, widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join([first, *others])} |"
