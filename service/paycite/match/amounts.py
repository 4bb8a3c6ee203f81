"""Parses amounts of pay as people write them."""

import re
from collections.abc import Sequence

from paycite.model.answer import Interval, PayPeriod
from paycite.model.money import cents, in_dollars, whole_dollars

# ASCII digits only, and no more of them than any amount has.
_AMOUNT = re.compile(
    r"\$?([0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12})(\.[0-9]{1,4})?(k?)", re.IGNORECASE
)
_TO = re.compile(r"\s*[-–—]\s*")  # noqa: RUF001 - people paste dashes of any length
_LIMITS: dict[PayPeriod, tuple[int, int]] = {"year": (10_000, 10_000_000), "hour": (5, 5_000)}
_ADJECTIVES: dict[PayPeriod, str] = {"year": "an annual", "hour": "an hourly"}
_OTHER: dict[PayPeriod, tuple[PayPeriod, str]] = {
    "year": ("hour", "an hourly rate"),
    "hour": ("year", "an annual amount"),
}


class AmountError(ValueError):
    """What was expected instead of a text, and valid inputs that may be meant."""

    def __init__(self, reason: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.suggestions = suggestions


def parse_amounts(text: str, period: PayPeriod | None) -> Interval:
    """Parse an amount or a range: `185000`, `$185,000.00`, `150k-180k`, `150-180k`.

    Annual amounts are in whole dollars, hourly rates in cents (`85`, `$72.50-90`). With no period,
    any amount is accepted. Raises AmountError.
    """
    ends = [_AMOUNT.fullmatch(end) for end in _TO.split(text.strip())]
    parsed = [(end[1].replace(",", "") + (end[2] or ""), bool(end[3])) for end in ends if end]
    if len(parsed) != len(ends) or len(parsed) > 2:
        raise AmountError(
            "expected an amount such as 180000 or a range such as 150000-180000. "
            "For an hourly rate, add period=hour"
        )
    # "150-180k": "k" applies to both.
    in_thousands = [has_k or (parsed[-1][1] and float(amount) < 1_000) for amount, has_k in parsed]
    rounded = cents if period == "hour" else whole_dollars
    amounts = [
        rounded(float(amount) * (1_000 if thousands else 1))
        for (amount, _), thousands in zip(parsed, in_thousands, strict=True)
    ]
    if amounts != sorted(amounts):
        raise AmountError("its minimum is above its maximum. Swap them")
    if period:
        _check_limits(amounts, period)
    return Interval(min=amounts[0], max=amounts[-1])


def _check_limits(amounts: Sequence[float], period: PayPeriod) -> None:
    least, most = _LIMITS[period]
    if least <= amounts[0] <= amounts[-1] <= most:
        return
    other, its_amount = _OTHER[period]
    is_in_thousands = (
        period == "year" and least <= amounts[0] * 1_000 and amounts[-1] * 1_000 <= most
    )
    raise AmountError(
        f"expected {_ADJECTIVES[period]} amount between {in_dollars(least)} and "
        f"{in_dollars(most)}. For {its_amount}, add period={other}",
        ("-".join(f"{amount:g}k" for amount in amounts),) if is_in_thousands else (),
    )
