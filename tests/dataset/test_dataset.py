import datetime
import gc
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from weakref import WeakSet

import duckdb
import msgspec
import pytest

from paycite.dataset import POINTER
from paycite.dataset.build import AuditError, build, publish
from paycite.dataset.engine import InDuckDB
from paycite.dataset.pointer import find_pointer, read_pointer
from paycite.dataset.published import Datasets
from paycite.dataset.sql import statement as sql
from paycite.dataset.store import DatasetError, Filters, Store
from paycite.model.snapshot import Snapshot
from paycite.model.voice import GridRow, Voice
from paycite.questions.answer import answer_question
from paycite.questions.parameters import parse_query
from paycite.settings import ROOT
from support.commands import PAYCITE, environment, read_output
from support.observing import observation, observe, simulated
from support.questions import ask
from support.servers import SEEDS, serving, until
from support.small_datasets import write_small

DAY = datetime.date(2026, 6, 1)


def test_the_same_seeds_give_the_same_version_anywhere(
    few_seeds: Path, few_dataset: Path, tmp_path: Path
) -> None:
    elsewhere = Path(shutil.copytree(few_seeds, tmp_path / "seeds"))
    assert build(elsewhere, tmp_path / "datasets", keep=5) == few_dataset.stem
    assert build(elsewhere, tmp_path / "datasets", keep=5, as_of=DAY) != few_dataset.stem


def test_the_seeds_and_the_dataset_stay_small(dataset: Path) -> None:
    assert max(file.stat().st_size for file in SEEDS.rglob("*.*")) < 2 * 2**20
    assert dataset.stat().st_size < 65_000_000


@pytest.fixture(scope="module")
def copy(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the dataset, which no test changes for another."""
    copy = tmp_path_factory.mktemp("copy") / "copy.duckdb"
    yield shutil.copyfile(dataset, copy)
    copy.unlink()


@pytest.fixture
def stranger(copy: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Somebody else's DuckDB client, on a copy of the dataset."""
    with duckdb.connect(copy) as connection:
        connection.begin()
        yield connection
        connection.rollback()


def test_a_stranger_finds_tables_that_explain_themselves(
    stranger: duckdb.DuckDBPyConnection,
) -> None:
    undocumented = stranger.execute(
        "select table_name from duckdb_tables() where comment is null "
        "union select view_name from duckdb_views() where not internal and comment is null "
        "union select table_name || '.' || column_name from duckdb_columns() "
        "where not internal and comment is null"
    ).fetchall()
    band = stranger.execute(
        "select min, max, currency, period, citation, locator, as_published from salary_band "
        "where (role, level, metro) = ('mlops', 'mid', 'nyc')"
    ).fetchall()
    rule = stranger.execute(
        "select metro, min_factor, max_factor, as_published "
        "from uplift_rule join figure on figure.id = figure_id order by metro"
    ).fetchall()
    assert undocumented == []
    ((low, high, *cited),) = band
    assert (low, high) == (161_000, 225_000)
    assert cited[0:2] == ["USD", "year"]
    assert all(cited)
    assert rule == [
        (metro, 1.15, 1.25, "15-25% higher")
        for metro in ("bay-area", "nyc", "san-francisco-ca", "san-jose-ca")
    ]


def test_a_cell_has_the_rows_of_the_tables(
    stranger: duckdb.DuckDBPyConnection, snapshot: Snapshot
) -> None:
    """Of a role in every place: what the service reads is what anyone finds in the tables."""
    for table, found in (("voice", "voices"), ("estimate", "estimates")):
        columns = (Voice if table == "voice" else GridRow).__struct_fields__
        sql = f"select metro, {', '.join(columns)} from {table} where role = 'mlops'"
        stored = [(metro, *row) for metro, *row in stranger.execute(sql).fetchall()]
        read = [
            (metro, *map(as_stored, msgspec.structs.astuple(row)))
            for metro in snapshot.metros
            for row in getattr(snapshot.cell("mlops", metro), found).values()
        ]
        assert sorted(map(repr, read)) == sorted(map(repr, stored))
    parts = stranger.execute("select count(*) from occupation_part").fetchall()
    cells = [snapshot.cell(role, metro) for role in snapshot.roles for metro in snapshot.metros]
    assert parts == [(sum(len(cell.occupations) for cell in cells),)]


def as_stored(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def test_the_view_and_the_service_price_every_band_alike(
    stranger: duckdb.DuckDBPyConnection, snapshot: Snapshot
) -> None:
    bands = stranger.execute("select role, level, metro, min, max from salary_band").fetchall()
    assert len(bands) == 15 * 5 + 2
    for role, level, metro, low, high in bands:
        is_strict = level != "senior"  # whose bands are for higher levels as well
        answer = ask(
            snapshot, role, level, metro, sources=("kore1-ai-jobs-2026",), strict=is_strict
        )
        range_ = answer.estimate.range
        assert (range_.min, range_.max) == (low, high)


@pytest.mark.parametrize(
    "statement",
    [
        "update figure set locator = '' where topic = 'band'",
        "update figure set locator = null where topic = 'growth'",
        "update figure set source_id = 'nobody' where topic = 'growth'",
        "update figure set geography = 'atlantis' where topic = 'growth'",
        "update figure set low = high + 1 where topic = 'placement'",
        "update figure set currency = null where topic = 'placement'",
        "update figure set period = null where topic = 'placement'",
        "update figure set component = null where topic = 'placement'",
        "update figure set unit = '' where topic = 'growth'",
        "update figure set currency = 'USD' where topic = 'growth'",
        "update figure set low = null, high = null where topic = 'layoffs'",
        "update source set sha256 = '4d27'",
        "update uplift_rule set min_factor = 2",
        "update pay_law set statute = ''",
        "update pay_law set effective = null",
        "update pay_law set source_title = ''",
        "update pay_law set source_publisher = null",
        "update pay_law set source_url = 'nowhere'",
        "update pay_law set excerpt = ''",
        "update pay_law set checked_on = null",
        "update pay_law set requires = []",
        "update pay_law set requires = ['perks']",
        "update pay_law set metro = 'atlantis'",
        "update metro_point set latitude = 91",
        "update metro_point set longitude = null",
    ],
)
def test_the_database_refuses_a_number_without_its_citation(
    stranger: duckdb.DuckDBPyConnection, statement: str
) -> None:
    with pytest.raises(duckdb.ConstraintException):
        stranger.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "update figure set low = low + 1, high = high + 1 where id = $id",
        "delete from figure where id = $id",
        "update figure set id = id || 'x' where id = $id",
    ],
)
def test_a_percentile_that_is_not_its_figure_is_found(
    stranger: duckdb.DuckDBPyConnection, snapshot: Snapshot, change: str
) -> None:
    audit = sql("audits/distribution_without_its_figures")
    assert stranger.execute(audit).fetchall() == []
    for distribution in (
        snapshot.official("15-2051", "austin-tx")[0],
        snapshot.distributions("data-scientist")[0],
    ):
        figure = distribution.figure("p75")
        assert figure is not None
        stranger.execute(change, {"id": figure.id})
        assert (distribution.id, figure.id) in stranger.execute(audit).fetchall()


