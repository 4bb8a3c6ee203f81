"""Recognize an employer in its spellings: look-alike letters, legal forms, branches, typos."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

from rapidfuzz.distance import OSA

# Letters of other scripts that look like Latin ones, after case folding.
_LOOK_ALIKES = str.maketrans(
    "авсԁеɡһіјкӏмнорԛѕтυνѡхуαβεηικμορτχγøłıđħ",
    "abcdeghijklmhopqstuvwxyabehikmoptxyolidh",
)
_DIGITS_IN_WORDS = re.compile(r"(?<=[a-z])[01]+(?=[a-z])")
_AS_LETTERS = str.maketrans("01", "ol")
_BRACKETS = re.compile(r"[(\[{<][^)\]}>]*[)\]}>]")
_ALSO_KNOWN = re.compile(r"\b(?:d[/.]?b[/.]?a|a[/.]?k[/.]?a|f[/.]?k[/.]?a|doing business as)\b\.?")
# " - Columbus branch", " #12", " store 12"
_BRANCH = re.compile(
    r"\s+[-\N{EN DASH}\N{EM DASH}|:@]\s.*$|\s*#\s*\d+.*$"
    r"|[\s,]+(?:store|branch|office|location|site|unit)(?:\s+(?:no\.?\s*)?\d+)?\s*$"
)
_WORD = re.compile(r"[^\W_]+")
_NEEDLESS = re.compile(
    r"the|and|of|inc|incorporated|llc|ltd|limited|corp|corporation|co|company|companies|lp|llp|pllc"
    r"|plc|pc|gmbh|ag|sa|nv|bv|pty|usa|groups?|holdings?|intl|international"
)
_NOBODY = re.compile(r"na|none|null|tbd|unknown|undisclosed|confidential|anonymous|private|")
# One typo from this many letters, two from the second number: "North River Bank" is not "South".
_LETTERS_FOR_TYPOS = (6, 20)
_TELLING = 40  # letters of a key; a cell may have thousands


def normalize(name: str) -> tuple[str, ...]:
    """The keys of a name: two if it says "A doing business as B", none if it names no employer.

    >>> normalize("The Acme Group, Inc. - Columbus branch")
    ('acme',)
    """
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_LOOK_ALIKES)
    letters = (
        one
        for one in unicodedata.normalize("NFKD", folded)
        if unicodedata.category(one) not in ("Mn", "Cf")
    )
    plain = "".join(letters)
    keys = (_find_key(part) for part in _ALSO_KNOWN.split(plain))
    return tuple(dict.fromkeys(key for key in keys if not _NOBODY.fullmatch(key)))


def group_spellings(names: Iterable[str]) -> dict[str, str]:
    """Map each name of an employer to a key, the same for names that are equal but for spelling, or
    nearly. Names of nobody are left out."""
    keys = {name: found for name in set(names) if (found := normalize(name))}
    first = _Groups()
    for found in keys.values():
        for one, other in pairwise(found):
            first.join(one, other)
    for one, other in _find_near({key for found in keys.values() for key in found}):
        first.join(one, other)
    return {name: first.find(found[0]) for name, found in keys.items()}


def list_near(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of names that count as one employer though they differ by more than legal forms,
    letter case and the like, so that someone should look at them."""
    groups: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name, key in sorted(group_spellings(names).items()):
        groups[key].setdefault(normalize(name)[0], name)
    return sorted(tuple(found.values()) for found in groups.values() if len(found) > 1)


class _Groups:
    """Disjoint sets of keys; the first key in order stands for a set, whatever was joined first."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def find(self, key: str) -> str:
        while (parent := self._parents.get(key, key)) != key:
            key = parent
        return key

    def join(self, one: str, other: str) -> None:
        low, high = sorted((self.find(one), self.find(other)))
        self._parents[high] = low


def _find_key(text: str) -> str:
    """The words that tell an employer from others, without spaces ("Face Book")."""
    short = _BRANCH.sub("", _BRACKETS.sub(" ", text))
    for part in (short, text):
        words = _WORD.findall(part.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", ""))
        if telling := [word for word in words if not _NEEDLESS.fullmatch(word)]:
            return _DIGITS_IN_WORDS.sub(
                lambda found: found[0].translate(_AS_LETTERS), "".join(telling)
            )
    return "".join(_WORD.findall(text))


def _find_near(keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs that are a typo or two apart. A digit is never a typo ("Client 12", "Client 13")."""
    shortened: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for key in sorted(keys):
        for variant in _drop_letters(key[:_TELLING], _count_typos(key)):
            shortened[variant, "".join(filter(str.isdigit, key))].append(key)
    for alike in shortened.values():
        for one, other in combinations(alike, 2):
            most = min(_count_typos(one), _count_typos(other))
            if OSA.distance(one, other, score_cutoff=most) <= most:
                yield one, other


def _count_typos(key: str) -> int:
    return sum(len(key) >= letters for letters in _LETTERS_FOR_TYPOS)


def _drop_letters(key: str, most: int) -> set[str]:
    """The key without up to `most` of its letters. Names with that many typos share one."""
    found = {key}
    for _ in range(most):
        found |= {one[:at] + one[at + 1 :] for one in found for at in range(len(one))}
    return found
