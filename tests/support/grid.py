"""Small datasets for tests of the estimator: some roles and places, and any sources."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import msgspec

from paycite.dataset.rows import insert
from paycite.dataset.sql import statement
from paycite.model.observation import Observation
from support.observing import FILLED, observe, pool_all, reprice, source

AUDITS = [
    f"audits/{name}"
    for name in (
        "cell_without_its_voices",
        "estimate_outside_its_voices",
        "higher_level_pays_less",
        "percentiles_cross_or_lie_apart",
        "region_outside_its_metros",
    )
]
# What is large and not needed.
_ONLY = dict.fromkeys((*FILLED, "place", "word"), "limit 0") | {
    "figure": "where topic in ('band', 'open-band', 'offers', 'uplift', 'method')"
}


class SmallDataset:
    """A dataset in memory with a few roles and places; a test can choose its sources."""

    def __init__(self, dataset: Path, roles: Sequence[str], places: Sequence[str]) -> None:
        self.connection = duckdb.connect()
        self._execute(f"attach '{dataset}' as whole (read_only)")
        for (table,) in self._execute(
            "select table_name from duckdb_tables() where database_name = 'whole'"
        ).fetchall():
            self._execute(f"create table {table} as from whole.{table} {_ONLY.get(table, '')}")
        metros = (
            "select metro.id from geography as region join geography as metro "
            "on metro.kind = 'metro' and list_has_all(region.cbsa_codes, metro.cbsa_codes) "
            "where region.kind = 'region' and list_contains($places, region.id)"
        )
        self._execute(
            "delete from geography where not list_contains($places, id) and kind <> 'nation' "
            f"and id not in ({metros})",
            {"places": list(places)},
        )
        self._execute(
            "delete from role where not list_contains($roles, id)", {"roles": list(roles)}
        )
        for table, column in (("uplift_rule", "metro"), ("distribution", "geography")):
            self._execute(f"delete from {table} where {column} not in (select id from geography)")
        self.roles, self.places = roles, places

    def close(self) -> None:
        self.connection.close()

    def forget_sources(self) -> None:
        """Leave no figures of pay, but for the constants and factors of the estimator."""
        self._execute("delete from distribution; delete from pool; delete from pool_factor")
        self._execute("delete from pool_spread; delete from uplift_rule")
        self._execute("delete from figure where topic <> 'method'")

    def add(self, **rows: Iterable[object]) -> None:
        """Add rows to tables, and a source for each that they name."""
        for table, found in rows.items():
            every = [row if isinstance(row, dict) else msgspec.to_builtins(row) for row in found]
            known = {id_ for (id_,) in self._execute("select id from source").fetchall()}
            for id_ in sorted({row["source_id"] for row in every} - known):
                self._add_source(id_)
            insert(self.connection, table, every)

    def observe(self, source_id: str, rows: Sequence[Observation]) -> None:
        """Pool observations as a build does."""
        with TemporaryDirectory() as name:
            observed = observe(Path(name), source_id, rows)
            pool_all(self.connection, [observed], Path(name))

    def _add_source(self, id_: str) -> None:
        row = msgspec.structs.asdict(source(id_)) | {"published": None, "precision": "none"}
        insert(self.connection, "source", [row])

    def price(self) -> int:
        """Fill the grid, and count its cells."""
        reprice(self.connection)
        ((cells,),) = self._execute("select count(*) from estimate").fetchall()
        return int(cells)

    def violations(self) -> dict[str, list[Any]]:
        """What the audits of the grid find."""
        found = {name: self._execute(statement(name)).fetchall() for name in AUDITS}
        return {name: rows for name, rows in found.items() if rows}

    def weights(self, role: str) -> dict[str, float]:
        sql = "select source_id, weight from source_weight where role = $role"
        return dict(self._execute(sql, {"role": role}).fetchall())

    def _execute(
        self, sql: str, parameters: Mapping[str, object] | None = None
    ) -> duckdb.DuckDBPyConnection:
        return self.connection.execute(sql, parameters)


@contextmanager
def small_dataset(
    dataset: Path, roles: Sequence[str], places: Sequence[str]
) -> Iterator[SmallDataset]:
    with closing(SmallDataset(dataset, roles, places)) as small:
        yield small
