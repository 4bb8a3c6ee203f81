"""What people write, read into roles, levels and metros. The words are data, in the seeds."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from paycite.match.names import Names, nearest, unknown
from paycite.match.places import Places
from paycite.match.titles import Titles
from paycite.match.titles.levels import LevelWords, level_of_years, refuse_contradiction
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Level, Match, Metro, Role, Word

__all__ = [
    "Vocabulary",
    "level_of_years",
    "nearest",
    "refuse_contradiction",
    "title_reader",
    "unknown",
]


class Vocabulary:
    """The names of a dataset's roles, levels and metros."""

    def __init__(self, snapshot: Snapshot) -> None:
        words = snapshot.words
        self._roles = _role_names(snapshot.roles, words)
        self._levels = Names(
            "level",
            snapshot.levels,
            words,
            aliases=lambda level: (level.title, *level.aliases, *level.suffixes),
        )
        self._places = Places(snapshot)
        self._level_words = LevelWords(snapshot.levels, words, self._roles.is_job)
        self._titles = Titles(self._roles, self._level_words)

    def title(self, text: str) -> tuple[tuple[Role, Match], tuple[Level, Match] | None]:
        """The role of a title, and the level where the title says it."""
        return self._titles.read(text)

    def level(self, text: str) -> tuple[Level, Match]:
        """The level of its name, or of words that say nothing else ("seniro", "Sr. II")."""
        try:
            return self._levels.read(text)
        except Refusal:
            reading = self._level_words.read(text, self._roles.is_noise)
            if reading.level is None or reading.rest:
                raise
        level, match = reading.level
        return level, msgspec.structs.replace(match, query=text)

    def metro(self, text: str) -> tuple[Metro, Match]:
        return self._places.read(text)


def title_reader(
    roles: Mapping[str, Role], levels: Mapping[str, Level], words: Sequence[Word]
) -> Titles:
    """What reads titles as the vocabulary does, without the places that it would gather."""
    names = _role_names(roles, words)
    return Titles(names, LevelWords(levels, words, names.is_job))


def _role_names(roles: Mapping[str, Role], words: Sequence[Word]) -> Names[Role]:
    return Names(
        "role",
        roles,
        words,
        codes=_soc_codes,
        aliases=lambda role: (role.title, *role.titles),
    )


def _soc_codes(role: Role) -> Iterator[str]:
    """As SOC writes them, as databases do without the hyphen, and as O*NET does with `.00`."""
    for code in role.soc_codes:
        yield from (code, code.replace("-", ""), f"{code}.00")
