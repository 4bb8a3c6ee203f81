"""Read the base pay that a text states."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from paycite.match.amounts import words
from paycite.match.amounts.errors import AmountError
from paycite.match.amounts.numbers import Number, find_currency, find_numbers, tokenize
from paycite.match.amounts.spans import Clause, Span, find_spans, write_span
from paycite.match.amounts.words import Token, find_period
from paycite.match.other_work import PART_TIME
from paycite.model.pay import PERIODS_A_YEAR, StatedPay, StatedPeriod

EXPECTED = (
    "expected an amount such as 180000 or a range such as 150000-180000. For an hourly rate, add "
    "period=hour"
)
_ROUNDING = Decimal("0.02")  # of pay that is stated for two periods
_LOWEST = 10_000  # dollars a year that a suggestion may have
_LONGEST_NOTE = 4  # words of a clause that may state the period: "(annual base salary)"

Element = Literal["base", "unsaid", "total", "other"]


def parse_pay(text: str) -> StatedPay:
    """Parse one amount or range of base pay in U.S. dollars: `185000`, `$150k to $180k + equity`,
    `Hourly rate: $72.50`, `$120,000+`. AmountError for anything else, and if it is not clear."""
    tokens = tokenize(text)
    found = find_numbers(tokens)
    numbers = [one for one in found if not _is_tax_form(one, tokens, found)]
    _refuse_negative(tokens, numbers)
    spans, clauses = find_spans(tokens, numbers)
    _refuse_currency(tokens, numbers, spans)
    if not spans:
        raise _no_amount(numbers)
    span = _choose(spans, clauses)
    period = _find_period(span, clauses)
    if span.end == len(tokens) - 1 and tokens[-1].text in words.JOINERS:
        raise AmountError("its upper end is missing", _suggest(span, period))
    is_open = _is_open(span, period)
    _refuse_calculation(tokens, span, found)
    _refuse_other_work(tokens, span, period, has_form=len(numbers) < len(found))
    return StatedPay(
        low=span.low,
        high=None if is_open and span.low == span.high else span.high,
        is_open=is_open,
        period=period,
        says_dollars=any(token.text in words.DOLLARS for token in tokens),
    )


def _refuse_negative(tokens: Sequence[Token], numbers: Sequence[Number]) -> None:
    """Refuse "($150,000)" and "$(150,000)", as accountants write a negative amount: a text that
    begins with a parenthesis, and has every amount in its own."""
    before = {token.text for token in tokens[: numbers[0].start]} if numbers else set()
    if "(" not in before or not before <= {"(", "$", "usd", *words.DASHES}:
        return
    if all(
        one.kind == "pay"
        and tokens[one.start - 1].text in ("(", *words.DASHES)
        and [token.text for token in tokens[one.end : one.end + 1]] == [")"]
        for one in numbers
    ):
        meant = [write_span(one.amount, one.amount) for one in numbers if one.amount >= _LOWEST]
        hint = f". If it is not, write {meant[0]}" if len(meant) == len(numbers) == 1 else ""
        raise AmountError(
            f"an amount in parentheses is negative{hint}",
            tuple(meant) if hint else (),
            kind="an amount in parentheses is negative",
        )


def _refuse_currency(
    tokens: Sequence[Token], numbers: Sequence[Number], spans: Sequence[Span]
) -> None:
    currency = find_currency(tokens, numbers)
    if currency is None:
        return
    dotted = any(number.is_dotted for span in spans for number in span.numbers)
    scale = 1_000 if dotted else 1  # "90.000 €"
    amounts = [write_span(one.low * scale, one.high * scale) for one in spans[:1]
               if one.low * scale >= _LOWEST]  # fmt: skip
    hint = f". If it is in U.S. dollars, write {amounts[0]}" if amounts else ""
    raise AmountError(
        f"{currency!r} is another currency; convert it to U.S. dollars first{hint}",
        tuple(amounts),
        kind="is in another currency",
    )


def _no_amount(numbers: Sequence[Number]) -> AmountError:
    plans = [number for number in numbers if number.kind == "plan"]
    if not plans:
        return AmountError(EXPECTED)
    plan = str(plans[0].value)
    amount = f"{plan}000"
    return AmountError(
        f"{words.PLANS[plan]} is a retirement plan, not pay. If it is an amount, write {amount}",
        (amount,),
        kind="is a retirement plan, not pay",
    )


# Which amount is base pay.


def _choose(spans: Sequence[Span], clauses: Sequence[Clause]) -> Span:
    """Choose the one amount that is base pay, or that is not said to be anything else."""
    elements = [_element(span) for span in spans]
    if "base" not in elements and _describe_total(clauses):
        raise _not_base(spans[0], "total compensation")
    chosen = [span for span, one in zip(spans, elements, strict=True) if one in ("base", "unsaid")]
    if not chosen:
        is_total = "total" in elements
        span = spans[elements.index("total" if is_total else "other")]
        raise _not_base(span, "total compensation" if is_total else "a bonus or another element")
    different = {(span.low, span.high, span.period): span for span in chosen}
    if len(different) == 2 and (merged := _merge_ends(*different.values())):
        return merged
    if len(different) == 2 and _is_same_pay(*different.values()):
        return chosen[0]
    if len(different) > 1:
        suggestions = tuple(
            one for span in different.values() for one in _suggest(span, span.period)
        )
        raise AmountError(
            "it has several amounts. Give one of them", suggestions, kind="has several amounts"
        )
    return chosen[0]


def _is_same_pay(first: Span, second: Span) -> bool:
    """Whether two amounts state the same pay for two periods: "$55/hr (about $114,400/yr)"."""
    if not first.period or not second.period or first.period == second.period:
        return False
    ratio = Decimal(PERIODS_A_YEAR[first.period]) / PERIODS_A_YEAR[second.period]
    ends = ((first.low, second.low), (first.high, second.high))
    return all(abs(one * ratio / other - 1) <= _ROUNDING for one, other in ends if other)


def _not_base(span: Span, what: str) -> AmountError:
    suggestions = _suggest(span, span.period)
    hint = f". If it is base pay, write {suggestions[0]}" if suggestions else ""
    return AmountError(
        f"it is {what}, not base pay{hint}", suggestions, kind=f"is {what}, not base pay"
    )


def _suggest(span: Span, period: StatedPeriod | None) -> tuple[str, ...]:
    if span.low < _LOWEST and period in (None, "year"):
        return ()
    return (write_span(span.low, span.high, period),)


def _element(span: Span) -> Element:
    around = {*span.before, *span.after}
    if not around:
        return "unsaid"
    following = [word for word in span.after if word[0].isalpha()]
    is_including = not words.INCLUDING.isdisjoint(around)
    if is_including and not words.ON_TOP.isdisjoint(around):
        return "total"
    if "base" not in around and (_says_total(span.before) or _says_total(span.after)):
        return "total"
    if following and following[0] in words.ELEMENTS:
        return "other"
    if not words.BASE.isdisjoint(around) and words.ELEMENTS.isdisjoint(span.before):
        return "base"
    return "unsaid" if words.ELEMENTS.isdisjoint(around) else "other"


def _says_total(texts: Sequence[str]) -> bool:
    if not texts:
        return False
    compact = [text for text in texts if text not in words.DASHES]
    phrases = (_has(compact, phrase) for phrase in words.TOTAL_PHRASES)
    return not words.TOTAL.isdisjoint(compact) or any(phrases)


def _has(texts: Sequence[str], phrase: Sequence[str]) -> bool:
    size = len(phrase)
    return any(tuple(texts[at : at + size]) == phrase for at in range(len(texts) - size + 1))


def _describe_total(clauses: Sequence[Clause]) -> bool:
    """Whether the words away from the amounts say that these are more than base pay."""
    return any(map(_is_total_clause, clauses)) or any(
        # "(base + bonus)"
        not one.is_addition
        and one.texts[-1] in words.BASE
        and other.is_addition
        and other.start == one.start + len(one.tokens) + 1
        and not words.ELEMENTS.isdisjoint(other.texts)
        for one, other in pairwise(clauses)
    )


def _is_total_clause(clause: Clause) -> bool:
    """Whether a clause says that the pay is not base pay: "(total compensation)", "incl. bonus"."""
    if clause.is_addition:
        return False
    texts = clause.texts
    is_including = not words.INCLUDING.isdisjoint(texts) and "includes" not in texts
    return _says_total(texts) or (is_including and not words.ON_TOP.isdisjoint(texts))


def _merge_ends(first: Span, second: Span) -> Span | None:
    """Merge "Min: $120,000 Max: $150,000"; None for other amounts."""
    is_labeled = not (
        words.LOWEST.isdisjoint(first.before) or words.HIGHEST.isdisjoint(second.before)
    )
    if not is_labeled or not first.low == first.high <= second.low == second.high:
        return None
    if None not in (first.period, second.period) and first.period != second.period:
        return None
    return Span(
        low=first.low,
        high=second.high,
        numbers=(*first.numbers, *second.numbers),
        period=first.period or second.period,
    )


# Open ends.


def _is_open(span: Span, period: StatedPeriod | None) -> bool:
    """Whether an amount is a minimum. AmountError for a maximum alone."""
    if not span.before and not span.after:
        return span.is_open
    after = [word for word in span.after if word not in ("or", "and")]
    is_more = bool(after) and (after[0] in words.MORE or after == ["plus"])
    if span.low != span.high:
        return span.is_open or is_more
    is_least = _ends_with(span.before, words.OPEN_BEFORE, words.CAP_BEFORE)
    is_most = _ends_with(span.before, words.CAP_BEFORE, words.OPEN_BEFORE)
    labels = {*span.before[-3:], *after[:1]} - {"starting", "low", "high", "top"}
    is_least = is_least or not words.LOWEST.isdisjoint(labels)
    is_most = is_most or not words.HIGHEST.isdisjoint(labels)
    if is_most or (after and after[0] in words.LESS):
        suggestions = _suggest(span, period)
        raise AmountError(
            "it has only a maximum. Give both ends, or one amount",
            suggestions,
            kind="has only a maximum",
        )
    return span.is_open or is_more or is_least


def _ends_with(
    before: Sequence[str], phrases: Iterable[Sequence[str]], opposites: Iterable[Sequence[str]]
) -> bool:
    """Whether words end with a phrase, or with "not" and an opposite."""
    texts = tuple(before)
    if not texts:
        return False
    return any(
        texts[-len(one) :] == one and words.NOT.isdisjoint(texts[-len(one) - 1 : -len(one)])
        for one in phrases
    ) or any(
        texts[-len(one) :] == one and not words.NOT.isdisjoint(texts[-len(one) - 1 : -len(one)])
        for one in opposites
    )


# Not the pay itself.


def _refuse_calculation(tokens: Sequence[Token], span: Span, numbers: Sequence[Number]) -> None:
    """Refuse an amount that something is to be done with: "150k ± 10%", "2 x 150k", "10% over
    150k", "$150k/2 years", "not 150k", and pay after taxes."""
    skipped = {":", *words.DASHES}
    before = [token.text for token in tokens[: span.start] if token.text not in skipped]
    after = [token.text for token in tokens[span.end :] if token.text not in skipped]
    for phrase in words.AFTER_TAXES:
        if tuple(after[: len(phrase)]) == phrase or tuple(before[-len(phrase) :]) == phrase:
            raise AmountError(
                "it is pay after taxes. Give base pay before taxes", kind="is pay after taxes"
            )
    if before[-1:] == ["not"]:
        raise AmountError(f"it says what the pay is not; {EXPECTED}", kind="is what pay is not")
    if any(
        _is_factor(number, tokens[number.end : span.start])
        if number.end <= span.start
        else _is_change(number, tokens[span.end : number.start], tokens[number.end :])
        for number in numbers
        if number.end <= span.start or number.start >= span.end
    ):
        raise AmountError(
            "it has a calculation. Give the result, as an amount or a range",
            kind="has a calculation",
        )


