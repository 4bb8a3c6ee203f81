"""Load the level factors and role factors that `make evidence` derives, from `factors/`.

`factors.toml` has their citation and method; `levels.csv` and `roles.csv` have the factors.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from paycite.model.factor import ABOVE_SENIOR, FACTORS, LevelFactor, RoleFactor
from paycite.seeds.distributions import Names
from paycite.seeds.files import Row, csv_rows, read_tables

LEVEL_COLUMNS = ("role", "level", "factor", "over_senior", "filings", "employers", "ranges")
ROLE_COLUMNS = ("role", "factor", "measured", "filings", "employers")
_TABLES = ("source", "levels", "roles")
_NOT_USED = " Measured; not used: see staff-over-senior."


class Factors(Struct, frozen=True, kw_only=True):
    """All factors, in the order of the files."""

    levels: tuple[LevelFactor, ...] = ()
    roles: tuple[RoleFactor, ...] = ()


def source_rows(directory: Path) -> Iterator[Row]:
    """Yield the source that publishes the factors, if there are any."""
    if directory.exists():
        row = read_tables(directory / "factors.toml", _TABLES)["source"]
        row.values["id"] = FACTORS
        yield row


def load_factors(directory: Path, names: Names) -> Factors:
    """Load all factors. SeedError for the first row that breaks a rule."""
    if not directory.exists():
        return Factors()
    heads = read_tables(directory / "factors.toml", _TABLES)
    return Factors(
        levels=tuple(
            row.to(LevelFactor)
            for row in _complete(directory / "levels.csv", LEVEL_COLUMNS, heads["levels"], names)
        ),
        roles=tuple(
            row.to(RoleFactor)
            for row in _complete(directory / "roles.csv", ROLE_COLUMNS, heads["roles"], names)
        ),
    )


def _complete(file: Path, columns: tuple[str, ...], head: Row, names: Names) -> Iterator[Row]:
    """Add the common values, the id and the subject to each row."""
    seen: set[tuple[Any, Any]] = set()
    for row in csv_rows(file, columns):
        role, level = row.values["role"], row.values.get("level")
        if role is not None and role not in names.roles:
            raise row.refuse(f"unknown `role` {role!r}")
        if "level" in columns and level not in names.levels:
            raise row.refuse(f"unknown `level` {level!r}")
        if (role, level) in seen:
            raise row.refuse("duplicate `role` and `level`")
        seen.add((role, level))
        title = names.roles[role].title if role else "all roles"
        row.values.update(head.values)
        if level in ABOVE_SENIOR:
            row.values["note"] += _NOT_USED
        row.values["source_id"] = FACTORS
        row.values["id"] = "-".join(filter(None, (f"{FACTORS}:{file.stem}", role or "all", level)))
        row.values["subject"] = (
            f"{title}, {names.levels[level].title}: pay at the level over pay at all levels"
            if level
            else f"{title}: pay for the role over pay in its occupations"
        )
        yield row
