"""Words in place names, and text that commonly stands beside them."""

import re

from paycite.model.vocabulary import normal

_APOSTROPHES = str.maketrans("", "", "'’`")  # noqa: RUF001 - as people paste them
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}")
# What advertisements write beside a place: work arrangements and counts of other locations.
_ASIDES = re.compile(
    r"""\bon[- ]site\b
    | (?:\+|&|\band\b)? \s* \d+ \s+ (?:other\s|more\s|additional\s)* (?:locations?|others?|more)\b
    | \+ \s* \d{1,3} \s* $
    | \b\d+ (?:-\d+)? \s* (?:days?|x) \s* (?:/|per|an?|each|in)? \s* (?:the\s)? (?:week|wk|office)\b
    | \bmust \s (?:live|reside|work|be \s (?:based|located))\b
    | \b(?-i:[ECMP][SD]T)\b (?:\s time (?:\s? zones?)?)?""",
    re.IGNORECASE | re.VERBOSE,
)
_OF_AREA = frozenset(("cbsa", "msa", "metro", "metropolitan", "statistical", "area", "code"))
NO_ZIP = frozenset(("cbsa", "msa"))  # a number beside these is not a ZIP code
_LABELS = NO_ZIP | {"metro", "metropolitan"}
# Before a state these name a region; before a city, a part of it.
_SIDES = ("north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest")
DIRECTIONS = frozenset(
    (*_SIDES, *(f"{side}ern" for side in _SIDES), "central", "upper", "lower", "upstate")
)
# The last words of region names ("Jersey Shore").
LANDSCAPES = frozenset(("bay", "coast", "country", "peninsula", "shore", "side", "valley"))


def strip_asides(text: str) -> str:
    """Remove text beside the place, and the periods of initials ("L.A.")."""
    return _ASIDES.sub(" ", _INITIALS.sub(lambda initials: initials[0].replace(".", ""), text))


def split_words(text: str) -> list[str]:
    """Split into normalized words, without apostrophes ("Coeur d'Alene")."""
    return normal(text.translate(_APOSTROPHES)).split()


def parse_area_code(text: str) -> str | None:
    """Return the code that a text labels as a metropolitan area's ("CBSA 35620"), if any."""
    if not any(map(str.isdecimal, text)):
        return None
    words = normal(text).split()
    codes = [word for word in words if word not in _OF_AREA]
    is_labeled = len(codes) == 1 and codes[0].isdecimal() and not _LABELS.isdisjoint(words)
    return codes[0] if is_labeled else None
