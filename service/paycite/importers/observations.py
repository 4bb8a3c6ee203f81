"""Import rows of pay in the columns that Paycite documents."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar, get_args

from msgspec import Struct

from paycite.importers import ImportRefused
from paycite.importers.common.fields import (
    HOW_READ,
    FieldParser,
    Job,
    RowRefused,
    agreed_period,
    annual_pay,
    parse_date,
    parse_range,
)
from paycite.importers.common.progress import Progress
from paycite.importers.common.records import (
    Record,
    Say,
    cell_text,
    content_id,
    read_records,
    refuse_row,
)
from paycite.match import nearest
from paycite.model.figure import Component
from paycite.model.observation import Observation, ObservationKind, RefusedRow

COLUMNS = (
    *("id", "role", "title", "occupation", "level", "years", "place"),
    *("amount", "min", "max", "period", "currency", "component"),
    *("employer", "date", "kind"),
)
NOTE = f"Pay as given in the rows of the source. {HOW_READ}"

T = TypeVar("T")
_KINDS: dict[str, ObservationKind] = {kind: kind for kind in get_args(ObservationKind)}
_COMPONENTS: dict[str, Component] = {component: component for component in get_args(Component)}
_CURRENCY = "USD"


class Layout(Struct, frozen=True, kw_only=True):
    """How the columns of files are named, which are ignored, and what is the same in all rows."""

    renamed: Mapping[str, str] = {}
    ignored: frozenset[str] = frozenset()
    kind: ObservationKind | None = None
    component: Component | None = None

    def refuse(self, place: str, columns: Sequence[str]) -> None:
        """Refuse a table that lacks a column, or has an unknown one."""
        for column in self.renamed:
            if column not in columns:
                raise ImportRefused(place, f"no column {column!r}; there are {', '.join(columns)}")
        ours = {self.renamed.get(column, column) for column in columns} - self.ignored
        self._refuse_unknown(place, columns)
        if not ours & {"role", "title", "occupation"}:
            raise ImportRefused(
                place, "the file needs a column with the job: role, title or occupation"
            )
        if "amount" not in ours and not {"min", "max"} <= ours:
            raise ImportRefused(
                place, "the file needs columns with the pay: amount, or min and max"
            )
        if "kind" not in ours and self.kind is None:
            raise ImportRefused(
                place, f"the file has no column `kind`: give --kind, one of {', '.join(_KINDS)}"
            )

    def is_known(self, column: str) -> bool:
        return column in self.ignored or self.renamed.get(column, column) in COLUMNS

    def cells(self, record: Record) -> dict[str, str]:
        """The non-empty cells of a record, by Paycite's column names."""
        found: dict[str, str] = {}
        for column, value in record.values.items():
            if column in self.ignored:
                continue
            ours = self.renamed.get(column, column)
            if ours not in COLUMNS:
                self._refuse_unknown(record.place, record.values)
            if ours in found:
                raise ImportRefused(
                    record.place, f"two columns are read as {ours!r}; the second is {column!r}"
                )
            found[ours] = cell_text(value)
        return {column: cell for column, cell in found.items() if cell}

    def _refuse_unknown(self, place: str, columns: Iterable[str]) -> None:
        """Refuse all unknown columns at once, each with the most similar known name."""
        unknown = [column for column in columns if not self.is_known(column)]
        if unknown:
            listed = ", ".join(
                f"{column!r} ({like[0]}?)" if (like := nearest(column, COLUMNS)) else repr(column)
                for column in unknown
            )
            raise ImportRefused(
                place,
                f"unknown columns: {listed}. Rename one with `--column {unknown[0]}=OURS`, or "
                f"ignore it with `--ignore {unknown[0]}`. Known columns: {', '.join(COLUMNS)}",
            )


def read_observations(
    files: Sequence[Path],
    layout: Layout,
    parser: FieldParser,
    progress: Progress = lambda _: None,
    say: Say = lambda _: None,
) -> Iterator[Observation | RefusedRow]:
    """Yield the observations of the files, and the refused rows. ImportRefused for a file of
    another layout."""
    for file in files:
        for record in read_records(file, layout.refuse, progress, layout.is_known, say):
            if isinstance(record, RefusedRow):
                yield record
                continue
            try:
                yield _observation(layout.cells(record), layout, parser)
            except RowRefused as error:
                yield refuse_row(record.place, error.reason, error.value)


def _observation(cells: Mapping[str, str], layout: Layout, parser: FieldParser) -> Observation:
    kind = _choose("kind", cells.get("kind"), layout.kind, _KINDS)
    if kind is None:
        raise RowRefused("the row has no kind of pay: give --kind", "")
    if cells.get("currency", _CURRENCY).upper() != _CURRENCY:
        raise RowRefused(f"the currency is not {_CURRENCY}", cells["currency"])
    job = _job(cells, parser)
    stated = parse_range(cells.get("amount"), cells.get("min"), cells.get("max"))
    period = agreed_period(stated, cells.get("period")) or "year"
    yearly = annual_pay(stated.low, stated.high, period)
    return Observation(
        id=cells.get("id") or content_id(cells),
        role=job.role,
        occupation=job.occupation,
        level=_level(cells, parser) or job.level,
        geography=parser.parse_place(cells.get("place")),
        title=cells.get("title"),
        place=cells.get("place"),
        employer=cells.get("employer"),
        low=yearly.low,
        high=yearly.high,
        component=_choose("component", cells.get("component"), layout.component, _COMPONENTS)
        or "base",
        kind=kind,
        date=parse_date(cells["date"]) if "date" in cells else None,
    )


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


def _job(cells: Mapping[str, str], parser: FieldParser) -> Job:
    title = cells.get("title")
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


def _level(cells: Mapping[str, str], parser: FieldParser) -> str | None:
    if "level" in cells:
        return parser.parse_level(cells["level"])
    return parser.parse_years(cells["years"]) if "years" in cells else None