def _is_factor(number: Number, between: Sequence[Token]) -> bool:
    """Whether a number before the amount multiplies it: "2 x", "10% over", "80% of"."""
    texts = [token.text for token in between]
    if number.kind == "percent":
        return bool(texts) and words.COMPARED.issuperset(texts)
    return len(texts) == 1 and texts[0] in words.OPERATORS


def _is_change(number: Number, between: Sequence[Token], rest: Sequence[Token]) -> bool:
    """Whether a number after the amount changes it: "± 10%", "-20%", "x 2", "/2 years"."""
    texts = [token.text for token in between]
    if texts in (["/", "-"], ["plus", "or", "minus"]) or (
        len(texts) == 1 and texts[0] in words.OPERATORS
    ):
        return True
    if number.kind == "percent":
        is_last = not rest or rest[0].text in words.SPLITTERS
        return is_last and len(texts) == 1 and texts[0] in words.DASHES
    return number.kind == "count" and texts == ["/"]


# Work of other kinds.


def _is_tax_form(number: Number, tokens: Sequence[Token], numbers: Sequence[Number]) -> bool:
    """Whether a number is the form of contractors ("$650/day, 1099") and not an amount of its own:
    "$1099", "1099 a week", "900-1099"."""
    if tokens[number.end - 1].text != "1099" or number.is_signed or number.is_open:
        return False
    if not any(other is not number and other.kind == "pay" and other.is_clear for other in numbers):
        return False
    at = numbers.index(number)
    before = numbers[at - 1] if at else None
    after = numbers[at + 1] if at + 1 < len(numbers) else None
    is_end = (before and not before.period and _is_joined(tokens, before, number)) or (
        after and _is_joined(tokens, number, after)
    )
    return not is_end


