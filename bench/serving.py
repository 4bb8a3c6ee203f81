"""What serving costs: Paycite, a bare application on the same server, and peers, over sockets.

Every server has one worker, on one core; wrk asks from another. The loads take turns in each round,
so that whatever else the machine does falls on all of them, and each is compared with the bare
application of its own round that returns as many bytes.

    python bench/serving.py --into bench/serving.md    # and a picture beside it
"""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import click
import duckdb
import httpx
import msgspec
import vl_convert

from paycite.dataset.build import build
from paycite.keys import Keys
from paycite.settings import ROOT
from servers import BIN, Server, free_port, serving, worker_memory

BENCH = ROOT / "bench"
SERVER_CORE, WRK_CORE = "0", "1"
MOST_CONNECTIONS = 64
MOST = "999999999"  # the largest quota
CELLS = 20_000  # that are asked about, in an order of their own
ROWS = 100  # of a batch
MOST_OFFERED = 200_000  # dollars; each new offer is a dollar less
HOT_GUARDED = "hot, guarded"
GUARDED_SERVER = "Paycite, guarded"
QUESTION = "role=mlops&level=mid&metro=nyc"
GUARDED = {"PAYCITE_QUOTA": MOST, "PAYCITE_KEY_QUOTA": MOST, "PAYCITE_LOG": "json"}
LEVELS = ("entry", "mid", "senior", "staff", "principal")


class Load(NamedTuple):
    what: str
    server: Server
    targets: Sequence[str]
    floor: int  # how many bytes the bare application returns that it is compared with
    headers: tuple[str, ...] = ()
    body: bytes = b""
    connections: int = MOST_CONNECTIONS  # beside one


class Round(NamedTuple):
    rate: float  # requests a second
    p50: float
    p99: float


class Row(NamedTuple):
    """A load as a multiple of the bare application; the medians of its rounds."""

    what: str
    bytes: int
    requests: float  # a second, not as a multiple
    rate: float
    lowest: float
    highest: float
    latencies: tuple[float, ...]  # p50 and p99 for each number of connections


@click.command()
@click.option("--rounds", default=7, show_default=True)
@click.option("--into", type=click.Path(dir_okay=False, path_type=Path), help="A Markdown file.")
def main(rounds: int, into: Path | None) -> None:
    """Measure, and print or write a table."""
    if not shutil.which("wrk") or len(os.sched_getaffinity(0)) < 2:
        raise click.ClickException("This needs wrk (the Debian package wrk) and two cores.")
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        version = build(ROOT / "seeds", folder / "datasets", keep=1)
        dataset = folder / "datasets" / f"{version}.duckdb"
        servers = {
            what: stack.enter_context(
                serving(
                    folder / f"{what}.log",
                    *("taskset", "-c", SERVER_CORE, *command),
                    settings=settings,
                    ready=ready,
                )
            )
            for what, command, settings, ready in _contenders(folder, dataset)
        }
        key = Keys(folder).add("bench")
        loads = list(_loads(servers, _cells(dataset), key))
        rows = _compare(loads, servers["bare"], folder, rounds)
        text = _write(rows, servers)
    click.echo(text)
    if into:
        into.write_text(text)
        into.with_suffix(".svg").write_text(_draw(rows))


