"""Levels in titles and from years of experience."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from rapidfuzz import process
from rapidfuzz.distance import OSA

from paycite.match.names import FILLER_LENGTHS
from paycite.model.problem import Refusal
from paycite.model.vocabulary import Level, Match, Word, normal

_KEPT = 1_000  # words
_TWO_LEVELS = 10  # lowers the score of a match (of 100)
_MAX_WORDS = 3  # of a level name
_MIN_LETTERS_FOR_TYPO = 6  # of a level name
_VOWELS = frozenset("aeiou")
_WORD_LADDER = re.compile(r"[a-z]?mts")  # of members of technical staff
_GRADUATE = re.compile(
    r"\b(?:(?:new|recent|college|university|campus) )+(?:grads?|graduates?|hires?)\b", re.IGNORECASE
)


class LevelMention(Struct, frozen=True):
    """Words that state a level, with a score (of 100). A suffix stands at the end: "II"."""

    level: Level
    words: str
    score: float
    is_suffix: bool

    @property
    def is_step(self) -> bool:
        """Whether it is a step of an employer's ladder ("L7"), which varies between employers."""
        return is_ladder_step(self.words) and not self.is_suffix


def is_ladder_step(words: str) -> bool:
    """Return whether a level is a step of an employer's ladder: "L7", "SMTS"."""
    return words[-1:].isdecimal() or bool(_WORD_LADDER.fullmatch(words))


def set_graduates_apart(title: str) -> str:
    """Make words for new graduates a part of the title of their own, wherever they are."""
    return _GRADUATE.sub(lambda found: f", {found[0]}, ", title)


class LevelWords:
    """Finds level names in titles.

    A name that starts with a job noun is left to the role ("SDE II" is a software engineer).
    """

    def __init__(
        self, levels: Mapping[str, Level], words: Iterable[Word], is_job: Callable[[str], bool]
    ) -> None:
        self._anywhere = {
            normal(name): level
            for level in levels.values()
            for name in (level.id, level.title, *level.aliases)
            if not is_job(normal(name).split()[0].rstrip("0123456789"))
        }
        self._at_end = {normal(name): level for level in levels.values() for name in level.suffixes}
        self._ids = tuple(level.id for level in sorted(levels.values(), key=lambda it: it.rank))
        self._long_names = [name for name in self._anywhere if len(name) >= _MIN_LETTERS_FOR_TYPO]
        phrases = [word for word in words if word.dimension == "level"]
        self._not_levels = {word.word for word in phrases if word.kind == "other"}
        self.unplaced = frozenset(word.word for word in phrases if word.kind == "unplaced")
        self.tiered = frozenset(word.word for word in phrases if word.kind == "tiered")
        # The same word is looked at in each reading of a title, and in many titles.
        self._find_despite_typo = lru_cache(_KEPT)(self._find_similar)
        self._not_level = re.compile(rf"\b(?:{'|'.join(map(re.escape, self._not_levels))})\b")

    def is_suffix(self, word: str) -> bool:
        return word in self._at_end

    def is_level(self, word: str) -> bool:
        return word in self._anywhere or word in self._at_end

    def strip_other(self, text: str) -> str:
        """Remove phrases that only look like a level ("L3 support")."""
        return self._not_level.sub(" ", text)

    def find_step(self, step: str) -> Level | None:
        """Return the level of a ladder's step, "level 7" read as "L7"."""
        return self._anywhere.get(step) or self._anywhere.get(step.replace("level ", "l"))

    def split(
        self, title: str, is_filler: Callable[[str], bool]
    ) -> tuple[str, tuple[Level, Match] | None]:
        """Return the title without its level, and the level. Refusal: contradictory levels."""
        rest, found = self.separate(strip_trailing_filler(normal(title).split(), is_filler))
        return " ".join(rest) if found else title, combine_levels(found, title)

    def reject(self, detail: str) -> Refusal:
        """Build the refusal of words in a title that may state a level but cannot be parsed."""
        return Refusal.of("unknown-level", detail, "role", self._ids)

    def separate(self, words: Sequence[str]) -> tuple[list[str], list[LevelMention]]:
        """Separate level words from the rest. A suffix counts at the end, or before all else if
        it can be nothing but a suffix ("II Engineer", but not "3 Engineers")."""
        rest: list[str] = []
        found: list[LevelMention] = []
        while words:
            length, mention = self._match_start(words, is_before_all=not rest)
            if mention:
                found.append(mention)
            else:
                rest += words[:length]
            words = words[length:]
        return rest, found

    def _match_start(
        self, words: Sequence[str], is_before_all: bool
    ) -> tuple[int, LevelMention | None]:
        """Return the number of leading words to consume, and the level that they state if any."""
        for length in range(min(_MAX_WORDS, len(words)), 0, -1):
            name = " ".join(words[:length])
            if name in self._not_levels:
                return length, None
            if level := self._find(name):
                return length, LevelMention(level, name, 100, is_suffix=False)
            is_suffix = length == len(words) or (is_before_all and len(name) > 1)
            if is_suffix and name in self._at_end:
                return length, LevelMention(self._at_end[name], name, 100, is_suffix=True)
        return 1, self._find_despite_typo(words[0])

    def _find(self, name: str) -> Level | None:
        return self._anywhere.get("new graduate" if _GRADUATE.fullmatch(name) else name)

    def _find_similar(self, word: str) -> LevelMention | None:
        if len(word) < _MIN_LETTERS_FOR_TYPO:
            return None
        near = process.extract(word, self._long_names, scorer=OSA.distance, score_cutoff=1)
        names = (name for name, _, _ in near if _is_typo(word, name))
        meant = {self._anywhere[name].id: self._anywhere[name] for name in names}
        if len(meant) != 1:
            return None
        (level,) = meant.values()
        return LevelMention(level, word, round(100 * (1 - 1 / len(word)), 1), is_suffix=False)


