"""Delimited text as programs export it."""

import csv
from contextlib import suppress
from io import BytesIO, StringIO

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from paycite.tables.delimited import DELIMITERS, DelimitedText, TableError

HEADER = ["title", "amount", "client"]
CELL = st.text('abc ÄéÿŒ€\u2019";,|\t\r\n', max_size=8)


def read(content: bytes) -> DelimitedText:
    return DelimitedText(iter(BytesIO(content).readline, b""), HEADER.__contains__)


def cells(table: DelimitedText) -> list[list[str]]:
    return [row.cells for row in table]


def is_utf_8(content: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        return bool(content.decode())
    return False


@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=4),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]),
    delimiter=st.sampled_from(list(DELIMITERS)),
    declares=st.booleans(),
)
@example(rows=[["a", "b", "é"]], encoding="cp1252", delimiter=";", declares=True)
def test_a_table_has_the_same_cells_in_every_encoding_and_with_every_delimiter(
    rows: list[list[str]], encoding: str, delimiter: str, declares: bool
) -> None:
    written = StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    text = f"sep={delimiter}\r\n" * declares + written.getvalue()
    if encoding == "cp1252":
        assume(text.isascii() or not is_utf_8(text.encode(encoding)))  # "ÄŒ" is both
    table = read(text.encode(encoding))
    assert (table.header, cells(table)) == (HEADER, rows)
    name = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8"}.get(encoding, "UTF-16")
    if encoding == "cp1252":
        name = "UTF-8" if text.isascii() else "Windows-1252"
    assert table.form == f"{name}, separated by {DELIMITERS[delimiter]}"


def test_the_delimiter_gives_the_header_its_known_columns_whatever_else_is_in_it() -> None:
    assert read(b"title;City, State, ZIP, or metro;amount\n").header == [
        *("title", "City, State, ZIP, or metro", "amount")
    ]
    assert read(b"x|y|z,1\n").header == ["x", "y", "z,1"]


def test_a_row_is_found_on_the_lines_of_the_file() -> None:
    table = read(b'sep=;\ntitle;amount\n"a\nb";1\nc;2\n')
    assert table.header_row.ends == 2
    assert [(row.begins, row.ends) for row in table] == [(3, 4), (5, 5)]


def test_the_header_may_be_below_the_title_of_a_report() -> None:
    content = b"Placements of 2025, all clients\n\n title;amount\na;1\n"
    lines = iter(BytesIO(content).readline, b"")
    table = DelimitedText(lines, lambda column: column.strip() in HEADER, rows_above=2)
    assert (table.header, table.header_row.ends) == ([" title", "amount"], 3)
    assert [(row.begins, row.cells) for row in table] == [(4, ["a", "1"])]
    without = DelimitedText(iter([b"a,b\n", b"c,d\n"]), HEADER.__contains__, rows_above=9)
    assert (without.header, cells(without)) == (["a", "b"], [["c", "d"]])


BROKEN = {
    "two encodings": ("title,é\n".encode() + b"\xe9,1\n", 2, "but line 1 is. Save the file"),
    "an unknown encoding": (b"title\n\x81\n", 2, "neither UTF-8 nor Windows-1252"),
    "half a character of UTF-16": ("title\nab".encode("utf-16") + b"x", 2, "not UTF-16"),
    "line ends of old Macs": (b"title,a\rb,1\r", 1, "a line ends with CR alone, as on old Macs"),
    "a workbook": (
        b"PK\x03\x04\x14\n\x08",
        0,
        "an Excel workbook. In Excel, choose File > Save As",
    ),
    "a workbook of old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1", 0, "an Excel workbook"),
    "a zero byte in the header": (b"sep=,\ntitle,\0\na,b\n", 2, "not text: it has a zero byte"),
    "an open quote": (b'title\na\n"b\nc\n', 3, "not valid CSV: unexpected end of data"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_text_that_is_not_a_table_is_refused_with_its_line(name: str) -> None:
    content, line, reason = BROKEN[name]
    with pytest.raises(TableError) as error:
        cells(read(content))
    assert error.value.line == line
    assert reason in error.value.reason
