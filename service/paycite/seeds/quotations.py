"""Check figures against their quotation: the numbers of a figure are in `as_published`."""

import re
from decimal import Decimal
from itertools import chain, pairwise

from paycite.model.figure import Figure
from paycite.seeds.files import Parsed

# Numbers that sources spell out, and words that scale a number.
_WORDS = {"two": 2, "twelve": 12, "eighteen": 18}
_SCALES = {"": 1, "k": 10**3, "m": 10**6, "million": 10**6, "billion": 10**9}
_NUMBER = re.compile(
    rf"\b({'|'.join(_WORDS)})\b|(\d[\d,]*(?:\.\d+)?) ?(k|m|million|billion)?\b", re.IGNORECASE
)
_RANGE = re.compile(r" ?(?:-|–|—|to|and|\.\.\.) ?\$?")  # noqa: RUF001 - sources print en dashes

_BOUNDS = {
    r"(about|around) \$?\d": "about",
    r"(over|more than|well past|well above) \$?\d": "over",
    r"(under|less than) ": "under",
    r"up to \$?\d": "up-to",
    "projected": "projected",
}
# Words for a bound. A projection may be stated elsewhere in the sentence.
_SIGNS = {
    "over": r"\+|\b(over|more|past|above|least)\b",
    "about": r"~|\b(about|around)\b",
    "under": r"\b(under|less|below)\b",
    "up-to": r"\bup to\b",
}


def refuse_unstated_numbers(figures: Parsed[Figure]) -> None:
    """Refuse figures whose low and high are not in `as_published`, or are not the ends of the range
    there."""
    for row, figure in figures.values():
        ends = [Decimal(str(end)) for end in (figure.low, figure.high) if end is not None]
        if figure.kind != "published" or not ends:
            continue
        singles, ranges = _numbers_in(figure.as_published)
        for end in ends:
            if end not in [*singles, *chain(*ranges)]:
                raise row.refuse(f"{end} is not in {figure.as_published!r}")
        if ranges and ends not in ranges:
            raise row.refuse(f"low and high are not the ends of {figure.as_published!r}")


def refuse_other_units(figures: Parsed[Figure]) -> None:
    """Refuse figures whose unit or bound differs from the one in `as_published`."""
    for row, figure in figures.values():
        for sign, unit in {"%": "percent", "$": "usd"}.items():
            if sign in figure.as_published and figure.unit != unit:
                raise row.refuse(f"{figure.as_published!r} is in {unit}, not in {figure.unit}")
        said_by = _SIGNS.get(figure.bound, "")
        if not re.search(said_by, figure.as_published.lower()):
            raise row.refuse(f"{figure.as_published!r} does not say {figure.bound!r}")
        for words, bound in _BOUNDS.items():
            if re.search(rf"\b{words}", figure.as_published.lower()) and figure.bound != bound:
                raise row.refuse(f"{figure.as_published!r} has bound {bound}, not {figure.bound}")


def _numbers_in(text: str) -> tuple[list[Decimal], list[list[Decimal]]]:
    """Find the numbers in a text, and the pairs that are ranges ("$200-250K" has 200 thousand)."""
    numbers = list(_NUMBER.finditer(text))
    ranges = []
    for first, second in pairwise(numbers):
        if _RANGE.fullmatch(text[first.end() : second.start()]):
            ranges.append([_value(first, second[3]), _value(second)])
    return [_value(number) for number in numbers], ranges


def _value(number: re.Match[str], scale: str | None = None) -> Decimal:
    word, digits, own_scale = number.groups(default="")
    if word:
        return Decimal(_WORDS[word.lower()])
    return Decimal(digits.replace(",", "")) * _SCALES[(own_scale or scale or "").lower()]
