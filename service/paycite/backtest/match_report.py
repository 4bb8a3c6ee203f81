"""How well titles and places are read: labeled files against the current dataset."""

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
PRECISION = 0.98  # at which coverage is measured
TITLES = ("text", "role", "level")
PLACES = ("text", "metro")

Verdict = Literal["answered rightly", "refused rightly", "wrong", "wrongly refused"]


class LabelError(Exception):
    """A labeled file that cannot be used, and why."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What one text was read as, beside its label; what a file does not label is None."""

    text: str
    label: str
    read: str
    score: float
    verdict: Verdict
    is_answerable: bool
    role_is_right: bool | None = None
    level_is_right: bool | None = None

    def __str__(self) -> str:
        return f"{self.text!r}: {self.verdict}: {self.read}; the label is {self.label}"


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
    """The 95% interval of a share, of which the ends are shares too.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    Journal of the American Statistical Association 22 (1927), pages 209-212.
    """
    z = NormalDist().inv_cdf(0.975)
    share, spread = count / of, z * z / of
    middle = share + spread / 2
    half = z * (share * (1 - share) / of + spread / (4 * of)) ** 0.5
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def outcomes(file: Path, names: Vocabulary, snapshot: Snapshot) -> list[Outcome]:
    """How each text of a labeled file is read.

    Its columns are `text,role,level` (ids, alternatives parted by `|`; an empty one says that
    refusing is right), or `text,metro` (an id; `?a|b` must be refused as ambiguous between those;
    empty must be refused). LabelError if the file is not so, or labels with an unknown id.
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
                    raise LabelError(f"{file}:{line}: no {column} {id_!r}")
        found.append((_title if columns == TITLES else _place)(row, names))
    return found


def coverage(found: Collection[Outcome]) -> tuple[Share, float | None]:
    """The most of the answerable texts that are answered from some score up, where PRECISION of
    all answers from there up are right; and that score."""
    answerable = sum(outcome.is_answerable for outcome in found)
    best: tuple[Share, float | None] = (Share(0, answerable), None)
    for threshold in sorted({outcome.score for outcome in _answers(found)}, reverse=True):
        answers = [outcome for outcome in _answers(found) if outcome.score >= threshold]
        right = sum(outcome.verdict == "answered rightly" for outcome in answers)
        if right >= PRECISION * len(answers):
            best = Share(sum(outcome.is_answerable for outcome in answers), answerable), threshold
    return best


def report(found: Sequence[Outcome]) -> Iterator[tuple[str, str]]:
    """What is told of a labeled file, each under its name."""
    verdicts = [outcome.verdict for outcome in found]
    yield "rows", str(len(found))
    for verdict in get_args(Verdict):
        yield verdict, str(verdicts.count(verdict))
    right = verdicts.count("answered rightly") + verdicts.count("refused rightly")
    yield "accuracy", str(Share(right, len(found)))
    share, threshold = coverage(found)
    at = "at no score" if threshold is None else f"from a score of {threshold:g}"
    yield f"coverage at {PRECISION:.0%} precision", f"{share}, {at}"
    for name, judged in (
        ("role", [outcome.role_is_right for outcome in found]),
        ("level, where the role is right", [outcome.level_is_right for outcome in found]),
    ):
        known = [is_right for is_right in judged if is_right is not None]
        if known:
            yield name, str(Share(sum(known), len(known)))


def _answers(found: Collection[Outcome]) -> list[Outcome]:
    return [o for o in found if o.verdict in ("answered rightly", "wrong")]


def _title(row: Mapping[str, str], names: Vocabulary) -> Outcome:
    roles, levels = row["role"].split("|"), row["level"].split("|")
    try:
        (role, match), said = names.parse_title(row["text"])
    except Refusal as refusal:
        answer, read, score = "", _refused(refusal), 0.0
        level_is_right = None
    else:
        level = said[0].id if said else ""
        answer, read, score = role.id, f"{role.id}, level {level or 'not said'}", match.score
        level_is_right = level in levels if role.id in roles else None
    role_is_right = answer in roles
    return Outcome(
        text=row["text"],
        label=f"{row['role'] or 'to refuse'}, level {row['level'] or 'not said'}",
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
        label=label or "to refuse",
        read=read,
        score=score,
        verdict=_verdict(bool(answer), is_right),
        is_answerable=not label.startswith("?") and any(ids),
    )


def _verdict(is_answered: bool, is_right: bool) -> Verdict:
    if is_answered:
        return "answered rightly" if is_right else "wrong"
    return "refused rightly" if is_right else "wrongly refused"


def _refused(refusal: Refusal) -> str:
    (fault,) = refusal.faults
    return f"{fault.type} ({', '.join(fault.suggestions) or 'nothing like it'})"


def _rows(file: Path) -> tuple[tuple[str, ...], list[tuple[int, dict[str, str]]]]:
    """The columns, and the rows with their lines."""
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
                raise LabelError(f"{file}:{reader.line_num}: a text and {len(columns)} cells")
            rows.append((reader.line_num, dict(zip(columns, cells, strict=True))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelError(f"{file} cannot be read: {error}") from None
    return columns, rows
