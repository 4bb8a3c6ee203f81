import datetime
import random
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import exp
from pathlib import Path
from statistics import fmean, median
from typing import Any

import duckdb
import msgspec
import pytest

from paycite.backtest import FEWEST, METHODS, Result, Split, run_backtest
from paycite.backtest.interval import bootstrap_intervals
from paycite.backtest.published import find_claims
from paycite.backtest.report import write_report
from paycite.dataset.backtest import AS_ANSWERED, POOLING, Backtest, NotTestable
from paycite.model.distribution import PERCENTILES, PROBABILITIES
from paycite.model.observation import Observation, Observed
from paycite.model.pool import FEWEST_FOR_SPREAD
from paycite.model.score import Scores
from paycite.model.snapshot import Snapshot
from support.commands import paycite, read_error, read_output
from support.folders import shared_file
from support.observing import observation, observe, pooled, simulated
from support.questions import ask

ROLES = ("data-scientist", "data-engineer", "mlops")
LEVELS = ("mid", "senior")
METROS = ("austin-tx", "nyc", "san-francisco-ca", "chicago-il", "denver-co", "boise-city-id")


@pytest.fixture(scope="module")
def dataset(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, because another connection of this process has the dataset open."""
    return Path(shutil.copy(dataset, tmp_path_factory.mktemp("copy")))


@pytest.fixture(scope="module")
def rows(snapshot: Snapshot) -> list[Observation]:
    """Pay in three rows per employer, some without a level or a place."""
    metros = [id_ for id_, metro in snapshot.metros.items() if metro.kind == "metro"][::8]
    found, _ = simulated(3, ROLES, LEVELS, metros, employers=12)
    draw = random.Random(3)
    return [
        msgspec.structs.replace(
            one,
            employer=f"{draw.choice('Ee')}mployer {draw.randrange(len(found) // 3)}",
            level=draw.choice([one.level, one.level, None]),
            geography=draw.choice([one.geography] * 9 + ["us"]),
        )
        for one in found
    ]


def run(
    dataset: Path, snapshot: Snapshot, folder: Path, rows: Sequence[Observation], split: Split
) -> Result:
    about = observe(folder, "firm", rows)
    return run_backtest(about, folder / "firm.parquet", split, dataset, snapshot)


@pytest.fixture(scope="module")
def result(
    dataset: Path,
    snapshot: Snapshot,
    rows: list[Observation],
    tmp_path_factory: pytest.TempPathFactory,
) -> Result:
    return run(dataset, snapshot, tmp_path_factory.mktemp("observed"), rows, Split(folds=5))


# What is measured.


def test_pooling_predicts_better_than_counting_and_holds_what_it_says(result: Result) -> None:
    """Simulated pay with known effects of role, level and metro."""
    pooling, counted = (result.tested[method].overall for method in (POOLING, "cell of 5"))
    for method in ("nation", "cell of 5", "cell of 30"):
        assert pooling.pinball < 0.99 * result.tested[method].overall.pinball
    assert pooling.median_absolute_error < counted.median_absolute_error
    assert pooling.coverage_p25_p75 == pytest.approx(0.5, abs=0.03)
    assert pooling.coverage_p10_p90 == pytest.approx(0.8, abs=0.03)
    assert abs(pooling.bias) < 0.02
    low, high = result.tested[POOLING].interval or (0, 0)
    assert low < (result.ratio(pooling) or 0) < high < 1.02


@pytest.fixture
def trial(dataset: Path, rows: list[Observation], tmp_path: Path) -> Iterator[Backtest]:
    observe(tmp_path, "firm", rows)
    with duckdb.connect(dataset, read_only=True) as connection:
        yield Backtest(connection, tmp_path)


def all_rows(trial: Backtest, query: str) -> list[tuple[Any, ...]]:
    return trial._connection.execute(query).fetchall()


def test_no_employer_is_predicted_by_itself(
    trial: Backtest, rows: list[Observation], tmp_path: Path
) -> None:
    parts = trial.divide_by_employer(tmp_path / "firm.parquet", 5)
    assert sum(part.n for part in parts) == len(rows)
    employers = {str(one.employer).lower() for one in rows}
    assert sum(part.units for part in parts) == len(employers)
    for part in parts:
        trial.predict(part.part or 0)
        both = "select unit from observed intersect select unit from divided where part = {}"
        assert not all_rows(trial, both.format(part.part))
        ((known,),) = all_rows(trial, "select count(*) from observed")
        assert known == len(rows) - part.n
    # The held-out parts do not depend on the folds of the fit, which has all five in each part.
    assert len(all_rows(trial, "select distinct part, fold from divided")) == 25


def test_errors_match_a_computation_by_hand(trial: Backtest, tmp_path: Path) -> None:
    for part in trial.divide_by_employer(tmp_path / "firm.parquet", 2):
        trial.predict(part.part or 0)
    columns = ", ".join(PERCENTILES)
    predicted = f"""
        select unit, divided.role, log_pay, {columns} from divided
        join predicted using (part, role, level, geography) where method = '{POOLING}'
    """
    losses: defaultdict[int, float] = defaultdict(float)
    every: defaultdict[str | None, list[tuple[float, float, list[float]]]] = defaultdict(list)
    for unit, role, log_pay, *quantiles in all_rows(trial, predicted):
        missed = [
            max(p * (log_pay - q), (p - 1) * (log_pay - q))
            for q, p in zip(quantiles, PROBABILITIES.values(), strict=True)
        ]
        losses[unit] += fmean(missed)
        for key in (None, role):
            every[key].append((fmean(missed), log_pay, quantiles))
    groups, of_employers = trial.measure(POOLING, most=10**6)
    assert sorted(of_employers) == pytest.approx(sorted(losses.values()))
    for group in groups:
        if group.level or group.geography:
            continue
        found = every[group.role]
        apart = [exp(quantiles[2] - log_pay) - 1 for _, log_pay, quantiles in found]
        assert msgspec.structs.astuple(group)[3:] == pytest.approx(
            (
                len(found),
                group.employers,
                fmean(loss for loss, _, _ in found),
                median(map(abs, apart)),
                median(apart),
                fmean(q[1] <= log_pay <= q[3] for _, log_pay, q in found),
                fmean(q[0] <= log_pay <= q[4] for _, log_pay, q in found),
            )
        )


def test_predictions_match_the_answers_of_the_api_from_the_other_observations(
    trial: Backtest, dataset: Path, rows: list[Observation], tmp_path: Path
) -> None:
    trial.divide_by_employer(tmp_path / "firm.parquet", 5)
    trial.predict(0)
    query = f"""
        select role, level, geography, [{", ".join(PERCENTILES)}] from predicted
        where part = 0 and method = '{AS_ANSWERED}'
    """
    predicted = {tuple(key): quantiles for *key, quantiles in all_rows(trial, query)}
    left_out = "select md5_number_lower(lower($1)) in (select unit from divided where part = 0)"
    is_left_out = {
        one.employer: trial._connection.execute(left_out, [one.employer]).fetchall()[0][0]
        for one in rows
    }
    answering = pooled(dataset, firm=[one for one in rows if not is_left_out[one.employer]])
    compared = set()
    for (role, level, metro), quantiles in predicted.items():
        stated = None if level == "unstated" else level
        answer = ask(answering, role, stated, metro, sources=("firm",))
        (chain,) = answer.chains
        # Of parts of fewer employers less is answered.
        if chain.employers and chain.employers >= FEWEST_FOR_SPREAD and not answer.fallbacks:
            assert answer.estimate.percentiles
            found = [getattr(answer.estimate.percentiles, name) for name in PERCENTILES]
            assert found == pytest.approx([exp(q) for q in quantiles], rel=5e-4)
            compared.add((stated is None, metro == "us"))
    assert len(compared) == 4


def test_the_order_of_rows_and_the_case_of_employers_change_nothing(
    dataset: Path, snapshot: Snapshot, rows: list[Observation], tmp_path: Path
) -> None:
    few = rows[:600]
    about = observe(tmp_path, "firm", few)
    told = write_report(
        run_backtest(about, tmp_path / "firm.parquet", Split(folds=3), dataset, snapshot)
    )
    shuffled = tmp_path / "shuffled.parquet"
    columns = "* replace (upper(employer) as employer)"
    duckdb.execute(
        f"""copy (select {columns} from '{tmp_path / "firm.parquet"}' order by md5(id))
        to '{shuffled}' (format parquet)"""
    )
    again = write_report(run_backtest(about, shuffled, Split(folds=3), dataset, snapshot))
    assert again == told


def test_by_a_day_what_was_before_predicts_what_came_later(
    dataset: Path, snapshot: Snapshot, rows: list[Observation], tmp_path: Path
) -> None:
    """Pay that doubles on a day is predicted at half from earlier pay."""
    day = datetime.date(2026, 1, 15)
    turned = []
    for place, one in enumerate(rows[:900]):
        date = (day - datetime.timedelta(1), day, None)[place % 3]
        factor = 2 if date == day else 1
        turned.append(
            msgspec.structs.replace(one, date=date, low=one.low * factor, high=one.high * factor)
        )
    found = run(dataset, snapshot, tmp_path, turned, Split(since=day))
    assert found.tested[POOLING].overall.n == 300
    assert found.tested[POOLING].overall.bias == pytest.approx(-0.5, abs=0.02)
    assert "on 2026-01-15 or later,\npredicted from 300 earlier ones; 300 without" in write_report(
        found
    )
    for too in (datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)):
        with pytest.raises(NotTestable, match="fewer than 30 employers to predict"):
            run(dataset, snapshot, tmp_path, turned, Split(since=too))


def test_the_interval_of_a_ratio_holds_it_and_nothing_lies_between_a_method_and_itself() -> None:
    draw = random.Random(1)
    benchmark = [draw.expovariate(1) for _ in range(500)]
    other = [loss * draw.gauss(1.1, 0.1) for loss in benchmark]
    found = bootstrap_intervals({"other": other, "benchmark": benchmark}, "benchmark")
    assert found["benchmark"] == (1, 1)
    low, high = found["other"]
    assert low < sum(other) / sum(benchmark) < high
    # The paired standard error, about 0.1 / sqrt(500) times what unequal losses add.
    assert high - low == pytest.approx(4 * 0.1 * (2 / 500) ** 0.5, rel=0.25)


# Other sources.


def test_what_a_source_says_of_the_role_and_level_is_held_against_what_was_observed(
    dataset: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    """KORE1 has mlops, mid at 140,000 to 180,000, in New York by its rule at 161,000 to 225,000."""
    stated = {
        "us": [139_999, 140_000, 160_000, 180_000, 180_001],
        "nyc": [100_000, 161_000, 200_000, 225_000, 300_000],
        "austin-tx": [150_000, 200_000],
    }
    mid = [
        observation(1_000 * place + 10 * at + time, pay, role="mlops", level="mid", geography=metro)
        for place, (metro, pays) in enumerate(stated.items())
        for at, pay in enumerate(pays)
        for time in range(10)
    ]
    # No source has figures for these levels, or for an occupation without a role.
    others = [
        observation(9_000, 150_000, role="mlops", level="staff"),
        observation(9_001, 150_000, role=None, occupation="15-1299"),
    ]
    result = run(dataset, snapshot, tmp_path, [*mid, *others], Split(folds=2))
    errors = {one.geography: one for one in result.range_errors["kore1-ai-jobs-2026"]}
    found = {metro: (one.n, one.n_local, one.coverage) for metro, one in errors.items()}
    assert found == {
        None: (120, 100, pytest.approx(70 / 120)),
        "us": (50, 50, 0.6),
        "nyc": (50, 50, 0.6),
        "austin-tx": (20, 0, 0.5),
    }
    assert errors["us"].bias == pytest.approx(0, abs=1e-9)
    assert errors["nyc"].bias == pytest.approx(193_000 / 200_000 - 1)
    assert errors["austin-tx"].median_absolute_error == pytest.approx(
        (160 / 150 - 1 + 1 - 160 / 200) / 2
    )
    told = write_report(result)
    assert "### kore1-ai-jobs-2026" in told
    assert "and 1 with fewer, 20 observations." in told


def test_a_source_is_not_tested_on_itself_nor_base_pay_on_another_pay_element(
    dataset: Path, snapshot: Snapshot, rows: list[Observation], tmp_path: Path
) -> None:
    about = observe(tmp_path, "aijobs-2025-08", rows[:100])
    with duckdb.connect(dataset, read_only=True) as connection:
        trial = Backtest(connection, tmp_path)
        trial.divide_by_employer(tmp_path / "aijobs-2025-08.parquet", 2)
        cells = trial.cells()
    claimed = {claim.source_id for claim in find_claims(cells, about, snapshot)}
    assert "bls-oews-2025-05" in claimed
    assert "aijobs-2025-08" not in claimed
    of_all_pay = msgspec.structs.replace(about, component="total_comp")
    assert not list(find_claims(cells, of_all_pay, snapshot))
    # Figures for "senior and above" are tested on senior pay, not on that of higher levels.
    priced = {
        level: [
            claim.source_id
            for claim in find_claims(
                [msgspec.structs.replace(cells[0], role="mlops", level=level)], about, snapshot
            )
        ]
        for level in ("senior", "staff")
    }
    assert "kore1-ai-jobs-2026" in priced["senior"]
    assert "kore1-ai-jobs-2026" not in priced["staff"]


# The command.


@pytest.fixture(scope="module")
def own(data: Path, rows: list[Observation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with observations, to be tested by the command."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(data / "datasets", folder / "datasets")
    observe(folder / "observations", "firm", rows[:600])
    observe(folder / "observations", "few", rows[:32])
    return folder


def test_the_command_tells_draws_and_keeps_the_same_each_time(own: Path, tmp_path: Path) -> None:
    runs = []
    for name in ("one.svg", "other.svg"):
        printed = read_output(own, "backtest", "firm", "--folds", 3, "--picture", tmp_path / name)
        scores = (own / "observations" / "firm.scores.json").read_bytes()
        runs.append((printed, (tmp_path / name).read_bytes(), scores))
    assert runs[0] == runs[1]
    told, picture, kept = runs[0]
    for method in METHODS:
        assert f"\n| {method} " in told
        assert f"{method}: pinball loss ".encode() in picture
    overall, *others = msgspec.json.decode(kept, type=Scores).scores
    assert (overall.source_id, overall.method, overall.geography) == ("firm", "pooling", None)
    assert (overall.n, overall.folds) == (600, 3)
    assert f" {overall.pinball_ratio:.4f} " in told
    assert f" {overall.median_absolute_error:.1%} " in told
    published = {one.source_id for one in others if one.method == "published"}
    assert "bls-oews-2025-05" in published
    assert all(one.tested_on == "firm" and one.n >= FEWEST for one in others)


def test_scores_are_of_the_numbers_that_were_tested_and_not_of_a_test_by_a_day(own: Path) -> None:
    file = own / "observations" / "firm.scores.json"
    file.write_text("earlier")
    assert paycite(own, "backtest", "firm", "--since", "2026-01-31").returncode == 1
    assert file.read_text() == "earlier"
    read_output(own, "backtest", "firm", "--folds", 2)
    about = msgspec.json.decode((own / "observations" / "firm.json").read_bytes())
    scores = msgspec.json.decode(file.read_bytes(), type=Scores)
    assert scores.sha256 == about["sha256"]


def test_private_rows_that_are_too_recent_to_be_used_do_not_change_scores(
    own: Path, rows: list[Observation]
) -> None:
    recent = [
        msgspec.structs.replace(one, id=f"recent {one.id}", date=datetime.date(2026, 5, 1))
        for one in rows[300:350]
    ]
    scores = []
    for some in (rows[:300], [*rows[:300], *recent]):
        observe(own / "observations", "private", some, is_private=True)
        read_output(own, "backtest", "private", "--folds", 2)
        file = own / "observations" / "private.scores.json"
        scores.append(msgspec.json.decode(file.read_bytes(), type=Scores).scores)
    assert scores[0] == scores[1]


def test_without_lightgbm_the_report_says_so_and_keeps_the_rest(own: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    done = paycite(own, "backtest", "firm", "--folds", 2, "--picture", picture, without="lightgbm")
    assert done.returncode == 0, done.stderr
    assert "| LightGBM             | not measured: lightgbm is not installed |" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    kept = (own / "observations" / "firm.scores.json").read_bytes()
    assert {one.pinball_ratio for one in msgspec.json.decode(kept, type=Scores).scores} == {None}


REFUSED: dict[str, tuple[list[object], str]] = {
    "an unknown source": (["frim"], "no observations of 'frim' (did you mean firm?)"),
    "both splits": (["firm", "--folds", 2, "--since", "2026-01-01"], "Give one of them"),
    "another kind of picture": (["firm", "--picture", "a.pdf"], "must end with .svg or .png"),
    "a picture nowhere": (["firm", "--picture", "nowhere/a.png"], "nowhere is not a directory"),
    "too few": (["few"], "fewer than 30 employers to predict them from: 24 ("),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_command_refuses(name: str, own: Path) -> None:
    arguments, reason = REFUSED[name]
    assert reason in read_error(own, "backtest", *arguments, statuses=(1, 2))


def test_observations_that_were_changed_are_not_tested(own: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(own, tmp_path / "own"))
    (folder / "observations" / "firm.parquet").write_bytes(b"PAR1")
    changed = "firm.parquet:1: was changed since the import; import it again"
    assert changed in read_error(folder, "backtest", "firm")


# Real advertisements.


def test_on_real_advertisements_the_pooling_is_as_good_as_lightgbm(
    dataset: Path, snapshot: Snapshot, data: Path, tmp_path: Path
) -> None:
    file = shared_file("data_jobs_2023_us.parquet")
    shutil.copytree(data / "datasets", tmp_path / "datasets")
    columns = ("job_title=title", "location=place", "annual_usd=amount", "posted=date")
    options = [word for column in columns for word in ("--column", column)]
    cited = ["--source", "ads", "--publisher", "data_jobs", "--title", "2023", "--kind"]
    read_output(tmp_path, "import", "observations", file, *cited, "advertised", *options)
    about = msgspec.json.decode(
        (tmp_path / "observations" / "ads.json").read_bytes(), type=Observed
    )
    numbers = tmp_path / "observations" / "ads.parquet"
    found = run_backtest(about, numbers, Split(folds=5), dataset, snapshot)
    pooling, counted = (found.tested[method].overall for method in (POOLING, "cell of 5"))
    assert pooling.n > 10_000
    assert (found.tested[POOLING].interval or (0, 9))[1] <= 1.01
    assert 0.48 <= pooling.coverage_p25_p75 <= 0.52
    assert 0.78 <= pooling.coverage_p10_p90 <= 0.82
    assert pooling.pinball < counted.pinball
    assert pooling.median_absolute_error < counted.median_absolute_error
    assert abs(pooling.bias) < abs(counted.bias)
    assert abs(pooling.coverage_p25_p75 - 0.5) < abs(counted.coverage_p25_p75 - 0.5)
    assert abs(pooling.coverage_p10_p90 - 0.8) < abs(counted.coverage_p10_p90 - 0.8)
