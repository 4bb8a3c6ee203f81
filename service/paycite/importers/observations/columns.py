"""Find out which column of a file is what: by its own name, an option, or a common header."""

import re
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

COLUMNS = (
    *("id", "role", "title", "occupation", "level", "years", "place", "city", "state", "zip"),
    *("amount", "min", "max", "period", "currency", "component"),
    *("employer", "date", "kind"),
)
_PLACE_PARTS = {"city", "state", "zip"}
_PAY_ENDS = {"min", "max"}

# Headers of exports of applicant-tracking, staffing and payroll systems, each for one of ours.
_HEADERS: dict[str, tuple[str, ...]] = {
    "id": (
        *("placement id", "placement no", "placement nr", "placement number"),
        *("record id", "offer id", "placement ref", "placement reference"),
    ),
    "title": (
        *("job title", "position", "position title", "job", "job name", "title of position"),
        *("placement title", "job order title", "job position"),
    ),
    "occupation": ("soc", "soc code", "occupation code", "onet code", "onet soc code"),
    "level": ("seniority", "seniority level", "experience level", "job level", "career level"),
    "years": (
        *("years of experience", "years experience", "experience years", "yoe", "yrs exp"),
        *("yrs experience", "years exp", "yrs of experience", "total years of experience"),
    ),
    "place": (
        *("location", "job location", "work location", "office location", "client location"),
        *("city state", "city and state", "city st", "metro", "metro area", "worksite", "market"),
    ),
    "city": ("job city", "work city", "city name", "town", "client city", "worksite city"),
    "state": (
        *("job state", "work state", "st", "state code", "state province", "province state"),
        *("client state", "worksite state"),
    ),
    "zip": ("zip code", "postal code", "zip postal code", "postcode", "job zip", "work zip"),
    "period": (
        *("pay period", "salary period", "rate period", "pay type", "salary type", "rate type"),
        *("pay unit", "salary unit", "rate unit", "unit of pay", "pay basis", "salary basis"),
        *("per", "unit", "pay rate type", "salary or hourly", "hourly or salary", "wage type"),
    ),
    "currency": ("pay currency", "salary currency", "currency code", "rate currency"),
    "employer": (
        *("client", "client name", "client company", "company", "company name", "employer name"),
        *("customer", "customer name", "hiring company", "account name", "organization"),
    ),
    "date": (
        *("start date", "placement date", "date placed", "placed on", "hire date", "date of hire"),
        *("offer date", "date hired", "date started", "placed date", "date of placement", "start"),
    ),
}
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
_PAY = {"salary", "pay", "wage", "wages", "rate"}
_PAY_WORDS = {
    *("annual", "annualized", "yearly", "hourly", "monthly", "weekly", "daily", "base", "basic"),
    *("starting", "start", "gross", "offered", "agreed", "final", "accepted", "placement", "job"),
    *("per", "an", "a", "hour", "hr", "year", "yr", "annum", "month", "week", "day", "usd", "us"),
    *("in", "dollars", "amount", "range", "candidate", "employee"),
}
_LOW, _HIGH = {"min", "minimum", "low", "from"}, {"max", "maximum", "high", "to"}
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _words(header: str) -> list[str]:
    """The words of a header: `jobTitle`, `JOB_TITLE` and `Job Title:` are `job title`."""
    spelled = header.replace("%", " percent ").replace("#", " no ")
    return _WORD.findall(_CAMEL.sub(" ", spelled).casefold())


def _squeeze(header: str) -> str:
    return "".join(_words(header))


_KNOWN = {_squeeze(ours): ours for ours in COLUMNS} | {
    _squeeze(header): ours for ours, headers in _HEADERS.items() for header in headers
}
_SKIPPED = frozenset(map(_squeeze, _UNRELATED))


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
        return is_named or bool(_find_ours(column)) or _squeeze(column) in _SKIPPED

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
                (unused if _squeeze(column) in _SKIPPED else unknown).append(column)
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
    return _KNOWN.get(_squeeze(header)) or _find_pay(set(_words(header)))


def _find_pay(words: set[str]) -> str | None:
    """Read `Base Salary (USD)`, `Hourly Rate` and `Salary Min` by their words."""
    ends = [end for end, said in (("min", _LOW), ("max", _HIGH)) if said & words]
    is_base = "base" in words
    allowed = _PAY | _PAY_WORDS | _LOW | _HIGH | ({"comp", "compensation"} if is_base else set())
    if not (words & _PAY or is_base) or len(ends) > 1 or not words <= allowed:
        return None
    return ends[0] if ends else "amount"


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
        for word in _words(column)
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
        f"{column!r} ({like[0]}?)" if (like := nearest(column, COLUMNS)) else repr(column)
        for column in unknown
    )
    ignoring = " ".join(f"--ignore {shlex.quote(column)}" for column in unknown)
    raise ImportRefused(
        place,
        f"unknown columns: {listed}. Skip what is not about pay with `{ignoring}`, or map a column "
        f"with `--column {shlex.quote(unknown[0] + '=OURS')}`. OURS is one of {', '.join(COLUMNS)}",
    )
