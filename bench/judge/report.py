"""Markdown reports: one set of saved answers, or two compared on the same observed rows."""

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray

from judge import boosting
from judge.answers import PERCENTILES
from judge.observations import Selection, load
from judge.scores import Difference, Rows, Scores, compare, holm, score, weights

FEWEST = 30  # rows of a group that is shown
# Groups that have an order of their own; all others are in alphabetical order.
ORDER = (
    *("entry", "mid", "senior", "staff", "principal", "not stated"),
    *("Bay Area", "New York", "Seattle", "other large", "smaller", "state", "nation"),
    *("high", "medium", "low"),
)
DIMENSIONS = {
    "role": "Role",
    "level": "Level",
    "kind": "Kind of place",
    "label": "Confidence",
    "extra": "",  # named by the set
}
NOTES = """\
Pairs are by row / by {unit} (each {unit} weighs 1). MdAPE is the median absolute percentage error,
bias the median of estimate / observed - 1, mae the mean absolute error of log pay. P25-P75 should
cover 50% of observed pay and P10-P90 80%; pinball is the mean pinball loss of log pay at P25, P50
and P75. The last two columns are over the rows whose answer has P10 and P90; their pinball loss is
the mean at all five percentiles. Where an answer has no median, the geometric middle of its range
is taken; where it has no percentiles, the ends of its range are taken as P25 and P75.
Groups of fewer than {fewest} rows are not shown."""
HEADER = (
    "| {} | rows | {}s | MdAPE, % | bias, % | mae | P25-P75, % | pinball | P10-P90, % "
    "| pinball, all five |"
)
DIFFERENCE_HEADER = (
    "| {} | rows | {}s | mae A | mae B | B - A | 95% interval | Holm p | MdAPE A, % | MdAPE B, % "
    "| B - A, points | 95% interval |"
)


class Judged(NamedTuple):
    """Observed rows with their saved answers, in one order."""

    problem: NDArray[Any]  # None where answered
    groups: dict[str, NDArray[Any]]  # by dimension; None where the question was refused
    place: NDArray[Any]
    rows: Rows
    official: Rows
    version: str
    not_asked: int

    @property
    def is_scored(self) -> NDArray[np.bool_]:
        inner = self.rows.quantiles[:, 1:4]
        return np.asarray(~np.isnan(inner).any(axis=1))


def join(connection: duckdb.DuckDBPyConnection, answers: Path) -> Judged:
    """The rows of `observation` whose question was asked, in an order that depends on them only."""
    file = {"file": str(answers)}
    count = connection.execute("select count(*) from observation").fetchall()[0][0]
    found = connection.execute(
        """
        select observation.*, a.* exclude (question)
        from observation join read_parquet($file) as a using (question)
        order by observation.rowid
        """,
        file,
    ).fetchnumpy()
    (version,) = connection.execute(
        "select decode(value) from parquet_kv_metadata($file) where decode(key) = 'dataset'", file
    ).fetchall()[0]

    def column(name: str) -> NDArray[Any]:
        values = found[name]
        is_text = values.dtype == object
        plain = np.array(np.ma.getdata(values), dtype=object if is_text else np.float64)
        plain[np.ma.getmaskarray(values)] = None if is_text else np.nan
        return plain

    def logs(prefix: str = "") -> NDArray[np.float64]:
        amounts = np.column_stack([column(prefix + name) for name in PERCENTILES])
        return np.asarray(np.log(amounts), dtype=np.float64)

    _, units = np.unique(column("employer").astype(str), return_inverse=True)
    pay = np.log(column("pay"))
    return Judged(
        problem=column("problem"),
        groups={name: column(name) for name in DIMENSIONS},
        place=column("place"),
        rows=Rows(pay, logs(), units),
        official=Rows(pay, logs("official_"), units),
        version=version,
        not_asked=count - len(pay),
    )


