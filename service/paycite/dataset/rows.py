"""Structs into tables, and results into rows."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import duckdb
import msgspec

_ROWS_A_STATEMENT = 5_000
_ROWS_A_FETCH = 10_000


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[object]) -> None:
    """Insert rows by name, thousands a statement: one a row takes a hundred times as long, and the
    text of all of them is more than the memory allocator likes to hold."""
    columns = connection.execute(f"describe {table}").fetchall()
    structure = {name: type_ for name, type_, *_ in columns}
    statement = (
        f"insert into {table} by name select unnest(from_json($rows, $structure), max_depth := 2)"
    )
    remaining = iter(rows)
    while some := list(islice(remaining, _ROWS_A_STATEMENT)):
        connection.execute(
            statement,
            {
                "rows": msgspec.json.encode(some).decode(),
                "structure": msgspec.json.encode([structure]).decode(),
            },
        )


def rows(result: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    """The rows of a result, by the names of their columns, as they are fetched."""
    columns = [column[0] for column in result.description]
    while some := result.fetchmany(_ROWS_A_FETCH):
        yield from (dict(zip(columns, row, strict=True)) for row in some)
