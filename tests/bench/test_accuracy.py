"""The judge of `bench/accuracy.py`: scores by hand, and one run against a real server."""

import math
from collections.abc import Sequence
from pathlib import Path

import duckdb
import httpx
import numpy as np
import pytest
from click.testing import CliRunner

from accuracy import main
from judge.answers import kind_of_place, percentiles, save_answers
from judge.observations import HELD_OUT, SETS, Selection, load
from judge.scores import Rows, compare, holm, pinball, score, weighted_median, weights
from support.folders import shared_file

COLUMNS = {"title": "job", "place": "city", "pay": "pay", "employer": "company"}
FILE = """job,city,pay,company
Data Scientist,"Austin, TX",120000,A
Data Scientist,"Austin, TX",130000,A
Senior Data Scientist,,150000,B
Underwater Basket Weaver,"Austin, TX",50000,C
"""


def rows(
    pay: Sequence[float], estimates: Sequence[float], units: Sequence[int], spread: float = 0.1
) -> Rows:
    """With P25 and P75 `spread` from the estimate, P10 and P90 twice that, all in logs."""
    steps = spread * np.array([-2, -1, 0, 1, 2])
    quantiles = np.array(estimates)[:, np.newaxis] + steps
    return Rows(np.array(pay, dtype=np.float64), quantiles, np.array(units))


def test_each_employer_weighs_one() -> None:
    units = np.array([7, 7, 7, 9])
    assert weights(units, by_unit=False).tolist() == [1, 1, 1, 1]
    assert weights(units, by_unit=True) == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1])


@pytest.mark.parametrize(
    ("values", "weight", "expected"),
    [
        ([3, 1, 2], [1, 1, 1], 2),
        ([1, 2, 3, 4], [1, 1, 1, 1], 2.5),
        ([10, 10, 10, 0], [1 / 3, 1 / 3, 1 / 3, 1], 5),  # half of the weight on each side
        ([1, 2, 3], [1, 1, 5], 3),
        ([8], [1], 8),
    ],
)
def test_weighted_median(values: list[float], weight: list[float], expected: float) -> None:
    assert weighted_median(np.array(values, float), np.array(weight, float)) == expected


def test_pinball_loss_weighs_shortfall_by_the_probability() -> None:
    pay = np.array([1.0, -1.0])
    assert pinball(pay, np.zeros((2, 5))) == pytest.approx(
        np.array([[0.1, 0.25, 0.5, 0.75, 0.9], [0.9, 0.75, 0.5, 0.25, 0.1]])
    )


def test_scores_by_row_and_by_employer() -> None:
    # Employer 0 is estimated exactly three times; employer 1 is estimated at double its pay.
    found = rows([11, 11, 11, 11], [11, 11, 11, 11 + math.log(2)], [0, 0, 0, 1])
    by_row, by_employer = score(found, by_unit=False), score(found, by_unit=True)
    assert (by_row.mdape, by_row.bias) == (0, 0)
    assert (by_employer.mdape, by_employer.bias) == pytest.approx((0.5, 0.5))
    assert by_row.mae == pytest.approx(math.log(2) / 4)
    assert by_employer.mae == pytest.approx(math.log(2) / 2)
    assert (by_row.coverage_p25_p75, by_employer.coverage_p25_p75) == (0.75, 0.5)
    assert (by_row.coverage_p10_p90, by_employer.coverage_p10_p90) == (0.75, 0.5)
    # An exact row loses .25 * .1 at P25 and as much at P75; the other, too high by log(2), loses
    # .75 (log(2) - .1), .5 log(2) and .25 (log(2) + .1).
    exact, other = 0.05 / 3, (1.5 * math.log(2) - 0.05) / 3
    assert by_row.pinball_inner == pytest.approx((3 * exact + other) / 4)
    assert by_employer.pinball_inner == pytest.approx((exact + other) / 2)


def test_an_estimate_below_pay_has_a_negative_bias() -> None:
    scores = score(rows([math.log(200)], [math.log(100)], [0]), by_unit=False)
    assert (scores.bias, scores.mdape) == pytest.approx((-0.5, 0.5))


def test_rows_without_p10_and_p90_count_in_the_other_measures_only() -> None:
    found = rows([11, 11], [11, 12], [0, 1])
    found.quantiles[1, [0, 4]] = np.nan
    scores = score(found, by_unit=False)
    assert (scores.share_all, scores.coverage_p10_p90, scores.coverage_p25_p75) == (0.5, 1, 0.5)
    assert scores.mae == 0.5
    found.quantiles[0, 0] = np.nan
    assert math.isnan(score(found, by_unit=True).pinball_all)


def test_a_constant_improvement_has_no_interval() -> None:
    pay, units = np.linspace(11, 12, 40), np.arange(40) // 4
    better = rows(pay.tolist(), (pay + 0.1).tolist(), units.tolist())
    worse = rows(pay.tolist(), (pay + 0.3).tolist(), units.tolist())
    mae = compare(worse, better, by_unit=True)["mae"]
    assert (mae.a, mae.b, mae.low, mae.high) == pytest.approx((0.3, 0.1, -0.2, -0.2))
    assert mae.p < 1e-6
    same = compare(worse, worse, by_unit=False)["mdape"]
    assert (same.low, same.high, same.p) == (0, 0, 1)


