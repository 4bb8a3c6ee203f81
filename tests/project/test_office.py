"""Files as LibreOffice opens and saves them: `make test-office`, which needs it installed."""

import itertools
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from paycite.importers import observations
from paycite.importers.common.fields import FieldParser
from paycite.importers.observations import Layout
from paycite.model.answer import Answer, Interval
from paycite.model.observation import Observation
from paycite.model.snapshot import Snapshot
from paycite.present.csv import COLUMNS, cell_text, write_csv, write_lines
from support.hostile import PAYLOADS, hostile
from support.questions import ask
from support.ugly_placements import EXPORTS, write_placements

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
PLACED = Layout(kind="placement")
TYPES = dict.fromkeys(NUMBERS, "n") | {"open_ended": "b"}


_CSV = "Text - txt - csv (StarCalc)"


def convert(file: Path, into: Path, *how: str) -> Path:
    """Let LibreOffice open a file and save it as another."""
    office = shutil.which("soffice")
    assert office, "soffice is missing: install the Debian package libreoffice-calc-nogui"
    profile = f"-env:UserInstallation={(into.parent / 'profile').as_uri()}"
    command = [office, profile, "--headless", *how, "--outdir", str(into.parent), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert into.exists()
    return into


def opened(text: str, folder: Path, way: str = WAYS["unattended"]) -> list[tuple[Any, ...]]:
    """The rows of cells that a spreadsheet makes of a CSV file."""
    file = folder / "table.csv"
    file.write_bytes(text.encode())
    how = ("--convert-to", "xlsx", f"--infilter={_CSV}:{way}")
    sheet = openpyxl.load_workbook(convert(file, file.with_suffix(".xlsx"), *how)).active
    assert sheet is not None
    rows: list[tuple[Any, ...]] = list(sheet.iter_rows())
    return rows


def as_shown(text: str) -> str:
    """Text as a cell holds it: with line ends of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# The delimiter and the encoding in which a spreadsheet saves a table: CSV as Google Sheets does,
# CSV of a European Excel, and its Unicode text.
SAVED = {"sheets": "44,34,76", "excel": "59,34,1", "unicode text": "9,34,65535"}
_ENCODINGS = {"cp1252": 1, "utf-16": 65535, "utf-8": 76, "utf-8-sig": 76}


def test_placements_are_imported_as_spreadsheets_open_and_save_them(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    """Each file as a workbook, which has numbers and dates for texts, and as text again."""
    parser = FieldParser(snapshot)
    written = write_placements(tmp_path)
    saved = itertools.cycle(SAVED.values())
    for (file, placements), export in zip(written, EXPORTS, strict=True):
        way = f"{ord(export.delimiter)},34,{_ENCODINGS[export.encoding]},1"
        workbook = tmp_path / "saved" / f"{file.stem}.xlsx"
        convert(file, workbook, "--convert-to", "xlsx", f"--infilter={_CSV}:{way}")
        text = convert(
            workbook,
            workbook.with_suffix(".csv"),
            "--convert-to",
            f"csv:{_CSV}:{next(saved)},1,,0,false,true,false",
        )
        for form in (workbook, text):
            rows = list(observations.read_observations([form], PLACED, parser))
            for placement, row in zip(placements, rows, strict=True):
                assert isinstance(row, Observation) == placement.is_right
                if isinstance(row, Observation):
                    where = parser.parse_place(f"{placement.city}, {placement.state}")
                    assert (row.low, row.high, row.date, row.geography) == (
                        *(placement.yearly, placement.yearly, placement.day, where),
                    )


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