def seeds_with(original: Path, tmp_path: Path, file: str, old: str, new: str) -> Path:
    seeds = Path(shutil.copytree(original, tmp_path / "seeds"))
    text = (seeds / file).read_text()
    assert old in text
    (seeds / file).write_text(text.replace(old, new))
    return seeds


KORE1 = "figures/kore1/ai-jobs-2026.csv"
METHOD = "figures/paycite/method.csv"


EXTRA = f"""[extra]
publisher = "x"
originators = ["x"]
title = "x"
published = {{ precision = "none" }}
citation = "x"
license = "x"
sha256 = "{"0" * 64}"

"""
SENIOR = "170000,220000,exact,usd,USD,year,base,2026,,,$170K-$220K"
FALLEN = "50000,60000,exact,usd,USD,year,base,2026,,,$50K-$60K"
OFFERS = '150000,220000,exact,usd,USD,year,base,2026,,,"between $150,000 and $220,000"'
THOUSANDS = "150,220,exact,usd,USD,year,base,2026,,,between $150 and $220"


@pytest.mark.parametrize(
    ("audit", "file", "old", "new"),
    [
        ("source_without_figures", "sources.toml", "[upwork-2023", f"{EXTRA}[upwork-2023"),
        ("level_below_its_band", KORE1, SENIOR, FALLEN),
        ("pay_out_of_bounds", KORE1, OFFERS, THOUSANDS),
        ("band_stated_twice", KORE1, "mlops,entry,,us,100000", "mlops,mid,,us,100000"),
        ("estimator_without_its_constants", METHOD, "order-of-levels,", "order-of-none,"),
    ],
)
def test_an_audit_stops_a_build_and_the_earlier_dataset_stays(
    few_seeds: Path, tmp_path: Path, audit: str, file: str, old: str, new: str
) -> None:
    datasets = tmp_path / "datasets"
    earlier = build(few_seeds, datasets, keep=5)
    seeds = seeds_with(few_seeds, tmp_path, file, old, new)
    with pytest.raises(AuditError, match=audit):
        build(seeds, datasets, keep=5)
    assert Datasets(datasets).kept() == [earlier]
    assert [entry.name for entry in datasets.glob("building-*")] == []


