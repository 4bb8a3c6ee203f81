import csv
import datetime
import gzip
import shutil
import zipfile
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycite.dataset.observations import parquet_rows
from paycite.importers import ImportRefused, lca
from paycite.importers.common.fields import FieldParser
from paycite.importers.common.observations import import_observations
from paycite.model.observation import Observation, RefusedRow
from paycite.model.snapshot import Snapshot
from paycite.seeds.observations import observed
from paycite.seeds.occupations import load_crosswalk
from support.commands import read_error, read_output
from support.folders import contents, shared_file
from support.servers import SEEDS

CROSSWALK = load_crosswalk(SEEDS)

# The columns of FY2024, in order.
_TEXT = """
CASE_NUMBER CASE_STATUS RECEIVED_DATE DECISION_DATE ORIGINAL_CERT_DATE VISA_CLASS JOB_TITLE SOC_CODE
SOC_TITLE FULL_TIME_POSITION BEGIN_DATE END_DATE TOTAL_WORKER_POSITIONS NEW_EMPLOYMENT
CONTINUED_EMPLOYMENT CHANGE_PREVIOUS_EMPLOYMENT NEW_CONCURRENT_EMPLOYMENT CHANGE_EMPLOYER
AMENDED_PETITION EMPLOYER_NAME TRADE_NAME_DBA EMPLOYER_ADDRESS1 EMPLOYER_ADDRESS2 EMPLOYER_CITY
EMPLOYER_STATE EMPLOYER_POSTAL_CODE EMPLOYER_COUNTRY EMPLOYER_PROVINCE EMPLOYER_PHONE
EMPLOYER_PHONE_EXT EMPLOYER_FEIN NAICS_CODE EMPLOYER_POC_LAST_NAME EMPLOYER_POC_FIRST_NAME
EMPLOYER_POC_MIDDLE_NAME EMPLOYER_POC_JOB_TITLE EMPLOYER_POC_ADDRESS1 EMPLOYER_POC_ADDRESS2
EMPLOYER_POC_CITY EMPLOYER_POC_STATE EMPLOYER_POC_POSTAL_CODE EMPLOYER_POC_COUNTRY
EMPLOYER_POC_PROVINCE EMPLOYER_POC_PHONE EMPLOYER_POC_PHONE_EXT EMPLOYER_POC_EMAIL
AGENT_REPRESENTING_EMPLOYER AGENT_ATTORNEY_LAST_NAME AGENT_ATTORNEY_FIRST_NAME
AGENT_ATTORNEY_MIDDLE_NAME AGENT_ATTORNEY_ADDRESS1 AGENT_ATTORNEY_ADDRESS2 AGENT_ATTORNEY_CITY
AGENT_ATTORNEY_STATE AGENT_ATTORNEY_POSTAL_CODE AGENT_ATTORNEY_COUNTRY AGENT_ATTORNEY_PROVINCE
AGENT_ATTORNEY_PHONE AGENT_ATTORNEY_PHONE_EXT AGENT_ATTORNEY_EMAIL_ADDRESS
LAWFIRM_NAME_BUSINESS_NAME STATE_OF_HIGHEST_COURT NAME_OF_HIGHEST_STATE_COURT WORKSITE_WORKERS
SECONDARY_ENTITY SECONDARY_ENTITY_BUSINESS_NAME WORKSITE_ADDRESS1 WORKSITE_ADDRESS2 WORKSITE_CITY
WORKSITE_COUNTY WORKSITE_STATE WORKSITE_POSTAL_CODE WAGE_RATE_OF_PAY_FROM WAGE_RATE_OF_PAY_TO
WAGE_UNIT_OF_PAY PREVAILING_WAGE PW_UNIT_OF_PAY PW_TRACKING_NUMBER PW_WAGE_LEVEL PW_OES_YEAR
PW_OTHER_SOURCE PW_OTHER_YEAR PW_SURVEY_PUBLISHER PW_SURVEY_NAME TOTAL_WORKSITE_LOCATIONS
AGREE_TO_LC_STATEMENT H_1B_DEPENDENT WILLFUL_VIOLATOR SUPPORT_H1B STATUTORY_BASIS
APPENDIX_A_ATTACHED PUBLIC_DISCLOSURE PREPARER_LAST_NAME PREPARER_FIRST_NAME
PREPARER_MIDDLE_INITIAL PREPARER_BUSINESS_NAME PREPARER_EMAIL
"""
COLUMNS = _TEXT.split()
Cells = dict[str, str | float | datetime.date]
NAME = "LCA_Disclosure_Data_FY2024_Q4"
BLANK: Cells = {}