def _contenders(
    folder: Path, dataset: Path
) -> Iterator[tuple[str, list[str], dict[str, str], str]]:
    """Name, command, settings, and the address that says when it is ready."""
    granian = [str(BIN / "granian"), "--interface", "asgi", "--working-dir", str(BENCH)]
    yield "bare", [*granian, "--port", "PORT", "bare:app"], {}, "/?1"
    serve = [str(BIN / "paycite"), "serve", "--port", "PORT"]
    data = {"PAYCITE_DATA": str(folder)}
    yield "Paycite", serve, data, "/ready"
    metrics = ["--metrics-port", str(free_port())]
    yield GUARDED_SERVER, [*serve, *metrics], data | GUARDED, "/ready"
    peers = _install_peers()
    rows, database = folder / "estimate.parquet", folder / "data.db"
    _export(dataset, rows, database)
    uvicorn = [str(peers / "uvicorn"), "--app-dir", str(BENCH / "peers"), "--port", "PORT"]
    quiet = ["--log-level", "warning", "--no-access-log"]
    settings = {"DATASET": str(dataset), "PYTHONPATH": ""}
    yield "FastAPI", [*uvicorn, *quiet, "fastapi_duckdb:app"], settings, "/openapi.json"
    datasette = [str(peers / "datasette"), "serve", "--immutable", str(database), "-p", "PORT"]
    yield "Datasette", datasette, {"PYTHONPATH": ""}, "/-/versions.json"
    roapi = [str(peers / "roapi"), "--table", f"estimate={rows}"]
    addresses = ["--addr-http", "127.0.0.1:PORT"]
    addresses += ["--addr-postgres", "127.0.0.1:0", "--addr-flight-sql", "127.0.0.1:0"]
    yield "ROAPI", [*roapi, *addresses], {"RUST_LOG": "error"}, "/health"


def _install_peers() -> Path:
    """The commands of the peers, in an environment that is kept."""
    folder = ROOT / ".venv-peers"
    uv = str(BIN / "uv")
    if not (folder / "done").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        requirements = BENCH / "peers" / "requirements.txt"
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(folder)]
        subprocess.run([*install, "-r", str(requirements)], check=True)
        (folder / "done").touch()
    return folder / "bin"


def _export(dataset: Path, rows: Path, database: Path) -> None:
    """The table of estimates as Parquet, and as SQLite with an index."""
    with duckdb.connect(dataset, read_only=True) as connection:
        connection.execute(
            "copy (from estimate where level is not null order by role, level, metro) "
            f"to '{rows}' (format parquet)"
        )
        found = connection.execute(f"from '{rows}'")
        names = [column[0] for column in found.description or ()]
        with closing(sqlite3.connect(database)) as sqlite:
            columns = ", ".join(f'"{name}"' for name in names)
            sqlite.execute(f"create table estimate ({columns}, primary key (role, level, metro))")
            marks = ", ".join("?" * len(names))
            values = (
                [json.dumps(cell) if isinstance(cell, list) else cell for cell in row]
                for row in found.fetchall()
            )
            sqlite.executemany(f"insert into estimate values ({marks})", values)
            sqlite.commit()


class Cell(NamedTuple):
    role: str
    level: str
    metro: str
    title: str
    place: str

    def query(self, role: str = "", metro: str = "") -> str:
        asked = {"role": role or self.role, "level": self.level, "metro": metro or self.metro}
        return urlencode(asked)


def _cells(dataset: Path) -> list[Cell]:
    """Cells in a random order that is the same each time, with the names of role and place."""
    with duckdb.connect(dataset, read_only=True) as connection:
        found = connection.execute(
            "select estimate.role, level, metro, role.title, geography.name from estimate "
            "join role on role.id = estimate.role join geography on geography.id = metro "
            "where level is not null and geography.kind = 'metro' order by all"
        ).fetchall()
    random.Random(0).shuffle(found)
    return [Cell(*row) for row in found[:CELLS]]


