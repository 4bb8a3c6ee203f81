"""Observations on disk: one Parquet file per source."""

import datetime
from calendar import monthrange
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import msgspec
from msgspec import Struct

from paycite.dataset.rows import insert, rows
from paycite.dataset.sql import as_pattern, first_line, quote, statement
from paycite.model.figure import Component
from paycite.model.observation import Observation, ObservationKind

_MEMORY = "1 GB"  # of DuckDB, for the file of an import


class Written(Struct, frozen=True, kw_only=True):
    """A summary of a file of observations; `repeated` rows were removed."""

    rows: int
    repeated: int
    employers: int
    of_no_role: int
    newest: str | None
    middle: str | None
    components: tuple[Component, ...]
    kinds: tuple[ObservationKind, ...]


def write(observations: Iterable[Observation], file: Path, is_by_id: bool = False) -> Written:
    """Write the observations as Parquet, without duplicates, in an order unlike the input's. Rows
    with different ids and the same content are duplicates, unless `is_by_id`."""
    with (
        TemporaryDirectory(prefix="sorting-", dir=file.parent) as folder,
        # On disk, not in memory: a file may hold millions of rows.
        duckdb.connect(
            Path(folder, "observations.duckdb"), config={"memory_limit": _MEMORY}
        ) as connection,
    ):
        for name in ("employer_key", "table"):
            connection.execute(statement(f"observations/{name}"))
        insert(connection, "observation", observations)
        distinct = statement("observations/distinct")
        connection.execute(f"create table final as {distinct}", {"is_by_id": is_by_id})
        connection.execute(f"copy final to {quote(file)} (format parquet, compression zstd)")
        return _summary(connection)


def _summary(connection: duckdb.DuckDBPyConnection) -> Written:
    (found,) = rows(connection.execute(statement("observations/summary")))
    (stated,) = connection.execute("select count(*) from observation").fetchall()
    return msgspec.convert(found | {"repeated": stated[0] - found["rows"]}, Written)


def employers(file: Path) -> list[str]:
    """The names of employers in a file of observations, each spelling once, in order."""
    with duckdb.connect() as connection:
        parameters = {"file": as_pattern(file)}
        named = connection.execute(statement("observations/employers"), parameters)
        return [name for (name,) in named.fetchall()]


class Recent(Struct, frozen=True, kw_only=True):
    """How many observations are too recent to be used, the date of the newest, and that of the
    newest that is used."""

    rows: int
    newest: datetime.date | None
    newest_used: datetime.date | None


def find_recent(file: Path, last_used: datetime.date) -> Recent:
    """Find the observations in a file that are dated after the last day whose rows are used."""
    with duckdb.connect() as connection:
        parameters = {"file": as_pattern(file), "last_used": last_used}
        (found,) = rows(connection.execute(statement("observations/recent"), parameters))
    return Recent(**found)


def add_months(day: datetime.date, months: int) -> datetime.date:
    """The same day of another month, or its last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class NotParquet(Exception):
    """Why a file cannot be read as Parquet."""


class ParquetTooLarge(Exception):
    """A Parquet file needs more memory than it may take."""


class ParquetSize(Struct, frozen=True):
    """The characters of all values of a Parquet file as text, and of the longest one."""

    rows: int
    characters: int
    longest: int


def parquet_columns(file: Path) -> list[str]:
    """The columns of any Parquet file; NotParquet if it is damaged or not Parquet."""
    with _open_parquet(file) as (_, table):
        return table.columns


def measure_parquet(file: Path) -> ParquetSize:
    """Measure any Parquet file in DuckDB, before its values are in Python's memory: a value that is
    repeated takes no room in the file. NotParquet or ParquetTooLarge if it cannot be read."""
    with _open_parquet(file) as (connection, table):
        lengths = table.project("length(columns(*)::varchar)")
        totals = lengths.aggregate("count(*), sum(columns(*)), max(columns(*))")
        ((count, *found),) = connection.execute(totals.sql_query()).fetchall()
    half = len(found) // 2
    sums, longest = ([one or 0 for one in some] for some in (found[:half], found[half:]))
    return ParquetSize(count, int(sum(sums)), max(longest))


def parquet_rows(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of any Parquet file, unchanged, with zoned times in UTC. NotParquet or
    ParquetTooLarge if it cannot be read."""
    with _open_parquet(file) as (connection, table):
        yield from rows(connection.execute(table.sql_query()))


@contextmanager
def _open_parquet(
    file: Path,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyRelation]]:
    try:
        with duckdb.connect(config={"memory_limit": _MEMORY}) as connection:
            # Names of parent directories are not columns.
            table = connection.read_parquet(as_pattern(file), hive_partitioning=False)
            yield connection, table.project(*map(_without_zone, table.columns, table.types))
    except duckdb.OutOfMemoryException:
        raise ParquetTooLarge(
            f"reading it takes more than {_MEMORY} of memory, the limit"
        ) from None
    except (duckdb.Error, RuntimeError) as error:  # RuntimeError: names that are not UTF-8
        raise NotParquet(first_line(error)) from None


def _without_zone(name: str, type_: object) -> duckdb.Expression:
    """A column with times without a zone: zoned ones need a module that is not installed."""
    column = duckdb.ColumnExpression(name)
    if str(type_) != "TIMESTAMP WITH TIME ZONE":
        return column
    microseconds = duckdb.FunctionExpression("epoch_us", column)
    return duckdb.FunctionExpression("make_timestamp", microseconds).alias(name)
