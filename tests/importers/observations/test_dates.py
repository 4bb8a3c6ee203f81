"""Dates as people and spreadsheets write them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycite.importers import ImportRefused
from paycite.importers.common.fields import RowRefused
from paycite.importers.observations.dates import DateColumn, DateOrder

DAY = datetime.date(2026, 2, 25)
WRITTEN = (
    *("2026-02-25", "2026/2/25", "20260225", "2026-02-25T23:30:00-08:00", "2026-02-25 00:00:00"),
    *("2/25/2026", "02/25/26", "2-25-2026", "2/25/2026 12:00:00 AM", " 02.25.2026 "),
    *("25 Feb 2026", "25-Feb-26", "Feb 25, 2026", "February 25th, 2026", "Wed, Feb 25, 2026"),
    *("25 february 2026", "Feb. 25 2026", "46078", "46078.5"),
)


def column(*texts: str, order: DateOrder | None = None) -> DateColumn:
    return DateColumn("a.csv", lambda: texts, order)


@pytest.mark.parametrize("text", WRITTEN)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert column(text).parse(text) == DAY


DATES = st.dates(datetime.date(2000, 1, 1), datetime.date(2025, 12, 31))


@given(days=st.lists(DATES, min_size=1, max_size=5), order=st.sampled_from(["mdy", "dmy"]))
def test_the_whole_column_says_which_number_is_the_month_or_the_option_is_asked_for(
    days: list[datetime.date], order: DateOrder
) -> None:
    form = "%m/%d/%Y" if order == "mdy" else "%d/%m/%Y"
    texts = [day.strftime(form) for day in days]
    stated = column(*texts, order=order)
    assert [stated.parse(text) for text in texts] == days
    found = column(*texts)
    if any(day.day > 12 for day in days) or all(day.day == day.month for day in days):
        assert [found.parse(text) for text in texts] == days
    else:
        with pytest.raises(ImportRefused, match=r"`--dates mdy` .* or `--dates dmy`"):
            found.parse(texts[0])


def test_a_column_of_both_orders_is_refused_with_an_example_of_each() -> None:
    texts = ("3/4/2025", "2/25/2025", "25/2/2025")
    with pytest.raises(ImportRefused, match=r"'2/25/2025'.*'25/2/2025'"):
        column(*texts).parse(texts[0])
    with pytest.raises(RowRefused, match=r"the date is not written like"):
        column(*texts, order="mdy").parse(texts[2])


@pytest.mark.parametrize(
    "text",
    ["", "2024-03", "13/13/2025", "2025-13-01", "Foo 3, 2025", "Mar 2025", "soon", "2026225"],
)
def test_what_is_not_a_day_is_refused(text: str) -> None:
    with pytest.raises(RowRefused, match=r"the date is not written like"):
        column(text).parse(text)


@pytest.mark.parametrize("text", ["2025-02-30", "2/30/2025", "31 Apr 2025", "Feb 29, 2025"])
def test_a_day_that_does_not_exist_is_refused_as_such(text: str) -> None:
    with pytest.raises(RowRefused, match=r"the date has a day that does not exist"):
        column(text).parse(text)


def test_the_forms_are_described_unless_all_are_the_documented_one() -> None:
    texts = ("2/25/2025", "46078", "3/3/2025", "2025-01-31")
    found = column(*texts)
    for text in texts:
        found.parse(text)
    assert found.describe() == (
        "Dates: month/day/year (2), Excel day numbers (1), year-month-day (1)."
    )
    iso = column()
    iso.parse("2025-01-31")
    assert iso.describe() == ""