def _loads(servers: dict[str, Server], cells: list[Cell], key: str) -> Iterator[Load]:
    paycite = servers["Paycite"]
    hot = f"/salary?{QUESTION}"

    def load(
        what: str, server: Server, targets: Sequence[str], *headers: str, body: bytes = b""
    ) -> Load:
        """A load with the mean number of bytes of some of its answers."""
        sent = dict(header.split(": ") for header in headers)
        sizes = [
            _length(server.url + target, {"accept-encoding": ""} | sent, body)
            for target in targets[-20:]
        ]
        return Load(what, server, targets, round(sum(sizes) / len(sizes)), headers, body)

    tag = httpx.get(paycite.url + hot).headers["etag"]
    rows = [{"role": cell.role, "level": cell.level, "metro": cell.metro} for cell in cells[:ROWS]]
    by_ids = [cell.query() for cell in cells]
    by_names = [cell.query(cell.title, cell.place) for cell in cells]
    yield load("hot", paycite, [hot])
    yield load(HOT_GUARDED, servers[GUARDED_SERVER], [hot], f"authorization: Bearer {key}")
    yield load("hot, zstd", paycite, [hot], "accept-encoding: zstd")
    yield load("304", paycite, [hot], f"if-none-match: {tag}")
    yield load("cold, by ids", paycite, [f"/salary?{query}" for query in by_ids])
    yield load("cold, free text", paycite, [f"/salary?{query}" for query in by_names])
    offers = range(MOST_OFFERED, MOST_OFFERED - CELLS, -1)
    yield load("new offer, by ids", paycite, [f"{hot}&offer={offer}" for offer in offers])
    named = f"/salary?{urlencode({'role': 'MLOps engineer', 'level': 'mid', 'metro': 'New York'})}"
    yield load("new offer, free text", paycite, [f"{named}&offer={offer}" for offer in offers])
    yield load("cold SVG", paycite, [f"/salary.svg?{query}" for query in by_ids])
    levels = "&".join(f"level={level}" for level in LEVELS)
    compared = [f"/salary/compare?role={one.role}&metro={one.metro}&{levels}" for one in cells]
    yield load("compare 5 levels, cold", paycite, compared)
    batch = msgspec.json.encode({"rows": rows})
    batches = load(f"batch of {ROWS} rows", paycite, ["/salary/batch"], body=batch)
    yield batches._replace(connections=8)  # of more that wait, the server refuses some
    yield load("FastAPI + DuckDB", servers["FastAPI"], [f"/estimate?{query}" for query in by_ids])
    datasette = [f"/data/estimate.json?_shape=array&{query}" for query in by_ids]
    yield load("Datasette", servers["Datasette"], datasette)
    filters = [
        "&".join(
            f"filter[{name}]={quote(repr(value))}"
            for name, value in zip(("role", "level", "metro"), cell[:3], strict=True)
        )
        for cell in cells
    ]
    roapi = [f"/api/tables/estimate?{query}" for query in filters]
    yield load("ROAPI", servers["ROAPI"], [quote(one, safe="/?&=%") for one in roapi])


def _length(url: str, headers: dict[str, str], body: bytes) -> int:
    method = "POST" if body else "GET"
    if body:
        headers |= {"content-type": "application/json"}
    with httpx.stream(method, url, headers=headers, content=body or None, timeout=60) as response:
        if response.status_code not in (200, 304):
            raise RuntimeError(f"{url}: status {response.status_code}")
        return sum(map(len, response.iter_raw()))


def _compare(loads: list[Load], bare: Server, folder: Path, rounds: int) -> list[Row]:
    """Each load beside the bare application, in rounds that begin with the next load in turn."""
    asked = dict.fromkeys((load.what for load in loads), 1)
    ratios: dict[str, list[dict[int, Round]]] = {load.what: [] for load in loads}
    requests: dict[str, list[float]] = {load.what: [] for load in loads}
    for number in range(rounds):
        first = number % len(loads)
        for load in loads[first:] + loads[:first]:
            floor = Load("bare", bare, [f"/?{load.floor}"], load.floor)
            found = {}
            for connections in (1, load.connections):
                mine, count = _ask(load, connections, folder, asked[load.what])
                asked[load.what] += count
                theirs, _ = _ask(floor, connections, folder, 0)
                found[connections] = Round(
                    *(one / other for one, other in zip(mine, theirs, strict=True))
                )
            ratios[load.what].append(found)
            requests[load.what].append(mine.rate)  # with the most connections
    return [_row(load, ratios[load.what], median(requests[load.what])) for load in loads]


def _ask(load: Load, connections: int, folder: Path, first: int) -> tuple[Round, int]:
    """What wrk measures in a second, and how many requests it sent."""
    targets, body = folder / "targets", folder / "body"
    targets.write_text("\n".join(load.targets))
    body.write_bytes(load.body)
    command = ["taskset", "-c", WRK_CORE, "wrk", "-t1", f"-c{connections}", "-d1s", "--timeout=20s"]
    for header in load.headers:
        command += ["-H", header]
    script = ["-s", str(BENCH / "targets.lua"), load.server.url, "--", str(targets), str(first)]
    words = [*command, *script, *([str(body)] if load.body else [])]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    if found["failed"] > found["requests"] / 100:
        raise RuntimeError(f"{load.what}: {found}")
    rate = found["requests"] / found["seconds"]
    return Round(rate, found["p50"], found["p99"]), found["requests"]


