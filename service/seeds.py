"""Seed files into the model. A seed that breaks a rule is refused with file, line and reason."""

import csv
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from service.model.figure import Figure, Rule, Source
from service.model.vocabulary import BEYOND_METROS, Level, Metro, Role, normal

Seed = TypeVar("Seed", Source, Role, Level, Metro, Figure, Rule)

FIGURE_COLUMNS = ("key", *(name for name in Figure.__struct_fields__ if name != "id"))

# Numbers that sources spell out, and the words that scale one.
_WORDS = {"two": 2, "twelve": 12, "eighteen": 18}
_SCALES = {"": 1, "k": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_NUMBER = re.compile(
    rf"\b({'|'.join(_WORDS)})\b|(\d[\d,]*(?:\.\d+)?) ?(k|million|billion)?\b", re.IGNORECASE
)
_RANGE = re.compile(r" ?(?:-|–|to|and|\.\.\.) ?\$?")  # noqa: RUF001 - sources print en dashes


class SeedError(Exception):
    """A rule that a seed breaks, and where."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        self.file, self.line, self.reason = file, line, reason
        super().__init__(f"{file}:{line}: {reason}")


class Seeds(Struct, frozen=True, kw_only=True):
    """Everything the seeds say, each kind in order of id."""

    sources: tuple[Source, ...]
    roles: tuple[Role, ...]
    levels: tuple[Level, ...]
    metros: tuple[Metro, ...]
    figures: tuple[Figure, ...]
    rules: tuple[Rule, ...]


class _Row(Struct, frozen=True):
    """One seed as it stands in a file; `lines` gives the line of a field that has its own."""

    file: Path
    line: int
    values: dict[str, Any]
    lines: dict[str, int] = {}

    def refuse(self, reason: str) -> SeedError:
        """The error at the line of the first field that the reason names in backquotes."""
        named = re.findall(r"`(?:\$\.)?(\w+)", reason)
        line = next((self.lines[name] for name in named if name in self.lines), self.line)
        return SeedError(self.file, line, reason)

    def to(self, struct: type[Seed]) -> Seed:
        try:
            return msgspec.convert(self.values, struct, strict=False)
        except msgspec.ValidationError as error:
            raise self.refuse(str(error)) from None


Sown: TypeAlias = dict[str, tuple[_Row, Seed]]


def read(directory: Path) -> Seeds:
    """All seeds below `directory`; SeedError for the first rule that one breaks."""
    sources = _sown(_tables(directory / "sources.toml"), Source)
    roles = _sown(_tables(directory / "roles.toml"), Role)
    levels = _sown(_tables(directory / "levels.toml"), Level)
    metros = _sown(_metro_rows(directory / "metros.csv"), Metro)
    _refuse_shared_names(roles, lambda role: (role.id, role.title, *role.titles))
    _refuse_shared_names(levels, lambda level: (level.id, level.title, *level.aliases))
    _refuse_shared_names(metros, lambda metro: (metro.id, metro.name, *metro.aliases))

    files = sorted((directory / "figures").rglob("*.csv"))
    figures = _sown((row for file in files for row in _figure_rows(file)), Figure)
    _refuse_unknown(figures, "source_id", sources)
    _refuse_unknown(figures, "role", roles)
    _refuse_unknown(figures, "level", levels)
    _refuse_unknown(figures, "geography", metros.keys() | BEYOND_METROS.keys())
    _refuse_twice_stated(figures)
    _refuse_unstated_numbers(figures)
    rules = _sown(_rule_rows(directory / "rules.toml", figures, metros), Rule)
    return Seeds(
        sources=_in_order(sources),
        roles=_in_order(roles),
        levels=_in_order(levels),
        metros=_in_order(metros),
        figures=_in_order(figures),
        rules=_in_order(rules),
    )


def _in_order(sown: Sown[Seed]) -> tuple[Seed, ...]:
    return tuple(sown[id_][1] for id_ in sorted(sown))


def _sown(rows: Iterable[_Row], struct: type[Seed]) -> Sown[Seed]:
    sown: Sown[Seed] = {}
    for row in rows:
        seed = row.to(struct)
        if seed.id in sown:
            first = sown[seed.id][0]
            raise row.refuse(f"duplicate of {seed.id!r} in {first.file.name}, line {first.line}")
        sown[seed.id] = (row, seed)
    return sown


def _tables(file: Path) -> Iterator[_Row]:
    """The tables of a TOML file, by the id in their header."""
    text = _text(file)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        stated = re.search(r"at line (\d+)", str(error))
        raise SeedError(file, int(stated[1]) if stated else text.count("\n"), str(error)) from None
    lines = _lines_of_tables(text)
    for id_, values in tables.items():
        if not isinstance(values, dict):
            raise SeedError(file, 1, f"{id_!r} stands outside a table")
        at = lines.get(id_, {"": 1})
        yield _Row(file, at[""], {"id": id_, **values}, at)


def _lines_of_tables(text: str) -> dict[str, dict[str, int]]:
    """Of each table, the line of its header (under "") and of each of its keys."""
    lines: dict[str, dict[str, int]] = {}
    table: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\[([\w-]+)\]", line):
            table = lines.setdefault(header[1], {"": number})
        elif key := re.match(r"(\w+)\s*=", line):
            table.setdefault(key[1], number)
    return lines


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SeedError(file, 1, "the file is missing") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SeedError(file, line, f"not UTF-8: {error.reason}") from None


def _csv_rows(file: Path, columns: Collection[str]) -> Iterator[_Row]:
    """The rows of a CSV file with exactly these columns; an empty cell is None."""
    reader = csv.DictReader(_text(file).splitlines(keepends=True), strict=True)
    try:
        header = reader.fieldnames or ()
        for column in [*header, *columns]:
            if header.count(column) != 1 or column not in columns:
                trouble = "unknown, missing or repeated"
                raise SeedError(file, 1, f"{trouble} key {column!r}; the keys are {list(columns)}")
        for values in reader:
            row = _Row(file, reader.line_num, {key: cell or None for key, cell in values.items()})
            if None in values or None in values.values():
                raise row.refuse(f"the row does not have {len(header)} cells")
            yield row
    except csv.Error as error:
        raise SeedError(file, reader.line_num, f"not CSV: {error}") from None


def _metro_rows(file: Path) -> Iterator[_Row]:
    """Cells with several values part them by `;`."""
    for row in _csv_rows(file, Metro.__struct_fields__):
        for key in ("cbsa_codes", "aliases"):
            row.values[key] = (row.values[key] or "").split(";") if row.values[key] else ()
        yield row


def _figure_rows(file: Path) -> Iterator[_Row]:
    for row in _csv_rows(file, FIGURE_COLUMNS):
        source_id, key = row.values["source_id"], row.values.pop("key")
        if not source_id or not re.fullmatch(r"[a-z0-9-]+", key or ""):
            raise row.refuse("a figure needs a `source_id`, and a key of a-z, 0-9 and -")
        row.values["id"] = f"{source_id}:{key}"
        row.values["and_above"] = row.values["and_above"] or "false"
        yield row


def _rule_rows(file: Path, figures: Sown[Figure], metros: Sown[Metro]) -> Iterator[_Row]:
    """A rule states a figure, the figures and metros it was said of, and how it is read."""
    for row in _tables(file):
        if row.values.get("figure_id") not in figures:
            raise row.refuse(f"no such figure: `figure_id` {row.values.get('figure_id')!r}")
        uplift = figures[row.values["figure_id"]][1]
        if uplift.topic != "uplift" or uplift.low is None or uplift.high is None:
            raise row.refuse("`figure_id` is no uplift with a low and a high")
        unknown = [metro for metro in row.values.get("metros", ()) if metro not in metros]
        if unknown:
            raise row.refuse(f"no such metro: `metros` {unknown[0]!r}")
        row.values["source_id"] = uplift.source_id
        row.values["min_factor"] = float(1 + Decimal(str(uplift.low)) / 100)
        row.values["max_factor"] = float(1 + Decimal(str(uplift.high)) / 100)
        yield row


def _refuse_shared_names(sown: Sown[Seed], names: Callable[[Seed], Iterable[str]]) -> None:
    """A name of two ids would be read as either."""
    owners: dict[str, str] = {}
    for row, seed in sown.values():
        for name in map(normal, names(seed)):
            owner = owners.setdefault(name, seed.id)
            if owner != seed.id:
                raise row.refuse(f"{name!r} names both {owner!r} and {seed.id!r}")


def _refuse_unknown(figures: Sown[Figure], field: str, known: Collection[str]) -> None:
    for row, figure in figures.values():
        value = getattr(figure, field)
        if value is not None and value not in known:
            raise row.refuse(f"unknown `{field}` {value!r}")


def _refuse_twice_stated(figures: Sown[Figure]) -> None:
    """The same statement of the same source at the same place is one figure."""
    seen: dict[tuple[object, ...], str] = {}
    for row, figure in figures.values():
        statement = (
            *(figure.source_id, figure.topic, figure.subject, figure.role, figure.level),
            *(figure.geography, figure.component, figure.as_of, figure.baseline, figure.locator),
        )
        if (first := seen.setdefault(statement, figure.id)) != figure.id:
            raise row.refuse(f"duplicate: {first!r} states the same")


def _refuse_unstated_numbers(figures: Sown[Figure]) -> None:
    """A number and its citation never part: low and high stand in `as_published`, and where that
    states a range, they are its ends."""
    for row, figure in figures.values():
        ends = [Decimal(str(end)) for end in (figure.low, figure.high) if end is not None]
        if figure.kind != "published" or not ends:
            continue
        numbers = list(_NUMBER.finditer(figure.as_published))
        for end in ends:
            if end not in map(_value, numbers):
                raise row.refuse(f"{end} does not stand in {figure.as_published!r}")
        for first, second in pairwise(numbers):
            between = figure.as_published[first.end() : second.start()]
            if _RANGE.fullmatch(between) and ends != [_value(first), _value(second)]:
                raise row.refuse(f"low and high are not the ends of {figure.as_published!r}")


def _value(number: re.Match[str]) -> Decimal:
    word, digits, scale = number.groups(default="")
    if word:
        return Decimal(_WORDS[word.lower()])
    return Decimal(digits.replace(",", "")) * _SCALES[scale.lower()]
