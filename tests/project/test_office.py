"""A CSV as LibreOffice opens it: `make test-office`, which needs it to be installed."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from paycite.model.answer import Answer, Interval
from paycite.model.snapshot import Snapshot
from paycite.present.csv import COLUMNS, cell_text, write_csv, write_lines
from support.hostile import PAYLOADS, hostile
from support.questions import ask

pytestmark = pytest.mark.skipif(
    "PAYCITE_OFFICE" not in os.environ, reason="`make test-office` opens CSV files in LibreOffice"
)

# How files are opened: unattended, and as the dialogue offers it, which parts cells at commas, tabs
# and semicolons. 34 is the quotation mark, 76 is UTF-8.
WAYS = {"unattended": "44,34,76,1", "as the dialogue offers": "44/9/59,34,76,1"}
NUMBERS = (
    *("weight", "min", "midpoint", "max", "spread", "p10", "p25", "median", "p75", "p90"),
    *("n", "employers", "offer_min", "offer_max"),
    *(
        f"offer_{end}_{name}"
        for end in ("min", "max")
        for name in ("position", "compa_ratio", "market_ratio", "percentile")
    ),
    *("overlap_min", "overlap_max", "overlap_share_of_offer", "overlap_share_of_range"),
)
TYPES = dict.fromkeys(NUMBERS, "n") | {"open_ended": "b"}


def opened(text: str, folder: Path, way: str = WAYS["unattended"]) -> list[tuple[Any, ...]]:
    """The rows of cells that a spreadsheet makes of a CSV file."""
    office = shutil.which("soffice")
    assert office, "soffice is missing: install the Debian package libreoffice-calc-nogui"
    file = folder / "table.csv"
    file.write_bytes(text.encode())
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    asked = ["--headless", "--convert-to", "xlsx", f"--infilter=Text - txt - csv (StarCalc):{way}"]
    command = [office, profile, *asked, "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    sheet = openpyxl.load_workbook(file.with_suffix(".xlsx")).active
    assert sheet is not None
    rows: list[tuple[Any, ...]] = list(sheet.iter_rows())
    return rows


def as_shown(text: str) -> str:
    """Text as a cell holds it: with line ends of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_numbers_are_numbers_and_text_is_text(snapshot: Snapshot, tmp_path: Path, way: str) -> None:
    offer = Interval(min=150_000, max=180_000)
    asked = [("mlops", "senior", "austin-tx"), ("software-engineer", None, "nyc")]
    answers = [ask(snapshot, *question, offer=offer) for question in asked]
    head, *rows = opened(write_csv(answers), tmp_path, way)
    assert tuple(cell.value for cell in head) == COLUMNS
    assert len(rows) == len(answers) + sum(len(answer.chains) for answer in answers)
    for row in rows:
        for name, cell in zip(COLUMNS, row, strict=True):
            if cell.value is not None and name != "as_of":  # a year is a number, a month is text
                assert cell.data_type == TYPES.get(name, "s"), name
    estimates = [row for row in rows if row[0].value == "estimate"]
    assert [row[COLUMNS.index("max")].value for row in estimates] == [
        answer.estimate.range.max for answer in answers
    ]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_text_is_a_formula(tmp_path: Path, way: str) -> None:
    rows = [("text", "after"), *((payload, "end") for payload in PAYLOADS)]
    found = opened("".join(write_lines(rows)), tmp_path, way)
    assert len(found) == len(rows)
    for (text, after), (cell, beside) in zip(rows, found, strict=True):
        assert (beside.data_type, beside.value) == ("s", after)
        if re.fullmatch(r"[+-]?\d+", text):  # a number with a sign stays one
            assert (cell.data_type, cell.value) == ("n", int(text))
        else:
            assert (cell.data_type, cell.value) == ("s", as_shown(cell_text(text)))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_text_of_an_answer_is_a_formula_or_breaks_its_row(
    snapshot: Snapshot, tmp_path: Path, way: str
) -> None:
    outcomes = [outcome for payload in PAYLOADS for outcome in hostile(payload, snapshot)]
    chains = sum(len(one.chains) for one in outcomes if isinstance(one, Answer))
    head, *rows = opened(write_csv(outcomes), tmp_path, way)
    assert len(head) == len(COLUMNS)
    assert len(rows) == len(outcomes) + chains
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "b"}
    assert {row[0].value for row in rows} == {"estimate", "chain", "problem"}
