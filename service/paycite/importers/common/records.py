"""Read the records of CSV, JSON Lines (also gzipped) and Parquet files."""

import datetime
import hashlib
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import msgspec

from paycite.dataset.observations import NotParquet, parquet_length, parquet_rows
from paycite.importers import ImportRefused
from paycite.importers.common.fields import RowRefused, shorten
from paycite.importers.common.progress import REPORT_EVERY, Progress, with_progress
from paycite.model.observation import RefusedRow, RowFault
from paycite.tables.delimited import DelimitedText, TableError

_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK", b"PAR1"
_HIGHEST_RATIO = 100  # of unpacked to packed bytes; tables have about 10
_LONGEST_LINE = 10_000_000

Format = Literal["csv", "jsonl", "parquet"]
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
        case "csv":
            yield from _csv(file, check_columns, progress, is_known, say)
        case "jsonl":
            for place, found in read_json_lines(file, progress):
                if isinstance(found, dict):
                    yield Record(place, found)
                else:
                    yield refuse_row(place, "the line is not a JSON object", found)


def detect_format(file: Path) -> Format:
    """Detect Parquet by its content, and other formats by the file name."""
    with file.open("rb") as opened:
        start = opened.read(len(_PARQUET))
    if start == _PARQUET:
        return "parquet"
    if start.startswith(_ZIP):
        raise ImportRefused(file, "a workbook or a zip file: save it as .csv, or unzip it")
    found = _FORMATS.get(Path(file.name.lower().removesuffix(".gz")).suffix)
    if found is None:
        raise ImportRefused(file, f"the file name must end with one of {', '.join(_FORMATS)}")
    return found


def _parquet(file: Path, check_columns: CheckColumns, progress: Progress) -> Iterator[Record]:
    try:
        step = file.stat().st_size * REPORT_EVERY // max(1, parquet_length(file))
        for count, values in enumerate(parquet_rows(file), start=1):
            if count == 1:
                check_columns(str(file), tuple(values))
            if count % REPORT_EVERY == 0:
                progress(step)
            yield Record(f"{file}, row {count}", values)
    except NotParquet as error:
        raise ImportRefused(file, f"not Parquet, or damaged; download it again: {error}") from None


def _csv(
    file: Path,
    check_columns: CheckColumns,
    progress: Progress,
    is_known: IsKnown,
    say: Say,
) -> Iterator[Record | RefusedRow]:
    with file.open("rb") as packed:
        try:
            table = DelimitedText(_unpack(file, packed, _LONGEST_LINE), is_known)
            header = table.header
            place = f"{file}, line {table.header_row.ends}"
            _refuse_repeated(place, header)
            check_columns(place, header)
            for row in with_progress(table, packed, progress):
                place = f"{file}, line {row.ends}"
                record = Record(place, dict(zip(header, row.cells, strict=False)))
                is_whole = len(row.cells) == len(header)
                yield record if is_whole else _refuse_ragged(record, row.cells, len(header))
            say(f"Read {file.name}: {table.form}.")
        except TableError as error:
            raise ImportRefused(f"{file}, line {error.line}", error.reason) from None


def _refuse_ragged(record: Record, cells: Sequence[str], columns: int) -> RefusedRow:
    value = f"{len(cells)} under {columns} columns: {','.join(cells)}"
    fault = RowRefused("the row has more or fewer cells than columns", value)
    return refuse_record(record, [fault])


def _refuse_repeated(place: str, header: Sequence[str]) -> None:
    for column in header:
        if header.count(column) > 1:
            raise ImportRefused(place, f"the column {column!r} appears twice")


def read_json_lines(file: Path, progress: Progress) -> Iterator[tuple[str, Any]]:
    """What each line of JSON Lines holds; a line that is not JSON as its text, refused if it is
    the first."""
    with file.open("rb") as packed:
        for count, line in enumerate(
            with_progress(read_lines(file, packed), packed, progress), start=1
        ):
            place = f"{file}, line {count}"
            try:
                yield place, msgspec.json.decode(line)
            except (msgspec.DecodeError, RecursionError) as error:
                if count == 1:
                    reason = f"not JSON Lines, which have an object on each line: {error}"
                    raise ImportRefused(place, reason) from None
                yield place, line


def read_lines(file: Path, packed: IO[bytes], longest: int = _LONGEST_LINE) -> Iterator[str]:
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
    most = file.stat().st_size * (_HIGHEST_RATIO if is_packed else 1)
    count = unpacked = 0
    try:
        while line := opened.readline(longest):
            count += 1
            unpacked += len(line)
            if len(line) == longest:
                raise ImportRefused(f"{file}, line {count}", f"the line is of {longest:,} bytes")
            if unpacked > most:
                raise ImportRefused(
                    file, f"it unpacks to more than {_HIGHEST_RATIO} times its size"
                )
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
