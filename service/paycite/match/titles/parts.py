"""Splits titles into parts at punctuation, and finds the part that names the job."""

import re
from collections.abc import Iterator, Sequence
from html import unescape

from msgspec import Struct
from rapidfuzz import process
from rapidfuzz.distance import OSA

from paycite.match.names import Names
from paycite.match.other_work import CONTRACTOR, PART_TIME
from paycite.match.titles.levels import (
    LevelMention,
    LevelWords,
    set_graduates_apart,
    strip_trailing_filler,
)
from paycite.model.vocabulary import Role, normal

_INSET = re.compile(r"(?<=\w)\s*[(\[]([^()\[\]]*)[)\]](?=\s*\w)")
_AMOUNT = r"\d[\d.,]*\s*[km]?\+?"
_PAY = re.compile(
    rf"[$€£]\s*{_AMOUNT}(?:\s*(?:-|–|—|to)\s*[$€£]?\s*{_AMOUNT})?"  # noqa: RUF001 - as people paste
    r"(?:\s*(?:/|per|an?)\s*(?:hr|hour|yr|year|annum)\b)?",
    re.IGNORECASE,
)
# Numbers of advertisements, and job, SOC and O*NET codes: "12345.67", "15-1252", "00.1.1".
_CODE = re.compile(
    r"\b\d{2}-\d{4}(?:\.\d\d)?\b|\b\d+(?:\.\d+)+\b|#\s*\w*\d+|\b[a-z]{0,3}-?\d{4,}\b"
    r"|(?<=\()[a-z]{1,3}\d{1,2} ?- ?\d{4,}(?=\))",
    re.IGNORECASE,
)
# Work that is not a full-time employee's, unless the title says that it is. The last of these are
# fields, too ("Contract Deliverables"), so only beside a name, or on their own.
EMPLOYEE = re.compile(r"\b(?:full\W?time|perm(?:anent)?|hire)\b", re.IGNORECASE)
_PHRASES = "|".join(r"\W?".join(words) for words in (*PART_TIME, *CONTRACTOR))
OTHER_WORK = re.compile(rf"(?<!no )(?<!non[ -])\b(?:{_PHRASES}|freelance(?:r)?)\b", re.IGNORECASE)
CONTRACT_WORK = re.compile(r"\b(?:contract|contractor|temp|temporary)\b", re.IGNORECASE)
_AI_ML = re.compile(r"\b(?:ai\s*(?:/|&|\+|and\b)\s*ml|ml\s*(?:/|&|\+|and\b)\s*ai)\b", re.IGNORECASE)
_PRESALES = re.compile(r"\bpre[\s-]sales?\b", re.IGNORECASE)
_INITIALS = re.compile(r"\b[a-z](?:\.[a-z])+\b\.?", re.IGNORECASE)
_MEMBER = re.compile(r"\bmember of (?:the )?technical staff\b(?!\W*(?:\d|[ivx]+\b))", re.IGNORECASE)
_INITIALS_OF_ROLE = re.compile(r"\b([a-z]{2,4})(?:[ -]?([1-9])|[ -](i{1,3}|iv|v))\b", re.IGNORECASE)
_DURATION = re.compile(
    r"\b\d{1,3} ?\+?(?: ?(?:-|–|to) ?\d{1,3} ?\+?)? ?-? ?"  # noqa: RUF001
    r"(?:%|(?:years?|yrs?|yoe|months?|weeks?|days?|hours?|hrs?)\b)|\b24 ?[/x] ?7\b",
    re.IGNORECASE,
)
_BETWEEN_PARTS = re.compile(r"[()\[\]{},|:;@•·…–—]|\.{2,}|\s-|-\s|--")  # noqa: RUF001
_JOINTS = re.compile(r"/|&|\+|\band\b|\bor\b", re.IGNORECASE)
_MIN_LETTERS_FOR_TYPO = 7  # of a word in a role name; no other title word is one typo away


