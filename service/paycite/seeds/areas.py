"""Read the metropolitan areas of earlier delineations: their codes and titles lead to today's.

areas.csv has every code and title of an area in the statistics of the Bureau of Labor Statistics
since May 2019, with the New England city and town areas (7xxxx), and today's area of its principal
city: a nonmetropolitan one where the city lies in no metropolitan area any more.
"""

import re
from collections import defaultdict
from pathlib import Path

import msgspec

from paycite.model.vocabulary import Metro, normal
from paycite.seeds.files import Parsed, csv_rows

_COLUMNS = ("code", "title", "first_release", "last_release", "metro")
_CODE = re.compile(r"\d{5}", re.ASCII)


def add_former_names(directory: Path, metros: Parsed[Metro]) -> Parsed[Metro]:
    """Add to the aliases of each area the codes and titles that were its own."""
    of_today = {
        code: id_
        for id_, (_, metro) in metros.items()
        if metro.kind == "metro"
        for code in metro.cbsa_codes
    }
    owners: dict[str, str] = {}
    names: defaultdict[str, list[str]] = defaultdict(list)
    for row in csv_rows(directory / "areas.csv", _COLUMNS):
        code, title, id_ = (row.values[key] or "" for key in ("code", "title", "metro"))
        if not _CODE.fullmatch(code) or not title:
            raise row.refuse("an area needs a `code` of five digits and a title")
        if id_ not in metros:
            raise row.refuse(f"unknown `metro` {id_!r}")
        for name in (code, normal(title)):
            if owners.setdefault(name, id_) != id_:
                raise row.refuse(f"`metro` is {id_!r} here, and {owners[name]!r} above")
        if of_today.get(code, id_) != id_:
            raise row.refuse(f"`metro` is {id_!r}, but {code} is {of_today[code]!r} today")
        names[id_] += (code, title) if code not in of_today else (title,)
    return {
        id_: (row, msgspec.structs.replace(metro, aliases=_add(metro, names[id_])))
        for id_, (row, metro) in metros.items()
    }


def _add(metro: Metro, names: list[str]) -> tuple[str, ...]:
    known = {normal(name) for name in (metro.name, *metro.aliases)}
    new = {normal(name): name for name in names if normal(name) not in known}
    return (*metro.aliases, *new.values())
