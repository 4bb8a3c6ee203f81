"""Read the places: the statistical area of every city, county and ZIP code.

zips.csv has the ZIP codes and their preferred cities, shared_cities.csv other areas that the
ZIP codes of a city reach into, counties.csv the counties, place_names.csv other names in use,
and metro_points.csv the positions of metropolitan areas. geography.toml cites the origin of
each file. In Connecticut, statistical areas consist of planning regions, which replaced the
counties; towns.csv has the region of each town, and its villages with a post office.

A ZIP code that is split over several areas belongs to the one with the largest share of its
residential addresses.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from paycite.model.place import Kind, MetroPoint, PlaceNames
from paycite.model.vocabulary import Metro, normal, states_of
from paycite.seeds.files import Row, SeedError, csv_rows, tables

_CLASSES = frozenset(
    ["county", "parish", "borough", "census", "area", "municipality", "municipio", "and", "of"]
)
_RANGE = re.compile(r"(\d{5})(?:-(\d{5}))?", re.ASCII)
_COUNTY_COLUMNS = ("state", "county", "area_code", "zips")
_FILES = ("areas", "zips", "shared_cities", "counties", "towns", "place_names", "metro_points")
_DRAWN = ("states",)  # of maps, beside the code that draws them

# Kind, state, name and geography; the counters below count its ZIP codes.
_Found: TypeAlias = tuple[Kind, str, str, str]


class _Origin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the facts of a file come from."""

    id: str
    publisher: str
    citation: str
    license: str
    derivation: str
    sha256: str | None = None  # of the publisher's file


def refuse_uncited_files(directory: Path) -> None:
    """SeedError unless geography.toml cites an origin for each file of places, and no other."""
    file = directory / "geography.toml"
    cited = {row.to(_Origin).id for row in tables(file)}
    for name in sorted(cited.symmetric_difference((*_FILES, *_DRAWN))):
        reason = "is not a file of places" if name in cited else "has no origin"
        raise SeedError(file, 1, f"{name} {reason}")


def place_names(directory: Path, metros: Iterable[Metro]) -> tuple[PlaceNames, ...]:
    """List every normalized place name. SeedError if a place has no area."""
    metros = list(metros)
    areas = {metro.area_code: metro.id for metro in metros if metro.area_code}
    counties = _counties(directory, areas)
    found = _zips(directory, areas)
    _add_shared_cities(found, directory, areas)
    others = _other_names(directory, areas)
    others.update(("city", *town, areas[area]) for town, area in read_towns(directory))
    known = {(kind, state, name) for kind, state, name, _ in found}
    found.update({key: n for key, n in others.items() if key[:3] not in known})
    for (state, county), (area, zips) in counties.items():
        found["county", state, county, area] += zips
    _add_cities_of_metros(found, metros)
    grouped: defaultdict[tuple[Kind, str, str, int], list[str]] = defaultdict(list)
    for (kind, state, name, geography), zips in sorted(found.items()):
        grouped[kind, state, geography, zips].append(name)
    return tuple(
        PlaceNames(kind=kind, state=state, geography=geography, zips=zips, names=tuple(names))
        for (kind, state, geography, zips), names in sorted(grouped.items())
    )


def metro_points(directory: Path, metros: Iterable[Metro]) -> tuple[MetroPoint, ...]:
    """Locate each metropolitan area, for maps."""
    known = {metro.id for metro in metros if metro.kind == "metro"}
    points = {}
    for row in csv_rows(directory / "metro_points.csv", MetroPoint.__struct_fields__):
        point = row.to(MetroPoint)
        if point.id not in known or point.id in points:
            raise row.refuse(f"`id` {point.id!r} is unknown or repeated")
        points[point.id] = point
    return tuple(points[id_] for id_ in sorted(points))


def _zips(directory: Path, areas: Mapping[str, str]) -> Counter[_Found]:
    """Read the ZIP codes, and count those of each city in each area."""
    found = Counter[_Found]()
    seen: set[str] = set()
    for row in csv_rows(directory / "zips.csv", ("state", "city", "area_code", "zips")):
        state, city, area = _state(row), _normalized(row, "city"), _area(row, areas)
        codes = list(_expand(row))
        if not seen.isdisjoint(codes) or len(set(codes)) < len(codes):
            raise row.refuse("`zips` has a ZIP code that is listed before")
        seen.update(codes)
        found.update(("zip", state, code, area) for code in codes)
        found["city", state, city, area] += len(codes)
    return found


