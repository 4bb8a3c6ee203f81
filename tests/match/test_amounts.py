"""Amounts of pay as people write them."""

import pytest

from paycite.match.amounts import AmountError, parse_amounts
from paycite.model.answer import PayPeriod


@pytest.mark.parametrize(
    ("text", "period", "low", "high"),
    [
        ("185000", "year", 185_000, 185_000),
        ("$185,000.50", "year", 185_001, 185_001),
        ("150k-180k", "year", 150_000, 180_000),
        ("150-180k", "year", 150_000, 180_000),
        ("150000 – 180000", "year", 150_000, 180_000),  # noqa: RUF001
        ("$72.505-90", "hour", 72.51, 90),
        ("12", None, 12, 12),
    ],
)
def test_an_amount_or_a_range_is_parsed(
    text: str, period: PayPeriod | None, low: float, high: float
) -> None:
    amounts = parse_amounts(text, period)
    assert (amounts.min, amounts.max) == (low, high)


@pytest.mark.parametrize(
    ("text", "period", "reason", "suggestions"),
    [
        ("180", "year", "expected an annual amount between $10,000 and $10,000,000. For an "
         "hourly rate, add period=hour", ("180k",)),
        ("180000", "hour", "expected an hourly amount between $5 and $5,000. For an annual "
         "amount, add period=year", ()),
        ("180000-150000", "year", "its minimum is above its maximum. Swap them", ()),
        ("a lot", "year", "expected an amount such as 180000 or a range such as 150000-180000. "
         "For an hourly rate, add period=hour", ()),
    ],
)  # fmt: skip
def test_other_text_is_refused_with_what_was_expected(
    text: str, period: PayPeriod, reason: str, suggestions: tuple[str, ...]
) -> None:
    with pytest.raises(AmountError) as error:
        parse_amounts(text, period)
    assert (str(error.value), error.value.suggestions) == (reason, suggestions)
