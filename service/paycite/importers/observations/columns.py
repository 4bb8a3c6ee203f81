"""Find out which column of a file is what: by its own name, an option, or a common header."""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from msgspec import Struct

from paycite.importers import ImportRefused
from paycite.importers.common.records import Record, cell_text
from paycite.importers.observations.dates import DateOrder
from paycite.match import amounts, nearest
from paycite.model.figure import Component
from paycite.model.observation import ObservationKind
from paycite.model.pay import StatedPeriod
from paycite.tables.headers import HEADERS, find_pay, split_header, squeeze_header

COLUMNS = (
    *("id", "role", "title", "occupation", "level", "years", "place", "city", "state", "zip"),
    *("amount", "min", "max", "period", "currency", "component"),
    *("employer", "date", "kind"),
)
_PLACE_PARTS = {"city", "state", "zip"}
_PAY_ENDS = {"min", "max"}

# Common headers of what is no part of an observation. A status or a type of employment is not
# among them: it may decide whether a row counts.
_UNRELATED = (
    *("candidate", "candidate name", "candidate id", "employee", "employee name", "first name"),
    *("last name", "name", "contractor", "consultant", "talent", "email", "candidate email"),
    *("phone", "recruiter", "recruiter name", "sourcer", "account manager", "owner", "am"),
    *("placed by", "sales rep", "hiring manager", "contact", "notes", "comments", "remarks"),
    *("fee", "fee percent", "fee percentage", "placement fee", "fee amount", "commission"),
    *("bill rate", "markup", "margin", "gross margin", "spread", "end date", "invoice date"),
    *("invoice", "invoice number", "job id", "req", "req id", "requisition", "requisition id"),
    *("job order", "job order id", "source", "job url", "url", "link", "row", "no"),
)
# It may be more than base pay, so only a user can say that it is the amount.
_TOTAL_PAY = {"comp", "compensation"}
_KNOWN = {squeeze_header(ours): ours for ours in COLUMNS} | HEADERS
_SKIPPED = frozenset(map(squeeze_header, _UNRELATED))


class ColumnMap(Struct, frozen=True, kw_only=True):
    """The columns of a table: ours by their names, those that are not used, and the pay period
    that the headers of pay name: `Hourly Rate`."""

    names: Mapping[str, str]
    unused: Sequence[str]
    period: StatedPeriod | None

    def cells(self, record: Record) -> dict[str, str]:
        """The non-empty cells of a record, by Paycite's column names."""
        found = {ours: cell_text(record.values[column]) for column, ours in self.names.items()}
        return {column: cell for column, cell in found.items() if cell}

    def describe(self) -> str:
        """Say what each column is read as, unless its name says it."""
        said = [f"{column} as {ours}" for column, ours in self.names.items() if column != ours]
        sentences = [f"Columns: {', '.join(said)}."] if said else []
        if self.unused:
            sentences.append(f"Not used: {', '.join(self.unused)}.")
        return " ".join(sentences)


