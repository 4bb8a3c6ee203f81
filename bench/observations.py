"""What observations, sources and places cost: to build with, in memory, on disk, and in a question.

    python bench/observations.py

Pay is generated (seed 2026) for every role, level and metro and 30,000 employers, few places and
employers having most of it; then `paycite build` runs as anyone would run it: with more and more
rows, with more and more sources of so many rows, and for the places of more and more states. The
table goes into bench/README.md.
"""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Set
from contextlib import suppress
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb
import msgspec
from fewer_places import write_seeds_of_states

from paycite.dataset.published import Datasets
from paycite.estimate import build_answer
from paycite.model.answer import Links, Requested
from paycite.model.figure import Published, Source
from paycite.model.observation import Observed
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.settings import ROOT
from servers import BIN, family

ROWS = (0, 50_000, 500_000, 5_000_000)
SOURCES = (2, 4, 8)  # of the second number of rows each
STATES = ({"CA", "CO", "ID", "MA", "NY", "OH", "TX", "WA"}, {"CA", "NY"})
COLUMNS = (
    *("areas", "sources", "rows", "build, s", "peak, MB", "file, MB"),
    *("cells", "opening, s", "new question, ms"),
)
SEED = 2026
QUESTIONS = 300
_PAGE = os.sysconf("SC_PAGE_SIZE")

# Numbers from 0 to 1 by a hash of the row, so that every run generates the same.
GENERATE = """
copy (
    with drawn as (
        select
            i,
            [
                md5_number_lower(concat_ws('-', i, $seed, j)) % 1000003 / 1000003.0
                for j in range(8)
            ] as u
        from range($rows) as t (i)
    ),
    named as (
        select
            i::varchar as id,
            $roles[1 + floor(u[1] * len($roles))::int] as role,
            $levels[1 + floor(u[2] * (len($levels) + 1))::int] as level,
            $metros[1 + floor(u[3] ** 3 * len($metros))::int] as geography,
            'employer ' || floor(u[4] ** 2 * 30000)::int as employer,
            u
        from drawn
    )
    select
        id, role, null::varchar as occupation, level, geography, 'title' as title,
        geography as place, employer,
        round(exp(
            11.5 + (md5_number_lower(role) % 40) / 100
            + (md5_number_lower(coalesce(level, '')) % 30) / 100
            + (md5_number_lower(geography) % 30) / 100
            + (u[5] + u[6] + u[7] + u[8] - 2) * 0.45
        )) as low,
        low as high, 'base' as component, 'advertised' as kind, date '2026-01-31' as date
    from named
    order by role, level, geography, employer, low, high, id
) to '{file}' (format parquet, compression zstd)
"""


class Cost(NamedTuple):
    places: int
    sources: int
    rows: int
    seconds: float
    peak: float  # MB
    size: float  # MB
    cells: int
    opening: float  # seconds
    asking: float  # milliseconds, a new question


def generate(folder: Path, rows: int, snapshot: Snapshot, number: int = 0) -> None:
    """Write a source of so many rows, another one for each `number`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"generated-{number}.parquet"
    metros = sorted(id_ for id_, metro in snapshot.metros.items() if metro.kind == "metro")
    parameters = {
        "seed": SEED + number,
        "rows": rows,
        "roles": sorted(snapshot.roles),
        "levels": sorted(snapshot.levels),
        "metros": metros,
    }
    duckdb.execute(GENERATE.replace("{file}", str(file)), parameters)
    observed = Observed(
        source=Source(
            id=file.stem,
            publisher="Paycite",
            originators=("Paycite",),
            title="Generated pay",
            published=Published(precision="none"),
            citation="Generated pay",
            license="none",
            sha256="0" * 64,
        ),
        kind="advertised",
        component="base",
        as_of="2026-01-31",
        rows=rows,
        employers=30_000,
        note="Generated.",
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
    )
    file.with_suffix(".json").write_bytes(msgspec.json.encode(observed))


def cost(rows: int, sources: int = 1, states: Set[str] | None = None) -> Cost:
    with TemporaryDirectory() as name:
        data = Path(name)
        seeds = ROOT / "seeds"
        if states:
            seeds = data / "seeds"
            write_seeds_of_states(seeds, states)
        if rows:
            build(data, seeds=seeds)
            snapshot = Datasets(data / "datasets").current.snapshot
            for number in range(sources):
                generate(data / "observations", rows, snapshot, number)
            shutil.rmtree(data / "datasets")
        seconds, peak = build(data, seeds=seeds)
        (file,) = (data / "datasets").glob("*.duckdb")
        began = time.perf_counter()
        store = Datasets(data / "datasets").current
        opening = time.perf_counter() - began
        return Cost(
            places=sum(one.kind == "metro" for one in store.snapshot.metros.values()),
            sources=sources if rows else 0,
            rows=rows * sources,
            seconds=seconds,
            peak=peak,
            size=file.stat().st_size / 2**20,
            cells=len(store.snapshot.pool_factors),
            opening=opening,
            asking=asking(store.snapshot),
        )


def build(data: Path, *options: str, seeds: Path = ROOT / "seeds") -> tuple[float, float]:
    """Build as anyone would run it. Return the seconds, and the peak memory of all its processes
    in MB, sampled ten times a second."""
    began, peak = time.perf_counter(), 0
    command = [str(BIN / "paycite"), "build", *options]
    environment = os.environ | {"PAYCITE_DATA": str(data), "PAYCITE_SEEDS": str(seeds)}
    process = subprocess.Popen(command, env=environment)
    while process.poll() != 0:
        assert not process.returncode, "the build failed"
        peak = max(peak, memory(process.pid))
        time.sleep(0.1)
    return time.perf_counter() - began, peak / 2**20


def memory(process: int) -> int:
    """The resident memory of a process and all that it started, in bytes."""
    pages = 0
    for one in family(process):
        with suppress(OSError):  # it ended
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * _PAGE


def asking(snapshot: Snapshot) -> float:
    """Milliseconds to answer a question that was never asked before, the median."""
    metros = [metro for metro in snapshot.metros.values() if metro.kind == "metro"]
    took = []
    for metro in islice(cycle(metros), QUESTIONS):
        question = Question(
            requested=Requested(role="data-scientist"),
            matches=(),
            role=snapshot.roles["data-scientist"],
            level=snapshot.levels["mid"],
            metro=metro,
            offer=None,
            sources=frozenset(),
            strict=False,
            age=False,
        )
        began = time.perf_counter()
        msgspec.json.encode(build_answer(question, snapshot, Links(self="/", permalink="/")))
        took.append(1000 * (time.perf_counter() - began))
    return median(took)


def main() -> None:
    print(f"| {' | '.join(COLUMNS)} |\n|{'---:|' * len(COLUMNS)}")
    few = ROWS[1]
    costs = chain(
        map(cost, ROWS),
        (cost(few, sources) for sources in SOURCES),
        (cost(few, states=states) for states in STATES),
    )
    for one in costs:
        print(
            f"| {one.places} | {one.sources} | {one.rows:,} | {one.seconds:.1f} "
            f"| {one.peak:,.0f} | {one.size:.0f} | {one.cells:,} | {one.opening:.2f} "
            f"| {one.asking:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