def _is_typo(word: str, name: str) -> bool:
    """Return whether a word that is one edit from a level name is no word of its own: neither its
    plural or past ("associates", "graduated"), nor another consonant or vowel ("sensor")."""
    if len(word) != len(name):
        return word not in (f"{name}s", f"{name}d")
    wrong = [pair for pair in zip(word, name, strict=True) if len(set(pair)) > 1]
    return len(wrong) > 1 or _VOWELS.issuperset(wrong[0])


def strip_trailing_filler(words: list[str], is_filler: Callable[[str], bool]) -> list[str]:
    while length := next((n for n in FILLER_LENGTHS if is_filler(" ".join(words[-n:]))), 0):
        if _GRADUATE.fullmatch(" ".join(words[-2:])):  # "University Hire"
            break
        words = words[:-length]
    return words


def combine_levels(found: Sequence[LevelMention], title: str) -> tuple[Level, Match] | None:
    """Return the one level that all mentions in a title amount to.

    Of adjacent levels ("mid-senior") the higher, with the other as alternative. Refusal: levels
    further apart. A suffix below a word is a grade within that level ("Senior Engineer I"). A word
    wins over that and over a step of a ladder ("Principal, L7"), whose level is an alternative.
    """
    has_word = any(not (mention.is_suffix or mention.is_step) for mention in found)
    steps = [mention for mention in found if has_word and mention.is_step]
    found = [mention for mention in found if mention not in steps]
    worded = max((mention.level.rank for mention in found if not mention.is_suffix), default=0)
    steps += [mention for mention in found if mention.is_suffix and mention.level.rank < worded]
    found = [mention for mention in found if mention not in steps]
    if not found:
        return None
    highest = max(found, key=lambda mention: mention.level.rank)
    level = highest.level
    others = dict.fromkeys(m.level.id for m in (*found, *steps) if m.level != level)
    if level.rank - min(other.level.rank for other in found) > 1:
        words = " and ".join(f"{quote(title, other.words)!r} ({other.level.id})" for other in found)
        detail = f"Contradictory levels {words} in the title. Remove all but one."
        raise Refusal.of("ambiguous-title", detail, "role", (level.id, *others))
    return level, Match(
        dimension="level",
        query=highest.words,
        id=level.id,
        method="alias" if highest.score == 100 else "fuzzy",
        score=highest.score - _TWO_LEVELS * any(other.level != level for other in found),
        alternatives=tuple(others),
    )


def quote(title: str, words: str) -> str:
    """Return normalized words as the title writes them: "vi" as "VI"."""
    pattern = r"[\W_]*".join(map(re.escape, words.split()))
    found = re.search(rf"\b{pattern}\b", title, re.IGNORECASE)
    return found[0] if found else words


def level_of_years(years: float, asked: str, levels: Mapping[str, Level]) -> tuple[Level, Match]:
    """Return the level for years of experience; never staff or principal, which need the word."""
    reached = [levels[id_] for id_ in ("entry", "mid", "senior") if levels[id_].min_years <= years]
    return reached[-1], Match(
        dimension="level",
        query=asked,
        id=reached[-1].id,
        method="years",
        score=100,
        alternatives=(),
    )


def years_beside_level(
    years: float, asked: str, level: Level, levels: Mapping[str, Level]
) -> tuple[Level, Match] | None:
    """Return the level for years of experience where they point to another one than `level`. With
    enough years, staff and principal are what no years give, so nothing else."""
    found, match = level_of_years(years, asked, levels)
    is_higher = level.rank > found.rank and years >= level.min_years
    return None if is_higher or found == level else (found, match)
