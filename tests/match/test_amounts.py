"""Amounts of pay as people write them."""

import time
import timeit
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycite.match.amounts import AmountError, parse_amounts, parse_pay
from paycite.model.answer import PayPeriod
from paycite.model.pay import PERIODS_A_YEAR, StatedPeriod
from support.hostile import PAYLOADS

LONGEST = 200  # characters, as in questions/parameters.py


@pytest.mark.parametrize(
    ("text", "period", "low", "high"),
    [
        ("185000", "year", 185_000, 185_000),
        ("$185,000.50", "year", 185_000.5, 185_000.5),
        ("150k-180k", "year", 150_000, 180_000),
        ("150-180k", "year", 150_000, 180_000),
        ("150000 – 180000", "year", 150_000, 180_000),  # noqa: RUF001
        ("$72.505-90", "hour", 72.51, 90),
        ("$61.10 an hour", "hour", 61.1, 61.1),
    ],
)
def test_an_amount_or_a_range_is_parsed(
    text: str, period: PayPeriod | None, low: float, high: float
) -> None:
    pay = parse_amounts(text, period)
    assert (pay.range.min, pay.range.max, pay.period) == (low, high, period)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("$131,500—$174,250 USD", 131_500, 174_250),
        ("USD 95K to USD 110K p.a.", 95_000, 110_000),
        ("US$1.2M", 1_200_000, 1_200_000),
        ("$ 88,000", 88_000, 88_000),
        ("$88 000", 88_000, 88_000),
        ("140k$", 140_000, 140_000),
        ("$118-162,000 DOE", 118_000, 162_000),
        ("Base pay range: $101.5K – $139K • Stock options", 101_500, 139_000),  # noqa: RUF001
        ("between 115,000 and 130,000 dollars annually", 115_000, 130_000),
        ("Min: $97,000 Max: $121,000", 97_000, 121_000),
        ("Grade 11 - $77,500 to $98,000", 77_500, 98_000),
        ("$160k base + 15% bonus + 0.1-0.3% equity", 160_000, 160_000),
        ("$125k base / $250k OTE", 125_000, 125_000),
        ("$165,000 salary, $30,000 sign-on bonus", 165_000, 165_000),
        ("$112k, 401(k), 4-day week, 25 days off", 112_000, 112_000),
        ("$143,000 ($143k)", 143_000, 143_000),
        ("$140,000, W2 only, no C2C or 1099", 140_000, 140_000),
        ("$110k (full-time or part-time)", 110_000, 110_000),
        ("$1099-$1,250 a week", 57_148, 65_000),
        ("$104,000-$124,800/yr (about $50-$60/hr)", 104_000, 124_800),
    ],
)
def test_what_surrounds_clear_amounts_is_understood(text: str, low: float, high: float) -> None:
    pay = parse_amounts(text, None)
    assert (pay.range.min, pay.range.max, pay.period) == (low, high, "year")


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        *(("$100,000 a year", "year"), ("$100,000, annual salary", "year")),
        *(("$9,000/mo", "month"), ("Monthly salary: $9k", "month")),
        *(("$4,000 semi-monthly", "half-month"), ("$4,000 twice a month", "half-month")),
        *(("$3,900 every two weeks", "biweek"), ("$3,900 bi-weekly", "biweek")),
        *(("$2,100/wk", "week"), ("$2,100 weekly", "week")),
        *(("$640 per diem", "day"), ("Daily rate $640", "day")),
        *(("$44/hr, 40 hours per week", "hour"), ("Hourly: $44-$58", "hour")),
        *(("$44 hr", "hour"), ("$44+/hr", "hour")),
        *(("$100,000 per year, paid monthly", "year"), ("$100k", None)),
    ],
)
def test_a_period_that_is_said_sets_the_period(text: str, stated: StatedPeriod | None) -> None:
    assert parse_pay(text).period == stated


@given(
    cents=st.integers(100_00, 8_000_00),
    period=st.sampled_from([*PERIODS_A_YEAR]),
    factor=st.sampled_from([1, 20]),
)
def test_pay_is_converted_to_a_year_to_the_cent(
    cents: int, period: StatedPeriod, factor: int
) -> None:
    yearly = cents * factor * PERIODS_A_YEAR[period]
    said = {"half-month": "semi-monthly", "biweek": "bi-weekly"}.get(period, f"per {period}")
    text = f"${cents * factor / 100:,.2f} {said}"
    if period in ("year", "hour") or not 10_000_00 <= yearly <= 1_000_000_00:
        return
    pay = parse_amounts(text, None)
    assert round(pay.range.min * 100) == yearly and pay.range.max == pay.range.min
    assert pay.stated.min == cents * factor / 100 and pay.stated_period == period
    assert f"{PERIODS_A_YEAR[period]} " in pay.notes[0]


