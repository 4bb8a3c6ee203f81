"""Parse the fields of rows, the same way for every importer: titles, places, dates and pay."""

import datetime
import re
import reprlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple, TypeVar

import msgspec

from paycite.match import Vocabulary, amounts, level_of_years
from paycite.match.amounts import MOST_CONVERTED, AmountError, parse_pay
from paycite.model.answer import Interval
from paycite.model.money import cents, in_dollars, pay_in_dollars, per_period, range_in_dollars
from paycite.model.pay import PERIODS_A_YEAR, StatedPay, StatedPeriod
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION

T = TypeVar("T")
TextT = TypeVar("TextT", str, str | None)
LEAST, MOST = 10_000, 10_000_000  # dollars a year; the audit of figures has the same bounds
EARLIEST = datetime.date(2000, 1, 1)
NO_SUCH_DAY = "the date has a day that does not exist"
WIDEST = 5  # the high end of a range over its low end
HOW_CONVERTED = (
    "Pay of a shorter period is converted to a year of full-time work: "
    + ", ".join(f"{n:,} {period}s" for period, n in PERIODS_A_YEAR.items() if n > 1)
    + ". A range counts as its geometric midpoint."
)
HOW_READ = f"{HOW_CONVERTED} Rows of one employer with the same title, place and pay count once."
_SHOWN = 200  # characters
_NAMES_NONE = "Paycite does not know the {}"
PLACE_UNKNOWN = _NAMES_NONE.format("place")
# The unit codes of UN/CEFACT, which schema.org allows as `unitCode`.
_UNIT_CODES: dict[str, StatedPeriod] = {
    "ann": "year",
    "mon": "month",
    "wee": "week",
    "hur": "hour",
}
# What columns such as "Pay Type" say instead of a period.
_PAY_TYPES: dict[str, StatedPeriod] = {"salary": "year", "salaried": "year"}


def shorten(value: object) -> str:
    """Shorten a value of a row for a message."""
    is_nested = isinstance(value, dict | list)
    return (reprlib.repr(value) if is_nested else str(value))[:_SHOWN]


class RowRefused(Exception):
    """A row is not an observation: a reason that rows share, the value in this row, and values that
    may be meant."""

    def __init__(self, reason: str, value: object, suggestions: Sequence[str] = ()) -> None:
        self.reason, self.value, self.suggestions = reason, shorten(value), tuple(suggestions)
        super().__init__(f"{reason}: {self.value}")


class Title(NamedTuple):
    role: str
    level: str | None


class Job(NamedTuple):
    """A role, an occupation that is not a role, or a role found by its occupation."""

    role: str | None
    occupation: str | None
    level: str | None


class StatedRange(NamedTuple):
    """In U.S. dollars per `period`, which is None if not stated."""

    low: float
    high: float
    period: StatedPeriod | None


class Pay(NamedTuple):
    """In U.S. dollars a year."""

    low: float
    high: float


