import csv
import datetime
import hashlib
import os
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from paycite import seeds
from paycite.dataset.build import build
from paycite.dataset.published import Datasets
from paycite.importers import ImportRefused, oews
from paycite.importers.oews.workbook import COLUMNS
from paycite.model.distribution import MEASURES, PERCENTILES, Measure
from paycite.seeds import SeedError
from support.commands import read_error, read_output
from support.folders import contents, shared_file
from support.killing import killed_at, killed_at_each_line
from support.oews_files import CAP, Cells, Stated, write_flat, write_workbook
from support.servers import SEEDS

NAME = "bls-oews-2025-05"
DAY = datetime.date(2026, 5, 15)


def cells(pay: str, others: str) -> Cells:
    """Of the nine measures; a dash where there is no such number."""
    stated = [cell.removeprefix("-") for cell in (*pay.split(), *others.split(","))]
    return dict(zip(MEASURES, stated, strict=True))


NATION = ("0000000", "N", "National")
AUSTIN = ("0012420", "M", "Austin-Round Rock-San Marcos, TX")
ALABAMA = ("0100001", "M", "Northwest Alabama nonmetropolitan area")
CALIFORNIA = ("0600000", "S", "California")
ATLANTIS = ("0099999", "M", "Atlantis, XX")
SCIENTISTS = ("15-2051", "Data Scientists")
DEVELOPERS = ("15-1252", "Software Developers")
ACTORS = ("27-2011", "Actors")

# One of each kind of number; in the order of the series ids.
RELEASE = [
    Stated(*AUSTIN, *SCIENTISTS, cells("74640 85780 127360 161560 186010", "3730,5.5,1.8,1.71")),
    Stated(*ATLANTIS, *SCIENTISTS, cells("50000 60000 70000 80000 90000", "30,1.0,1.0,1.00")),
    Stated(*ALABAMA, *SCIENTISTS, cells("61000 72000 83000 94000 105000", "*,*,0.0,*")),
    Stated(*CALIFORNIA, *SCIENTISTS, cells("* * * * *", "37400,2.5,*,1.20")),
    Stated(*CALIFORNIA, *ACTORS, cells("- - - - -", "9000,8.0,3.1,1.10")),
    Stated(
        *NATION, *DEVELOPERS, cells(f"82460 105210 135980 >={CAP} >={CAP}", "1687890,0.6,0.4,-")
    ),
    Stated(*NATION, *SCIENTISTS, cells("66880 85360 120310 160570 205680", "240000,1.2,0.5,-")),
]
IMPORTED = f"""\
occupation,role,level,and_above,geography,n,p10,p25,p50,p75,p90,employment,employment_rse,mean_rse,location_quotient
15-1252,,,,us,,82460,105210,135980,>={CAP},>={CAP},1687890,0.6,0.4,
15-2051,,,,austin-tx,,74640,85780,127360,161560,186010,3730,5.5,1.8,1.71
15-2051,,,,california,,*,*,*,*,*,37400,2.5,*,1.2
15-2051,,,,northwest-alabama-nonmetro,,61000,72000,83000,94000,105000,*,*,0,*
15-2051,,,,us,,66880,85360,120310,160570,205680,240000,1.2,0.5,
"""


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_flat(tmp_path_factory.mktemp("flat"), RELEASE)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(tmp_path_factory.mktemp("books") / "all_M2025_dl.xlsx", RELEASE)


def imported(files: list[Path], into: Path, seeds: Path = SEEDS) -> str:
    oews.import_release(files, into, seeds, DAY)
    return (into / f"{NAME}.csv").read_text()


