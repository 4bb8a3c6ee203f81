"""Compute the pooled pay and the factors that ship with Paycite, from filings and advertisements.

The queries are in `service/paycite/sql/evidence/`. `paycite import dol-lca --into` and
`make evidence` call this module; answers only use the results.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import duckdb
from msgspec import Struct

from paycite.dataset import pool
from paycite.dataset.engine import InDuckDB, MakeEngine
from paycite.dataset.rows import insert, rows
from paycite.dataset.sql import statement
from paycite.estimate.mixture import Curve, curve, mixed
from paycite.model.distribution import PERCENTILES
from paycite.model.factor import (
    FEWEST_FILINGS,
    FEWEST_FOR_FACTOR,
    FEWEST_RANGES,
    SHRINKAGE_K,
)
from paycite.model.observation import Observed
from paycite.model.pool import Thresholds

Row: TypeAlias = dict[str, Any]


class PooledPay(Struct, frozen=True, kw_only=True):
    """Pooled pay as rows: the pool, central pay and factors, and the spreads."""

    pool: Row
    factors: list[Row]
    spreads: list[Row]


class Factors(Struct, frozen=True, kw_only=True):
    """Level factors and role factors as rows."""

    levels: list[Row]
    roles: list[Row]


def pool_pay(
    dataset: Path, observed: Observed, observations: Path, make_engine: MakeEngine = InDuckDB
) -> PooledPay:
    """Pool observations like a build does, with the roles, places and official statistics of a
    dataset. Each role has two spreads: for stated levels, and for all levels together."""
    with _open(dataset) as connection:
        engine = make_engine(connection)
        connection.execute(statement("evidence/tables"))
        pool.create_official(connection)
        pool.observe(engine, str(observations), with_occupations=False)
        pool.fit(engine)
        pool.write_tables(connection, observed, Thresholds())
        (common,) = rows(connection.execute("select * from pool"))
        shown = (
            "from pool_factor where amount is not null "
            "order by part, role, level nulls first, geography"
        )
        return PooledPay(
            pool=common,
            factors=list(rows(connection.execute(shown))),
            spreads=list(
                rows(connection.execute("from pool_spread order by role nulls first, levels"))
            ),
        )


def measure_factors(dataset: Path, filings: Path, make_engine: MakeEngine = InDuckDB) -> Factors:
    """Measure level factors from filings and the advertised percentiles of a dataset, and role
    factors from filings."""
    with _open(dataset) as connection:
        engine = make_engine(connection)
        pool.read(engine, str(filings))
        engine.create("evidence/filing")
        for name in ("filed", "filed_in_place", "filers"):
            engine.collect(f"evidence/{name}")
        connection.execute(statement("estimate/isotonic"))
        connection.execute(
            "create temp table all_levels (source_id varchar, role varchar, median double)"
        )
        insert(connection, "all_levels", list(_medians_of_all_levels(connection)))
        limits = {"k": SHRINKAGE_K, "fewest_ranges": FEWEST_RANGES}
        connection.execute(statement("evidence/contrast"), limits)
        limits = {"k": SHRINKAGE_K, "fewest_employers": FEWEST_FOR_FACTOR}
        levels = connection.execute(statement("evidence/level_factor"), limits)
        found = list(rows(levels))
        limits |= {"fewest_filings": FEWEST_FILINGS}
        roles = connection.execute(statement("evidence/role_factor"), limits)
        return Factors(levels=found, roles=list(rows(roles)))


@contextmanager
def _open(dataset: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a dataset read-only, with one thread, so that floating-point sums are reproducible."""
    with TemporaryDirectory(prefix="evidence-") as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": folder,
            "threads": "1",
        }
        with duckdb.connect(dataset, read_only=True, config=config) as connection:
            yield connection


def _medians_of_all_levels(connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    """Compute the median of each role over all levels: that of the mixture of its advertised
    levels, weighted by ranges."""
    result = connection.execute(
        "select * from distribution where role is not null and level is not null "
        "and geography = 'us' and component = 'base' and n > 0 order by source_id, role, level"
    )
    levels: dict[tuple[str, str], list[Row]] = {}
    for row in rows(result):
        if all(row[name] is not None for name in PERCENTILES):
            levels.setdefault((row["source_id"], row["role"]), []).append(row)
    for (source, role), found in levels.items():
        mixture = mixed([_curve(row) for row in found])
        yield {"source_id": source, "role": role, "median": mixture.values["p50"]}


def _curve(row: Row) -> Curve:
    return curve(row["n"], {name: row[name] for name in PERCENTILES}, row["capped"])