def filing(number: int = 1, **changes: str) -> Cells:
    """A row with nothing amiss, but for the changes."""
    return {
        "CASE_NUMBER": f"I-200-24248-{number:06}",
        "CASE_STATUS": "Certified",
        "DECISION_DATE": "2024/9/11",
        "VISA_CLASS": "H-1B",
        "JOB_TITLE": "Senior Software Engineer",
        "SOC_CODE": "15-1252.00",
        "FULL_TIME_POSITION": "Y",
        "EMPLOYER_NAME": f"Acme {number}, Inc.",
        "WORKSITE_CITY": "Jersey City",
        "WORKSITE_STATE": "NJ",
        "WORKSITE_POSTAL_CODE": "07302",
        "WAGE_RATE_OF_PAY_FROM": "$93,000.00 ",
        "WAGE_UNIT_OF_PAY": "Year",
        "PREVAILING_WAGE": "$79,186.00 ",
        "PW_UNIT_OF_PAY": "Year",
        "H_1B_DEPENDENT": "No",
        **changes,
    }


def text_of(rows: Sequence[Cells], columns: Sequence[str] = COLUMNS) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def in_csv(
    folder: Path, rows: Sequence[Cells], columns: Sequence[str] = COLUMNS, name: str = NAME
) -> Path:
    file = folder / f"{name}.csv"
    file.write_text(text_of(rows, columns))
    return file


