"""Seeds with few places, roles and distributions, which take most of the time of a build; for
tests of building, not of what is built."""

import re
from pathlib import Path

from fewer_places import drop_rows, write_seeds_of_states

_STATES = {"CA", "CO", "ID", "MA", "NY", "OH", "TX", "WA"}
_ROLES = {
    *("ai-governance-specialist", "ai-ml-engineer", "data-analyst", "data-engineer"),
    *("data-scientist", "mlops", "security-engineer", "software-engineer"),
    "web-developer",
}
_NAMES_A_ROLE = {
    "words.csv": "means",
    "distributions/*.csv": "role",
    "factors/*.csv": "role",
    "figures/*/*.csv": "role",
    "pools/*.csv": "role",
}
_LINES = 20  # of each file of distributions


def write_few_seeds(seeds: Path) -> None:
    write_seeds_of_states(seeds, _STATES)
    _drop_other_roles(seeds)
    for file in (seeds / "distributions").glob("*.csv"):
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:_LINES]))


def _drop_other_roles(seeds: Path) -> None:
    file = seeds / "roles.toml"
    head, *tables = re.split(r"^(?=\[)", file.read_text(), flags=re.MULTILINE)
    by_id = {table[1 : table.index("]")]: table for table in tables}
    file.write_text(head + "".join(by_id[role] for role in by_id if role in _ROLES))
    for pattern, column in _NAMES_A_ROLE.items():
        for csv in seeds.glob(pattern):
            drop_rows(csv, column, by_id.keys() - _ROLES)
