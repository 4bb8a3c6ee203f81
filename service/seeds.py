"""Seed files into the model. A seed that breaks a rule is refused with file, line and reason."""

import csv
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import Decimal
from io import StringIO
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from service.model.figure import Figure, Rule, Source
from service.model.vocabulary import BEYOND_METROS, Level, Metro, Role, Word, normal

Seed = TypeVar("Seed", Source, Role, Level, Metro, Word, Figure, Rule)

FIGURE_COLUMNS = ("key", *(name for name in Figure.__struct_fields__ if name != "id"))

# Numbers that sources spell out, and the words that scale one.
_WORDS = {"two": 2, "twelve": 12, "eighteen": 18}
_SCALES = {"": 1, "k": 10**3, "m": 10**6, "million": 10**6, "billion": 10**9}
_NUMBER = re.compile(
    rf"\b({'|'.join(_WORDS)})\b|(\d[\d,]*(?:\.\d+)?) ?(k|m|million|billion)?\b", re.IGNORECASE
)
_RANGE = re.compile(r" ?(?:-|–|—|to|and|\.\.\.) ?\$?")  # noqa: RUF001 - sources print en dashes

_BOUNDS = {
    r"(about|around) \$?\d": "about",
    r"(over|more than|well past|well above) \$?\d": "over",
    r"(under|less than) ": "under",
    r"up to \$?\d": "up-to",
    "projected": "projected",
}
# What says a bound; a projection may be said elsewhere in the sentence.
_SIGNS = {
    "over": r"\+|\b(over|more|past|above|least)\b",
    "about": r"~|\b(about|around)\b",
    "under": r"\b(under|less|below)\b",
    "up-to": r"\bup to\b",
}


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
    words: tuple[Word, ...]
    figures: tuple[Figure, ...]
    rules: tuple[Rule, ...]
    places: dict[str, str]  # of each figure, the file and line; no part of what the seeds say


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
            raise self.refuse(f"{error}{_allowed(str(error), struct)}") from None


def _allowed(error: str, struct: type[Struct]) -> str:
    """What a field may be, where the error says only that it is not that."""
    field = re.search(r"Invalid enum value .* - at `\$\.(\w+)`", error)
    if field is None:
        return ""
    schema = msgspec.json.schema_components([struct])[1][struct.__name__]
    kind = schema["properties"][field[1]]
    values = [value for part in kind.get("anyOf", [kind]) for value in part.get("enum", ())]
    return f"; it is one of {', '.join(map(str, values))}"


Sown: TypeAlias = dict[str, tuple[_Row, Seed]]