def in_workbook(
    folder: Path, rows: Sequence[Cells], columns: Sequence[str] = COLUMNS, name: str = NAME
) -> Path:
    """As text all that is text, also where it begins as a formula does; cells of blank rows have a
    format, and nothing else."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = f"of {name}"[:31]
    sheet.append(list(columns))
    for at, row in enumerate(rows, start=2):
        for number, column in enumerate(columns, start=1):
            cell = sheet.cell(at, number, row.get(column))
            if isinstance(row.get(column), str):
                cell.data_type = "s"
            elif not row:
                cell.number_format = "@"
    file = folder / f"{name}.xlsx"
    book.save(file)
    return file


@pytest.fixture(scope="module")
def parser(snapshot: Snapshot) -> FieldParser:
    return FieldParser(snapshot)


def read(parser: FieldParser, *files: Path) -> tuple[list[Observation], list[RefusedRow]]:
    rows = list(lca.Filings(files, CROSSWALK).read_observations(parser))
    found = [row for row in rows if isinstance(row, Observation)]
    return found, [row for row in rows if isinstance(row, RefusedRow)]


def test_a_release_is_imported_with_the_reasons_for_what_is_left_out(
    data: Path, tmp_path: Path
) -> None:
    shutil.copytree(data / "datasets", tmp_path / "datasets")
    rows = [
        filing(1),
        filing(2, WAGE_RATE_OF_PAY_TO="$155,000.00 "),
        filing(3, EMPLOYER_NAME="ACME 1, INC."),  # filed again
        BLANK,
        filing(4, JOB_TITLE="Technical Writer", SOC_CODE="15-2051.01"),
        filing(5, CASE_STATUS="Certified - Withdrawn"),
        filing(6, CASE_STATUS="Denied"),
        filing(7, VISA_CLASS="E-3 Australian"),
        *[BLANK] * 20,
    ]
    file = in_workbook(tmp_path, rows)
    imported = ("import", "dol-lca", file, "--published", "2024-12-17")
    lines = read_output(tmp_path, *imported).splitlines()
    into = tmp_path / "observations"
    assert lines[:5] == [
        "Imported dol-lca-fy2024q4: 3 observations from 3 employers. Skipped 1 repeated row.",
        "1 of them have an occupation but no role: `paycite backtest` scores them, and no answer "
        "uses them.",
        "Refused 2 rows: the case is not certified.",
        "Refused 1 row: the visa is not H-1B.",
        f"The refused rows are listed in {into / 'dol-lca-fy2024q4.refused.csv'}.",
    ]
    assert lines[-1] == "Skipped 21 blank rows."
    (about,) = observed(into)
    assert (about.kind, about.component, about.as_of) == ("filed", "base", "2024-09-11")
    assert about.source.published.date == datetime.date(2024, 12, 17)
    assert about.source.citation.endswith(
        "LCA Programs Disclosure Data, FY2024 Q4, "
        "https://www.dol.gov/agencies/eta/foreign-labor/performance (released 2024-12-17)"
    )
    found = {row["id"]: row for row in parquet_rows(into / "dol-lca-fy2024q4.parquet")}
    assert found["I-200-24248-000002"] == {
        "id": "I-200-24248-000002",
        "role": "software-engineer",
        "occupation": "15-1252",
        "level": "senior",
        "geography": "nyc",
        "title": "Senior Software Engineer",
        "place": "Jersey City, NJ 07302",
        "employer": "Acme 2, Inc.",
        "low": 93_000.0,
        "high": 155_000.0,
        "component": "base",
        "kind": "filed",
        "date": datetime.date(2024, 9, 11),
    }
    refused = (into / "dol-lca-fy2024q4.refused.csv").read_text().splitlines()
    assert refused[1] == f'"{file}, row 7",the case is not certified,Certified - Withdrawn'


LATER_COLUMNS = [*[name.replace("H_1B_", "H-1B_") for name in COLUMNS], "FURTHER_COLUMN"]


def test_a_release_is_the_same_in_every_layout(parser: FieldParser, tmp_path: Path) -> None:
    rows = [filing(1), BLANK, filing(2, WAGE_RATE_OF_PAY_TO="$99,000.00 ", SOC_CODE="15-1252")]
    later = [
        row and {name.replace("H_1B_", "H-1B_"): row[name] for name in row} | {"FURTHER_COLUMN": 1}
        for row in rows
    ]
    wrapped = [
        {name: f'="{cell}"' if name == "SOC_CODE" else cell for name, cell in row.items()}
        for row in rows
    ]
    typed = [
        row
        and row
        | {
            "DECISION_DATE": datetime.date(2024, 9, 11),
            "WAGE_RATE_OF_PAY_FROM": 93_000,
            "WAGE_RATE_OF_PAY_TO": 99_000.0 if "WAGE_RATE_OF_PAY_TO" in row else 0,
            "WORKSITE_POSTAL_CODE": 7302,
        }
        for row in rows
    ]
    expected, refused = read(parser, in_csv(tmp_path, rows))
    assert ([one.low for one in expected], refused) == ([93_000, 93_000], [])
    places = {one.place for one in expected}
    for name, file in {
        "a byte order mark and carriage returns": by_a_spreadsheet(in_csv(tmp_path, rows)),
        "98 columns": in_csv(tmp_path, later, LATER_COLUMNS),
        "wrapped": in_csv(tmp_path, wrapped),
        "a workbook": in_workbook(tmp_path, rows),
        "a workbook, 98 columns": in_workbook(tmp_path, later, LATER_COLUMNS, "FY2026_Q1"),
        "a workbook, wrapped": in_workbook(tmp_path, wrapped),
        "a workbook of the wrong size": saying_that_it_is_empty(in_workbook(tmp_path, rows)),
    }.items():
        assert read(parser, file) == (expected, []), name
    found, _ = read(parser, in_workbook(tmp_path, typed))
    assert {one.place for one in found} != places  # as it stands there
    assert [(o.id, o.low, o.high, o.date, o.geography) for o in found] == [
        (o.id, o.low, o.high, o.date, o.geography) for o in expected
    ]


def by_a_spreadsheet(file: Path) -> Path:
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    return file


def saying_that_it_is_empty(file: Path) -> Path:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    before, _, after = sheet.partition(b'<dimension ref="')
    assert after
    members["xl/worksheets/sheet1.xml"] = (
        before + b'<dimension ref="A1"' + after[after.index(b'"') + 1 :]
    )
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


REDUCED = [
    *("CASE_STATUS", "DECISION_DATE", "JOB_TITLE", "SOC_CODE", "FULL_TIME_POSITION"),
    *("EMPLOYER_NAME", "WORKSITE_CITY", "WORKSITE_STATE", "WAGE_RATE_OF_PAY_FROM"),
    *("WAGE_UNIT_OF_PAY", "PREVAILING_WAGE", "PW_UNIT_OF_PAY", "H_1B_DEPENDENT"),
]


def in_parquet(folder: Path, rows: Sequence[Cells], name: str = NAME) -> Path:
    """A copy without case numbers, visas, ZIP codes and upper ends of wages."""
    table, file = folder / "reduced.csv", folder / f"{name}.parquet"
    table.write_text(text_of([{key: row.get(key, "") for key in REDUCED} for row in rows], REDUCED))
    with duckdb.connect() as connection:
        connection.read_csv(str(table), all_varchar=True).write_parquet(str(file))
    return file


def test_a_reduced_copy_is_read_as_well(parser: FieldParser, tmp_path: Path) -> None:
    rows = [
        filing(1),
        filing(2, WAGE_RATE_OF_PAY_FROM="120000"),
        filing(3, CASE_STATUS="Withdrawn"),
        filing(4, H_1B_DEPENDENT=""),  # H-1B1 or E-3
    ]
    found, refused = read(parser, in_parquet(tmp_path, rows))
    assert [(one.employer, one.low, one.high, one.geography) for one in found] == [
        ("Acme 1, Inc.", 93_000, 93_000, "nyc"),
        ("Acme 2, Inc.", 120_000, 120_000, "nyc"),
    ]
    assert len({one.id for one in found}) == 2
    assert [row.reason for row in refused] == ["the case is not certified", "the visa is not H-1B"]


def test_dependent_employers_count_only_if_asked_for(parser: FieldParser, tmp_path: Path) -> None:
    rows = [filing(1), filing(2, H_1B_DEPENDENT="Yes")]
    for file in (in_csv(tmp_path, rows), in_parquet(tmp_path, rows)):
        found, refused = read(parser, file)
        assert [one.employer for one in found] == ["Acme 1, Inc."]
        assert [row.reason for row in refused] == ["the employer is H-1B-dependent"]
        every = lca.Filings([file], CROSSWALK, with_dependent=True).read_observations(parser)
        assert [type(row) for row in every] == [Observation, Observation]


def test_pooled_pay_is_the_same_from_any_order_of_filings_and_names_no_employer(
    data: Path, tmp_path: Path
) -> None:
    rows = [
        filing(
            number,
            WAGE_RATE_OF_PAY_FROM=str(90_000 + 1_000 * number),
            JOB_TITLE=("Senior Data Engineer", "Software Engineer", "Senior Software Engineer")[
                number % 3
            ],
        )
        for number in range(60)
    ]
    written = []
    for name, some in (("a", rows), ("b", rows[::-1])):
        folder = tmp_path / name
        folder.mkdir()
        read_output(data, "import", "dol-lca", in_csv(folder, some), "--into", folder / "pools")
        written.append((folder / "pools" / "dol-lca-fy2024q4.csv").read_text())
        head = (folder / "pools" / "dol-lca-fy2024q4.toml").read_text()
        assert not (folder / "observations").exists()
    assert written[0] == written[1]
    assert "Acme" not in written[0] + head
    found = list(csv.DictReader(StringIO(written[0])))
    assert all(int(row["employers"]) >= 5 for row in found if row["employers"])
    (senior,) = (row for row in found if (row["role"], row["level"]) == ("data-engineer", "senior"))
    assert (senior["part"], senior["employers"]) == ("base", "20")
    assert 90_000 < float(senior["amount"]) < 150_000
    assert "Lacks the third quarter of fiscal year 2024, April to June" in head


# What is changed in a filing, and how it is read then: the fields that are named.
READ: dict[str, tuple[Cells, dict[str, object]]] = {
    "a title that names a role": (
        {"SOC_CODE": "15-1211.00"},
        {"role": "software-engineer", "occupation": "15-1211", "level": "senior"},
    ),
    "another job of an occupation that is a role": (
        {"JOB_TITLE": "Member of the Business Squad"},
        {"role": None, "occupation": "15-1252", "level": None},
    ),
    "an occupation that is a role": (
        {"JOB_TITLE": ""},
        {"role": "software-engineer", "occupation": "15-1252", "level": None},
    ),
    "an occupation that is no role": (
        {"JOB_TITLE": "Member of the Business Squad", "SOC_CODE": "15-1299.08"},
        {"role": None, "occupation": "15-1299", "level": None},
    ),
    "a part of an occupation that is a role": (
        {"JOB_TITLE": "Member of the Business Squad", "SOC_CODE": "15-2051.01"},
        {"role": None, "occupation": "15-2051"},
    ),
    "an occupation of 2010": (
        {"JOB_TITLE": "Member of the Business Squad", "SOC_CODE": "15-1133.00"},
        {"role": None, "occupation": "15-1252"},
    ),
    "an occupation of 2010 that was split": (
        {"SOC_CODE": "15-1199.08"},
        {"role": "software-engineer", "occupation": None},
    ),
    "an hourly wage": (
        {"WAGE_RATE_OF_PAY_FROM": "$50.00", "WAGE_UNIT_OF_PAY": "Hour"},
        {"low": 104_000.0, "high": 104_000.0},
    ),
    "a wage of two weeks": (
        {"WAGE_RATE_OF_PAY_FROM": "4000", "WAGE_UNIT_OF_PAY": "Bi-Weekly"},
        {"low": 104_000.0},
    ),
    "a weekly wage": (
        {"WAGE_RATE_OF_PAY_FROM": "2000", "WAGE_UNIT_OF_PAY": "Week"},
        {"low": 104_000.0},
    ),
    "a monthly wage": (
        {"WAGE_RATE_OF_PAY_FROM": "8000", "WAGE_UNIT_OF_PAY": "Month"},
        {"low": 96_000.0},
    ),
    "no upper end": ({"WAGE_RATE_OF_PAY_TO": "$0.00 "}, {"high": 93_000.0}),
    "no prevailing wage": ({"PREVAILING_WAGE": "", "PW_UNIT_OF_PAY": ""}, {"low": 93_000.0}),
    "a U.S. date": ({"DECISION_DATE": "9/1/2024"}, {"date": datetime.date(2024, 9, 1)}),
    "an ISO date": ({"DECISION_DATE": "2024-09-01"}, {"date": datetime.date(2024, 9, 1)}),
    "a long ZIP code": (
        {"WORKSITE_POSTAL_CODE": "02139-4307", "WORKSITE_STATE": "MA"},
        {"geography": "boston-ma"},
    ),
    "a ZIP code without its zero": (
        {"WORKSITE_POSTAL_CODE": "2139", "WORKSITE_STATE": "MA"},
        {"geography": "boston-ma"},
    ),
    "no ZIP code": (
        {"WORKSITE_POSTAL_CODE": "", "WORKSITE_CITY": "AUSTIN", "WORKSITE_STATE": "TX"},
        {"geography": "austin-tx", "place": "AUSTIN, TX "},
    ),
    "a ZIP code that is none": (
        {"WORKSITE_POSTAL_CODE": "00000", "WORKSITE_CITY": "AUSTIN", "WORKSITE_STATE": "TX"},
        {"geography": "austin-tx"},
    ),
    "no employer": ({"EMPLOYER_NAME": " "}, {"employer": None}),
}


@pytest.mark.parametrize("name", READ)
def test_a_filing_is_read(name: str, parser: FieldParser, tmp_path: Path) -> None:
    changes, expected = READ[name]
    found, refused = read(parser, in_csv(tmp_path, [filing() | changes]))
    assert refused == []
    assert {field: getattr(found[0], field) for field in expected} == expected


REFUSED: dict[str, tuple[Cells, str, str]] = {
    "a part-time position": (
        {"FULL_TIME_POSITION": "N"},
        "the position is not full-time",
        "N",
    ),
    "another visa": (
        {"VISA_CLASS": "H-1B1 Singapore"},
        "the visa is not H-1B",
        "H-1B1 Singapore",
    ),
    "another occupation": (
        {"JOB_TITLE": "Accountant", "SOC_CODE": "13-2011.00"},
        "Paycite does not know the occupation",
        "13-2011.00",
    ),
    "a code that is none": (
        {"JOB_TITLE": "Accountant", "SOC_CODE": "15-1252.0"},
        "Paycite does not know the occupation",
        "15-1252.0",
    ),
    "a title of several roles": (
        {"JOB_TITLE": "Data Analyst/Data Scientist"},
        "the title is ambiguous",
        "Data Analyst/Data Scientist",
    ),
    "a yearly wage filed as hourly": (
        {"WAGE_UNIT_OF_PAY": "Hour"},
        "more than $1,000,000 a year, so the pay is for another period",
        "$93,000 an hour",
    ),
    "a yearly wage filed as monthly": (
        {"WAGE_UNIT_OF_PAY": "Month", "WAGE_RATE_OF_PAY_FROM": "80000"},
        "the wage is not 0.8 to 10 times the prevailing wage, so one of them is for another period",
        "960,000 and 79,186 a year",
    ),
    "a monthly wage filed as yearly": (
        {"WAGE_RATE_OF_PAY_FROM": "12000"},
        "the wage is not 0.8 to 10 times the prevailing wage, so one of them is for another period",
        "12,000 and 79,186 a year",
    ),
    "an unknown unit": (
        {"WAGE_UNIT_OF_PAY": "Select Pay Range"},
        "unknown pay period",
        "Select Pay Range",
    ),
    "a wage in words": (
        {"WAGE_RATE_OF_PAY_FROM": "ninety"},
        "the wage is not a number",
        "ninety",
    ),
    "a ZIP code of another state": (
        {"WORKSITE_STATE": "CA"},
        "the ZIP code is in another state",
        "CA 07302",
    ),
    "no place that is known": (
        {"WORKSITE_POSTAL_CODE": "", "WORKSITE_CITY": "Atlantis"},
        "Paycite does not know the place",
        "Atlantis, NJ",
    ),
    "no case number": ({"CASE_NUMBER": ""}, "the row has no case number", ""),
    "no date": ({"DECISION_DATE": ""}, "the decision date is not a date", ""),
    "a date of another order": (
        {"DECISION_DATE": "31/12/2023"},
        "the date is not written like 2026-01-31",
        "2023-31-12",
    ),
    "the character NUL": (
        {"JOB_TITLE": "Data\0Scientist"},
        "a text contains the character NUL",
        "Data\0Scientist",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_row_that_is_no_filing_is_refused_and_costs_no_other(
    name: str, parser: FieldParser, tmp_path: Path
) -> None:
    changes, reason, value = REFUSED[name]
    file = in_csv(tmp_path, [filing(7) | changes, filing(8)])
    found, refused = read(parser, file)
    assert refused == [RefusedRow(place=f"{file}, line 2", reason=reason, value=value)]
    assert [one.id for one in found] == ["I-200-24248-000008"]


def test_a_status_in_capitals_counts(parser: FieldParser, tmp_path: Path) -> None:
    found, refused = read(parser, in_csv(tmp_path, [filing(7) | {"CASE_STATUS": "CERTIFIED"}]))
    assert (len(found), refused) == (1, [])


DECISIONS = st.lists(
    st.tuples(
        st.integers(1, 3),  # the case
        st.integers(1, 28),  # the day
        st.sampled_from(["Certified", "Certified", "Certified - Withdrawn"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(decisions=DECISIONS, cut=st.integers(0, 12))
def test_a_case_counts_as_it_was_last_decided_in_whatever_order_files_repeat_it(
    decisions: list[tuple[int, int, str]],
    cut: int,
    parser: FieldParser,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A case that is withdrawn on the day on which it was certified is withdrawn."""
    folder = tmp_path_factory.mktemp("quarters")
    rows = [
        filing(
            case,
            CASE_STATUS=status,
            DECISION_DATE=f"2024-09-{day:02}",
            WAGE_RATE_OF_PAY_FROM=str(90_000 + day),
        )
        for case, day, status in decisions
    ]
    files = [
        in_csv(folder, rows[:cut], name="LCA_FY2024_Q3"),
        in_csv(folder, rows[cut:], name="LCA_FY2024_Q4"),
    ]
    expected = {}
    for case in {case for case, _, _ in decisions}:
        last = max(day for of, day, _ in decisions if of == case)
        if all(status == "Certified" for of, day, status in decisions if (of, day) == (case, last)):
            expected[f"I-200-24248-{case:06}"] = 90_000.0 + last
    source = lca.build_source(files, None, None)
    filings = lca.Filings(files, CROSSWALK)
    if not expected:
        with pytest.raises(ImportRefused, match="no row is an observation"):
            import_observations(source, lca.NOTE, filings.read_observations(parser), folder)
        return
    import_observations(source, lca.NOTE, filings.read_observations(parser), folder)
    kept = parquet_rows(folder / "dol-lca-fy2024q3-fy2024q4.parquet")
    assert {row["id"]: row["low"] for row in kept} == expected


