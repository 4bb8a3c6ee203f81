"""Files of a whole public dataset to download: one flat Parquet table, and a DuckDB file.

A file is made when it is first asked for, by a process of its own, so that a server neither opens
a database for writing nor keeps the memory that this takes. It stays beside the datasets, with its
checksum, until its dataset is gone, and is made again if it was damaged.
"""

import errno
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import duckdb
from msgspec import Struct

from paycite.dataset.rows import rows
from paycite.dataset.sql import attach, first_line, names, quote, statement
from paycite.dataset.store import DatasetError, Store
from paycite.files import locked, put_in_place, sha256

Kind = Literal["parquet", "duckdb"]
MEDIA_TYPES: Mapping[Kind, str] = {
    "parquet": "application/vnd.apache.parquet",
    "duckdb": "application/vnd.duckdb",
}
FOLDER = "downloads"
TABLE = "pay"
# The tables beside it in the DuckDB file.
_TABLES = ("voice", "figure", "source", "dataset")
_ANY: Mapping[str, str | None] = {"role": None, "level": None, "kind": None}
_ROW_GROUP = 10_240
_MOST_SECONDS = 300
# Why a server may be unable to write beside its datasets.
_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)


class Column(Struct, frozen=True, kw_only=True):
    name: str
    type: str  # as DuckDB names it
    description: str


class Table(Struct, frozen=True, kw_only=True):
    name: str
    description: str
    columns: tuple[Column, ...]


class Export(Struct, frozen=True, kw_only=True):
    """A finished file; `sha256` is the checksum of its content."""

    file: Path
    sha256: str


def export(datasets: Path, version: str, kind: Kind) -> Export:
    """Find or make the file of a dataset. Only one process makes it; others wait for it.
    DatasetError if it cannot be made."""
    dataset = datasets / f"{version}.duckdb"
    try:
        try:
            return _find_or_make(datasets / FOLDER, dataset, kind)
        except OSError as error:
            if error.errno not in _NOT_ALLOWED:
                raise
            return _find_or_make(Path(_temporary().name), dataset, kind)
    except OSError as error:
        raise DatasetError(f"the file to download cannot be written: {error.strerror}") from None


def remove_orphans(datasets: Path, folder: Path | None = None) -> None:
    """Remove the files whose dataset is gone."""
    for file in (folder or datasets / FOLDER).glob("*.*.*"):
        version, _, _ = file.name.partition(".")
        if not (datasets / f"{version}.duckdb").exists():
            file.unlink(missing_ok=True)


def _find_or_make(folder: Path, dataset: Path, kind: Kind) -> Export:
    file = folder / f"{dataset.stem}.{_layout()}.{kind}"
    if found := _find(file):
        return found
    folder.mkdir(exist_ok=True)
    with locked(folder / ".lock"):
        if found := _find(file):
            return found
        remove_orphans(dataset.parent, folder)
        with TemporaryDirectory(prefix="making-", dir=folder) as making:
            made = Path(making, file.name)
            command = [sys.executable, "-m", __name__, str(dataset), str(made), kind]
            try:
                subprocess.run(  # noqa: S603 our own module
                    command, check=True, capture_output=True, text=True, timeout=_MOST_SECONDS
                )
            except subprocess.CalledProcessError as error:
                *_, last = error.stderr.strip().splitlines() or [""]
                raise DatasetError(f"the file to download cannot be made: {last}") from None
            except subprocess.TimeoutExpired:
                raise DatasetError("making the file to download takes too long") from None
            made.chmod(0o444)
            found = Export(file=file, sha256=sha256(made))
            (record := Path(making, "sha256")).write_text(found.sha256, encoding="ascii")
            put_in_place(record, _record(file))
            put_in_place(made, file)
    return found


def _record(file: Path) -> Path:
    """The checksum of a file when it was made."""
    return file.with_name(f"{file.name}.sha256")


def _find(file: Path) -> Export | None:
    """Find a finished file that is still as it was made."""
    with suppress(FileNotFoundError):
        seen, recorded = file.stat(), _record(file).read_bytes().decode("latin-1")
        if _checksum(file, seen.st_mtime_ns, seen.st_size) == recorded:
            return Export(file=file, sha256=recorded)
    return None


@cache
def _temporary() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="paycite-")  # removed when the process ends


