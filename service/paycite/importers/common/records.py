"""Read the records of CSV, JSON Lines (also gzipped), Parquet and Excel files."""

import datetime
import hashlib
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from gzip import BadGzipFile, GzipFile
from itertools import islice, zip_longest
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import msgspec

from paycite.dataset.observations import (
    NotParquet,
    ParquetTooLarge,
    measure_parquet,
    parquet_columns,
    parquet_rows,
)
from paycite.importers import ImportRefused
from paycite.importers.common import limits, spreadsheet
from paycite.importers.common.fields import RowRefused, shorten
from paycite.importers.common.progress import REPORT_EVERY, Progress, with_progress
from paycite.model.observation import RefusedRow, RowFault
from paycite.tables.delimited import DelimitedText, TableError

_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK", b"PAR1"
_ROWS_ABOVE = 30  # rows that may be above the header of a table
_TOO_LONG = f"a value has more than {limits.CELL:,} characters, the limit"
_UNPACKS_TO_MORE = f"it unpacks to more than {limits.UNPACKED} times its size, the limit"

Format = Literal["csv", "jsonl", "parquet", "xlsx"]
_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


class Record(NamedTuple):
    """A row, or the JSON object of a line, by column names, with the values of the format."""

    place: str
    values: dict[str, Any]


# Takes the place of a header and its columns, and raises ImportRefused.
CheckColumns = Callable[[str, Sequence[str]], None]
# Whether a column is expected, which tells the header and the delimiter.
IsKnown = Callable[[str], bool]
# Takes a sentence for the user about how a file was read.
Say = Callable[[str], object]


def read_records(
    file: Path,
    check_columns: CheckColumns,
    progress: Progress,
    is_known: IsKnown = lambda _: False,
    say: Say = lambda _: None,
) -> Iterator[Record | RefusedRow]:
    """Yield the records of a file. `check_columns` gets the columns of a table before its rows; in
    JSON Lines, each object has its own."""
    match detect_format(file):
        case "parquet":
            yield from _parquet(file, check_columns, progress)
        case "xlsx":
            yield from _workbook(file, check_columns, progress, is_known, say)
        case "csv":
            yield from _csv(file, check_columns, progress, is_known, say)
        case "jsonl":
            for place, found in read_json_lines(file, progress):
                if isinstance(found, dict):
                    limits.check_columns(place, found)
                    yield Record(place, found)
                else:
                    yield refuse_row(place, "the line is not a JSON object", found)


def detect_format(file: Path) -> Format:
    """Detect Parquet and workbooks by their content, and other formats by the file name."""
    with file.open("rb") as opened:
        start = opened.read(len(_PARQUET))
    if start == _PARQUET:
        return "parquet"
    if start.startswith(_ZIP):
        return "xlsx"
    found = _FORMATS.get(Path(file.name.lower().removesuffix(".gz")).suffix)
    if found is None:
        endings = ", ".join((*_FORMATS, ".xlsx"))
        raise ImportRefused(file, f"the file name must end with one of {endings}")
    return found


def _parquet(file: Path, check_columns: CheckColumns, progress: Progress) -> Iterator[Record]:
    try:
        columns = parquet_columns(file)
        limits.check_columns(file, columns)
        check_columns(str(file), columns)
        packed, size = file.stat().st_size, measure_parquet(file)
        if size.longest > limits.CELL:
            raise ImportRefused(file, _TOO_LONG)
        if size.characters > packed * limits.UNPACKED:
            raise ImportRefused(file, _UNPACKS_TO_MORE)
        step = packed * REPORT_EVERY // max(1, size.rows)
        for count, values in enumerate(parquet_rows(file), start=1):
            if count % REPORT_EVERY == 0:
                progress(step)
            if any(value is not None for value in values.values()):
                yield Record(f"{file}, row {count}", values)
    except NotParquet as error:
        raise ImportRefused(file, f"not Parquet, or damaged; download it again: {error}") from None
    except ParquetTooLarge as error:
        raise ImportRefused(file, str(error)) from None


