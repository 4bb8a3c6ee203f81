"""Publish to object storage and follow it, over the protocol of S3 against moto, which is a
simulator, or against Ceph (`make test-ceph`). A real proxy in between causes the faults."""

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from paycite.dataset import build as building
from paycite.dataset.pointer import PUBLIC, read_pointer
from paycite.dataset.published import Datasets
from paycite.dataset.remote import Manifest, Place, RemoteError, Replica, publish
from support.folders import contents
from support.object_store import BUCKET, KEYS, object_store
from support.proxy import Proxy, proxying
from support.small_datasets import write_small


class Versions(NamedTuple):
    """A folder with them all: `second` is the public part of `private`, which is current."""

    folder: Path
    first: str
    second: str
    private: str


@pytest.fixture(scope="module")
def versions(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Versions:
    folder = tmp_path_factory.mktemp("versions")
    made = Versions(folder, "2026-06-01-first", "2026-06-02-second", "2026-06-02-private")
    for version in made[1:]:
        public_version = made.second if version == made.private else None
        write_small(folder / f"{version}.duckdb", dataset, version, public_version)
    return made


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Proxy, int]]:
    with object_store(tmp_path_factory.mktemp("s3")) as port, proxying(port) as proxy:
        yield proxy


@pytest.fixture
def proxy(proxied: tuple[Proxy, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    proxy, port = proxied
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    yield proxy
    proxy.__init__(*proxy.ports)  # type: ignore[misc]


@pytest.fixture(params=["s3", "folder"])
def address(request: pytest.FixtureRequest, proxy: Proxy, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "shared")
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def publisher(versions: Versions, tmp_path: Path) -> Path:
    """A folder of its own with the first dataset, generation 1."""
    folder = tmp_path / "publisher"
    folder.mkdir()
    for version in versions[1:]:
        (folder / f"{version}.duckdb").hardlink_to(versions.folder / f"{version}.duckdb")
    building.publish(folder, versions.first, versions.first)
    return folder


def read(address: str) -> Manifest:
    found = Place(address).read()
    assert found and found[0]
    return found[0]


def names(address: str) -> set[str]:
    """The datasets that are there, as anyone lists them."""
    place = Place(address)
    listed = [one["path"] for batch in place._obstore.list(place._store) for one in batch]
    return {Path(one).stem.rpartition("-")[0] for one in listed if one.endswith(".duckdb")}


def test_of_two_publishers_at_once_one_loses_with_a_sentence(
    address: str, publisher: Path, versions: Versions
) -> None:
    """First where nothing is published yet, then where both saw the same pointer."""
    tag = ""
    for version in (versions.first, versions.second):
        building.publish(publisher, version, version)
        manifest = publish(publisher, Place(address), with_private=False)
        other = msgspec.structs.replace(
            manifest, pointer=msgspec.structs.replace(manifest.pointer, generation=99)
        )
        with pytest.raises(
            RemoteError, match=r"^Another publisher changed the pointer at .*again\.$"
        ):
            Place(address).write(other, tag)
        assert read(address) == manifest
        found = Place(address).read()
        assert found
        tag = found[1]
        publish(publisher, Place(address), with_private=False)
        assert Place(address).read(unless=tag) is None  # the same publication moves nothing


def test_many_publishers_move_the_pointer_one_after_another(address: str, publisher: Path) -> None:
    base = publish(publisher, Place(address), with_private=False)
    won = []

    def move(number: int) -> None:
        place = Place(address)
        found = place.read()
        assert found and found[0]
        pointer = msgspec.structs.replace(
            found[0].pointer, generation=found[0].pointer.generation + 1
        )
        try:
            place.write(
                msgspec.structs.replace(
                    found[0],
                    pointer=msgspec.structs.replace(pointer, public_generation=100 + number),
                ),
                found[1],
            )
            won.append(number)
        except RemoteError:
            pass

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(move, range(8)))
    assert won
    assert read(address).pointer.generation == base.pointer.generation + len(won)


def test_private_sources_are_published_only_when_asked_for_and_leave_when_they_are_not(
    address: str, publisher: Path, versions: Versions, tmp_path: Path
) -> None:
    building.publish(publisher, versions.second, versions.second)
    public = publish(publisher, Place(address), with_private=False)
    building.publish(publisher, versions.private, versions.second)
    # To the public nothing has happened.
    assert publish(publisher, Place(address), with_private=False) == public
    assert names(address) == {versions.first, versions.second}

    whole = publish(publisher, Place(address), with_private=True)
    assert (whole.pointer.version, whole.pointer.public_version) == versions[:1:-1]
    assert names(address) == {*versions[1:]}
    assert whole.pointer.generation > public.pointer.generation
    assert whole.pointer.public_generation == public.pointer.public_generation
    replica = Replica(Place(address), tmp_path / "replica")
    replica.follow(is_serving=False)
    for scope, version in ((PUBLIC, versions.second), (None, versions.private)):
        with closing(Datasets(tmp_path / "replica", scope=scope)) as view:
            assert view.current.snapshot.version == version

    publish(publisher, Place(address), with_private=False)
    assert names(address) == {versions.first, versions.second}
    replica.follow()
    assert not (tmp_path / "replica" / f"{versions.private}.duckdb").exists()


def test_a_replica_takes_over_what_is_published_and_deletes_nothing_else(
    address: str, publisher: Path, versions: Versions, tmp_path: Path
) -> None:
    folder = tmp_path / "replica"
    folder.mkdir()
    (folder / "own.duckdb").write_bytes(b"of somebody else")
    replica = Replica(Place(address), folder)
    with pytest.raises(RemoteError, match="Nothing is published at"):
        replica.follow(is_serving=False)
    publish(publisher, Place(address), with_private=False)
    assert replica.follow(is_serving=False) == read_pointer(publisher)
    assert replica.follow() is None
    building.publish(publisher, versions.second, versions.second)
    (publisher / f"{versions.first}.duckdb").unlink()
    publish(publisher, Place(address), with_private=False)
    assert replica.follow() == read_pointer(folder) == read_pointer(publisher)
    assert {file.stem for file in folder.glob("*.duckdb")} == {"own", versions.second}


def test_a_replica_that_could_not_delete_a_dataset_deletes_it_the_next_time(
    address: str, publisher: Path, versions: Versions, tmp_path: Path
) -> None:
    replica = Replica(Place(address), tmp_path / "replica")
    publish(publisher, Place(address), with_private=False)
    replica.follow(is_serving=False)
    building.publish(publisher, versions.second, versions.second)
    (publisher / f"{versions.first}.duckdb").unlink()
    publish(publisher, Place(address), with_private=False)
    file = tmp_path / "replica" / f"{versions.first}.duckdb"
    aside = file.rename(tmp_path / "aside")
    file.mkdir()
    with pytest.raises(OSError, match=versions.first):
        replica.follow()
    file.rmdir()
    aside.rename(file)
    replica.follow()
    assert not file.exists()


@pytest.mark.parametrize(
    "fault",
    [
        *("503", "412", "slow", "cut", "half", "changed", "longer", "no object", "garbage"),
        *("generation", "public_generation"),  # which is behind
    ],
)
def test_a_fault_of_the_store_leaves_what_is_served_and_is_got_over(
    proxy: Proxy, publisher: Path, versions: Versions, tmp_path: Path, fault: str
) -> None:
    address = f"s3://{BUCKET}/{tmp_path.name}"
    place, folder = Place(address), tmp_path / "replica"
    publish(publisher, place, with_private=False)
    replica = Replica(Place(address, silence=1), folder)
    replica.follow(is_serving=False)
    before = contents(folder)
    # A dataset that the replica does not have yet.
    (publisher / f"{versions.private}.duckdb").unlink()
    (folder / f"{versions.second}.duckdb").unlink()
    del before[f"{versions.second}.duckdb"]
    building.publish(publisher, versions.second, versions.second)
    manifest = publish(publisher, place, with_private=False)
    part = manifest.datasets[0]
    store, obstore = place._store, place._obstore
    whole = bytes(obstore.get(store, part.name).bytes())
    pointer = bytes(obstore.get(store, "current.json").bytes())
    match fault:
        case "503" | "412":
            proxy.status = int(fault)
        case "slow":
            proxy.delay = 3
        case "cut":
            # Again and again; a download that is cut once is gone on with.
            proxy.most_bytes, proxy.spoils = 1_000, ".duckdb"
        case "half" | "changed" | "longer":
            half, changed, longer = whole[: len(whole) // 2], whole[:-1] + b"x", whole + b"x"
            spoiled = {"half": half, "changed": changed, "longer": longer}
            obstore.put(store, part.name, spoiled[fault])
        case "no object":
            obstore.delete(store, part.name)
        case "garbage":
            obstore.put(store, "current.json", pointer.replace(b"2026", b"../."))
        case "generation" | "public_generation":
            old = msgspec.structs.replace(manifest.pointer, **{fault: 0})
            content = msgspec.json.encode(msgspec.structs.replace(manifest, pointer=old))
            obstore.put(store, "current.json", content)
    with pytest.raises(RemoteError, match=r"^s3://\S+[: ].*") as raised:
        replica.follow()
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 500
    behind = f"is at {fault.replace('_', ' ')} 0, older than 1, which is being served"
    larger = f"is larger than the {len(whole):,} bytes that were published"
    said = {"longer": larger, "generation": behind, "public_generation": behind}
    assert said.get(fault, "") in str(raised.value)
    assert contents(folder) == before | {".lock": b""}

    proxy.status, proxy.delay, proxy.most_bytes = 0, 0, None
    obstore.put(store, part.name, whole)
    obstore.put(store, "current.json", pointer)
    assert replica.follow() == manifest.pointer
    with closing(Datasets(folder)) as view:
        assert view.current.snapshot.version == versions.second


@pytest.mark.parametrize(
    "changed",
    [
        {"public_version": "a b"},
        {"public_version": "2026-06-01-first"},
        {"version": "2026-06-02-second\n"},
        {"generation": 10**19},
        {"public_generation": -1},
        {"scoped": [{"scope": ["a b"], "version": "2026-06-02-second", "generation": 1}]},
        {"scoped": [{"scope": [], "version": "2026-06-02-second", "generation": 1}]},
        {"scoped": [{"scope": ["a"], "version": "a b", "generation": 1}]},
        {"scoped": [{"scope": ["a"], "version": "2026-06-02-second", "generation": 10**19}]},
    ],
    ids=str,
)
def test_a_pointer_that_could_not_be_read_back_is_not_taken_over(
    publisher: Path, versions: Versions, tmp_path: Path, changed: dict[str, object]
) -> None:
    address, folder = tmp_path / "shared", tmp_path / "replica"
    publish(publisher, Place(str(address)), with_private=False)
    replica = Replica(Place(str(address)), folder)
    replica.follow(is_serving=False)
    before = read_pointer(folder)
    building.publish(publisher, versions.second, versions.second)
    publish(publisher, Place(str(address)), with_private=False)
    stated = json.loads((address / "current.json").read_text())
    hostile = stated | {"pointer": stated["pointer"] | changed}
    (address / "current.json").write_text(json.dumps(hostile))
    with pytest.raises(RemoteError, match=str(address)):
        replica.follow()
    assert read_pointer(folder) == before
    (address / "current.json").write_text(json.dumps(stated))
    replica.follow()
    assert read_pointer(folder) == read_pointer(publisher)


def test_an_upload_that_fails_leaves_the_pointer_and_can_be_repeated(
    proxy: Proxy, publisher: Path, versions: Versions, tmp_path: Path
) -> None:
    address = f"s3://{BUCKET}/{tmp_path.name}"
    first = publish(publisher, Place(address), with_private=False)
    shutil.copy(publisher / f"{versions.private}.duckdb", tmp_path / "copy.duckdb")
    building.publish(publisher, versions.private, versions.second)
    proxy.status, proxy.spoils = 503, versions.private
    with pytest.raises(RemoteError, match="503"):
        publish(publisher, Place(address), with_private=True)
    assert proxy.spoilt
    assert read(address) == first
    proxy.status = 0
    after = publish(publisher, Place(address), with_private=True)
    assert after.pointer.generation == first.pointer.generation + 1


class Interrupted(Place):
    """A place where another publisher publishes while one does."""

    def __init__(self, address: str, method: str, other: Path) -> None:
        super().__init__(address)
        self._method, self._other = method, other

    def interrupt(self, method: str) -> None:
        if method == self._method:
            self._method = ""
            publish(self._other, Place(self.address), with_private=False)

    def write(self, manifest: Manifest, tag: str) -> None:
        self.interrupt("write")
        super().write(manifest, tag)

    def refuse_change(self, tag: str) -> None:
        self.interrupt("refuse_change")
        super().refuse_change(tag)


def test_no_publisher_deletes_what_another_publishes_meanwhile(
    address: str, publisher: Path, versions: Versions, tmp_path: Path
) -> None:
    """Neither before the other moves the pointer, nor after."""
    other = Path(shutil.copytree(publisher, tmp_path / "other", copy_function=os.link))
    (other / f"{versions.second}.duckdb").unlink()
    publish(other, Place(address), with_private=False)
    building.publish(publisher, versions.second, versions.second)
    publish(publisher, Interrupted(address, "write", other), with_private=False)
    assert names(address) == {one.version for one in read(address).datasets}

    publish(other, Place(address), with_private=False)
    with pytest.raises(RemoteError, match="Another publisher"):
        publish(other, Interrupted(address, "refuse_change", publisher), with_private=False)
    assert read(address).pointer.version == versions.second
    assert names(address) == {one.version for one in read(address).datasets}


def test_what_could_not_be_deleted_from_a_place_is_deleted_the_next_time(
    proxy: Proxy, publisher: Path, versions: Versions, tmp_path: Path
) -> None:
    """And nothing that is no dataset."""
    address = f"s3://{BUCKET}/{tmp_path.name}"
    publish(publisher, Place(address), with_private=False)
    others = ["notes.txt", "own.duckdb", f"deeper/{versions.first}-0123456789abcdef.duckdb"]
    for name in others:
        Place(address)._store.put(name, b"of somebody else")
    building.publish(publisher, versions.second, versions.second)
    (publisher / f"{versions.first}.duckdb").unlink()
    proxy.status, proxy.spoils = 503, "?delete"  # which carries the names in its body
    with pytest.raises(RemoteError, match="503"):
        publish(publisher, Place(address), with_private=False)
    assert read(address).pointer.version == versions.second
    assert names(address) >= {versions.first, versions.second}
    proxy.status = 0
    publish(publisher, Place(address), with_private=False)
    assert Place(address).list_objects("") == sorted(
        ["current.json", read(address).datasets[0].name, *others]
    )


@pytest.mark.parametrize(
    "address", ["gs://bucket/x", "https://bucket.example/x", "s3://", "s3:///x", "s3://b/x?y=1"]
)
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(RemoteError, match="expected s3://BUCKET/PREFIX or a folder"):
        Place(address)
