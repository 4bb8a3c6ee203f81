"""Open a dataset read-only and query it."""

import datetime
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property, lru_cache
from pathlib import Path
from sys import intern
from typing import Any, TypeVar

import duckdb
import msgspec
import zstandard
from msgspec import Struct

from paycite.dataset import SCHEMA_VERSION
from paycite.dataset.pointer import Scope
from paycite.dataset.rows import rows
from paycite.dataset.sql import first_line, statement
from paycite.model.distribution import Distribution
from paycite.model.factor import LevelFactor, RoleFactor
from paycite.model.figure import Figure, Rule, Source
from paycite.model.law import PayLaw
from paycite.model.place import MetroPoint, PlaceNames
from paycite.model.pool import Pool, PoolFactor, PoolSpread
from paycite.model.score import Score
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Level, Metro, Occupation, Role, Word
from paycite.model.voice import (
    Cell,
    CellRows,
    LabelError,
    RegionShare,
    SourceWeight,
)

T = TypeVar("T", bound=Struct)
Entry = TypeVar("Entry", Figure, Source, Occupation, Level, Metro, MetroPoint, Role)
Row = dict[str, Any]

# A dataset is only data: neither its content nor a query may reach beyond the file.
LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": "1",
    "lock_configuration": "true",
}
_KEPT_CELLS = 128


class DatasetError(Exception):
    """Why a dataset cannot be opened."""


def unreadable(file: Path, why: object) -> DatasetError:
    return DatasetError(f"{file.name} cannot be read: {first_line(why)}")


class Filters(Struct, frozen=True, kw_only=True):
    """Which figures to list: those that match every given value."""

    source: str | None = None
    topic: str | None = None
    role: str | None = None
    level: str | None = None
    occupation: str | None = None
    geography: str | None = None


class SourceDate(Struct, frozen=True, kw_only=True):
    """How new a public source is: the end of its newest period, or its publication if earlier."""

    id: str
    series: str | None
    newest: datetime.date


class PrivateSource(Struct, frozen=True):
    id: str
    sha256: str  # of what is published of it


class Header(Struct, frozen=True, kw_only=True):
    """What a dataset is. With `is_scoped`, private sources were left out that were published with
    it; `public_version` is its part without private sources, None if it has none."""

    version: str
    public_version: str | None
    is_scoped: bool
    private: frozenset[PrivateSource]

    @property
    def private_ids(self) -> Scope:
        return Scope(one.id for one in self.private)

    @property
    def version_for_public(self) -> str:
        """Its part without private sources, or the dataset itself if it has none."""
        return self.public_version or self.version