def test_the_bootstrap_draws_employers_and_not_rows() -> None:
    # Half of the employers gain .1 and half lose .1; each has 100 rows that agree.
    units = np.repeat(np.arange(10), 100)
    pay = np.full(1_000, 11.0)
    change = np.where(units % 2, 0.1, -0.1)
    before = rows(pay.tolist(), (pay + 0.5).tolist(), units.tolist())
    after = rows(pay.tolist(), (pay + 0.5 + change).tolist(), units.tolist())
    mae = compare(before, after, by_unit=False)["mae"]
    assert mae.b - mae.a == pytest.approx(0)
    # The standard error of a mean of ten is .1 / sqrt(10) = .032; of a thousand it would be .003.
    assert (mae.low, mae.high) == pytest.approx((-0.06, 0.06), abs=0.025)
    assert mae.p == pytest.approx(1)


def test_holm_corrects_a_family_in_its_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("kind", "codes", "expected"),
    [
        ("nation", [], "nation"),
        ("beyond", [], "nation"),
        ("state", [], "state"),
        ("region", ["41860", "41940"], "Bay Area"),
        ("metro", ["35620"], "New York"),
        ("metro", ["42660"], "Seattle"),
        ("metro", ["12420"], "other large"),
        ("metro", ["14260"], "smaller"),
        ("nonmetro", [], "smaller"),
    ],
)
def test_kind_of_place(kind: str, codes: list[str], expected: str) -> None:
    assert kind_of_place(kind, codes) == expected


def test_the_middle_of_a_range_stands_for_a_missing_median() -> None:
    assert percentiles(100, 400, False, None, None) == {"p25": 100, "p50": 200, "p75": 400}
    assert percentiles(100, 400, True, None, None) == {"p25": 100, "p75": 400}
    given = {"p10": 1, "p25": 2, "p50": 3, "p75": 4, "p90": 5, "at_least": []}
    expected = {name: given[name] for name in ("p10", "p25", "p50", "p75", "p90")}
    assert percentiles(2, 4, False, 3, given) == expected


def test_the_pay_of_a_range_is_its_geometric_middle(tmp_path: Path) -> None:
    file = tmp_path / "pay.csv"
    file.write_text("job,from,to\nData Scientist,100000,400000\n,1,2\nData Scientist,0,0\n")
    selection = Selection(str(file), columns={"title": "job", "low": "from", "high": "to"})
    found = load(selection).execute("select title, place, pay from observation").fetchall()
    assert found == [("Data Scientist", None, 200_000)]


def test_the_held_out_fifth_depends_on_the_name_of_the_employer_only(tmp_path: Path) -> None:
    file = tmp_path / "pay.csv"
    names = [f"Employer {number}" for number in range(200)]
    lines = [f"Data Scientist,{100_000 + at},{name}" for at, name in enumerate([*names, *names])]
    file.write_text("\n".join(["title,pay,employer", *lines, "Data Scientist,1, EMPLOYER 1 "]))
    selection = Selection(
        str(file), columns={"title": "title", "employer": "employer"}, held_out=True
    )
    counts = "select count(*), count(distinct employer) from observation"
    rows_, employers = load(selection).execute(counts).fetchall()[0]
    assert 200 / HELD_OUT * 0.6 < employers < 200 / HELD_OUT * 1.4
    assert rows_ in (2 * employers, 2 * employers - 1)
    few = load(selection._replace(most=5)).execute("select * from observation").fetchall()
    assert len(few) == 5
    assert few == load(selection._replace(most=5)).execute("from observation").fetchall()


@pytest.mark.parametrize(
    ("source", "message"),
    [("advertisements-2023", "shared data"), ("nothing.csv", "No such file or set")],
)
def test_a_source_that_is_not_there_is_explained(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(Selection(source))


@pytest.mark.parametrize("name", SETS)
def test_known_sets_have_plausible_annual_pay(name: str) -> None:
    everything = load(Selection(name, shared_file()))
    count, low, middle, high, places = everything.execute(
        """
        select count(*), quantile_cont(pay, 0.01), median(pay), quantile_cont(pay, 0.99),
            count(place) / count(*)
        from observation
        """
    ).fetchall()[0]
    assert count > 10_000
    assert 20_000 < low < 90_000 < middle < 150_000 < high < 500_000
    assert places > 0.98


def test_ask_report_and_compare(client: httpx.Client, tmp_path: Path) -> None:
    file, answers = tmp_path / "pay.csv", tmp_path / "answers.parquet"
    file.write_text(FILE)
    version = save_answers(
        load(Selection(str(file), columns=COLUMNS)), str(client.base_url), answers
    )
    columns = "role, level, place, kind, problem, p50, official_p50"
    saved = duckdb.execute(f"select {columns} from read_parquet($file)", {"file": str(answers)})
    found = {(role, level): rest for role, level, *rest in saved.fetchall()}
    assert set(found) == {
        ("data-scientist", "not stated"),
        ("data-scientist", "senior"),
        (None, None),
    }
    assert found[None, None][2] == "unknown-role"
    place, kind, problem, p50, official = found["data-scientist", "not stated"]
    assert (place, kind, problem) == ("austin-tx", "other large", None)
    official_answer = client.get(
        "/salary?role=data-scientist&metro=austin-tx&source=bls-oews-2025-05"
    )
    assert official == official_answer.json()["estimate"]["median"]
    assert p50 > 0

    options = [word for name, column in COLUMNS.items() for word in (f"--{name}", column)]
    report = CliRunner().invoke(
        main, ["report", str(file), str(answers), *options, "--no-lightgbm"]
    )
    assert report.exit_code == 0, report.output
    assert f"Dataset {version}. 4 rows, 3 different questions, 3 employers." in report.output
    assert "| answered and scored | 3 | 75.0 | 66.7 |" in report.output
    assert "| unknown-role | 1 | 25.0 | 33.3 |" in report.output
    compared = CliRunner().invoke(
        main, ["compare", str(file), str(answers), str(answers), *options]
    )
    assert compared.exit_code == 0, compared.output
    assert "| +0.000 | +0.000 to +0.000 | 1.000 |" in compared.output
