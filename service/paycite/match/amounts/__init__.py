"""Parse amounts of pay as people and job boards write them: the only reader of pay."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from paycite.match.amounts.errors import AmountError as AmountError
from paycite.match.amounts.numbers import tokenize
from paycite.match.amounts.read import parse_pay as parse_pay
from paycite.match.amounts.words import find_period
from paycite.model.answer import Interval, PayPeriod
from paycite.model.money import cents, in_dollars, pay_in_dollars, per_period, range_in_dollars
from paycite.model.pay import PERIODS_A_YEAR, PERIODS_CITED, OfferedPay, StatedPay, StatedPeriod

_LIMITS: dict[PayPeriod, tuple[int, int]] = {"year": (10_000, 10_000_000), "hour": (5, 5_000)}
MOST_CONVERTED = 1_000_000  # dollars a year; the limit for pay of another period
_ADJECTIVES: dict[PayPeriod, str] = {"year": "an annual", "hour": "an hourly"}
_OTHER: dict[PayPeriod, tuple[PayPeriod, str]] = {
    "year": ("hour", "an hourly rate"),
    "hour": ("year", "an annual amount"),
}


def parse_amounts(text: str, period: PayPeriod | None) -> OfferedPay:
    """Parse pay as `parse_pay` does, for the period that the text says, else for `period`, else for
    a year. Cents are kept. AmountError, also if the text says another period than `period`."""
    pay = parse_pay(text)
    stated = pay.period or period or "year"
    to: PayPeriod = "hour" if stated == "hour" else "year"
    if period and to != period:
        raise AmountError(
            f"it is pay per {stated}. Remove `period`, or write period={to}",
            (to,),
            "conflicting-parameters",
        )
    as_written = _ends(pay, 1)
    times = PERIODS_A_YEAR[stated] if to == "year" else 1
    ends = as_written if times == 1 else _ends(pay, times)
    _check_limits([end for end in (ends.min, ends.max) if end is not None], to, pay.period, period)
    return OfferedPay(
        range=ends,
        period=to,
        stated=as_written,
        stated_period=stated,
        is_open=pay.is_open,
        notes=tuple(_notes(as_written, ends, stated, pay.is_open)),
    )


def parse_period(text: str) -> StatedPeriod | None:
    """Parse a text that is nothing but a pay period: "Bi-Weekly", "per hour", "yr"."""
    tokens = tokenize(text)
    found = find_period(tokens, 0, bare=True)
    return found.period if found and found.end == len(tokens) else None


def _ends(pay: StatedPay, times: int) -> Interval:
    low = _to_cents(pay.low * times)
    if pay.high is None:
        return Interval(min=low, max=None)
    return Interval(min=low, max=low if pay.high == pay.low else _to_cents(pay.high * times))


def _to_cents(amount: Decimal) -> float:
    rounded = cents(amount)
    return int(rounded) if rounded.is_integer() else rounded


def _notes(
    as_written: Interval, ends: Interval, stated: StatedPeriod, is_open: bool
) -> Iterator[str]:
    if stated not in ("year", "hour"):
        yield (
            f"{pay_in_dollars(as_written, stated)} is {pay_in_dollars(ends, 'year')}, at "
            f"{PERIODS_CITED[stated]}."
        )
    if ends.max is None:
        yield f"The offer is {range_in_dollars(ends)}; it is compared by its low end."
    elif is_open:
        yield "The offer may go above its high end; it is compared by the two amounts."


def _check_limits(
    amounts: Sequence[float], to: PayPeriod, said: StatedPeriod | None, asked: PayPeriod | None
) -> None:
    """Refuse amounts that are not plausible per year or hour. Suggest thousands and, if no period
    is said or asked for, an hourly rate."""
    least, most = _LIMITS[to]
    if said not in (None, "year", "hour"):
        most = MOST_CONVERTED
    if _is_within(amounts, (least, most)):
        return
    ends = tuple(dict.fromkeys(amounts))
    suggestions = []
    if to == "year" and least <= amounts[0] * 1_000 and amounts[-1] * 1_000 <= most:
        suggestions.append("-".join(f"{amount:g}k" for amount in ends))
    if not said and not asked and _is_within(amounts, _LIMITS["hour"]):
        suggestions.append("-".join(f"{amount:g}" for amount in ends) + "/hour")
    limits = f"{in_dollars(least)} and {in_dollars(most)}"
    if said:
        wrong = in_dollars(amounts[0] if amounts[0] < least else amounts[-1])
        reason = f"per {said}, it is {wrong} {per_period(to)}; expected between {limits}"
        if most == MOST_CONVERTED < amounts[-1]:
            reason += (
                f". More, up to {in_dollars(_LIMITS[to][1])}, must be stated per year, because "
                "with a shorter period it is usually a mistake"
            )
        raise AmountError(f"{reason}. Check the pay period", tuple(suggestions))
    other, its_amount = _OTHER[to]
    raise AmountError(
        f"expected {_ADJECTIVES[to]} amount between {limits}. For {its_amount}, add period={other}",
        tuple(suggestions),
    )


def _is_within(amounts: Sequence[float], limits: tuple[int, int]) -> bool:
    return limits[0] <= amounts[0] <= amounts[-1] <= limits[1]
