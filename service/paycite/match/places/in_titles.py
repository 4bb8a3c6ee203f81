"""Places in job titles: "Data Engineer - Denver"."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from paycite.match.places import PlaceParser
from paycite.match.titles.parts import split_chunks
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Match, Metro, normal

_SITE = re.compile(r"\s*US-([A-Z]{2})-([A-Za-z .']+)-")  # "US-TX-Austin-Software Engineer"
_MIN_LETTERS = 4  # of a name; shorter ones are often initials of something else


class PlacesInTitles:
    """Finds what is surely a place in a title: a city with its state, or the name of a metro."""

    def __init__(
        self, snapshot: Snapshot, places: PlaceParser, is_of_role: Callable[[str], bool]
    ) -> None:
        self._places = places
        self._is_of_role = is_of_role
        metros = snapshot.metros.values()
        states = snapshot.states.items()
        self._states = {name for code, metro in states for name in (code, metro.name)}
        self._names = {
            name
            for metro in metros
            if metro.kind in ("metro", "region", "state")
            for name in map(normal, (metro.name, *metro.cities, *metro.aliases))
            if len(name) >= _MIN_LETTERS and not name.isdecimal()
        } | {metro.id for metro in metros if metro.kind == "metro"}

    def find(self, title: str) -> tuple[Metro, Match] | None:
        """Return the first place, quoted as the title writes it."""
        for text in self._find_texts(title):
            try:
                metro, match = self._places.parse(text)
            except Refusal:
                continue
            if match.method != "fuzzy" and metro.kind != "nation":
                return metro, match
        return None

    def _find_texts(self, title: str) -> Iterator[str]:
        if site := _SITE.match(title):
            yield f"{site[2]}, {site[1]}"
        chunks = (part for chunk in split_chunks(title) for part in re.split(r"\bin\b", chunk))
        for city, state in pairwise((*map(str.strip, chunks), "")):
            if state in self._states:
                yield f"{city}, {state}"
            elif (name := normal(city)) in self._names and not self._is_of_role(name):
                yield city
