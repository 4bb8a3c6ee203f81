"""Estimate pay for every role, level and place: the queries in `service/paycite/sql/estimate/`.

The pay that a source publishes for a role (`priced`) is adjusted to each level and place (`voice`).
A source has the same weight in all of them (`source_weight`). The estimate is the weighted
geometric mean of the sources.
"""

import duckdb

from paycite.dataset.sql import statement
from paycite.model.pool import PRIOR_OCCUPATION

# Each `mixed` reads the table `part`, which the query before it writes.
_ORDER = (
    *("isotonic", "macros", "tables", "newest", "place"),
    *("level_part", "mixed", "distribution"),
    *("occupied", "official_mixture", "mixed", "official"),
    *("pooled", "band", "nation"),
    *("source_weight", "factor", "carried", "ordered", "region_share", "occupation_part"),
    *("voice", "estimate"),
)
_BY_OCCUPATION = ("place", "region_share")


def estimate(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `source_weight`, `region_share`, `occupation_part`, `voice` and `estimate`."""
    for name in _ORDER:
        parameters = {"occupation": PRIOR_OCCUPATION} if name in _BY_OCCUPATION else None
        connection.execute(statement(f"estimate/{name}"), parameters)
