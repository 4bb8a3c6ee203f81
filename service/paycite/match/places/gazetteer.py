"""Looks up cities, counties and ZIP codes by name, and chooses among places of the same name."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from paycite.match.names import MIN_LETTERS_FOR_TYPO
from paycite.model.place import PlaceNames
from paycite.model.vocabulary import Method, Word

# A name without a state means the place with this many times the ZIP codes of every namesake
# ("Plano" is in Texas, and a village in Iowa); otherwise it is ambiguous.
DOMINANCE = 3
# A namesake with a smaller share of the chosen place's ZIP codes is not offered as alternative.
_MIN_ALTERNATIVE_SHARE = 0.1
# ZIP codes of a larger place. Without a state, typos are corrected to larger places only: some
# village resembles any word.
_MIN_ZIPS_FOR_TYPO = 3
# Elsewhere a township and the place of its name are often far apart.
_STATES_OF_TOWNSHIPS = frozenset(("NJ", "PA"))
_FEW_STATES = 10
_PREFIX = 3  # digits of a ZIP code: a region of the mail
_CIVIL = re.compile(r"(?:city|town|village|township) of (.+)")
_CO = re.compile(r" co$")
_CITY_AND_COUNTY = ("city", "county")


class Spot(Struct, frozen=True):
    """The part of a place that lies in one geography, in ZIP codes; 0 if it has parts of some."""

    state: str
    geography: str
    zips: int


class Meaning(Struct, frozen=True):
    """Geographies that a text may mean, less likely ones, and a score (of 100) for the first."""

    ids: tuple[str, ...]
    others: tuple[str, ...] = ()
    method: Method = "alias"
    score: float = 100


class Gazetteer:
    """Finds places by name. Spaces do not matter: "La Salle" is "LaSalle"."""

    def __init__(self, places: Iterable[PlaceNames], words: Iterable[Word]) -> None:
        words = [word for word in words if word.dimension == "metro"]
        self._noise = {word.word for word in words if word.kind == "noise"}
        self._abbreviations = {w.word: w.means for w in words if w.kind == "abbreviation"}
        self._special = self._noise | self._abbreviations.keys()
        self._zips: dict[str, Spot] = {}
        self._states_of_prefixes: defaultdict[str, set[str]] = defaultdict(set)
        self._named: dict[str, dict[str, list[Spot]]] = {kind: {} for kind in _CITY_AND_COUNTY}
        self._names: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for place in places:
            self._add(place)

    def _add(self, place: PlaceNames) -> None:
        spot = Spot(place.state, place.geography, place.zips)
        if place.kind == "zip":
            self._zips.update(dict.fromkeys(place.names, spot))
            for prefix in {code[:_PREFIX] for code in place.names}:
                self._states_of_prefixes[prefix].add(place.state)
            return
        named, listed = self._named[place.kind], self._names[place.state]
        for name in place.names:
            words = name.split()
            expanded = name if self._special.isdisjoint(words) else self.expand(words)
            named.setdefault(expanded.replace(" ", ""), []).append(spot)
            listed.append((expanded, place.zips))

    def expand(self, words: Iterable[str]) -> str:
        """Expand abbreviations and drop filler, unless every word is filler."""
        words = list(words)
        if self._special.isdisjoint(words):
            return " ".join(words)
        words = [self._abbreviations.get(word, word) for word in words]
        return " ".join(word for word in words if word not in self._noise) or " ".join(words)

    def zip_code(self, code: str) -> Spot | None:
        return self._zips.get(code)

    def has_zips_near(self, code: str, state: str) -> bool:
        """Return whether the state has ZIP codes with the same first three digits, and no other."""
        return self._states_of_prefixes.get(code[:_PREFIX]) == {state}

    def in_state(self, name: str, state: str, in_full: bool = False) -> Meaning | None:
        """Find an expanded name in a state: the geography with most of the place's ZIP codes.

        A city goes before a county named without that word ("Fairfax"); `in_full` excludes the
        latter.
        """
        name = _CO.sub(" county", name)  # without a state, "co" is Colorado
        for key, kind in _readings(name, in_full):
            spots = [s for s in self._named[kind].get(key, ()) if s.state == state]
            if spots:
                return _where_most(spots)
        return None

    def in_township(self, name: str, state: str) -> Meaning | None:
        """Find the place that a township is named like ("Edison Township", NJ).

        None if many states have the name: then one state may have several such townships
        ("Washington Township").
        """
        place = name.removesuffix(" township")
        if place == name or state not in _STATES_OF_TOWNSHIPS:
            return None
        states = {spot.state for spots in self._find_by_name(place) for spot in spots}
        return self.in_state(place, state) if len(states) <= _FEW_STATES else None

    def anywhere(self, name: str) -> Meaning | None:
        """Find an expanded name without a state.

        Alternatives are later readings in the order of `in_state` that are much larger
        ("Westchester" is a village in Illinois, and a county in New York), and namesakes with a
        fair share of the ZIP codes, or parts of them.
        """
        found = self._find_by_name(name)
        if not found:
            return None
        meant = _choose_namesake(found[0])
        most = max(_zips_of(found[0])[id_] for id_ in meant.ids)
        others = [
            id_
            for at, spots in enumerate(found)
            for id_, zips in _zips_of(spots).items()
            if zips >= (DOMINANCE if at else _MIN_ALTERNATIVE_SHARE) * most or not (zips or at)
        ]
        return Meaning(
            meant.ids, tuple(id_ for id_ in dict.fromkeys(others) if id_ not in meant.ids)
        )

    def size(self, name: str, state: str | None = None) -> int:
        """Count the ZIP codes of the largest place of the name, or of the one in the state."""
        found = self._find_by_name(name)
        sizes = _by_state(found[0]) if found else {}
        return sizes.get(state, 0) if state else max(sizes.values(), default=0)

    def _find_by_name(self, name: str) -> list[list[Spot]]:
        """Return the places for each reading of the name, in the order of `in_state`."""
        named = self._named
        return [spots for key, kind in _readings(name) if (spots := named[kind].get(key))]

    def list_candidates(self, name: str, typos: int, state: str | None) -> list[str]:
        """List names that a name with so many typos may stand for.

        Without a state, or if it is short, only larger places; none if a larger place of another
        state has exactly this name ("Austin, CA").
        """
        lengths = range(len(name) - typos, len(name) + typos + 1)
        if state is None:
            return [other for length in lengths for other in self._large.get(length, ())]
        size = self.size(name)
        if size >= _MIN_ZIPS_FOR_TYPO:
            return []
        least = _MIN_ZIPS_FOR_TYPO if size or len(name) < MIN_LETTERS_FOR_TYPO else 1
        names = self._names[state]
        return [other for other, zips in names if zips >= least and len(other) in lengths]

    def longer_names(self, name: str, state: str) -> list[str]:
        """List the names in a state that go on after this one ("Redwood" City), largest first."""
        longer = [entry for entry in self._names[state] if entry[0].startswith(f"{name} ")]
        return [other for other, _ in sorted(longer, key=lambda entry: -entry[1])]

    @cached_property
    def _large(self) -> Mapping[int, list[str]]:
        """The names of larger places by their length."""
        names = (name for listed in self._names.values() for name in listed)
        by_length: defaultdict[int, list[str]] = defaultdict(list)
        for name in sorted({name for name, zips in names if zips >= _MIN_ZIPS_FOR_TYPO}):
            by_length[len(name)].append(name)
        return dict(by_length)


def _readings(name: str, in_full: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the keys and kinds to look a name up by, likeliest first."""
    key = name.replace(" ", "")
    yield key, "city"
    yield key, "county"
    if civil := _CIVIL.fullmatch(name):
        yield civil[1].replace(" ", ""), "city"
    if name.startswith("county of "):
        yield f"{key.removeprefix('countyof')}county", "county"
    for word in () if in_full else ("county", "parish", "borough", "municipio"):
        yield f"{key}{word}", "county"


