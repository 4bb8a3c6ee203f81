"""Write a dataset, audit it, publish it. A crash at any point leaves the earlier one in service."""

import datetime
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import msgspec

from service import seeds
from service.dataset.sql import audits, statement
from service.model.figure import Rule, Source
from service.model.vocabulary import BEYOND_METROS
from service.seeds import Seeds

SCHEMA_VERSION = 1
POINTER = "current"


class AuditError(Exception):
    """An audit found rows; the dataset is not published."""


def build(
    seeds_directory: Path, datasets: Path, keep: int, as_of: datetime.date | None = None
) -> str:
    """Build the dataset of these seeds, make it the current one, and return its version.

    `as_of` is the newest date among the sources unless given. The newest `keep` datasets stay.
    Raises SeedError or AuditError, and then changes nothing.
    """
    sown = seeds.read(seeds_directory)
    as_of = as_of or max(source.published.date or datetime.date.min for source in sown.sources)
    version = _version(sown, as_of)
    datasets.mkdir(parents=True, exist_ok=True)
    with _sole_builder(datasets):
        if not (datasets / f"{version}.duckdb").exists():
            with TemporaryDirectory(prefix="building-", dir=datasets) as building:
                unpublished = Path(building, f"{version}.duckdb")
                _write(unpublished, sown, version, as_of)
                unpublished.rename(datasets / unpublished.name)
        _publish(datasets, version)
        _prune(datasets, keep)
    return version


def _version(sown: Seeds, as_of: datetime.date) -> str:
    """A hash of the inputs, because two DuckDB files with the same rows differ in bytes."""
    inputs = msgspec.json.encode((SCHEMA_VERSION, as_of, sown))
    return f"{as_of}-{hashlib.sha256(inputs).hexdigest()[:12]}"


@contextmanager
def _sole_builder(datasets: Path) -> Iterator[None]:
    """One build at a time; what a killed one left behind is removed."""
    with Path(datasets, ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in datasets.glob("building-*"):
            shutil.rmtree(leftover)
        yield


def _write(file: Path, sown: Seeds, version: str, as_of: datetime.date) -> None:
    with duckdb.connect(file) as connection:
        connection.execute(statement("schema"))
        dataset = {"version": version, "schema_version": SCHEMA_VERSION, "as_of": as_of}
        beyond = [
            {"id": id_, "kind": "beyond", "name": name, "cbsa_codes": (), "aliases": ()}
            for id_, name in BEYOND_METROS.items()
        ]
        _insert(connection, "dataset", [dataset])
        _insert(connection, "source", [_source_row(source) for source in sown.sources])
        _insert(connection, "role", sown.roles)
        _insert(connection, "level", sown.levels)
        _insert(connection, "geography", [*sown.metros, *beyond])
        _insert(connection, "figure", sown.figures)
        _insert(connection, "uplift_rule", [row for rule in sown.rules for row in _rule_rows(rule)])
        for audit in audits():
            if found := connection.execute(statement(audit)).fetchall():
                raise AuditError(f"{audit}: {found[:5]}")


def _source_row(source: Source) -> dict[str, Any]:
    row = msgspec.structs.asdict(source)
    return row | {"published": source.published.date, "precision": source.published.precision}


def _rule_rows(rule: Rule) -> Iterator[dict[str, Any]]:
    row = msgspec.structs.asdict(rule)
    for metro in row.pop("metros"):
        yield row | {"metro": metro}


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[object]) -> None:
    """Insert rows by name, all in one statement: one a row takes a hundred times as long."""
    columns = connection.execute(f"describe {table}").fetchall()
    structure = {name: type_ for name, type_, *_ in columns}
    connection.execute(
        f"insert into {table} by name select unnest(from_json($rows, $structure), max_depth := 2)",
        {
            "rows": msgspec.json.encode(rows).decode(),
            "structure": msgspec.json.encode([structure]).decode(),
        },
    )


def _publish(datasets: Path, version: str) -> None:
    os.utime(datasets / f"{version}.duckdb")  # the order of publication is what `_prune` goes by
    pointer = datasets / f".{POINTER}"
    with pointer.open("w") as file:
        file.write(version)
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(datasets / POINTER)


def _prune(datasets: Path, keep: int) -> None:
    newest_first = sorted(
        datasets.glob("*.duckdb"), key=lambda file: file.stat().st_mtime_ns, reverse=True
    )
    for file in newest_first[keep:]:
        file.unlink()