def write_report(selection: Selection, answers: Path, with_boosting: bool) -> Iterator[str]:
    known = selection.known
    connection = load(selection)
    judged = join(connection, answers)
    yield f"# {known.description}\n"
    yield f"Dataset {judged.version}. {_describe(connection, selection)}\n"
    yield f"{NOTES.format(unit=known.unit, fewest=FEWEST)}\n"
    yield from _answered(judged, known.unit)
    yield "\n## Paycite and baselines, on the same rows\n"
    yield from _baselines(judged, known.unit, with_boosting)
    scored = judged.is_scored
    rows = judged.rows.where(scored)
    for dimension, title in DIMENSIONS.items():
        title = title or (known.extra or "").capitalize()
        if title:
            yield f"\n## {title}\n"
            yield from _header(HEADER, title.lower(), known.unit)
            for name, mask in _groups(judged.groups[dimension][scored]):
                yield _line(name, rows.where(mask))


def write_comparison(selection: Selection, before: Path, after: Path) -> Iterator[str]:
    known = selection.known
    connection = load(selection)
    a, b = join(connection, before), join(connection, after)
    if len(a.rows.pay) != len(b.rows.pay):
        # Answers may be of more questions than the other's: only questions of both are compared.
        connection.execute(
            """
            delete from observation
            where question not in (select question from read_parquet($a))
                or question not in (select question from read_parquet($b))
            """,
            {"a": str(before), "b": str(after)},
        )
        a, b = join(connection, before), join(connection, after)
    yield f"# {known.description}: B compared with A\n"
    yield f"A is dataset {a.version}, B is {b.version}. {_describe(connection, selection)}\n"
    yield f"{NOTES.format(unit=known.unit, fewest=FEWEST)}\n"
    both = a.is_scored & b.is_scored
    for name, judged in (("A", a), ("B", b)):
        shares = [
            float(np.average(judged.is_scored, weights=weights(judged.rows.units, by_unit)))
            for by_unit in (False, True)
        ]
        yield f"{name} answers {shares[0]:.1%} of rows / {shares[1]:.1%} by {known.unit}.\n"
    yield from _header(HEADER, "rows that are answered", known.unit)
    for name, judged, mask in (
        ("by both: A", a, both),
        ("by both: B", b, both),
        ("by A only: A", a, a.is_scored & ~both),
        ("by B only: B", b, b.is_scored & ~both),
    ):
        if mask.any():
            yield _line(name, judged.rows.where(mask))
    if not both.any():
        return
    yield (
        f"\nDifferences are B - A on the rows answered by both: negative is better. Intervals are "
        f"from a bootstrap over {known.unit}s. Holm p is corrected over the groups below `all`. "
        f"Groups are by the reading of B.\n"
    )
    all_groups = [("all", np.ones(int(both.sum()), dtype=np.bool_))]
    for dimension in DIMENSIONS:
        all_groups += _groups(b.groups[dimension][both])
    rows_a, rows_b = a.rows.where(both), b.rows.where(both)
    for by_unit, title in ((False, "row"), (True, known.unit)):
        yield f"\n## By {title}\n"
        found = [compare(rows_a.where(mask), rows_b.where(mask), by_unit) for _, mask in all_groups]
        overall = found[0]["pinball"]
        yield f"Pinball loss at P25, P50 and P75: {_difference(overall)}.\n"
        yield from _header(DIFFERENCE_HEADER, "group", known.unit)
        corrected = [math.nan, *holm([one["mae"].p for one in found[1:]])]
        for (name, mask), one, p in zip(all_groups, found, corrected, strict=True):
            mae, mdape = one["mae"], one["mdape"]
            p = one["mae"].p if math.isnan(p) else p
            units = len(np.unique(rows_a.units[mask]))
            yield (
                f"| {name} | {mask.sum():,} | {units:,} | {mae.a:.3f} | {mae.b:.3f} "
                f"| {mae.b - mae.a:+.3f} | {mae.low:+.3f} to {mae.high:+.3f} | {p:.3f} "
                f"| {mdape.a:.1%} | {mdape.b:.1%} | {100 * (mdape.b - mdape.a):+.1f} "
                f"| {100 * mdape.low:+.1f} to {100 * mdape.high:+.1f} |".replace("%", "")
            )


def _difference(of: Difference) -> str:
    return f"{of.a:.4f} to {of.b:.4f}, {of.b - of.a:+.4f} ({of.low:+.4f} to {of.high:+.4f})"


