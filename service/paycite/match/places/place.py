"""Parses one place: a geography by name or code, or a city, county or ZIP code within one."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import OSA

from paycite.match.names import Names, count_allowed_typos
from paycite.match.places.gazetteer import Gazetteer, Meaning
from paycite.match.places.words import (
    DIRECTIONS,
    LANDSCAPES,
    NO_ZIP,
    US_AND_CA,
    WORDLIKE_STATES,
    parse_area_code,
    split_words,
)
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Metro, normal, states_of

_ZIP = re.compile(r"(?<!\d)(\d{5})(?:[-\s]?\d{4})?(?!\d)", re.ASCII)
_ZIP_WITHOUT_ZERO = re.compile(r"\d{3,4}", re.ASCII)  # spreadsheets drop leading zeros
_SPREADSHEET_NUMBER = re.compile(r"\b(\d{3,5})\.0\b", re.ASCII)
_STATE_AND_ZIP = re.compile(r"\b(CT|MA|ME|NH|NJ|PR|RI|VT)\s+(\d{3,4})\s*$", re.ASCII)
_TITLE = re.compile(r"\s*([^,]+?)\s*(?:,\s*([A-Z]{2}(?:\s*-\s*[A-Z]{2})*))?\s*")
_NATIONWIDE = frozenset(("remote", "us", "usa", "nationwide"))
_IN_PERSON = frozenset(("hybrid", "onsite", "office"))
_CONJUNCTION = re.compile(r"\b(?:IN|OR)\b(?=\s+\w)")
_JOINING = frozenset(("and", "or", "in", "from", "within"))
_LEAD = re.compile(r"(\W*(?:\w+\W+)*?)(?:in|near|around|from|within)\s+(?=\w)", re.IGNORECASE)
_CODE_LENGTH = 2
_MUCH_LARGER = 10  # times as many ZIP codes
_MIN_LETTERS_OF_STATE = 5  # to correct a typo; no other word is one typo away


class SinglePlaceParser:
    """Parses a text that names one place; None if it names none, or several."""

    def __init__(self, snapshot: Snapshot) -> None:
        words = [word for word in snapshot.words if word.dimension == "metro"]
        self._metros = snapshot.metros
        self.gazetteer = Gazetteer(snapshot.places, words)
        self.elsewhere = {word.word for word in words if word.kind == "other"}
        self._by_code = snapshot.states
        self._states = {word.word: word.means.upper() for word in words if word.kind == "state"}
        self._states |= {code.lower(): code for code in self._by_code}
        self._states |= {normal(metro.name): code for code, metro in self._by_code.items()}
        firsts = {metro.cities[0] for metro in snapshot.metros.values() if metro.cities}
        self.names = Names(
            "metro",
            snapshot.metros,
            [word for word in words if word.kind != "other"],
            codes=_codes,
            aliases=lambda metro: (metro.name, *metro.aliases),
            derived=lambda metro: self._derived(metro, firsts),
        )
        self._areas_of: defaultdict[str, list[Metro]] = defaultdict(list)
        for metro in snapshot.metros.values():
            if metro.kind == "metro" and metro.cities:
                self._areas_of[self.expand(metro.cities[0])].append(metro)

    def _derived(self, metro: Metro, firsts: set[str]) -> Iterator[str]:
        """Yield other names of a state; of a metro, the cities in its name with their states.

        Without a state only the first city, and cities that come first in another metro's name, so
        that those are ambiguous.
        """
        if metro.kind == "state":
            yield from (name for name, state in self._states.items() if state == metro.state)
            name = metro.name.removesuffix(" State")
            yield from (f"{name} state", f"state of {name}")
        # "Grand Rapids-Wyoming" may be a city and a state.
        titles = _titles_without_states(metro)
        yield from (t for t in titles if normal(t.rpartition("-")[2]) not in self._states)
        for city in metro.cities:
            for state in states_of(metro):
                meaning = self.gazetteer.in_state(self.expand(city), state)
                if meaning and meaning.ids == (metro.id,):
                    yield f"{city}, {state}"
            if city in firsts:
                yield city

    def parse(self, text: str) -> Meaning | None:
        """Parse a text without typos."""
        text = self.strip_lead(text)
        return self.find_named(text) or self.find_placed(text)

    def find_named(self, text: str) -> Meaning | None:
        """Find a geography by its own name or code."""
        text = parse_area_code(text) or text
        return self._among_names(text) if self.names.is_known(text) else None

    def find_others(self, text: str, named: Meaning) -> tuple[str, ...]:
        """Find what else a geography's name may mean.

        If the geography is not a place of that name ("Manhattan"), only a state or a metro by its
        principal city.
        """
        placed = None if text in self._metros else self.find_placed(text)
        if placed is None:
            return ()
        ids = (*placed.ids, *placed.others)
        if named.method == "code" or set(named.ids) & set(placed.ids):
            return ids
        plain = self.names.plain(text)
        return tuple(id_ for id_ in ids if self._is_principal(plain, self._metros[id_]))

    def _is_principal(self, plain: str, metro: Metro) -> bool:
        return metro.kind == "state" or plain in map(self.names.plain, metro.cities[:1])

    def _among_names(self, text: str) -> Meaning | None:
        try:
            found = self.names.find(text, text)
        except Refusal as refusal:
            return Meaning(refusal.faults[0].suggestions)
        if found is None:
            return None
        _, match = found
        return Meaning((match.id,), match.alternatives, match.method, match.score)

    def find_placed(self, text: str) -> Meaning | None:
        """Find a city, county, ZIP code or state."""
        codes = _ZIP.findall(text)
        if codes and (parse_area_code(text) or not NO_ZIP.isdisjoint(split_words(text))):
            return None
        if len(codes) == 1:
            return self._parse_zip(codes[0], split_words(_ZIP.sub(" ", text)))
        words = split_words(text)
        if len(words) == 1 and _ZIP_WITHOUT_ZERO.fullmatch(words[0]):
            spot = self.gazetteer.zip_code(words[0].zfill(5))
            return Meaning((spot.geography,), (), "fuzzy", 80) if spot else None
        return None if self._find_region(text) else self._parse_words(words)

    def restore_text(self, text: str) -> str:
        """Restore the zeros that a ZIP code lost, and drop words that are not state codes: "me" or
        "Or" without a place."""
        text = _SPREADSHEET_NUMBER.sub(r"\1", text)
        text = _STATE_AND_ZIP.sub(lambda found: f"{found[1]} {found[2].zfill(5)}", text)
        words = [word for word in split_words(text) if word not in WORDLIKE_STATES]
        if not all(map(self.names.is_filler, words)):
            return text
        return re.sub(
            r"\b[A-Za-z]{2}\b",
            lambda found: (
                " "
                if found[0].casefold() in WORDLIKE_STATES and not found[0].isupper()
                else found[0]
            ),
            text,
        )

    def find_remote_states(self, text: str) -> Meaning | None:
        """Find the states that remote work is limited to: "Remote (TX, CO or NY)" has no city.

        A state's name that is also a metro elsewhere may mean either ("LA").
        """
        if "remote" not in text.casefold() or not _IN_PERSON.isdisjoint(split_words(text)):
            return None
        words = re.findall(r"[^\W\d_]+", lower_conjunctions(text))
        named = self._split_states([w for w in words if not self.names.is_filler(normal(w))])
        if named == ["ca"] and US_AND_CA.search(text):
            return Meaning((NATION, self._by_code["CA"].id))
        states = [self._states[name] for name in named]
        if not states or len(set(states)) < len(states):
            return None
        is_city = any(
            len(second) <= _CODE_LENGTH and self.gazetteer.in_state(first, self._states[second])
            for first, second in pairwise(named)
        )
        if is_city:
            return None
        ids = tuple(self._by_code[state].id for state in states)
        others = self.metros_named(named[0]) if len(named) == 1 else ()
        elsewhere = tuple(id_ for id_ in others if not self._touches(id_, states[0]))
        return Meaning((*ids, *elsewhere), tuple(id_ for id_ in others if id_ not in elsewhere))

    def _split_states(self, words: list[str]) -> list[str]:
        """Split words into names and codes of states; none if there are other words."""
        named: list[str] = []
        while words:
            if joins(words[0]):
                words = words[1:]
                continue
            names = (normal(" ".join(words[:length])) for length in (3, 2, 1))
            name = next((name for name in names if name in self._states), None)
            if not name or (name in WORDLIKE_STATES and not words[0].isupper()):
                return []
            named.append(name)
            words = words[len(name.split()) :]
        return named

    def find_by_title(self, text: str) -> Meaning | None:
        """Find a metropolitan area by a title of any vintage: its first city and one of its states
        decide. None if it has neither several cities nor several states, or if another of its
        cities is the first of another area."""
        title = _TITLE.fullmatch(text)
        if not title:
            return None
        first, *rest = map(str.strip, re.split(r"-+", title[1]))
        states = re.findall(r"[A-Z]{2}", title[2] or "")
        if not (rest and (states or len(rest) > 1)) and len(states) < 2:
            return None
        for length in range(len(rest) + 1):  # "Winston-Salem"
            city = self.expand(" ".join((first, *rest[:length])))
            found = [
                metro
                for metro in self._areas_of.get(city, ())
                if not states or not {*states}.isdisjoint(states_of(metro))
            ]
            other = {
                m.id for name in rest[length:] for m in self._areas_of.get(self.expand(name), ())
            }
            if len(found) == 1 and other <= {found[0].id}:
                return Meaning((found[0].id,))
        return self._find_township(first, rest, states)

    def _find_township(self, first: str, rest: list[str], states: list[str]) -> Meaning | None:
        """Find a place by a name that joins two ("Parsippany-Troy Hills, NJ"). None if the second
        lies elsewhere."""
        if len(rest) != 1 or len(states) != 1:
            return None
        one, two = self.expand(first), self.expand(rest[0])
        there = self.gazetteer.in_state(two, states[0])
        found = self.gazetteer.in_state(one, states[0])
        is_elsewhere = two in self.elsewhere or (not there and self.gazetteer.size(two) > 0)
        if not found or is_elsewhere or (there and there.ids != found.ids):
            return None
        return found

    def strip_lead(self, text: str) -> str:
        """Drop a leading work arrangement ("Remote in Texas")."""
        if (lead := _LEAD.match(text)) and all(map(self.names.is_filler, split_words(lead[1]))):
            return text[lead.end() :]
        return text

    def _parse_words(self, words: list[str]) -> Meaning | None:
        name = self.gazetteer.expand(words)
        if all(map(self.names.is_filler, words)):
            return Meaning((NATION,)) if _NATIONWIDE.intersection(words) else None
        before, state = self.split_state_at_end(words)
        if (
            state
            and before
            and (found := self._find_two_cities(before, words[len(before) :], state))
        ):
            return found
        if state and (found := self._find_in_state(before, state)):
            return found
        # "Port Washington" is a name, but "Houston IA" is not "Houstonia".
        is_name = not (state and before) or len(words[-1]) > _CODE_LENGTH
        if is_name and name not in self.elsewhere and (meaning := self._find_anywhere(name)):
            return meaning
        after, first = self._split_state_at_start(words)
        if first is None:
            return None if state else self._find_part_of_city(name)
        lead = words[: len(words) - len(after)]
        return self._find_two_cities(after, lead, first) or self._find_in_state(after, first)

    def _find_anywhere(self, name: str) -> Meaning | None:
        """Find a place named without its state.

        Not a place of one ZIP code outside the metros, nor one whose name usually means a region
        ("South Bay"), unless it adjoins the place it is named after.
        """
        meaning = self.gazetteer.anywhere(name)
        if not meaning or len(meaning.ids) > 1 or self.gazetteer.size(name) > 1:
            return meaning
        direction, _, rest = name.partition(" ")
        after = self.gazetteer.anywhere(rest) if direction in DIRECTIONS else None
        if after:
            return meaning if meaning.ids[0] in (*after.ids, *after.others) else None
        is_region = direction in DIRECTIONS or name.split()[-1] in LANDSCAPES
        return None if is_region or self._metros[meaning.ids[0]].kind != "metro" else meaning

    def _find_part_of_city(self, name: str, state: str | None = None) -> Meaning | None:
        """Find the metro for a direction and a city ("North Austin") that is no place itself."""
        direction, _, city = name.partition(" ")
        if direction not in DIRECTIONS or city in self._states or self.gazetteer.size(name):
            return None
        ids = [i for i in self.metros_named(city) if not state or self._touches(i, state)]
        return Meaning(tuple(ids)) if ids else None

    def _find_two_cities(
        self, words: list[str], state_words: list[str], state: str
    ) -> Meaning | None:
        """Find a principal city beside one with a state's name: "Boston, New York" is two cities,
        because Boston in New York state is much smaller than Boston."""
        name = self.gazetteer.expand(words)
        size = self.gazetteer.size
        is_code = len(state_words[0]) <= _CODE_LENGTH
        if is_code or size(name) < _MUCH_LARGER * size(name, state):
            return None
        city, other = self.metros_named(name), self.metros_named(" ".join(state_words))
        is_there = any(self._touches(id_, state) for id_ in city)
        return Meaning((*city, *other)) if city and other and not is_there else None

    def metros_named(self, text: str) -> tuple[str, ...]:
        named = self.find_named(text)
        return tuple(i for i in named.ids if self._metros[i].kind == "metro") if named else ()

    def _find_region(self, text: str) -> str | None:
        """Return the state of which a text names a region ("West Texas", not "West, Texas")."""
        words = split_words(text)
        before, state = self.split_state_at_end(words)
        is_code = len(before) < len(words) and len(words[len(before)]) <= _CODE_LENGTH
        if is_code or not self.is_direction(before) or f"{before[-1]}," in text.casefold():
            return None
        return state

    def is_direction(self, words: list[str]) -> bool:
        return bool(words) and DIRECTIONS.issuperset(self.gazetteer.expand(words).split())

    def split_state_at_end(self, words: list[str]) -> tuple[list[str], str | None]:
        """Split off a final state: the words before it, and its postal code."""
        while words and self.names.is_filler(words[-1]):
            words = words[:-1]
        for length in (3, 2, 1):
            if state := self._states.get(" ".join(words[-length:])):
                return words[:-length], state
        return words, None

    def _split_state_at_start(self, words: list[str]) -> tuple[list[str], str | None]:
        while words and self.names.is_filler(words[0]):
            words = words[1:]
        for length in (3, 2, 1):
            if state := self._states.get(" ".join(words[:length])):
                return words[length:], state
        return words, None

    def _find_in_state(self, words: list[str], state: str) -> Meaning | None:
        """Find a place in a state, or the state itself if no other words are significant."""
        if all(map(self.names.is_filler, words)):
            return Meaning((self._by_code[state].id,))
        name = self.gazetteer.expand(words)
        named = self.find_named(name)
        # "Washington, New York" does not mean Washington County.
        if meaning := self.gazetteer.in_state(name, state, in_full=named is not None):
            return meaning
        ids = tuple(id_ for id_ in named.ids if self._touches(id_, state)) if named else ()
        if ids:
            return Meaning(ids)
        return self.gazetteer.in_township(name, state) or self._find_part_of_city(name, state)

    def _touches(self, id_: str, state: str) -> bool:
        return state in states_of(self._metros[id_])

    def _parse_zip(self, code: str, words: list[str]) -> Meaning | None:
        """Parse a ZIP code and the words beside it; both if they are different places."""
        spot = self.gazetteer.zip_code(code)
        before, state = self.split_state_at_end(words)
        if spot is None:  # a retired code: those around it tell its state
            is_there = state is not None and self.gazetteer.has_zips_near(code, state)
            return self._parse_words(words) if is_there and before else None
        ids = (spot.geography,)
        if state not in (None, spot.state):
            other = self._parse_words(words)
            return Meaning(ids + other.ids) if other else None
        if all(map(self.names.is_filler, before)):
            return Meaning(ids, method="code")
        beside = self._find_at_end_of_address(before, spot.state) or self._parse_words(words)
        if beside is None:
            return None
        if spot.geography in (*beside.ids, *beside.others):
            return Meaning(ids, method="code")
        return Meaning(ids + beside.ids)

    def _find_at_end_of_address(self, words: list[str], state: str) -> Meaning | None:
        """Find the city of an address, which comes last."""
        for start in range(len(words)):
            if meaning := self.gazetteer.in_state(self.gazetteer.expand(words[start:]), state):
                return meaning
        return None

    def significant_words(self, text: str) -> list[str]:
        """Return the words without work arrangements ("hybrid") and other filler."""
        return [word for word in split_words(text) if not self.names.is_filler(word)]

    def adds(self, text: str) -> bool:
        """Return whether the text only qualifies a place: a state or a ZIP code."""
        words = " ".join(self.significant_words(_ZIP.sub(" ", text)))
        return words in self._states if words else bool(self.significant_words(text))

    def is_state(self, text: str) -> bool:
        named = self.find_named(text)
        return named is not None and any(self._metros[id_].kind == "state" for id_ in named.ids)

    def parse_despite_typos(self, text: str) -> Meaning | None:
        text = self.strip_lead(text)
        if found := self.parse(text):
            return found
        words = split_words(text)
        before, state = self.split_state_at_end(words)
        name = self.gazetteer.expand(before)
        if self._find_region(text):
            return None
        # A name, also of a place abroad, is not a typo of another name.
        is_elsewhere = name in self.elsewhere
        is_place = self.gazetteer.size(name) > 0 or (is_elsewhere and not state)
        if not is_place and (found := self._among_names(text)):
            return found
        is_long = count_allowed_typos(normal(text)) > 0
        if state is None and is_long and (meant := self._find_state_despite_typo(words)):
            found = self._find_in_state(*meant)
            return _fuzzy(found, 1, normal(text)) if found else None
        allowed = count_allowed_typos(name) or int(state is not None and is_long)
        if not allowed or is_elsewhere or (state is None and is_place):
            return None
        return self._find_similar(name, state, allowed)

    def _find_state_despite_typo(self, words: list[str]) -> tuple[list[str], str] | None:
        """Split off a final state with a typo ("Plano, Texsa")."""
        for length in (2, 1):
            end = " ".join(words[-length:])
            if len(end) < _MIN_LETTERS_OF_STATE or len(words) <= length:
                continue
            states = [name for name in self._states if len(name) >= _MIN_LETTERS_OF_STATE]
            near = process.extract(end, states, scorer=OSA.distance, score_cutoff=1)
            if len(meant := {self._states[name] for name, _, _ in near}) == 1:
                return words[:-length], meant.pop()
        return None

    def _find_similar(self, name: str, state: str | None, allowed: int) -> Meaning | None:
        """Find the places whose names have the fewest typos."""
        near = process.extract(
            name,
            self.gazetteer.list_candidates(name, allowed, state),
            scorer=OSA.distance,
            score_cutoff=allowed,
            limit=None,
        )
        similar = [(n, typos) for n, typos, _ in near if self.names.differs_by_typos(name, n)]
        fewest = min((typos for _, typos in similar), default=0)
        gazetteer = self.gazetteer
        meanings = [
            gazetteer.in_state(other, state) if state else gazetteer.anywhere(other)
            for other, typos in similar
            if typos == fewest
        ]
        ids = dict.fromkeys(id_ for meaning in meanings if meaning for id_ in meaning.ids)
        return _fuzzy(Meaning(tuple(ids)), fewest, name) if ids else None

    def expand(self, text: str) -> str:
        return self.gazetteer.expand(split_words(text))


def lower_conjunctions(text: str) -> str:
    """Lower "IN" and "OR" before a word in a text in capitals, where they are rarely states."""
    return _CONJUNCTION.sub(lambda found: found[0].lower(), text) if text.isupper() else text


def joins(word: str) -> bool:
    """Return whether the word joins places: "or", not "OR"."""
    return word.casefold() in _JOINING and not word.isupper()


def _codes(metro: Metro) -> Iterator[str]:
    """Yield its BLS area code and, for a metropolitan area, its CBSA code; a region of several
    metros has no code of its own. Numbers among the aliases are codes of earlier delineations."""
    former = [alias for alias in metro.aliases if alias.isdecimal()]
    yield from (*former, *(f"00{code}" for code in former))
    if metro.area_code:
        yield metro.area_code
    if metro.kind == "metro":
        yield from metro.cbsa_codes


def _titles_without_states(metro: Metro) -> Iterator[str]:
    """Yield its titles of any vintage without their states; of a former one only if it has several
    cities, because another place may have the name of one ("Ocean City")."""
    for name in (metro.name, *metro.aliases):
        cities, _, states = name.rpartition(", ")
        is_title = states.replace("-", "").isupper() and cities not in metro.cities
        if is_title and (name == metro.name or "-" in cities):
            yield cities


def _fuzzy(found: Meaning, typos: float, text: str) -> Meaning:
    return Meaning(found.ids, found.others, "fuzzy", round(100 * (1 - typos / len(text)), 1))
