"""Files of placements as staffing firms export them, no two alike."""

import csv
import datetime
import random
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path

from msgspec import Struct

_TITLES = (
    *(
        "Data Engineer",
        "Senior Data Engineer",
        "Sr. Data Scientist",
        "ML Engineer",
        "MLOps Engineer",
    ),
    *("Staff Data Engineer", "Machine Learning Engineer II", "Data Analyst", "Jr. Data Analyst"),
    *("Senior Software Engineer", "SENIOR DATA SCIENTIST", "Lead Data Engineer", "data engineer"),
)
_PLACES = (
    *(("Boston", "MA", "02110"), ("Newark", "NJ", "07102"), ("Hartford", "CT", "06103")),
    *(("Austin", "TX", "78701"), ("San Francisco", "CA", "94105"), ("New York", "NY", "10001")),
    *(("Seattle", "WA", "98101"), ("Denver", "CO", "80202"), ("Chicago", "IL", "60601")),
)
_CLIENTS = ("Acme, Inc.", "Café Río LLC", 'The "Best" Co', "O\u2019Neil Partners", "Beta; Gamma")


class Placement(Struct, frozen=True, kw_only=True):
    """What a row means. A row that is not right must be refused."""

    id: str
    title: str
    city: str
    state: str
    zip: str
    hourly: int | None
    yearly: int
    day: datetime.date
    client: str
    is_right: bool = True


class Export(Struct, frozen=True, kw_only=True):
    """How a program exports placements."""

    name: str
    encoding: str
    delimiter: str
    before: str = ""
    header: Sequence[str]
    cells: Callable[[Placement, random.Random], Sequence[object]]


def _pay(one: Placement, chance: random.Random) -> str:
    if one.hourly:
        return chance.choice(["${0:.2f}/hr", "${0} per hour", "{0:.2f} hourly"]).format(one.hourly)
    forms = [
        "${0:,}",
        "${0:,}.00",
        "{0}",
        "{0:,}.00 USD",
        "USD {0:,}",
        "${1}k",
        "{1}K",
        "${0:,}/yr",
    ]
    return chance.choice(forms).format(one.yearly, one.yearly // 1_000)


def _day(one: Placement, chance: random.Random) -> str:
    serial = (one.day - datetime.date(1899, 12, 30)).days
    return chance.choice(
        [f"{one.day:%m/%d/%Y}", f"{one.day.month}/{one.day.day}/{one.day:%y}", str(serial)]
    )


EXPORTS = (
    Export(
        name="ats.csv",
        encoding="cp1252",
        delimiter=";",
        before="sep=;\r\n",
        header=(
            *("Placement ID", "Job Title", "Location", "Salary", "Client", "Start Date"),
            "Recruiter",
        ),
        cells=lambda one, chance: [
            *(one.id, one.title, f"{one.city}, {one.state}", _pay(one, chance), one.client),
            *(_day(one, chance), "Pat"),
        ],
    ),
    Export(
        name="crm.csv",
        encoding="utf-16",
        delimiter="\t",
        header=("Title", "City", "State", "Zip", "Pay Rate", "Pay Type", "Company", "Date Placed"),
        cells=lambda one, chance: [
            *(f" {one.title} ", one.city, one.state, one.zip.lstrip("0")),
            *((f"{one.hourly:.2f}", "Hourly") if one.hourly else (f"{one.yearly:,}", "Annual")),
            *(one.client, f"{one.day:%d-%b-%y}"),
        ],
    ),
    Export(
        name="payroll.csv",
        encoding="utf-8-sig",
        delimiter=",",
        header=(
            *("Position", "City and State", "Base Salary (USD)", "Employer", "Hire Date"),
            "Notes",
        ),
        cells=lambda one, chance: [
            *(one.title, f"{one.city} {one.state}", _pay(one, chance), one.client),
            *(f"{one.day:%B} {one.day.day}, {one.day.year}", "good, quick\nto hire"),
        ],
    ),
    Export(
        name="board.csv",
        encoding="utf-8",
        delimiter="|",
        before="Placements 2025 - confidential\r\n\r\n",
        header=("JOB_TITLE", "WORK_CITY", "ST", "SALARY_MIN", "SALARY_MAX", "CLIENT_NAME", "START"),
        cells=lambda one, chance: [
            *(one.title, one.city, one.state),
            *([f"${one.hourly}/hr"] * 2 if one.hourly else [f"${one.yearly:,}"] * 2),
            *(one.client, f"{one.day:%m/%d/%Y} 12:00:00 AM"),
        ],
    ),
)  # fmt: skip


def write_placements(
    folder: Path, rows: int = 500, seed: int = 1
) -> list[tuple[Path, list[Placement]]]:
    """Write the files, each with its part of the rows. One row in twenty is not right."""
    chance = random.Random(seed)
    written = []
    for export in EXPORTS:
        placements = [_placement(number, chance) for number in range(rows // len(EXPORTS))]
        text = StringIO(newline="")
        writer = csv.writer(text, delimiter=export.delimiter)
        writer.writerow(export.header)
        writer.writerows(export.cells(one, chance) for one in placements)
        file = folder / export.name
        file.write_bytes((export.before + text.getvalue()).encode(export.encoding))
        written.append((file, placements))
    return written


def _placement(number: int, chance: random.Random) -> Placement:
    city, state, zip_ = chance.choice(_PLACES)
    is_right = number % 20 != 7
    hourly = chance.choice([None, None, chance.randrange(40, 120)])
    return Placement(
        id=f"P-{number:04}",
        title=chance.choice(_TITLES) if is_right else "Pastry Chef",
        city=city,
        state=state,
        zip=zip_,
        hourly=hourly,
        yearly=hourly * 2_080 if hourly else chance.randrange(80, 220) * 1_000,
        day=datetime.date(2025, 1, 1) + datetime.timedelta(days=chance.randrange(300)),
        client=chance.choice(_CLIENTS),
        is_right=is_right,
    )