def _where_most(spots: Iterable[Spot]) -> Meaning:
    """Return the geography with the most ZIP codes, or several if they tie; then the others."""
    zips = _zips_of(spots)
    most = max(zips.values())
    ids = tuple(id_ for id_ in zips if zips[id_] == most)
    return Meaning(ids, tuple(id_ for id_ in zips if id_ not in ids))


def _choose_namesake(spots: Sequence[Spot]) -> Meaning:
    """Choose, of namesakes in several states, the one that dominates; else return all."""
    sizes = _by_state(spots)
    first, *rest = sorted(sizes, key=lambda state: (-sizes[state], state))
    zips = _zips_of(spots)
    if rest and len(zips) > 1 and sizes[first] < DOMINANCE * sizes[rest[0]]:
        return Meaning(tuple(zips))
    return _where_most([spot for spot in spots if spot.state == first])


def _by_state(spots: Iterable[Spot]) -> Mapping[str, int]:
    """Count the ZIP codes in each state."""
    sizes: Counter[str] = Counter()
    for spot in spots:
        sizes[spot.state] += spot.zips
    return sizes


def _zips_of(spots: Iterable[Spot]) -> Mapping[str, int]:
    """Count the ZIP codes in each geography, largest first."""
    zips: Counter[str] = Counter()
    for spot in sorted(spots, key=lambda spot: spot.geography):
        zips[spot.geography] += spot.zips
    return dict(zips.most_common())
