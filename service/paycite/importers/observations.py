"""Anyone's rows of pay, in columns of one layout, into observations."""

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
    annual_pay,
    parse_date,
    parse_period,
    parse_range,
)
from paycite.importers.common.progress import Progress
from paycite.importers.common.records import Record, cell_text, content_id, read_records, refuse_row
from paycite.match import nearest
from paycite.model.figure import Component
from paycite.model.observation import Observation, ObservationKind, RefusedRow

COLUMNS = (
    *("id", "role", "title", "occupation", "level", "years", "place"),
    *("amount", "min", "max", "period", "currency", "component"),
    *("employer", "date", "kind"),
)
NOTE = f"Pay as the rows of the source state it. {HOW_READ}"

T = TypeVar("T")
_KINDS: dict[str, ObservationKind] = {kind: kind for kind in get_args(ObservationKind)}
_COMPONENTS: dict[str, Component] = {component: component for component in get_args(Component)}
_CURRENCY = "USD"


class Layout(Struct, frozen=True, kw_only=True):
    """What files call the columns, which of theirs are passed over, and what holds for all rows."""

    renamed: Mapping[str, str] = {}
    ignored: frozenset[str] = frozenset()
    kind: ObservationKind | None = None
    component: Component | None = None

    def refuse(self, place: str, columns: Sequence[str]) -> None:
        """Refuse a table that lacks a column, or has one that is not known."""
        for column in self.renamed:
            if column not in columns:
                raise ImportRefused(place, f"no column {column!r}; there are {', '.join(columns)}")
        ours = {self.renamed.get(column, column) for column in columns} - self.ignored
        self._refuse_unknown(place, columns)
        if not ours & {"role", "title", "occupation"}:
            raise ImportRefused(place, "no column says the job: role, title or occupation")
        if "amount" not in ours and not {"min", "max"} <= ours:
            raise ImportRefused(place, "no column says the pay: amount, or min and max")
        if "kind" not in ours and self.kind is None:
            raise ImportRefused(place, f"no column `kind`: give --kind, of {', '.join(_KINDS)}")

    def cells(self, record: Record) -> dict[str, str]:
        """The texts of a record by our names of the columns, without the empty ones."""
        found: dict[str, str] = {}
        for column, value in record.values.items():
            if column in self.ignored:
                continue
            ours = self.renamed.get(column, column)
            if ours not in COLUMNS:
                self._refuse_unknown(record.place, record.values)
            if ours in found:
                raise ImportRefused(record.place, f"a second column is {ours!r}: {column!r}")
            found[ours] = cell_text(value)
        return {column: cell for column, cell in found.items() if cell}

    def _refuse_unknown(self, place: str, columns: Iterable[str]) -> None:
        """Refuse all that are unknown at once, each with the known name that is nearest to it."""
        unknown = [
            column
            for column in columns
            if column not in self.ignored and self.renamed.get(column, column) not in COLUMNS
        ]
        if unknown:
            listed = ", ".join(
                f"{column!r} ({like[0]}?)" if (like := nearest(column, COLUMNS)) else repr(column)
                for column in unknown
            )
            raise ImportRefused(
                place,
                f"unknown columns: {listed}. Read each with `--column {unknown[0]}=OURS`, or pass "
                f"it over with `--ignore {unknown[0]}`; ours are {', '.join(COLUMNS)}",
            )


def read_observations(
    files: Sequence[Path], layout: Layout, parser: FieldParser, progress: Progress = lambda _: None
) -> Iterator[Observation | RefusedRow]:
    """The observations of the files, and the rows that are none; ImportRefused for a file that is
    not of the layout."""
    for file in files:
        for record in read_records(file, layout.refuse, progress):
            if isinstance(record, RefusedRow):
                yield record
                continue
            try:
                yield _observation(layout.cells(record), layout, parser)
            except RowRefused as error:
                yield refuse_row(record.place, error.reason, error.value)


def _observation(cells: Mapping[str, str], layout: Layout, parser: FieldParser) -> Observation:
    kind = _either("kind", cells.get("kind"), layout.kind, _KINDS)
    if kind is None:
        raise RowRefused("the kind of pay is not stated: give --kind", "")
    if cells.get("currency", _CURRENCY).upper() != _CURRENCY:
        raise RowRefused(f"the currency is not {_CURRENCY}", cells["currency"])
    job = _job(cells, parser)
    stated = parse_range(cells.get("amount"), cells.get("min"), cells.get("max"))
    yearly = annual_pay(*stated, parse_period(cells.get("period", "year")))
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
        component=_either("component", cells.get("component"), layout.component, _COMPONENTS)
        or "base",
        kind=kind,
        date=parse_date(cells["date"]) if "date" in cells else None,
    )


def _either(what: str, cell: str | None, option: T | None, choices: Mapping[str, T]) -> T | None:
    """What a row says, or the option says for all; a row that says otherwise is refused."""
    if cell is None:
        return option
    said = choices.get(cell.lower())
    if said is None:
        raise RowRefused(f"the {what} is none of {', '.join(choices)}", cell)
    if option not in (None, said):
        raise RowRefused(f"the {what} is not {option}, which `--{what}` says of all rows", cell)
    return said


def _job(cells: Mapping[str, str], parser: FieldParser) -> Job:
    title = cells.get("title")
    if "role" not in cells:
        return parser.parse_job(title, cells.get("occupation"))
    role, level = parser.parse_title(cells["role"])
    return Job(role, None, level or (_level_said(title, parser) if title else None))


def _level_said(title: str, parser: FieldParser) -> str | None:
    """The level of a title that stands beside a role, and so need not be one that can be read."""
    try:
        return parser.parse_title(title).level
    except RowRefused:
        return None


def _level(cells: Mapping[str, str], parser: FieldParser) -> str | None:
    if "level" in cells:
        return parser.parse_level(cells["level"])
    return parser.parse_years(cells["years"]) if "years" in cells else None
