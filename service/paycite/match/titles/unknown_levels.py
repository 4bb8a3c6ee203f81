"""Level-like text in titles that is not a known level: refused, never dropped."""

import re
from collections.abc import Iterator, Sequence

from paycite.match.names import Names
from paycite.match.titles.levels import LevelWords, quote
from paycite.model.vocabulary import Level, Role, normal

# Job ladders of employers, pay surveys and the civil service.
_LADDER = re.compile(
    r"\b(?:(?:level|lvl|lv|tier|band|grade) ?(?:\d{1,2}|[ivx]+)|(?:ict?|gs|gg) ?\d{1,2}"
    r"|[gleptm]\d{1,2}|[a-z]?mts ?(?:\d{1,2}|[ivx]+))\b"
)
_TIER = re.compile(r"\bl[1-5]\b")  # of support
_CODE = re.compile(r"(?!v\d)([a-z]{1,2})[1-9]\d?[ab]?")  # of an employer's grade: "JG9"
_ROMAN = re.compile(r"[ivx]+[iv]|ix")
_YEARS = re.compile(
    r"\b(\d{1,2}) ?\+?(?: ?(?:-|–|to) ?\d{1,2} ?\+?)? ?-? ?(?:years?|yrs?|yoe)\b"  # noqa: RUF001
    r"(?!\W*(?:contract|fixed|term))",
    re.IGNORECASE,
)


def find_years(title: str) -> tuple[str, int] | None:
    """Return the years of experience that a title states, as written and the least of them."""
    found = _YEARS.search(" ".join(title.split()))
    return (found[0], int(found[1])) if found else None


class UnknownLevels:
    """Finds level-like text that is unknown, or stands where no level is parsed."""

    def __init__(self, roles: Names[Role], levels: LevelWords) -> None:
        self._roles = roles
        self._levels = levels

    def refuse_years(self, title: str) -> None:
        """Refuse years of experience in a title that states no level."""
        if years := find_years(title):
            raise self._levels.reject(
                f"The title states years of experience ({years[0]!r}), which are not a level. "
                "Remove them and use the `years` parameter."
            )

    def refuse(self, chunks: Sequence[str], title: str, has_word: bool) -> tuple[Level, ...]:
        """Refuse level-like text in the chunks that was not parsed.

        If a word states the level, steps of unknown ladders are not refused, and the levels that
        they may mean are returned.
        """
        steps: list[str] = []
        is_tiered = any(f" {job} " in f" {normal(title)} " for job in self._levels.tiered)
        for place, chunk in enumerate(chunks):
            text = self._levels.strip_other(normal(chunk))
            ladder = self.find_steps(text) + (_TIER.findall(text) if is_tiered else [])
            rest = self._roles.significant_words(_LADDER.sub(" ", text))
            words = [word for word in rest if word != "or"]
            ladder += self._find_codes(words, is_last=place == len(chunks) - 1)
            numerals = self._find_numerals(words, is_first=place == 0)
            unplaced = self._find_unplaced(words, is_first=place == 0)
            steps += ladder
            phrases = self._find_phrases(text)
            for step in (*phrases, *(numerals if has_word else (*ladder, *unplaced, *numerals))):
                raise self._levels.reject(
                    f"Unrecognized level {quote(title, step)!r} in the title. "
                    "Remove it and use the `level` parameter."
                )
        return tuple(filter(None, map(self._levels.find_step, steps)))

    def find_steps(self, text: str) -> list[str]:
        """Return the steps of unknown ladders in a text."""
        return [step for step in _LADDER.findall(text) if not self._levels.is_level(step)]

    def _find_codes(self, words: Sequence[str], is_last: bool) -> Iterator[str]:
        """Yield codes of grades after a job, on their own and at the end: "JG9", but not "EC2"."""
        for at, (before, word) in enumerate(zip(["", *words], words, strict=False), start=1):
            code = _CODE.fullmatch(word)
            is_beside = self._roles.is_job(before) or len(words) == 1
            if code and (is_beside or (is_last and at == len(words))):
                is_known = self._levels.is_level(word) or self._roles.kind(word)
                if not is_known and not self._roles.is_job(code[1]):
                    yield word

    def _find_phrases(self, text: str) -> Iterator[str]:
        """Yield the first words of phrases that no level has: "Associate" of a manager."""
        for phrase in sorted(self._levels.unplaced):
            word, _, rest = phrase.partition(" ")
            if rest and f" {phrase} " in f" {text} ":
                yield word

    def _find_unplaced(self, words: Sequence[str], is_first: bool) -> Iterator[str]:
        """Yield words of unplaced levels: "Expert Data Engineer", but not "Auction Expert"."""
        for at, (before, word) in enumerate(zip(["", *words], words, strict=False)):
            is_beside = self._roles.is_job(before) or (at == 0 and (is_first or len(words) == 1))
            if word in self._levels.unplaced and is_beside:
                yield word

    def _find_numerals(self, words: Sequence[str], is_first: bool) -> Iterator[str]:
        """Yield numerals that look like level suffixes and are not parsed as one."""
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
