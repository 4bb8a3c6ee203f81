"""Observations on disk: one Parquet file per source."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import msgspec
from msgspec import Struct

from service.dataset.rows import insert
from service.dataset.sql import statement
from service.model.figure import Component
from service.model.observation import Observation, ObservationKind

_ROWS_AT_ONCE = 10_000


class Written(Struct, frozen=True, kw_only=True):
    """What a file of observations holds; `repeated` rows were left out of it."""

    rows: int
    repeated: int
    employers: int
    of_no_role: int
    ranges: int
    oldest: str | None
    newest: str | None
    components: tuple[Component, ...]
    kinds: tuple[ObservationKind, ...]


def write(observations: Iterable[Observation], file: Path) -> Written:
    """Write the observations as Parquet, each once, in an order that is not that of the input."""
    with (
        TemporaryDirectory(prefix="sorting-", dir=file.parent) as folder,
        # On disk, not in memory: a file may hold millions of rows.
        duckdb.connect(Path(folder, "observations.duckdb")) as connection,
    ):
        connection.execute(statement("observations/table"))
        insert(connection, "observation", observations)
        connection.execute(f"create table final as {statement('observations/distinct')}")
        path = str(file).replace("'", "''")
        connection.execute(f"copy final to '{path}' (format parquet, compression zstd)")
        return _summary(connection)


def _summary(connection: duckdb.DuckDBPyConnection) -> Written:
    result = connection.execute(statement("observations/summary"))
    columns = [column[0] for column in result.description]
    (row,) = result.fetchall()
    (stated,) = connection.execute("select count(*) from observation").fetchall()
    found = dict(zip(columns, row, strict=True))
    return msgspec.convert(found | {"repeated": stated[0] - found["rows"]}, Written)


def parquet_rows(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of any Parquet file, as they stand there; duckdb.Error if it is none."""
    with duckdb.connect() as connection:
        result = connection.execute("select * from read_parquet($file)", {"file": str(file)})
        columns = [column[0] for column in result.description]
        while rows := result.fetchmany(_ROWS_AT_ONCE):
            yield from (dict(zip(columns, row, strict=True)) for row in rows)
