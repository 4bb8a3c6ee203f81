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
    | \b\d+ (?:\s?-\s?\d+)? \s* (?:days?|x) \s* (?:/|per|an?|each|in)? \s* (?:the\s)?
      (?:week|wk|office)\b
    | \b\d+ (?:\s?-\s?\d+)? \s+ days?\b
    | \b(?:per|an?|each) \s (?:week|wk)\b
    | \b(?:mon|tues?|wed|thu|thurs|fri)\b (?:\s?[/,&-]\s?(?:mon|tues?|wed|thu|thurs|fri)\b)+
    | (?:\bbut\s)? \bmust \s (?:live|reside|work|be (?:\s (?:based|located))?)\b
    | \bwith \s (?:occasional|some|limited|quarterly) \s travel\b
    | \btravel [\s-] required\b
    | \b(?:east|west) \s coast \s preferred\b
    | \b(?-i:[EP]T (?:\s*/\s*[ECMP]T)+)\b
    | \b(?:eastern|central|mountain|pacific) \s time \b (?:\s? zones?)? (?:\s (?:adjacent|hours))?
    | \btime \s? zones?\b
    | \b(?-i:[ECMP][SD]T)\b (?:\s (?:hours|time (?:\s? zones?)?))?""",
    re.IGNORECASE | re.VERBOSE,
)
_ARRANGEMENT = r"(?:remote(?:ly)?|hybrid|onsite|on-site|wfh|telework)"
_US = r"(?:usa?|united\s+states)"
_ABROAD = r"(?:canada|can|mexico|latam|uk|eu|europe)"
_ARRANGEMENTS = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"\bunited\s+states\s+of\s+america\b", "United States"),
        (r"\b(?:in|at)[- ]?(?:the\s)?(?:office|person)\b", "onsite"),
        (r"\bvirtual\b", "remote"),
        # "Remote OK", "(or remote)", "remote or Austin": not Oklahoma, nor Oregon.
        (
            rf"\b({_ARRANGEMENT})(?:\s+|-)"
            r"(?:ok(?:ay)?|possible|available|optional|friendly|work(?!\s+from))\b",
            r"\1",
        ),
        (rf"(?:\b(?:or|and)\b|[/&])\s*(?={_ARRANGEMENT}\b)", " "),
        (rf"\b({_ARRANGEMENT})\s+(?:or|and)\b(?=\s+\w)", r"\1 "),
        (rf"\bin\s+(?=(?:the\s+)?{_US}\b)", " "),
        # Only the part in the United States is priced.
        (rf"\b({_US})(?:\s*(?:[/,&]|\bor\b|\band\b)\s*{_ABROAD}\b)+", r"\1"),
        (rf"\b{_ABROAD}\s*(?:[/,&]|\bor\b|\band\b)\s*({_US})\b", r"\1"),
        # Codes of sites and of applicant tracking systems: "FTC03 - Ft. Collins", "US-AR-ROGERS-1".
        (r"^\s*[A-Z]{2,5}\d{1,4}\s+-\s+", ""),
        (r"^\s*US-([A-Z]{2})-([A-Za-z .']+)(?:-.*)?$", r"\2, \1"),
        (r"\bmetropolitan\s+division\b|\bNECTA(?:\s+division)?\b", " "),
    )
)
# California, or Canada? "US-CA" is the code of California, and before a comma it is a state, too.
US_AND_CA = re.compile(rf"\b{_US}\s*(?:[/&+]|,(?!\s*CA\s*,)|\band\b)\s*CA\b", re.IGNORECASE)
# State codes that are English words too: in lower case, and with no place beside, they are words.
WORDLIKE_STATES = frozenset(
    ("in", "or", "me", "ok", "hi", "oh", "ma", "pa", "la", "de", "id", "al")
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
    """Remove text beside the place, and the periods of initials ("L.A.").

    Of work arrangements "remote" remains, which means the nation where nothing else is said.
    """
    text = _INITIALS.sub(lambda initials: initials[0].replace(".", ""), text)
    for pattern, replacement in _ARRANGEMENTS:
        text = pattern.sub(replacement, text)
    return _ASIDES.sub(" ", text)


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
