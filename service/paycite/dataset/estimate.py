"""Estimate pay for every role, level and place: the queries in `service/paycite/sql/estimate/`.

The pay that a source publishes for a role (`priced`) is adjusted to each level and place (`voice`).
A source has the same weight in all of them (`source_weight`). The estimate is the weighted
geometric mean of the sources.
"""

import duckdb
import zstandard

from paycite.dataset.rows import insert
from paycite.dataset.sql import statement
from paycite.model.pool import PRIOR_OCCUPATION

# Each `mixed` reads the table `part`, which the query before it writes.
_ORDER = (
    *("isotonic", "macros", "tables", "newest", "published", "place"),
    *("level_part", "mixed", "distribution"),
    *("occupied", "official_mixture", "mixed", "official"),
    *("pooled", "band", "nation"),
    *("source_weight", "factor", "carried", "ordered", "region_share", "occupation_part"),
    *("voice", "estimate"),
)
_BY_OCCUPATION = ("place", "region_share")


def estimate(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `source_weight`, `region_share`, `occupation_part`, `voice`, `estimate` and `cell`."""
    for name in _ORDER:
        parameters = {"occupation": PRIOR_OCCUPATION} if name in _BY_OCCUPATION else None
        connection.execute(statement(f"estimate/{name}"), parameters)
    _compress_cells(connection)


def _compress_cells(connection: duckdb.DuckDBPyConnection) -> None:
    compressor = zstandard.ZstdCompressor()
    cells = connection.execute(statement("estimate/cells")).fetchall()
    rows = [
        {"role": role, "metro": metro, "content": compressor.compress(content.encode())}
        for role, metro, content in cells
    ]
    # JSON has bytes in base64.
    connection.execute(
        "create or replace temp table encoded (role varchar, metro varchar, content varchar)"
    )
    insert(connection, "encoded", rows)
    connection.execute("insert into cell select role, metro, from_base64(content) from encoded")
