"""The SQL of the package: one query per file."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb


@cache
def statement(name: str) -> str:
    """The text of `service/paycite/sql/<name>.sql`."""
    return files("paycite").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def names(folder: str) -> list[str]:
    """The names of all statements in a folder of `service/paycite/sql/`, in order."""
    found = files("paycite").joinpath("sql", folder).iterdir()
    return sorted(f"{folder}/{file.name.removesuffix('.sql')}" for file in found)


def first_line(error: object) -> str:
    """What an error says, without the context in its further lines."""
    return str(error).partition("\n")[0]


def quote(text: object) -> str:
    """A text as SQL has it, for statements that take no parameters."""
    return "'" + str(text).replace("'", "''") + "'"


def as_pattern(file: Path | str) -> str:
    """A pattern that matches this file alone: DuckDB reads the path of a Parquet file as one, so
    that `pay[1].parquet` would be `pay1.parquet`."""
    return re.sub(r"[*?[]", r"[\g<0>]", str(file))


def attach(
    connection: duckdb.DuckDBPyConnection, *, writes: Path | None = None, **files: Path
) -> None:
    """Attach datasets by name, read-only. From then on nothing in them, such as a view, can reach
    beyond them, but for the file that is to be written."""
    for name, file in files.items():
        connection.execute(f"attach {quote(file)} as {name} (read_only)")
    if writes:
        connection.execute(f"set allowed_paths = [{quote(writes)}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
