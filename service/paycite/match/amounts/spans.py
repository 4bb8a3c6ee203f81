"""Join numbers to amounts and ranges, each with the words that belong to it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from paycite.match.amounts import words
from paycite.match.amounts.errors import AmountError
from paycite.match.amounts.numbers import Number
from paycite.match.amounts.words import Token
from paycite.model.pay import StatedPeriod

_LARGEST_LABEL = 20  # "Grade 13"


class Span(Struct, frozen=True, kw_only=True):
    """An amount (both ends are equal) or a range, with the words before and after it."""

    low: Decimal
    high: Decimal
    numbers: tuple[Number, ...]
    period: StatedPeriod | None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        return self.numbers[0].start

    @property
    def end(self) -> int:
        return self.numbers[-1].end

    @property
    def is_open(self) -> bool:
        return self.numbers[-1].is_open

    @property
    def is_clear(self) -> bool:
        return any(number.is_clear for number in self.numbers)


class Clause(Struct, frozen=True):
    """Words without an amount, and the index of the first; whether they name what comes on top of
    the pay ("+ equity")."""

    start: int
    tokens: tuple[Token, ...]
    is_addition: bool

    @property
    def texts(self) -> list[str]:
        return [token.text for token in self.tokens]


def find_spans(
    tokens: Sequence[Token], numbers: Sequence[Number]
) -> tuple[list[Span], list[Clause]]:
    """Find the amounts and ranges, and the clauses without one."""
    spans = list(_join(tokens, numbers))
    if any(span.is_clear for span in spans):
        spans = [span for span in spans if span.is_clear]
    return _add_words(tokens, spans)


def write_span(low: Decimal, high: Decimal, period: StatedPeriod | None = None) -> str:
    """Write an amount or a range as an input that is understood: "150000-180000", "72.5/hr"."""
    ends = dict.fromkeys(f"{end.normalize():f}" for end in (low, high))
    return "-".join(ends) + (f"/{period}" if period in ("hour", "week", "day", "month") else "")


# From numbers to ranges.


def _join(tokens: Sequence[Token], numbers: Sequence[Number]) -> Iterator[Span]:
    for chain in _chains(tokens, _settle(tokens, numbers)):
        if len(chain) > 2:
            if any(number.is_clear for number in chain):
                raise AmountError("it has more than two numbers in a row. Give one range")
            continue  # a date, or a telephone number
        yield _range(*chain) if len(chain) == 2 else _amount(chain[0])


def _settle(tokens: Sequence[Token], numbers: Sequence[Number]) -> list[Number]:
    """Keep the numbers that may be pay. The first number of "0.5-2%" and "6-12 months" is what the
    second is; a small number after "grade" is its name."""
    kept = []
    for number, following in pairwise([*numbers, None]):
        assert number is not None
        if number.kind != "pay":
            continue
        if following and not number.is_clear and _joins(tokens, number, following):
            if following.kind in ("percent", "count"):
                continue
            is_label = number.start and tokens[number.start - 1].text in words.LABELS
            if is_label and number.value <= _LARGEST_LABEL and following.is_clear:
                continue
        kept.append(number)
    return kept


def _chains(tokens: Sequence[Token], numbers: Sequence[Number]) -> Iterator[list[Number]]:
    chain: list[Number] = []
    for number in numbers:
        if chain and not _joins(tokens, chain[-1], number):
            yield chain
            chain = []
        chain.append(number)
    if chain:
        yield chain


def _joins(tokens: Sequence[Token], low: Number, high: Number) -> bool:
    between = [token.text for token in tokens[low.end : high.start]]
    if between == ["and"]:
        before = (token.text for token in tokens[max(0, low.start - 2) : low.start])
        return "between" in before
    if between[-2:] == ["up", "to"]:
        between[-2:] = ["to"]
    is_dash = bool(between) and set(between) <= words.DASHES and len(between) < 3
    return is_dash or (len(between) == 1 and between[0] in words.TO)


def _amount(number: Number) -> Span:
    amount = number.amount
    return Span(low=amount, high=amount, numbers=(number,), period=number.period)


def _range(low: Number, high: Number) -> Span:
    if low.period and high.period and low.period != high.period:
        raise AmountError("its ends are for different pay periods")
    is_short = low.is_bare and low.value < 1_000
    if high.scale > 1 and is_short:
        low = replace(low, scale=high.scale)  # "150-180k"
        if high.is_prefixed and not low.is_prefixed:
            raise _unclear(low, high)
    elif low.scale > 1 and high.is_bare and high.value < 1_000:
        raise _unclear(low, replace(high, scale=low.scale))
    elif is_short and high.value >= 10_000 and not high.is_prefixed:
        low = replace(low, scale=1_000)  # "$154-190,000"
    if low.amount > high.amount:
        raise AmountError(
            "its minimum is above its maximum. Swap them",
            (write_span(high.amount, low.amount),),
            kind="has a minimum above its maximum",
        )
    return Span(
        low=low.amount, high=high.amount, numbers=(low, high), period=low.period or high.period
    )


def _unclear(low: Number, high: Number) -> AmountError:
    return AmountError(
        "only one end is in thousands. Write both in full", (write_span(low.amount, high.amount),)
    )


# From ranges to their words.


def _add_words(tokens: Sequence[Token], spans: Sequence[Span]) -> tuple[list[Span], list[Clause]]:
    """Give each amount the words of its clause; return the other clauses too."""
    found: list[Span] = []
    clauses: list[Clause] = []
    for start, end, is_addition in _clauses(tokens, spans):
        inside = [span for span in spans if start <= span.start < end]
        if not inside:
            clauses.append(Clause(start, tuple(tokens[start:end]), is_addition))
        bounds = [start, *(span.end for span in inside)]
        gaps = [
            tuple(token.text for token in tokens[a:b])
            for a, b in zip(bounds, [*(span.start for span in inside), end], strict=True)
        ]
        # "Min: $120k Max: $150k": words come before their amounts, unless the first has none.
        comes_before = bool(gaps[0])
        for place, span in enumerate(inside):
            is_last = place == len(inside) - 1
            found.append(
                replace(
                    span,
                    before=gaps[place] if comes_before or not place else (),
                    after=gaps[place + 1] if is_last or not comes_before else (),
                )
            )
    return found, clauses


def _clauses(tokens: Sequence[Token], spans: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    """Yield the ends of each clause, and whether it begins with "+" or a word like it."""
    inside = {at for span in spans for at in range(span.start, span.end)}
    start, is_addition = 0, False
    for at, token in enumerate(tokens):
        if at not in inside and _splits(tokens, at):
            if start < at:
                yield start, at, is_addition
            start, is_addition = at + 1, token.text in words.ADDING
    if start < len(tokens):
        yield start, len(tokens), is_addition


def _splits(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    before = tokens[at - 1] if at else Token(" ", True)
    after = tokens[at + 1] if at + 1 < len(tokens) else Token(" ", True)
    is_apart = token.is_spaced or after.is_spaced
    if token.text in words.DASHES:
        return is_apart or before.is_number
    if token.text == "and":
        return after.text not in words.MORE
    if token.text == "plus":
        return after.is_word
    if token.text == "w":
        return after.text == "/"
    if token.text == ".":
        return after.is_spaced and before.text not in words.ABBREVIATIONS
    if token.text == "/":
        return token.is_spaced and after.is_spaced and after.text not in words.UNITS
    return token.text in words.SPLITTERS or token.text in words.ADDING
