"""Pool observations into factors and spreads, with the queries in `service/paycite/sql/pool/`.

Log pay is a sum of effects: of the role, its level, the place, and the role in the place. Each is
the mean of what the others leave, shrunk toward 0 with k, the variance within groups over that
between them, which the source's own observations tell. The spread around the sum is that of
held-out observations. `bench/README.md` has the proof.
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

# How many units the spread of all roles weighs as much as, in that of a role.
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
)


def pool(
    connection: duckdb.DuckDBPyConnection,
    observed: Sequence[Observed],
    observations: Path | None,
) -> None:
    """Pool each source of observations separately into the tables `pool`, `pool_factor` and
    `pool_spread`. Then write a figure for each number in these tables, including shipped pools."""
    if observed:
        place(connection)
    for one in observed:
        assert observations is not None  # `observed` was read from there
        observe(connection, observations / f"{one.source.id}.parquet", with_occupations=False)
        fit(connection)
        write_tables(connection, one)
    connection.execute(statement("pool/figures"), _FEWEST)


def write_tables(connection: duckdb.DuckDBPyConnection, one: Observed) -> None:
    """Write the results of `fit` for a source into `pool`, `pool_factor` and `pool_spread`."""
    connection.execute(statement("pool/shown"), _FEWEST)
    source = {"source": one.source.id}
    about = {name: getattr(one, name) for name in ("kind", "component", "as_of", "middle", "note")}
    connection.execute(statement("pool/pool"), source | about)
    connection.execute(statement("pool/pool_factor"), source | {"fewest": FEWEST_EMPLOYERS})
    spread = {"fewest_rows": FEWEST_ROWS, "fewest_spread": FEWEST_FOR_SPREAD, "k": SPREAD_K}
    connection.execute(statement("pool/pool_spread"), source | spread)


def place(connection: duckdb.DuckDBPyConnection) -> None:
    """What the dataset says of places before anything is observed: the temporary table `official`
    (geography, log_factor)."""
    connection.execute(statement("pool/official"), {"occupation": PRIOR_OCCUPATION})


def observe(connection: duckdb.DuckDBPyConnection, file: Path, with_occupations: bool) -> None:
    """Read a file of observations into the temporary table `observed`; those without a role only if
    `with_occupations`."""
    connection.execute(statement("observations/employer_key"))
    parameters = {"file": str(file), "with_occupations": with_occupations}
    connection.execute(statement("pool/observed"), parameters)


def fit(connection: duckdb.DuckDBPyConnection) -> None:
    """From `observed`, and what `place` makes, into the temporary tables `effect`, `prior` and
    `spread`."""
    for name in ("units", "fitted", "prior", "effect"):
        connection.execute(statement(f"pool/{name}"))
    # A floating-point sum depends on its order, so on how threads share the work.
    connection.execute("set threads = 1")
    for stage in _STAGES:
        parameters: dict[str, Any] = {
            name: getattr(stage, name) for name in _Stage.__struct_fields__
        }
        connection.execute(statement("pool/stage"), parameters)
        connection.execute(statement("pool/locate"), parameters)
    connection.execute("reset threads")
    for name in ("counted", "shrunk"):
        connection.execute(statement(f"pool/{name}"))
    probabilities = list(PROBABILITIES.values())
    connection.execute(statement("pool/spread"), {"probabilities": probabilities, "k": SPREAD_K})


def constants() -> tuple[object, ...]:
    """List everything besides the observations that their figures depend on."""
    texts = map(statement, (*names("pool"), "observations/employer_key"))
    return (*texts, PRIOR_OCCUPATION, SPREAD_K, FEWEST_FOR_SPREAD, _FEWEST)