@pytest.mark.parametrize(
    ("text", "high"),
    [
        *(("$120,000+", None), ("$120k USD+", None), ("from $120k a year", None)),
        *(("at least 120000", None), ("$120k and up", None), ("no less than $120k", None)),
        *(("$120k + equity", 120_000), ("$120k+ early equity", 120_000)),
        ("$120k-$150k+", 150_000),
    ],
)
def test_an_open_end_is_one_amount_or_more(text: str, high: float | None) -> None:
    pay = parse_amounts(text, None)
    assert (pay.range.min, pay.range.max) == (120_000, high)
    assert pay.is_open == ("equity" not in text) == bool(pay.notes)


@pytest.mark.parametrize(
    ("text", "period", "reason", "suggestions"),
    [
        ("180", "year", "expected an annual amount between $10,000 and $10,000,000. For an "
         "hourly rate, add period=hour", ("180k",)),
        ("62-71", None, "expected an annual amount between $10,000 and $10,000,000. For an "
         "hourly rate, add period=hour", ("62k-71k", "62-71/hour")),
        ("180000", "hour", "expected an hourly amount between $5 and $5,000. For an annual "
         "amount, add period=year", ()),
        ("180000-150000", "year", "its minimum is above its maximum. Swap them",
         ("150000-180000",)),
        ("a lot", "year", "expected an amount such as 180000 or a range such as 150000-180000. "
         "For an hourly rate, add period=hour", ()),
        ("$90 per hour", "year", "it is pay per hour. Remove `period`, or write period=hour",
         ("hour",)),
        ("$9,000 a month", "hour", "it is pay per month. Remove `period`, or write period=year",
         ("year",)),
        ("€75.000", None, "'€' is another currency; convert it to U.S. dollars first. If it is in "
         "U.S. dollars, write 75000", ("75000",)),
        ("NZ$110k-NZ$120k", None, "'NZ$' is another currency; convert it to U.S. dollars first. "
         "If it is in U.S. dollars, write 110000-120000", ("110000-120000",)),
        ("$210k OTE", None, "it is total compensation, not base pay. If it is base pay, write "
         "210000", ("210000",)),
        ("$95,000 (including bonus)", None, "it is total compensation, not base pay. If it is "
         "base pay, write 95000", ("95000",)),
        ("$130k-$140k (salary plus commission)", None, "it is total compensation, not base pay. "
         "If it is base pay, write 130000-140000", ("130000-140000",)),
        ("$25k signing bonus", None, "it is a bonus or another element, not base pay. If it is "
         "base pay, write 25000", ("25000",)),
        ("$650 per day 1099", None, "it is a contractor's pay (1099), not an employee's base pay. "
         "If it is an employee's base pay, write 650/day", ("650/day",)),
        ("$85/hr contract", None, "it is a contractor's pay (contract), not an employee's base "
         "pay. If it is an employee's base pay, write 85/hour", ("85/hour",)),
        ("$80/hr - C2C", None, "it is a contractor's pay (C2C), not an employee's base pay. If it "
         "is an employee's base pay, write 80/hour", ("80/hour",)),
        ("$95-$105/hr W2 or 1099", None, "it is a contractor's pay (1099), not an employee's base "
         "pay. If it is an employee's base pay, write 95-105/hour", ("95-105/hour",)),
        ("Corp-to-Corp: 120k", None, "it is a contractor's pay (corp-to-corp), not an employee's "
         "base pay. If it is an employee's base pay, write 120000", ("120000",)),
        ("$70,000 part-time", None, "it is pay for part-time work. If it is pay for full-time "
         "work, write 70000", ("70000",)),
        ("403(b)", None, "403(b) is a retirement plan, not pay. If it is an amount, write 403000",
         ("403000",)),
        ("up to $130k", None, "it has only a maximum. Give both ends, or one amount",
         ("130000",)),
        ("Mid: $100k-$120k, Senior: $130k-$150k", None, "it has several amounts. Give one of "
         "them", ("100000-120000", "130000-150000")),
        ("140 000", None, "it has several amounts. Give one of them", ()),
        ("100k-130", None, "only one end is in thousands. Write both in full",
         ("100000-130000",)),
        ("$30,000 per 3 month contract", None, "'3' is not a pay period. Use year, month, "
         "half-month, two weeks, week, day or hour", ()),
        ("$400 per 10 pages", None, "'10' is not a pay period. Use year, month, half-month, "
         "two weeks, week, day or hour", ()),
        ("$400 per article", None, "'article' is not a pay period. Use year, month, half-month, "
         "two weeks, week, day or hour", ()),
        ("$120,000 a week", None, "per week, it is $6,240,000 a year; expected between "
         "$10,000 and $1,000,000. More, up to $10,000,000, must be stated per year, because with "
         "a shorter period it is usually a mistake. Check the pay period", ()),
        ("$100 a month", None, "per month, it is $1,200 a year; expected between $10,000 and "
         "$1,000,000. Check the pay period", ()),
        ("($150,000)", None, "an amount in parentheses is negative. If it is not, write 150000",
         ("150000",)),
        ("150,00", None, "the number '150,00' is not written like 150,000 or 150000", ()),
    ],
)  # fmt: skip
def test_other_text_is_refused_with_what_was_expected(
    text: str, period: PayPeriod | None, reason: str, suggestions: tuple[str, ...]
) -> None:
    with pytest.raises(AmountError) as error:
        parse_amounts(text, period)
    assert (str(error.value), error.value.suggestions) == (reason, suggestions)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *(
            (text, "it has a calculation")
            for text in (
                *("150k \N{PLUS-MINUS SIGN} 10%", "150k +/- 10%", "150k plus or minus 10%"),
                *("150k -20%", "150k minus 20%", "$150k/2 years", "2 x 150k", "150k*2"),
                *("10% over 150k", "80% of $150,000"),
            )
        ),
        *((text, "it is pay after taxes") for text in ("150k net", "$150k take-home")),
        ("after tax: 150k", "it is pay after taxes"),
        ("not 150k", "it says what the pay is not"),
    ],
)
def test_an_amount_to_be_changed_first_is_not_taken_for_the_result(text: str, reason: str) -> None:
    with pytest.raises(AmountError, match=reason):
        parse_amounts(text, None)


