"""What a text means that says one place: a geography, or a city, county or ZIP code in one."""

import re
from collections.abc import Iterator

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from paycite.match.names import SUGGESTIONS, Names, errors_read
from paycite.match.places.gazetteer import Gazetteer, Meaning
from paycite.match.places.words import DIRECTIONS, LANDSCAPES, NO_ZIP, code_of_area, words_of
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Metro, normal, states_of

_ZIP = re.compile(r"(?<!\d)(\d{5})(?:[-\s]?\d{4})?(?!\d)", re.ASCII)
_ZIP_WITHOUT_ITS_ZERO = re.compile(r"\d{4}", re.ASCII)  # spreadsheets drop it
_NATIONWIDE = frozenset(("remote", "us", "usa", "nationwide"))
_PREPOSITIONS = frozenset(("in", "near", "around", "from", "within"))
_LETTERS_OF_A_CODE = 2
_MUCH_LARGER = 10  # times the ZIP codes
_MOST_WORDS = 8  # in which a name is sought to suggest it
_NEAR = 85  # of 100: what is further off is no place that was meant
_LETTERS_OF_A_STATE = 5  # in which a typing error is read: no other word is so like one


class PlaceReader:
    """Reads a text that says one place; None where it says none, or more than one."""

    def __init__(self, snapshot: Snapshot) -> None:
        words = [word for word in snapshot.words if word.dimension == "metro"]
        self._metros = snapshot.metros
        self._gazetteer = Gazetteer(snapshot.places, words)
        self._elsewhere = {word.word for word in words if word.kind == "other"}
        states = [metro for metro in snapshot.metros.values() if metro.kind == "state"]
        self._ids_of_states = {metro.state: metro.id for metro in states if metro.state}
        self._states = {word.word: word.means.upper() for word in words if word.kind == "state"}
        self._states |= {code.lower(): code for code in self._ids_of_states}
        self._states |= {normal(metro.name): metro.state for metro in states if metro.state}
        firsts = {metro.cities[0] for metro in snapshot.metros.values() if metro.cities}
        self._names = Names(
            "metro",
            snapshot.metros,
            [word for word in words if word.kind != "other"],
            codes=_codes,
            aliases=lambda metro: (metro.name, *metro.aliases),
            derived=lambda metro: self._derived(metro, firsts),
        )
        self._plain_names = list(self._names.plain_names())

    def _derived(self, metro: Metro, firsts: set[str]) -> Iterator[str]:
        """Of a state, its other names. Of a metro, the cities in its name with their states;
        without a state only the first city, and those that are the first of another metro, so
        that the two are told apart by asking."""
        if metro.kind == "state":
            yield from (name for name, state in self._states.items() if state == metro.state)
            name = metro.name.removesuffix(" State")
            yield from (f"{name} state", f"state of {name}")
        for city in metro.cities:
            for state in states_of(metro):
                meaning = self._gazetteer.in_state(self._spelt(city), state)
                if meaning and meaning.ids == (metro.id,):
                    yield f"{city}, {state}"
            if city in firsts:
                yield city

    def read(self, text: str) -> Meaning | None:
        """What a text means that says one place, without errors."""
        return self.named(text) or self.placed(text)

    def named(self, text: str) -> Meaning | None:
        """A geography by its own name or code."""
        text = code_of_area(text) or text
        return self._among_names(text) if self._names.knows(text) else None

    def besides(self, text: str, named: Meaning) -> tuple[str, ...]:
        """What else a text may mean that names a geography: where that is no place of the name
        itself ("Manhattan"), only a state, or a metro by its principal city."""
        placed = None if text in self._metros else self.placed(text)
        if placed is None:
            return ()
        ids = (*placed.ids, *placed.others)
        if named.method == "code" or set(named.ids) & set(placed.ids):
            return ids
        plain = self._names.plain(text)
        return tuple(id_ for id_ in ids if self._is_principal(plain, self._metros[id_]))

    def _is_principal(self, plain: str, metro: Metro) -> bool:
        return metro.kind == "state" or plain in map(self._names.plain, metro.cities[:1])

    def _among_names(self, text: str) -> Meaning | None:
        try:
            found = self._names.seek(text, text)
        except Refusal as refusal:
            return Meaning(refusal.faults[0].suggestions)
        if found is None:
            return None
        _, match = found
        return Meaning((match.id,), match.alternatives, match.method, match.score)

    def placed(self, text: str) -> Meaning | None:
        """A city, county, ZIP code or state."""
        codes = _ZIP.findall(text)
        if codes and (code_of_area(text) or not NO_ZIP.isdisjoint(words_of(text))):
            return None
        if len(codes) == 1:
            return self._with_zip(codes[0], words_of(_ZIP.sub(" ", text)))
        words = words_of(text)
        if len(words) == 1 and _ZIP_WITHOUT_ITS_ZERO.fullmatch(words[0]):
            spot = self._gazetteer.zip_code(f"0{words[0]}")
            return Meaning((spot.geography,), (), "fuzzy", 80) if spot else None
        return None if self._region(text) else self._in_words(self._without_lead(words))

    def _without_lead(self, words: list[str]) -> list[str]:
        """Without what says how one works there ("Remote in Texas")."""
        telling = (at for at, word in enumerate(words) if not self._names.is_noise(word))
        at = next(telling, None)
        leads = at is not None and words[at] in _PREPOSITIONS and at + 1 < len(words)
        return words[at + 1 :] if leads and at is not None else words

    def _in_words(self, words: list[str]) -> Meaning | None:
        name = self._gazetteer.spelt(words)
        if all(map(self._names.is_noise, words)):
            return Meaning((NATION,)) if _NATIONWIDE.intersection(words) else None
        before, state = self.state_at_end(words)
        if state and before and (found := self._two_cities(before, words[len(before) :], state)):
            return found
        if state and (found := self._in_state(before, state)):
            return found
        # "Port Washington" is a name, but "Houston IA" is not "Houstonia".
        is_name = not (state and before) or len(words[-1]) > _LETTERS_OF_A_CODE
        if is_name and name not in self._elsewhere and (meaning := self._anywhere(name)):
            return meaning
        after, first = self._state_at_start(words)
        if first is None:
            return None if state else self._part_of_city(name)
        said = words[: len(words) - len(after)]
        return self._two_cities(after, said, first) or self._in_state(after, first)

    def _anywhere(self, name: str) -> Meaning | None:
        """A place without its state; not one of a single ZIP code outside the metros, or by whose
        name people mean a region ("South Bay"), unless it is beside what it is called after."""
        meaning = self._gazetteer.anywhere(name)
        if meaning is None or len(meaning.ids) > 1 or self._gazetteer.size(name) > 1:
            return meaning
        direction, _, rest = name.partition(" ")
        after = self._gazetteer.anywhere(rest) if direction in DIRECTIONS else None
        if after:
            return meaning if meaning.ids[0] in (*after.ids, *after.others) else None
        is_region = direction in DIRECTIONS or name.split()[-1] in LANDSCAPES
        return None if is_region or self._metros[meaning.ids[0]].kind != "metro" else meaning

    def _part_of_city(self, name: str, state: str | None = None) -> Meaning | None:
        """The metro of a name with a direction before it, which is not a place of its own."""
        direction, _, city = name.partition(" ")
        if direction not in DIRECTIONS or city in self._states or self._gazetteer.size(name):
            return None
        ids = [i for i in self._metros_named(city) if state is None or self.touches(i, state)]
        return Meaning(tuple(ids)) if ids else None

    def _two_cities(self, words: list[str], said: list[str], state: str) -> Meaning | None:
        """The principal city of a metro, beside that which has the name of a state: "Boston, New
        York" are two, for the village of New York is much smaller than Boston."""
        name = self._gazetteer.spelt(words)
        size = self._gazetteer.size
        is_code = len(said[0]) <= _LETTERS_OF_A_CODE
        if is_code or size(name) < _MUCH_LARGER * size(name, state):
            return None
        city, other = self._metros_named(name), self._metros_named(" ".join(said))
        is_there = any(self.touches(id_, state) for id_ in city)
        return Meaning((*city, *other)) if city and other and not is_there else None

    def _metros_named(self, text: str) -> tuple[str, ...]:
        named = self.named(text)
        return tuple(i for i in named.ids if self._metros[i].kind == "metro") if named else ()

    def _region(self, text: str) -> str | None:
        """The state of which a text names a part ("West Texas"); a comma between them makes it a
        place of it ("West, Texas")."""
        words = self._without_lead(words_of(text))
        before, state = self.state_at_end(words)
        is_code = len(before) < len(words) and len(words[len(before)]) <= _LETTERS_OF_A_CODE
        if is_code or not self._is_direction(before) or f"{before[-1]}," in text.casefold():
            return None
        return state

    def _is_direction(self, words: list[str]) -> bool:
        return bool(words) and DIRECTIONS.issuperset(self._gazetteer.spelt(words).split())

    def state_at_end(self, words: list[str]) -> tuple[list[str], str | None]:
        """The words before the state, and its postal code."""
        while words and self._names.is_noise(words[-1]):
            words = words[:-1]
        for length in (3, 2, 1):
            if state := self._states.get(" ".join(words[-length:])):
                return words[:-length], state
        return words, None

    def _state_at_start(self, words: list[str]) -> tuple[list[str], str | None]:
        while words and self._names.is_noise(words[0]):
            words = words[1:]
        for length in (3, 2, 1):
            if state := self._states.get(" ".join(words[:length])):
                return words[length:], state
        return words, None

    def _in_state(self, words: list[str], state: str) -> Meaning | None:
        """A place of a state, or the state where the words say nothing else."""
        if all(map(self._names.is_noise, words)):
            return Meaning((self._ids_of_states[state],))
        name = self._gazetteer.spelt(words)
        named = self.named(name)
        # "Washington, New York" does not mean Washington County.
        if meaning := self._gazetteer.in_state(name, state, in_full=named is not None):
            return meaning
        ids = tuple(id_ for id_ in named.ids if self.touches(id_, state)) if named else ()
        return Meaning(ids) if ids else self._part_of_city(name, state)

    def touches(self, id_: str, state: str) -> bool:
        metro = self._metros[id_]
        return state == metro.state or state in metro.name.rpartition(", ")[2].split("-")

    def _with_zip(self, code: str, words: list[str]) -> Meaning | None:
        """A ZIP code, and what is said beside it: where that is another place, both."""
        spot = self._gazetteer.zip_code(code)
        if spot is None:
            return None
        ids = (spot.geography,)
        before, state = self.state_at_end(words)
        if state not in (None, spot.state):
            said = self._in_words(words)
            return Meaning(ids + said.ids) if said else None
        if all(map(self._names.is_noise, before)):
            return Meaning(ids, method="code")
        said = self._at_end_of_address(before, spot.state) or self._in_words(words)
        if said is None:
            return None
        if spot.geography in (*said.ids, *said.others):
            return Meaning(ids, method="code")
        return Meaning(ids + said.ids)

    def _at_end_of_address(self, words: list[str], state: str) -> Meaning | None:
        """The city of an address, which is what stands last in it."""
        for start in range(len(words)):
            if meaning := self._gazetteer.in_state(self._gazetteer.spelt(words[start:]), state):
                return meaning
        return None

    def telling(self, text: str) -> list[str]:
        """The words, but for those that say how one works there ("hybrid")."""
        return [word for word in words_of(text) if not self._names.is_noise(word)]

    def adds(self, text: str) -> bool:
        """Whether the text only adds to a place: a state or a ZIP code."""
        words = " ".join(self.telling(_ZIP.sub(" ", text)))
        return words in self._states if words else bool(self.telling(text))

    def is_state(self, text: str) -> bool:
        named = self.named(text)
        return named is not None and any(self._metros[id_].kind == "state" for id_ in named.ids)

    def read_but_for_errors(self, text: str) -> Meaning | None:
        if found := self.read(text):
            return found
        words = words_of(text)
        before, state = self.state_at_end(words)
        name = self._gazetteer.spelt(before)
        if self._region(text):
            return None
        # The name of a place is no typing error of another one, unless that outnumbers it.
        is_place = self._gazetteer.size(name) > 0
        if not is_place and (found := self._among_names(text)):
            return found
        is_long = errors_read(normal(text)) > 0
        if state is None and is_long and (meant := self._state_but_for_an_error(words)):
            said = self._in_state(*meant)
            return _fuzzy(said, 1, normal(text)) if said else None
        allowed = errors_read(name) or int(state is not None and is_long)
        if not allowed or name in self._elsewhere or (state is None and is_place):
            return None
        return self._like(name, state, allowed)

    def _state_but_for_an_error(self, words: list[str]) -> tuple[list[str], str] | None:
        """The words before a state with a typing error ("Plano, Texsa"), and the state."""
        for length in (2, 1):
            said = " ".join(words[-length:])
            if len(said) < _LETTERS_OF_A_STATE or len(words) <= length:
                continue
            states = [name for name in self._states if len(name) >= _LETTERS_OF_A_STATE]
            near = process.extract(said, states, scorer=OSA.distance, score_cutoff=1)
            if len(meant := {self._states[name] for name, _, _ in near}) == 1:
                return words[:-length], meant.pop()
        return None

    def _like(self, name: str, state: str | None, allowed: int) -> Meaning | None:
        """The places whose names are the fewest typing errors away."""
        near = process.extract(
            name,
            self._gazetteer.names_like(name, allowed, state),
            scorer=OSA.distance,
            score_cutoff=allowed,
            limit=None,
        )
        likest = [(n, errors) for n, errors, _ in near if self._names.are_typing_errors(name, n)]
        errors = min((errors for _, errors in likest), default=0)
        gazetteer = self._gazetteer
        meanings = [
            gazetteer.in_state(other, state) if state else gazetteer.anywhere(other)
            for other, away in likest
            if away == errors
        ]
        ids = dict.fromkeys(id_ for meaning in meanings if meaning for id_ in meaning.ids)
        return _fuzzy(Meaning(tuple(ids)), errors, name) if ids else None

    def unknown(self, asked: str, text: str) -> tuple[str, tuple[str, ...]]:
        """Why a text is no place, and the nearest ids."""
        if (code_of_area(text) or normal(text)).replace(" ", "").isdecimal():
            return f"No ZIP code, CBSA code or area code is {asked!r}.", ()
        words = words_of(text)
        before, state = self.state_at_end(words)
        if state and self._is_direction(before):
            return f"No place is called {asked!r}.", (self._ids_of_states[state],)
        if not (self._elsewhere - DIRECTIONS).isdisjoint(words):
            return f"No metro is called {asked!r}.", ()
        if meaning := self._gazetteer.anywhere(self._gazetteer.spelt(before)):
            detail = (
                f"No place is called {asked!r}; there is one of the name elsewhere."
                if state
                else f"{asked!r} is only the name of a small place: ask for it with its state."
            )
            return detail, (*meaning.ids, *meaning.others)[:SUGGESTIONS]
        return f"No metro is called {asked!r}.", self._nearest(words)

    def _nearest(self, words: list[str]) -> tuple[str, ...]:
        """The geographies that the words name among others, else those of names like them."""
        said = [word for word in words if not self._names.is_noise(word)]
        for length in (3, 2, 1) if len(said) <= _MOST_WORDS else ():
            texts = (" ".join(said[at : at + length]) for at in range(len(said) - length + 1))
            ids = [id_ for named in map(self.named, texts) if named for id_ in named.ids]
            if ids:
                return tuple(dict.fromkeys(ids))[:SUGGESTIONS]
        near = process.extract(
            " ".join(said), self._plain_names, scorer=fuzz.ratio, score_cutoff=_NEAR
        )
        ids = [metro.id for name, _, _ in near for metro in self._names.named(name)]
        return tuple(dict.fromkeys(ids))[:SUGGESTIONS]

    def _spelt(self, text: str) -> str:
        return self._gazetteer.spelt(words_of(text))


def _codes(metro: Metro) -> Iterator[str]:
    """The code of its area of BLS statistics and, of a metropolitan area, its CBSA code; a region
    of several is not meant by one of them."""
    if metro.area_code:
        yield metro.area_code
    if metro.kind == "metro":
        yield from metro.cbsa_codes


def _fuzzy(found: Meaning, errors: float, text: str) -> Meaning:
    return Meaning(found.ids, found.others, "fuzzy", round(100 * (1 - errors / len(text)), 1))
