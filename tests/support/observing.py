"""Observations for tests, and datasets that pool them."""

import datetime
import hashlib
import random
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import exp
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import msgspec

from paycite.dataset.disclosure_record import Disclosures
from paycite.dataset.engine import InDuckDB, MakeEngine
from paycite.dataset.estimate import estimate
from paycite.dataset.observations import write
from paycite.dataset.pool import pool
from paycite.dataset.rows import insert
from paycite.dataset.store import Store
from paycite.model.figure import Published, Source
from paycite.model.observation import Observation, Observed
from paycite.model.pool import Thresholds
from paycite.model.snapshot import Snapshot

FILLED = ("voice", "estimate", "occupation_part", "cell", "region_share", "source_weight")


def source(id_: str, title: str = "Pay for tests", **more: Any) -> Source:
    return Source(
        id=id_,
        publisher=id_,
        originators=(id_,),
        title=title,
        published=Published(precision="none"),
        citation=title,
        license="none",
        sha256="0" * 64,
        **more,
    )


def observation(number: int, pay: float, **more: object) -> Observation:
    stated: dict[str, object] = {
        "id": str(number),
        "role": "data-scientist",
        "occupation": None,
        "level": "senior",
        "geography": "austin-tx",
        "title": None,
        "place": None,
        "employer": f"employer {number}",
        "low": pay,
        "high": pay,
        "component": "base",
        "kind": "placement",
        "date": datetime.date(2026, 1, 31),
    }
    return msgspec.convert(stated | more, Observation)


def observe(
    folder: Path, source_id: str, observations: Iterable[Observation], **more: Any
) -> Observed:
    """Write observations as an import does, and say what they are."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{source_id}.parquet"
    written = write(observations, file)
    observed = Observed(
        source=source(source_id, **more),
        kind=written.kinds[0],
        component=written.components[0],
        as_of=written.newest,
        middle=written.middle,
        rows=written.rows,
        employers=written.employers,
        note="Made for tests.",
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
    )
    file.with_suffix(".json").write_bytes(msgspec.json.encode(observed))
    return observed


def pool_all(
    connection: duckdb.DuckDBPyConnection,
    observed: Sequence[Observed],
    folder: Path,
    make_engine: MakeEngine = InDuckDB,
) -> Disclosures:
    """Pool observations into an open dataset; what is published of private sources."""
    for one in observed:
        row = msgspec.structs.asdict(one.source)
        insert(connection, "source", [row | {"published": None, "precision": "none"}])
    engine = make_engine(connection)
    return pool(engine, observed, folder, datetime.date.max, Thresholds(), None)


def reprice(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the grid again."""
    for table in FILLED:
        connection.execute(f"delete from {table}")
    estimate(connection)


@contextmanager
def open_pooled(
    dataset: Path, is_priced: bool = False, **sources: Sequence[Observation]
) -> Iterator[Store]:
    """A dataset once it has pooled the observations of each source as well; with `is_priced`, they
    are in the grid too, which takes seconds."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        file = Path(shutil.copy(dataset, folder / "copy.duckdb"))
        file.chmod(0o644)
        observed = [observe(folder, id_, rows) for id_, rows in sources.items()]
        with duckdb.connect(file) as connection:
            pool_all(connection, observed, folder)
            if is_priced:
                reprice(connection)
        yield Store(file)  # open while its snapshot is in use, though the file is gone


def pooled(dataset: Path, is_priced: bool = False, **sources: Sequence[Observation]) -> Snapshot:
    with open_pooled(dataset, is_priced, **sources) as store:
        return store.snapshot


def simulated(
    seed: int,
    roles: Sequence[str],
    levels: Sequence[str],
    metros: Sequence[str],
    employers: int,
    spread: float = 0.25,
) -> tuple[list[Observation], dict[tuple[str, str, str], float]]:
    """Pay of as many employers in each cell, on average, and the true median of each cell."""
    draw = random.Random(seed)
    effects = {
        name: draw.gauss(0, deviation)
        for names, deviation in ((roles, 0.2), (levels, 0.2), (metros, 0.12))
        for name in names
    }
    medians = {
        (role, level, metro): exp(
            11.8 + effects[role] + effects[level] + effects[metro] + draw.gauss(0, 0.06)
        )
        for role in roles
        for level in levels
        for metro in metros
    }
    return list(_drawn(draw, medians, employers, spread)), medians


def _drawn(
    draw: random.Random,
    medians: dict[tuple[str, str, str], float],
    employers: int,
    spread: float,
) -> Iterator[Observation]:
    number = 0
    for (role, level, metro), median in medians.items():
        for _ in range(draw.randint(0, 2 * employers)):
            number += 1
            pay = round(median * exp(draw.gauss(0, spread)), 2)
            yield observation(number, pay, role=role, level=level, geography=metro)
