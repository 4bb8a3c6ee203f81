"""Seeds with few places and distributions, which take most of the time of a build; for tests of
building, not of what is built."""

import csv
import shutil
from collections.abc import Set
from pathlib import Path

from support.servers import SEEDS

_STATES = {"CA", "CO", "ID", "MA", "NY", "OH", "TX", "WA"}  # whose metropolitan areas are kept
_LINES = 20  # of each file of distributions
_NAMES_A_PLACE = {  # by id, or by area code
    "metros.csv": "id",
    "metro_points.csv": "id",
    "areas.csv": "metro",
    "counties.csv": "area_code",
    "zips.csv": "area_code",
    "shared_cities.csv": "area_code",
    "place_names.csv": "area_code",
    "pay_transparency.csv": "metro",
    "words.csv": "means",
    "distributions/*.csv": "geography",
    "pools/*.csv": "geography",
}


def write_few_seeds(seeds: Path) -> None:
    """Write them to a new folder: the nation, all states, the metropolitan areas of some, and the
    regions that consist of these."""
    shutil.copytree(SEEDS, seeds)
    gone = _places_elsewhere(seeds / "metros.csv")
    for pattern, column in _NAMES_A_PLACE.items():
        for file in seeds.glob(pattern):
            _drop(file, column, gone)
    _drop(seeds / "towns.csv", "state", {"CT"})
    for file in (seeds / "distributions").glob("*.csv"):
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:_LINES]))


def _places_elsewhere(file: Path) -> set[str]:
    """Their ids, area codes and CBSA codes."""
    gone = set[str]()
    with file.open(newline="") as opened:
        # Regions last, because their metropolitan areas decide.
        rows = sorted(csv.DictReader(opened), key=lambda row: row["kind"] == "region")
    for row in rows:
        codes = _several(row["cbsa_codes"])
        is_elsewhere = {
            "metro": _several(row["state"]).isdisjoint(_STATES),
            "nonmetro": True,
            "region": not codes.isdisjoint(gone),
        }
        if is_elsewhere.get(row["kind"]):
            gone |= {row["id"], row["area_code"], *codes}
    return gone - {""}


def _several(cell: str) -> set[str]:
    return set(cell.split(";")) - {""}


def _drop(file: Path, column: str, values: Set[str]) -> None:
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if _several(row[column]).isdisjoint(values))
