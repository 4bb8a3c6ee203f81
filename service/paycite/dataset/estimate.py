"""Price every role, level and place from its sources, with `service/paycite/sql/estimate/`.

Each source says what it says of a role (`priced`), is carried to every level and place (`voice`),
and weighs the same in all of them (`source_weight`); the estimate is their weighted geometric mean.
"""

import duckdb

from paycite.dataset.sql import statement
from paycite.model.pool import PRIOR_OCCUPATION

# What is mixed, from which table of parts, and what then prices a role.
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