def read(directory: Path) -> Seeds:
    """All seeds below `directory`; SeedError for the first rule that one breaks."""
    sources = _sown(_tables(directory / "sources.toml"), Source)
    roles = _sown(_tables(directory / "roles.toml"), Role)
    levels = _sown(_tables(directory / "levels.toml"), Level)
    metros = _sown(_metro_rows(directory / "metros.csv"), Metro)
    words = _sown(_word_rows(directory / "words.csv"), Word)
    _refuse_shared_names(roles, lambda role: (role.id, role.title, *role.titles))
    _refuse_shared_names(
        levels, lambda level: (level.id, level.title, *level.aliases, *level.suffixes)
    )
    _refuse_shared_names(metros, lambda metro: (metro.id, metro.name, *metro.aliases))

    _refuse_shared_names(metros, lambda metro: metro.cbsa_codes if metro.kind == "metro" else ())
    _refuse_shared_names(levels, lambda level: (str(level.rank),))
    files = sorted(file for file in (directory / "figures").rglob("*") if file.is_file())
    figures = _sown((row for file in files for row in _figure_rows(file)), Figure)
    _refuse_unknown(figures, "source_id", sources)
    _refuse_unknown(figures, "role", roles)
    _refuse_unknown(figures, "level", levels)
    _refuse_unknown(figures, "geography", metros.keys() | BEYOND_METROS.keys())
    _refuse_twice_stated(figures)
    _refuse_unstated_numbers(figures)
    _refuse_other_units(figures)
    rules = _sown(_rule_rows(directory / "rules.toml", figures, metros), Rule)
    return Seeds(
        sources=_in_order(sources),
        roles=_in_order(roles),
        levels=_in_order(levels),
        metros=_in_order(metros),
        words=_in_order(words),
        figures=_in_order(figures),
        rules=_in_order(rules),
        places={id_: f"{row.file}:{row.line}" for id_, (row, _) in figures.items()},
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
            line = text.count("\n", 0, text.index(id_)) + 1
            raise SeedError(file, line, f"{id_!r} stands outside a table")
        at = lines.get(id_, {"": 1})
        yield _Row(file, at[""], {"id": id_, **values}, at)


def _lines_of_tables(text: str) -> dict[str, dict[str, int]]:
    """Of each table, the line of its header (under "") and of each of its keys."""
    lines: dict[str, dict[str, int]] = {}
    table: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if header := re.match(r"\s*\[([\w-]+)\]", line):
            table = lines.setdefault(header[1], {"": number})
        elif key := re.match(r"\s*(\w+)\s*=", line):
            table.setdefault(key[1], number)
    return lines


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")  # spreadsheets write a byte order mark
    except OSError as error:
        raise SeedError(file, 1, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SeedError(file, line, f"not UTF-8: {error.reason}") from None


def _csv_rows(file: Path, columns: Collection[str]) -> Iterator[_Row]:
    """The rows of a CSV file with exactly these columns; an empty cell is None."""
    if file.suffix != ".csv":
        raise SeedError(file, 1, "only files that end with .csv hold rows")
    reader = csv.DictReader(StringIO(_text(file), newline=""), strict=True)
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
        raise SeedError(file, reader.reader.line_num, f"not CSV: {error}") from None


def _metro_rows(file: Path) -> Iterator[_Row]:
    """Cells with several values part them by `;`."""
    for row in _csv_rows(file, Metro.__struct_fields__):
        for key in ("cbsa_codes", "cities", "aliases"):
            row.values[key] = (row.values[key] or "").split(";") if row.values[key] else ()
        yield row


def _word_rows(file: Path) -> Iterator[_Row]:
    for row in _csv_rows(file, [name for name in Word.__struct_fields__ if name != "id"]):
        row.values["id"] = f"{row.values['dimension']}:{row.values['word']}"
        row.values["means"] = row.values["means"] or ""
        if row.values["word"] != normal(row.values["word"] or ""):
            raise row.refuse("`word` is written in small letters without punctuation")
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
    ruled: set[tuple[object, ...]] = set()
    for row in _tables(file):
        if row.values.get("figure_id") not in figures:
            raise row.refuse(f"no such figure: `figure_id` {row.values.get('figure_id')!r}")
        uplift = figures[row.values["figure_id"]][1]
        if uplift.topic != "uplift" or uplift.low is None or uplift.high is None:
            raise row.refuse("`figure_id` is no uplift with a low and a high")
        unknown = [metro for metro in row.values.get("metros", ()) if metro not in metros]
        if unknown:
            raise row.refuse(f"no such metro: `metros` {unknown[0]!r}")
        said_of = (uplift.source_id, row.values.get("topic"))
        if said_of not in {(f.source_id, f.topic) for _, f in figures.values()}:
            raise row.refuse("the source of `figure_id` has no figure of this `topic`")
        for metro in row.values.get("metros", ()):
            if (*said_of, metro) in ruled:
                raise row.refuse(f"`metros` {metro!r} has a rule already")
            ruled.add((*said_of, metro))
        row.values["source_id"] = uplift.source_id
        row.values["min_factor"] = float(1 + Decimal(str(uplift.low)) / 100)
        row.values["max_factor"] = float(1 + Decimal(str(uplift.high)) / 100)
        yield row


def _refuse_shared_names(sown: Sown[Seed], names: Callable[[Seed], Iterable[str]]) -> None:
    """A name of two ids would be read as either."""
    owners: dict[str, str] = {}
    for row, seed in sown.values():
        for name in map(normal, names(seed)):
            if not name:
                raise row.refuse("a name has no letter and no digit")
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
        singles, ranges = _numbers_in(figure.as_published)
        for end in ends:
            if end not in [*singles, *chain(*ranges)]:
                raise row.refuse(f"{end} does not stand in {figure.as_published!r}")
        if ranges and ends not in ranges:
            raise row.refuse(f"low and high are not the ends of {figure.as_published!r}")


def _refuse_other_units(figures: Sown[Figure]) -> None:
    """The unit and the bound are those of `as_published`, where it shows them."""
    for row, figure in figures.values():
        for sign, unit in {"%": "percent", "$": "usd"}.items():
            if sign in figure.as_published and figure.unit != unit:
                raise row.refuse(f"{figure.as_published!r} is in {unit}, not in {figure.unit}")
        said_by = _SIGNS.get(figure.bound, "")
        if not re.search(said_by, figure.as_published.lower()):
            raise row.refuse(f"{figure.as_published!r} does not say {figure.bound!r}")
        for words, bound in _BOUNDS.items():
            if re.search(rf"\b{words}", figure.as_published.lower()) and figure.bound != bound:
                raise row.refuse(f"{figure.as_published!r} has bound {bound}, not {figure.bound}")


def _numbers_in(text: str) -> tuple[list[Decimal], list[list[Decimal]]]:
    """The numbers of a text, and the pairs of them that are ranges ("$200-250K": 200 thousand)."""
    numbers = list(_NUMBER.finditer(text))
    ranges = []
    for first, second in pairwise(numbers):
        if _RANGE.fullmatch(text[first.end() : second.start()]):
            ranges.append([_value(first, second[3]), _value(second)])
    return [_value(number) for number in numbers], ranges


def _value(number: re.Match[str], scale: str | None = None) -> Decimal:
    word, digits, own_scale = number.groups(default="")
    if word:
        return Decimal(_WORDS[word.lower()])
    return Decimal(digits.replace(",", "")) * _SCALES[(own_scale or scale or "").lower()]
