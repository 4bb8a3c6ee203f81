"""Read the occupations of the 2010 classification (SOC 2010) as those of 2018.

`occupations_2010.csv` has the rows of BLS's crosswalk for computer occupations, 11-3021 and the
mathematical occupations near them. `soc_2018` lists every occupation that a 2010 one became, and
`read_as` the one that Paycite takes it for: the only one, or the one that kept the name. It is
empty where a 2010 occupation was split and no part kept the name.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from paycite.seeds.files import csv_rows

_COLUMNS = ("soc_2010", "title", "soc_2018", "read_as", "citation")
_SOC_CODE = re.compile(r"\d{2}-\d{4}")


def load_crosswalk(directory: Path) -> Mapping[str, str | None]:
    """Load the 2018 occupation of each 2010 one whose code changed; None where it was split."""
    found: dict[str, str | None] = {}
    for row in csv_rows(directory / "occupations_2010.csv", _COLUMNS):
        old, new, read_as = (row.values[name] or "" for name in ("soc_2010", "soc_2018", "read_as"))
        successors = new.split(";")
        if not all(map(_SOC_CODE.fullmatch, (old, *successors))):
            raise row.refuse("`soc_2010` or `soc_2018` is not a SOC code")
        if read_as and read_as not in successors:
            raise row.refuse(f"`read_as` {read_as!r} is not one of `soc_2018`")
        if old in found:
            raise row.refuse(f"duplicate `soc_2010` {old!r}")
        if not row.values["citation"]:
            raise row.refuse("`citation` is missing")
        found[old] = read_as or None
    return {old: new for old, new in found.items() if new != old}
