"""Small datasets, made of one that was built: files that are quick to copy and send."""

from pathlib import Path

import duckdb

_ROLES = "('mlops', 'data-engineer')"
_OF_DISTRIBUTIONS = "('percentile', 'standard-error', 'employment', 'location-quotient')"


def write_small(file: Path, dataset: Path, version: str, public_version: str | None = None) -> Path:
    """Write what a service needs of a dataset to answer for a few roles, under another version."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{dataset}' as whole (read_only)")
        # Small blocks, of which a table takes at least one.
        connection.execute(f"attach '{file}' as small (block_size 16384)")
        connection.execute("copy from database whole to small (schema)")
        connection.execute("use whole")
        tables = "select table_name from duckdb_tables() where database_name = 'whole'"
        # In this order, which is that of the schema, every row finds what it refers to.
        for (name,) in connection.execute(f"{tables} order by table_oid").fetchall():
            chosen = {
                "voice": "where false",
                "estimate": "where false",
                "occupation_part": "where false",
                "figure": f"where topic not in {_OF_DISTRIBUTIONS}",
                "cell": f"where role in {_ROLES}",
            }.get(name, "")
            connection.execute(f"insert into small.{name} select * from {name} {chosen}")
        connection.execute("use small")
        connection.execute(
            "update dataset set version = $version, public_version = $public_version",
            {"version": version, "public_version": public_version},
        )
        connection.execute("use memory")
    return file