def test_a_case_that_is_withdrawn_later_is_refused_with_its_place(
    parser: FieldParser, tmp_path: Path
) -> None:
    third = in_csv(tmp_path, [filing(1), filing(2)], name="LCA_FY2024_Q3")
    withdrawn = filing(1, CASE_STATUS="Certified - Withdrawn", DECISION_DATE="2024-09-30")
    fourth = in_workbook(tmp_path, [withdrawn], name="LCA_FY2024_Q4")
    found, refused = read(parser, fourth, third)
    assert [one.id for one in found] == ["I-200-24248-000002"]
    assert [(row.place, row.reason) for row in refused] == [
        (f"{fourth}, row 2", "the case is not certified"),
        (f"{third}, line 2", "a later decision replaced this one"),
    ]


def test_the_quarters_are_those_of_the_option_or_of_the_names_of_the_files(tmp_path: Path) -> None:
    def source(*names: str, named: str | None = None) -> tuple[str, str]:
        files = [in_csv(tmp_path, [filing()], name=name) for name in names]
        found = lca.build_source(files, named, None)
        return found.id, found.title.removeprefix("LCA Programs Disclosure Data, ")

    assert source(NAME) == ("dol-lca-fy2024q4", "FY2024 Q4")
    assert source("lca_fy2025q1_sample") == ("dol-lca-fy2025q1", "FY2025 Q1")
    assert source("b_FY2025-Q1", NAME) == (
        "dol-lca-fy2024q4-fy2025q1",
        "FY2024 Q4, FY2025 Q1",
    )
    assert source("lca", named="FY2025Q2") == ("dol-lca-fy2025q2", "FY2025 Q2")
    for name in ("lca", "LCA_FY2024_Q5", "LCA_FY2024_Q12"):
        with pytest.raises(ImportRefused, match="give --release"):
            source(name)
    with pytest.raises(ImportRefused, match=r"2024-09-30: FY2024 Q4 was released later"):
        lca.build_source([], NAME, datetime.date(2024, 9, 30))
    assert lca.build_source([], NAME, datetime.date(2024, 10, 1)).published.precision == "day"


