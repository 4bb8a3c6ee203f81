"""Files of anyone's into records: CSV and JSON Lines, also packed with gzip, and Parquet."""

import csv
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
from paycite.importers.common.progress import Progress, with_progress
from paycite.model.observation import RefusedRow

_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK", b"PAR1"
_HIGHEST_RATIO = 100  # of unpacked to packed bytes; tables have about 10
_LONGEST_LINE = 10_000_000
_TOLD_EVERY = 1_000

Format = Literal["csv", "jsonl", "parquet"]
_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


class Record(NamedTuple):
    """A row, or the object of a line: values as the format has them, by the names it gives them."""

    place: str
    values: dict[str, Any]


# Takes the place of a header and the columns in it, and raises ImportRefused.
Refuse = Callable[[str, Sequence[str]], None]


def read_records(file: Path, refuse: Refuse, progress: Progress) -> Iterator[Record | RefusedRow]:
    """The records of a file. `refuse` sees the columns of a table before its rows; the objects of
    JSON Lines have each its own."""
    match detect_format(file):
        case "parquet":
            yield from _parquet(file, refuse, progress)
        case "csv":
            yield from _csv(file, refuse, progress)
        case "jsonl":
            for place, found in read_json_lines(file, progress):
                if isinstance(found, dict):
                    yield Record(place, found)
                else:
                    yield refuse_row(place, "the line is no JSON object", found)


def detect_format(file: Path) -> Format:
    """Parquet by its content, the others by the name."""
    with file.open("rb") as opened:
        start = opened.read(len(_PARQUET))
    if start == _PARQUET:
        return "parquet"
    if start.startswith(_ZIP):
        raise ImportRefused(file, "a workbook or a zip file; save it as .csv, or unpack it")
    found = _FORMATS.get(Path(file.name.lower().removesuffix(".gz")).suffix)
    if found is None:
        raise ImportRefused(file, f"its name ends with none of {', '.join(_FORMATS)}")
    return found


def _parquet(file: Path, refuse: Refuse, progress: Progress) -> Iterator[Record]:
    try:
        told_each = file.stat().st_size * _TOLD_EVERY // max(1, parquet_length(file))
        for count, values in enumerate(parquet_rows(file), start=1):
            if count == 1:
                refuse(str(file), tuple(values))
            if count % _TOLD_EVERY == 0:
                progress(told_each)
            yield Record(f"{file}, row {count}", values)
    except NotParquet as error:
        raise ImportRefused(file, f"no Parquet, or damaged; get it again: {error}") from None


def _csv(file: Path, refuse: Refuse, progress: Progress) -> Iterator[Record | RefusedRow]:
    with file.open("rb") as packed:
        reader = csv.reader(read_lines(file, packed), strict=True)
        try:
            header = next(reader, [])
            _refuse_repeated(f"{file}, line 1", header)
            refuse(f"{file}, line 1", header)
            for cells in with_progress(reader, packed, progress):
                place = f"{file}, line {reader.line_num}"
                if len(cells) == len(header):
                    yield Record(place, dict(zip(header, cells, strict=True)))
                else:
                    value = f"{len(cells)} under {len(header)} columns: {','.join(cells)}"
                    yield refuse_row(place, "the row has more or fewer cells than columns", value)
        except csv.Error as error:
            raise ImportRefused(f"{file}, line {reader.line_num}", f"not CSV: {error}") from None


def _refuse_repeated(place: str, header: Sequence[str]) -> None:
    for column in header:
        if header.count(column) > 1:
            raise ImportRefused(place, f"the column {column!r} stands there twice")


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
    """The lines of a text, packed or not, without reading more than one of them into memory."""
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
                raise ImportRefused(file, f"it unpacks to over {_HIGHEST_RATIO} times its size")
            yield line.decode("utf-8-sig" if count == 1 else "utf-8")
    except (EOFError, zlib.error, BadGzipFile) as error:
        raise ImportRefused(file, f"damaged or cut off, get it again: {error}") from None
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{file}, line {count}", f"not UTF-8: {error.reason}") from None


def cell_text(value: object) -> str:
    """A value as a CSV file would have it, without spaces around; empty for none."""
    match value:
        case None:
            return ""
        case bool():
            raise RowRefused("a value is true or false, where text or a number belongs", value)
        case str():
            written = value.strip()
        case int():
            written = str(value)
        case float() | Decimal() if math.isfinite(value):
            written = str(int(value)) if value == int(value) else str(value)
        case datetime.date():
            written = value.isoformat().removesuffix("T00:00:00")
        case _:
            raise RowRefused("a value is no text, number or date", value)
    if "\0" in written:
        raise RowRefused("a text holds the character NUL", value)
    return written


def content_id(values: object) -> str:
    """An id of what has none: the same for the same content."""
    content = msgspec.json.encode(values, order="sorted")
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def refuse_row(place: str, reason: str, value: object) -> RefusedRow:
    return RefusedRow(place=place, reason=reason, value=shorten(value))