class Store:
    """One open dataset: `snapshot` has what answers need, queries get the rest."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._seen = file.stat()
            self._connect()
            (self._dataset,) = self._rows("read/dataset")
        except (duckdb.Error, OSError, ValueError) as error:
            raise unreadable(self._file, error) from None
        if (version := self._dataset["schema_version"]) != SCHEMA_VERSION:
            raise unreadable(
                self._file,
                f"it has schema version {version}, but this version of Paycite needs "
                f"{SCHEMA_VERSION}. Run `paycite build`",
            )

    def _connect(self) -> None:
        self._connection = duckdb.connect(self._file, read_only=True, config=LOCKED_DOWN)

    def reopen(self) -> None:
        """Open the file that has the name now; it may be deleted while it is open."""
        self._connection.close()
        self._connect()

    @property
    def version(self) -> str:
        version: str = self._dataset["version"]
        return version

    @property
    def as_of(self) -> datetime.date:
        as_of: datetime.date = self._dataset["as_of"]
        return as_of

    @property
    def public_version(self) -> str | None:
        """The version of its part without private sources; None if it has no private sources."""
        version: str | None = self._dataset["public_version"]
        return version

    def header(self) -> Header:
        private = self._rows("read/private_sources")
        return msgspec.convert(self._dataset | {"private": private}, Header)

    @cached_property
    def snapshot(self) -> Snapshot:
        """Read with the first use; DatasetError if a row is not what it should be."""
        try:
            snapshot = self._read_snapshot()
            # DuckDB keeps in memory what it read, 40 MB of what is in the snapshot now.
            self.reopen()
        except (duckdb.Error, ValueError) as error:
            raise unreadable(self._file, error) from None
        return snapshot

    def _read_snapshot(self) -> Snapshot:
        dataset = self._dataset
        roles = _by_id(self._read_all("role", Role))
        return Snapshot(
            version=dataset["version"],
            as_of=dataset["as_of"],
            roles=roles,
            levels=_by_id(self._read_all("level", Level, order="rank")),
            metros=_by_id(self._read("metros", Metro)),
            places=tuple(self._read_all("place", PlaceNames, order="kind, state, geography, zips")),
            points=_by_id(self._read_all("metro_point", MetroPoint)),
            words=tuple(self._read_all("word", Word)),
            sources=_by_id(self._read("sources", Source)),
            occupations=_by_id(self._read_all("occupation", Occupation)),
            figures=_by_id(self._read("figures", Figure)),
            distributions=self._distributions(roles),
            official_sources=frozenset(
                row["source_id"] for row in self._rows("read/official_sources")
            ),
            rules=tuple(self._read("rules", Rule)),
            pools=tuple(self._read_all("pool", Pool, order="source_id")),
            pool_factors=tuple(self._read_all("pool_factor", PoolFactor)),
            pool_spreads=tuple(self._read_all("pool_spread", PoolSpread)),
            scores=tuple(
                self._read_all("score", Score, order="source_id, tested_on, geography nulls first")
            ),
            laws=tuple(self._read_all("pay_law", PayLaw)),
            level_factors=tuple(self._read_all("level_factor", LevelFactor)),
            role_factors=tuple(self._read_all("role_factor", RoleFactor)),
            source_weights=tuple(
                self._read_all("source_weight", SourceWeight, order="role, source_id")
            ),
            region_shares=tuple(
                self._read_all("region_share", RegionShare, order="role, region, metro")
            ),
            label_errors=tuple(self._read_all("label_error", LabelError)),
            cell=self._cells(),
        )

    def _distributions(self, roles: Iterable[str]) -> Callable[[str], tuple[Distribution, ...]]:
        """Of roles, read at once because they are few; of an occupation, when first needed."""

        def read(occupation: str | None) -> tuple[Distribution, ...]:
            return tuple(self._read("distributions", Distribution, {"occupation": occupation}))

        of_roles = read(None)
        of_role = {role: tuple(one for one in of_roles if one.role == role) for role in roles}
        of_occupation = cache(read)
        return lambda of: of_role[of] if of in of_role else of_occupation(of)

    def _cells(self) -> Callable[[str, str], Cell]:
        """Every cell by role and metro, compressed: 15 MB, where their structs would take 500."""
        contents: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
        with self._executed(statement("read/cells")) as found:
            for role, metro, content in found.fetchall():
                contents[role][intern(metro)] = content

        @lru_cache(_KEPT_CELLS)
        def cell(role: str, metro: str) -> Cell:
            content = contents[role].get(metro) if role in contents else None
            return _decode(content) if content else Cell(voices={}, estimates={}, occupations={})

        return cell

    def figures(self, filters: Filters, after: str | None, limit: int) -> list[Figure]:
        """At most `limit` figures in order of id, starting after the id `after`."""
        parameters = msgspec.structs.asdict(filters) | {"after": after, "limit": limit}
        return self._read("figures_page", Figure, parameters)

    def figure(self, id_: str) -> Figure | None:
        found = self._read("figure", Figure, {"id": id_})
        return found[0] if found else None

    def query(self, text: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """The rows of a query; it can read the file and nothing else."""
        with self._executed(text, parameters) as found:
            return list(rows(found))

    def source_dates(self) -> list[SourceDate]:
        """How new each public source is; without those that say of no date."""
        return self._read("source_dates", SourceDate)

    def is_touched(self) -> bool:
        """Whether the file has another time or size than when it was opened, or last found whole: a
        publication sets its time, and a fault may have changed it."""
        now, seen = self._look(), self._seen
        return (now.st_mtime_ns, now.st_size) != (seen.st_mtime_ns, seen.st_size)

    def is_replaced(self) -> bool:
        """Whether another file has its name, as after a build of the same version."""
        return self._look().st_ino != self._seen.st_ino

    def note_file(self) -> None:
        self._seen = self._look()

    def _look(self) -> os.stat_result:
        """The state of the file; as last seen if it is gone, since what is open can be read."""
        try:
            return self._file.stat()
        except FileNotFoundError:
            return self._seen

    def is_ready(self) -> bool:
        try:
            return self._look().st_size == self._seen.st_size and bool(self._rows("read/dataset"))
        except DatasetError:
            return False

    def close(self) -> None:
        self._connection.close()

    def check(self) -> None:
        """Read every value, a fifth of a second, so that a damaged block is found before an answer
        needs it: DatasetError if there is one."""
        for table in self._rows("read/tables"):
            with self._executed(f'select bit_xor(hash(r)) from "{table["name"]}" r'):  # noqa: S608
                pass

    def _read(
        self, name: str, struct: type[T], parameters: Mapping[str, object] | None = None
    ) -> list[T]:
        return self._read_structs(statement(f"read/{name}"), struct, parameters)

    def _read_all(self, table: str, struct: type[T], order: str = "id") -> list[T]:
        return self._read_structs(f"select * from {table} order by {order}", struct)  # noqa: S608

    def _read_structs(
        self, query: str, struct: type[T], parameters: Mapping[str, object] | None = None
    ) -> list[T]:
        # As JSON, which becomes structs in half the time of rows of Python values.
        in_json = f"select to_json(read)::varchar from ({query}) read"  # noqa: S608
        with self._executed(in_json, parameters) as found:
            text = ",".join(row for (row,) in found.fetchall())
        return msgspec.json.decode(f"[{text}]", type=list[struct])  # type: ignore[valid-type]

    def _rows(self, name: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        return self.query(statement(name), parameters)

    @contextmanager
    def _executed(
        self, query: str, parameters: Mapping[str, object] | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """The result of a query. DatasetError if it cannot be read: the file was damaged since."""
        # One cursor per call: threads that share a connection would get each other's rows.
        try:
            with self._connection.cursor() as cursor:
                yield cursor.execute(query, parameters)
        except duckdb.Error as error:
            raise unreadable(self._file, error) from None


# Made here, because msgspec 0.22 crashes if two threads use a type for the first time.
_CELL_ROWS = msgspec.json.Decoder(CellRows)


def _decode(content: bytes) -> Cell:
    read = _CELL_ROWS.decode(zstandard.decompress(content))
    return Cell(
        voices={(one.source_id, one.level): one for one in read.voices},
        estimates={one.level: one for one in read.estimates},
        occupations={one.occupation: one for one in read.occupations},
    )


def _by_id(items: list[Entry]) -> Mapping[str, Entry]:
    return {item.id: item for item in items}
