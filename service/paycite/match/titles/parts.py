"""A title in its parts, and where in them a job is named. Pay, lengths of time, and numbers that
are no rung, say nothing."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from rapidfuzz import process
from rapidfuzz.distance import OSA

from paycite.match.names import Names
from paycite.match.titles.levels import LevelWords, Said, without_noise_at_end
from paycite.model.vocabulary import Role, normal

_INSET = re.compile(r"(?<=\w)\s*[(\[]([^()\[\]]*)[)\]](?=\s*\w)")
_AMOUNT = r"\d[\d.,]*\s*[km]?\+?"
_PAY = re.compile(
    rf"[$€£]\s*{_AMOUNT}(?:\s*(?:-|–|—|to)\s*[$€£]?\s*{_AMOUNT})?"  # noqa: RUF001 - as people paste
    r"(?:\s*(?:/|per|an?)\s*(?:hr|hour|yr|year|annum)\b)?",
    re.IGNORECASE,
)
_REQUISITION = re.compile(r"#\s*\w*\d+|\b[a-z]{0,3}-?\d{4,}\b", re.IGNORECASE)
_DURATION = re.compile(
    r"\b\d{1,3} ?\+?(?: ?(?:-|–|to) ?\d{1,3} ?\+?)? ?-? ?"  # noqa: RUF001
    r"(?:%|(?:years?|yrs?|yoe|months?|weeks?|days?|hours?|hrs?)\b)|\b24 ?[/x] ?7\b",
    re.IGNORECASE,
)
_BETWEEN_PARTS = re.compile(r"[()\[\]{},|:;@•·…–—]|\.{2,}|\s-|-\s|--")  # noqa: RUF001
_JOINTS = re.compile(r"/|&|\+|\band\b|\bor\b", re.IGNORECASE)
_LETTERS_TO_ERR_IN = 7  # of a word of a role's name: no other word of a title is so like one


class Part(Struct, frozen=True):
    """What stands between punctuation, in the pieces that "and" or a slash join; or what follows a
    job directly."""

    pieces: tuple[tuple[str, ...], ...]
    follows_directly: bool = False

    @property
    def words(self) -> list[str]:
        return [word for piece in self.pieces for word in piece]


class Parts:
    """Takes titles apart, by the words that roles and levels have."""

    def __init__(self, roles: Names[Role], levels: LevelWords) -> None:
        self._roles = roles
        self._levels = levels
        self._long_words = [word for word in roles.words if len(word) >= _LETTERS_TO_ERR_IN]

    def of(self, title: str) -> list[Part]:
        """The parts that say something. A piece that ends with a job ends its part: "Data Analyst
        and Data Scientist" are two, "Data and Analytics Engineer" is one. One of levels alone is a
        part: "Senior/Staff" are two levels, "Senior Staff" is one."""
        parts: list[Part] = []
        for chunk in chunks(title):
            joined: list[tuple[str, ...]] = []
            for piece in (tuple(self._words(text)) for text in _JOINTS.split(chunk)):
                if not self._telling(piece):
                    continue
                if not self.without_level(piece)[0]:
                    parts.append(Part((piece,)))
                else:
                    joined.append(piece)
                    if self.ends_in_job(piece):
                        parts.append(Part(tuple(joined)))
                        joined = []
            if joined:
                parts.append(Part(tuple(joined)))
        return parts

    def closed_up(self, title: str) -> str:
        """The title with what is inset in the midst of a name after it: "Machine Learning (ML)
        Engineer"."""
        insets = []

        def take_out(inset: re.Match[str]) -> str:
            if self._roles.is_job(normal(title[: inset.start()]).rpartition(" ")[2]):
                return inset[0]
            insets.append(inset[1])
            return " "

        return ", ".join([_INSET.sub(take_out, title), *insets])

    def main(self, parts: Sequence[Part]) -> Part | None:
        """The part with the head: the first that ends with a job, else that has one, else that is
        a name ("MLOps")."""
        for is_main in (self._ends_with_job, self._has_job, self._is_name):
            for part in parts:
                if is_main(part):
                    return part
        return None

    def cut(self, part: Part) -> tuple[list[str], list[Said], Part | None]:
        """The words up to the last job, the rung behind it, and what follows that directly."""
        words = part.words
        jobs = [at for at, word in enumerate(words, start=1) if self._roles.is_job(word)]
        after = end = jobs[-1] if jobs else len(words)
        while after < len(words) and self._levels.is_rung(words[after]):
            after += 1
        _, rung = self._levels.part(words[end:after])
        tail = tuple(words[after:])
        return words[:end], rung, Part((tail,), follows_directly=True) if tail else None

    def without_level(self, words: Sequence[str]) -> tuple[list[str], list[Said]]:
        return self._levels.part(self._telling(words))

    def ends_in_job(self, words: Sequence[str]) -> bool:
        if not any(map(self._roles.is_job, words)):
            return False
        rest, _ = self.without_level(words)
        return bool(rest) and self._roles.is_job(rest[-1])

    def is_mended(self, parts: Sequence[Part], title: str) -> bool:
        """Whether a typing error in the title was read over."""
        written = set(normal(title).split())
        words = (word for part in parts for word in part.words)
        return any(len(word) >= _LETTERS_TO_ERR_IN and word not in written for word in words)

    def _ends_with_job(self, part: Part) -> bool:
        return self.ends_in_job(part.pieces[-1])

    def _has_job(self, part: Part) -> bool:
        return any(map(self._roles.is_job, part.words))

    def _is_name(self, part: Part) -> bool:
        rest, _ = self.without_level(part.words)
        return bool(self._roles.named(self._roles.plain(" ".join(rest))))

    def _telling(self, words: Sequence[str]) -> list[str]:
        return without_noise_at_end(list(words), self._roles.is_noise)

    def _words(self, text: str) -> Iterator[str]:
        """The words; of numbers those that may be a rung, or are in a name ("SDE2", "J2EE")."""
        for word in normal(text).split():
            if word[-1].isdecimal() and self._roles.is_job(word[:-1]):
                yield from (word[:-1], word[-1])
            elif word.isalpha() or len(word) == 1 or self._is_known(word):
                yield self._mended(word)

    def _mended(self, word: str) -> str:
        """The word, or the only one of the names that it is a typing error of."""
        if len(word) < _LETTERS_TO_ERR_IN or self._roles.kind(word) or self._is_known(word):
            return word
        near = process.extract(word, self._long_words, scorer=OSA.distance, score_cutoff=1, limit=2)
        return str(near[0][0]) if len(near) == 1 else word

    def _is_known(self, word: str) -> bool:
        return word in self._roles.words or self._levels.is_level(word)


def without_numbers(title: str) -> str:
    """Without pay, lengths of time, and the number of the advertisement."""
    text = _PAY.sub(" ", " ".join(title.split()))
    return _REQUISITION.sub(" ", _DURATION.sub(" ", text))


def has_joint(title: str) -> bool:
    return bool(_JOINTS.search(title))


def chunks(title: str) -> list[str]:
    """What stands between punctuation."""
    return _BETWEEN_PARTS.split(title)
