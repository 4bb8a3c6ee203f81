"""Pool observations into factors and spreads, with the queries in `service/paycite/sql/pool/`.

Log pay is modeled as a sum of effects: of the role, its level, the place, and the role in the
place. Each effect is the mean residual of the stages before it, shrunk toward 0 (for a place,
toward its official prior) with k, the variance within groups over the variance between groups,
both estimated from the source itself. The spread comes from held-out observations.
`bench/README.md` has the back-tests.
"""

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec
from msgspec import Struct

from paycite.dataset import disclosure, disclosure_record
from paycite.dataset.disclosure import Decision
from paycite.dataset.disclosure_record import Disclosed, Disclosures
from paycite.dataset.engine import Engine
from paycite.dataset.observations import add_months
from paycite.dataset.rows import insert
from paycite.dataset.sql import names, statement
from paycite.model.distribution import PROBABILITIES
from paycite.model.observation import Observed
from paycite.model.pool import (
    FEWEST_EMPLOYERS,
    FEWEST_FOR_SPREAD,
    FEWEST_ROWS,
    PRIOR_OCCUPATION,
    Thresholds,
)

# Shrinkage constant, in units: how strongly a role's spread is shrunk toward that of all roles.
SPREAD_K = 100


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
    engine: Engine,
    observed: Sequence[Observed],
    observations: Path | None,
    as_of: datetime.date,
    thresholds: Thresholds,
    stored: str | None,
) -> Disclosures:
    """Pool each source of observations separately into the tables `pool`, `pool_factor` and
    `pool_spread`. Then write a figure for each number in these tables, including shipped pools.
    Returns what is published of private sources, for `disclosure_record.write`.

    `stored` is the folder of the Parquet files as the engine reads them; without it, they are in
    `observations`, which has what was published of private sources in any case.
    """
    connection = engine.connection
    disclosures: Disclosures = {}
    if observed:
        create_official(connection)
    for one in observed:
        assert observations is not None  # `observed` lists the files there
        file = f"{stored or observations}/{one.source.id}.parquet"
        if one.source.is_private:
            earlier = disclosure_record.read(observations) | disclosures
            earlier = disclosure.add_public(engine, one.source.id, observations, earlier)
            found = _pool_privately(engine, one, file, earlier, as_of, thresholds)
            disclosures[one.source.id] = found
        else:
            observe(engine, file, with_occupations=False)
            fit(engine)
            write_tables(connection, one, Thresholds())
    fewest = {"fewest": FEWEST_EMPLOYERS, "fewest_rows": FEWEST_ROWS}
    own = {"own_fewest": thresholds.employers, "own_fewest_rows": thresholds.unnamed_rows}
    connection.execute(statement("pool/figures"), fewest | own)
    return disclosures


def _pool_privately(
    engine: Engine,
    one: Observed,
    file: str,
    earlier: Disclosures,
    as_of: datetime.date,
    thresholds: Thresholds,
) -> Disclosed:
    """Pool a private source, and write what may be published of it after all that was."""
    connection = engine.connection
    disclosure.group_employers(engine, file)
    newest = add_months(as_of, -thresholds.months)
    engine.create("disclosure/observed", {"newest": newest})
    one = msgspec.structs.replace(one, **disclosure.find_dates(engine, newest))
    bases = disclosure.measure(engine)
    decision = disclosure.decide(one.source.id, bases, earlier, thresholds)
    decision = disclosure.withhold(bases, decision)
    connection.execute(
        "create or replace temp table published_place (geography varchar, weight integer)"
    )
    insert(connection, "published_place", disclosure.list_places(bases, decision))
    fit(engine, is_private=True)
    connection.execute(statement("evidence/tables"))
    write_tables(connection, one, thresholds, decision)
    fresh = disclosure.take_rows(connection)
    disclosed = disclosure.disclose(one.source.id, fresh, bases, decision, earlier)
    hidden = connection.execute(
        "select role, level from shown "
        "where is_hidden_for_another and level is not null order by all"
    )
    disclosed = msgspec.structs.replace(disclosed, hidden=hidden.fetchall())
    for table, rows in disclosure.by_table(disclosed, one):
        insert(connection, table, rows)
    return disclosed


