"""Builds on Apache Spark, with worker processes: `make test-spark`, which needs Java."""

import datetime
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if "PAYCITE_SPARK" not in os.environ:
    pytest.skip("`make test-spark` builds on Apache Spark", allow_module_level=True)

from pyspark.sql import SparkSession

from paycite.dataset.build import build
from paycite.dataset.disclosure_record import Disclosures
from paycite.dataset.engine import InDuckDB, MakeEngine
from paycite.dataset.evidence import measure_factors, pool_pay
from paycite.dataset.published import Datasets
from paycite.dataset.spark import InSpark
from paycite.model.observation import Observation
from servers import family
from support.commands import PAYCITE, environment
from support.object_store import BUCKET, KEYS, object_store, put_object
from support.observing import observation, observe, pool_all, simulated

# Little data, and no name of this machine to look up.
CONFIGURED = {
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
}
CLUSTER = "local-cluster[2,1,1024]"  # two workers, each a process with one core and 1 GB
WAIT = 600
DAY = datetime.date(2026, 6, 1)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_WORKER_DIR", str(tmp_path_factory.mktemp("workers")))
        session = SparkSession.builder.master(CLUSTER).config(map=CONFIGURED).getOrCreate()
        yield session
        session.stop()


@st.composite
def observations(draw: st.DrawFn) -> list[Observation]:
    """Few employers, roles and amounts, so that all are repeated and tie, and much that is unknown;
    one employer has more than ten rows in a cell."""
    spellings = st.sampled_from(
        ["Acme, Inc.", "ACME", "Ácme", "Straße İnc", "ΣΊΣΥΦΟΣ", "n/a", "٣ ½ Ⅷ", "東京 LLC", None]
    )
    employers = st.one_of(spellings, st.integers(0, 60).map(str), st.text(min_size=1, max_size=8))
    pay = st.one_of(
        st.sampled_from([90_000.0, 123_456.78, 1e6]), st.integers(5_000_000, 40_000_000).map(float)
    )
    rows = draw(
        st.lists(
            st.builds(
                lambda number, employer, job, level, place, amount, width: observation(
                    number,
                    amount,
                    high=amount * width,
                    employer=employer,
                    role=job[0],
                    occupation=job[1],
                    level=level,
                    geography=place,
                ),
                st.integers(0, 10**9),
                employers,
                st.sampled_from(
                    [("data-scientist", "15-2051"), ("mlops", None), (None, "15-1252")]
                ),
                st.sampled_from(["mid", "senior", None]),
                st.sampled_from(["us", "austin-tx", "nyc"]),
                pay.map(lambda amount: amount / 100 if amount > 4e6 else amount),
                st.sampled_from([1.0, 1.37]),
            ),
            min_size=1,
            max_size=200,
        )
    )
    seed = draw(st.integers(0, 99))
    more, _ = simulated(seed, ["data-scientist", "mlops"], ["mid", "senior"], ["nyc"], employers=20)
    large = [observation(2 * 10**9 + n, 80_000 + 997.5 * n, employer="Acme") for n in range(23)]
    return rows + more + large


@given(rows=observations())
@settings(max_examples=4)
def test_both_engines_find_the_same_figures(
    session: SparkSession, dataset: Path, rows: list[Observation]
) -> None:
    with TemporaryDirectory() as name:
        observed = observe(Path(name), "firm", rows)
        file = Path(name, "firm.parquet")
        found = pool_pay(dataset, observed, file)
        assert found.factors
        on_spark = partial(InSpark, session)
        assert pool_pay(dataset, observed, file, on_spark) == found
        factors = measure_factors(dataset, file)
        assert factors.levels
        assert measure_factors(dataset, file, on_spark) == factors

        own = observe(Path(name), "own", rows, is_private=True)

        def disclose(make_engine: MakeEngine) -> Disclosures:
            copy = Path(shutil.copy(dataset, Path(name, "copy.duckdb")))
            copy.chmod(0o644)
            with duckdb.connect(copy) as connection:
                return pool_all(connection, [own], Path(name), make_engine)

        disclosed = disclose(InDuckDB)
        assert disclosed["own"].published
        assert disclose(on_spark) == disclosed


def workers_of(process: int) -> list[int]:
    """The processes of the executors that a process started, in any generation."""

    def is_worker(one: int) -> bool:
        try:
            return b"CoarseGrainedExecutorBackend" in Path(f"/proc/{one}/cmdline").read_bytes()
        except OSError:  # it ended
            return False

    return [one for one in family(process) if is_worker(one)]


def figures(data: Path) -> dict[str, list[Any]]:
    datasets = Datasets(data / "datasets")
    file = data / "datasets" / f"{datasets.current.snapshot.version}.duckdb"
    datasets.close()
    with duckdb.connect(file, read_only=True) as connection:
        return {
            table: connection.execute(f"from {table} order by all").fetchall()
            for table in ("dataset", "pool", "pool_factor", "pool_spread", "estimate")
        }


