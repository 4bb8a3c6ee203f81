"""What is published in a folder of datasets: the current one, and earlier ones that are kept."""

import os
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock

from cachetools import LRUCache

from paycite.dataset import POINTER
from paycite.dataset.pointer import PUBLIC, Pointer, Scope, is_follower, read_pointer
from paycite.dataset.store import DatasetError, Header, Store

_KEPT_OPEN = 3  # each takes about 80 MB
_SHOWN = 60  # characters of what should be a version


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
        self._refreshing = Lock()
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
        with self._refreshing:  # of two that read the pointer, the later must not go back
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
        if self.is_public:
            return self._public_version(pointer), pointer.public_generation
        if not self.scope:  # all private sources
            return pointer.version, pointer.generation
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
        if not pointer:
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
