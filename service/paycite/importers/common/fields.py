"""What every importer of observations reads in one way: titles, levels, places, dates and pay."""

import datetime
import re
import reprlib
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, TypeVar

import msgspec

from paycite.match import Vocabulary, level_of_years
from paycite.model.observation import PERIODS_A_YEAR, PayPeriod
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION

T = TypeVar("T")
TextT = TypeVar("TextT", str, str | None)
LEAST, MOST = 10_000, 10_000_000  # dollars a year; the audit of figures has the same bounds
MOST_CARRIED = 1_000_000  # dollars a year that pay of another period may come to
EARLIEST = datetime.date(2000, 1, 1)
WIDEST = 5  # of a range, its high end over its low one
HOW_READ = (
    "Pay of a shorter period is carried to a year of full-time work: "
    + ", ".join(f"{n:,} {period}s" for period, n in PERIODS_A_YEAR.items() if n > 1)
    + ". A range stands for its geometric midpoint. Of one employer, what is alike in title, place "
    "and pay counts once."
)
_SHOWN = 200  # characters
_NAMES_NONE = "the {} names none that Paycite knows"
_NUMBER = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.\d*)?|\.\d+", re.ASCII)
_PER = ("per", "a", "an", "p")
_PERIOD_WORDS: dict[str, PayPeriod] = {
    **dict.fromkeys(("year", "yr", "yearly", "annual", "annually", "annum", "y", "ann"), "year"),
    **dict.fromkeys(("month", "monthly", "mo", "mon"), "month"),
    **dict.fromkeys(("biweek", "bi weekly", "biweekly", "fortnight"), "biweek"),
    **dict.fromkeys(("week", "weekly", "wk", "wee"), "week"),
    **dict.fromkeys(("day", "daily"), "day"),
    **dict.fromkeys(("hour", "hourly", "hr", "h", "hur"), "hour"),
}


def shown(value: object) -> str:
    """What stood in a row, no more of it than is worth reading."""
    is_nested = isinstance(value, dict | list)
    return (reprlib.repr(value) if is_nested else str(value))[:_SHOWN]


class RowRefused(Exception):
    """Why a row is no observation: a reason that rows share, and what stood in this one."""

    def __init__(self, reason: str, value: object) -> None:
        self.reason, self.value = reason, shown(value)
        super().__init__(f"{reason}: {self.value}")


class Title(NamedTuple):
    role: str
    level: str | None


class Job(NamedTuple):
    """Of a role, of an occupation that is no role, or of a role by its occupation."""

    role: str | None
    occupation: str | None
    level: str | None


class Pay(NamedTuple):
    """In U.S. dollars a year."""

    low: float
    high: float


class Reader:
    """Reads the words of rows by the vocabulary of a dataset, each text once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._names = Vocabulary(snapshot)
        self._roles = {
            role.soc_codes[0]: role.id for role in snapshot.roles.values() if role.is_occupation
        }
        self.title: Callable[[str], Title] = _once(self._title)
        self.level: Callable[[str], str] = _once(self._level)
        self.geography: Callable[[str | None], str] = _once(self._geography)

    def _title(self, text: str) -> Title:
        """The role that a title names, and the level that it says; a role's id is its title."""
        try:
            (role, _), level = self._names.parse_title(text)
        except Refusal as refusal:
            raise RowRefused(_why("title", refusal), text) from None
        return Title(role.id, level[0].id if level else None)

    def job(self, title: str | None, occupation: str | None) -> Job:
        """What the title names; the occupation (a SOC code) alone where it names no role, because
        it is another job; and where there is no title, the role that the occupation is, if any. A
        title that may mean more than one role is refused all the same."""
        if title:
            try:
                return Job(self.title(title).role, None, self.title(title).level)
            except RowRefused as refused:
                if not occupation or refused.reason != _NAMES_NONE.format("title"):
                    raise
            return Job(None, self.occupation(occupation), None)
        if not occupation:
            raise RowRefused("neither a title nor an occupation is stated", "")
        return Job(self.role_of(occupation), self.occupation(occupation), None)

    def _level(self, text: str) -> str:
        try:
            return self._names.parse_level(text)[0].id
        except Refusal as refusal:
            raise RowRefused(_why("level", refusal), text) from None

    def _geography(self, text: str | None) -> str:
        """The metro of a place; the nation where there is none."""
        if text is None:
            return NATION
        try:
            return self._names.parse_metro(text)[0].id
        except Refusal as refusal:
            raise RowRefused(_why("place", refusal), text) from None

    def level_of_years(self, text: str) -> str:
        years = number("years", text)
        if not 0 <= years <= 60:
            raise RowRefused("years are from 0 to 60", text)
        return level_of_years(years, text, self._snapshot.levels)[0].id

    def occupation(self, code: str) -> str:
        """A SOC code as SOC 2018 writes it, from any way in which people write it; that of a part
        of an occupation, as O*NET parts them (15-2051.01), as that of the occupation."""
        digits = _digits(code)
        occupation = f"{digits[:2]}-{digits[2:6]}"
        if occupation not in self._snapshot.occupations or len(digits) not in (6, 8):
            raise RowRefused("the occupation is not one that Paycite knows", code)
        return occupation

    def role_of(self, code: str) -> str | None:
        """The role that the occupation of a SOC code is; None where it is only near to some, and
        for a part of it: business intelligence analysts (15-2051.01) are no data scientists."""
        is_whole = _digits(code)[6:] in ("", "00")
        return self._roles.get(self.occupation(code)) if is_whole else None


