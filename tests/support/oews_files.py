"""OEWS releases in the layouts of BLS, written from rows of cells as the seeds have them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import openpyxl

from paycite.importers.oews.workbook import COLUMNS
from paycite.importers.oews.workbook import MEASURES as WORKBOOK_MEASURES
from paycite.model.distribution import MEASURES, Measure

Cells = Mapping[Measure, str]
CAP = "239200"
LEGEND = "#  = indicates a wage equal to or greater than $115.00 per hour or $239,200 per year "
FOOTNOTES = {
    "1": "Estimates for detailed occupations do not sum to the totals.",
    "2": "Annual wages have been calculated by multiplying the hourly wage by 2,080 hours.",
    "3": "The relative standard error (RSE) is a measure of the reliability of a statistic.",
    "4": "Wages for some occupations that do not generally work year-round, full time, are "
    "reported either as hourly wages or annual salaries depending on how they are typically paid.",
    "5": "This wage is equal to or greater than $115.00 per hour or $239,200 per year.",
    "8": "Estimate not released.",
}
DECIMALS = {"employment": 0, "employment_rse": 1, "mean_rse": 1, "location_quotient": 2}


class Stated(NamedTuple):
    """A row: the area with its 7 digits and type, the occupation, and its cells."""

    area: str
    area_type: str
    area_name: str
    occupation: str
    title: str
    cells: Cells


def write_flat(
    folder: Path, rows: Iterable[Stated], year: int = 2025, footnotes: Mapping[str, str] = FOOTNOTES
) -> list[Path]:
    """oe.data with what stands beside our measures in it, and its three mapping files."""
    folder.mkdir(parents=True, exist_ok=True)
    data, area, occupation, footnote = (
        folder / f"oe.{name}" for name in ("data.0.Current", "area", "occupation", "footnote")
    )
    areas: dict[str, str] = {}
    occupations: dict[str, str] = {}
    with data.open("w", newline="\n") as file:
        file.write("series_id                     \tyear\tperiod\t       value\tfootnote_codes\n")
        for row in rows:
            areas[row.area] = f"{row.area[:2]}\t{row.area}\t{row.area_type}\t{row.area_name}\n"
            code = row.occupation.replace("-", "")
            occupations[code] = f"{code}\t{row.title}\t\t3\tT\t{len(occupations)}\n"
            for industry in ("000000", "000001", "11--12")[: 3 if row.area_type == "N" else 1]:
                series = f"OEU{row.area_type}{row.area}{industry}{code}"
                file.writelines(
                    f"{series + datatype:<30}\t{year}\tA01\t{value:>12}\t{codes}\n"
                    for datatype, value, codes in _values(row, industry)
                )
    area.write_text("state_code\tarea_code\tareatype_code\tarea_name\n" + "".join(areas.values()))
    occupation.write_text(
        "occupation_code\toccupation_name\toccupation_description\tdisplay_level\tselectable\t"
        "sort_sequence\n" + "".join(occupations.values())
    )
    footnote.write_text(
        "footnote_code\tfootnote_text\n"
        + "".join(f"{code}\t{text}\n" for code, text in footnotes.items())
    )
    return [data, area, occupation, footnote]


def _values(row: Stated, industry: str) -> Iterator[tuple[str, str, str]]:
    """The 17 data types in order; those that are no measure, and other industries, with numbers
    that would be wrong."""
    by_datatype = {kind.datatype: name for name, kind in MEASURES.items()}
    for number in range(1, 18):
        datatype = f"{number:02}"
        measure = by_datatype.get(datatype)
        if measure is None or industry != "000000":
            yield datatype, "7.77", ""
        elif (cell := row.cells[measure]) == "*":
            yield datatype, "-", "8"
        elif cell.startswith(">="):
            yield datatype, "-", "5"
        elif cell:
            yield datatype, f"{float(cell):.{DECIMALS.get(measure, 0)}f}", ""
        elif measure != "location_quotient":
            yield datatype, "-", "4"


def write_workbook(
    file: Path, rows: Iterable[Stated], legend: str = LEGEND, header: Sequence[str] = COLUMNS
) -> Path:
    """A workbook of 32 columns, the sheet named as its file, and the legend on the next one."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(file.stem)
    sheet.append(list(header))
    for row in rows:
        sheet.append([workbook_row(row)[column] for column in COLUMNS])
    book.create_sheet("Field Descriptions").append([legend, ""])
    book.save(file)
    return file


def workbook_row(row: Stated) -> dict[str, str | float | None]:
    """What a row is in a workbook, by column."""
    hourly_only = row.cells["p50"] == ""
    values: dict[str, str | float | None] = dict.fromkeys(COLUMNS)
    values |= {
        "AREA": {"N": "99", "S": row.area[:2]}.get(row.area_type, row.area.lstrip("0")),
        "AREA_TITLE": row.area_name,
        "AREA_TYPE": {"N": "1", "S": "2"}.get(
            row.area_type, "4" if row.area.startswith("00") else "6"
        ),
        "NAICS": "000000",
        "OWN_CODE": "1235",
        "OCC_CODE": row.occupation,
        "OCC_TITLE": row.title,
        "O_GROUP": "detailed",
        "H_MEDIAN": "*",
        "PCT_RPT": "~",
        "HOURLY": "TRUE" if hourly_only else None,
    }
    for column, measure in WORKBOOK_MEASURES.items():
        cell = row.cells[measure]
        if cell == "*":
            sentinel = "*" if column.startswith(("A_", "MEAN")) else "**"
            values[column] = sentinel
        elif cell.startswith(">="):
            values[column] = "#"
        elif cell:
            values[column] = float(cell)
        elif measure != "location_quotient":
            values[column] = "*"
    return values