def _csv(
    file: Path,
    check_columns: CheckColumns,
    progress: Progress,
    is_known: IsKnown,
    say: Say,
) -> Iterator[Record | RefusedRow]:
    with file.open("rb") as packed:
        try:
            table = DelimitedText(_unpack(file, packed, limits.LINE), is_known, _ROWS_ABOVE)
            place = f"{file}, line {table.header_row.ends}"
            header = _check_header(place, table.header, check_columns)
            for row in with_progress(table, packed, progress):
                if any(row.cells):
                    yield _record(f"{file}, line {row.ends}", header, row.cells)
            say(f"Read {file.name}: {table.form}.")
        except TableError as error:
            line = f", line {error.line}" if error.line else ""
            raise ImportRefused(f"{file}{line}", error.reason) from None


def _workbook(
    file: Path,
    check_columns: CheckColumns,
    progress: Progress,
    is_known: IsKnown,
    say: Say,
) -> Iterator[Record | RefusedRow]:
    """Yield the rows under the header of the first sheet that has one, or else that has rows."""
    with ExitStack() as opened:
        book, *others = spreadsheet.books(file, limits.WORKBOOK, opened)
        if others:
            raise ImportRefused(file, "the zip file has several workbooks: unzip it")
        sheet, before = _find_header(book, is_known)
        place = f"{file}, sheet {sheet.title}, row"
        counted = islice(enumerate(spreadsheet.rows(book, sheet), start=1), before, None)
        count, cells = next(counted)
        stated = ["" if cell is None else str(cell).strip() for cell in cells]
        header = _check_header(f"{place} {count}", stated, check_columns)
        for count, cells in with_progress(counted, book.file, progress):
            if any(cell not in (None, "") for cell in cells):
                padded = [*cells, *[None] * (len(header) - len(cells))]
                wide = [*header, *[""] * (len(padded) - len(header))]
                yield _record(f"{place} {count}", wide, padded)
        say(f"Read {file.name}: sheet {sheet.title!r}, header in row {before + 1}.")


def _find_header(book: spreadsheet.Book, is_known: IsKnown) -> tuple[Any, int]:
    """A sheet, and the number of rows above its header: the first row with most known columns."""
    first = None
    for sheet in book.sheets:
        rows = list(islice(spreadsheet.rows(book, sheet), _ROWS_ABOVE))
        known = [
            sum(isinstance(cell, str) and is_known(cell.strip()) for cell in row) for row in rows
        ]
        best = max(known, default=0)
        if best > 1:
            return sheet, known.index(best)
        filled = [any(cell not in (None, "") for cell in row) for row in rows]
        if first is None and any(filled):
            first = sheet, known.index(best) if best else filled.index(True)
    if first is None:
        raise ImportRefused(book.name, "the workbook has no rows")
    return first


def _check_header(place: str, header: Sequence[str], check_columns: CheckColumns) -> Sequence[str]:
    """Check the columns that have a name."""
    limits.check_columns(place, header)
    named = [column for column in header if column]
    for column in named:
        if named.count(column) > 1:
            raise ImportRefused(place, f"the column {column!r} appears twice")
    check_columns(place, named)
    return header


def _record(place: str, header: Sequence[str], cells: Sequence[object]) -> Record | RefusedRow:
    values = {column: cell for column, cell in zip(header, cells, strict=False) if column}
    pairs = zip_longest(header, cells)
    unnamed = [cell for column, cell in pairs if not column and cell not in (None, "")]
    if len(cells) != len(header):
        told = ",".join("" if cell is None else str(cell) for cell in cells)
        value = f"{len(cells)} under {len(header)} columns: {told}"
        fault = RowRefused("the row has more or fewer cells than columns", value)
    elif unnamed:
        fault = RowRefused("a value is in a column without a name", unnamed[0])
    else:
        return Record(place, values)
    return refuse_record(Record(place, values), [fault])


