"""Money: the one place where amounts are rounded, and where they and ratios of them are
written."""

from decimal import ROUND_HALF_UP, Decimal

from paycite.model.answer import Interval, Percentiles, Range
from paycite.model.pay import StatedPeriod

_CENT = Decimal("0.01")
# A product of two doubles below 10 million is within 0.000001 of the decimal product.
_BINARY_UP_TO, _NEAR_HALF = 10_000_000, 0.000_001
_PER: dict[StatedPeriod, str] = {
    "year": "a year",
    "month": "a month",
    "half-month": "every half-month",
    "biweek": "every two weeks",
    "week": "a week",
    "day": "a day",
    "hour": "an hour",
}


def whole_dollars(amount: float, factor: float = 1) -> int:
    """Round `amount` times `factor` to whole dollars, half up.

    The arithmetic is decimal, so that a reader with a calculator gets the same result. Binary
    arithmetic, ten times as fast, gives the same result except near half a dollar.
    """
    near = amount * factor
    if 0 < near < _BINARY_UP_TO and abs(near % 1 - 0.5) > _NEAR_HALF:
        return int(near + 0.5)
    product = Decimal(str(amount)) * Decimal(str(factor))
    return int(product.quantize(Decimal(1), ROUND_HALF_UP))


def cents(amount: float | Decimal, divisor: float = 1) -> float:
    """Round `amount` over `divisor` to dollars and cents, half up, in decimal arithmetic."""
    quotient = Decimal(str(amount)) / Decimal(str(divisor))
    return float(quotient.quantize(_CENT, ROUND_HALF_UP))


def in_cents(amount: float) -> int:
    """Convert dollars to cents: 77.4 is 7740."""
    return int(Decimal(str(amount)).quantize(_CENT, ROUND_HALF_UP) * 100)


def in_dollars(amount: float, digits: int | None = None) -> str:
    """Write an amount: "$161,000", "$77.40". `digits` is the number of decimals."""
    if digits is None:
        digits = 0 if float(amount).is_integer() else 2
    return f"${amount:,.{digits}f}"


def in_percent(ratio: float) -> str:
    """Write a share or a ratio with three digits or more: "28.9%", "102%", "1,490%"."""
    percent = 100 * ratio
    return f"{percent:,.0f}%" if percent >= 100 else f"{percent:.3g}%"


def in_percentile(rank: float) -> str:
    """Write the percentile that an amount has reached: "P54" for 54.8."""
    return f"P{int(rank)}"


def in_thousands(amount: float) -> str:
    """Write an amount in thousands, or in full if it is less: "$161k", "$77.40"."""
    return f"${amount / 1_000:.0f}k" if amount >= 1_000 else in_dollars(amount)


def range_in_dollars(ends: Interval | Range) -> str:
    """Write both ends, or one if they are equal: "$161,000 to $225,000"."""
    low = in_dollars(ends.min)
    if ends.max is None:
        return f"{low} or more"
    return low if ends.min == ends.max else f"{low} to {in_dollars(ends.max)}"


def per_period(period: StatedPeriod) -> str:
    """Write what pay is paid per: "a year", "an hour"."""
    return _PER[period]


def pay_in_dollars(ends: Interval | Range, period: StatedPeriod) -> str:
    """Write a range with its period: "$161,000 to $225,000 a year"."""
    return f"{range_in_dollars(ends)} {per_period(period)}"


def percentiles_in_dollars(percentiles: Percentiles) -> list[str]:
    """Write each percentile: "P10 $79,870", "median $135,980", "P90 $239,200 or more"."""
    written = []
    for name in percentiles.stated:
        amount = getattr(percentiles, name)
        value = "not released" if amount is None else in_dollars(amount)
        more = " or more" if name in percentiles.capped else ""
        written.append(f"{'median' if name == 'p50' else name.upper()} {value}{more}")
    return written
