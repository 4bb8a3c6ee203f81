"""Datasets in object storage, or in a folder that machines share: publish them, and follow what is
published.

A place has one object for each dataset, named after its content, and the pointer, which lists them
with their checksums. The pointer is written last and on condition that nobody else moved it, so a
reader sees one whole publication or another.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct, structs

from paycite.dataset.pointer import (
    NOWHERE,
    PUBLIC,
    RECORD,
    Pointer,
    Version,
    find_pointer,
    read_pointer,
    sole_builder,
    write_pointer,
)
from paycite.dataset.published import Datasets, list_published, make_last
from paycite.dataset.sql import first_line
from paycite.dataset.store import Store
from paycite.files import locked, replace_file, sha256

if TYPE_CHECKING:  # an extra, imported where it is used
    from obstore.store import LocalStore, S3Store

_POINTER = "current.json"
_DATASET = re.compile(r"[A-Za-z0-9-]+-[0-9a-f]{16}\.duckdb")  # the name of an object
_MOST_BYTES = 1_000_000  # of a pointer
_LARGEST = 10**10  # bytes of a dataset: a hundred times one with a few private sources
_CHUNK = 4_000_000
_HOW_LONG = re.compile(r" in [\d.]+\w+, after .*?(?: - |$)| in [\d.]+m?s - ")


class RemoteError(Exception):
    """Why datasets cannot be published or followed."""


class RemoteDataset(Struct, frozen=True):
    """A dataset, as an object of a place."""

    version: Version
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=1, le=_LARGEST)]

    @property
    def name(self) -> str:
        return f"{self.version}-{self.sha256[:16]}.duckdb"


class Manifest(Struct, frozen=True):
    """The pointer of a place: what is current, and every dataset there, the current one first."""

    pointer: Pointer
    datasets: tuple[RemoteDataset, ...]

    def __post_init__(self) -> None:
        if not self.datasets or self.datasets[0].version != self.pointer.version:
            raise ValueError("it lists no current dataset")


class Place:
    """`s3://bucket/prefix`, with the settings of the AWS tools (`AWS_ACCESS_KEY_ID`,
    `AWS_ENDPOINT_URL`, …), or a folder. RemoteError for any other address.

    `silence`: seconds without data before a request fails."""

    def __init__(self, address: str, silence: float = 10) -> None:
        self.address = address.rstrip("/")
        self._folder: Path | None = None
        if "://" in address and not re.fullmatch(r"s3://[^/?#]+(/[^?#]*)?", address):
            raise RemoteError(
                f"{address} is not a place for datasets: expected s3://BUCKET/PREFIX or a folder."
            )
        try:
            import obstore.store
        except ImportError:
            raise RemoteError(
                "Object storage needs the extra s3: see docs/operating.md#extras."
            ) from None
        self._obstore = obstore
        self._store: S3Store | LocalStore
        with self._explaining():
            if "://" in address:
                self._store = _open_bucket(self.address, silence)
            else:
                self._folder = Path(address)
                self._store = obstore.store.LocalStore(self._folder.absolute(), mkdir=True)

    def read(self, unless: str = "") -> tuple[Manifest | None, str] | None:
        """The manifest, None if nothing is published, and the tag of it; None if the tag is still
        `unless`."""
        options: Any = {"if_none_match": unless} if unless else {}
        with self._explaining():
            try:
                found = self._obstore.get(self._store, _POINTER, options=options)
                if found.meta["size"] > _MOST_BYTES:
                    raise RemoteError(f"{self.address}/{_POINTER} is not a pointer to datasets.")
                content = bytes(found.bytes())
            except self._obstore.exceptions.NotModifiedError:
                return None
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise RemoteError(f"{self.address}: the bucket does not exist.") from None
                return None, ""
        try:
            manifest = msgspec.json.decode(content, type=Manifest)
        except msgspec.DecodeError as error:
            raise RemoteError(
                f"{self.address}/{_POINTER} is not a pointer to datasets: {error}"
            ) from None
        return manifest, found.meta["e_tag"] or ""

    def write(self, manifest: Manifest, tag: str) -> None:
        """Replace the pointer that has the tag, or create it where there was none (an empty tag).
        RemoteError if it was replaced meanwhile."""
        content = msgspec.json.encode(manifest)
        errors = self._obstore.exceptions
        with self._explaining(), self._sole_writer(tag):
            # Ceph (16) compares the condition with a tag that has no quotes.
            for condition in (tag, tag.strip('"')):
                mode: Any = {"e_tag": condition} if tag else "create"
                if self._folder:
                    mode = "overwrite"
                try:
                    self._obstore.put(self._store, _POINTER, content, mode=mode)
                    return
                except (errors.PreconditionError, errors.AlreadyExistsError):
                    # Also of a write that arrived, whose answer was lost, and that was repeated.
                    found = self.read()
                    if found and found[0] == manifest:
                        return
                    if not found or found[1] != tag:
                        break
            raise self._conflict()

    @contextmanager
    def _sole_writer(self, tag: str) -> Iterator[None]:
        """A folder has no conditional writes: look at the tag while nobody else may write."""
        if self._folder is None:
            yield
            return
        with locked(self._folder / ".lock"):
            found = self.read()
            if found and found[1] != tag:
                raise self._conflict()
            yield

    def refuse_change(self, tag: str) -> None:
        """RemoteError if the pointer no longer has the tag."""
        if self.read(unless=tag):
            raise self._conflict()

    def _conflict(self) -> RemoteError:
        return RemoteError(
            f"Another publisher changed the pointer at {self.address} while you were publishing. "
            "Nothing was overwritten. Check it, then publish again."
        )

    def upload(self, dataset: RemoteDataset, file: Path) -> bool:
        """Return whether it was not there yet."""
        with self._explaining():
            try:
                if self._obstore.head(self._store, dataset.name)["size"] == dataset.size:
                    return False
            except FileNotFoundError:
                pass
            self._obstore.put(self._store, dataset.name, file)
        return True

    def download(self, dataset: RemoteDataset, file: Path) -> None:
        """RemoteError unless the whole dataset arrives as it was published."""
        digest = hashlib.sha256()
        with self._explaining(), file.open("wb") as written:
            for chunk in self._obstore.get(self._store, dataset.name).stream(_CHUNK):
                content = bytes(chunk)
                digest.update(content)
                if written.tell() + len(content) > dataset.size:
                    raise RemoteError(
                        f"{self.address}/{dataset.name} is larger than the {dataset.size:,} bytes "
                        "that were published."
                    )
                written.write(content)
            written.flush()
            os.fsync(written.fileno())
        if digest.hexdigest() != dataset.sha256:
            raise RemoteError(
                f"{self.address}/{dataset.name} is not what was published: it has another checksum."
            )

    def delete(self, name: str) -> None:
        with self._explaining():
            self._obstore.delete(self._store, name)

    def list_datasets(self) -> list[str]:
        """The names of the objects that are datasets, published or not."""
        with self._explaining():
            found = self._obstore.list_with_delimiter(self._store)["objects"]
            return [one["path"] for one in found if _DATASET.fullmatch(one["path"])]

    def list_objects(self, name: str) -> list[str]:
        """The name itself if it is an object, else those in the folder of that name."""
        with self._explaining():
            try:
                return [self._obstore.head(self._store, name)["path"]]
            except FileNotFoundError:
                batches = self._obstore.list(self._store, prefix=name)
                return sorted(one["path"] for batch in batches for one in batch)

    def read_object(self, name: str) -> bytes:
        with self._explaining():
            return bytes(self._obstore.get(self._store, name).bytes())

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except (self._obstore.exceptions.BaseError, OSError, ValueError) as error:
            said = _HOW_LONG.sub(": ", first_line(error))[:300]
            raise RemoteError(f"{self.address}: {said}") from None


def _open_bucket(address: str, silence: float) -> "S3Store":
    from datetime import timedelta

    from obstore.store import S3Store

    endpoint = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT") or ""
    return S3Store.from_url(
        address,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
            "read_timeout": timedelta(seconds=silence),
            "timeout": timedelta(minutes=10),
        },
        # Followers retry on their own.
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
    )


def publish(datasets: Path, place: Place, *, with_private: bool) -> Manifest:
    """Upload the datasets that are kept in the folder, and make its current one current there.
    Without `with_private`, only those without private sources: what the public sees.

    The manifest has the current one first, then the others, the last published first. Other
    datasets that were there before are deleted: they may be private data that was forgotten. Raises
    RemoteError, DatasetError or OSError; the pointer is then as it was, unless a deletion failed.
    """
    with closing(Datasets(datasets, scope=None if with_private else PUBLIC)) as view:
        version = view.current.snapshot.version
        public_version = view.current.header().version_for_public
        others = [one for one in view.kept() if one != version]
    ours = read_pointer(datasets) or NOWHERE
    uploaded = tuple(_describe(datasets / f"{one}.duckdb") for one in (version, *others))
    shown = {part.scope: part.version for part in ours.scoped} if with_private else {}
    found = place.list_datasets()  # before the pointer is read: later ones are another publisher's
    earlier, tag = place.read() or (None, "")
    pointer = (earlier.pointer if earlier else NOWHERE).advance(version, public_version, shown)
    # Where one folder publishes, generations are those of the folder.
    public_generation = max(pointer.public_generation, ours.public_generation)
    generation = ours.generation if with_private else ours.public_generation
    pointer = structs.replace(
        pointer,
        generation=max(pointer.generation, generation),
        public_generation=public_generation,
    )
    manifest = Manifest(pointer, uploaded)
    for one in uploaded:
        place.upload(one, datasets / f"{one.version}.duckdb")
    if manifest != earlier:
        place.write(manifest, tag)
    else:  # and may delete only what nobody has published meanwhile
        place.refuse_change(tag)
    for one in uploaded:  # another publisher may have deleted it before the pointer was written
        place.upload(one, datasets / f"{one.version}.duckdb")
    for name in {*found} - {one.name for one in uploaded}:
        place.delete(name)
    return manifest


def _describe(file: Path) -> RemoteDataset:
    return RemoteDataset(file.stem, sha256(file), file.stat().st_size)


class Replica:
    """A folder of datasets that follows a place. A service over the folder then switches by itself:
    whatever goes wrong here, it serves what it has."""

    def __init__(self, place: Place, datasets: Path) -> None:
        self._place = place
        self._datasets = datasets
        self._tag = ""

    def follow(self, *, is_serving: bool = True) -> Pointer | None:
        """Take over what is published; return the pointer if it is another one than before.

        While the folder is served, an older generation than it has is refused. Raises RemoteError,
        DatasetError or OSError, and leaves the folder with a whole dataset.
        """
        found = self._place.read(unless=self._tag)
        if found is None:
            return None
        manifest, tag = found
        if manifest is None:
            raise RemoteError(
                f"Nothing is published at {self._place.address}: run `paycite publish` there first."
            )
        self._datasets.mkdir(0o700, parents=True, exist_ok=True)
        with sole_builder(self._datasets):
            is_new = self._take(manifest, is_serving=is_serving)
        self._tag = tag
        return manifest.pointer if is_new else None

    def _take(self, manifest: Manifest, *, is_serving: bool) -> bool:
        pointer, here = manifest.pointer, find_pointer(self._datasets)
        for what, there, ours in (
            ("generation", pointer.generation, here.generation),
            ("public generation", pointer.public_generation, here.public_generation),
        ):
            if is_serving and there < ours:
                raise RemoteError(
                    f"{self._place.address} is at {what} {there}, older than {ours}, which is "
                    "being served. Restart the server to accept it."
                )
        # The current one and its parts, without which it cannot be served to the public.
        needed = pointer.versions
        for one in manifest.datasets:
            if one.version in needed:
                self._fetch(one)
        self._point_to(pointer)
        self._forget(manifest)
        for one in manifest.datasets:
            if one.version not in needed:
                self._fetch(one)
        # A replica lists them in the same order.
        order = [one.version for one in manifest.datasets]
        if [one for one in list_published(self._datasets) if one in order] != order:
            for version in reversed(order):
                make_last(self._datasets, version)
        return pointer != here

    def _point_to(self, pointer: Pointer) -> None:
        if pointer == find_pointer(self._datasets):
            return
        with closing(Store(self._datasets / f"{pointer.version}.duckdb")) as store:
            twin = store.header().version_for_public
        if pointer.public_version != twin or not (self._datasets / f"{twin}.duckdb").exists():
            raise RemoteError(f"{self._place.address} has no public part of {pointer.version}.")
        try:
            write_pointer(self._datasets, pointer)
        except ValueError as error:
            raise RemoteError(f"{self._place.address}: {error}") from None

    def _fetch(self, dataset: RemoteDataset) -> None:
        """Download and open a dataset, and only then put it beside the others."""
        file = self._datasets / f"{dataset.version}.duckdb"
        if file.exists() and _describe(file) == dataset:
            return
        with TemporaryDirectory(prefix="building-", dir=self._datasets) as folder:
            arrived = Path(folder, file.name)
            self._place.download(dataset, arrived)
            with closing(Store(arrived)) as store:
                version = store.snapshot.version  # reads all that a service needs
                is_private = bool(store.header().private)
            if version != dataset.version:
                raise RemoteError(f"{self._place.address}/{dataset.name} is dataset {version}.")
            arrived.chmod(0o400 if is_private else 0o444)
            arrived.replace(file)

    def _forget(self, manifest: Manifest) -> None:
        """Delete what an earlier publication had and this one has not, and nothing else."""
        record = self._datasets / RECORD
        try:
            earlier = msgspec.json.decode(record.read_bytes(), type=Manifest).datasets
        except (FileNotFoundError, msgspec.DecodeError):
            earlier = ()
        for version in {one.version for one in earlier} - {
            one.version for one in manifest.datasets
        }:
            (self._datasets / f"{version}.duckdb").unlink(missing_ok=True)
        # Last: were it replaced first and this then ended, the next would not know what to delete.
        replace_file(record, msgspec.json.encode(manifest))
