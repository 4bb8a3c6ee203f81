"""Percentiles by occupation or role: `<source>.toml` cites them, `<source>.csv` has the rows.

`paycite import` writes both files. A cell is a number, `>=` and a number (that much or more), `*`
(not released), or empty.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from paycite.model.distribution import MEASURES
from paycite.model.figure import AsOf, Component, Kind
from paycite.model.vocabulary import Level, Metro, Occupation, Role
from paycite.seeds.files import Row, SeedError, csv_rows, read_beside

COLUMNS = ("occupation", "role", "level", "and_above", "geography", "n", *MEASURES)
TABLE = "distributions"
CAPPED, WITHHELD = ">=", "*"
# BLS, series id formats of the survey OE: nation, state, or an area within a state.
_AREA_TYPES = {"nation": "N", "state": "S", "metro": "M", "nonmetro": "M"}
_ALL_INDUSTRIES = "000000"


class Head(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the rows of a file share. With `has_series`, each number has its own BLS series."""

    source_id: str
    kind: Kind
    component: Component
    as_of: AsOf
    middle: AsOf | None = None
    locator: str
    note: str | None = None
    has_series: bool = False


class Names(Struct, frozen=True):
    """The vocabularies that rows refer to, by id."""

    occupations: Mapping[str, Occupation]
    roles: Mapping[str, Role]
    levels: Mapping[str, Level]
    metros: Mapping[str, Metro]


def files(directory: Path, imported: Path | None) -> list[Path]:
    """The CSV files of seeds and imports. An import replaces a seed of the same name."""
    folders = [directory, *([imported] if imported and imported.exists() else [])]
    found = {file.stem: file for folder in folders for file in _tables_in(folder)}
    return [found[name] for name in sorted(found)]


def _tables_in(folder: Path) -> Iterator[Path]:
    for file in folder.iterdir():
        if file.suffix == ".csv":
            yield file
        elif file.is_file() and file.suffix != ".toml":
            raise SeedError(file, 1, "only .csv and .toml files belong here")


def distribution_rows(file: Path, names: Names) -> Iterator[Row]:
    _, shared = read_beside(file, TABLE)
    head = shared.to(Head)
    common = {name: value for name, value in asdict(head).items() if name != "has_series"}
    for row in csv_rows(file, COLUMNS):
        _refuse_unknown(row, names)
        _read_measures(row)
        row.values["and_above"] = row.values["and_above"] or "false"
        row.values.update(common)
        row.values["subject"] = _subject(row, names)
        series = _series(row, names.metros) if head.has_series else None
        row.values["series"] = series
        row.values["id"] = f"{file.stem}:{series or _key(row)}"
        yield row


def _refuse_unknown(row: Row, names: Names) -> None:
    known: dict[str, Mapping[str, object]] = {
        "occupation": names.occupations,
        "role": names.roles,
        "level": names.levels,
        "geography": names.metros,
    }
    for field, ids in known.items():
        value = row.values[field]
        is_given = value is not None or field == "geography"
        if is_given and value not in ids:
            raise row.refuse(f"unknown `{field}` {value!r}")
    if (row.values["occupation"] is None) == (row.values["role"] is None):
        raise row.refuse("expected an `occupation` or a `role`, and not both")


def _read_measures(row: Row) -> None:
    row.values["capped"], row.values["withheld"] = [], []
    for measure in MEASURES:
        cell = row.values[measure] or ""
        if cell.startswith(CAPPED):
            row.values["capped"].append(measure)
        elif cell == WITHHELD:
            row.values["withheld"].append(measure)
        row.values[measure] = None if cell == WITHHELD else cell.removeprefix(CAPPED) or None


def _subject(row: Row, names: Names) -> str:
    place = names.metros[row.values["geography"]].name
    if occupation := row.values["occupation"]:
        return f"{names.occupations[occupation].title} ({occupation}), {place}"
    level = row.values["level"]
    title = names.levels[level].title if level else "all levels"
    if row.values["and_above"] == "true":
        title += " and above"
    return f"{names.roles[row.values['role']].title}, {title}, {place}"


def _series(row: Row, metros: Mapping[str, Metro]) -> str:
    """A BLS series id without the last two digits, which are the measure."""
    metro, occupation = metros[row.values["geography"]], row.values["occupation"]
    if metro.area_code is None or occupation is None:
        raise row.refuse("a BLS series needs an `occupation` and a `geography` with an area code")
    area = f"{_AREA_TYPES[metro.kind]}{metro.area_code}"
    return f"OEU{area}{_ALL_INDUSTRIES}{occupation.replace('-', '')}"


def _key(row: Row) -> str:
    parts = (row.values[field] for field in ("occupation", "role", "level", "geography"))
    return "-".join(part for part in parts if part)
