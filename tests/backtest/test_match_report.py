"""`paycite match-report`: what is counted, and what is refused."""

from pathlib import Path

import pytest

from paycite.backtest.match_report import Outcome, Verdict, coverage, wilson
from support.commands import paycite, read_error

TITLES = """text,role,level
Data Engineer,data-engineer,
Senior Data Engineer,data-engineer,entry
Data Engineer II,data-analyst,mid
Data Scientist / Data Engineer,data-scientist|data-engineer|,
Director of Data Science,,
Underwater Data Engineer,,
Weaver,data-engineer,
"""
PLACES = """text,metro
nyc,nyc
Portland,?portland-me|portland-or
Xyzzyville,
"New York, NY",boston-ma
Gotham Xyzzy,nyc
Boston,
"""


def labeled(folder: Path, text: str) -> Path:
    file = folder / "labeled.csv"
    file.write_text(text)
    return file


def test_titles_are_counted_by_what_became_of_them(data: Path, tmp_path: Path) -> None:
    told = paycite(data, "match-report", labeled(tmp_path, TITLES)).stdout.splitlines()[1:]
    values = dict(line.strip().split(": ", 1) for line in told)
    counts = ("rows", "correct", "correctly refused", "wrong", "wrongly refused")
    assert [values[name] for name in counts] == ["7", "1", "2", "3", "1"]
    assert values["accuracy"].startswith("3 of 7, 42.9% (95% interval ")
    assert values["coverage at 98% precision"].startswith("0 of 5")
    assert values["role"].startswith("4 of 7")
    assert values["level, if the role is correct"].startswith("1 of 2")


def test_places_are_counted_by_what_became_of_them(data: Path, tmp_path: Path) -> None:
    told = paycite(data, "match-report", labeled(tmp_path, PLACES)).stdout.splitlines()[1:]
    values = dict(line.strip().split(": ", 1) for line in told)
    counts = ("rows", "correct", "correctly refused", "wrong", "wrongly refused")
    assert [values[name] for name in counts] == ["6", "1", "2", "2", "1"]
    assert "role" not in values


def test_what_was_read_wrongly_is_listed_where_that_is_asked(data: Path, tmp_path: Path) -> None:
    file = labeled(tmp_path, TITLES)
    wrong = "'Data Engineer II': wrong: data-engineer, level mid; expected data-analyst"
    assert wrong in paycite(data, "match-report", "--wrong", file).stdout
    assert "Weaver" in paycite(data, "match-report", file, "--wrong").stdout
    assert wrong not in paycite(data, "match-report", file).stdout


def test_coverage_is_counted_down_to_the_score_where_answers_stop_being_precise() -> None:
    def outcome(score: float, verdict: Verdict, is_answerable: bool = True) -> Outcome:
        return Outcome(
            text="", label="", read="", score=score, verdict=verdict, is_answerable=is_answerable
        )

    right = [outcome(100, "correct")] * 30 + [outcome(90, "correct")] * 19
    found = [*right, outcome(90, "wrong"), *[outcome(80, "wrong")] * 5]
    share, threshold = coverage([*found, *[outcome(0, "wrongly refused")] * 5])
    assert (share.count, share.of, threshold) == (50, 60, 90)
    assert coverage([*found, outcome(95, "wrong", is_answerable=False)])[1] == 100
    assert coverage([outcome(100, "wrong")])[1] is None


def test_the_interval_is_wilsons() -> None:
    # R: prop.test(45, 50, correct = FALSE), and by hand for the ends.
    assert wilson(45, 50) == pytest.approx((0.7864, 0.9565), abs=5e-5)
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=5e-5)
    assert wilson(10, 10) == pytest.approx((0.7225, 1), abs=5e-5)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title,role\n", "the columns must be text,role,level or text,metro"),
        ("text,metro\nnyc\n", ":2: "),
        ("text,role,level\nx,wizard,\n", ":2: unknown role 'wizard'"),
        ("text,metro\nx,?nyc|gotham\n", ":2: unknown metro 'gotham'"),
        ('text,metro\n"nyc,nyc\n', "cannot be read"),
        (None, "No such file"),
    ],
)
def test_a_file_that_labels_nothing_is_refused_plainly(
    data: Path, tmp_path: Path, text: str | None, told: str
) -> None:
    file = tmp_path / "labeled.csv" if text is None else labeled(tmp_path, text)
    assert told in read_error(data, "match-report", file)
