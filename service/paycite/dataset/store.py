"""Open datasets read-only and query them."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, cached_property, lru_cache
from pathlib import Path
from sys import intern
from threading import Lock
from typing import Any, TypeVar

import duckdb
import msgspec
import zstandard
from msgspec import Struct

from paycite.dataset import SCHEMA_VERSION
from paycite.dataset.pointer import Pointer, read_pointer
from paycite.dataset.rows import rows
from paycite.dataset.sql import statement
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
_LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": "1",
    "lock_configuration": "true",
}
_KEPT_OPEN = 3  # each takes about 80 MB
_KEPT_CELLS = 512


class DatasetError(Exception):
    """Why a dataset cannot be opened."""


class Filters(Struct, frozen=True, kw_only=True):
    """Which figures to list: those that match every given value."""

    source: str | None = None
    topic: str | None = None
    role: str | None = None
    level: str | None = None
    occupation: str | None = None
    geography: str | None = None


class Store:
    """One open dataset: `snapshot` has what answers need, queries get the rest."""

    def __init__(self, file: Path) -> None:
        self._name = file.name
        try:
            self._connection = duckdb.connect(file, read_only=True, config=_LOCKED_DOWN)
            (self._dataset,) = self._rows("read/dataset")
        except (duckdb.Error, ValueError) as error:
            raise self._unreadable(error) from None
        if (version := self._dataset["schema_version"]) != SCHEMA_VERSION:
            raise self._unreadable(
                f"it has schema version {version}, but this version of Paycite needs "
                f"{SCHEMA_VERSION}. Run `paycite build`"
            )

    def _unreadable(self, why: object) -> DatasetError:
        return DatasetError(f"{self._name} cannot be read: {why}")

    @property
    def public_version(self) -> str | None:
        """The version of its part without private sources; None if it has no private sources."""
        version: str | None = self._dataset["public_version"]
        return version

    @cached_property
    def snapshot(self) -> Snapshot:
        """Read with the first use; DatasetError if a row is not what it should be."""
        try:
            return self._read_snapshot()
        except (duckdb.Error, ValueError) as error:
            raise self._unreadable(error) from None

    def _read_snapshot(self) -> Snapshot:
        dataset = self._dataset
        return Snapshot(
            version=dataset["version"],
            public_version=dataset["public_version"],
            as_of=dataset["as_of"],
            roles=_by_id(self._read("roles", Role)),
            levels=_by_id(self._read("levels", Level)),
            metros=_by_id(self._read("metros", Metro)),
            places=tuple(self._read("places", PlaceNames)),
            points=_by_id(self._read("points", MetroPoint)),
            words=tuple(self._read("words", Word)),
            sources=_by_id(self._read("sources", Source)),
            occupations=_by_id(self._read("occupations", Occupation)),
            figures=_by_id(self._read("figures", Figure)),
            distributions=cache(self._distributions),
            official_sources=frozenset(
                row["source_id"] for row in self._rows("read/official_sources")
            ),
            rules=tuple(self._read("rules", Rule)),
            pools=tuple(self._read("pools", Pool)),
            pool_factors=tuple(self._read("pool_factors", PoolFactor)),
            pool_spreads=tuple(self._read("pool_spreads", PoolSpread)),
            scores=tuple(self._read("scores", Score)),
            laws=tuple(self._read("laws", PayLaw)),
            level_factors=tuple(self._read("level_factors", LevelFactor)),
            role_factors=tuple(self._read("role_factors", RoleFactor)),
            source_weights=tuple(self._read("source_weights", SourceWeight)),
            region_shares=tuple(self._read("region_shares", RegionShare)),
            label_errors=tuple(self._read("label_errors", LabelError)),
            cell=lru_cache(_KEPT_CELLS)(self._cell),
        )

    def _distributions(self, of: str) -> tuple[Distribution, ...]:
        return tuple(self._read("distributions", Distribution, {"of": of}))

    def _cell(self, role: str, metro: str) -> Cell:
        content = self._cells.get(role, {}).get(metro)
        if content is None:
            return Cell(voices={}, estimates={}, occupations={})
        rows = msgspec.json.decode(zstandard.decompress(content), type=CellRows)
        return Cell(
            voices={(one.source_id, one.level): one for one in rows.voices},
            estimates={one.level: one for one in rows.estimates},
            occupations={one.occupation: one for one in rows.occupations},
        )

    @cached_property
    def _cells(self) -> Mapping[str, Mapping[str, bytes]]:
        """Every cell by role and metro, compressed: 15 MB, where their structs would take 500."""
        cells: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
        with self._connection.cursor() as cursor:
            for row in rows(cursor.execute(statement("read/cells"))):
                cells[row["role"]][intern(row["metro"])] = row["content"]
        return dict(cells)

    def figures(self, filters: Filters, after: str | None, limit: int) -> list[Figure]:
        """At most `limit` figures in order of id, starting after the id `after`."""
        parameters = msgspec.structs.asdict(filters) | {"after": after, "limit": limit}
        return msgspec.convert(self._rows("figures", parameters), list[Figure])

    def figure(self, id_: str) -> Figure | None:
        found = self._rows("figure", {"id": id_})
        return msgspec.convert(found[0], Figure) if found else None

    def is_ready(self) -> bool:
        try:
            return bool(self._rows("read/dataset"))
        except duckdb.Error:
            return False

    def close(self) -> None:
        self._connection.close()

    def _read(
        self, name: str, struct: type[T], parameters: Mapping[str, object] | None = None
    ) -> list[T]:
        # As JSON, which becomes structs in half the time of rows of Python values.
        query = f"select to_json(read)::varchar from ({statement(f'read/{name}')}) read"  # noqa: S608
        with self._connection.cursor() as cursor:
            found = cursor.execute(query, parameters).fetchall()
        text = ",".join(row for (row,) in found)
        return msgspec.json.decode(f"[{text}]", type=list[struct])  # type: ignore[valid-type]

    def _rows(self, name: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        # One cursor per call: threads that share a connection would get each other's rows.
        with self._connection.cursor() as cursor:
            return list(rows(cursor.execute(statement(name), parameters)))


def _by_id(items: list[Entry]) -> Mapping[str, Entry]:
    return {item.id: item for item in items}


class Datasets:
    """The published datasets in a directory: the current one, and earlier ones that are kept.

    `prepare` is called with each before its first use, in the thread that opens it. With
    `is_public`, datasets with private sources do not exist: the current one is the part of the
    published one without them.
    """

    def __init__(
        self,
        folder: Path,
        prepare: Callable[[Store], object] = lambda _: None,
        *,
        is_public: bool = False,
    ) -> None:
        self._folder = folder
        self._prepare = prepare
        self.is_public = is_public
        # The stores of the most recently used versions.
        self._opened = lru_cache(_KEPT_OPEN)(self._prepared)
        self._public_versions: dict[str, str | None] = {}
        # Of each version that was current, the newest generation in which it was.
        self.generations: dict[str, int] = {}
        self.current = self._follow(self._published())

    def _prepared(self, file: Path) -> Store:
        store = Store(file)
        self._prepare(store)
        return store

    def refresh(self) -> bool:
        """Open a newly published dataset; return whether there was one."""
        version, generation = published = self._published()
        if version == self.current.snapshot.version and generation == self.generation:
            return False
        self.current = self._follow(published)
        return True

    @property
    def generation(self) -> int:
        """Which publication of this view the current dataset is."""
        return self.generations.get(self.current.snapshot.version, 0)

    def _follow(self, published: tuple[str, int]) -> Store:
        version, generation = published
        store = self.open(version)
        self.generations[version] = generation
        return store

    def kept(self) -> list[str]:
        """The versions on disk, the newest `as_of` first."""
        versions = sorted((file.stem for file in self._folder.glob("*.duckdb")), reverse=True)
        return [one for one in versions if self._is_shown(one)]

    def _is_shown(self, version: str) -> bool:
        """Whether this view has the version. One that cannot be read may be private."""
        if not self.is_public:
            return True
        with suppress(DatasetError):
            return self._public_version(version) is None
        return False

    def _public_version(self, version: str) -> str | None:
        """Of a version that is published; a version never changes what it contains."""
        if version not in self._public_versions:
            store = Store(self._folder / f"{version}.duckdb")
            self._public_versions[version] = store.public_version
            store.close()
        return self._public_versions[version]

    def pinned(self, version: str) -> Store | None:
        """The dataset of a version; None if it is not kept or can no longer be read."""
        try:
            return self.open(version)
        except DatasetError:
            return None

    def choose(self, version: str) -> Store:
        """The dataset of a version, or the current one where it is not available."""
        return self.pinned(version) or self.current

    def open(self, version: str) -> Store:
        """The dataset of a version; DatasetError if it is not kept or cannot be read."""
        if version not in self.kept():
            raise DatasetError(f"no dataset {version!r} is kept in {self._folder}")
        return self._opened(self._folder / f"{version}.duckdb")

    def close(self) -> None:
        """Close the current dataset; earlier ones close when they are no longer referenced."""
        self.current.close()
        self._opened.cache_clear()

    def _published(self) -> tuple[str, int]:
        """The version and the generation of this view."""
        pointer = self._pointer()
        if not self.is_public:
            return pointer.version, pointer.generation
        # What the file says, not the pointer: a wrong pointer must not show private sources.
        version = self._public_version(pointer.version) or pointer.version
        return version, pointer.public_generation

    def _pointer(self) -> Pointer:
        try:
            pointer = read_pointer(self._folder)
        except ValueError as error:
            raise DatasetError(str(error)) from None
        if pointer is None:
            raise DatasetError(f"no dataset in {self._folder}: run `paycite build`")
        return pointer


class Views:
    """One folder of datasets, as the public sees it and as those do who may see private sources.
    A view opens with its first use: most services need one."""

    def __init__(self, folder: Path, prepare: Callable[[Store], object] = lambda _: None) -> None:
        self._folder = folder
        self._prepare = prepare
        self._lock = Lock()
        self.opened: dict[bool, Datasets] = {}  # by `is_public`

    def open(self, *, is_public: bool) -> Datasets:
        """DatasetError if there is no dataset."""
        with self._lock:
            if is_public not in self.opened:
                view = Datasets(self._folder, self._prepare, is_public=is_public)
                self.opened[is_public] = view
            return self.opened[is_public]

    def close(self) -> None:
        for view in self.opened.values():
            view.close()