CONTENT = text_of([filing(number) for number in range(1, 99)]).encode()
OTHER_FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a missing column": (
        "csv",
        lambda: CONTENT.replace(b"SOC_CODE", b"SOC"),
        "line 1: missing or repeated column 'SOC_CODE'",
    ),
    "a repeated column": (
        "csv",
        lambda: CONTENT.replace(b"PW_TRACKING_NUMBER", b"CASE_STATUS"),
        "line 1: the column 'CASE_STATUS' appears twice",
    ),
    "a cut": ("csv", lambda: CONTENT[:-200], "the last line has no end, so the file is cut off"),
    "a cut, packed": (
        "csv.gz",
        lambda: gzip.compress(CONTENT)[:-50],
        "damaged or cut off; download it again",
    ),
    "an open quote": ("csv", lambda: CONTENT.replace(b'"Acme 9, Inc."', b'"Acme'), "not valid CSV"),
    "another encoding": (
        "csv",
        lambda: CONTENT.replace(b"Jersey", b"\x81", 1),
        "line 2: neither UTF-8 nor Windows-1252",
    ),
    "nothing": ("csv", lambda: b"", "the file is empty"),
    "an old workbook": ("xlsx", lambda: b"\xd0\xcf\x11\xe0" * 9, "save it as .xlsx"),
    "binary": ("csv", lambda: bytes(range(255, -1, -1)) * 9 + b"\n", "not UTF-16"),
    "another format": ("xlsx", lambda: CONTENT, "neither a workbook (.xlsx) nor CSV nor Parquet"),
    "a cut workbook": ("xlsx", lambda: b"PK\x03\x04" * 9, "damaged or cut off; download it again"),
}


