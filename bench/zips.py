"""Remake seeds/zips.csv and shared_cities.csv from a release of HUD's crosswalk of ZIP codes to
statistical areas.

    python bench/zips.py ZIP_CBSA_122024.xlsx

A ZIP code that is split over areas goes to the one with the largest share of its residential
addresses (of all, where it has none), among the areas of its own state. HUD has no areas for
Connecticut, where the town decides, and no counties: outside metropolitan areas a ZIP code keeps
the area it has in zips.csv. A new one gets that of its city, or the only one of its state, or its
state. A city is shared by another metropolitan area if a tenth of its residential addresses lie
there, but no ZIP code does, with the same weight for each of its ZIP codes. Then cite the release,
with its hash, in seeds/geography.toml.
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from openpyxl import load_workbook

from paycite import seeds
from paycite.files import sha256
from paycite.model.place import PlaceNames
from paycite.model.vocabulary import Metro, normal, states_of
from paycite.seeds.places import read_towns
from paycite.settings import ROOT

SEEDS = ROOT / "seeds"
_COLUMNS = ("ZIP", "CBSA", "USPS_ZIP_PREF_CITY", "USPS_ZIP_PREF_STATE", "RES_RATIO", "TOT_RATIO")
_NO_CITIES = ("APO", "DPO", "FPO", "PARCEL RETURN SERVICE")  # mail abroad and returned parcels
_LEAST_SHARE = 0.1
_NO_ZIPS = ("88888",)  # letters to Santa Claus


class Part(NamedTuple):
    """The part of a ZIP code in one area; `cbsa` is 99999 outside of all."""

    code: str
    cbsa: str
    city: str
    state: str
    residential: float
    total: float


def main(file: Path) -> None:
    known = seeds.read(SEEDS)
    finder = AreaFinder(known.metros, known.places)
    listed: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    shares: defaultdict[tuple[str, str], defaultdict[str, float]] = defaultdict(
        lambda: defaultdict(float)
    )
    for parts in read_parts(file):
        code, _, city, state, *_ = parts[0]
        if code not in _NO_ZIPS and city not in _NO_CITIES and state in finder.states:
            name = normal(city.replace("'", ""))
            listed[state, name, finder.find(parts, name)].append(int(code))
            for part in parts:
                shares[state, name][finder.metro_code(part)] += part.residential
    with (SEEDS / "zips.csv").open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(("state", "city", "area_code", "zips"))
        for (state, city, area), codes in sorted(listed.items()):
            writer.writerow((state, city, area, " ".join(ranges(codes))))
    with (SEEDS / "shared_cities.csv").open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(("state", "city", "area_code"))
        for (state, city), areas in sorted(shares.items()):
            least = _LEAST_SHARE * sum(areas.values())
            shared = (area for area, share in areas.items() if area and share >= least > 0)
            writer.writerows(
                (state, city, area) for area in sorted(shared) if (state, city, area) not in listed
            )
    print(f"{sum(map(len, listed.values())):,} ZIP codes; sha256 of the release: {sha256(file)}")


def read_parts(file: Path) -> list[list[Part]]:
    sheet = load_workbook(file, read_only=True).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    at = [header.index(column) for column in _COLUMNS]
    by_zip: defaultdict[str, list[Part]] = defaultdict(list)
    for row in rows:
        part = msgspec.convert([row[index] for index in at], Part)
        by_zip[part.code].append(part)
    return list(by_zip.values())


class AreaFinder:
    """Finds the area code of a ZIP code."""

    def __init__(self, metros: Iterable[Metro], places: Iterable[PlaceNames]) -> None:
        by_id = {metro.id: metro for metro in metros}
        self._codes = {id_: metro.area_code or "" for id_, metro in by_id.items()}
        self._metros = {m.cbsa_codes[0]: m for m in by_id.values() if m.kind == "metro"}
        self.states = {m.state: self._codes[m.id] for m in by_id.values() if m.kind == "state"}
        self._towns = dict(read_towns(SEEDS))
        self._zips: dict[str, str] = {}
        self._cities: defaultdict[tuple[bool, str, str], Counter[str]] = defaultdict(Counter)
        self._rest: defaultdict[str | None, set[str]] = defaultdict(set)
        for metro in by_id.values():
            if metro.kind == "nonmetro":
                self._rest[metro.state].add(self._codes[metro.id])
        for place in places:
            area, is_metro = self._codes[place.geography], by_id[place.geography].kind == "metro"
            for name in place.names:
                if place.kind == "zip" and not is_metro:
                    self._zips[name] = area
                elif place.kind == "city" and place.zips:
                    self._cities[is_metro, place.state, name][area] += place.zips

    def find(self, parts: Sequence[Part], city: str) -> str:
        code, state = parts[0].code, parts[0].state
        there = [part for part in parts if self._is_there(part)]
        most = max(there, key=lambda p: (p.residential, p.total, p.cbsa), default=None)
        if most and (metro := self._metros.get(most.cbsa)):
            return self._codes[metro.id]
        if town := self._towns.get((state, city)):
            return town
        of_city, rest = self._cities[not there, state, city], self._rest[state]
        if not there and of_city:
            return of_city.most_common(1)[0][0]
        if code in self._zips:
            return self._zips[code]
        if of_city:
            return of_city.most_common(1)[0][0]
        return next(iter(rest)) if len(rest) == 1 else self.states[state]

    def metro_code(self, part: Part) -> str:
        """Return the area code of the metropolitan area of a part; empty outside of its state's."""
        metro = self._metros.get(part.cbsa)
        return self._codes[metro.id] if metro and self._is_there(part) else ""

    def _is_there(self, part: Part) -> bool:
        metro = self._metros.get(part.cbsa)
        return metro is None or part.state in states_of(metro)


def ranges(codes: Iterable[int]) -> Iterator[str]:
    """Yield sorted codes as "02138-02142", and alone "02238"."""
    runs: list[list[int]] = []
    for code in sorted(codes):
        if runs and runs[-1][-1] == code - 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    for run in runs:
        yield f"{run[0]:05}" if len(run) == 1 else f"{run[0]:05}-{run[-1]:05}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