def store_in_parts(folder: Path, stored: Path) -> None:
    """Rows as another program writes them: a folder of several files, elsewhere; of a public and a
    private source."""
    roles, metros = ["data-scientist", "mlops"], ["nyc", "austin-tx", "seattle-wa"]
    rows, _ = simulated(3, roles, ["mid", "senior"], metros, employers=40)
    for source in ("firm", "own"):
        observe(folder, source, rows, is_private=source == "own")
        (stored / f"{source}.parquet").mkdir(parents=True)
        with duckdb.connect() as connection:
            found = connection.read_parquet(str(folder / f"{source}.parquet"))
            for part in range(3):
                some = found.filter(f"hash(id) % 3 = {part}")
                some.write_parquet(str(stored / f"{source}.parquet" / f"part-{part}.parquet"))


def remove_rows(imported: Path) -> None:
    """Only the descriptions of the sources stay."""
    for file in imported.glob("*.parquet"):
        file.unlink()


def spark_build(seeds: Path, data: Path, stored: str) -> tuple[list[str], dict[str, str]]:
    """The command that builds from the stored observations on the cluster, and its environment."""
    lines = [f"{name} {value}\n" for name, value in CONFIGURED.items()]
    (data / "spark-defaults.conf").write_text("".join(lines))
    options = ["--engine", "spark", "--master", CLUSTER, "--observations", stored]
    return [str(PAYCITE), "build", "--as-of", str(DAY), *options], environment(
        data,
        PAYCITE_SEEDS=seeds,
        SPARK_CONF_DIR=data,
        SPARK_WORKER_DIR=data / "workers",
    )


def test_a_build_reads_observations_from_object_storage(few_seeds: Path, tmp_path: Path) -> None:
    stored, imported = tmp_path / "stored", tmp_path / "observations"
    store_in_parts(imported, stored)
    version = build(few_seeds, tmp_path / "datasets", 5, DAY, observations=imported)
    expected = figures(tmp_path)
    build(few_seeds, tmp_path / "datasets", 5, DAY)
    remove_rows(imported)
    place = f"s3://{BUCKET}/pay"
    command, settings = spark_build(few_seeds, tmp_path, place)
    with object_store(tmp_path) as port:
        settings |= KEYS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
        run = partial(subprocess.run, env=settings, capture_output=True, text=True, timeout=WAIT)
        missing = run(command)
        assert missing.returncode == 1
        assert f"{place}/firm.parquet: no object or folder has this name." in missing.stderr
        for file in stored.glob("*/*.parquet"):
            put_object(port, f"pay/{file.parent.name}/{file.name}", file.read_bytes())
        done = run(command)
        assert done.stdout.strip() == version, done.stderr
        assert figures(tmp_path) == expected
        put_object(port, "pay/firm.parquet/part-1.parquet", b"half a file")
        broken = run([*command, "--as-of", "2026-06-02"])
        assert broken.returncode == 1
        assert "part-1.parquet" in broken.stderr and "Traceback" not in broken.stderr
        assert figures(tmp_path) == expected


def test_a_build_outlives_a_worker_that_is_killed(few_seeds: Path, tmp_path: Path) -> None:
    stored, imported = tmp_path / "stored", tmp_path / "observations"
    store_in_parts(imported, stored)
    version = build(few_seeds, tmp_path / "datasets", 5, DAY, observations=imported)
    expected = figures(tmp_path)
    earlier = build(few_seeds, tmp_path / "datasets", 5, DAY)
    assert earlier != version
    remove_rows(imported)
    command, settings = spark_build(few_seeds, tmp_path, f"file://{stored}")
    with subprocess.Popen(
        command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        started = time.monotonic()
        while not (workers := workers_of(process.pid)) and process.poll() is None:
            assert time.monotonic() - started < WAIT
            time.sleep(0.1)
        time.sleep(10)  # until it has work
        os.kill(workers[0], signal.SIGKILL)
        printed, errors = process.communicate(timeout=WAIT)
    if process.returncode:
        assert "Error: pooling failed" in errors
        assert "Traceback" not in errors
        assert figures(tmp_path)["dataset"][0][0] == earlier
    else:
        assert printed.strip() == version
        assert figures(tmp_path) == expected


def test_a_cluster_that_cannot_be_used_changes_nothing(few_seeds: Path, tmp_path: Path) -> None:
    settings = environment(tmp_path, PAYCITE_SEEDS=few_seeds)
    command = [str(PAYCITE), "build", "--engine", "spark"]
    no_java = {name: text for name, text in settings.items() if name != "JAVA_HOME"}
    for options, variables, expected in (
        (["--master", "nonsense"], settings, "Error: Spark failed: "),
        ([], no_java | {"PATH": str(tmp_path)}, "openjdk-17-jre-headless"),
    ):
        done = subprocess.run(
            [*command, *options], env=variables, capture_output=True, text=True, timeout=WAIT
        )
        assert done.returncode == 1
        assert expected in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "datasets" / "current").exists()
