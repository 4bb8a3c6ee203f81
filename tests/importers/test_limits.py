"""How much an import reads before it stops with a sentence that names the limit."""

import os
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import duckdb
import openpyxl
import pytest

from paycite.importers import ImportRefused
from paycite.importers.common import limits
from paycite.importers.common.limits import decode_json, limited
from paycite.importers.common.records import read_records
from support.commands import read_error

CITED = ("--publisher", "Us", "--title", "Pay", "--kind", "survey")


def test_one_row_too_many_is_refused() -> None:
    assert list(limited(range(5), "own-pay", most=5)) == [0, 1, 2, 3, 4]
    with pytest.raises(ImportRefused, match="own-pay: more than 5 rows, the limit"):
        list(limited(range(6), "own-pay", most=5))


def test_rows_that_do_not_come_are_not_waited_for() -> None:
    reading, writing = os.pipe()

    def rows() -> Iterator[bytes]:
        yield b"first"
        yield os.read(reading, 1)

    with pytest.raises(ImportRefused, match=r"no row could be read for 0\.2 seconds"):
        list(limited(rows(), "own-pay", seconds=0.2))
    time.sleep(0.3)  # and then nothing is interrupted
    os.write(writing, b"2")
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.extend(limited(rows(), "own-pay", seconds=0.2)))
    thread.start()
    thread.join()
    assert found == [b"first", b"2"]


def test_the_first_row_is_not_waited_for_either() -> None:
    def rows() -> Iterator[int]:
        time.sleep(5)
        yield 1

    with pytest.raises(ImportRefused, match=r"no row could be read for 0\.2 seconds"):
        list(limited(rows(), "own-pay", seconds=0.2))


def test_rows_that_come_slowly_are_read() -> None:
    def rows() -> Iterator[int]:
        for number in range(30):
            time.sleep(0.02)
            yield number

    assert list(limited(rows(), "own-pay", seconds=0.2)) == list(range(30))


@pytest.mark.parametrize("depth", [limits.NESTING, limits.NESTING + 1])
def test_a_document_has_so_many_levels_and_no_more(depth: int) -> None:
    inner = "[]" if depth % 2 else "1"
    text = '[{"a": ' * (depth // 2) + inner + "}]" * (depth // 2)
    if depth <= limits.NESTING:
        assert decode_json(text)
    else:
        with pytest.raises(ValueError, match="more than 100 levels, the limit"):
            decode_json(text)


@pytest.mark.parametrize("last", [2, 3])
def test_a_sheet_with_rows_out_of_order_or_repeated_is_refused(tmp_path: Path, last: int) -> None:
    """openpyxl drops such rows in silence."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (1, 3, limits.SHEET_ROWS):
        sheet.cell(row, 1, "title" if row == 1 else "Chef")
    book.save(file := tmp_path / "a.xlsx")
    with pytest.raises(ImportRefused, match=f"sheet Sheet: row {last} comes after row 3: open the"):
        list(read_records(_with_row(file, last), lambda *_: None, lambda _: None))


def test_a_sheet_that_states_a_distant_row_ends(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["B1"] = "title", "amount"
    sheet.cell(limits.SHEET_ROWS, 1, "Chef")
    book.save(file := tmp_path / "a.xlsx")
    with pytest.raises(ImportRefused, match="1,048,576 rows, the limit of a sheet"):
        # openpyxl writes no row beyond what Excel has, but reads one.
        list(read_records(_with_row(file, 2_000_000_000), lambda *_: None, lambda _: None))


def test_a_row_of_a_sheet_that_is_wider_than_a_table_may_be_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["B1"], sheet["A2"] = "title", "amount", "Chef"
    sheet.cell(3, limits.COLUMNS + 1, 1)
    book.save(file := tmp_path / "a.xlsx")
    with pytest.raises(ImportRefused, match="row 3 has more than 1,000 columns, the limit"):
        list(read_records(file, lambda *_: None, lambda _: None))


def test_rows_of_a_parquet_file_without_a_value_are_left_out(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select if(i = 2, 'Chef', null) as title, null::int as pay from range(5) t(i)) "
            f"to '{tmp_path / 'a.parquet'}'"
        )
    found = list(read_records(tmp_path / "a.parquet", lambda *_: None, lambda _: None))
    assert [one.place.rpartition(", ")[2] for one in found] == ["row 3"]


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        ("repeat('a', 10_000_000)", "a value has more than 131,072 characters, the limit"),
        ("repeat('a', 100_000)", "it unpacks to more than 100 times its size, the limit"),
        ("[repeat('a', 100), repeat('b', 131_072)]", "a value has more than 131,072 characters"),
    ],
)
def test_a_parquet_file_that_repeats_long_values_is_refused_before_they_are_in_memory(
    tmp_path: Path, value: str, limit: str
) -> None:
    file = tmp_path / "a.parquet"
    duckdb.execute(
        f"copy (select 150000 + i amount, {value} employer from range(64) t(i)) to '{file}' "
        "(format parquet, compression zstd)"
    )
    assert file.stat().st_size < 4_000
    tracemalloc.start()
    with pytest.raises(ImportRefused, match=f"^{file}: {limit}"):
        next(read_records(file, lambda *_: None, lambda _: None))
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_parquet_file_takes_no_more_memory_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.parquet"
    duckdb.execute(f"copy (select repeat('a', 50_000_000) title) to '{file}' (format parquet)")
    monkeypatch.setattr("paycite.dataset.observations._MEMORY", "10 MB")
    with pytest.raises(ImportRefused, match="takes more than 10 MB of memory, the limit"):
        next(read_records(file, lambda *_: None, lambda _: None))


def _with_row(file: Path, row: int) -> Path:
    """A copy of the workbook in which the last row has another number."""
    copy = file.with_name("b.xlsx")
    with ZipFile(file) as old, ZipFile(copy, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(str(limits.SHEET_ROWS).encode(), str(row).encode()))
    return copy


def test_a_name_of_unfinished_imports_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    def refused(*words: object) -> str:
        imported = ("import", "observations", *words, *CITED)
        return read_error(tmp_path / "data", *imported, statuses=(2,))

    file = tmp_path / "a.csv"
    file.write_text("title,amount\nChef,1\n")
    assert "'importing-x' begins with 'importing-'" in refused(file, "--source", "importing-x")
    os.mkfifo(pipe := tmp_path / "pipe.csv")
    for endless in (pipe, "/dev/zero"):
        assert f"{endless} is not a file" in refused(endless, "--source", "own-pay")
    assert not (tmp_path / "data").exists()