def test_a_release_is_imported_with_what_it_withholds_caps_and_leaves_out(
    flat: list[Path], tmp_path: Path
) -> None:
    printed = read_output(tmp_path, "import", "bls-oews", "--published", DAY, *flat)
    assert printed.startswith(
        f"Imported {NAME}: 5 rows for 4 areas.\n"
        "The next build uses this import instead of the 8,043 rows in the seeds.\n"
        "Skipped 1 row for Atlantis, XX (0099999): not in metros.csv.\n"
    )
    assert "Not in this release: Statisticians (15-2041).\n" in printed
    assert "27-2011" not in printed
    into = tmp_path / "distributions"
    assert sorted(contents(into)) == [f"{NAME}.csv", f"{NAME}.toml"]
    assert (into / f"{NAME}.csv").read_text() == IMPORTED
    source = tomllib.loads((into / f"{NAME}.toml").read_text())["source"]
    assert source["published"] == {"date": DAY, "precision": "day"}
    assert source["citation"].endswith("May 2025, https://www.bls.gov/oes/ (released 2026-05-15)")
    listed = subprocess.run(
        f"sha256sum {' '.join(file.name for file in flat)} | sort | sha256sum",
        shell=True,
        cwd=flat[0].parent,
        capture_output=True,
        text=True,
    )
    assert source["sha256"] == listed.stdout.split()[0]


def test_a_refusal_is_told_plainly(tmp_path: Path) -> None:
    file = tmp_path / "national_M2025_dl.xlsx"
    file.write_bytes(b"PK")
    error = read_error(tmp_path / "data", "import", "bls-oews", file)
    assert f"Error: {file}: damaged or cut off; download it again: " in error
    assert "Nothing was imported." in error
    assert not (tmp_path / "data").exists()


def test_every_copy_of_a_release_gives_the_same_bytes(
    flat: list[Path], workbook: Path, tmp_path: Path
) -> None:
    into = tmp_path / "into"
    assert imported(flat, into) == IMPORTED
    first = contents(into)
    assert imported(flat[::-1], into) == IMPORTED
    assert contents(into) == first
    assert imported([workbook], into) == IMPORTED
    assert hashlib.sha256(workbook.read_bytes()).hexdigest() in (into / f"{NAME}.toml").read_text()
    # As BLS ships them: in a zip file, parted by kind of area, the legend in a workbook of its own.
    parted = {"MSA": AUSTIN, "BOS": ALABAMA, "state": CALIFORNIA, "national": NATION}
    with zipfile.ZipFile(tmp_path / "oesm25.zip", "w") as shipped:
        for kind, area in parted.items():
            rows = [row for row in RELEASE if row[:3] == area]
            book = write_workbook(tmp_path / f"{kind}_M2025_dl.xlsx", rows, legend="")
            shipped.write(book, f"oesm25/{book.name}")
        legend = write_workbook(tmp_path / "file_descriptions.xlsx", [])
        shipped.write(legend, "oesm25/file_descriptions.xlsx")
    assert imported([tmp_path / "oesm25.zip"], into) == IMPORTED
    assert (
        imported([tmp_path / f"{kind}_M2025_dl.xlsx" for kind in parted] + [legend], into)
        == IMPORTED
    )


def test_codes_that_a_spreadsheet_stored_as_numbers_are_read(
    workbook: Path, tmp_path: Path
) -> None:
    copy = tmp_path / workbook.name
    book = openpyxl.load_workbook(workbook)
    for row in book.worksheets[0].iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, str) and cell.value.isdecimal():
                cell.value = int(cell.value)
    book.save(copy)
    assert stated([copy]) == stated([workbook])


def stated(files: list[Path]) -> dict[tuple[str, str], dict[Measure, str]]:
    """What the files state, every occupation in every area."""
    found = oews.merge_rows(oews.read_estimates(files))
    return {
        key: {measure: part.cells.get(measure, "") for measure in MEASURES}
        for key, part in found.items()
    }


def as_seeds_write_it(cell: str) -> str:
    is_whole = cell.endswith((".0", ".00"))
    return cell.partition(".")[0] if is_whole else cell.rstrip("0") if "." in cell else cell


def expected(rows: list[Stated]) -> dict[tuple[str, str], dict[Measure, str]]:
    return {
        (row.occupation, row.area): {
            measure: as_seeds_write_it(cell) for measure, cell in row.cells.items()
        }
        for row in rows
    }


PAY = st.integers(1, 10**7).map(str)