def _once(read: Callable[[TextT], T]) -> Callable[[TextT], T]:
    """The same, each text read once; refusals, which take longest, are remembered as well."""

    @cache
    def outcome(text: TextT) -> T | RowRefused:
        try:
            return read(text)
        except RowRefused as refused:
            return RowRefused(refused.reason, refused.value)  # without what led to it

    def remembered(text: TextT) -> T:
        found = outcome(text)
        if isinstance(found, RowRefused):
            raise RowRefused(found.reason, found.value)
        return found

    return remembered


def _digits(code: str) -> str:
    return "".join(re.findall(r"\d", code))


def _why(what: str, refusal: Refusal) -> str:
    """The kind of a refusal in a few words, the same for every text."""
    kind = refusal.faults[0].type
    if what == "title" and kind == "unknown-level":
        return "the title may say a level, which cannot be read"
    known = {
        "unknown": _NAMES_NONE.format(what),
        "ambiguous": f"the {what} may mean more than one",
    }
    return known.get(kind.partition("-")[0], f"the {what} cannot be read")


def number(what: str, text: str) -> float:
    """A number as people and spreadsheets write it: `$93,000.00 `, `48.5`."""
    cleaned = text.strip().removeprefix("$").strip()
    if not _NUMBER.fullmatch(cleaned):
        raise RowRefused(f"the {what} is not a number", text)
    return float(cleaned.replace(",", ""))


def period(text: str) -> PayPeriod:
    words = [word for word in re.findall(r"[a-z]+", text.casefold()) if word not in _PER]
    found = _PERIOD_WORDS.get(" ".join(words))
    if found is None:
        raise RowRefused("the period of pay is not known", text)
    return found


def date(text: str) -> datetime.date:
    """The day of a date, or of a date and time. One to come is refused: it was not observed."""
    day, _, _ = text.replace("T", " ").partition(" ")
    try:
        found = msgspec.convert(day, datetime.date)
    except msgspec.ValidationError:
        raise RowRefused("the date is not of the form 2026-01-31", text) from None
    if found < EARLIEST:
        raise RowRefused(f"the date is before {EARLIEST}", text)
    if found > datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1):
        raise RowRefused("the date is to come", text)
    return found


def amounts(amount: str | None, minimum: str | None, maximum: str | None) -> tuple[float, float]:
    """The ends of a range; of a single amount, that twice."""
    if amount and (minimum or maximum):
        raise RowRefused(
            "both an amount and a range are stated", f"{amount}; {minimum} to {maximum}"
        )
    if amount:
        return number("amount", amount), number("amount", amount)
    if minimum and maximum:
        return number("minimum", minimum), number("maximum", maximum)
    if minimum or maximum:
        raise RowRefused("only one end of a range is stated", f"{minimum} to {maximum}")
    raise RowRefused("no pay is stated", "")


def pay(low: float, high: float, of: PayPeriod) -> Pay:
    """Pay of a period as pay of a year of full-time work (see `PERIODS_A_YEAR`)."""
    if low > high:
        raise RowRefused("the minimum is above the maximum", f"{low:,} to {high:,}")
    yearly = Pay(*(round(amount * PERIODS_A_YEAR[of], 2) for amount in (low, high)))
    if of != "year" and yearly.high > MOST_CARRIED:
        raise RowRefused(
            f"more than ${MOST_CARRIED:,} a year: pay of another period", f"{high:,} a {of}"
        )
    if not LEAST <= yearly.low <= yearly.high <= MOST:
        raise RowRefused(f"not from ${LEAST:,} to ${MOST:,} a year", f"{low:,} to {high:,} a {of}")
    if yearly.high > WIDEST * yearly.low:
        raise RowRefused(
            f"the maximum is more than {WIDEST} times the minimum", f"{low:,} to {high:,}"
        )
    return yearly
