"""Explains why a text is not a known place, and suggests places."""

import re

from rapidfuzz import fuzz, process

from paycite.match.names import SUGGESTIONS, join_or
from paycite.match.places.place import SinglePlaceParser, joins, lower_conjunctions
from paycite.match.places.words import DIRECTIONS, LANDSCAPES, parse_area_code, split_words
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import normal

_MAX_WORDS = 8  # of a text that is searched for names to suggest
_MIN_SIMILARITY = 85  # of 100; weaker suggestions are other places


class UnknownPlaces:
    """Explains texts that no geography is known by, and suggests some."""

    def __init__(self, snapshot: Snapshot, one: SinglePlaceParser) -> None:
        self._metros = snapshot.metros
        self._states = snapshot.states
        self._one = one
        regional = DIRECTIONS | LANDSCAPES
        self._abroad = {name for name in one.elsewhere if not regional.issuperset(name.split())}
        self._plain_names = list(one.names.plain_names())

    def explain(self, asked: str, text: str) -> tuple[str, tuple[str, ...]]:
        """Explain why a text is not a known place, and suggest ids."""
        if (parse_area_code(text) or normal(text)).replace(" ", "").isdecimal():
            return f"{asked!r} is not a known ZIP code, CBSA code or area code.", ()
        words = split_words(text)
        before, state = self._one.split_state_at_end(words)
        name = self._one.gazetteer.expand(before)
        if state and self._one.is_direction(before):
            id_ = self._states[state].id
            return f"{asked!r} is a region without figures of its own. Use {id_!r}.", (id_,)
        if state and (longer := self._one.gazetteer.longer_names(name, state)):
            found = filter(None, (self._one.gazetteer.in_state(name, state) for name in longer))
            ids = tuple(dict.fromkeys(id_ for meaning in found for id_ in meaning.ids))
            names = join_or([f"{other.title()}, {state}" for other in longer[:SUGGESTIONS]])
            return f"Unknown place {asked!r}. Did you mean {names}?", ids[:SUGGESTIONS]
        if name in self._abroad and not state and (cities := self._find_cities(name)):
            names = join_or([*cities])
            return f"Unknown place {asked!r}. Did you mean {names}?", tuple(cities.values())
        is_abroad = self._is_abroad(words)
        meaning = None if is_abroad else self._one.gazetteer.anywhere(name)
        if meaning:
            detail = (
                f"Unknown place {asked!r}. A place of that name is in another state."
                if state
                else f"{asked!r} is only the name of a small place. Add its state."
            )
            return detail, (*meaning.ids, *meaning.others)[:SUGGESTIONS]
        ids = () if is_abroad else self._find_nearest(text)
        if not ids:
            return f"Unknown place {asked!r}. Use a U.S. city, metro, state or ZIP code.", ()
        return f"Unknown place {asked!r}. Did you mean {join_or([*map(repr, ids)])}?", ids

    def _find_cities(self, name: str) -> dict[str, str]:
        """Find the cities of a name that are in the titles of metros, with their states."""
        named = {state: self._one.metros_named(f"{name}, {state}") for state in self._states}
        return {
            f"{name.title()}, {state}": id_
            for state, ids in named.items()
            for id_ in ids
            if name in map(self._one.expand, self._metros[id_].cities)
        }

    def may_name_place(self, text: str) -> bool:
        """Return whether some of the words name a geography or a place abroad, or there are many
        words."""
        words = self._words_within(text)
        is_long = len(words) > _MAX_WORDS
        return is_long or self._is_abroad(words) or bool(self._find_within(words))

    def _is_abroad(self, words: list[str]) -> bool:
        text = f" {' '.join(words)} "
        return any(f" {name} " in text for name in self._abroad)

    def _words_within(self, text: str) -> list[str]:
        """Return the significant words of a text in which places are named within others."""
        spelled = re.split(r"[^\w'’`]+", lower_conjunctions(text))  # noqa: RUF001 - as people paste
        return self._one.significant_words(" ".join(word for word in spelled if not joins(word)))

    def _find_within(self, words: list[str]) -> tuple[str, ...]:
        """Return the geographies named within the words, the longest names only."""
        for length in (3, 2, 1) if len(words) <= _MAX_WORDS else ():
            texts = (" ".join(words[at : at + length]) for at in range(len(words) - length + 1))
            ids = [id_ for named in map(self._one.find_named, texts) if named for id_ in named.ids]
            if ids:
                return tuple(dict.fromkeys(ids))
        return ()

    def _find_nearest(self, text: str) -> tuple[str, ...]:
        """Return geographies named within the text, else those with similar names."""
        words = self._words_within(text)
        if ids := self._find_within(words):
            return ids[:SUGGESTIONS]
        near = process.extract(
            " ".join(words), self._plain_names, scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY
        )
        similar = [metro.id for name, _, _ in near for metro in self._one.names.named(name)]
        return tuple(dict.fromkeys(similar))[:SUGGESTIONS]
