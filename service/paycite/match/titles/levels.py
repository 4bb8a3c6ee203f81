"""Levels: in titles, from years of experience, and where the two contradict each other."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct
from rapidfuzz import process
from rapidfuzz.distance import OSA

from paycite.match.names import NOISE_LENGTHS
from paycite.model.problem import Fault, Refusal
from paycite.model.vocabulary import Level, Match, Word, normal

_LONGEST = 3  # words of a level's name
_LETTERS_TO_ERR_IN = 6  # of a level's name in a title: no other word of a title is so like one


class Said(Struct, frozen=True):
    """A level that words say, and how sure that is (of 100). A rung stands at the end of a title:
    "II"."""

    level: Level
    words: str
    score: float
    is_rung: bool


class Reading(Struct, frozen=True):
    """A title without its level, and the level that it says."""

    rest: str
    level: tuple[Level, Match] | None


class LevelWords:
    """The names of levels as they stand in titles.

    A name that begins with what `is_job` is left to the role ("SDE II" is a software engineer).
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
        self._long_names = [name for name in self._anywhere if len(name) >= _LETTERS_TO_ERR_IN]
        self._not_levels = {
            word.word for word in words if (word.dimension, word.kind) == ("level", "other")
        }

    def is_rung(self, word: str) -> bool:
        return word in self._at_end

    def is_level(self, word: str) -> bool:
        return word in self._anywhere or word in self._at_end

    def read(self, title: str, is_noise: Callable[[str], bool]) -> Reading:
        """The level that the words of the title say; Refusal where they contradict each other."""
        rest, found = self.part(without_noise_at_end(normal(title).split(), is_noise))
        return Reading(" ".join(rest) if found else title, level_said(found, title))

    def unread(self, title: str, words: str, reason: str, parameter: str) -> Refusal:
        """The refusal of words in a title that may say its level and were not read."""
        detail = f"{title!r} says {words!r}: {reason}. Leave it out, and ask with {parameter}."
        return Refusal(
            [Fault(type="unknown-level", parameter="role", detail=detail, suggestions=self._ids)]
        )

    def part(self, words: Sequence[str]) -> tuple[list[str], list[Said]]:
        """The words that say no level, and the levels that the others say. A rung is at the end,
        or before all else if it is none but a rung ("II Engineer"; "3 Engineers" says none)."""
        rest: list[str] = []
        found: list[Said] = []
        while words:
            length, said = self._at_start(words, is_before_all=not rest)
            if said:
                found.append(said)
            else:
                rest += words[:length]
            words = words[length:]
        return rest, found

    def _at_start(self, words: Sequence[str], is_before_all: bool) -> tuple[int, Said | None]:
        """How many words name a level or what is none, and the level."""
        for length in range(min(_LONGEST, len(words)), 0, -1):
            name = " ".join(words[:length])
            if name in self._not_levels:
                return length, None
            if name in self._anywhere:
                return length, Said(self._anywhere[name], name, 100, is_rung=False)
            is_rung = length == len(words) or (is_before_all and len(name) > 1)
            if is_rung and name in self._at_end:
                return length, Said(self._at_end[name], name, 100, is_rung=True)
        return 1, self._but_for_an_error(words[0])

    def _but_for_an_error(self, word: str) -> Said | None:
        if len(word) < _LETTERS_TO_ERR_IN:
            return None
        near = process.extract(
            word,
            self._long_names,
            scorer=OSA.distance,
            score_cutoff=1,
        )
        meant = {self._anywhere[name].id: self._anywhere[name] for name, _, _ in near}
        if len(meant) != 1:
            return None
        (level,) = meant.values()
        return Said(level, word, round(100 * (1 - 1 / len(word)), 1), is_rung=False)


def without_noise_at_end(words: list[str], is_noise: Callable[[str], bool]) -> list[str]:
    while length := next((n for n in NOISE_LENGTHS if is_noise(" ".join(words[-n:]))), 0):
        words = words[:-length]
    return words


def level_said(found: Sequence[Said], title: str) -> tuple[Level, Match] | None:
    """The level of all that a title says. Of two neighbours ("mid-senior") it is the higher, with
    the other as alternative; others contradict each other, and are refused. A rung below a word is
    one within its level ("Senior Engineer I")."""
    worded = max((said.level.rank for said in found if not said.is_rung), default=0)
    found = [said for said in found if not said.is_rung or said.level.rank >= worded]
    if not found:
        return None
    said = max(found, key=lambda said: said.level.rank)
    others = dict.fromkeys(other.level.id for other in found if other.level != said.level)
    if said.level.rank - min(other.level.rank for other in found) > 1:
        words = " and ".join(repr(other.words) for other in found)
        ids = (said.level.id, *others)
        detail = f"{title!r} says {words}: leave one out, or ask with the level you mean."
        fault = Fault(type="ambiguous-title", parameter="role", detail=detail, suggestions=ids)
        raise Refusal([fault])
    return said.level, Match(
        dimension="level",
        query=said.words,
        id=said.level.id,
        method="alias" if said.score == 100 else "fuzzy",
        score=said.score,
        alternatives=tuple(others),
    )


def level_of_years(years: float, asked: str, levels: Mapping[str, Level]) -> tuple[Level, Match]:
    """The level of years of experience; never staff or principal, which take the word."""
    reached = [levels[id_] for id_ in ("entry", "mid", "senior") if levels[id_].min_years <= years]
    return reached[-1], Match(
        dimension="level",
        query=asked,
        id=reached[-1].id,
        method="years",
        score=100,
        alternatives=(),
    )


def refuse_contradiction(level: Level, years: float, levels: Mapping[str, Level]) -> None:
    """Refuse years below the level's minimum, and `entry` with a senior's years."""
    ceiling = levels["senior"].min_years
    if years < level.min_years:
        contradiction = f"{level.id} takes {level.min_years} years or more"
    elif level.id == "entry" and years >= ceiling:
        contradiction = f"entry takes fewer than {ceiling} years"
    else:
        return
    raise Refusal(
        [
            Fault(
                type="conflicting-parameters",
                parameter="years",
                detail=f"years={years:g} contradicts the level {level.id}: {contradiction}. "
                "Leave one of the two out.",
            )
        ]
    )
