"""Insert structs into tables, and read results as rows."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import duckdb
import msgspec

_ROWS_A_STATEMENT = 5_000
_ROWS_A_FETCH = 1_000


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[object]) -> None:
    """Insert rows by column name, thousands per statement: one statement per row takes a hundred
    times as long, and one for all of them needs too much memory."""
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
    """The rows of a result as dictionaries, fetched in chunks."""
    columns = [column[0] for column in result.description]
    while some := result.fetchmany(_ROWS_A_FETCH):
        yield from (dict(zip(columns, row, strict=True)) for row in some)
