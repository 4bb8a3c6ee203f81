"""Find the numbers in a text, with what is written right next to each."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from paycite.match.amounts import words
from paycite.match.amounts.errors import AmountError
from paycite.match.amounts.words import Token, find_period
from paycite.model.pay import StatedPeriod

# Each alternative begins with characters of its own, so no text makes it backtrack.
_TOKEN = re.compile(r"(\s+)|[0-9][0-9,.'\N{RIGHT SINGLE QUOTATION MARK}]*|[^\W\d_]\w*|.", re.DOTALL)
_NUMBER = re.compile(
    r"([0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,3}(?: [0-9]{3}){1,3})(\.[0-9]{1,20})?"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?: [0-9]{3}){0,2}")
_GROUP = re.compile(r"[0-9]00(\.[0-9]{2})?")
_THOUSANDS = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "mm": 1_000_000, "million": 1_000_000}
_MOST_NUMBERS = 20  # which also limits the time that a text takes
_MOST_MARKS = 4  # after a number: currency, period, "+"

Kind = Literal["pay", "percent", "count", "plan", "label"]


class Number(Struct, frozen=True, kw_only=True):
    """A number: its value, the marks beside it, and its tokens, from `start` to before `end`."""

    value: Decimal
    start: int
    end: int
    kind: Kind = "pay"
    is_signed: bool = False  # with "$" or "USD" on either side
    is_prefixed: bool = False  # with it before
    is_dotted: bool = False  # three decimals: perhaps grouping
    is_grouped: bool = False
    scale: int = 1
    period: StatedPeriod | None = None
    unknown_period: str = ""
    is_open: bool = False

    @property
    def amount(self) -> Decimal:
        return self.value * self.scale

    @property
    def is_bare(self) -> bool:
        return not self.is_grouped and self.scale == 1

    @property
    def is_clear(self) -> bool:
        """Whether it is an amount of pay even among other numbers."""
        has_mark = self.is_signed or not self.is_bare or self.period is not None
        return has_mark or self.value >= 10_000


def tokenize(text: str) -> list[Token]:
    """Split a text into numbers, words and signs. The blanks of "$150 000" are grouping."""
    tokens: list[Token] = []
    is_spaced = False
    for found in _TOKEN.finditer(text.casefold()):
        if found[1]:
            is_spaced = True
            if "\n" in found[1]:
                tokens.append(Token("\n", True))
            continue
        token = found[0]
        if token[0].isdigit() and token.isascii():
            kept = token.rstrip(",.'\N{RIGHT SINGLE QUOTATION MARK}")
            if is_spaced and _continues(tokens, kept):
                tokens[-1] = Token(f"{tokens[-1].text} {kept}", tokens[-1].is_spaced)
            else:
                tokens.append(Token(kept, is_spaced))
            tokens += (Token(sign, False) for sign in token[len(kept) :])
        else:
            tokens.append(Token(token, is_spaced))
        is_spaced = False
    return tokens


def _continues(tokens: Sequence[Token], digits: str) -> bool:
    """Whether digits continue the number before them: "$150 000"."""
    if len(tokens) < 2 or tokens[-2].text != "$":
        return False
    return bool(_GROUPED.fullmatch(tokens[-1].text) and _GROUP.fullmatch(digits))


def find_numbers(tokens: Sequence[Token]) -> list[Number]:
    """Find every number. AmountError for one that is not written as pay is."""
    numbers: list[Number] = []
    for at, token in enumerate(tokens):
        if token.is_number and (not numbers or at >= numbers[-1].end):
            numbers.append(_number(tokens, at, numbers[-1].end if numbers else 0))
            if len(numbers) > _MOST_NUMBERS:
                raise AmountError(f"it has more than {_MOST_NUMBERS} numbers. Give one amount")
    return numbers


def _number(tokens: Sequence[Token], at: int, free_from: int) -> Number:
    """Read the number at `at`; tokens before `free_from` belong to the number before it."""
    text = tokens[at].text
    start = at
    while start > free_from and _is_prefix(tokens, start - 1):
        start -= 1
    is_signed = any(token.text in ("$", "usd") for token in tokens[start:at])
    if _is_negative(tokens, start, free_from):
        raise AmountError(f"-{text} is negative")
    found = _NUMBER.fullmatch(text)
    is_fraction = at > free_from and tokens[at - 1].text == "." and not tokens[at].is_spaced
    if found is None or is_fraction:
        if not is_signed and text.count(".") > 1:  # a date or a version
            return Number(value=Decimal(0), start=start, end=at + 1, kind="count")
        raise AmountError(f"the number {text!r} is not written like 150,000 or 150000")
    number = Number(
        value=Decimal(text.replace(",", "").replace(" ", "")),
        start=start,
        end=at + 1,
        is_signed=is_signed,
        is_prefixed=is_signed,
        is_grouped="," in text or " " in text,
        is_dotted=len(text.partition(".")[2]) == 3,
    )
    if text in words.PLANS and not is_signed and _is_plan(tokens, at + 1):
        return replace(number, kind="plan", end=at + 2)
    return _with_marks(number, tokens)


def _is_prefix(tokens: Sequence[Token], at: int) -> bool:
    """Whether a token belongs to the number after it: "$", "USD", the "C" of "C$", "€", "~"."""
    text, following = tokens[at].text, tokens[at + 1]
    if text in ("us", *words.OTHER_DOLLARS):
        return following.text == "$" and not following.is_spaced
    return text in ("$", "usd", "~") or unicodedata.category(text[0]) == "Sc"


def _is_negative(tokens: Sequence[Token], start: int, free_from: int) -> bool:
    """Whether a minus sign is glued to the number, and joins it to nothing before."""
    before = start - 1
    if before < free_from or tokens[before].text not in words.DASHES or tokens[start].is_spaced:
        return False
    return before == 0 or (tokens[before].is_spaced and before > free_from)


def _is_plan(tokens: Sequence[Token], after: int) -> bool:
    following = [token.text for token in tokens[after : after + 2]]
    return following[:1] in (["k"], ["b"]) or following in (["(", "k"], ["(", "b"], ["-", "k"])


def _with_marks(number: Number, tokens: Sequence[Token]) -> Number:
    """Read what follows the number: "k", "%", a currency, a period, "+", a unit that it counts."""
    number = _with_suffix(number, tokens)
    if number.kind != "pay":
        return number
    if _counts(number, tokens):
        return replace(number, kind="count")
    for _ in range(_MOST_MARKS):
        marked = _with_mark(number, tokens)
        if marked is number:
            break
        number = marked
    return number


def _with_suffix(number: Number, tokens: Sequence[Token]) -> Number:
    """Read a suffix: "k", " thousand", "%". One that is glued to the number must be known."""
    at = number.end
    if at >= len(tokens):
        return number
    text, is_spaced = tokens[at]
    if text in words.PERCENT:
        return replace(number, kind="percent", end=at + 1)
    if text in _THOUSANDS and not (is_spaced and text in ("m", "mm")):
        return replace(number, scale=_THOUSANDS[text], end=at + 1)
    if text == "kusd":
        return replace(number, scale=1_000, is_signed=True, end=at + 1)
    if is_spaced or not tokens[at].is_word or text in words.UNITS or text in words.DOLLARS:
        return number
    if number.is_signed:
        raise AmountError(f"'{tokens[at - 1].text}{text}' is not an amount")
    return replace(number, kind="count", end=at + 1)  # "3x", "1st"


def _with_mark(number: Number, tokens: Sequence[Token]) -> Number:
    """Read a currency, "+" or a period after the number. The same number if there is none."""
    at = number.end
    if at >= len(tokens):
        return number
    text, is_spaced = tokens[at]
    if text == "us" and tokens[at + 1 :] and tokens[at + 1].text in words.DOLLARS:
        return replace(number, is_signed=True, end=at + 2)
    if text in words.DOLLARS and not (text == "$" and is_spaced):
        return replace(number, is_signed=True, end=at + 1)
    if text == "+" and not number.is_open and _opens(tokens, at):
        return replace(number, is_open=True, end=at + 1)
    if not (number.period or number.unknown_period) and (
        found := find_period(tokens, at, bare=number.is_clear)
    ):
        return replace(number, period=found.period, unknown_period=found.unknown, end=found.end)
    return number


def _counts(number: Number, tokens: Sequence[Token]) -> bool:
    """Whether a number counts something: "40 hours", "3+ years", "4-day", "12 month contract"."""
    if number.is_signed or not number.is_bare or number.value >= 10_000:
        return False
    at = number.end
    if at < len(tokens) and tokens[at].text in {"+", *words.DASHES}:
        at += 1
    return at < len(tokens) and tokens[at].text in words.COUNTED


def _opens(tokens: Sequence[Token], plus: int) -> bool:
    """Whether a "+" means "or more", not "and besides": "$120k+ DOE", but "$120k + equity"."""
    following = [token.text for token in tokens[plus + 1 : plus + 5]]
    if not following or not tokens[plus + 1].is_word:
        return not following or not tokens[plus + 1].is_number
    if find_period(tokens, plus + 1) or following[0] in words.DOLLARS:
        return True
    is_apart = tokens[plus].is_spaced or not tokens[plus + 1].is_spaced
    return not is_apart and words.ON_TOP.isdisjoint(following)


def find_currency(tokens: Sequence[Token], numbers: Sequence[Number]) -> str | None:
    """Find a currency other than the U.S. dollar, as written."""
    beside = {at for one in numbers for at in (one.start - 1, one.end)}
    for at, token in enumerate(tokens):
        text = token.text
        if text in words.CURRENCIES or (text in words.CURRENCIES_BESIDE and at in beside):
            return text.upper() if len(text) == 3 else text
        if text == "$":
            if at and not token.is_spaced and tokens[at - 1].text in words.OTHER_DOLLARS:
                return f"{tokens[at - 1].text.upper()}$"
        elif not text.isascii() and unicodedata.category(text[0]) == "Sc":
            return text
    return None
