"""What in a title looks like a rung, or tells years, and is no level: refused, never dropped."""

import re
from collections.abc import Iterator, Sequence

from paycite.match.names import Names
from paycite.match.titles.levels import LevelWords
from paycite.model.vocabulary import Role, normal

# The ladders of employers, of pay surveys and of the civil service.
_LADDER = re.compile(
    r"\b(?:(?:level|lvl|tier|band|grade) (?:\d{1,2}|[ivx]+)|(?:ic|gs|gg) ?\d{1,2}|[lepmt]\d{1,2})\b"
)
_ROMAN = re.compile(r"[ivx]+[iv]|ix")
_YEARS = re.compile(
    r"\b\d{1,2} ?\+?(?: ?(?:-|–|to) ?\d{1,2} ?\+?)? ?-? ?(?:years?|yrs?|yoe)\b"  # noqa: RUF001
    r"(?!\W*(?:contract|fixed|term))",
    re.IGNORECASE,
)


class Rungs:
    """Finds in titles the rungs that no level has, and those where no level is read."""

    def __init__(self, roles: Names[Role], levels: LevelWords) -> None:
        self._roles = roles
        self._levels = levels

    def refuse_unread(self, chunks: Sequence[str], title: str) -> None:
        """Refuse a title that tells years of experience, or a rung that was not read in its
        `chunks`, which punctuation parts."""
        if years := _YEARS.search(" ".join(title.split())):
            raise self._levels.unread(title, years[0], "years are no level", "`years`")
        for place, chunk in enumerate(chunks):
            text = normal(chunk)
            ladder = (rung for rung in _LADDER.findall(text) if not self._levels.is_level(rung))
            rest = self._roles.telling(_LADDER.sub(" ", text))
            words = [word for word in rest if word != "or"]
            for rung in (*ladder, *self._numerals(words, is_first=place == 0)):
                raise self._levels.unread(title, rung, "no level is called so there", "`level`")

    def _numerals(self, words: Sequence[str], is_first: bool) -> Iterator[str]:
        """The numerals that look like rungs, and are not read as one."""
        for at, (before, word) in enumerate(zip(["", *words], words, strict=False)):
            is_roman = bool(_ROMAN.fullmatch(word))
            if not is_roman and word not in ("i", "v") and not (word.isdecimal() and len(word) < 3):
                continue
            if len(words) == 1 or self._roles.is_job(before) or self._levels.is_level(before):
                is_read = self._levels.is_level(word)
            elif is_roman:  # "Azure II Data Engineer"
                is_read = at in (0, len(words) - 1)
            else:  # "I Software Engineer", "3 Engineers"; but "Java 8"
                is_read = at > 0 or not is_first
            if not is_read:
                yield word
