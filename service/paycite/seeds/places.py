"""Find the statistical area of every city, county and ZIP code.

The package `zipcodes` (postal data) has the city and county of each ZIP code. counties.csv has the
statistical area of each county, from the table "Geography" of the U.S. Department of Labor (Office
of Foreign Labor Certification, public domain). For Connecticut, that table has planning regions,
but the postal data still has the counties that they replaced. So towns.csv has the region of each
town, and its villages with a post office.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from statistics import median_low
from typing import Any, TypeAlias

import zipcodes
from msgspec import Struct

from paycite.model.place import Kind, MetroPoint, PlaceNames
from paycite.model.vocabulary import Metro, normal, states_of
from paycite.seeds.files import csv_rows

_list_all: Callable[[], list[dict[str, Any]]] = zipcodes.list_all  # it has no types of its own
# Not cities: mail of the armed forces abroad, returned parcels, and letters to Santa Claus.
_NO_CITIES = frozenset(("Apo", "Dpo", "Fpo", "Parcel Return Service"))
_SANTA_CLAUS = "88888"
_CITY = re.compile(r"\bcty\b")
_CLASSES = frozenset(
    ["county", "parish", "borough", "census", "area", "municipality", "municipio", "and", "of"]
)


# Kind, state, name and geography; the counters below count its ZIP codes.
_Found: TypeAlias = tuple[Kind, str, str, str]


class _Zip(Struct, frozen=True, gc=False):
    code: str
    state: str
    city: str
    other_cities: tuple[str, ...]
    county: str
    latitude: float
    longitude: float


class _Geographies(Struct, frozen=True):
    """The geographies: states by postal code, counties and towns by state and name."""

    states: Mapping[str, str]
    counties: Mapping[tuple[str, str], str]
    towns: Mapping[tuple[str, str], str]

    def stated(self, zip_: _Zip) -> str | None:
        town = self.towns.get((zip_.state, zip_.city))
        return town or self.counties.get((zip_.state, _county_key(zip_.county)))


def place_names(directory: Path, metros: Iterable[Metro]) -> tuple[PlaceNames, ...]:
    """List every normalized place name. SeedError if a county or town has no area.

    A ZIP code without a known county gets the geography of most ZIP codes of its city, or else its
    state.
    """
    metros = list(metros)
    county_names, geographies = _geographies(directory, metros)
    located = _located(geographies)
    found = Counter[_Found]()
    for zip_, geography in located:
        found["zip", zip_.state, zip_.code, geography] = 1
    found.update(_cities(located, metros, geographies.towns))
    found.update(_counties(located, county_names, geographies))
    grouped: defaultdict[tuple[Kind, str, str, int], list[str]] = defaultdict(list)
    for (kind, state, name, geography), zips in sorted(found.items()):
        grouped[kind, state, geography, zips].append(name)
    return tuple(
        PlaceNames(kind=kind, state=state, geography=geography, zips=zips, names=tuple(names))
        for (kind, state, geography, zips), names in sorted(grouped.items())
    )


def metro_points(directory: Path, metros: Iterable[Metro]) -> tuple[MetroPoint, ...]:
    """Locate each metropolitan area: the median latitude and longitude of its ZIP codes, close to
    where most people live. The package `zipcodes` has 0, 0 for unknown locations."""
    metros = list(metros)
    found: defaultdict[str, list[_Zip]] = defaultdict(list)
    for zip_, geography in _located(_geographies(directory, metros)[1]):
        if zip_.latitude or zip_.longitude:
            found[geography].append(zip_)
    return tuple(
        MetroPoint(
            id=metro.id,
            latitude=median_low(zip_.latitude for zip_ in found[metro.id]),
            longitude=median_low(zip_.longitude for zip_ in found[metro.id]),
        )
        for metro in metros
        if metro.kind == "metro" and metro.id in found
    )


@cache
def _zips() -> tuple[_Zip, ...]:
    """List all ZIP codes of places, including retired ones, because people paste old addresses."""
    return tuple(
        _Zip(
            code=entry["zip_code"],
            state=entry["state"],
            city=_name(entry["city"]),
            other_cities=tuple(map(_name, entry["acceptable_cities"])),
            county=entry["county"],
            latitude=float(entry["lat"]),
            longitude=float(entry["long"]),
        )
        for entry in _list_all()
        if entry["city"] not in _NO_CITIES and entry["zip_code"] != _SANTA_CLAUS
    )


@cache
def _name(text: str) -> str:
    """Normalize a name: remove apostrophes ("Coeur d'Alene"), as most people do, and spell out
    "Cty", which means city in the postal data but county elsewhere."""
    return _CITY.sub("city", normal(text.replace("'", "")))


@cache
def _county_key(name: str) -> str:
    """A key that is the same for "Juneau City and Borough" and "City and Borough of Juneau", and
    for "DeKalb" and "De Kalb", but not for Fairfax County and Fairfax city."""
    return "".join(sorted(set(_name(name).split()) - _CLASSES))


def _geographies(
    directory: Path, metros: Iterable[Metro]
) -> tuple[list[tuple[str, str, str]], _Geographies]:
    """Read the counties (state, name, geography), and index the geographies by place."""
    areas = {metro.area_code: metro.id for metro in metros}
    named, counties, towns = [], {}, {}
    for row in csv_rows(directory / "counties.csv", ("state", "county", "area_code")):
        state, county, area = (row.values[key] or "" for key in ("state", "county", "area_code"))
        if area not in areas:
            raise row.refuse(f"unknown `area_code` {area!r}: not in metros.csv")
        if (state, _county_key(county)) in counties:
            raise row.refuse(f"duplicate `county` {county!r}")
        counties[state, _county_key(county)] = areas[area]
        named.append((state, _name(county), areas[area]))
    for row in csv_rows(directory / "towns.csv", ("state", "town", "county", "villages")):
        state, county = row.values["state"] or "", row.values["county"] or ""
        if (state, _county_key(county)) not in counties:
            raise row.refuse(f"`county` {county!r} is not in counties.csv")
        for place in (row.values["town"] or "", *(row.values["villages"] or "").split(";")):
            if place:
                towns[state, _name(place)] = counties[state, _county_key(county)]
    states = {metro.state: metro.id for metro in metros if metro.kind == "state" and metro.state}
    return named, _Geographies(states, counties, towns)


def _located(geographies: _Geographies) -> list[tuple[_Zip, str]]:
    """Find the geography of each ZIP code in the states."""
    stated = [
        (zip_, geographies.stated(zip_)) for zip_ in _zips() if zip_.state in geographies.states
    ]
    by_city: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for zip_, geography in stated:
        if geography:
            by_city[zip_.state, zip_.city].append(geography)

    def fallback(zip_: _Zip) -> str:
        of_city = by_city.get((zip_.state, zip_.city))
        return Counter(of_city).most_common(1)[0][0] if of_city else geographies.states[zip_.state]

    return [(zip_, geography or fallback(zip_)) for zip_, geography in stated]


def _cities(
    located: Iterable[tuple[_Zip, str]],
    metros: Iterable[Metro],
    towns: Mapping[tuple[str, str], str],
) -> Counter[_Found]:
    """Count the ZIP codes of each city. Other names of a ZIP code, towns, and the cities in the
    name of an area count only if they are not the first name of any ZIP code."""
    found = Counter[_Found](("city", zip_.state, zip_.city, area) for zip_, area in located)
    others = Counter[_Found](
        ("city", zip_.state, other, area) for zip_, area in located for other in zip_.other_cities
    )
    others.update(("city", *town, area) for town, area in towns.items())
    _add_absent(found, others)
    known = {(state, name) for _, state, name, _ in found}
    for metro in metros:
        states = states_of(metro)
        for city in map(_name, metro.cities):
            is_county = city.endswith(" county")  # a merged city and county, listed as a county
            if not is_county and not any((state, city) in known for state in states):
                found["city", states[0], city, metro.id] = 1
    return found


def _add_absent(found: Counter[_Found], others: Counter[_Found]) -> None:
    known = {(state, name) for _, state, name, _ in found}
    found.update({key: n for key, n in others.items() if (key[1], key[2]) not in known})


def _counties(
    located: Iterable[tuple[_Zip, str]],
    names: Iterable[tuple[str, str, str]],
    geographies: _Geographies,
) -> Iterator[_Found]:
    """Count the ZIP codes of each county, at least one. In states with towns, the counties of the
    postal data count too: people still use them."""
    zips = Counter((zip_.state, _county_key(zip_.county)) for zip_, _ in located)
    for state, name, geography in names:
        for _ in range(max(1, zips[state, _county_key(name)])):
            yield "county", state, name, geography
    states = {state for state, _ in geographies.towns}
    for zip_, geography in located:
        if zip_.state in states and zip_.county:
            yield "county", zip_.state, _name(zip_.county), geography