def _add_shared_cities(found: Counter[_Found], directory: Path, areas: Mapping[str, str]) -> None:
    """Add the areas that have addresses of a city, but none of its ZIP codes."""
    for row in csv_rows(directory / "shared_cities.csv", ("state", "city", "area_code")):
        key: _Found = ("city", _state(row), _normalized(row, "city"), _area(row, areas))
        if key in found:
            raise row.refuse("`city` has ZIP codes in that area, or is listed before")
        found[key] = 0


def _expand(row: Row) -> Iterator[str]:
    """Yield the codes of "02138-02142 02238"."""
    for part in (row.values["zips"] or "").split(" "):
        limits = _RANGE.fullmatch(part)
        if not limits:
            raise row.refuse(f"`zips` has {part!r}, which is neither a ZIP code nor a range")
        for code in range(int(limits[1]), int(limits[2] or limits[1]) + 1):
            yield f"{code:05}"


def _counties(directory: Path, areas: Mapping[str, str]) -> dict[tuple[str, str], tuple[str, int]]:
    """Read the area of each county, and its number of ZIP codes, by state and name."""
    counties, keys = {}, set()
    for row in csv_rows(directory / "counties.csv", _COUNTY_COLUMNS):
        state, county = _state(row), row.values["county"] or ""
        if (state, _county_key(county)) in keys:
            raise row.refuse(f"duplicate `county` {county!r}")
        keys.add((state, _county_key(county)))
        counties[state, _name(county)] = (_area(row, areas), _count(row))
    return counties


def read_towns(directory: Path) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield state and name of each town and village, and the code of the area of its county."""
    counties = {
        (row.values["state"], row.values["county"]): row.values["area_code"] or ""
        for row in csv_rows(directory / "counties.csv", _COUNTY_COLUMNS)
    }
    for row in csv_rows(directory / "towns.csv", ("state", "town", "county", "villages")):
        state, county = _state(row), row.values["county"]
        if (state, county) not in counties:
            raise row.refuse(f"`county` {county!r} is not in counties.csv")
        for place in (row.values["town"] or "", *(row.values["villages"] or "").split(";")):
            if place:
                yield (state, _name(place)), counties[state, county]


def _other_names(directory: Path, areas: Mapping[str, str]) -> Counter[_Found]:
    """Read names that no ZIP code has as its first."""
    found = Counter[_Found]()
    columns = ("kind", "state", "name", "area_code", "zips")
    for row in csv_rows(directory / "place_names.csv", columns):
        kind = row.values["kind"]
        if kind not in ("city", "county"):
            raise row.refuse("`kind` is city or county")
        found[kind, _state(row), _normalized(row, "name"), _area(row, areas)] += _count(row)
    return found


def _add_cities_of_metros(found: Counter[_Found], metros: Iterable[Metro]) -> None:
    """Add the cities in the names of areas that are not places otherwise."""
    known: Set[tuple[str, str]] = {
        (state, name) for kind, state, name, _ in found if kind == "city"
    }
    for metro in metros:
        states = states_of(metro)
        for city in map(_name, metro.cities):
            is_county = city.endswith(" county")  # a merged city and county, listed as a county
            if not is_county and not any((state, city) in known for state in states):
                found["city", states[0], city, metro.id] = 1


def _state(row: Row) -> str:
    return row.values["state"] or ""


def _area(row: Row, areas: Mapping[str, str]) -> str:
    code = row.values["area_code"]
    if code not in areas:
        raise row.refuse(f"unknown `area_code` {code!r}: not in metros.csv")
    return areas[code]


def _count(row: Row) -> int:
    zips = row.values["zips"] or ""
    if not zips.isdecimal() or not int(zips):
        raise row.refuse("`zips` is not a number of ZIP codes")
    return int(zips)


def _normalized(row: Row, column: str) -> str:
    name = row.values[column] or ""
    if not name or name != _name(name):
        raise row.refuse(f"`{column}` must be lower case without punctuation")
    return name


@cache
def _name(text: str) -> str:
    """Normalize a name; remove apostrophes ("Coeur d'Alene"), as most people do."""
    return normal(text.replace("'", ""))


def _county_key(name: str) -> str:
    """A key that is the same for "Juneau City and Borough" and "City and Borough of Juneau", and
    for "DeKalb" and "De Kalb", but not for Fairfax County and Fairfax city."""
    return "".join(sorted(set(_name(name).split()) - _CLASSES))
