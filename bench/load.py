"""Load with properties: traffic from many connections, in which every answer is checked.

    python bench/load.py                              # a server of its own, while data is published
    python bench/load.py --url https://pay.example    # a running one: read only, at a bounded rate

bench/README.md says what is checked. The exit status is 1 after one wrong answer.
"""

import csv
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from threading import Event, Thread
from typing import Any

import click
import httpx

from paycite.settings import ROOT
from servers import Server, serving, worker_memory
from traffic.requests import Words
from traffic.tester import Plan, Report, run_tester

_SEEDS = ROOT / "seeds"
_CHANGED = "distributions/aijobs-2025-08.csv"  # the seed in which the two datasets differ
_PERCENTILES = ("p10", "p25", "p50", "p75", "p90")
_SECONDS_BETWEEN_PUBLICATIONS = 10
_PICKED_UP_WITHIN = 10  # seconds, on a busy machine
_RATE = 20.0  # requests a second to a server that is not ours
_TESTERS = 2

_stop: Any  # an event that all testers share
Folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--seconds", default=120.0, show_default=True, help="How long to send traffic.")
@click.option("--connections", default=32, show_default=True, help="How many at a time.")
@click.option("--workers", default=2, show_default=True, help="Of the server that is started.")
@click.option(
    "--service", type=Folder, default=ROOT / "service", help="The source tree that is started."
)
@click.option("--url", help="A running Paycite. Default: start one.")
@click.option("--rate", type=float, help="Requests a second. Default: 20 with --url, or no limit.")
@click.option("--batch", is_flag=True, help="With --url: send POST requests, too.")
@click.option(
    "--datasets", type=Folder, help="With --url: its dataset files, to compare every byte."
)
@click.option("--seed", type=int, help="Of the traffic. Default: another one each time.")
def main(
    url: str | None,
    seed: int | None,
    service: Path,
    workers: int,
    connections: int,
    seconds: float,
    rate: float | None,
    batch: bool,
    datasets: Path | None,
) -> None:
    """Send generated traffic to Paycite, and check every answer."""
    seed = time.time_ns() % 1_000_000 if seed is None else seed
    click.echo(f"seed {seed}")
    if url:
        url = url.rstrip("/")
        plan = Plan(
            base_url=url,
            words=read_words(url),
            datasets=datasets,
            connections=connections,
            seconds=seconds,
            rate=rate or _RATE,
            has_posts=batch,
            seed=seed,
        )
        sys.exit(not _report([run_tester(plan, lambda: False)]))
    with tempfile.TemporaryDirectory() as name, _own(Path(name), service, workers) as server:
        plan = Plan(
            base_url=server.url,
            words=read_words(server.url),
            datasets=Path(name, "datasets"),
            connections=connections // _TESTERS,
            seconds=seconds,
            rate=(rate or 0) / _TESTERS,
            has_posts=True,
            seed=seed,
        )
        reports, faults = _load(plan, Path(name), server)
        is_right = _report(reports)
        faults += [line for line in Path(name, "log").read_text().split("\n") if "[ERROR]" in line]
    for fault in faults:
        click.echo(f"wrong: {fault}")
    sys.exit(not is_right or bool(faults))


@contextmanager
def _own(folder: Path, service: Path, workers: int) -> Iterator[Server]:
    """A server with two published datasets."""
    shutil.copytree(_SEEDS, _changed_seeds(folder))
    with (_SEEDS / _CHANGED).open() as file:
        rows = list(csv.DictReader(file))
    with (_changed_seeds(folder) / _CHANGED).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(
            row | {name: round(int(row[name]) * 1.02) for name in _PERCENTILES} for row in rows
        )
    for seeds in (_changed_seeds(folder), _SEEDS):
        _publish(folder, seeds)
    command = [sys.executable, "-m", "paycite", "serve", "--port", "PORT"]
    settings = {"PAYCITE_DATA": str(folder), "PYTHONPATH": str(service)}
    with serving(folder / "log", *command, "--workers", str(workers), settings=settings) as server:
        yield server


def _changed_seeds(folder: Path) -> Path:
    return folder / "seeds"