def test_an_audit_of_many_rows_names_the_first_and_counts_the_rest(
    few_seeds: Path, tmp_path: Path
) -> None:
    many = "".join(EXTRA.replace("extra", f"extra-{number}") for number in range(25))
    seeds = seeds_with(few_seeds, tmp_path, "sources.toml", "[upwork-2023", f"{many}[upwork-2023")
    with pytest.raises(AuditError, match="source_without_figures") as stopped:
        build(seeds, tmp_path / "datasets", keep=5)
    promise, *named, rest = str(stopped.value).splitlines()
    assert (promise.count(":"), len(named), rest) == (1, 20, "and 5 more")


def test_the_newest_datasets_are_kept_and_a_rebuilt_one_is_new_again(
    few_seeds: Path, tmp_path: Path
) -> None:
    days = [DAY + datetime.timedelta(days=n) for n in range(4)]
    versions = [build(few_seeds, tmp_path, keep=3, as_of=day) for day in days]
    assert sorted(Datasets(tmp_path).kept()) == versions[1:]
    build(few_seeds, tmp_path, keep=3, as_of=days[1])
    build(few_seeds, tmp_path, keep=2, as_of=days[3])
    assert sorted(Datasets(tmp_path).kept()) == [versions[1], versions[3]]
    pointer = read_pointer(tmp_path)
    assert pointer and (pointer.version, pointer.generation) == (versions[3], 6)


