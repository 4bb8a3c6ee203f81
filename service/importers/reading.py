"""What every importer of observations reads in one way: titles, levels, places, dates and pay."""

import datetime
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import msgspec

from service.match import Vocabulary, level_of_years
from service.model.observation import PERIODS_A_YEAR, PayPeriod
from service.model.problem import Refusal
from service.model.snapshot import Snapshot
from service.model.vocabulary import NATION

LEAST, MOST = 10_000, 10_000_000  # dollars a year; the audit of figures has the same bounds
MOST_AN_HOUR = 1_000
WIDEST = 5  # of a range, its high end over its low one
_PERIOD_WORDS: dict[str, PayPeriod] = {
    **dict.fromkeys(("year", "yr", "yearly", "annual", "annually", "annum", "y", "ann"), "year"),
    **dict.fromkeys(("month", "monthly", "mo", "mon"), "month"),
    **dict.fromkeys(("biweek", "bi weekly", "biweekly", "fortnight"), "biweek"),
    **dict.fromkeys(("week", "weekly", "wk", "wee"), "week"),
    **dict.fromkeys(("day", "daily"), "day"),
    **dict.fromkeys(("hour", "hourly", "hr", "h", "hur"), "hour"),
}


class RowRefused(Exception):
    """Why a row is no observation: a reason that rows share, and what stood in this one."""

    def __init__(self, reason: str, value: object) -> None:
        self.reason, self.value = reason, str(value)
        super().__init__(f"{reason}: {value}")


class Title(NamedTuple):
    role: str
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
        self.title: Callable[[str], Title] = cache(self._title)
        self.level: Callable[[str], str] = cache(self._level)
        self.geography: Callable[[str | None], str] = cache(self._geography)

    def _title(self, text: str) -> Title:
        """The role that a title names, and the level that it says; a role's id is its title."""
        try:
            (role, _), level = self._names.title(text)
        except Refusal as refusal:
            raise RowRefused(_why("title", refusal), text) from None
        return Title(role.id, level[0].id if level else None)

    def _level(self, text: str) -> str:
        try:
            return self._names.level(text)[0].id
        except Refusal as refusal:
            raise RowRefused(_why("level", refusal), text) from None

    def _geography(self, text: str | None) -> str:
        """The metro of a place; the nation where there is none."""
        if text is None:
            return NATION
        try:
            return self._names.metro(text)[0].id
        except Refusal as refusal:
            raise RowRefused(_why("place", refusal), text) from None

    def level_of_years(self, text: str) -> str:
        years = number("years", text)
        if not 0 <= years <= 60:
            raise RowRefused("years are from 0 to 60", text)
        return level_of_years(years, text, self._snapshot.levels)[0].id

    def occupation(self, code: str) -> str:
        """A SOC code as SOC 2018 writes it, from any way in which people write it."""
        digits = "".join(re.findall(r"\d", code.removesuffix(".00")))
        occupation = f"{digits[:2]}-{digits[2:]}"
        if occupation not in self._snapshot.occupations:
            raise RowRefused("the occupation is not one that Paycite knows", code)
        return occupation

    def role_of(self, occupation: str) -> str | None:
        """The role that an occupation is; None where it is only near to some."""
        return self._roles.get(occupation)


def _why(what: str, refusal: Refusal) -> str:
    """The kind of a refusal in a few words, the same for every text."""
    kind = refusal.faults[0].type.partition("-")[0]
    known = {
        "unknown": f"the {what} names none that Paycite knows",
        "ambiguous": f"the {what} may mean more than one",
    }
    return known.get(kind, f"the {what} cannot be read")


def number(what: str, text: str) -> float:
    """A number as people and spreadsheets write it: `$93,000.00 `, `48.5`."""
    cleaned = text.strip().removeprefix("$").replace(",", "").strip()
    if not re.fullmatch(r"\d+(\.\d*)?|\.\d+", cleaned):
        raise RowRefused(f"the {what} is not a number", text)
    return float(cleaned)


def period(text: str) -> PayPeriod:
    found = _PERIOD_WORDS.get(" ".join(re.findall(r"[a-z]+", text.casefold())))
    if found is None:
        raise RowRefused("the period of pay is not known", text)
    return found


def date(text: str) -> datetime.date:
    try:
        return msgspec.convert(text[:10], datetime.date)
    except msgspec.ValidationError:
        raise RowRefused("the date is not of the form 2026-01-31", text) from None


def pay(low: float, high: float, of: PayPeriod) -> Pay:
    """Pay of a period as pay of a year of full-time work (see `PERIODS_A_YEAR`)."""
    if low > high:
        raise RowRefused("the minimum is above the maximum", f"{low:,} to {high:,}")
    if of == "hour" and high > MOST_AN_HOUR:
        raise RowRefused(f"more than ${MOST_AN_HOUR:,} an hour: pay of another period", f"{high:,}")
    yearly = Pay(*(round(amount * PERIODS_A_YEAR[of], 2) for amount in (low, high)))
    if not LEAST <= yearly.low <= yearly.high <= MOST:
        raise RowRefused(f"not from ${LEAST:,} to ${MOST:,} a year", f"{low:,} to {high:,} a {of}")
    if yearly.high > WIDEST * yearly.low:
        raise RowRefused(
            f"the maximum is more than {WIDEST} times the minimum", f"{low:,} to {high:,}"
        )
    return yearly
