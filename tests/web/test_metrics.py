"""Metrics are the numbers of all workers, and say what is wrong with the data."""

import datetime
import os
import re
import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from paycite import __version__
from paycite.dataset import POINTER
from paycite.model.snapshot import Snapshot
from paycite.settings import ROOT
from paycite.web.metrics import SECONDS
from servers import free_port
from support.metrics import Metrics, read_metrics, wait_for
from support.servers import serving

WORKERS = 2


class Served(NamedTuple):
    client: httpx.Client
    port: int
    data: Path


@pytest.fixture(scope="module")
def served(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, port = tmp_path_factory.mktemp("metrics"), free_port()
    shutil.copytree(data / "datasets", folder / "datasets", copy_function=os.link)
    with serving(folder, "--workers", WORKERS, "--metrics-port", port) as client:
        yield Served(client, port, folder)


def ask(served: Served, address: str, times: int = 1, status: int = 200, **headers: str) -> None:
    """Each on a connection of its own, so that every worker gets some."""
    for _ in range(times):
        url = served.client.base_url.join(address)
        assert httpx.get(url, timeout=60, headers=headers).status_code == status


def test_they_count_what_all_workers_did_and_those_did_that_ended(
    served: Served, snapshot: Snapshot
) -> None:
    def counted(found: Metrics) -> tuple[float, ...]:
        kept = (found.value("paycite_finished_answers_total", found=one) for one in ("hit", "miss"))
        answered = found.value("paycite_request_seconds_count", route="/salary", status="2xx")
        kinds = ("unknown-role", "unknown-figure", "range-not-satisfiable")
        refused = (found.value("paycite_refusals_total", type=kind) for kind in kinds)
        return sum(kept), answered, *refused

    ask(served, "/salary?role=mlops", times=40)
    ask(served, "/salary?role=narnia", times=3, status=404)
    ask(served, "/figures/nothing", status=404)
    ask(served, f"/datasets/{snapshot.version}.parquet", status=416, range="bytes=999999999-")
    found = wait_for(served.port, lambda found: counted(found) == (41, 40, 3, 1, 1))
    assert found.value("paycite_request_seconds_count", route="/figures/{id}", status="4xx") == 1
    assert found.value("paycite_finished_answers_total", found="miss") == WORKERS + 1
    assert found.value("paycite_finished_answers_bytes") > 10_000
    buckets = [
        found.value("paycite_request_seconds_bucket", route="/salary", status="2xx", le=le)
        for le in (*map(str, SECONDS), "+Inf")
    ]
    assert buckets == sorted(buckets) and buckets[-1] == 40 > buckets[0]
    pids = found.labels("paycite_worker_resident_memory_bytes", "pid")
    assert len(pids) == WORKERS
    for pid in pids:
        assert 5e7 < found.value("paycite_worker_resident_memory_bytes", pid=pid) < 1e9
    os.kill(int(min(pids)), signal.SIGKILL)
    left = wait_for(served.port, lambda found: found.value("paycite_workers") == WORKERS - 1)
    assert counted(left) == (41, 40, 3, 1, 1)
    assert left.labels("paycite_worker_resident_memory_bytes", "pid") == {max(pids)}
    wait_for(served.port, lambda found: found.value("paycite_workers") == WORKERS)


def test_they_name_the_release_the_dataset_and_the_age_of_each_source(
    served: Served, snapshot: Snapshot
) -> None:
    found = read_metrics(served.port)
    assert found.labels("paycite_build_info", "version") == {__version__}
    assert found.labels("paycite_dataset_info", "version") == {snapshot.version}
    today = datetime.datetime.now(datetime.UTC).date()
    assert found.value("paycite_dataset_age_seconds") == (today - snapshot.as_of).days * 86_400
    # Its period ended a year before it was published.
    oews = today - datetime.date(2025, 5, 31)
    age = found.value("paycite_source_age_seconds", source="bls-oews-2025-05", series="oews")
    assert age == oews.days * 86_400
    sources = found.labels("paycite_source_age_seconds", "source")
    assert sources == snapshot.sources.keys() - {"paycite-factors"}  # which are of no date


def tells_stale(expected: int, found: Metrics) -> bool:
    return found.value("paycite_dataset_is_stale") == expected


def test_a_published_dataset_that_cannot_be_served_shows_until_it_can(served: Served) -> None:
    pointer = served.data / "datasets" / POINTER
    good = pointer.read_text()
    (served.data / "datasets" / "2099-01-01-damaged.duckdb").write_bytes(b"damaged")
    for text, is_stale in (("2099-01-01-damaged", 1), (good, 0)):
        unfinished = pointer.with_name("new")
        unfinished.write_text(text)
        unfinished.replace(pointer)
        found = wait_for(served.port, partial(tells_stale, is_stale))
        assert found.labels("paycite_dataset_info", "version") == {good.split()[0]}
        ready = served.client.get("/ready")  # good answers are not taken out of service
        assert (ready.status_code, ready.json()["dataset"]) == (200, good.split()[0])
    wait_for(served.port, lambda _: not served.client.get("/ready").json()["published_problem"])


def test_they_are_not_on_the_port_of_the_service(served: Served) -> None:
    assert served.client.get("/metrics").status_code == 404


def test_the_dashboard_and_the_alerts_use_numbers_that_are_there(served: Served) -> None:
    text = httpx.get(f"http://127.0.0.1:{served.port}/metrics").text
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    of_histograms = [name for name, kind in kinds.items() if kind == "histogram"]
    parts = {f"{name}_{part}" for name in of_histograms for part in ("bucket", "sum", "count")}
    for file in ("grafana/paycite.json", "prometheus/alerts.yaml"):
        used = re.findall(r"paycite_\w+", (ROOT / "deploy" / file).read_text())
        assert used and {*used} <= kinds.keys() | parts
    documented = (ROOT / "docs/monitoring.md").read_text()
    assert all(f"`{name}`" in documented for name in kinds)