def killed_at(
    call: int, seeds: Path, folder: Path, observations: Path
) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        ROOT / "tests" / "support" / "killed_build.py",
        seeds,
        folder,
        DAY,
        call,
        observations,
    ]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def test_a_build_killed_at_any_point_leaves_the_earlier_dataset_in_service(
    few_seeds: Path, tmp_path: Path
) -> None:
    rows = tmp_path / "observations"
    observe(rows, "firm", simulated(1, ["mlops"], ["mid"], ["nyc", "austin-tx"], 10)[0])
    observed = {file.name: file.read_bytes() for file in rows.iterdir()}
    finished = killed_at(0, few_seeds, tmp_path / "finished", rows)
    calls = int(finished.stdout)
    datasets = tmp_path / "datasets"
    earlier = build(few_seeds, datasets, keep=5)
    for call in range(1, calls + 1, max(1, calls // 9)):
        assert killed_at(call, few_seeds, datasets, rows).returncode < 0
        opened = Datasets(datasets)
        assert opened.current.snapshot.version in (
            earlier,
            Datasets(tmp_path / "finished").kept()[0],
        )
        for version in opened.kept():  # whatever has a dataset's name is one
            assert Store(datasets / f"{version}.duckdb").snapshot.version == version
        (datasets / POINTER).write_text(earlier)
        for file in datasets.glob(f"{DAY}*"):
            file.unlink()
    # The next build clears away what the killed ones left.
    assert killed_at(0, few_seeds, datasets, rows).returncode == 0
    assert list(datasets.glob("building-*")) == []
    assert {name: (rows / name).read_bytes() for name in observed} == observed


def test_a_build_killed_at_any_moment_leaves_nothing_half_written(
    few_seeds: Path, tmp_path: Path
) -> None:
    datasets = tmp_path / "datasets"
    earlier = build(few_seeds, datasets, keep=5)
    command = ("build", "--as-of", str(DAY))
    started = time.monotonic()
    read_output(tmp_path, *command, PAYCITE_SEEDS=few_seeds)
    whole = time.monotonic() - started
    settings = environment(tmp_path, PAYCITE_SEEDS=few_seeds)
    for tenth in range(1, 10, 2):
        with subprocess.Popen((PAYCITE, *command), env=settings) as process:
            time.sleep(whole * tenth / 10)
            process.kill()
        opened = Datasets(datasets)
        assert opened.current.snapshot.version in opened.kept()
        assert all(opened.pinned(version) for version in opened.kept())
        opened.close()
    build(few_seeds, datasets, keep=5, as_of=DAY)
    assert earlier in Datasets(datasets).kept()
    assert list(datasets.glob("building-*")) == []


def test_a_damaged_dataset_is_built_again(few_seeds: Path, tmp_path: Path) -> None:
    version = build(few_seeds, tmp_path, keep=5)
    file = tmp_path / f"{version}.duckdb"
    sound = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(sound[:5_000])
    assert build(few_seeds, tmp_path, keep=5) == version
    assert Store(file).snapshot.version == version


def test_the_current_dataset_is_kept_whatever_the_clock_says(
    few_seeds: Path, tmp_path: Path
) -> None:
    earlier = build(few_seeds, tmp_path, keep=1)
    os.utime(tmp_path / f"{earlier}.duckdb", (4e9, 4e9))
    current = build(few_seeds, tmp_path, keep=1, as_of=DAY)
    assert Datasets(tmp_path).kept() == [current]


def test_builds_at_the_same_time_do_not_disturb_each_other(few_seeds: Path, tmp_path: Path) -> None:
    days = [DAY + datetime.timedelta(days=n) for n in range(2)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda day: build(few_seeds, tmp_path, 5, day), days * 2))
    opened = Datasets(tmp_path)
    assert len(opened.kept()) == 2
    assert all(opened.pinned(version) for version in opened.kept())


def test_an_open_dataset_is_locked_down(store: Store) -> None:
    for intrusion in (
        "create table intruder (id int)",
        "copy figure to 'stolen.csv'",
        "select * from read_text('/etc/hostname')",
        "set enable_external_access = true",
        "install httpfs",
    ):
        with pytest.raises(duckdb.Error):
            store._connection.cursor().execute(intrusion)


def test_threads_are_not_handed_each_others_rows(store: Store, snapshot: Snapshot) -> None:
    def read(role: str | None) -> list[list[str | None]]:
        asked = Filters(role=role, topic="band")
        return [[one.role for one in store.figures(asked, None, 1_000)] for _ in range(20)]

    priced = [*{figure.role for figure in snapshot.figures.values() if figure.topic == "band"}]
    with ThreadPoolExecutor(len(priced)) as threads:
        found = dict(zip(priced, threads.map(read, priced), strict=True))
    assert found == {role: [[role] * 3] * 20 for role in priced}


def test_a_dataset_that_cannot_be_served_is_refused_with_the_reason(
    dataset: Path, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match="run `paycite build`"):
        Datasets(tmp_path)
    copy = Path(shutil.copyfile(dataset, tmp_path / "copy.duckdb"))
    with duckdb.connect(copy) as connection:
        connection.execute("update dataset set schema_version = 0")
    with pytest.raises(DatasetError, match="schema version 0"):
        Store(copy)
    copy.write_bytes(copy.read_bytes()[:5_000])
    with pytest.raises(DatasetError, match="cannot be read"):
        Store(copy)


def test_a_flipped_bit_is_found_or_changes_nothing(few_seeds: Path, tmp_path: Path) -> None:
    version = build(few_seeds, tmp_path, keep=1)
    whole, expected = file_of_version(tmp_path, version).read_bytes(), contents(tmp_path, version)
    found = 0
    for part in range(1, 40, 2):
        at = len(whole) * part // 40
        damaged = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        file_of_version(tmp_path, "damaged").write_bytes(damaged)
        try:
            with closing(Store(file_of_version(tmp_path, "damaged"))) as store:
                store.check()
            assert contents(tmp_path, "damaged") == expected
        except DatasetError:
            found += 1
    assert found > 0


def test_a_dataset_that_is_damaged_in_service_is_served_again_once_it_is_built(
    few_seeds: Path, few_dataset: Path, tmp_path: Path
) -> None:
    shutil.copytree(few_dataset.parent, tmp_path, dirs_exist_ok=True)
    served, also_open = Datasets(tmp_path), Datasets(tmp_path)
    version = served.current.version
    file = file_of_version(tmp_path, version)
    whole = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(whole[: len(whole) // 2])
    for view in (served, also_open):
        with pytest.raises(DatasetError):
            view.refresh()
        assert view.trouble

    assert build(few_seeds, tmp_path, keep=5) == version
    for view in (served, also_open, served):
        with suppress(DatasetError):  # while the other has the damaged file open
            view.refresh()
    for view in (served, also_open):
        assert view.trouble is None
        view.current.check()


def file_of_version(folder: Path, version: str) -> Path:
    return folder / f"{version}.duckdb"


def contents(folder: Path, version: str) -> dict[str, object]:
    """A checksum of each table."""
    with duckdb.connect(file_of_version(folder, version), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
        return {
            name: connection.execute(f'select bit_xor(hash(r)) from "{name}" r').fetchone()
            for (name,) in tables
        }


def test_a_running_service_swaps_to_a_new_dataset_and_answers_from_pinned_ones(
    few_seeds: Path, tmp_path: Path
) -> None:
    old = build(few_seeds, tmp_path / "datasets", keep=2)
    address = "/salary?role=mlops&level=mid&metro=nyc"
    with serving(tmp_path) as client:
        before = client.get(address)
        new = build(few_seeds, tmp_path / "datasets", keep=2, as_of=DAY)
        patience = time.monotonic() + 30
        while client.get("/ready").json()["dataset"] == old:
            assert time.monotonic() < patience
            assert client.get(address).status_code == 200
        after, pinned = client.get(address), client.get(f"{address}&dataset={old}")
        assert after.headers["x-dataset-version"] == new
        assert pinned.headers["x-dataset-version"] == old
        assert after.json()["dataset"] == {"version": new}
        assert pinned.json()["chains"] == before.json()["chains"]
        refused = client.get("/salary", params={"role": "narnia", "dataset": old})
        assert (refused.status_code, refused.headers["x-dataset-version"]) == (404, old)
        assert "max-age=31536000" in pinned.headers["cache-control"]
        listed = client.get("/datasets").json()["items"]
        assert listed == [
            {"version": new, "is_current": True, "is_public": True},
            {"version": old, "is_current": False, "is_public": True},
        ]
        # Every citation of a pinned answer resolves in its dataset.
        figure = pinned.json()["chains"][0]["steps"][0]["figure_id"]
        for path in (f"/figures/{figure}", "/sources", "/figures"):
            listed = client.get(path, params={"dataset": old})
            assert (listed.status_code, listed.headers["x-dataset-version"]) == (200, old)
        # A dataset that cannot be read is not swapped to, nor answered from, and the next is.
        broken = tmp_path / "datasets" / "broken.duckdb"
        with duckdb.connect(broken) as connection:
            connection.execute("create table dataset as select 'broken' as version")
        (tmp_path / "datasets" / POINTER).write_text("broken")
        problem = "The newly published dataset cannot be served; the log says why."
        until(lambda: client.get("/ready").json()["published_problem"] == problem)
        assert client.get("/ready").json()["dataset"] == new
        assert client.get(f"{address}&dataset=broken").status_code == 404
        (tmp_path / "datasets" / POINTER).write_text(old)
        fixed = {"status": "ready", "dataset": old, "published_problem": None}
        until(lambda: client.get("/ready").json() == fixed)


def test_no_answer_keeps_a_dataset_open_that_others_have_replaced(
    dataset: Path, tmp_path: Path
) -> None:
    """Of any number that are asked about in turn, the last few stay in memory."""
    versions = [f"2026-06-0{number}-a" for number in range(1, 7)]
    for version in versions:
        write_small(tmp_path / f"{version}.duckdb", dataset, version)
    publish(tmp_path, versions[0], versions[0])
    opened: WeakSet[Store] = WeakSet()
    with closing(Datasets(tmp_path, opened.add)) as datasets:
        for version in versions * 2:
            query = b"role=mlops&metro=nyc&offer=150000&age=true"
            answer_question(datasets.open(version), parse_query(query))
        gc.collect()
        assert len(opened) == 4  # the current one, and three
        assert datasets.find_open(versions[-1]) in opened
        assert datasets.find_open(versions[1]) is None


def test_no_number_gets_the_citation_of_another_import_during_the_build(
    few_seeds: Path, tmp_path: Path
) -> None:
    folder, datasets = tmp_path / "observations", tmp_path / "datasets"
    rows = [observation(number, 100_000 + 997 * number) for number in range(20)]
    observe(folder, "ours", rows)
    before = build(few_seeds, datasets, 5, observations=folder)

    class DuringTheBuild(InDuckDB):
        def read(self, file: str) -> None:
            observe(folder, "ours", rows[1:])
            super().read(file)

    observe(folder, "ours", rows[:-1])
    with pytest.raises(AuditError, match="ours was imported again or removed during the build"):
        build(few_seeds, datasets, 5, observations=folder, engine=DuringTheBuild)
    assert find_pointer(datasets).version == before