@pytest.mark.parametrize("name", OTHER_FILES)
def test_a_file_of_another_shape_is_refused_with_its_place(
    name: str, parser: FieldParser, tmp_path: Path
) -> None:
    ending, content, reason = OTHER_FILES[name]
    file = tmp_path / f"{NAME}.{ending}"
    file.write_bytes(content())
    with pytest.raises(ImportRefused) as error:
        read(parser, file)
    assert str(file) in str(error.value)
    assert reason in str(error.value)


def test_a_workbook_of_other_columns_is_refused(parser: FieldParser, tmp_path: Path) -> None:
    for header in ([*COLUMNS[:-1], "CASE_STATUS"], COLUMNS[1:]):
        book = openpyxl.Workbook()
        book.worksheets[0].append(header)
        file = tmp_path / f"{NAME}.xlsx"
        book.save(file)
        with pytest.raises(ImportRefused, match=r"row 1: missing or repeated column 'CASE_"):
            read(parser, file)


def test_a_refused_release_leaves_the_earlier_import(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "datasets", tmp_path / "datasets")
    read_output(tmp_path, "import", "dol-lca", in_csv(tmp_path, [filing()]))
    earlier = contents(tmp_path / "observations")
    for file in (in_csv(tmp_path, [filing(CASE_STATUS="Denied")]), tmp_path / "lca.csv"):
        file.touch()
        assert "Nothing was imported." in read_error(tmp_path, "import", "dol-lca", file)
    assert contents(tmp_path / "observations") == earlier


def test_the_published_filings_are_read(parser: FieldParser) -> None:
    found, refused = read(parser, shared_file("dol_lca_fy2024q4_sample.csv"))
    assert len(found) + len(refused) == 153
    assert sum(row.reason == "the case is not certified" for row in refused) == 14
    assert sum(one.low < one.high for one in found) > len(found) / 4
    assert {one.occupation for one in found if one.role is None} == {"15-2051", "11-3021"}
