"""The numbers of all workers and of the public dataset, for Prometheus, on a port of their own.

The process that starts the workers serves it: workers that hang do not keep it from answering, and
no proxy that passes requests on to the service can reach it.
"""

import datetime
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from paycite import __version__
from paycite.dataset.pointer import PUBLIC
from paycite.dataset.published import Datasets
from paycite.dataset.store import DatasetError
from paycite.web.metrics import FOLDER, SECONDS, Numbers, Times

_DAY = 86_400
_BOUNDS = (*map(str, SECONDS), "+Inf")


@contextmanager
def serve_metrics(host: str, port: int, datasets: Path) -> Iterator[None]:
    """Serve the numbers of the workers that are started meanwhile, and of the datasets in a folder.
    OSError if the port is taken or no temporary file can be written."""
    with TemporaryDirectory(prefix="paycite-metrics-") as folder:
        os.environ[FOLDER] = folder
        registry = CollectorRegistry()
        registry.register(_Workers(Path(folder)))
        registry.register(PublicDataset(datasets))
        server, thread = start_http_server(port, host, registry)
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Workers(Collector):
    """The sum over all workers: counters of ended workers are kept; their gauges are dropped."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        found = {
            file.stem: msgspec.json.decode(file.read_bytes(), type=Numbers)
            for file in self._folder.glob("*.json")
        }
        everyone = [*found.values()]
        living = {pid: one for pid, one in found.items() if _is_alive(int(pid))}
        yield _requests(everyone)
        refusals = sum((Counter(one.refusals) for one in everyone), Counter())
        yield _counts("refusals", "Requests that got a problem, by its type", "type", refusals)
        shed = sum((Counter(one.shed) for one in everyone), Counter())
        yield _counts("shed_requests", "Requests given up, by reason", "reason", shed)
        kept = {"hit": sum(o.hits for o in everyone), "miss": sum(o.misses for o in everyone)}
        yield _counts("finished_answers", "Requests for answers that are kept", "found", kept)
        now = living.values()
        held = sum(one.finished_bytes for one in now)
        yield _gauge("finished_answers_bytes", "Memory of kept answers", held)
        yield _gauge(
            "requests_under_way", "Requests in progress", sum(one.under_way for one in now)
        )
        waiting = sum(one.queued for one in now)
        yield _gauge("queued_requests", "Requests waiting for a thread or running in one", waiting)
        is_stale = any(one.is_stale for one in now)
        yield _gauge("dataset_is_stale", "1 if the published dataset cannot be served", is_stale)
        yield _gauge("workers", "Processes that answer", len(living))
        memory = GaugeMetricFamily(
            "paycite_worker_resident_memory_bytes", "Memory of a worker", labels=("pid",)
        )
        for pid, one in living.items():
            memory.add_metric((pid,), one.memory)
        yield memory


def _requests(workers: list[Numbers]) -> Metric:
    summed: dict[tuple[str, int], Times] = {}
    for one in workers:
        for route, statuses in one.requests.items():
            for status, times in statuses.items():
                into = summed.setdefault((route, status), Times())
                into.counts = [a + b for a, b in zip(into.counts, times.counts, strict=True)]
                into.total += times.total
    family = HistogramMetricFamily(
        "paycite_request_seconds", "Time to answer", labels=("route", "status")
    )
    for (route, status), times in sorted(summed.items()):
        buckets = [*zip(_BOUNDS, accumulate(times.counts), strict=True)]
        family.add_metric((route, f"{status}xx"), buckets, times.total)
    return family


class PublicDataset(Collector):
    """The published dataset without private sources, as anyone may see it. One that cannot be read
    leaves the numbers of the one before, as it leaves its answers."""

    def __init__(self, folder: Path) -> None:
        self._datasets = Datasets(folder, scope=PUBLIC)
        self._version = ""

    def collect(self) -> Iterator[Metric]:
        with suppress(DatasetError, OSError):  # the workers log it, and say that it is stale
            self._datasets.refresh()
        store = self._datasets.current
        if store.version != self._version:
            self._dates = store.source_dates()
            self._version = store.version
        yield InfoMetricFamily("paycite_build", "This release", {"version": __version__})
        about = {"version": store.version, "as_of": str(store.as_of)}
        yield InfoMetricFamily("paycite_dataset", "The public dataset", about)
        yield _gauge("dataset_age_seconds", "Time since its date", _age(store.as_of))
        ages = GaugeMetricFamily(
            "paycite_source_age_seconds",
            "Time since the newest period of a source ended, or since it was published if earlier",
            labels=("source", "series"),
        )
        for one in self._dates:
            ages.add_metric((one.id, one.series or ""), _age(one.newest))
        yield ages


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(f"paycite_{name}", help_, value)


def _counts(name: str, help_: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"paycite_{name}", help_, labels=(label,))
    for value, count in sorted(counts.items()):
        family.add_metric((value,), count)
    return family


def _age(day: datetime.date) -> int:
    """In seconds, by whole days; a period may not have ended."""
    return max(0, (datetime.datetime.now(datetime.UTC).date() - day).days * _DAY)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