class Layout(Struct, frozen=True, kw_only=True):
    """How the columns of files are named, which are ignored, and what is the same in all rows."""

    renamed: Mapping[str, str] = {}
    ignored: frozenset[str] = frozenset()
    kind: ObservationKind | None = None
    component: Component | None = None
    dates: DateOrder | None = None

    def check(self, place: str, columns: Sequence[str]) -> None:
        """Refuse a table that lacks a column, or has an unknown one."""
        for column in self.renamed:
            if column not in columns:
                raise ImportRefused(place, f"no column {column!r}; there are {', '.join(columns)}")
        ours = set(self.map_columns(place, columns).names.values())
        if not ours & {"role", "title", "occupation"}:
            raise ImportRefused(
                place, "the file needs a column with the job: role, title or occupation"
            )
        if "amount" not in ours and not ours >= _PAY_ENDS:
            raise ImportRefused(
                place, "the file needs columns with the pay: amount, or min and max"
            )
        if "kind" not in ours and self.kind is None:
            kinds = ", ".join(get_args(ObservationKind))
            raise ImportRefused(
                place, f"the file has no column `kind`: give --kind, one of {kinds}"
            )

    def is_known(self, column: str) -> bool:
        is_named = column in self.ignored or column in self.renamed
        return is_named or bool(_find_ours(column)) or squeeze_header(column) in _SKIPPED

    def map_columns(self, place: str, columns: Iterable[str]) -> ColumnMap:
        """Map the columns. One that an option or its own name does not map is mapped by a common
        header, unless it says again what those say. ImportRefused for two that say the same, and
        for unknown ones."""
        names: dict[str, str] = {}
        guesses: dict[str, list[str]] = defaultdict(list)
        unused: list[str] = []
        unknown: list[str] = []
        for column in columns:
            if column in self.ignored:
                continue
            ours = self.renamed.get(column, column)
            if ours in COLUMNS:
                if ours in names.values():
                    raise ImportRefused(
                        place, f"two columns are read as {ours!r}; the second is {column!r}"
                    )
                names[column] = ours
            elif guess := _find_ours(column):
                guesses[guess].append(column)
            else:
                (unused if squeeze_header(column) in _SKIPPED else unknown).append(column)
        _refuse_unknown(place, unknown)
        stated = set(names.values())
        for ours, found in guesses.items():
            if _same_as(ours) & stated:
                unused += found
                continue
            others = [one for other in _same_as(ours) - {ours} for one in guesses.get(other, ())]
            _refuse_ambiguous(place, ours, [*found, *others])
            names[found[0]] = ours
        return ColumnMap(names=names, unused=unused, period=_find_period(names))


def _find_ours(header: str) -> str | None:
    """The column of ours that a common header means."""
    return _KNOWN.get(squeeze_header(header)) or find_pay(header)


def _same_as(ours: str) -> set[str]:
    """The columns of ours that say the same: a place or its parts, an amount or its ends."""
    match ours:
        case "place":
            return {"place", *_PLACE_PARTS}
        case "amount":
            return {"amount", *_PAY_ENDS}
        case _ if ours in _PLACE_PARTS:
            return {ours, "place"}
        case _ if ours in _PAY_ENDS:
            return {ours, "amount"}
    return {ours}


def _find_period(names: Mapping[str, str]) -> StatedPeriod | None:
    found = {
        period
        for column, ours in names.items()
        if ours in ("amount", *_PAY_ENDS)
        for word in split_header(column)
        if (period := amounts.parse_period(word))
    }
    return found.pop() if len(found) == 1 else None


def _refuse_ambiguous(place: str, ours: str, columns: Sequence[str]) -> None:
    if len(columns) > 1:
        listed = " and ".join(map(repr, columns))
        options = " or ".join(
            f"`--column {shlex.quote(f'{column}={_find_ours(column)}')}`" for column in columns
        )
        raise ImportRefused(
            place, f"columns {listed} may both be the {ours}. Choose one with {options}"
        )


def _refuse_unknown(place: str, unknown: Sequence[str]) -> None:
    """Refuse all unknown columns at once, each with the most similar known name."""
    if not unknown:
        return
    listed = ", ".join(
        f"{column!r} ({like}?)" if (like := _find_similar(column)) else repr(column)
        for column in unknown
    )
    ignoring = " ".join(f"--ignore {shlex.quote(column)}" for column in unknown)
    raise ImportRefused(
        place,
        f"unknown columns: {listed}. Skip what is not about pay with `{ignoring}`, or map a column "
        f"with `--column {shlex.quote(unknown[0] + '=OURS')}`. OURS is one of {', '.join(COLUMNS)}",
    )


def _find_similar(header: str) -> str | None:
    """The column of ours that an unknown header may mean: by one of its words, of which the last
    says most (`Candidate Title`), or by its letters."""
    words = split_header(header)
    if not _TOTAL_PAY.isdisjoint(words):
        return "amount"
    by_word = filter(None, map(_find_ours, reversed(words)))
    return next(by_word, None) or next(iter(nearest(header, COLUMNS)), None)
