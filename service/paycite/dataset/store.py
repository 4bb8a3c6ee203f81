"""Open datasets read-only and query them."""

import datetime
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache, cached_property, lru_cache
from pathlib import Path
from sys import intern
from threading import Lock
from typing import Any, TypeVar

import duckdb
import msgspec
import zstandard
from cachetools import LRUCache
from msgspec import Struct

from paycite.dataset import POINTER, SCHEMA_VERSION
from paycite.dataset.pointer import PUBLIC, Pointer, Scope, is_follower, read_pointer
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
_KEPT_CELLS = 128
_SHOWN = 60  # characters of what should be a version


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
            raise self._unreadable(error) from None
        if (version := self._dataset["schema_version"]) != SCHEMA_VERSION:
            raise self._unreadable(
                f"it has schema version {version}, but this version of Paycite needs "
                f"{SCHEMA_VERSION}. Run `paycite build`"
            )

    def _unreadable(self, why: object) -> DatasetError:
        first, _, _ = str(why).partition("\n")
        return DatasetError(f"{self._file.name} cannot be read: {first}")

    def _connect(self) -> None:
        self._connection = duckdb.connect(self._file, read_only=True, config=_LOCKED_DOWN)

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
            raise self._unreadable(error) from None
        return snapshot

    def _read_snapshot(self) -> Snapshot:
        dataset = self._dataset
        roles = _by_id(self._read_all("role", Role))
        return Snapshot(
            version=dataset["version"],
            public_version=dataset["public_version"],
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
            raise self._unreadable(error) from None


def list_published(folder: Path) -> list[str]:
    """The versions in a folder in the order of publication, the latest first, which is that of the
    times of their files."""

    def published(file: Path) -> tuple[int, str]:
        with suppress(FileNotFoundError):  # it may be removed meanwhile
            return file.stat().st_mtime_ns, file.stem
        return 0, file.stem

    return [file.stem for file in sorted(folder.glob("*.duckdb"), key=published, reverse=True)]


def make_last(folder: Path, version: str) -> None:
    """Make a version the last in that order, whatever the clock says."""
    newest = max(file.stat().st_mtime_ns for file in folder.glob("*.duckdb"))
    when = max(time.time_ns(), newest + 1)
    os.utime(folder / f"{version}.duckdb", ns=(when, when))


def read_headers(folder: Path) -> dict[str, Header | None]:
    """The headers of the versions in a folder, in that order; None for one that cannot be read."""
    found: dict[str, Header | None] = {}
    for version in list_published(folder):
        found[version] = None
        with suppress(DatasetError):
            found[version] = read_header(folder / f"{version}.duckdb")
    return found


def read_header(file: Path) -> Header:
    """DatasetError if the file cannot be opened."""
    with closing(Store(file)) as store:
        return store.header()


def check_version(folder: Path, version: str) -> Header:
    """Read the whole dataset of a version. DatasetError if it cannot be served."""
    with closing(Store(folder / f"{version}.duckdb")) as store:
        store.check()
        _ = store.snapshot
        return store.header()


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


class Datasets:
    """The published datasets in a directory: the current one, and earlier ones that are kept.

    `prepare` is called with each before its first use, in the thread that opens it. With a `scope`,
    datasets with other private sources do not exist: the current one is the part of the published
    one without them. `generation` says which publication of this view that is; `trouble`, why the
    published dataset is not the current one, None if it is.
    """

    def __init__(
        self,
        folder: Path,
        prepare: Callable[[Store], object] = lambda _: None,
        *,
        scope: Scope | None = None,
    ) -> None:
        self.folder = folder
        self._prepare = prepare
        self.scope = scope
        self._opening = Lock()  # each once, however many ask for it at the same time
        self._finding = Lock()
        # The stores of the most recently used versions.
        self._opened: LRUCache[str, Store] = LRUCache(_KEPT_OPEN)
        self._headers: dict[str, Header] = {}
        # Of each version that was current, the newest generation in which it was.
        self.generations: dict[str, int] = {}
        self.trouble: str | None = None
        self._follow(self._published())

    def _prepared(self, file: Path) -> Store:
        store = Store(file)
        if not self._is_shown(file.stem, store):
            store.close()
            raise self._not_kept(file.stem)
        self._prepare(store)
        return store

    @property
    def is_public(self) -> bool:
        return self.scope == PUBLIC

    def refresh(self) -> bool:
        """Follow a publication; return whether there was one. DatasetError, and `trouble` until it
        is fixed, if it cannot be served: the earlier dataset stays current."""
        try:
            published = version, _ = self._published()
            is_new = published != (self.current.version, self.generation)
            if version != self.current.version or self.current.is_touched():
                self._check_again(version)
                self.current.note_file()
            if is_new:
                self._follow(published)
        except Exception as error:
            self.trouble = str(error)
            raise
        self.trouble = None
        return is_new

    def _check_again(self, version: str) -> None:
        """Check a version; open the current one again if it was damaged, and built again since."""
        is_fixed = self.trouble and version == self.current.version and self.current.is_replaced()
        if is_fixed:
            # DuckDB opens a file once in a process: the damaged one must be closed first. If
            # another view has it open too, this fails, and succeeds after that view has closed it.
            self.current.close()
        with closing(Store(self.folder / f"{version}.duckdb")) as store:
            store.check()  # following it loads the snapshot
        if is_fixed:
            self.current.reopen()

    def _follow(self, published: tuple[str, int]) -> None:
        """Make a published dataset current."""
        version, generation = published
        store = self.open(version)
        self.generations[version] = generation
        # In this order: who asks for a generation must not get an earlier dataset.
        self.current = store
        self.generation = generation

    def kept(self) -> list[str]:
        """The versions on disk: the current one, and the others, the last published first. Where a
        publication is under way, the next one may be newer already."""
        shown = [one for one in list_published(self.folder) if self._is_shown(one)]
        return sorted(shown, key=lambda version: version != self.current.version)

    def _is_shown(self, version: str, store: Store | None = None) -> bool:
        """Whether this view has the version, whose dataset may be open already."""
        if self.scope is not None:
            return self._is_within(self.scope, version, store)
        return True  # all private sources

    def is_public_version(self, version: str) -> bool:
        """Whether the public view has the version too."""
        return self._is_within(PUBLIC, version)

    def _is_within(self, scope: Scope, version: str, store: Store | None = None) -> bool:
        """Whether the version has no private source beyond the scope. One that cannot be read may
        have."""
        with suppress(DatasetError):
            if version not in self._headers:  # a version never changes what it contains
                file = self.folder / f"{version}.duckdb"
                self._headers[version] = store.header() if store else read_header(file)
            header = self._headers[version]
            is_whole = scope == PUBLIC and header.public_version is not None
            return not is_whole and header.private_ids <= scope
        return False

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
        is_hidden = version in self._headers and not self._is_shown(version)
        if is_hidden or not self.is_kept(version):
            raise self._not_kept(version)
        with self._opening:
            store = self.find_open(version)
            if not store:
                store = self._prepared(self.folder / f"{version}.duckdb")
                with self._finding:
                    self._opened[version] = store
            return store

    def find_open(self, version: str) -> Store | None:
        """The dataset of a version, if it is open already."""
        with self._finding:
            return self._opened.get(version)

    def is_kept(self, version: str) -> bool:
        # Compared, not joined to the path: a client may have named it.
        return version in {file.stem for file in self.folder.glob("*.duckdb")}

    def _not_kept(self, version: str) -> DatasetError:
        return DatasetError(f"no dataset {version!r} is kept in {self.folder}")

    def close(self) -> None:
        """Close the current dataset; earlier ones close when they are no longer referenced."""
        self.current.close()
        self._opened.clear()

    def _published(self) -> tuple[str, int]:
        """The version and the generation of this view."""
        pointer = self._pointer()
        if self.scope is None:
            return pointer.version, pointer.generation
        if self.is_public:
            return self._public_version(pointer), pointer.public_generation
        if part := pointer.part(self.scope):
            return part.version, part.generation
        sources = ", ".join(sorted(self.scope))
        remedy = "run `paycite build`"
        if is_follower(self.folder):
            remedy = "where datasets are built, run `paycite publish PLACE --with-private`"
        raise DatasetError(f"no dataset has the private sources {sources} alone: {remedy}")

    def _public_version(self, pointer: Pointer) -> str:
        if pointer.public_version:
            return pointer.public_version
        return read_header(self.folder / f"{pointer.version}.duckdb").version_for_public

    def _pointer(self) -> Pointer:
        try:
            pointer = read_pointer(self.folder)
        except (OSError, ValueError) as error:
            raise DatasetError(f"the name of the current dataset cannot be read: {error}") from None
        if pointer is None:
            raise DatasetError(f"no dataset in {self.folder}: run `paycite build`")
        if not self.is_kept(pointer.version):
            raise DatasetError(
                f"{self.folder / POINTER} names {pointer.version[:_SHOWN]!r}, which is not kept in "
                "that folder. Run `paycite rollback VERSION` or `paycite build`"
            )
        return pointer


class Views:
    """One folder of datasets, as the public sees it, and as those do who may see some or all
    private sources. A view opens with its first use: most services need one."""

    def __init__(self, folder: Path, prepare: Callable[[Store], object] = lambda _: None) -> None:
        self._folder = folder
        self._prepare = prepare
        self._lock = Lock()
        self.opened: dict[Scope | None, Datasets] = {}  # by scope

    def open(self, scope: Scope | None) -> Datasets:
        """All private sources if None. DatasetError if there is no dataset."""
        with self._lock:
            if scope not in self.opened:
                self.opened[scope] = Datasets(self._folder, self._prepare, scope=scope)
            return self.opened[scope]

    def close(self) -> None:
        for view in self.opened.values():
            view.close()
