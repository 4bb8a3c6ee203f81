"""What people write, read into roles, levels and metros. The words are data, in the seeds."""

from collections.abc import Iterator

import msgspec

from service.match.levels import LevelWords, level_of_years, refuse_contradiction
from service.match.names import Names, nearest, unknown
from service.model.problem import Refusal
from service.model.snapshot import Snapshot
from service.model.vocabulary import Level, Match, Metro, Role

__all__ = ["Vocabulary", "level_of_years", "nearest", "refuse_contradiction", "unknown"]


class Vocabulary:
    """The names of a dataset's roles, levels and metros."""

    def __init__(self, snapshot: Snapshot) -> None:
        words = snapshot.words
        firsts = {metro.cities[0] for metro in snapshot.metros.values() if metro.cities}
        self._roles = Names(
            "role",
            snapshot.roles,
            words,
            codes=_soc_codes,
            aliases=lambda role: (role.title, *role.titles),
        )
        self._levels = Names(
            "level",
            snapshot.levels,
            words,
            aliases=lambda level: (level.title, *level.aliases, *level.suffixes),
        )
        self._metros = Names(
            "metro",
            snapshot.metros,
            words,
            codes=_cbsa_codes,
            aliases=lambda metro: (metro.name, *metro.aliases),
            derived=lambda metro: _city_names(metro, firsts),
        )
        self._level_words = LevelWords(snapshot.levels)

    def title(self, text: str) -> tuple[tuple[Role, Match], tuple[Level, Match] | None]:
        """The role of a title, and the level where the title says it."""
        if self._roles.knows(text):
            return self._roles.read(text), None
        reading = self._level_words.read(text, self._roles.is_noise)
        try:
            return self._roles.read(reading.rest, asked=text), reading.level
        except Refusal:
            if reading.level is None:
                raise
        # What looks like a level may be a typing error in the title ("responsible i").
        return self._roles.read(text), None

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
        return self._metros.read(text)


def _soc_codes(role: Role) -> Iterator[str]:
    """As SOC writes them, as databases do without the hyphen, and as O*NET does with `.00`."""
    for code in role.soc_codes:
        yield from (code, code.replace("-", ""), f"{code}.00")


def _cbsa_codes(metro: Metro) -> tuple[str, ...]:
    """Of a metropolitan area, its code; a region of several is not meant by one of them."""
    return metro.cbsa_codes if metro.kind == "metro" else ()


def _city_names(metro: Metro, firsts: set[str]) -> Iterator[str]:
    """The cities in the name of a metro, with their states; without a state only the first city,
    and those that are the first of another metro, so that the two are told apart by asking."""
    states = metro.name.rpartition(", ")[2].split("-")
    for city in metro.cities:
        yield from (f"{city}, {state}" for state in states)
        if city in firsts:
            yield city
