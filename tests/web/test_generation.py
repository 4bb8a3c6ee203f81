"""Generations over HTTP, and several servers that answer as one."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from paycite.dataset import build as building
from paycite.dataset.pointer import PUBLIC
from paycite.dataset.remote import Place, RemoteError, publish
from servers import free_port
from support.asgi import get, make_app
from support.commands import read_error
from support.object_store import BUCKET, KEYS, object_store
from support.proxy import proxying
from support.servers import serving, until
from support.small_datasets import write_small

QUESTION = "/salary?role=mlops&level=mid&metro=nyc"
ADDRESSES = (QUESTION, f"{QUESTION}&dataset=2026-06-01-a", "/roles", "/metros.html", "/datasets")


class Folder(NamedTuple):
    data: Path
    datasets: Path
    versions: tuple[str, ...]

    def publish(self, version: str) -> None:
        building.publish(self.datasets, version, version)


@pytest.fixture
def folder(dataset: Path, tmp_path: Path) -> Folder:
    """Two datasets, of which the first is current: generation 1."""
    datasets = tmp_path / "publisher" / "datasets"
    datasets.mkdir(parents=True)
    made = Folder(datasets.parent, datasets, ("2026-06-01-a", "2026-06-02-b"))
    for version in made.versions:
        write_small(datasets / f"{version}.duckdb", dataset, version)
    made.publish(made.versions[0])
    return made


def test_an_answer_has_its_generation_and_is_refused_where_a_newer_one_is_asked_for(
    folder: Folder,
) -> None:
    """Also finished answers, 304, and after going back to the version that they were kept for."""
    first, second = folder.versions
    app = make_app(folder.data)
    view = app.app._app._views.open(PUBLIC)

    def ask(generation: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
        wanted = {"min-generation": generation} if generation else {}
        return get(app, QUESTION, wanted | headers)

    tags = set()
    for generation, version in enumerate((first, second, first), 1):
        folder.publish(version)
        assert view.refresh() == (generation > 1)
        for _ in range(2):  # the second is kept
            status, told, body = ask(str(generation))
            assert (status, told["x-dataset-version"]) == (200, version)
            assert told["x-dataset-generation"] == str(generation)
            assert "Min-Generation" in told["vary"]
        tags.add(told["etag"])
        status, unchanged, _ = ask(str(generation), **{"if-none-match": told["etag"]})
        assert (status, unchanged["x-dataset-generation"]) == (304, str(generation))
        status, told, body = ask(str(generation + 1))
        assert (status, told["retry-after"], told["x-dataset-version"]) == (503, "1", version)
        assert f"at generation {generation} of the dataset, behind {generation + 1}" in str(body)
        # The same in all generations, so it has none.
        _, pinned, _ = get(app, f"{QUESTION}&dataset={first}")
        assert "x-dataset-generation" not in pinned
    assert len(tags) == 2
    # Away and back between two looks: nothing has changed but the generation.
    folder.publish(second)
    folder.publish(first)
    assert view.refresh() and ask("5")[1]["x-dataset-generation"] == "5"
    for invalid in ("-1", "1.0", "one", "1, 1", "9" * 19, "\u0663"):
        status, _, body = ask(invalid.encode().decode("latin-1"))
        assert status == 400 and b"expected a whole number" in body, invalid
    assert ask("0")[0] == ask("005")[0] == 200


@contextmanager
def replicas(folder: Path, address: str) -> Iterator[list[httpx.Client]]:
    """Three servers that follow the address, each with a data folder of its own."""
    with ExitStack() as stack:
        clients = []
        for name in "abc":
            own = folder / name
            own.mkdir()
            clients.append(stack.enter_context(serving(own, "--dataset", address)))
        yield clients


def test_three_servers_behind_one_address_answer_as_one_while_datasets_are_published(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they say of one version is the same to the byte, and a client that has seen a
    generation sees no older one. The store is moto, a simulator, and it fails in between; then the
    servers go on with what they have, and one that starts without it serves its copy."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    bodies: defaultdict[tuple[str, str], set[bytes]] = defaultdict(set)
    with object_store(tmp_path) as store, proxying(store) as (faults, port):
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        address, place = f"s3://{BUCKET}/paycite", Place(f"s3://{BUCKET}/paycite")
        publish(folder.datasets, place, with_private=False)
        with (
            replicas(tmp_path, address) as clients,
            proxying(*(int(one.base_url.port or 0) for one in clients)) as (_, front),
        ):
            stop = threading.Event()
            asked: list[Any] = []
            threads = [
                threading.Thread(target=keep_asking, args=[front, stop, asked]) for _ in range(2)
            ]
            for thread in threads:
                thread.start()
            for version in (folder.versions[1], folder.versions[0]):
                folder.publish(version)
                manifest = publish(folder.datasets, place, with_private=False)
                until(partial(all_are_at, clients, manifest.pointer.generation))
            faults.status = 503
            folder.publish(folder.versions[1])
            with pytest.raises(RemoteError, match="503"):
                publish(folder.datasets, place, with_private=False)
            time.sleep(6)  # they look every three seconds or so
            assert all_are_at(clients, 3)
            stop.set()
            for thread in threads:
                thread.join()
        failures = [one for one in asked if isinstance(one, str)]
        assert not failures, failures[:3]
        for path, version, body in asked:
            bodies[path, version].add(body)
        assert {version for _, version in bodies} == {*folder.versions}
        assert {key for key, found in bodies.items() if len(found) > 1} == set()
        assert len(asked) > 50

        own = tmp_path / "a"
        with serving(own, "--dataset", address, PAYCITE_LOG="json") as client:
            assert all_are_at([client], 3)
            faults.status = 0
            publish(folder.datasets, place, with_private=False)
            until(lambda: all_are_at([client], 4))
        logs = [file.read_text() for file in own.glob("serve-*.log")]
        lines = [line for log in logs for line in log.splitlines()]
        text = [line for line in lines if not line.startswith("{")]
        assert any("[WARNING] keeping the dataset that is served: s3://" in line for line in text)
        messages = [json.loads(line).get("message", "") for line in lines if line not in text]
        assert any("starting with the dataset that is here: s3://" in one for one in messages)


def all_are_at(clients: list[httpx.Client], generation: int) -> bool:
    told = [one.get("/ready").headers["x-dataset-generation"] for one in clients]
    return told == [str(generation)] * len(clients)


def keep_asking(port: int, stop: threading.Event, asked: list[Any]) -> None:
    """Ask by turns, for no older generation than was seen; write down answers, and what is wrong
    with them."""
    seen, last = 0, ""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        while not stop.is_set():
            for path in ADDRESSES:
                got = client.get(path, headers={"Min-Generation": str(seen)})
                if got.status_code == 503 and "retry-after" in got.headers:
                    continue
                if got.status_code != 200:
                    asked.append(f"{path}: {got.status_code} {got.text[:200]}")
                    continue
                version = got.headers["x-dataset-version"]
                if "dataset=" not in path:
                    generation = int(got.headers["x-dataset-generation"])
                    if generation < seen or (generation == seen and version != last):
                        asked.append(f"{path}: {version} of {generation} after {last} of {seen}")
                    seen, last = generation, version
                asked.append((path, version, got.content))


def test_a_server_with_neither_a_store_nor_a_dataset_says_so_in_a_sentence(tmp_path: Path) -> None:
    store: dict[str, Any] = KEYS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}
    serve = ("serve", "--port", free_port(), "--dataset", "s3://datasets/paycite")
    error = read_error(tmp_path, *serve, **store)
    assert error.startswith("Error: s3://datasets/paycite: ")
    assert error.endswith("There is no dataset here either.\n")