class TitlePart(Struct, frozen=True):
    """Text between punctuation, as pieces joined by "and" or a slash; or text right after a job."""

    pieces: tuple[tuple[str, ...], ...]
    follows_directly: bool = False

    @property
    def words(self) -> list[str]:
        return [word for piece in self.pieces for word in piece]


class Parts:
    """Splits titles, using the words of roles and levels."""

    def __init__(self, roles: Names[Role], levels: LevelWords) -> None:
        self._roles = roles
        self._levels = levels
        self._long_words = [word for word in roles.words if len(word) >= _MIN_LETTERS_FOR_TYPO]

    def split(self, title: str) -> list[TitlePart]:
        """Return the parts with significant words.

        A piece that ends with a job ends its part: "Data Analyst and Data Scientist" is two parts,
        "Data and Analytics Engineer" is one. Pieces of levels alone are parts: "Senior/Staff" has
        two levels, "Senior Staff" has one.
        """
        parts: list[TitlePart] = []
        for chunk in split_chunks(title):
            joined: list[tuple[str, ...]] = []
            for piece in (tuple(self._words(text)) for text in _JOINTS.split(chunk)):
                if not self._strip_filler(piece):
                    continue
                if not self.without_level(piece)[0]:
                    parts.append(TitlePart((piece,)))
                else:
                    joined.append(piece)
                    if self.ends_in_job(piece):
                        parts.append(TitlePart(tuple(joined)))
                        joined = []
            if joined:
                parts.append(TitlePart(tuple(joined)))
        return parts

    def lift_insets(self, title: str) -> str:
        """Move text in parentheses inside a name to the end: "Machine Learning (ML) Engineer"
        becomes "Machine Learning Engineer, ML"."""
        insets = []

        def take_out(inset: re.Match[str]) -> str:
            if self._roles.is_job(normal(title[: inset.start()]).rpartition(" ")[2]):
                return inset[0]
            insets.append(inset[1])
            return " "

        return ", ".join([_INSET.sub(take_out, title), *insets])

    def drop_initials(self, title: str) -> str:
        """Remove initials of the role that repeat it before a numeral: "Data Engineer (DE2)"
        becomes "Data Engineer (2)"."""

        def drop(found: re.Match[str]) -> str:
            before, letters = normal(title[: found.start()]), found[1].casefold()
            words = before.split()
            spelled = {
                "".join(word[0] for word in words[max(0, at - len(letters)) : at])
                for at, word in enumerate(words, start=1)
                if self._roles.is_job(word)
            }
            is_repeated = self._roles.is_job(letters) and (
                f" {self._roles.plain(letters)} " in f" {self._roles.plain(before)} "
            )
            return found[2] or found[3] if letters in spelled or is_repeated else found[0]

        return _INITIALS_OF_ROLE.sub(drop, title)

    def main(self, parts: Sequence[TitlePart]) -> TitlePart | None:
        """Return the first part that ends with a job, else has a job, else is a name ("MLOps")."""
        parts = [part for part in parts if not self.is_grade(part)]
        for is_main in (self._ends_with_job, self._has_job, self._is_name):
            for part in parts:
                if is_main(part):
                    return part
        return None

    def cut(self, part: TitlePart) -> tuple[list[str], list[LevelMention], TitlePart | None]:
        """Return the words up to the last job, the level suffix after it, and what follows."""
        words = part.words
        jobs = [at for at, word in enumerate(words, start=1) if self._roles.is_job(word)]
        if len(jobs) > 1 and self.is_grade(TitlePart((tuple(words[jobs[-2] : jobs[-1]]),))):
            jobs.pop()  # "Software Engineer Specialist", "Software Engineer Sr. Advisor"
        after = end = jobs[-1] if jobs else len(words)
        while after < len(words) and (
            self._levels.is_suffix(words[after]) or self._roles.is_grade(words[after])
        ):
            after += 1
        suffix = [
            mention for word in words[end:after] for mention in self._levels.separate([word])[1]
        ]
        tail = tuple(words[after:])
        return words[:end], suffix, TitlePart((tail,), follows_directly=True) if tail else None

    def without_level(self, words: Sequence[str]) -> tuple[list[str], list[LevelMention]]:
        return self._levels.separate(self._strip_filler(words))

    def is_grade(self, part: TitlePart) -> bool:
        """Return whether a part is only a grade that follows the name of a role: "Consultant"."""
        rest, _ = self.without_level(part.words)
        return len(rest) == 1 and self._roles.is_grade(rest[0])

    def ends_in_job(self, words: Sequence[str]) -> bool:
        if not any(map(self._roles.is_job, words)):
            return False
        rest, _ = self.without_level(words)
        ends = (rest[-1:], rest[-2:])  # "Scrum Master"
        return any(self._roles.is_job(" ".join(end)) for end in ends)

    def has_typo(self, parts: Sequence[TitlePart], title: str) -> bool:
        """Return whether a typo in the title was corrected."""
        written = set(normal(title).split())
        words = (word for part in parts for word in part.words)
        return any(len(word) >= _MIN_LETTERS_FOR_TYPO and word not in written for word in words)

    def _ends_with_job(self, part: TitlePart) -> bool:
        return self.ends_in_job(part.pieces[-1])

    def _has_job(self, part: TitlePart) -> bool:
        return any(map(self._roles.is_job, part.words))

    def _is_name(self, part: TitlePart) -> bool:
        rest, _ = self.without_level(part.words)
        return bool(self._roles.named(self._roles.plain(" ".join(rest))))

    def _strip_filler(self, words: Sequence[str]) -> list[str]:
        return strip_trailing_filler(list(words), self._roles.is_filler)

    def _words(self, text: str) -> Iterator[str]:
        """Yield the words; of those with digits, level suffixes and known words ("J2EE") only, and
        no version of a language ("Python 3 Developer")."""
        words = normal(text).split()
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
            if word[-1].isdecimal() and self._roles.is_job(word[:-1]):
                yield from (word[:-1], word[-1])
            elif word.isdecimal() and self._roles.is_job(after) and self._is_version(before, word):
                continue
            elif word.isalpha() or len(word) == 1 or self._is_known(word):
                yield self._fix_typo(word)

    def _is_version(self, before: str, number: str) -> bool:
        """Return whether a number before a job is the version of the word that precedes it."""
        is_level = any(map(self._levels.is_level, (before, f"{before} {number}")))
        is_other = self._roles.is_job(before) or self._roles.is_filler(before)
        return before.isalpha() and not is_level and not is_other

    def _fix_typo(self, word: str) -> str:
        """Return the word, or the only role word that is one typo away."""
        if len(word) < _MIN_LETTERS_FOR_TYPO or self._roles.kind(word) or self._is_known(word):
            return word
        near = process.extract(word, self._long_words, scorer=OSA.distance, score_cutoff=1, limit=2)
        return str(near[0][0]) if len(near) == 1 else word

    def _is_known(self, word: str) -> bool:
        return word in self._roles.words or self._levels.is_level(word)


def clean(title: str) -> str:
    """Decode HTML entities, join initials ("A.I. Engineer" becomes "AI Engineer"), "AI/ML" and
    "pre-sales", and set words for new graduates apart."""
    text = _INITIALS.sub(lambda found: found[0].replace(".", ""), unescape(title))
    return set_graduates_apart(_PRESALES.sub("presales", _AI_ML.sub("AI ML", text)))


def drop_member(title: str) -> str:
    """Remove "Member of Technical Staff", unless a number follows."""
    return _MEMBER.sub(", ", title)


def strip_numbers(title: str) -> str:
    """Remove pay, lengths of time and codes."""
    text = _PAY.sub(" ", " ".join(title.split()))
    return _CODE.sub(" ", _DURATION.sub(" ", text))


def has_joint(title: str) -> bool:
    """Return whether a slash, a word or parentheses join parts."""
    return bool(_JOINTS.search(title) or "(" in title)


def split_chunks(title: str) -> list[str]:
    """Split at punctuation."""
    return _BETWEEN_PARTS.split(title)