@st.composite
def releases(draw: st.DrawFn) -> list[Stated]:
    """Rows of rising pay, of which any may be capped or withheld, or paid by the hour only."""
    rows = []
    for area in (AUSTIN, ALABAMA, CALIFORNIA, NATION):
        for occupation in draw(st.sets(st.sampled_from([ACTORS, DEVELOPERS, SCIENTISTS]))):
            pay = sorted(draw(st.lists(PAY, min_size=5, max_size=5)), key=int)
            pay = [draw(st.sampled_from([amount, amount, f">={CAP}", "*"])) for amount in pay]
            pay = draw(st.sampled_from([pay, pay, pay, ["-"] * 5]))
            known = [f"{draw(st.integers(0, 999)) / 100:.{places}f}" for places in (1, 1, 2)]
            count = str(draw(st.integers(0, 10**8)))
            others = [draw(st.sampled_from([value, value, "*"])) for value in (count, *known)]
            others[3] = "-" if area is NATION else others[3]
            rows.append(Stated(*area, *occupation, cells(" ".join(pay), ",".join(others))))
    return rows


@settings(max_examples=60)
@given(release=releases())
def test_whatever_a_release_states_is_read_the_same_from_both_formats(
    release: list[Stated], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("release")
    assert stated(write_flat(folder, release)) == expected(release)
    assert stated([write_workbook(folder / "all_M2025_dl.xlsx", release)]) == expected(release)


def refused(files: list[Path], folder: Path) -> str:
    """The reason why the files are not imported; an earlier import stands as it stood."""
    into = folder / "into"
    shutil.copytree(SEEDS / "distributions", into)
    before = contents(into)
    with pytest.raises(ImportRefused) as error:
        oews.import_release(files, into, SEEDS, DAY)
    assert contents(into) == before
    return str(error.value)


DATA, AREA, OCCUPATION, FOOTNOTE = "oe.data.0.Current", "oe.area", "oe.occupation", "oe.footnote"
SERIES = "OEUM0012420000000152051"

# The file, the text to replace in it (once), the replacement, and the expected message.
FLAT_CORRUPTIONS = {
    "text in a number": (DATA, "   74640", "a number", "line 12, column value: expected a number"),
    "a missing column": (DATA, "\t       value", "", f"{DATA}, line 1: neither a workbook"),
    "a shifted line": (DATA, "2025\tA01", "2025\t\tA01", "line 2: 6 cells for the 5 columns"),
    "two releases": (DATA, "2025\tA01\t       50000", "2024\tA01\t       50000", "May 2024, but"),
    "half a year": (DATA, "A01", "S01", "line 2, column period: expected A01"),
    "an unknown footnote": (DATA, "-\t8", "-\t7", "column footnote_codes: unknown code 7"),
    "no reason": (DATA, "-\t8", "-\t", "column value: - contradicts its footnotes (none)"),
    "a number not released": (
        DATA,
        "74640\t",
        "74640\t8",
        "line 12, column value: 74640 contradicts",
    ),
    "a number at the cap": (
        DATA,
        "186010\t",
        "186010\t5",
        "line 16, column value: 186010 contradicts",
    ),
    "falling percentiles": (DATA, "74640", "94640", "line 2: 15-2051 in Austin-Round Rock"),
    "no such data type": (DATA, f"{SERIES}01", f"{SERIES}18", "line 2, column series_id: "),
    "a line twice": (DATA, f"{SERIES}12", f"{SERIES}11", "appears twice, first at"),
    "a line that is missing": (DATA, f"{SERIES}15", f"{SERIES}16", "no annual pay, 90th"),
    "no such area": (AREA, "0012420", "0012421", "line 2, column series_id: M0012420 is not in"),
    "no such occupation": (OCCUPATION, "152051", "152052", "column series_id: 152051 is not in"),
    "another title": (OCCUPATION, "Data Scientists", "Data Wizards", "a different classification"),
    "no cap": (FOOTNOTE, "$239,200", "much", f"{FOOTNOTE}: code 5 does not state"),
    "a short line": (AREA, "\tM\tAustin", " Austin", f"{AREA}, line 2: 2 cells for the 4"),
}


@pytest.mark.parametrize("name", FLAT_CORRUPTIONS)
def test_a_corrupted_time_series_file_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    files = write_flat(tmp_path / "flat", RELEASE)
    corrupted, old, new, reason = FLAT_CORRUPTIONS[name]
    file = tmp_path / "flat" / corrupted
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    assert reason in refused(files, tmp_path)


def test_time_series_files_that_are_not_whole_are_refused(tmp_path: Path) -> None:
    files = write_flat(tmp_path / "flat", RELEASE)
    whole = files[0].read_bytes()
    files[0].write_bytes(whole[:-20])
    last = len(whole.splitlines())
    assert f"line {last}: the line has no end" in refused(files, tmp_path / "a")
    files[0].write_bytes(b"")
    assert f"{files[0]}: the file is empty" in refused(files, tmp_path / "b")
    files[0].write_bytes(bytes(range(256)) * 100)
    assert f"{files[0]}, line 1: " in refused(files, tmp_path / "c")
    files[0].write_bytes(whole)
    assert "oe.footnote: missing; give all of" in refused(files[:3], tmp_path / "d")
    twice = [*files, Path(shutil.copy(files[0], tmp_path / "oe.data.1.AllData"))]
    assert f"{twice[-1]}: a second oe.data, after {files[0]}" in refused(twice, tmp_path / "e")


# The column and row of a cell, its new value, and the expected message.
WORKBOOK_CORRUPTIONS: dict[str, tuple[str, int, object, str]] = {
    "text in a number": ("A_MEDIAN", 2, "a lot", "row 2, column A_MEDIAN: expected a number"),
    "text in a number that is not read": (
        "H_MEAN",
        3,
        "a lot",
        "row 3, column H_MEAN: expected a number",
    ),
    "pay that is not that by the hour": ("H_MEDIAN", 3, 12.5, "row 3, column A_MEDIAN: "),
    "an unknown sentinel": ("A_PCT90", 2, "***", "row 2, column A_PCT90: expected a number"),
    "a sentinel of another column": ("A_PCT90", 2, "~", "row 2, column A_PCT90: expected a number"),
    "capped employment": ("TOT_EMP", 2, "#", "row 2, column TOT_EMP: expected a number"),
    "a blank": ("A_PCT10", 2, None, "row 2, column A_PCT10: expected a number"),
    "less than nobody": ("TOT_EMP", 2, -30, "row 2, column TOT_EMP: expected a number"),
    "yes for a number": ("TOT_EMP", 2, True, "row 2, column TOT_EMP: expected a number"),
    "a day for a number": ("TOT_EMP", 2, DAY, "row 2, column TOT_EMP: expected a number"),
    "an occupation without a dash": (
        "OCC_CODE",
        2,
        "152051",
        "row 2, column OCC_CODE: expected a code",
    ),
    "an area by name": ("AREA", 2, "Austin", "row 2, column AREA: 'Austin' with AREA_TYPE '4'"),
    "an unknown type of area": ("AREA_TYPE", 2, "5", "row 2, column AREA: '12420' with AREA_TYPE"),
    "falling percentiles": ("A_PCT90", 2, 100, "row 2: 15-2051 in Austin-Round Rock-San Marcos"),
    "another title": ("OCC_TITLE", 2, "Data Wizards", "row 2: 15-2051 is 'Data Wizards' here"),
    "another column": (
        "TOT_EMP",
        1,
        "JOBS",
        "row 1, column 12: expected column TOT_EMP, found 'JOBS'",
    ),
}


@pytest.mark.parametrize("name", WORKBOOK_CORRUPTIONS)
def test_a_corrupted_cell_is_refused_with_its_row_and_column(
    name: str, workbook: Path, tmp_path: Path
) -> None:
    column, row, value, reason = WORKBOOK_CORRUPTIONS[name]
    book = openpyxl.load_workbook(workbook)
    book.worksheets[0].cell(row, COLUMNS.index(column) + 1).value = value  # type: ignore[assignment]
    book.save(tmp_path / workbook.name)
    assert f"{tmp_path / workbook.name}, {reason}" in refused([tmp_path / workbook.name], tmp_path)


def lying_about_its_size(file: Path) -> None:
    """Say in both of its headers that the largest member unpacks to a thousand bytes."""
    largest = max(zipfile.ZipFile(file).infolist(), key=lambda member: member.file_size)
    size = largest.file_size.to_bytes(4, "little")
    assert size in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(size, (1_000).to_bytes(4, "little")))