def read_json_lines(file: Path, progress: Progress) -> Iterator[tuple[str, Any]]:
    """What each line of JSON Lines holds; a line that is not JSON as its text. ImportRefused if
    that is the first, or if an object has a name twice, as for a table with a column twice."""
    with file.open("rb") as packed:
        for count, line in enumerate(
            with_progress(read_lines(file, packed), packed, progress), start=1
        ):
            place = f"{file}, line {count}"
            try:
                yield place, limits.decode_json(line)
            except limits.RepeatedName as error:
                raise ImportRefused(place, str(error)) from None
            except msgspec.DecodeError as error:
                if count == 1:
                    reason = f"not JSON Lines, which have an object on each line: {error}"
                    raise ImportRefused(place, reason) from None
                yield place, line


def read_lines(file: Path, packed: IO[bytes], longest: int = limits.LINE) -> Iterator[str]:
    """The lines of a text in UTF-8, packed or not."""
    for count, line in enumerate(_unpack(file, packed, longest), start=1):
        try:
            yield line.decode("utf-8-sig" if count == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise ImportRefused(f"{file}, line {count}", f"not UTF-8: {error.reason}") from None


def _unpack(file: Path, packed: IO[bytes], longest: int) -> Iterator[bytes]:
    """The lines of a file, packed or not, without reading more than one of them into memory."""
    is_packed = packed.read(len(_GZIP)) == _GZIP
    packed.seek(0)
    opened = GzipFile(fileobj=packed) if is_packed else packed
    most = file.stat().st_size * (limits.UNPACKED if is_packed else 1)
    count = unpacked = 0
    try:
        while line := opened.readline(longest):
            count += 1
            unpacked += len(line)
            if len(line) == longest:
                raise ImportRefused(
                    f"{file}, line {count}", f"longer than {longest:,} bytes, the limit of a line"
                )
            if unpacked > most:
                raise ImportRefused(file, _UNPACKS_TO_MORE)
            yield line
    except (EOFError, zlib.error, BadGzipFile) as error:
        raise ImportRefused(file, f"damaged or cut off; download it again: {error}") from None


def cell_text(value: object) -> str:
    """Write a value as in a CSV file, without surrounding spaces; empty for None."""
    match value:
        case None:
            return ""
        case bool():
            raise RowRefused("a value is true or false; expected text or a number", value)
        case str():
            written = value.strip()
        case int():
            written = str(value)
        case float() | Decimal() if math.isfinite(value):
            written = str(int(value)) if value == int(value) else str(value)
        case datetime.date():
            written = value.isoformat().removesuffix("T00:00:00")
        case _:
            raise RowRefused("a value is not text, a number or a date", value)
    if "\0" in written:
        raise RowRefused("a text contains the character NUL", value)
    if len(written) > limits.CELL:
        raise RowRefused(_TOO_LONG, value)
    return written


def content_id(values: object) -> str:
    """Make an id from the content, for a row without one."""
    content = msgspec.json.encode(values, order="sorted")
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def refuse_row(place: str, reason: str, value: object) -> RefusedRow:
    return RefusedRow(place=place, reason=reason, value=shorten(value))


def refuse_record(record: Record, faults: Sequence[RowRefused]) -> RefusedRow:
    """Refuse a record for several reasons, with its cells, for a report in the layout of its
    file."""
    first, *others = (
        RowFault(reason=one.reason, value=one.value, suggestions=one.suggestions) for one in faults
    )
    return RefusedRow(
        place=record.place,
        reason=first.reason,
        value=first.value,
        suggestions=first.suggestions,
        others=tuple(others),
        cells={column: _as_written(value) for column, value in record.values.items()},
    )


def _as_written(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return cell_text(value)
    except RowRefused:
        return shorten(value)
