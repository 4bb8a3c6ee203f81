"""Measure how well titles and places are matched, on labeled files."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from statistics import NormalDist
from typing import Literal, get_args

from msgspec import Struct

from paycite.match import Vocabulary
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.settings import ROOT

LABELED = tuple(
    ROOT / "tests" / "labeled" / f"{name}.csv"
    for name in ("titles_tuned", "titles_measured", "filing_titles_measured", "places_tuned")
)
PRECISION = 0.98  # the share of correct answers at which coverage is reported
TITLES = ("text", "role", "level")
PLACES = ("text", "metro")

Verdict = Literal["correct", "correctly refused", "wrong", "wrongly refused"]


class LabelError(Exception):
    """A labeled file is invalid."""


class Outcome(Struct, frozen=True, kw_only=True):
    """The result for one text, next to its label. A field that the file does not label is None."""

    text: str
    label: str
    read: str
    score: float
    verdict: Verdict
    is_answerable: bool
    role_is_right: bool | None = None
    level_is_right: bool | None = None

    def __str__(self) -> str:
        return f"{self.text!r}: {self.verdict}: {self.read}; expected {self.label}"


class Share(Struct, frozen=True):
    count: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "0 of 0"
        low, high = wilson(self.count, self.of)
        share = self.count / self.of
        return f"{self.count} of {self.of}, {share:.1%} (95% interval {low:.1%} to {high:.1%})"


def wilson(count: int, of: int) -> tuple[float, float]:
    """Compute the 95% Wilson score interval of a proportion; both ends are from 0 to 1.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    Journal of the American Statistical Association 22 (1927), pages 209-212.
    """
    z = NormalDist().inv_cdf(0.975)
    share, spread = count / of, z * z / of
    middle = share + spread / 2
    half = z * (share * (1 - share) / of + spread / (4 * of)) ** 0.5
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def outcomes(file: Path, names: Vocabulary, snapshot: Snapshot) -> list[Outcome]:
    """Match each text of a labeled file, and compare the result to its label.

    The columns are `text,role,level` or `text,metro`. `role` and `level` are ids; `|` separates
    acceptable alternatives, and an empty alternative means that refusing (or no level) is correct.
    `metro` is an id; `?a|b` means that the text must be refused as ambiguous between the two, and
    empty means that it must be refused. LabelError for other columns, or for an unknown id.
    """
    columns, rows = _rows(file)
    found = []
    for line, row in rows:
        if columns == TITLES:
            known = {"role": snapshot.roles, "level": snapshot.levels}
        else:
            known = {"metro": snapshot.metros}
        for column, ids in known.items():
            for id_ in row[column].removeprefix("?").split("|"):
                if id_ and id_ not in ids:
                    raise LabelError(f"{file}:{line}: unknown {column} {id_!r}")
        found.append((_title if columns == TITLES else _place)(row, names))
    return found


def coverage(found: Collection[Outcome]) -> tuple[Share, float | None]:
    """Find the lowest score threshold at which PRECISION of the answers are correct. Return the
    share of answerable texts answered at or above it, and the threshold (None if there is none)."""
    answerable = sum(outcome.is_answerable for outcome in found)
    best: tuple[Share, float | None] = (Share(0, answerable), None)
    for threshold in sorted({outcome.score for outcome in _answers(found)}, reverse=True):
        answers = [outcome for outcome in _answers(found) if outcome.score >= threshold]
        right = sum(outcome.verdict == "correct" for outcome in answers)
        if right >= PRECISION * len(answers):
            best = Share(sum(outcome.is_answerable for outcome in answers), answerable), threshold
    return best


def report(found: Sequence[Outcome]) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each line of the report."""
    verdicts = [outcome.verdict for outcome in found]
    yield "rows", str(len(found))
    for verdict in get_args(Verdict):
        yield verdict, str(verdicts.count(verdict))
    right = verdicts.count("correct") + verdicts.count("correctly refused")
    yield "accuracy", str(Share(right, len(found)))
    share, threshold = coverage(found)
    at = "at no score threshold" if threshold is None else f"at scores of {threshold:g} and up"
    yield f"coverage at {PRECISION:.0%} precision", f"{share}, {at}"
    for name, judged in (
        ("role", [outcome.role_is_right for outcome in found]),
        ("level, if the role is correct", [outcome.level_is_right for outcome in found]),
    ):
        known = [is_right for is_right in judged if is_right is not None]
        if known:
            yield name, str(Share(sum(known), len(known)))


def _answers(found: Collection[Outcome]) -> list[Outcome]:
    return [o for o in found if o.verdict in ("correct", "wrong")]


def _title(row: Mapping[str, str], names: Vocabulary) -> Outcome:
    roles, levels = row["role"].split("|"), row["level"].split("|")
    try:
        (role, match), said = names.parse_title(row["text"])
    except Refusal as refusal:
        answer, read, score = "", _refused(refusal), 0.0
        level_is_right = None
    else:
        level = said[0].id if said else ""
        answer, read, score = role.id, f"{role.id}, level {level or 'not stated'}", match.score
        level_is_right = level in levels if role.id in roles else None
    role_is_right = answer in roles
    return Outcome(
        text=row["text"],
        label=f"{row['role'] or 'refusal'}, level {row['level'] or 'not stated'}",
        read=read,
        score=score,
        verdict=_verdict(bool(answer), role_is_right and level_is_right is not False),
        is_answerable=any(roles),
        role_is_right=role_is_right,
        level_is_right=level_is_right,
    )


def _place(row: Mapping[str, str], names: Vocabulary) -> Outcome:
    label = row["metro"]
    ids = set(label.removeprefix("?").split("|"))
    try:
        metro, match = names.parse_metro(row["text"])
    except Refusal as refusal:
        (fault,) = refusal.faults
        is_ambiguous = fault.type == "ambiguous-metro" and ids <= set(fault.suggestions)
        is_right = is_ambiguous if label.startswith("?") else "" in ids
        answer, read, score = "", _refused(refusal), 0.0
    else:
        answer, read, score = metro.id, metro.id, match.score
        is_right = not label.startswith("?") and answer in ids
    return Outcome(
        text=row["text"],
        label=label or "refusal",
        read=read,
        score=score,
        verdict=_verdict(bool(answer), is_right),
        is_answerable=not label.startswith("?") and any(ids),
    )


def _verdict(is_answered: bool, is_right: bool) -> Verdict:
    if is_answered:
        return "correct" if is_right else "wrong"
    return "correctly refused" if is_right else "wrongly refused"


def _refused(refusal: Refusal) -> str:
    (fault,) = refusal.faults
    return f"{fault.type} ({', '.join(fault.suggestions) or 'no suggestions'})"


def _rows(file: Path) -> tuple[tuple[str, ...], list[tuple[int, dict[str, str]]]]:
    """Read the columns, and each row with its line number."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        reader = csv.reader(StringIO(text, newline=""), strict=True)
        columns = tuple(next(reader, ()))
        if columns not in (TITLES, PLACES):
            known = " or ".join(",".join(header) for header in (TITLES, PLACES))
            raise LabelError(f"{file}:1: the columns must be {known}, not {','.join(columns)!r}")
        rows = []
        for cells in reader:
            if len(cells) != len(columns) or not cells[0]:
                raise LabelError(
                    f"{file}:{reader.line_num}: expected {len(columns)} cells and a text"
                )
            rows.append((reader.line_num, dict(zip(columns, cells, strict=True))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelError(f"{file} cannot be read: {error}") from None
    return columns, rows
