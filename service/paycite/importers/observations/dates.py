"""Read dates in the forms that people and spreadsheets write them."""

import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal

from paycite.importers import ImportRefused
from paycite.importers.common.fields import NO_SUCH_DAY, RowRefused, check_day

DateOrder = Literal["mdy", "dmy"]

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_ISO = "year-month-day"
_ORDERS: dict[DateOrder, str] = {"mdy": "month/day/year", "dmy": "day/month/year"}
_CHOOSE = "add `--dates mdy` (month first) or `--dates dmy` (day first)"
_WEEKDAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_TIME = re.compile(r"[T,\s]+\d{1,2}:\d{2}.*$", re.DOTALL)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/\s]*([a-z]{3,9})\.?[-/,\s]*(\d{4}|\d{2})")
_MONTH_NAMED = re.compile(
    r"([a-z]{3,9})\.?[-/\s]*(\d{1,2})(?:st|nd|rd|th)?(?:[-/,\s]+(\d{4}|\d{2}))"
)
_EXCEL_DAY = re.compile(r"(\d{5})(\.\d+)?")
_EXCEL_ZERO = datetime.date(1899, 12, 30)
_UNREADABLE = "the date is not written like 2026-01-31 or 1/31/2026"


class DateColumn:
    """Parses the dates of a column, and counts the forms they are written in.

    Whether `2/3/2026` is in February or in March is found over the whole column, whose `texts` are
    read for it once, unless `order` says it.
    """

    def __init__(
        self, place: object, texts: Callable[[], Iterable[str]], order: DateOrder | None
    ) -> None:
        self._place, self._texts, self._order = place, texts, order
        self._forms: Counter[str] = Counter()

    def parse(self, text: str) -> datetime.date:
        """RowRefused if it is not a date, or is before 2000 or in the future. ImportRefused if the
        column does not say which of two numbers is the month."""
        try:
            form, day = self._read(_strip(text).casefold())
        except _NoSuchDay:
            raise RowRefused(NO_SUCH_DAY, text) from None
        except ValueError:
            raise RowRefused(_UNREADABLE, text) from None
        self._forms[form] += 1
        return check_day(day, text)

    def describe(self) -> str:
        """Say which forms were found, if others than 2026-01-31."""
        if not set(self._forms) - {_ISO}:
            return ""
        found = (f"{form} ({count:,})" for form, count in self._forms.most_common())
        return f"Dates: {', '.join(found)}."

    def _read(self, text: str) -> tuple[str, datetime.date]:
        """The form and the day. ValueError if there is none."""
        found = _YEAR_FIRST.fullmatch(text)
        if found and (found[2] or len(text) == len("20260131")):
            return _ISO, _date(*map(int, found.group(1, 3, 4)))
        if found := _NUMBERS.fullmatch(text):
            if self._order is None:
                self._order = _find_order(self._place, self._texts())
            first, second = int(found[1]), int(found[3])
            month, day = (first, second) if self._order == "mdy" else (second, first)
            return _ORDERS[self._order], _date(_year(found[4]), month, day)
        if found := _DAY_NAMED.fullmatch(text):
            return "named months", _date(_year(found[3]), _month(found[2]), int(found[1]))
        if found := _MONTH_NAMED.fullmatch(text):
            return "named months", _date(_year(found[3]), _month(found[1]), int(found[2]))
        if found := _EXCEL_DAY.fullmatch(text):
            return "Excel day numbers", _EXCEL_ZERO + datetime.timedelta(days=int(found[1]))
        raise ValueError(text)


def _strip(text: str) -> str:
    """A date without the weekday before it and the time after it."""
    return _TIME.sub("", _WEEKDAY.sub("", text.strip(), count=1))


class _NoSuchDay(ValueError):
    """A date such as 2025-02-30."""


def _date(year: int, month: int, day: int) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        if 1 <= month <= 12 and 1 <= day <= 31:
            raise _NoSuchDay from None
        raise


def _find_order(place: object, texts: Iterable[str]) -> DateOrder:
    """The order that all dates of a column fit, or most, if the others fit neither."""
    only: dict[DateOrder, str] = {}
    either = ""
    for text in texts:
        found = _NUMBERS.fullmatch(_strip(text))
        if not found:
            continue
        first, second = int(found[1]), int(found[3])
        if first <= 12 < second:
            only.setdefault("mdy", text)
        elif second <= 12 < first:
            only.setdefault("dmy", text)
        elif first != second:
            either = either or text
    if len(only) == 2:
        raise ImportRefused(
            place,
            f"some dates have the month first ({only['mdy']!r}), others the day "
            f"({only['dmy']!r}). Correct them, or {_CHOOSE}; the others are then refused",
        )
    if not only and either:
        raise ImportRefused(
            place,
            f"the dates may have the month or the day first, such as {either!r}: {_CHOOSE}",
        )
    return next(iter(only), "mdy")


def _month(name: str) -> int:
    for number, month in enumerate(_MONTHS, start=1):
        if month.startswith(name):
            return number
    raise ValueError(name)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)