def _row(load: Load, rounds: list[dict[int, Round]], requests: float) -> Row:
    most = load.connections
    rates = [one[most].rate for one in rounds]
    latencies = (
        median(getattr(one[connections], name) for one in rounds)
        for connections in (1, most)
        for name in ("p50", "p99")
    )
    ends = min(rates), max(rates)
    return Row(load.what, load.floor, requests, median(rates), *ends, tuple(latencies))


def _write(rows: list[Row], servers: dict[str, Server]) -> str:
    requests = {row.what: row.requests for row in rows}
    best = max(requests[what] for what in ("FastAPI + DuckDB", "Datasette", "ROAPI"))
    hot, cold = requests["hot"], requests["cold, by ids"]
    # Of as many bytes, so that each round has its own bare application to compare with.
    rates = {row.what: row.rate for row in rows}
    guarded = rates[HOT_GUARDED] / rates["hot"]
    batched = requests[f"batch of {ROWS} rows"] * ROWS
    table = "\n".join(map(_line, rows))
    ready = "\n".join(
        f"| {what} | {server.seconds:.2f} | {max(worker_memory(server)) / 1e6:.0f} |"
        for what, server in servers.items()
        if what != GUARDED_SERVER  # its metrics have a process of their own
    )
    return f"""# What serving costs

`python bench/serving.py --into bench/serving.md`, with one worker on one core and wrk on the other.
Requests a second, p50 and p99 are multiples of those of the bare application (`bare.py`) that
returns as many bytes, in the same round; the medians of the rounds. Rates are at
{MOST_CONNECTIONS} connections (batches: 8). Only ratios are claims.

![Requests a second, as a part of a bare application's](serving.svg)

| load | bytes | requests/s | lowest to highest | p50 at 1 | p99 at 1 | p50 at most | p99 at most |
|---|---:|---:|---:|---:|---:|---:|---:|
{table}

In requests a second, a hot question is {hot / best:.1f} times and a cold one by ids
{cold / best:.1f} times the best peer, which returns one row of the table `estimate` without
derivation and citations. Rows of a batch are answered {batched / cold:.2f} times as fast as cold
questions by ids. Guarded, with a key, quotas, metrics and logs of requests, a hot question is
answered {guarded:.2f} times as fast as without.

| server | seconds until ready | MB that a worker shares with no other, afterwards |
|---|---:|---:|
{ready}

- hot: one question, again and again. Cold: never asked before, in random order; by names of role
  and place, or by their ids. New offer: the hot question with an offer that was never asked about.
- FastAPI with pydantic and DuckDB queries the dataset; Datasette has the table in SQLite with a
  primary key, immutable; ROAPI has it in Parquet. `peers/` has their versions.
"""


def _line(row: Row) -> str:
    times = " | ".join(f"{one:.1f}" for one in row.latencies)
    ends = f"{row.lowest:.3f} to {row.highest:.3f}"
    return f"| {row.what} | {row.bytes:,} | {row.rate:.3f} | {ends} | {times} |"


def _draw(rows: list[Row]) -> str:
    """The rates as bars, on a logarithmic scale."""
    values = [{"load": row.what, "rate": round(row.rate, 4)} for row in rows]
    y = {"field": "load", "type": "nominal", "sort": None, "title": None}
    title = "requests a second, of a bare application with as many bytes"
    scale = {"type": "log", "domain": [0.001, 1]}
    bar = {
        "mark": {"type": "point", "filled": True, "size": 80},
        "encoding": {
            "y": y,
            "x": {"field": "rate", "type": "quantitative", "scale": scale, "title": title},
        },
    }
    text = {
        "mark": {"type": "text", "align": "left", "dx": 8},
        "encoding": bar["encoding"] | {"text": {"field": "rate", "format": ".3f"}},
    }
    chart = {"width": 480, "data": {"values": values}, "layer": [bar, text]}
    return str(vl_convert.vegalite_to_svg(chart))


if __name__ == "__main__":
    main()
