"""Where statements over observations run: in DuckDB, or on Apache Spark (`dataset/spark.py`).

Each of these statements creates a table. Those that follow read small tables, in DuckDB.
"""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

import duckdb

from paycite.dataset.sql import as_pattern, quote, statement

Parameters: TypeAlias = Mapping[str, object]


class EngineError(Exception):
    """Why an engine cannot be used, or failed."""


class Engine(Protocol):
    connection: duckdb.DuckDBPyConnection

    def read(self, file: str) -> None:
        """Read Parquet, a file or a folder of files, as the table `observation`."""

    def create(
        self, name: str, parameters: Parameters | None = None, is_read_once: bool = False
    ) -> None:
        """Create a table that only statements over observations read."""

    def collect(self, name: str, parameters: Parameters | None = None) -> None:
        """Create a table in DuckDB, a small one."""

    def share(self, table: str) -> None:
        """Let statements over observations read a table in DuckDB."""


class InDuckDB:
    """Everything is in one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def read(self, file: str) -> None:
        self.connection.execute(
            "create or replace temp view observation as "
            f"from read_parquet({quote(as_pattern(file))})"
        )

    def create(
        self, name: str, parameters: Parameters | None = None, is_read_once: bool = False
    ) -> None:
        self.connection.execute(statement(name), parameters)

    collect = create

    def share(self, table: str) -> None:
        """Nothing to do: the table is already in DuckDB."""


# An engine for a connection.
MakeEngine: TypeAlias = Callable[[duckdb.DuckDBPyConnection], Engine]