def _is_joined(tokens: Sequence[Token], low: Number, high: Number) -> bool:
    between = [token.text for token in tokens[low.end : high.start]]
    return len(between) == 1 and between[0] in words.JOINERS


def _refuse_other_work(
    tokens: Sequence[Token], span: Span, period: StatedPeriod | None, *, has_form: bool
) -> None:
    """Refuse pay of part-time work and of contractors, unless the text denies it ("no C2C")."""
    texts = [token.text for token in tokens if token.text not in words.DASHES]
    suggestions = _suggest(span, period)
    for phrase, name in words.CONTRACT.items():
        if (has_form or name != "1099") and _says(texts, phrase):
            hint = (
                f". If it is an employee's base pay, write {suggestions[0]}" if suggestions else ""
            )
            raise AmountError(
                f"it is a contractor's pay ({name}), not an employee's base pay{hint}",
                suggestions,
                kind="is a contractor's pay, not an employee's base pay",
            )
    if any(_says(texts, phrase) for phrase in PART_TIME) and not _has(texts, ("full", "time")):
        hint = f". If it is pay for full-time work, write {suggestions[0]}" if suggestions else ""
        raise AmountError(
            f"it is pay for part-time work{hint}", suggestions, kind="is pay for part-time work"
        )


def _says(texts: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether texts have a phrase without "no" before it, or before the list that it is in."""
    listed = words.LISTING.union(*words.CONTRACT, *PART_TIME)
    for at in range(len(texts) - len(phrase) + 1):
        if tuple(texts[at : at + len(phrase)]) == phrase:
            before = at - 1
            while before >= 0 and texts[before] in listed:
                before -= 1
            if before < 0 or texts[before] not in words.NOT:
                return True
    return False


# Pay periods.


def _find_period(span: Span, clauses: Sequence[Clause]) -> StatedPeriod | None:
    """The period next to the amount, else in its clause, else in a short clause of its own."""
    for number in span.numbers:
        if number.unknown_period:
            raise _unknown_period(number.unknown_period)
    if span.period:
        return span.period
    if not clauses and not span.before and not span.after:
        return None
    near = [Token(text, True) for text in (*span.before, "|", *span.after)]
    if found := _periods(near):
        return _only(found)
    return _only(
        {
            period
            for clause in clauses
            if not clause.is_addition
            and sum(token.is_word for token in clause.tokens) <= _LONGEST_NOTE
            and words.ELEMENTS.isdisjoint(clause.texts)
            for period in _periods(clause.tokens)
        }
    )


def _periods(tokens: Sequence[Token]) -> set[StatedPeriod]:
    found: set[StatedPeriod] = set()
    for at in range(len(tokens)):
        period = find_period(tokens, at)
        if period is None or (at and tokens[at - 1].text in ("bi", "semi", "twice", "-")):
            continue
        if period.period is None:
            raise _unknown_period(period.unknown)
        is_payday = at and tokens[at - 1].text in ("paid", "payable") and period.period != "hour"
        if not is_payday:
            found.add(period.period)
    return found


def _only(periods: set[StatedPeriod]) -> StatedPeriod | None:
    if len(periods) > 1:
        raise AmountError(
            f"it says more than one pay period: {', '.join(sorted(periods))}",
            kind="has several pay periods",
        )
    return next(iter(periods), None)


def _unknown_period(said: str) -> AmountError:
    return AmountError(
        f"{said!r} is not a pay period. Use year, month, half-month, two weeks, week, day or hour",
        kind="has an unknown pay period",
    )