def _describe(connection: duckdb.DuckDBPyConnection, selection: Selection) -> str:
    rows, questions, units, first, last = connection.execute(
        """
        select count(*), count(distinct question), count(distinct employer), min(date), max(date)
        from observation
        """
    ).fetchall()[0]
    text = f"{rows:,} rows, {questions:,} different questions, {units:,} {selection.known.unit}s"
    if first:
        text += f", dated {first} to {last}"
    if selection.held_out:
        text += "; only the fifth of employers that is held out of shipped data"
    return f"{text}."


def _answered(judged: Judged, unit: str) -> Iterator[str]:
    """Share answered, and refusals by type of problem."""
    outcomes = [("answered and scored", judged.is_scored)]
    unusable = (judged.problem == None) & ~judged.is_scored  # noqa: E711  # by element
    if unusable.any():
        outcomes.append(("answered with an open-ended range, not scored", unusable))
    problems = sorted({problem for problem in judged.problem if problem})
    outcomes += [(problem, judged.problem == problem) for problem in problems]
    by_row, by_unit = (weights(judged.rows.units, by_unit) for by_unit in (False, True))
    if judged.not_asked:
        yield f"{judged.not_asked:,} rows were not asked and are left out.\n"
    yield f"| outcome | rows | by row, % | by {unit}, % |"
    yield "|---|---:|---:|---:|"
    for name, mask in outcomes:
        shares = [100 * float(np.average(mask, weights=weight)) for weight in (by_row, by_unit)]
        yield f"| {name} | {mask.sum():,} | {shares[0]:.1f} | {shares[1]:.1f} |"


def _baselines(judged: Judged, unit: str, with_boosting: bool) -> Iterator[str]:
    has_official = ~np.isnan(judged.official.quantiles[:, 1:4]).any(axis=1)
    mask = judged.is_scored & has_official
    if not mask.any():
        yield "No row has official statistics."
        return
    paycite, official = judged.rows.where(mask), judged.official.where(mask)
    methods = [("Paycite", paycite), ("official statistics, all levels", official)]
    if with_boosting:
        codes = [
            np.unique(column[mask].astype(str), return_inverse=True)[1]
            for column in (judged.groups["role"], judged.groups["level"], judged.place)
        ]
        found = boosting.predict(paycite, np.column_stack(codes), official.quantiles[:, 2:3])
        methods.append(("LightGBM, held-out " + unit + "s of these rows", found))
    # P10 and P90 are compared on the rows for which every method has them.
    lacks = np.any([np.isnan(rows.quantiles).any(axis=1) for _, rows in methods], axis=0)
    yield from _header(HEADER, "method", unit)
    for name, rows in methods:
        quantiles = rows.quantiles.copy()
        quantiles[np.ix_(lacks, [0, 4])] = np.nan
        yield _line(name, rows._replace(quantiles=quantiles))


def _groups(values: NDArray[Any]) -> list[tuple[str, NDArray[np.bool_]]]:
    names = {str(value) for value in values if value is not None}
    order = {name: at for at, name in enumerate(ORDER)}
    ordered = sorted(names, key=lambda name: (order.get(name, len(ORDER)), name))
    groups = [(name, np.asarray(values == name)) for name in ordered]
    return [(name, mask) for name, mask in groups if mask.sum() >= FEWEST]


def _header(header: str, first: str, unit: str) -> Iterable[str]:
    yield header.format(first, unit)
    yield "|---|" + "---:|" * (header.count("|") - 2)


def _line(name: str, rows: Rows) -> str:
    by_row, by_unit = score(rows, by_unit=False), score(rows, by_unit=True)

    def pair(field: str, form: str, scale: float = 1) -> str:
        numbers = [scale * getattr(scores, field) for scores in (by_row, by_unit)]
        return " / ".join("-" if math.isnan(number) else f"{number:{form}}" for number in numbers)

    columns: Sequence[tuple[str, str, float]] = (
        ("mdape", ".1f", 100),
        ("bias", "+.1f", 100),
        ("mae", ".3f", 1),
        ("coverage_p25_p75", ".1f", 100),
        ("pinball_inner", ".4f", 1),
        ("coverage_p10_p90", ".1f", 100),
        ("pinball_all", ".4f", 1),
    )
    assert all(field in Scores._fields for field, *_ in columns)
    units = len(np.unique(rows.units))
    cells = (f"{len(rows.pay):,}", f"{units:,}", *(pair(*column) for column in columns))
    return f"| {name} | {' | '.join(cells)} |"