@cache
def _layout() -> str:
    """A hash of what decides the content beside the dataset, so that another release of Paycite
    makes the file again."""
    texts = [statement(name) for name in names("export")]
    return hashlib.sha256("\0".join([duckdb.__version__, *texts]).encode()).hexdigest()[:8]


@lru_cache(64)
def _checksum(file: Path, modified: int, size: int) -> str:
    return sha256(file)


def read_rows(store: Store, role: str, level: str | None, kind: str | None) -> list[dict[str, Any]]:
    """The rows of the flat table for a role, the highest median first."""
    query = f"{statement('export/pay')} order by p50 desc, metro, level nulls first"
    return store.query(query, {"role": role, "level": level, "kind": kind})


def read_dictionary(store: Store) -> tuple[Table, ...]:
    """What each column of the exported tables means, the flat table first; from their comments."""
    comments = {
        (row["table_name"], row["column_name"]): row["comment"]
        for row in store.query(statement("export/comments"))
    }
    tables = [_pay_table()]
    for name in _TABLES:
        columns = tuple(
            Column(
                name=row["column_name"],
                type=row["column_type"],
                description=_comment(comments, name, row["column_name"]),
            )
            for row in store.query(f"describe {statement(f'export/{name}')}")
        )
        about = comments[name, None]
        tables.append(Table(name=name, description=about, columns=columns))
    return tuple(tables)


def _comment(comments: Mapping[tuple[str, str | None], str | None], table: str, column: str) -> str:
    """A column that a table takes from its source has the comment of the source."""
    own = comments.get((table, column)) or comments.get(("source", column))
    return own or {"id": "Id", "title": "Title"}[column]


@cache
def _pay_table() -> Table:
    with duckdb.connect() as connection:
        connection.execute(statement("export/pay_table"))
        found = list(rows(connection.execute(statement("export/comments"))))
    (about,) = (row["comment"] for row in found if row["column_name"] is None)
    columns = tuple(
        Column(name=row["column_name"], type=row["type"], description=row["comment"])
        for row in found
        if row["column_name"]
    )
    return Table(name=TABLE, description=about, columns=columns)


def _write(dataset: Path, file: Path, kind: Kind) -> None:
    """Write the file: in one thread and in order, so that a Parquet file has the same bytes on
    every machine."""
    store = Store(dataset)
    if store.public_version is not None:
        raise DatasetError("it has private sources")
    tables = read_dictionary(store)
    store.close()
    limits = {"threads": "1", "autoload_known_extensions": "false"}
    with duckdb.connect(config=dict(limits)) as connection:
        into = str(file) if kind == "duckdb" else ":memory:"
        connection.execute(f"attach {quote(into)} as export")
        attach(connection, dataset=dataset, writes=file)
        connection.execute("use export")
        connection.execute(statement("export/pay_table"))
        connection.execute("use dataset")
        connection.execute(
            f"insert into export.{TABLE} by name {statement('export/pay')} "
            "order by estimate.role, level.rank nulls first, metro",
            _ANY,
        )
        if kind == "parquet":
            _write_parquet(connection, file, tables[0])
            return
        for table in tables[1:]:
            query = statement(f"export/{table.name}")
            connection.execute(f"create table export.{table.name} as {query}")
            name = f"export.{table.name}"
            connection.execute(f"comment on table {name} is {quote(table.description)}")
            for column in table.columns:
                comment = quote(column.description)
                connection.execute(f"comment on column {name}.{column.name} is {comment}")


def _write_parquet(connection: duckdb.DuckDBPyConnection, file: Path, table: Table) -> None:
    meanings = json.dumps({column.name: column.description for column in table.columns})
    said = f"description: {quote(table.description)}, dictionary: {quote(meanings)}"
    connection.execute(
        f"copy export.{table.name} to {quote(file)} (format parquet, compression zstd, "
        f"row_group_size {_ROW_GROUP}, kv_metadata {{{said}}})"
    )


if __name__ == "__main__":
    os.nice(5)  # answers come first
    source, into, kind = sys.argv[1:]
    try:
        _write(Path(source), Path(into), "parquet" if kind == "parquet" else "duckdb")
    except (DatasetError, duckdb.Error) as error:
        sys.exit(first_line(error))