def a_zip_bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 10**8)


def without_a_sheet(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")


def without_a_workbook(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "none")


def malformed(file: Path) -> None:
    """Text in a cell that says that it is a number, in a zip file that is whole."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    assert b"<v>127360</v>" in sheet
    members["xl/worksheets/sheet1.xml"] = sheet.replace(b"<v>127360</v>", b"<v>much</v>")
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def edited(
    edit: Callable[[Worksheet], object],
) -> Callable[[Path], None]:
    def edit_first_sheet(file: Path) -> None:
        book = openpyxl.load_workbook(file)
        sheet = book.worksheets[0]
        assert isinstance(sheet, Worksheet)
        edit(sheet)
        book.save(file)

    return edit_first_sheet


FILE_CORRUPTIONS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a cut": (lambda file: os.truncate(file, file.stat().st_size - 30), "damaged or cut off"),
    "a hole": (
        lambda file: file.write_bytes(file.read_bytes().replace(b"\x00\x00\x00", b"\x01" * 3)),
        "damaged",
    ),
    "empty": (lambda file: file.write_bytes(b""), "the file is empty"),
    "old": (lambda file: file.write_bytes(b"\xd0\xcf\x11\xe0" * 9), "save it as .xlsx"),
    "text": (lambda file: file.write_text("AREA,AREA_TITLE\n"), "line 1: neither a workbook"),
    "a bomb": (a_zip_bomb, "it unpacks to 100,"),
    "a hidden bomb": (lying_about_its_size, "damaged"),
    "a malformed cell": (malformed, "sheet all_M2025_dl: cannot be read"),
    "no sheet": (without_a_sheet, "the workbook cannot be read"),
    "no workbook": (without_a_workbook, "neither a workbook (.xlsx) nor a zip file"),
    "a missing column": (
        edited(lambda sheet: sheet.delete_cols(3)),
        "row 1, column 3: expected column AREA_TYPE, found 'PRIM_STATE'",
    ),
    "a shifted header": (edited(lambda sheet: sheet.insert_rows(1)), "row 1, column 1: "),
    "a column more": (
        edited(lambda sheet: sheet.cell(1, 33, "MORE")),
        "row 1: unexpected columns after HOURLY: ['MORE']",
    ),
    "a cell more": (edited(lambda sheet: sheet.cell(2, 40, 1)), "row 2: more cells than the 32"),
    "a row twice": (
        edited(lambda sheet: sheet.append([cell.value for cell in sheet[2]])),
        "row 9: annual pay, 10th percentile of 15-2051 in Austin-Round Rock-San Marcos, TX ap",
    ),
    "no rows": (edited(lambda sheet: sheet.delete_rows(2, 99)), "nothing to import"),
    "no release": (edited(lambda sheet: setattr(sheet, "title", "all_M2024_dl")), "2024 and 2025"),
}


@pytest.mark.parametrize("name", FILE_CORRUPTIONS)
def test_a_corrupted_workbook_is_refused_with_the_reason(
    name: str, workbook: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy(workbook, tmp_path))
    corrupt, reason = FILE_CORRUPTIONS[name]
    corrupt(file)
    lines = refused([file], tmp_path)
    assert str(file) in lines
    assert reason in lines
    with zipfile.ZipFile(tmp_path / "oesm25all.zip", "w") as archive:
        archive.write(file, file.name)
    if name not in ("empty", "old", "text", "no workbook"):  # there, they are not looked into
        assert reason in refused([tmp_path / "oesm25all.zip"], tmp_path / "zipped")


def test_files_that_do_not_belong_together_are_refused(
    flat: list[Path], workbook: Path, tmp_path: Path
) -> None:
    mixed = refused([workbook, *flat], tmp_path / "a")
    assert f"{flat[0]}: workbooks and time-series files are two copies" in mixed
    earlier = write_workbook(tmp_path / "national_M2024_dl.xlsx", RELEASE[-1:])
    assert f"{earlier}, row 2: May 2024, but {workbook}, row 2 is May 2025" in refused(
        [workbook, earlier], tmp_path / "b"
    )
    silent = write_workbook(tmp_path / "all_M2025_dl.xlsx", RELEASE, legend="")
    assert "row 7, column A_PCT75: # means a wage above a cap" in refused([silent], tmp_path / "c")
    nameless = write_workbook(tmp_path / "wages.xlsx", RELEASE)
    assert "found no year" in refused([nameless], tmp_path / "d")


def test_an_occupation_stated_as_broad_and_as_detailed_is_read_once(
    workbook: Path, tmp_path: Path
) -> None:
    def repeated(file: Path, median: float) -> Path:
        book = openpyxl.load_workbook(workbook)
        sheet = book.worksheets[0]
        row = dict(zip(COLUMNS, (cell.value for cell in sheet[2]), strict=True))
        sheet.append([(row | {"O_GROUP": "broad", "A_MEDIAN": median})[name] for name in COLUMNS])
        book.save(file)
        return file

    twice = repeated(tmp_path / workbook.name, 127360)
    assert stated([twice]) == stated([workbook])
    with pytest.raises(ImportRefused, match=r"median of 15-2051 .* appears twice"):
        stated([repeated(tmp_path / "other_M2025_dl.xlsx", 127370)])


def test_an_import_replaces_the_release_of_the_same_id_in_the_next_build(
    flat: list[Path], few_seeds: Path, tmp_path: Path
) -> None:
    imported(flat, tmp_path / "distributions", few_seeds)
    build(few_seeds, tmp_path / "datasets", 5, imported=tmp_path / "distributions")
    with closing(Datasets(tmp_path / "datasets")) as datasets:
        store = datasets.current
        of_release = [
            one
            for code in store.snapshot.occupations
            for one in store.snapshot.distributions(code)
            if one.source_id == NAME
        ]
        assert (
            len(of_release) == 4
        )  # the one beyond metropolitan areas is of no place in these seeds
        median = store.figure(f"{NAME}:OEUM001242000000015205113")
        capped = store.figure(f"{NAME}:OEUN000000000000015125215")
        withheld = store.figure(f"{NAME}:OEUS060000000000015205113")
    assert median is not None
    assert capped is not None
    assert withheld is not None
    assert (median.low, median.high, median.as_of) == (127360, 127360, "2025-05")
    assert median.locator == "series OEUM001242000000015205113"
    assert (capped.low, capped.high, capped.as_published) == (239200, None, "239200 or more")
    assert (withheld.low, withheld.unit, withheld.as_published) == (
        None,
        "unquantified",
        "not released",
    )


def test_what_the_build_would_refuse_is_refused_now(
    flat: list[Path], own_seeds: Path, tmp_path: Path
) -> None:
    into = tmp_path / "into"
    shutil.copytree(SEEDS / "distributions", into)
    before = contents(into)
    levels = own_seeds / "levels.toml"
    levels.write_text(levels.read_text().replace("title = ", "titel = ", 1))
    with pytest.raises(SeedError, match=r"levels\.toml:"):
        oews.import_release(flat, into, own_seeds, DAY)
    assert contents(into) == before


def test_a_row_that_the_build_would_refuse_is_refused_with_the_files_as_they_were_given(
    tmp_path: Path,
) -> None:
    unpaid = Stated(*AUSTIN, *SCIENTISTS, cells("0 85780 127360 161560 186010", "3730,5.5,1.8,1"))
    files = write_flat(tmp_path / "given", [unpaid])
    into = tmp_path / "into"
    with pytest.raises(ImportRefused) as refused:
        oews.import_release(files, into, SEEDS, DAY)
    told = str(refused.value)
    assert told.startswith(
        f"{', '.join(map(str, files))}: percentiles must be above 0 and must not decrease"
    )
    assert "15-2051,,,,austin-tx,,0,85780," in told
    assert str(into) not in told
    assert not list(into.iterdir())


def test_an_import_killed_at_any_line_leaves_no_number_with_the_citation_of_another(
    workbook: Path, few_seeds: Path, tmp_path: Path
) -> None:
    earlier = tmp_path / "earlier"
    imported([workbook], earlier)
    other = write_flat(tmp_path / "other", RELEASE[:1])
    copies = list(killed_at_each_line(earlier, few_seeds, *other))
    finished = contents(copies[-1])
    outcomes = []
    for copy in copies:
        for unfinished in copy.glob("importing-*"):
            shutil.rmtree(unfinished)
        left = contents(copy)
        if f"{NAME}.csv" in left:
            outcomes.append([contents(earlier), finished].index(left))
        else:
            assert left.keys() <= {f"{NAME}.toml"}  # by itself it says nothing
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {0, 1}
    interrupted = copies[len(copies) // 2]
    assert killed_at(0, interrupted, few_seeds, *other) == 0
    assert contents(interrupted) == finished


# With the whole release, where it is at hand.


@pytest.fixture(scope="module")
def whole() -> Path:
    return shared_file("bls_oews_may2025.parquet")


@pytest.fixture(scope="module")
def whole_flat(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_flat(tmp_path_factory.mktemp("whole"), of_the_parquet(whole))


# The names in the parquet file, of the number and of its footnote. It has no footnotes of errors
# and location quotients: they are not released where the number that they are of is not.
PARQUET_COLUMNS: dict[Measure, tuple[str, str]] = {
    "p10": ("a_pct10", "f11"),
    "p25": ("a_pct25", "f12"),
    "p50": ("a_median", "f13"),
    "p75": ("a_pct75", "f14"),
    "p90": ("a_pct90", "f15"),
    "employment": ("tot_emp", "f01"),
    "employment_rse": ("emp_prse", "f01"),
    "mean_rse": ("mean_prse", "f11"),
    "location_quotient": ("loc_quotient", "f01"),
}


def of_the_parquet(file: Path) -> Iterator[Stated]:
    """Each row of the release, in the order of series ids."""
    columns = [name for pair in PARQUET_COLUMNS.values() for name in pair]
    found = duckdb.execute(
        f"select area, areatype, area_name, soc, occupation_name, {', '.join(columns)} "
        "from read_parquet($file) order by areatype, area, soc",
        {"file": str(file)},
    )
    meant = {"8": "*", "5": f">={CAP}"}  # 4: there is no pay by the year
    while rows := found.fetchmany(10_000):
        for area, area_type, area_name, occupation, title, *stated_there in rows:
            values = iter(stated_there)
            row: Cells = {
                measure: meant.get(footnote, "") if value is None else f"{value:.10g}"
                for measure, (value, footnote) in zip(
                    PARQUET_COLUMNS, zip(values, values, strict=True), strict=True
                )
            }
            yield Stated(area, area_type, area_name, occupation, title, row)


def test_the_whole_release_is_read_from_its_time_series_without_a_difference(
    whole: Path, whole_flat: list[Path]
) -> None:
    found = oews.merge_rows(oews.read_estimates(whole_flat))
    assert len(found) == 236_799
    for row in of_the_parquet(whole):
        part = found[row.occupation, row.area]
        assert {measure: part.cells.get(measure, "") for measure in MEASURES} == row.cells
        assert (part.title, part.area_name, part.year) == (row.title, row.area_name, 2025)


def test_the_published_workbook_says_what_the_time_series_say(whole: Path) -> None:
    found = stated([shared_file("bls_oews_national_M2025_dl.xlsx")])
    nation = {
        (row.occupation, row.area): row.cells
        for row in of_the_parquet(whole)
        if row.area_type == "N"
    }
    assert len(nation) == 1_104
    assert {key: found[key] for key in nation} == nation


def test_the_shipped_release_is_what_an_import_gives(
    whole_flat: list[Path], tmp_path: Path
) -> None:
    shipped = SEEDS / "distributions" / f"{NAME}.csv"
    assert imported(whole_flat, tmp_path) == shipped.read_text()


def test_the_shipped_release_has_every_occupation_in_every_area_that_bls_states_it_in() -> None:
    with (SEEDS / "distributions" / f"{NAME}.csv").open(newline="") as file:
        rows = {(row["occupation"], row["geography"]): row for row in csv.DictReader(file)}
    loaded = seeds.read(SEEDS)
    assert len(rows) == 8_043
    assert {occupation for occupation, _ in rows} == {one.id for one in loaded.occupations}
    assert {place for _, place in rows} == {metro.id for metro in loaded.metros if metro.area_code}
    austin = rows["15-2051", "austin-tx"]
    assert [austin[name] for name in PERCENTILES] == [
        "74640",
        "85780",
        "127360",
        "161560",
        "186010",
    ]
