"""Read seed files (TOML tables and CSV) into rows that know their line."""

import csv
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from paycite.model.distribution import Distribution
from paycite.model.figure import Figure, Rule, Source
from paycite.model.law import PayLaw
from paycite.model.vocabulary import Level, Metro, Occupation, Role, Word

Seed = TypeVar(
    "Seed",
    Source,
    Occupation,
    Role,
    Level,
    Metro,
    Word,
    Figure,
    Distribution,
    Rule,
    PayLaw,
)
StructT = TypeVar("StructT", bound=Struct)


class SeedError(Exception):
    """A seed breaks a rule: the file, the line and the reason."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        self.file, self.line, self.reason = file, line, reason
        super().__init__(f"{file}:{line}: {reason}")


class Row(Struct, frozen=True):
    """One seed in a file. `lines` has the lines of fields that have their own."""

    file: Path
    line: int
    values: dict[str, Any]
    lines: dict[str, int] = {}

    def refuse(self, reason: str) -> SeedError:
        """Build the error, at the line of the first field that the reason has in backquotes."""
        named = re.findall(r"`(?:\$\.)?(\w+)", reason)
        line = next((self.lines[name] for name in named if name in self.lines), self.line)
        return SeedError(self.file, line, reason)

    def to(self, struct: type[StructT]) -> StructT:
        try:
            return msgspec.convert(self.values, struct, strict=False)
        except msgspec.ValidationError as error:
            raise self.refuse(f"{error}{_allowed(str(error), struct)}") from None


def _allowed(error: str, struct: type[Struct]) -> str:
    """List the allowed values, which the error message lacks."""
    field = re.search(r"Invalid enum value .* - at `\$\.(\w+)`", error)
    if field is None:
        return ""
    schema = msgspec.json.schema_components([struct])[1][struct.__name__]
    kind = schema["properties"][field[1]]
    values = [value for part in kind.get("anyOf", [kind]) for value in part.get("enum", ())]
    return f"; it is one of {', '.join(map(str, values))}"


Parsed: TypeAlias = dict[str, tuple[Row, Seed]]


def index_by_id(parsed: Parsed[Seed]) -> dict[str, Seed]:
    """Drop the rows: the seeds by id."""
    return {id_: seed for id_, (_, seed) in parsed.items()}


def sort_by_id(parsed: Parsed[Seed]) -> tuple[Seed, ...]:
    """Sort the seeds by id, and drop their rows."""
    return tuple(parsed[id_][1] for id_ in sorted(parsed))


def parse_rows(rows: Iterable[Row], struct: type[Seed]) -> Parsed[Seed]:
    """Parse rows into seeds by id, each with its row. SeedError for a second row of an id."""
    parsed: Parsed[Seed] = {}
    for row in rows:
        seed = row.to(struct)
        if seed.id in parsed:
            first = parsed[seed.id][0]
            raise row.refuse(f"duplicate of {seed.id!r} in {first.file.name}, line {first.line}")
        parsed[seed.id] = (row, seed)
    return parsed


def tables(file: Path) -> Iterator[Row]:
    """Yield the tables of a TOML file, with the id in their header."""
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
            raise SeedError(file, line, f"{id_!r} is outside a table")
        at = lines.get(id_, {"": 1})
        yield Row(file, at[""], {"id": id_, **values}, at)


def read_tables(file: Path, names: Collection[str]) -> dict[str, Row]:
    """Read a TOML file that has exactly these tables. Their rows have no id."""
    found = {row.values.pop("id"): row for row in tables(file)}
    if set(found) != set(names):
        raise SeedError(file, 1, f"expected the tables {', '.join(f'[{one}]' for one in names)}")
    return found


def read_beside(file: Path, table: str) -> tuple[Row, Row]:
    """Read the TOML file beside a CSV file: the source, and the other table."""
    found = read_tables(file.with_suffix(".toml"), ("source", table))
    found["source"].values["id"] = found[table].values["source_id"] = file.stem
    return found["source"], found[table]


def _lines_of_tables(text: str) -> dict[str, dict[str, int]]:
    """Find the line of each table's header (under "") and of each of its keys."""
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


def csv_rows(file: Path, columns: Collection[str]) -> Iterator[Row]:
    """Yield the rows of a CSV file with exactly these columns. Empty cells are None."""
    if file.suffix != ".csv":
        raise SeedError(file, 1, "expected a .csv file")
    reader = csv.DictReader(StringIO(_text(file), newline=""), strict=True)
    try:
        header = reader.fieldnames or ()
        for column in [*header, *columns]:
            if header.count(column) != 1 or column not in columns:
                trouble = "unknown, missing or repeated"
                raise SeedError(file, 1, f"{trouble} key {column!r}; the keys are {list(columns)}")
        for values in reader:
            row = Row(file, reader.line_num, {key: cell or None for key, cell in values.items()})
            if None in values or None in values.values():
                raise row.refuse(f"the row does not have {len(header)} cells")
            yield row
    except csv.Error as error:
        raise SeedError(file, reader.reader.line_num, f"not CSV: {error}") from None