def _publish(folder: Path, seeds: Path) -> str:
    """Publish a dataset, and return its version."""
    settings = os.environ | {"PAYCITE_DATA": str(folder), "PAYCITE_SEEDS": str(seeds)}
    command = [sys.executable, "-m", "paycite", "build"]
    built = subprocess.run(command, env=settings, check=True, stdout=subprocess.PIPE, text=True)
    return built.stdout.strip()


def _load(plan: Plan, folder: Path, server: Server) -> tuple[list[Report], list[str]]:
    """Reports of the testers, and what was wrong with the publications meanwhile."""
    faults: list[str] = []
    is_over = Event()
    publisher = Thread(target=_keep_publishing, args=(server, folder, is_over, faults))
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    publisher.start()
    try:
        with ProcessPoolExecutor(
            _TESTERS, mp_context=context, initializer=_set_stop, initargs=(stop,)
        ) as testers:
            seeds = range(plan.seed, plan.seed + _TESTERS)
            running = {testers.submit(_run, plan._replace(seed=seed)) for seed in seeds}
            reports = []
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for one in done:
                    reports.append(one.result())
                    if reports[-1].failure:
                        stop.set()
    finally:
        is_over.set()
        publisher.join()
    return reports, faults


def _set_stop(stop: Any) -> None:
    global _stop
    _stop = stop


def _run(plan: Plan) -> Report:
    """In a process of its own."""
    return run_tester(plan, _stop.is_set)


def _keep_publishing(server: Server, folder: Path, is_over: Event, faults: list[str]) -> None:
    """Publish the two datasets by turns, see that every worker follows, and watch its memory."""
    memory = [max(worker_memory(server))]
    for seeds in cycle((_changed_seeds(folder), _SEEDS)):
        if is_over.wait(_SECONDS_BETWEEN_PUBLICATIONS):
            break
        try:
            version = _publish(folder, seeds)
        except subprocess.CalledProcessError as error:
            faults.append(f"cannot publish: {error}")
            break
        patience = time.monotonic() + _PICKED_UP_WITHIN
        while any(httpx.get(f"{server.url}/ready").json()["dataset"] != version for _ in range(8)):
            if time.monotonic() > patience:
                faults.append(f"{version} is not served {_PICKED_UP_WITHIN} seconds later")
                break
            time.sleep(0.5)
        memory.append(max(worker_memory(server)))
    memory.append(max(worker_memory(server)))
    shown = ", ".join(f"{one / 1e6:.0f}" for one in memory)
    click.echo(f"published {len(memory) - 2} times; MB of the largest worker meanwhile: {shown}")


def read_words(url: str) -> Words:
    """Valid words, from the lists of the service."""

    def read(path: str) -> list[dict[str, Any]]:
        response = httpx.get(url + path, timeout=60).raise_for_status()
        items: list[dict[str, Any]] = response.json()["items"]
        return items

    roles, metros = read("/roles?limit=1000"), read("/metros?limit=1000")
    return Words(
        roles=tuple(one["id"] for one in roles),
        titles=tuple(one["title"] for one in roles),
        metros=tuple(one["id"] for one in metros),
        places=tuple(one["name"] for one in metros),
        sources=tuple(one["id"] for one in read("/sources?limit=1000")),
        versions=tuple(one["version"] for one in read("/datasets")),
    )


def _report(reports: list[Report]) -> bool:
    """Print what was measured and what was wrong; return whether nothing was."""
    seconds = [one for report in reports for one in report.seconds]
    statuses = sum((report.statuses for report in reports), Counter[str]())
    rate = sum(len(report.seconds) / max(report.lasted, 0.001) for report in reports)
    counts = ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))
    click.echo(f"{len(seconds):,} answers checked ({counts}), {rate:,.0f} a second")
    if len(seconds) > 1:
        percentiles = quantiles(seconds, n=100)
        click.echo(f"p50 {percentiles[49] * 1e3:.1f} ms, p99 {percentiles[98] * 1e3:.1f} ms")
    failures = [report.failure for report in reports if report.failure]
    for failure in failures:
        beside = "" if failure.is_alone else " (only beside other requests)"
        click.echo(f"wrong: {failure.why}{beside}\n{failure.curl}")
    return not failures


if __name__ == "__main__":
    main()