def write_tables(
    connection: duckdb.DuckDBPyConnection,
    one: Observed,
    thresholds: Thresholds,
    decision: Decision = Decision({}, (), ()),  # noqa: B008
) -> None:
    """Write the results of `fit` for a source into `pool`, `pool_factor` and `pool_spread`."""
    connection.execute(
        "create or replace temp table decided "
        "(decision varchar, role varchar, level varchar, geography varchar)"
    )
    for name, keys in decision._asdict().items():
        scopes = [{"decision": name, **key.scope()} for key in keys if key.part != "spread"]
        insert(connection, "decided", scopes)
    fewest = {"fewest": thresholds.employers, "fewest_rows": thresholds.unnamed_rows}
    connection.execute(statement("pool/shown"), fewest)
    source = {"source": one.source.id}
    about = {name: getattr(one, name) for name in ("kind", "component", "as_of", "middle", "note")}
    connection.execute(statement("pool/pool"), source | about)
    connection.execute(statement("pool/pool_factor"), source | {"fewest": thresholds.employers})
    spread = {
        "fewest_rows": thresholds.unnamed_rows,
        "fewest_spread": thresholds.employers_for_spread,
        "k": SPREAD_K,
    }
    connection.execute(statement("pool/pool_spread"), source | spread)


def create_official(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary table `official` (geography, log_factor): the prior for each place, from
    official statistics."""
    connection.execute(statement("pool/official"), {"occupation": PRIOR_OCCUPATION})


def read(engine: Engine, file: str) -> None:
    """Read a file of observations: the tables `observation`, and `named` for their employers."""
    engine.read(file)
    engine.collect("pool/spelled")
    for name in ("observations/employer_key", "pool/named"):
        engine.connection.execute(statement(name))
    engine.share("named")


def observe(engine: Engine, file: str, with_occupations: bool) -> None:
    """Read a file of observations into the table `observed`; those without a role only if
    `with_occupations`."""
    read(engine, file)
    parameters = {"with_occupations": with_occupations}
    engine.create("pool/observed", parameters, is_read_once=True)


def fit(engine: Engine, is_private: bool = False) -> None:
    """Fit the effects from the tables `observed` and `official`, and of a private source from
    `published_place`. Creates the temporary tables `effect`, `prior` and `spread`, among others."""
    connection = engine.connection
    folder = "disclosure" if is_private else "pool"
    engine.create("pool/units")
    for name in ("folded", "counted", "behind"):
        engine.collect(f"pool/{name}")
    for name in ("pool/fitted", f"{folder}/prior", "pool/effect"):
        connection.execute(statement(name))
    # Floating-point sums depend on their order, and with several threads the order varies.
    connection.execute("set threads = 1")
    for stage in _STAGES:
        parameters: dict[str, Any] = {
            name: getattr(stage, name) for name in _Stage.__struct_fields__
        }
        connection.execute(statement("pool/stage"), parameters)
        connection.execute(statement("pool/locate"), parameters)
    connection.execute("reset threads")
    connection.execute(statement("pool/located"))
    for table in ("behind", "located"):
        engine.share(table)
    for name in (f"{folder}/held_out", "pool/ranked"):
        engine.create(name, is_read_once=True)
    engine.collect(f"{folder}/distance", {"probabilities": list(PROBABILITIES.values())})
    connection.execute(statement("pool/shrunk"))
    connection.execute(statement("pool/spread"), {"k": SPREAD_K})


def constants() -> tuple[object, ...]:
    """List everything that pooled figures depend on, besides the observations."""
    texts = map(statement, (*names("pool"), "observations/employer_key"))
    return (*texts, PRIOR_OCCUPATION, SPREAD_K, FEWEST_FOR_SPREAD, FEWEST_EMPLOYERS, FEWEST_ROWS)
