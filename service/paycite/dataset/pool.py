"""Partial pooling: observations into factors and spreads, by `service/paycite/sql/pool/`.

Log pay is a sum of effects: of the role, its level, the place, the role in the place, and the cell
of all three. Each is the mean of what lies apart, drawn towards none by k, the variance in groups
over that between them, which the source's own observations tell. What is spread around it are the
residuals of observations that were left out of the estimate. `bench/README.md` has the proof.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from msgspec import Struct

from paycite.dataset.sql import names, statement
from paycite.model.distribution import PROBABILITIES
from paycite.model.observation import Observed
from paycite.model.pool import (
    FEWEST_EMPLOYERS,
    FEWEST_FOR_SPREAD,
    FEWEST_ROWS,
    PRIOR_OCCUPATION,
)

# The units that the quantiles of a group are drawn towards its parent's by.
SPREAD_K = 100
_FEWEST = {"fewest": FEWEST_EMPLOYERS, "fewest_rows": FEWEST_ROWS}


class _Stage(Struct, frozen=True):
    stage: str
    by_role: bool
    by_level: bool
    by_geography: bool


_STAGES = (
    _Stage("role", True, False, False),
    _Stage("level", True, True, False),
    _Stage("metro", False, False, True),
    _Stage("role-metro", True, False, True),
    _Stage("cell", True, True, True),
)


def pool(
    connection: duckdb.DuckDBPyConnection,
    observed: Sequence[Observed],
    observations: Path | None,
) -> None:
    """Pool each source of observations by itself into the tables `pool`, `pool_factor` and
    `pool_spread`. Then write a figure for each number in these tables, shipped ones too."""
    if observed:
        place(connection)
    for one in observed:
        assert observations is not None  # the directory that they were found in
        observe(connection, observations / f"{one.source.id}.parquet", with_occupations=False)
        fit(connection)
        write_tables(connection, one)
    connection.execute(statement("pool/figures"), _FEWEST)


def write_tables(connection: duckdb.DuckDBPyConnection, one: Observed) -> None:
    """Write what `fit` found of a source into `pool`, `pool_factor` and `pool_spread`."""
    connection.execute(statement("pool/shown"), _FEWEST)
    source = {"source": one.source.id}
    about = {name: getattr(one, name) for name in ("kind", "component", "as_of", "note")}
    connection.execute(statement("pool/pool"), source | about)
    connection.execute(statement("pool/pool_factor"), source | {"fewest": FEWEST_EMPLOYERS})
    spread = {"fewest_rows": FEWEST_ROWS, "fewest_spread": FEWEST_FOR_SPREAD, "k": SPREAD_K}
    connection.execute(statement("pool/pool_spread"), source | spread)


def place(connection: duckdb.DuckDBPyConnection) -> None:
    """What the dataset says of places before anything is observed: the temporary tables `region`
    (id, metro) and `official` (geography, log_factor)."""
    connection.execute(statement("pool/region"))
    connection.execute(statement("pool/official"), {"occupation": PRIOR_OCCUPATION})


def observe(connection: duckdb.DuckDBPyConnection, file: Path, with_occupations: bool) -> None:
    """Read a file of observations into the temporary table `observed`; those of an occupation that
    is no role only if asked for."""
    connection.execute(statement("observations/employer_key"))
    parameters = {"file": str(file), "with_occupations": with_occupations}
    connection.execute(statement("pool/observed"), parameters)


def fit(connection: duckdb.DuckDBPyConnection) -> None:
    """From `observed`, and what `place` makes, into the temporary tables `effect`, `prior` and
    `spread`."""
    for name in ("regions_of", "units", "fitted", "prior", "effect"):
        connection.execute(statement(f"pool/{name}"))
    # What a sum of floating numbers is depends on its order, so on how threads share the work.
    connection.execute("set threads = 1")
    for stage in _STAGES:
        parameters: dict[str, Any] = {
            name: getattr(stage, name) for name in _Stage.__struct_fields__
        }
        connection.execute(statement("pool/stage"), parameters)
        connection.execute(statement("pool/locate"), parameters)
    connection.execute("reset threads")
    for name in ("counted", "residual", "drawn"):
        connection.execute(statement(f"pool/{name}"))
    probabilities = list(PROBABILITIES.values())
    connection.execute(statement("pool/spread"), {"probabilities": probabilities, "k": SPREAD_K})


def constants() -> tuple[object, ...]:
    """What the figures of the same observations depend on, besides them."""
    texts = map(statement, (*names("pool"), "observations/employer_key"))
    return (*texts, PRIOR_OCCUPATION, SPREAD_K, FEWEST_FOR_SPREAD, _FEWEST)
