"""Pay as a person stated it, and the periods it may be stated for."""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from paycite.model.answer import Interval, PayPeriod

StatedPeriod = Literal["year", "month", "half-month", "biweek", "week", "day", "hour"]

# Periods of full-time work in a year. 12 months, 24 half-months and 52 weeks: 29 CFR 778.113(b),
# how the Department of Labor converts salaries. 2,080 hours: BLS, Occupational Employment and Wage
# Statistics; 52 weeks of 40 hours. 26 and 260 follow from 52 weeks, with 5 days in a week.
PERIODS_A_YEAR: dict[StatedPeriod, int] = {
    "year": 1,
    "month": 12,
    "half-month": 24,
    "biweek": 26,
    "week": 52,
    "day": 260,
    "hour": 2_080,
}
PERIODS_CITED: dict[StatedPeriod, str] = {
    "month": "12 months a year (29 CFR 778.113)",
    "half-month": "24 half-months a year (29 CFR 778.113)",
    "biweek": "26 periods of two weeks a year (half of the 52 weeks of 29 CFR 778.113)",
    "week": "52 weeks a year (29 CFR 778.113)",
    "day": "260 days a year (5 days in each of the 52 weeks of 29 CFR 778.113)",
    "hour": "2,080 hours a year (BLS, Occupational Employment and Wage Statistics)",
}


class StatedPay(Struct, frozen=True, kw_only=True):
    """The base pay that a text states, in U.S. dollars, to the cent.

    `high` equals `low` for a single amount, and is None for "$120,000+". A range can be open too
    ("$80k-$110k+"). `period` is None if the text does not say it.
    """

    low: Decimal
    high: Decimal | None
    is_open: bool
    period: StatedPeriod | None
    says_dollars: bool


class OfferedPay(Struct, frozen=True, kw_only=True):
    """Stated pay per `period`: a year or an hour. Pay of another period is converted to a year;
    `stated` has it as written. `is_open` as in StatedPay."""

    range: Interval
    period: PayPeriod
    stated: Interval
    stated_period: StatedPeriod
    is_open: bool
    notes: tuple[str, ...]
