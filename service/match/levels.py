"""Levels: in titles, from years of experience, and where the two contradict each other."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from rapidfuzz import process
from rapidfuzz.distance import OSA

from service.model.problem import Fault, Refusal
from service.model.vocabulary import Level, Match, normal

_LONGEST = 3  # words of a level's name
_LETTERS_TO_ERR_IN = 6  # of a level's name in a title: no other word of a title is so like one


class Reading(Struct, frozen=True):
    """A title without its level, and the level that it says."""

    rest: str
    level: tuple[Level, Match] | None


class LevelWords:
    """The names of levels as they stand in titles."""

    def __init__(self, levels: Mapping[str, Level]) -> None:
        self._anywhere = {
            normal(name): level
            for level in levels.values()
            for name in (level.id, level.title, *level.aliases)
        }
        self._at_end = {normal(name): level for level in levels.values() for name in level.suffixes}

    def read(self, title: str, is_noise: Callable[[str], bool]) -> Reading:
        """The level that the words of the title say. Of two neighbours ("mid-senior") it is the
        higher, with the other as alternative; others contradict each other, and are refused."""
        words = normal(title).split()
        while words and is_noise(words[-1]):
            words.pop()
        rest: list[str] = []
        found: list[tuple[Level, str, float]] = []
        while words:
            length, level, score = self._at_start(words)
            if level is None:
                rest.append(words[0])
            else:
                found.append((level, " ".join(words[:length]), score))
            words = words[length:]
        if not found:
            return Reading(title, None)
        level, query, score = max(found, key=lambda reading: reading[0].rank)
        others = dict.fromkeys(other.id for other, _, _ in found if other != level)
        if level.rank - min(other.rank for other, _, _ in found) > 1:
            said = " and ".join(repr(words) for _, words, _ in found)
            ids = (level.id, *others)
            detail = f"{title!r} says {said}: leave one out, or ask with the level you mean."
            fault = Fault(type="ambiguous-title", parameter="role", detail=detail, suggestions=ids)
            raise Refusal([fault])
        match = Match(
            dimension="level",
            query=query,
            id=level.id,
            method="alias" if score == 100 else "fuzzy",
            score=score,
            alternatives=tuple(others),
        )
        return Reading(" ".join(rest), (level, match))

    def _at_start(self, words: Sequence[str]) -> tuple[int, Level | None, float]:
        """How many words name a level, which, and how sure that is (of 100)."""
        for length in range(min(_LONGEST, len(words)), 0, -1):
            name = " ".join(words[:length])
            level = self._anywhere.get(name)
            if level is None and length == len(words):
                level = self._at_end.get(name)
            if level is not None:
                return length, level, 100
        return self._but_for_an_error(words[0])

    def _but_for_an_error(self, word: str) -> tuple[int, Level | None, float]:
        if len(word) < _LETTERS_TO_ERR_IN:
            return 1, None, 0
        near = process.extract(
            word,
            [name for name in self._anywhere if len(name) >= _LETTERS_TO_ERR_IN],
            scorer=OSA.distance,
            score_cutoff=1,
        )
        meant = {self._anywhere[name].id: self._anywhere[name] for name, _, _ in near}
        if len(meant) != 1:
            return 1, None, 0
        (level,) = meant.values()
        return 1, level, round(100 * (1 - 1 / len(word)), 1)


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
