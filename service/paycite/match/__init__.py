"""Resolve free text to roles, levels, metros and amounts. The vocabulary is data, in `seeds/`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from paycite.match.names import Names, nearest, unknown
from paycite.match.places import PlaceParser
from paycite.match.places.in_titles import PlacesInTitles
from paycite.match.titles import TitleParser
from paycite.match.titles.levels import LevelWords, level_of_years, years_beside_level
from paycite.match.titles.unknown_levels import find_years
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Level, Match, Metro, Role, Word, normal

__all__ = [
    "Vocabulary",
    "build_title_parser",
    "find_years",
    "level_of_years",
    "nearest",
    "unknown",
    "years_beside_level",
]


_KEPT = 1_000
_SAME_JOBS = {"engineer": "developer", "developer": "engineer"}
_SUBJECT_JOBS = ("researcher", "research scientist", "research engineer", "software engineer")


class Vocabulary:
    """Parses titles, levels and places with the names of one dataset."""

    def __init__(self, snapshot: Snapshot) -> None:
        words = snapshot.words
        self._roles = _role_names(snapshot.roles, words)
        self._levels = Names(
            "level",
            snapshot.levels,
            words,
            aliases=lambda level: (level.title, *level.aliases, *level.suffixes),
        )
        self._places = PlaceParser(snapshot)
        self._level_words = LevelWords(snapshot.levels, words, self._roles.is_job)
        self._titles = TitleParser(self._roles, self._level_words)
        self._places_in_titles = PlacesInTitles(
            snapshot, self._places, lambda name: self._roles.words.issuperset(name.split())
        )
        # The same few titles, levels and places are asked for again and again.
        self._parse_title = lru_cache(_KEPT)(self._titles.parse)
        self._find_other_work = lru_cache(_KEPT)(self._titles.find_other_work)
        self._parse_level = lru_cache(_KEPT)(self._read_level)
        self._parse_place = lru_cache(_KEPT)(self._places.parse)

    def parse_title(self, text: str) -> tuple[tuple[Role, Match], tuple[Level, Match] | None]:
        """Return the role of a title, and the level if the title states one."""
        return self._parse_title(text)

    def find_other_work(self, title: str) -> str | None:
        """Return the words for part-time or contract work in a title."""
        return self._find_other_work(title)

    def find_place(self, title: str) -> tuple[Metro, Match] | None:
        """Return what is surely a place in a title, if anything is."""
        return self._places_in_titles.find(title)

    def parse_level(self, text: str) -> tuple[Level, Match]:
        """Parse a level name, or text made of level words only ("seniro", "Sr. II")."""
        return self._parse_level(text)

    def _read_level(self, text: str) -> tuple[Level, Match]:
        try:
            return self._levels.parse(text)
        except Refusal:
            rest, found = self._level_words.split(text, self._roles.is_filler)
            if found is None or rest:
                raise
        level, match = found
        return level, msgspec.structs.replace(match, query=text)

    def parse_metro(self, text: str) -> tuple[Metro, Match]:
        """Return the most local geography that the text names."""
        return self._parse_place(text)


def build_title_parser(
    roles: Mapping[str, Role], levels: Mapping[str, Level], words: Sequence[Word]
) -> TitleParser:
    """Build the vocabulary's title parser alone, without loading places."""
    names = _role_names(roles, words)
    return TitleParser(names, LevelWords(levels, words, names.is_job))


def _role_names(roles: Mapping[str, Role], words: Sequence[Word]) -> Names[Role]:
    return Names(
        "role",
        roles,
        words,
        codes=_soc_codes,
        aliases=lambda role: (role.title, *role.titles),
        derived=_derive_titles(roles, words),
    )


def _derive_titles(
    roles: Mapping[str, Role], words: Sequence[Word]
) -> Callable[[Role], Iterator[str]]:
    """Derive titles that no role states: a subject with each job that ends a title of its role, and
    "developer" for "engineer", or the reverse, in names of three words or more ("application
    engineer" is another trade) that do not end in a name of the role."""
    stated = {
        normal(title): role.id for role in roles.values() for title in (role.title, *role.titles)
    }

    def derive(role: Role) -> Iterator[str]:
        titles = tuple(map(normal, role.titles))
        jobs = [job for job in _SUBJECT_JOBS if any(t.endswith(f" {job}") for t in titles)]
        for word in words:
            if word.kind == "subject" and role.id in word.means.split(";"):
                yield from (f"{word.word} {job}" for job in jobs)
        for title in role.titles:
            *field, job = normal(title).split()
            if len(field) > 1 and (other := _SAME_JOBS.get(job)):
                ends = (" ".join((*field[start:], other)) for start in range(len(field)))
                variant = next(ends)
                if variant not in stated and all(stated.get(end) != role.id for end in ends):
                    yield variant

    return derive


def _soc_codes(role: Role) -> Iterator[str]:
    """Yield each SOC code as published, without its hyphen, and with O*NET's `.00`."""
    for code in role.soc_codes:
        yield from (code, code.replace("-", ""), f"{code}.00")
