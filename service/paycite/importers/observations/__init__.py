"""Import rows of pay in the columns that Paycite documents."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, get_args

from paycite.importers.common.fields import (
    HOW_CONVERTED,
    PLACE_UNKNOWN,
    FieldParser,
    Job,
    RowRefused,
    agreed_period,
    annual_pay,
    parse_range,
)
from paycite.importers.common.progress import Progress
from paycite.importers.common.records import (
    Record,
    Say,
    content_id,
    read_records,
    refuse_record,
)
from paycite.importers.observations.columns import COLUMNS as COLUMNS
from paycite.importers.observations.columns import ColumnMap
from paycite.importers.observations.columns import Layout as Layout
from paycite.importers.observations.dates import DateColumn
from paycite.model.figure import Component
from paycite.model.observation import Observation, ObservationKind, RefusedRow

NOTE = (
    f"Pay as given in the rows of the source. {HOW_CONVERTED} Rows with different ids all count; "
    "without ids, rows with the same content count once."
)

T = TypeVar("T")
Cells: TypeAlias = Mapping[str, str]  # those that are not empty, by Paycite's column names
_KINDS: dict[str, ObservationKind] = {kind: kind for kind in get_args(ObservationKind)}
_COMPONENTS: dict[str, Component] = {component: component for component in get_args(Component)}
_CURRENCY = "USD"
_ZIP = re.compile(r"(\d{3,5})(?:-\d{4})?")


def read_observations(
    files: Sequence[Path],
    layout: Layout,
    parser: FieldParser,
    progress: Progress = lambda _: None,
    say: Say = lambda _: None,
) -> Iterator[Observation | RefusedRow]:
    """Yield the observations of the files, and the refused rows. ImportRefused for a file of
    another layout. `say` gets what was found out about each file."""
    for file in files:
        reader = _FileReader(file, layout, parser)
        yield from reader.read(progress, say)
        for sentence in reader.describe():
            say(sentence)


class _FileReader:
    def __init__(self, file: Path, layout: Layout, parser: FieldParser) -> None:
        self._file, self._layout, self._parser = file, layout, parser
        self._maps: dict[tuple[str, ...], ColumnMap] = {}
        self._dates = DateColumn(file, self._date_cells, layout.dates)

    def read(self, progress: Progress, say: Say) -> Iterator[Observation | RefusedRow]:
        layout = self._layout
        for record in read_records(self._file, layout.check, progress, layout.is_known, say):
            if isinstance(record, RefusedRow):
                yield record
                continue
            yield self._observation(record)

    def describe(self) -> Iterator[str]:
        """Say what the columns were read as, and how their dates are written."""
        yield from filter(None, dict.fromkeys(found.describe() for found in self._maps.values()))
        if dates := self._dates.describe():
            yield dates

    def _map(self, record: Record) -> ColumnMap:
        columns = tuple(record.values)
        if columns not in self._maps:
            self._maps[columns] = self._layout.map_columns(record.place, columns)
        return self._maps[columns]

    def _date_cells(self) -> Iterator[str]:
        """The texts of the column of dates, which are read again for it."""
        layout = self._layout
        for record in read_records(self._file, layout.check, lambda _: None, layout.is_known):
            if isinstance(record, Record):
                for column, ours in self._map(record).names.items():
                    if ours == "date" and isinstance(text := record.values[column], str):
                        yield text

    def _observation(self, record: Record) -> Observation | RefusedRow:
        """Parse a record part by part, so that it is refused with all its faults."""
        columns = self._map(record)
        try:
            cells = columns.cells(record)
        except RowRefused as error:
            return refuse_record(record, [error])
        fields: dict[str, Any] = {"id": cells.get("id") or content_id(cells)}
        faults = []
        for parse in (self._kind, self._job, self._pay, self._place, self._date):
            try:
                fields |= parse(cells, columns)
            except RowRefused as error:
                faults.append(error)
        return refuse_record(record, faults) if faults else Observation(**fields)

    def _kind(self, cells: Cells, _: ColumnMap) -> dict[str, Any]:
        kind = _choose("kind", cells.get("kind"), self._layout.kind, _KINDS)
        if kind is None:
            raise RowRefused("the row has no kind of pay: give --kind", "")
        stated = cells.get("component")
        component = _choose("component", stated, self._layout.component, _COMPONENTS)
        return {"kind": kind, "component": component or "base", "employer": cells.get("employer")}

    def _job(self, cells: Cells, _: ColumnMap) -> dict[str, Any]:
        job = _find_job(cells, self._parser)
        level = _find_level(cells, self._parser) or job.level
        return job._asdict() | {"level": level, "title": cells.get("title")}

    def _pay(self, cells: Cells, columns: ColumnMap) -> dict[str, Any]:
        if cells.get("currency", _CURRENCY).upper() != _CURRENCY:
            raise RowRefused(f"the currency is not {_CURRENCY}", cells["currency"])
        stated = parse_range(cells.get("amount"), cells.get("min"), cells.get("max"))
        period = agreed_period(stated, cells.get("period")) or columns.period or "year"
        return annual_pay(stated.low, stated.high, period)._asdict()

    def _place(self, cells: Cells, _: ColumnMap) -> dict[str, Any]:
        """The place, joined from city, state and ZIP if the file has them: `Boston, MA 02110`. A
        city that Paycite does not know is where the ZIP code is."""
        named = ", ".join(cells[part] for part in ("city", "state") if part in cells)
        stated = cells.get("zip", "")
        found = _ZIP.fullmatch(stated)
        zip_ = found[1].zfill(5) if found else stated  # spreadsheets drop the zeros of 02110
        place = cells.get("place") or f"{named} {zip_}".strip() or None
        parse = self._parser.parse_place
        try:
            geography = parse(place)
        except RowRefused as error:
            if not found or error.reason != PLACE_UNKNOWN:
                raise
            geography = parse(f"{cells.get('state', '')} {zip_}".strip())
        return {"geography": geography, "place": place}

    def _date(self, cells: Cells, _: ColumnMap) -> dict[str, Any]:
        return {"date": self._dates.parse(cells["date"]) if "date" in cells else None}


def _choose(what: str, cell: str | None, option: T | None, choices: Mapping[str, T]) -> T | None:
    """The value of a row, or of the option for all rows. A row that differs is refused."""
    if cell is None:
        return option
    said = choices.get(cell.lower())
    if said is None:
        raise RowRefused(f"the {what} is not one of {', '.join(choices)}", cell)
    if option not in (None, said):
        raise RowRefused(f"the {what} is not {option}, the value of `--{what}` for all rows", cell)
    return said


def _find_job(cells: Cells, parser: FieldParser) -> Job:
    title = cells.get("title")
    parser.check_full_time(title)
    if "role" not in cells:
        return parser.parse_job(title, cells.get("occupation"))
    role, level = parser.parse_title(cells["role"])
    return Job(role, None, level or (_level_of_title(title, parser) if title else None))


def _level_of_title(title: str, parser: FieldParser) -> str | None:
    """The level of a title next to a role. The title need not name a role itself."""
    try:
        return parser.parse_title(title).level
    except RowRefused:
        return None


def _find_level(cells: Cells, parser: FieldParser) -> str | None:
    if "level" in cells:
        return parser.parse_level(cells["level"])
    return parser.parse_years(cells["years"]) if "years" in cells else None
