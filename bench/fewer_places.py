"""Seeds with the metropolitan areas of some states only."""

import csv
import shutil
from collections.abc import Set
from pathlib import Path

from paycite.settings import ROOT

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


def write_seeds_of_states(seeds: Path, states: Set[str]) -> None:
    """Write seeds to a new folder: the nation, all states, the metropolitan areas that lie in some
    of them, and the regions that consist of these."""
    shutil.copytree(ROOT / "seeds", seeds)
    gone = _places_elsewhere(seeds / "metros.csv", states)
    for pattern, column in _NAMES_A_PLACE.items():
        for file in seeds.glob(pattern):
            drop_rows(file, column, gone)
    if "CT" not in states:
        drop_rows(seeds / "towns.csv", "state", {"CT"})


def _places_elsewhere(file: Path, states: Set[str]) -> set[str]:
    """Their ids, area codes and CBSA codes."""
    gone = set[str]()
    with file.open(newline="") as opened:
        # Regions last, because their metropolitan areas decide.
        rows = sorted(csv.DictReader(opened), key=lambda row: row["kind"] == "region")
    for row in rows:
        codes = _several(row["cbsa_codes"])
        is_elsewhere = {
            "metro": _several(row["state"]).isdisjoint(states),
            "nonmetro": True,
            "region": not codes.isdisjoint(gone),
        }
        if is_elsewhere.get(row["kind"]):
            gone |= {row["id"], row["area_code"], *codes}
    return gone - {""}


def _several(cell: str) -> set[str]:
    return set(cell.split(";")) - {""}


def drop_rows(file: Path, column: str, values: Set[str]) -> None:
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if _several(row[column]).isdisjoint(values))
