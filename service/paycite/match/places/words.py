"""The words in which people say a place, and those that they say beside it."""

import re

from paycite.model.vocabulary import normal

_APOSTROPHES = str.maketrans("", "", "'’`")  # noqa: RUF001 - as people paste them
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}")
# What advertisements say beside the place, of how one works there and of how many others there are.
_BESIDES = re.compile(
    r"""\bon[- ]site\b
    | (?:\+|&|\band\b)? \s* \d+ \s+ (?:other\s|more\s|additional\s)* (?:locations?|others?|more)\b
    | \+ \s* \d{1,3} \s* $
    | \b\d+ (?:-\d+)? \s* (?:days?|x) \s* (?:/|per|an?|each|in)? \s* (?:the\s)? (?:week|wk|office)\b
    | \bmust \s (?:live|reside|work|be \s (?:based|located))\b
    | \b(?-i:[ECMP][SD]T)\b (?:\s time (?:\s? zones?)?)?""",
    re.IGNORECASE | re.VERBOSE,
)
_OF_AREA = frozenset(("cbsa", "msa", "metro", "metropolitan", "statistical", "area", "code"))
NO_ZIP = frozenset(("cbsa", "msa"))  # beside which a number is no ZIP code
_LABELS = NO_ZIP | {"metro", "metropolitan"}
# What names a region before a state, and a part before a city.
_SIDES = ("north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest")
DIRECTIONS = frozenset(
    (*_SIDES, *(f"{side}ern" for side in _SIDES), "central", "upper", "lower", "upstate")
)
# What ends the names of regions ("Jersey Shore").
LANDSCAPES = frozenset(("bay", "coast", "country", "peninsula", "shore", "side", "valley"))


def without_besides(text: str) -> str:
    """The text without what is said beside the place, and initials closed up ("L.A.")."""
    return _BESIDES.sub(" ", _INITIALS.sub(lambda said: said[0].replace(".", ""), text))


def words_of(text: str) -> list[str]:
    """The words that may name a place, apostrophes closed up ("Coeur d'Alene")."""
    return normal(text.translate(_APOSTROPHES)).split()


def code_of_area(text: str) -> str | None:
    """The code that a text calls one of a metropolitan area ("CBSA 35620"), which is no ZIP."""
    if not any(map(str.isdecimal, text)):
        return None
    words = normal(text).split()
    codes = [word for word in words if word not in _OF_AREA]
    is_labeled = len(codes) == 1 and codes[0].isdecimal() and not _LABELS.isdisjoint(words)
    return codes[0] if is_labeled else None
