import csv
import datetime
import gzip
import hashlib
import shutil
import subprocess
import tomllib
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycite.dataset.build import build
from paycite.dataset.observations import parquet_rows
from paycite.dataset.published import Datasets
from paycite.importers import ImportRefused, aijobs
from paycite.importers.aijobs import BOARDS, Row
from paycite.importers.aijobs import percentiles as aijobs_percentiles
from paycite.importers.aijobs.percentiles import FEWEST
from paycite.importers.common.fields import FieldParser
from paycite.model.observation import Observation, RefusedRow
from paycite.model.snapshot import Snapshot
from paycite.seeds.observations import observed
from support.commands import paycite, read_error
from support.folders import contents, shared_file
from support.servers import SEEDS

AIJOBS = BOARDS["aijobs"]

NAME = "aijobs-2025-08"
COLUMNS = ",".join(Row.__struct_fields__)


def row(
    amount: int,
    level: str = "SE",
    title: str = "ML Engineer",
    year: int = 2025,
    kind: str = "FT",
    currency: str = "USD",
    at: str = "US",
    lives: str = "US",
    remote: int = 0,
) -> str:
    pay = f"{amount},{currency},{amount}"
    return f"{year},{level},{kind},{title},{pay},{lives},{remote},{at},M"


def advertised(midpoint: int, level: str = "SE", title: str = "ML Engineer", **more: object) -> str:
    """The two rows of a range of which the square root of maximum times minimum is `midpoint`."""
    ends = (2 * midpoint, midpoint // 2)
    return "\n".join(row(end, level, title, **more) for end in ends)  # type: ignore[arg-type]


# Midpoints of 100,000 to 130,000 by 1,000; those of 115,000 and more under other titles or years.
SENIOR = [
    *(advertised(midpoint) for midpoint in range(100_000, 115_000, 1_000)),
    *(advertised(midpoint, title="AI Engineer") for midpoint in range(115_000, 120_000, 1_000)),
    *(advertised(midpoint, year=2024) for midpoint in range(120_000, 125_000, 1_000)),
    advertised(125_000, title="Staff Machine Learning Engineer"),
    "\n".join([advertised(126_000), row(127_000)]),  # three alike: a range and one alone
    "\n".join([row(128_000), advertised(129_000)]),  # the next above: one alone and a range
    "\n".join([row(130_000, remote=100)] * 2),  # advertised with one amount
]
OTHERS = [
    *(advertised(midpoint, "MI", "Data Scientist") for midpoint in range(90_000, 119_000, 1_000)),
    advertised(100_000),  # again
    advertised(100_000),
    advertised(400_000, "EX"),
    advertised(300_000, title="Manager"),
    advertised(310_000, title="Manager"),
    advertised(300_000, title="Ninja"),
    advertised(200_000, year=2023),
    advertised(200_000, kind="CT"),
    advertised(200_000, lives="CA"),
    advertised(200_000, at="CA"),
    advertised(200_000, currency="EUR"),
]
IMPORTED = """\
occupation,role,level,and_above,geography,n,p10,p25,p50,p75,p90,employment,employment_rse,mean_rse,location_quotient
,ai-ml-engineer,senior,true,us,31,103000,107500,115000,122500,127000,,,,
"""
REPORTED = """\
Imported aijobs-2025-08: 1 row from 31 ranges.
Skipped 5 ranges: not full-time in the U.S., paid in dollars, or of an earlier year.
Skipped 2 ranges: repeated in every column.
Skipped 1 range: an executive or a director.
Skipped 3 ranges: the title names no role, or several.
Skipped data-scientist, mid: 29 ranges, fewer than 30.
Title without a role: Manager (2 ranges).
Title without a role: Ninja (1 range).
"""


def text_of(lines: list[str]) -> str:
    return "\n".join([COLUMNS, *lines, ""])


def write(file: Path, text: str) -> Path:
    """The text as a file, packed where its name says so."""
    content = text.encode()
    file.write_bytes(gzip.compress(content, mtime=0) if file.suffix == ".gz" else content)
    return file


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return write(tmp_path / "salaries_2025-08.csv.gz", text_of([*SENIOR, *OTHERS]))


def test_a_release_is_imported_as_percentiles_of_midpoints_by_role_and_level(
    release: Path, tmp_path: Path
) -> None:
    into = tmp_path / "into"
    done = run(release, tmp_path / "data", "--into", into)
    assert (done.returncode, done.stdout) == (0, REPORTED), done.stderr
    assert sorted(contents(into)) == [f"{NAME}.csv", f"{NAME}.toml"]
    assert (into / f"{NAME}.csv").read_text() == IMPORTED
    about = tomllib.loads((into / f"{NAME}.toml").read_text())
    assert about["source"]["sha256"] == hashlib.sha256(release.read_bytes()).hexdigest()
    assert about["source"]["title"].endswith(", August 2025")
    assert "work_year 2024 to 2025, " in about["distributions"]["locator"]


def test_whatever_a_board_says_of_itself_is_cited_as_it_is(release: Path, tmp_path: Path) -> None:
    about = r'Calls itself "the" board, as in C:\news.'
    board = msgspec.structs.replace(AIJOBS, about=about, publisher=about)
    aijobs_percentiles.import_release(board, release, tmp_path, SEEDS, None)
    cited = tomllib.loads((tmp_path / f"{NAME}.toml").read_text())
    assert cited["source"]["publisher"] == about
    assert about in cited["distributions"]["note"]


def test_the_same_release_gives_the_same_numbers_packed_or_not_and_the_same_bytes_twice(
    release: Path, tmp_path: Path
) -> None:
    into = tmp_path / "into"
    aijobs_percentiles.import_release(AIJOBS, release, into, SEEDS, None)
    first = contents(into)
    aijobs_percentiles.import_release(AIJOBS, release, into, SEEDS, None)
    assert contents(into) == first
    by_a_spreadsheet = "\ufeff" + text_of([*SENIOR, *OTHERS]).replace("\n", "\r\n")
    plain = write(tmp_path / "salaries-2025-08-31.csv", by_a_spreadsheet)
    aijobs_percentiles.import_release(AIJOBS, plain, into, SEEDS, None)
    assert (into / f"{NAME}.csv").read_text() == IMPORTED


def test_an_analyst_whom_the_board_calls_entry_level_is_mid(tmp_path: Path) -> None:
    midpoints = range(90_000, 120_000, 1_000)
    lines = [advertised(one, "EN", "Data Scientist") for one in midpoints]
    for level, half in (("EN", midpoints[::2]), ("MI", midpoints[1::2])):
        lines += [advertised(one, level, "Data Analyst") for one in half]
    file = write(tmp_path / "salaries_2025-08.csv", text_of(lines))
    imported = aijobs_percentiles.import_release(AIJOBS, file, tmp_path / "into", SEEDS, None)
    assert imported.cells == {("data-analyst", "mid"): 30, ("data-scientist", "entry"): 30}


def test_the_years_that_count_are_the_last_two_of_the_file(release: Path, tmp_path: Path) -> None:
    later = [*SENIOR, *OTHERS, row(1_000, year=2026, kind="PT")]
    file = write(tmp_path / "salaries_2026-01.csv", text_of(later))
    with pytest.raises(ImportRefused, match="no role and level has 30 ranges"):
        aijobs_percentiles.import_release(AIJOBS, file, tmp_path / "into", SEEDS, None)
    later = [line.replace("2025,", "2026,").replace("2024,", "2025,") for line in SENIOR]
    imported = aijobs_percentiles.import_release(
        AIJOBS, write(file, text_of(later)), tmp_path / "into", SEEDS, None
    )
    assert (imported.name, imported.cells) == ("aijobs-2026-01", {("ai-ml-engineer", "senior"): 31})
    head = (tmp_path / "into" / "aijobs-2026-01.toml").read_text()
    assert 'as_of = "2026"\nmiddle = "2025-07"\n' in head  # of January 2025 to 2026


def test_a_range_is_repeated_only_where_every_column_is_the_same(tmp_path: Path) -> None:
    cell = [advertised(100_000 + 1_000 * at) for at in range(FEWEST)]
    alike = [advertised(100_000), advertised(100_000)]
    others = [advertised(100_000, remote=100), advertised(100_000, year=2024)]
    file = write(tmp_path / "salaries_2025-08.csv", text_of([*cell, *alike, *others]))
    imported = aijobs_percentiles.import_release(AIJOBS, file, tmp_path / "into", SEEDS, None)
    assert imported.cells == {("ai-ml-engineer", "senior"): FEWEST + 2}
    assert imported.left_out["repeated in every column"] == 2


AMOUNT = st.integers(1, 10**6)
ENDS = st.tuples(AMOUNT, AMOUNT).map(lambda ends: (max(ends), min(ends)))


@settings(max_examples=100)
@given(pairs=st.lists(st.tuples(st.sampled_from(["Data Analyst", "Data Engineer"]), ENDS)))
def test_ranges_are_read_back_however_many_alike_follow_each_other(
    pairs: list[tuple[str, tuple[int, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = [row(end, title=title) for title, ends in pairs for end in ends]
    file = write(tmp_path_factory.mktemp("pairs") / "salaries.csv", text_of(lines))
    found = list(aijobs.read_ranges(file))
    assert [(one.row.job_title, (one.row.salary, one.minimum)) for _, one in found] == pairs
    lines_of = [f"{file}, lines {at} and {at + 1}" for at in range(2, 2 * len(pairs) + 2, 2)]
    assert [place for place, _ in found] == lines_of


def test_an_imported_percentile_stands_in_the_dataset_with_how_it_was_computed(
    release: Path, few_seeds: Path, tmp_path: Path
) -> None:
    aijobs_percentiles.import_release(AIJOBS, release, tmp_path / "distributions", SEEDS, None)
    build(few_seeds, tmp_path / "datasets", 5, imported=tmp_path / "distributions")
    with closing(Datasets(tmp_path / "datasets")) as datasets:
        median = datasets.current.figure(f"{NAME}:ai-ml-engineer-senior-us-p50")
    assert median is not None
    assert (median.low, median.high, median.n, median.as_of) == (115_000, 115_000, 31, "2025")
    assert (median.kind, median.level, median.and_above) == ("derived", "senior", True)
    assert median.locator.startswith("computed by Paycite from rows with work_year 2024 to 2025")
    assert median.note is not None
    assert "not pay received" in median.note


def run(file: Path, data: Path, *options: object) -> subprocess.CompletedProcess[str]:
    return paycite(data, "import", "aijobs", file, *options)


def test_a_release_is_imported_as_the_ranges_that_its_pairs_of_rows_are(
    data: Path, tmp_path: Path
) -> None:
    shutil.copytree(data / "datasets", tmp_path / "datasets")
    pairs = [
        "\n".join([row(210_000), row(150_000)]),
        "\n".join([row(210_000), row(150_000)]),  # again
        row(130_000, "MI", "Data Scientist", 2024),
        advertised(120_000, "EX"),
        advertised(120_000, year=2023),
        "\n".join([row(200_000, kind="CT"), row(100_000, kind="CT")]),
        "\n".join([row(600_000), row(100_000)]),
        advertised(120_000, title="Ninja"),
    ]
    file = write(tmp_path / "salaries_2025-08.csv.gz", text_of(pairs))
    done = run(file, tmp_path, "--rows")
    assert done.returncode == 0, done.stderr
    into = tmp_path / "observations"
    lines = done.stdout.splitlines()
    assert lines[0] == (
        f"Imported {NAME}: 2 observations from 0 employers. Skipped 1 repeated row."
    )
    assert lines[-1] == ("The next build uses this import instead of the 35 rows in the seeds.")
    (about,) = observed(into)
    assert (about.source.id, about.kind, about.component) == (NAME, "advertised", "base")
    assert about.source.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert "self-reported" in about.note
    alone, pair = sorted(parquet_rows(into / f"{NAME}.parquet"), key=lambda row: row["high"])
    assert pair.pop("id") != alone.pop("id")
    assert pair == {
        "role": "ai-ml-engineer",
        "occupation": None,
        "level": "senior",
        "geography": "us",
        "title": "ML Engineer",
        "place": None,
        "employer": None,
        "low": 150_000.0,
        "high": 210_000.0,
        "component": "base",
        "kind": "advertised",
        "date": datetime.date(2025, 1, 1),
    }
    assert [alone[name] for name in ("role", "level", "low", "high", "date")] == [
        *("data-scientist", "mid", 130_000.0, 130_000.0, datetime.date(2024, 1, 1))
    ]
    with (into / f"{NAME}.refused.csv").open(newline="") as opened:
        refused = [(row["place"], row["reason"], row["value"]) for row in csv.DictReader(opened)]
    assert refused == [
        (f"{file}, lines 7 and 8", "an executive or a director", "EX"),
        (f"{file}, lines 9 and 10", "a year before 2024", "2023"),
        (
            f"{file}, lines 11 and 12",
            "not full-time in the U.S., paid in dollars",
            "CT, US, US, USD",
        ),
        (
            f"{file}, lines 13 and 14",
            "the maximum is more than 5 times the minimum",
            "$100,000 to $600,000",
        ),
        (f"{file}, lines 15 and 16", "Paycite does not know the title", "Ninja"),
    ]


def test_a_release_is_imported_as_those_that_are_shipped_in_place_of_rows(
    release: Path, data: Path, tmp_path: Path
) -> None:
    shutil.copytree(data / "datasets", tmp_path / "datasets")
    assert run(release, tmp_path, "--rows").returncode == 0
    done = run(release, tmp_path)
    assert (done.returncode, done.stdout) == (
        0,
        REPORTED.replace(
            "\n",
            "\nRemoved the observations that were imported from it earlier.\n"
            "The next build uses this import instead of the 35 rows in the seeds.\n",
            1,
        ),
    ), done.stderr
    assert (tmp_path / "distributions" / f"{NAME}.csv").read_text() == IMPORTED
    assert list(observed(tmp_path / "observations")) == []
    elsewhere = run(release, tmp_path, "--rows", "--into", tmp_path)
    assert (elsewhere.returncode, elsewhere.stdout) == (2, "")
    assert "remove --into" in elsewhere.stderr


def test_imported_ranges_stand_in_for_the_shipped_percentiles(
    release: Path, data: Path, few_seeds: Path, tmp_path: Path
) -> None:
    shutil.copytree(data / "datasets", tmp_path / "datasets")
    assert run(release, tmp_path, "--rows").returncode == 0
    build(few_seeds, tmp_path / "datasets", 5, observations=tmp_path / "observations")
    assert "mid" in shipped()["data-engineer"]
    with closing(Datasets(tmp_path / "datasets")) as datasets:
        assert NAME in datasets.current.snapshot.sources
        assert datasets.current.figure(f"{NAME}:data-engineer-mid-us-p50") is None


@pytest.mark.parametrize("options", [[], ["--rows"]])
def test_a_refused_file_leaves_the_earlier_import(
    options: list[str], release: Path, data: Path, tmp_path: Path
) -> None:
    shutil.copytree(data / "datasets", tmp_path / "datasets")
    assert run(release, tmp_path, *options).returncode == 0
    into = tmp_path / ("observations" if options else "distributions")
    earlier = contents(into)
    for name, damage in {"cut": cut_off(release.read_bytes()), "empty": b""}.items():
        file = tmp_path / f"{name}_2025-08.csv.gz"
        file.write_bytes(damage)
        error = read_error(tmp_path, "import", "aijobs", file, *options)
        assert f"Error: {file}" in error
        assert "Nothing was imported." in error
    nameless = Path(shutil.copy(release, tmp_path / "salaries.csv.gz"))
    assert "give --release" in read_error(tmp_path, "import", "aijobs", nameless, *options)
    assert contents(into) == earlier


def refused(file: Path, folder: Path) -> str:
    """The reason why the file is not imported; an earlier import stands as it stood."""
    into = folder / "into"
    into.mkdir(parents=True)
    (into / f"{NAME}.csv").write_text("earlier")
    before = contents(into)
    with pytest.raises(ImportRefused) as error:
        aijobs_percentiles.import_release(AIJOBS, file, into, SEEDS, None)
    assert contents(into) == before
    return str(error.value)


# The text to replace in the release (once), the replacement, and the expected message.
CORRUPTIONS = {
    "a missing column": ("remote_ratio,", "", "line 1: unknown, missing or repeated column 'rem"),
    "another column": ("company_size", "size", "repeated column 'company_size'; the columns of"),
    "a further column": ("company_size", "company_size,city", "repeated column 'city'"),
    "a column twice": ("salary_in_usd", "salary", "column 'salary'; the columns"),
    "text in a number": ("200000,USD", "much,USD", "line 2, column salary: 'much': Expected `int`"),
    "a fraction": ("USD,200000", "USD,0.5", "line 2, column salary_in_usd: '0.5': Expected `int`"),
    "no pay": ("50000,USD", "0,USD", "line 3, column salary: '0': Expected `int` >= 1"),
    "pay beyond all": ("50000,USD", f"{10**400},USD", "line 3, column salary: '10000"),
    "no year": ("2025,SE", "25,SE", "line 2, column work_year: '25': Expected `int` >= 2000"),
    "an unknown level": ("SE,FT", "XX,FT", "line 2, column experience_level: 'XX': Invalid enum"),
    "an unknown employment": ("SE,FT", "SE,ZZ", "line 2, column employment_type: 'ZZ': Invalid"),
    "no title": ("ML Engineer", "", "line 2, column job_title: '': Expected `str` of length >= 1"),
    "a shifted row": (",US,0,US,M", ",US,US,M", "line 2: 10 cells under the 11 columns"),
    "an open quote": ("ML Engineer", '"ML Engineer', "not CSV: "),
    "an empty line": ("\n2025", "\n\n2025", "line 2: 0 cells under the 11 columns"),
    "a long line": ("ML Engineer", "ML" * 10_000, "line 2: longer than 10,000 bytes"),
    "a later year": ("2025,", "2026,", "its newest rows are of 2026, so it is not of August"),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_a_file_of_another_shape_is_refused_with_its_place(
    name: str, ending: str, tmp_path: Path
) -> None:
    old, new, reason = CORRUPTIONS[name]
    text = text_of([*SENIOR, *OTHERS])
    assert old in text
    file = write(tmp_path / f"salaries_2025-08.{ending}", text.replace(old, new, 1))
    assert reason in refused(file, tmp_path)


def cut_off(content: bytes) -> bytes:
    return content[:-200]


def with_a_wrong_bit(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def a_gzip_bomb(_: bytes) -> bytes:
    return gzip.compress(text_of([row(100_000)] * 200_000).encode(), mtime=0)


def one_endless_line(_: bytes) -> bytes:
    return gzip.compress(b" " * 10**8, mtime=0)


def nothing(_: bytes) -> bytes:
    return b""


def of_another_kind(_: bytes) -> bytes:
    return bytes(range(256)) * 100


def not_utf_8(_: bytes) -> bytes:
    return text_of(SENIOR).replace("ML", "Ä", 1).encode("latin-1")


def cut_off_unpacked(_: bytes) -> bytes:
    return text_of(SENIOR).encode()[:-1]


DAMAGES: list[tuple[Callable[[bytes], bytes], str]] = [
    (cut_off, "damaged or cut off; download it again"),
    (with_a_wrong_bit, "salaries_2025-08.csv.gz"),
    (a_gzip_bomb, "it unpacks to more than 100 times its size"),
    (one_endless_line, "line 1: longer than 10,000 bytes"),
    (nothing, "line 1: unknown, missing or repeated column 'work_year'"),
    (of_another_kind, "line 1: unknown, missing or repeated column 'work_year'"),
    (not_utf_8, "line 2: not UTF-8"),
    (cut_off_unpacked, f"line {len(text_of(SENIOR).splitlines())}: the line has no end"),
]


@pytest.mark.parametrize(("damage", "reason"), DAMAGES)
def test_a_file_that_is_not_whole_is_refused(
    damage: Callable[[bytes], bytes], reason: str, release: Path, tmp_path: Path
) -> None:
    release.write_bytes(damage(release.read_bytes()))
    assert reason in refused(release, tmp_path)


def test_a_file_that_does_not_say_its_month_takes_it_from_the_option(
    release: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy(release, tmp_path / "salaries.csv.gz"))
    assert "give --release" in refused(file, tmp_path)
    done = run(file, tmp_path / "data", "--into", tmp_path / "into", "--release", "2025-09")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "into" / "aijobs-2025-09.csv").read_text() == IMPORTED


# The release that is shipped.


def shipped() -> dict[str, dict[str, dict[str, str]]]:
    """The shipped rows by role and level."""
    rows: dict[str, dict[str, dict[str, str]]] = {}
    with (SEEDS / "distributions" / f"{NAME}.csv").open(newline="") as file:
        for values in csv.DictReader(file):
            rows.setdefault(values["role"], {})[values["level"]] = values
    return rows


def test_shipped_medians_rise_with_the_level_and_are_of_enough_ranges() -> None:
    found = shipped()
    assert "ai-ml-engineer" in found
    for role, levels in found.items():
        in_order = [levels[level] for level in ("entry", "mid", "senior") if level in levels]
        medians = [int(values["p50"]) for values in in_order]
        assert len(in_order) == len(levels)
        assert medians == sorted(set(medians)), role
        assert all(int(values["n"]) >= FEWEST for values in in_order)


@pytest.fixture(scope="module")
def whole() -> Path:
    return shared_file("aijobs_salaries_2025-08.csv.gz")


def test_the_shipped_release_is_what_an_import_gives(whole: Path, tmp_path: Path) -> None:
    """Where titles are read otherwise now, `paycite import aijobs --into seeds/distributions`."""
    imported = aijobs_percentiles.import_release(AIJOBS, whole, tmp_path, SEEDS, None)
    assert imported.name == NAME
    assert contents(tmp_path) == {
        name: (SEEDS / "distributions" / name).read_bytes() for name in contents(tmp_path)
    }


def test_the_ranges_of_the_release_are_those_of_its_percentiles(
    whole: Path, snapshot: Snapshot
) -> None:
    """But for a few in a hundred, which are wider than anyone pays."""
    source = aijobs.build_source(AIJOBS, whole, None)
    rows = list(aijobs.read_observations(whole, source, FieldParser(snapshot)))
    found = {row.id: row for row in rows if isinstance(row, Observation)}
    refused = [row.reason for row in rows if isinstance(row, RefusedRow)]
    assert len(rows) == 76_258
    of_cell = Counter((one.role, one.level) for one in found.values())
    for role, levels in shipped().items():
        for level, values in levels.items():
            assert of_cell[role, level] <= int(values["n"]) <= 1.02 * of_cell[role, level]
    assert refused.count("an executive or a director") == 1_788


def test_nearly_all_rows_of_the_last_two_years_are_in_pairs(whole: Path) -> None:
    every = (one for _, one in aijobs.read_ranges(whole))
    found = [one for one in every if one.row.is_ours and one.row.work_year >= 2024]
    rows = 125_732
    pairs = rows - len(found)
    assert 2 * pairs / rows > 0.999
    assert (len(found), sum(one.minimum < one.row.salary for one in found)) == (62_901, 61_791)
