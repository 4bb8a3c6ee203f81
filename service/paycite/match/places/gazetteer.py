"""Cities, counties and ZIP codes by their names, and which of several of one name is meant."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from paycite.match.names import LETTERS_TO_ERR_IN
from paycite.model.place import PlaceNames
from paycite.model.vocabulary import Method, Word

# A name without a state means the place that has this many times the ZIP codes of every other of
# the name ("Plano" is in Texas, and a village in Iowa); else it may mean each of them.
OUTNUMBERS = 3
# Less than this share of the ZIP codes of the place that is read, and nobody means it.
_FAIR = 0.1
# A larger place has this many. A typing error in a name without a state is read only as one of
# them: there are so many villages that one of them is like any word.
_ZIPS_TO_ERR_IN = 3
_CIVIL = re.compile(r"(?:city|town|village|township) of (.+)")
_CO = re.compile(r" co$")
_CITY_AND_COUNTY = ("city", "county")


class Spot(Struct, frozen=True):
    """What lies in one geography of a place of one name."""

    state: str
    geography: str
    zips: int


class Meaning(Struct, frozen=True):
    """The geographies that a text may mean, those that it means less likely, and how sure it is
    (of 100) that it means one of the first."""

    ids: tuple[str, ...]
    others: tuple[str, ...] = ()
    method: Method = "alias"
    score: float = 100


class Gazetteer:
    """Where the places of a name lie. Names are told apart by their letters, not by their spaces:
    "La Salle" is "LaSalle"."""

    def __init__(self, places: Iterable[PlaceNames], words: Iterable[Word]) -> None:
        words = [word for word in words if word.dimension == "metro"]
        self._noise = {word.word for word in words if word.kind == "noise"}
        self._abbreviations = {w.word: w.means for w in words if w.kind == "abbreviation"}
        self._special = self._noise | self._abbreviations.keys()
        self._zips: dict[str, Spot] = {}
        self._named: dict[str, dict[str, list[Spot]]] = {kind: {} for kind in _CITY_AND_COUNTY}
        self._names: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for place in places:
            self._add(place)

    def _add(self, place: PlaceNames) -> None:
        spot = Spot(place.state, place.geography, place.zips)
        if place.kind == "zip":
            self._zips.update(dict.fromkeys(place.names, spot))
            return
        named = self._named[place.kind]
        for name in place.names:
            spelt = self.spelt(name.split())
            named.setdefault(spelt.replace(" ", ""), []).append(spot)
            self._names[place.state].append((spelt, place.zips))

    def spelt(self, words: Iterable[str]) -> str:
        """The words that tell, abbreviations spelt out; all of them where none tells."""
        words = list(words)
        if self._special.isdisjoint(words):
            return " ".join(words)
        words = [self._abbreviations.get(word, word) for word in words]
        return " ".join(word for word in words if word not in self._noise) or " ".join(words)

    def zip_code(self, code: str) -> Spot | None:
        return self._zips.get(code)

    def in_state(self, name: str, state: str, in_full: bool = False) -> Meaning | None:
        """What a name, as `spelt`, means in a state: where most of the ZIP codes of the place are.
        A city goes before a county without that word ("Fairfax"), which is not read `in_full`."""
        name = _CO.sub(" county", name)  # which without a state is Colorado
        for key, kind in _readings(name, in_full):
            spots = [s for s in self._named[kind].get(key, ()) if s.state == state]
            if spots:
                return _where_most(spots)
        return None

    def anywhere(self, name: str) -> Meaning | None:
        """What a name, as `spelt`, means without a state; less likely what comes after it in the
        order of `in_state` ("Westchester" is a village in Illinois, and a county in New York) if
        it is much larger, and another place of the name that has a fair part of its ZIP codes."""
        found = self._of_name(name)
        if not found:
            return None
        meant = _of_one_name(found[0])
        most = max(_zips_of(found[0])[id_] for id_ in meant.ids)
        others = [
            id_
            for at, spots in enumerate(found)
            for id_, zips in _zips_of(spots).items()
            if zips >= (OUTNUMBERS if at else _FAIR) * most
        ]
        return Meaning(
            meant.ids, tuple(id_ for id_ in dict.fromkeys(others) if id_ not in meant.ids)
        )

    def size(self, name: str, state: str | None = None) -> int:
        """The ZIP codes of the largest place of the name, or of that in the state; 0: none."""
        found = self._of_name(name)
        sizes = _by_state(found[0]) if found else {}
        return sizes.get(state, 0) if state else max(sizes.values(), default=0)

    def _of_name(self, name: str) -> list[list[Spot]]:
        """What has the name, in the order of `in_state`."""
        named = self._named
        return [spots for key, kind in _readings(name) if (spots := named[kind].get(key))]

    def names_like(self, name: str, errors: int, state: str | None) -> list[str]:
        """The names that a name with so many typing errors may stand for: without a state, or
        where it is short, only those of larger places. None where a larger place of another state
        has it as it stands ("Austin, CA")."""
        lengths = range(len(name) - errors, len(name) + errors + 1)
        if state is None:
            return [other for length in lengths for other in self._large.get(length, ())]
        size = self.size(name)
        if size >= _ZIPS_TO_ERR_IN:
            return []
        least = _ZIPS_TO_ERR_IN if size or len(name) < LETTERS_TO_ERR_IN else 1
        names = self._names[state]
        return [other for other, zips in names if zips >= least and len(other) in lengths]

    @cached_property
    def _large(self) -> Mapping[int, list[str]]:
        """The names of the larger places by their length."""
        names = (name for listed in self._names.values() for name in listed)
        by_length: defaultdict[int, list[str]] = defaultdict(list)
        for name in sorted({name for name, zips in names if zips >= _ZIPS_TO_ERR_IN}):
            by_length[len(name)].append(name)
        return dict(by_length)


def _readings(name: str, in_full: bool = False) -> Iterator[tuple[str, str]]:
    """How a name is looked up, and as what, the likeliest first."""
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
    """The geography of most ZIP codes, and the others; each of them where they tie."""
    zips = _zips_of(spots)
    most = max(zips.values())
    ids = tuple(id_ for id_ in zips if zips[id_] == most)
    return Meaning(ids, tuple(id_ for id_ in zips if id_ not in ids))


def _of_one_name(spots: Sequence[Spot]) -> Meaning:
    """Of places of one name in several states, the one that outnumbers every other."""
    sizes = _by_state(spots)
    first, *rest = sorted(sizes, key=lambda state: (-sizes[state], state))
    zips = _zips_of(spots)
    if rest and len(zips) > 1 and sizes[first] < OUTNUMBERS * sizes[rest[0]]:
        return Meaning(tuple(zips))
    return _where_most([spot for spot in spots if spot.state == first])


def _by_state(spots: Iterable[Spot]) -> Mapping[str, int]:
    """The ZIP codes in each state."""
    sizes: Counter[str] = Counter()
    for spot in spots:
        sizes[spot.state] += spot.zips
    return sizes


def _zips_of(spots: Iterable[Spot]) -> Mapping[str, int]:
    """The ZIP codes in each geography, the most first."""
    zips: Counter[str] = Counter()
    for spot in sorted(spots, key=lambda spot: spot.geography):
        zips[spot.geography] += spot.zips
    return dict(zips.most_common())