@pytest.mark.parametrize(
    "text",
    [
        *("150k + 10% bonus", "$150,000 - 15% annual bonus", "$150,000 (net of benefits)"),
        *("not less than 150k", "150k, 4 x 10 schedule", "150k base, up to 20% bonus"),
    ],
)
def test_what_is_beside_the_amount_does_not_change_it(text: str) -> None:
    assert parse_amounts(text, None).range.min == 150_000


@pytest.mark.parametrize(
    "text",
    [
        *("-150000", "150000-", "1-2-3", "1e5", "0x100000", "NaN", ".5", "$150k 180000"),
        # As accountants write a negative amount.
        *("(150,000)", "($150,000)", "$(150,000)", "(150,000) - (180,000)", "(-150000)"),
        *PAYLOADS,
    ],
)
def test_text_that_only_looks_like_pay_is_refused(text: str) -> None:
    with pytest.raises(AmountError):
        parse_amounts(text, None)


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                *("$", "USD", "120", "150,000", "120k", "72.50", "9" * 12, "0.5%", "-", " - "),
                *("to", "/hr", "per year", "a", "month", "+", "plus", "equity", "base", "bonus"),
                *("total", "401k", "£", "up to", "(", ")", ",", ".", ":", " ", "bi-weekly", "and"),
            ]
        ),
        max_size=40,
    ),
    separator=st.sampled_from(["", " "]),
)
def test_any_mixture_of_these_is_an_amount_in_limits_or_refused(
    pieces: list[str], separator: str
) -> None:
    try:
        pay = parse_amounts(separator.join(pieces)[:LONGEST], None)
    except AmountError as error:
        for suggestion in error.suggestions:
            if "thousands" not in str(error) and "several" not in str(error):
                parse_pay(suggestion)
        return
    least, most = (5, 5_000) if pay.period == "hour" else (10_000, 10_000_000)
    assert least <= pay.range.min <= (pay.range.max or pay.range.min) <= most


@pytest.mark.parametrize(
    "piece", ["$1 - ", "1+", "1-", "(", "$", "bi-", "/a", "$150k, ", "incl. bonus, ", "€", "9"]
)
def test_no_text_takes_longer_than_two_milliseconds(piece: str) -> None:
    text = (piece * LONGEST)[:LONGEST]

    def read() -> None:
        with suppress(AmountError):
            parse_amounts(text, None)

    assert min(timeit.repeat(read, timer=time.process_time, number=10, repeat=5)) / 10 < 0.002


@given(text=st.text(max_size=LONGEST))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_amounts(text, None)
    except AmountError:
        return
