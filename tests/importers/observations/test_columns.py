"""Which column of a file is what."""

import pytest

from paycite.importers import ImportRefused
from paycite.importers.observations.columns import COLUMNS, ColumnMap, Layout

PLACED = Layout(kind="placement")


def mapped(*columns: str, layout: Layout = PLACED) -> ColumnMap:
    layout.check("a.csv", columns)
    return layout.map_columns("a.csv", columns)


HEADERS = {
    "Job Title": "title",
    "Position": "title",
    "JOB_TITLE": "title",
    "jobTitle": "title",
    "Location": "place",
    "City": "city",
    "ST": "state",
    "Zip Code": "zip",
    "Salary": "amount",
    "Base Salary ($)": "amount",
    "Annual Salary": "amount",
    "Pay Rate": "amount",
    "Hourly Rate": "amount",
    "Base": "amount",
    "Base Comp (USD)": "amount",
    "Salary Min": "min",
    "Maximum Salary": "max",
    "Pay Type": "period",
    "Client": "employer",
    "Company Name": "employer",
    "Start Date": "date",
    "Placement Date": "date",
    "Placement ID": "id",
    "Placement #": "id",
    "Seniority": "level",
    "Years of Experience": "years",
    "SOC Code": "occupation",
} | {column.title(): column for column in COLUMNS}


@pytest.mark.parametrize("header", HEADERS)
def test_a_common_header_is_mapped(header: str) -> None:
    assert PLACED.map_columns("", [header]).names == {header: HEADERS[header]}


NOT_OURS = (
    "Bill Rate",
    "Current Salary",
    "Total Compensation",
    "Placement Status",
    "End Date",
    "x",
)


@pytest.mark.parametrize("header", NOT_OURS)
def test_a_header_that_may_be_something_else_is_not_mapped(header: str) -> None:
    names = PLACED.map_columns("", [header, "title"]).names if header in SKIPPED else None
    assert names == ({"title": "title"} if header in SKIPPED else None)
    if header not in SKIPPED:
        with pytest.raises(ImportRefused, match="unknown columns"):
            PLACED.map_columns("", [header])


SKIPPED = ("Bill Rate", "End Date")


def test_a_mapping_is_described_with_what_is_not_used() -> None:
    found = mapped("Placement ID", "Title", "City", "State", "Hourly Rate", "Recruiter", "date")
    assert found.describe() == (
        "Columns: Placement ID as id, Title as title, City as city, State as state, "
        "Hourly Rate as amount. Not used: Recruiter."
    )
    assert found.period == "hour"


def test_two_columns_that_may_be_the_same_are_refused_with_both_names() -> None:
    pairs = {
        ("Client", "Company"): "--column Client=employer` or `--column Company=employer",
        ("Location", "City"): "--column Location=place` or `--column City=city",
        ("Salary", "Min Salary"): "--column Salary=amount` or `--column 'Min Salary=min'",
    }
    for (one, other), options in pairs.items():
        for columns in ([one, other], [other, one]):
            with pytest.raises(ImportRefused) as error:
                PLACED.map_columns("a.csv", columns)
            assert repr(one) in str(error.value) and repr(other) in str(error.value)
        with pytest.raises(ImportRefused) as error:
            PLACED.map_columns("a.csv", [one, other])
        assert options in str(error.value)


def test_an_option_and_the_documented_name_win_over_a_common_header() -> None:
    layout = Layout(kind="placement", renamed={"Company": "employer", "Desk": "title"})
    found = mapped("Desk", "Job Title", "amount", "Salary", "Client", "Company", layout=layout)
    assert found.names == {"Desk": "title", "amount": "amount", "Company": "employer"}
    assert found.unused == ["Job Title", "Salary", "Client"]


def test_unknown_columns_are_refused_all_at_once_with_the_options_that_skip_them() -> None:
    with pytest.raises(ImportRefused) as error:
        mapped("title", "amount", "Desk No", "levle")
    assert "'Desk No', 'levle' (level?)" in str(error.value)
    assert "`--ignore 'Desk No' --ignore levle`" in str(error.value)
