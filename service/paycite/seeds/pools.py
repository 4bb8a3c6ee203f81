"""Pooled pay that ships with the seeds: `pools/<source>.toml` describes it, `<source>.csv` has the
rows.

`paycite import dol-lca --into` writes both files. A row has central pay of a role and level
(`base`, dollars a year), a factor (`metro`, `role-metro`), or percentiles over central pay
(`spread`; its level is `stated` for each stated level, and empty for all levels together).
"""

from pathlib import Path
from typing import Any

from msgspec import Struct

from paycite.model.distribution import PERCENTILES
from paycite.model.pool import Pool, PoolFactor, PoolSpread
from paycite.seeds.distributions import Names
from paycite.seeds.files import Row, csv_rows, read_beside

COLUMNS = ("part", "role", "level", "geography", "n", "employers", "amount", *PERCENTILES)
TABLE = "pool"
SPREAD, STATED_LEVELS = "spread", "stated"
_WORDS = {
    "base": "central pay, pooled",
    "metro": "pay in the place over pay in all places of the source",
    "role-metro": "pay of the role in the place over the estimate from role and place",
    SPREAD: "pay over pooled central pay",
}


class ShippedPool(Struct, frozen=True, kw_only=True):
    """The pooled pay of one source."""

    pool: Pool
    factors: tuple[PoolFactor, ...]
    spreads: tuple[PoolSpread, ...]


def pool_files(directory: Path) -> list[Path]:
    """List the CSV files in order."""
    return sorted(directory.glob("*.csv"))


def load_pool(file: Path, names: Names) -> ShippedPool:
    """Load both files of a source. SeedError for the first row that breaks a rule."""
    _, head = read_beside(file, TABLE)
    locators = head.values.pop("locators")
    seen: set[str] = set()
    factors: list[PoolFactor] = []
    spreads: list[PoolSpread] = []
    for row in csv_rows(file, COLUMNS):
        values = _complete(row, file.stem, locators, names)
        if values["id"] in seen:
            raise row.refuse(f"duplicate of {values['id']!r}")
        seen.add(values["id"])
        if values.pop("part") == SPREAD:
            spreads.append(_build(row, values, PoolSpread))
        else:
            factors.append(_build(row, {**values, "part": row.values["part"]}, PoolFactor))
    return ShippedPool(pool=head.to(Pool), factors=tuple(factors), spreads=tuple(spreads))


def _complete(row: Row, source_id: str, locators: dict[str, str], names: Names) -> dict[str, Any]:
    """Add the id, subject and locator of a row to its values."""
    values = dict(row.values)
    part, role, level, geography = (values[name] for name in COLUMNS[:4])
    if part not in _WORDS:
        raise row.refuse(f"unknown `part` {part!r}: expected one of {', '.join(_WORDS)}")
    if part not in locators:
        raise row.refuse(f"`part` {part!r} has no locator in the TOML file")
    if role is not None and role not in names.roles:
        raise row.refuse(f"unknown `role` {role!r}")
    if level is not None and level not in {*names.levels, STATED_LEVELS}:
        raise row.refuse(f"unknown `level` {level!r}")
    if geography is not None and geography not in names.metros:
        raise row.refuse(f"unknown `geography` {geography!r}")
    return {
        **values,
        "levels": "stated" if level == STATED_LEVELS else "all",
        "id": "-".join(filter(None, (f"{source_id}:pooled", part, role, level, geography))),
        "source_id": source_id,
        "subject": f"{_describe(part, role, level, geography, names)}: {_WORDS[part]}",
        "locator": locators[part],
    }


def _describe(
    part: str, role: str | None, level: str | None, geography: str | None, names: Names
) -> str:
    words = []
    if role or part == SPREAD:
        words.append(names.roles[role].title if role else "all roles")
    if part in ("base", SPREAD):
        titles = {id_: level_.title for id_, level_ in names.levels.items()}
        words.append({**titles, STATED_LEVELS: "stated levels"}.get(level or "", "all levels"))
    if geography:
        words.append(names.metros[geography].name)
    return ", ".join(words)


def _build(row: Row, values: dict[str, Any], struct: type[Any]) -> Any:
    fields = {name: values[name] for name in struct.__struct_fields__}
    return Row(row.file, row.line, fields, row.lines).to(struct)