class FieldParser:
    """Parses fields with the names in a dataset, each text once. RowRefused where it cannot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._names = Vocabulary(snapshot)
        self._roles = {
            role.soc_codes[0]: role.id for role in snapshot.roles.values() if role.is_occupation
        }
        self.corrected_places: dict[str, str] = {}  # typos, and ZIP codes without leading zeros
        self.parse_title: Callable[[str], Title] = _once(self._title)
        self.parse_level: Callable[[str], str] = _once(self._level)
        self.parse_place: Callable[[str | None], str] = _once(self._geography)

    def _title(self, text: str) -> Title:
        """The role and the level in a title; the id of a role counts as a title."""
        try:
            (role, _), level = self._names.parse_title(text)
        except Refusal as refusal:
            raise _unknown("title", refusal, text) from None
        return Title(role.id, level[0].id if level else None)

    def parse_job(self, title: str | None, occupation: str | None) -> Job:
        """Parse the role and level of a title. If the title names no role, it is another job, and
        only the occupation (a SOC code) counts. Without a title, the occupation may be a role. An
        ambiguous title is refused in any case."""
        if title:
            try:
                return Job(self.parse_title(title).role, None, self.parse_title(title).level)
            except RowRefused as refused:
                if not occupation or refused.reason != _NAMES_NONE.format("title"):
                    raise
            return Job(None, self.parse_occupation(occupation), None)
        if not occupation:
            raise RowRefused("the row has neither a title nor an occupation", "")
        return Job(self.find_role(occupation), self.parse_occupation(occupation), None)

    def check_full_time(self, title: str | None) -> None:
        """Refuse a title of part-time or contract work: pay is that of a full-time employee."""
        if title and self._names.find_other_work(title):
            raise RowRefused("the title is that of part-time or contract work", title)

    def _level(self, text: str) -> str:
        try:
            return self._names.parse_level(text)[0].id
        except Refusal as refusal:
            raise _unknown("level", refusal, text) from None

    def _geography(self, text: str | None) -> str:
        """The metro of a place; the nation if no place is given."""
        if text is None:
            return NATION
        try:
            metro, match = self._names.parse_metro(text)
        except Refusal as refusal:
            raise _unknown("place", refusal, text) from None
        if match.method == "fuzzy":
            self.corrected_places[shorten(text)] = metro.id
        return metro.id

    def parse_years(self, text: str) -> str:
        years = parse_number("years", text)
        if not 0 <= years <= 60:
            raise RowRefused("the years are not from 0 to 60", text)
        return level_of_years(years, text, self._snapshot.levels)[0].id

    def parse_occupation(self, code: str) -> str:
        """Write a SOC code as SOC 2018 does. The code of a part of an occupation in O*NET
        (15-2051.01) becomes that of the occupation."""
        digits = _digits(code)
        occupation = f"{digits[:2]}-{digits[2:6]}"
        if occupation not in self._snapshot.occupations or len(digits) not in (6, 8):
            raise RowRefused("Paycite does not know the occupation", code)
        return occupation

    def find_occupation(self, code: str) -> str | None:
        """The occupation of a SOC code; None if Paycite does not have it."""
        try:
            return self.parse_occupation(code)
        except RowRefused:
            return None

    def find_role(self, code: str) -> str | None:
        """Find the role that equals an occupation. None if the occupation only resembles roles, and
        for a part of one: business intelligence analysts (15-2051.01) are not data scientists."""
        is_whole = _digits(code)[6:] in ("", "00")
        return self._roles.get(self.parse_occupation(code)) if is_whole else None


def _once(read: Callable[[TextT], T]) -> Callable[[TextT], T]:
    """Cache a parser, refusals included: they take the longest."""

    @cache
    def outcome(text: TextT) -> T | RowRefused:
        try:
            return read(text)
        except RowRefused as refused:
            return _without_traceback(refused)

    def remembered(text: TextT) -> T:
        found = outcome(text)
        if isinstance(found, RowRefused):
            raise _without_traceback(found)
        return found

    return remembered


def _without_traceback(refused: RowRefused) -> RowRefused:
    return RowRefused(refused.reason, refused.value, refused.suggestions)


def _digits(code: str) -> str:
    return "".join(re.findall(r"\d", code))


def _unknown(what: str, refusal: Refusal, text: str) -> RowRefused:
    return RowRefused(_why(what, refusal), text, refusal.faults[0].suggestions)


def _why(what: str, refusal: Refusal) -> str:
    """The reason in a few words that do not depend on the text."""
    kind = refusal.faults[0].type
    if what == "title" and kind == "unknown-level":
        return "the title has an unrecognized level"
    known = {
        "unknown": _NAMES_NONE.format(what),
        "ambiguous": f"the {what} is ambiguous",
    }
    return known.get(kind.partition("-")[0], f"the {what} is invalid")


def parse_number(what: str, text: str) -> float:
    """Parse a number as people and spreadsheets write it: `$93,000.00 `, `48.5`."""
    pay = parse_stated_pay(what, text)
    if pay.period or pay.low != pay.high:
        raise RowRefused(f"the {what} is not a number", text)
    return float(pay.low)


def parse_stated_pay(what: str, text: str) -> StatedPay:
    """Parse an amount or a range of pay as people write it: `$93,000.00`, `120-150k`, `$48/hr`."""
    try:
        return parse_pay(text)
    except AmountError as error:
        raise RowRefused(f"the {what} {error.kind}", text, error.suggestions) from None


@cache
def parse_period(text: str) -> StatedPeriod:
    said = text.strip().casefold()
    found = _UNIT_CODES.get(said) or _PAY_TYPES.get(said) or amounts.parse_period(text)
    if found is None:
        raise RowRefused("unknown pay period", text)
    return found


def agreed_period(pay: StatedRange, stated: str | None) -> StatedPeriod | None:
    """The period that a field states or that the pay says; they must agree. None for neither."""
    period = parse_period(stated) if stated else None
    if period and pay.period and period != pay.period:
        raise RowRefused("the pay says another period", f"{pay.period}, not {stated}")
    return period or pay.period


def parse_date(text: str) -> datetime.date:
    """Parse the day of a date, or of a date and time. Future dates are refused."""
    day, _, _ = text.replace("T", " ").partition(" ")
    try:
        found = msgspec.convert(day, datetime.date)
    except msgspec.ValidationError:
        is_date = re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", day)
        reason = NO_SUCH_DAY if is_date else "the date is not written like 2026-01-31"
        raise RowRefused(reason, text) from None
    return check_day(found, text)


def check_day(found: datetime.date, text: str) -> datetime.date:
    """Refuse a day before 2000 or in the future."""
    if found < EARLIEST:
        raise RowRefused(f"the date is before {EARLIEST}", text)
    if found > datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1):
        raise RowRefused("the date is in the future", text)
    return found


def parse_range(amount: str | None, minimum: str | None, maximum: str | None) -> StatedRange:
    """Parse pay: an amount or a range in one text, or both ends."""
    if amount and (minimum or maximum):
        raise RowRefused(
            "the row has both an amount and a range", f"{amount}; {minimum} to {maximum}"
        )
    if amount:
        pay = parse_stated_pay("amount", amount)
        if pay.high is None:
            raise RowRefused("the row has only one end of a range", amount)
        return StatedRange(float(pay.low), float(pay.high), pay.period)
    if minimum and maximum:
        low, high = _parse_end("minimum", minimum), _parse_end("maximum", maximum)
        if low.period and high.period and low.period != high.period:
            raise RowRefused("the pay has two periods", f"{minimum} to {maximum}")
        return StatedRange(float(low.low), float(high.low), low.period or high.period)
    if minimum or maximum:
        raise RowRefused("the row has only one end of a range", f"{minimum} to {maximum}")
    raise RowRefused("the row has no pay", "")


def _parse_end(what: str, text: str) -> StatedPay:
    pay = parse_stated_pay(what, text)
    if pay.low != pay.high:
        raise RowRefused(f"the {what} is not a number", text)
    return pay


def annual_pay(low: float, high: float, of: StatedPeriod) -> Pay:
    """Convert pay of a period to a year of full-time work (see `PERIODS_A_YEAR`)."""
    if low > high:
        raise RowRefused(
            "the minimum is above the maximum", f"{in_dollars(low)} to {in_dollars(high)}"
        )
    times = PERIODS_A_YEAR[of]
    yearly = Pay(*(cents(Decimal(str(amount)) * times) for amount in (low, high)))
    if of != "year" and yearly.high > MOST_CONVERTED:
        raise RowRefused(
            f"more than ${MOST_CONVERTED:,} a year, so the pay is for another period",
            f"{in_dollars(high)} {per_period(of)}",
        )
    if not LEAST <= yearly.low <= yearly.high <= MOST:
        raise RowRefused(
            f"the pay is not from ${LEAST:,} to ${MOST:,} a year",
            pay_in_dollars(Interval(min=low, max=high), of),
            _suggest(low, high) if of == "year" else (),
        )
    if yearly.high > WIDEST * yearly.low:
        raise RowRefused(
            f"the maximum is more than {WIDEST} times the minimum",
            range_in_dollars(Interval(min=low, max=high)),
        )
    return yearly


def _suggest(low: float, high: float) -> list[str]:
    """Pay an hour, or in thousands a year, that is written without saying so."""
    ends = dict.fromkeys(f"{amount:g}" for amount in (low, high))
    return [
        "-".join(f"{end}{mark}" for end in ends)
        for mark, times in (("k", 1_000), ("/hr", PERIODS_A_YEAR["hour"]))
        if low * times >= LEAST and high * times <= MOST_CONVERTED
    ]
