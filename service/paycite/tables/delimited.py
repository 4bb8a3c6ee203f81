"""Read delimited text (CSV), whatever its encoding and delimiter, one row at a time."""

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
_ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
PLAIN = "UTF-8, separated by commas"
_DECLARED = "sep="  # how Excel lets a first line state the delimiter
_KNOWN_IN_HEADER = 2
_LONGEST_COMPARED = 10_000  # characters of a header, from which its delimiter is guessed
BYTE_ORDER_MARK = "\ufeff"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .xls files begin


class TableError(ValueError):
    """Why the text is not a table. The fault is on `line`, or in the row that begins there; 0 is
    the whole file."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


class Row(NamedTuple):
    """The cells of a row, and the first and last of its lines."""

    begins: int
    ends: int
    cells: list[str]


class DelimitedText:
    """The header of a table, and its rows, which are read once.

    The delimiter is the one that a line `sep=;` states, else the one that gives the header (its
    first 10,000 characters) most columns that `is_known` knows, then most columns. The encoding is
    UTF-16 if a byte order mark or the zero bytes of its ASCII characters say so, else UTF-8. At the
    first line that is not UTF-8, it is Windows-1252, if all lines before are ASCII.

    The header is the first line, or the first within `rows_above` lines more that has two known
    columns: a report may have its title above.
    """

    def __init__(
        self, lines: Iterator[bytes], is_known: Callable[[str], bool], rows_above: int = 0
    ) -> None:
        self._decoder = _Decoder(lines)
        text = iter(self._decoder)
        first = next(text, "")
        self.has_mark = self._decoder.encoding == "utf-16" or first.startswith(BYTE_ORDER_MARK)
        first = first.removeprefix(BYTE_ORDER_MARK)
        self._skipped = 0
        declared = first.rstrip("\r\n")
        if declared.lower().startswith(_DECLARED) and len(declared) == len(_DECLARED) + 1:
            self.delimiter = declared[-1]
            self._skipped = 1
            first = next(text, "")
        else:
            before, first, text = _find_header(first, text, is_known, rows_above)
            self._skipped += before
            self.delimiter = _find_delimiter(first, is_known)[1]
        self._rows = self._read(chain([first], text))
        self.header_row = next(self._rows, Row(1, 1, []))
        self.header = self.header_row.cells
        _refuse_nul(self.header_row.begins, *self.header)

    @property
    def form(self) -> str:
        """The encoding and the delimiter, as far as the text has been read."""
        delimiter = DELIMITERS.get(self.delimiter, repr(self.delimiter))
        return f"{_ENCODINGS[self._decoder.encoding]}, separated by {delimiter}"

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def _read(self, text: Iterator[str]) -> Iterator[Row]:
        begins = self._skipped + 1
        reader = csv.reader(text, delimiter=self.delimiter, strict=True)
        try:
            for cells in reader:
                ends = reader.line_num + self._skipped
                yield Row(begins, ends, cells)
                begins = ends + 1
        except csv.Error as error:
            why = str(error).partition(" - ")[0]
            if why.startswith("new-line character"):
                why = "a line ends with CR alone, as on old Macs. Save it with line ends LF or CRLF"
                raise TableError(begins, f"not valid CSV: {why}") from None
            raise TableError(begins, f"not valid CSV: {why}. Check its quotation marks") from None


def decode(lines: Iterator[bytes]) -> str:
    """Decode a whole text as a table would be, without its byte order mark. TableError if it is
    not text."""
    text = []
    for count, line in enumerate(_Decoder(lines), start=1):
        _refuse_nul(count, line)
        text.append(line)
    return "".join(text).removeprefix(BYTE_ORDER_MARK)


def _refuse_nul(line: int, *texts: str) -> None:
    """Refuse a file of another kind; it has zero bytes nearly always."""
    if any("\0" in text for text in texts):
        raise TableError(line, "not text: it has a zero byte. Save the table as CSV in UTF-8")


class _Decoder:
    """Decodes lines, with one in memory at a time."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.encoding = "utf-8"

    def __iter__(self) -> Iterator[str]:
        first = next(self._lines, b"")
        if first.startswith(_WORKBOOKS):
            raise TableError(
                0,
                "an Excel workbook. In Excel, choose File > Save As > CSV UTF-8, and use that file",
            )
        lines = chain([first], self._lines)
        if encoding := _find_utf_16(first):
            self.encoding = "utf-16"
            return _decode_utf_16(lines, encoding)
        return self._decode(lines)

    def _decode(self, lines: Iterator[bytes]) -> Iterator[str]:
        last_of_utf_8 = 0
        for count, line in enumerate(lines, start=1):
            if self.encoding == "utf-8":
                try:
                    yield line.decode()
                except UnicodeDecodeError as error:
                    if last_of_utf_8:
                        raise TableError(
                            count,
                            f"not UTF-8 ({error.reason}), but line {last_of_utf_8} is. Save the "
                            "file as UTF-8",
                        ) from None
                    self.encoding = "cp1252"
                else:
                    last_of_utf_8 = last_of_utf_8 if line.isascii() else count
                    continue
            try:
                yield line.decode(self.encoding)
            except UnicodeDecodeError:
                raise TableError(
                    count, "neither UTF-8 nor Windows-1252. Save the file as UTF-8"
                ) from None


def _find_utf_16(start: bytes) -> str | None:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    match start[:2].find(b"\0"):
        case 0:
            return "utf-16-be"
        case 1:
            return "utf-16-le"
    return None


def _decode_utf_16(lines: Iterator[bytes], encoding: str) -> Iterator[str]:
    """Decode lines that end with a byte 10, which is not always a line feed in UTF-16."""
    decoder = codecs.getincrementaldecoder(encoding)()
    pending: list[str] = []
    count = 1
    try:
        for piece in chain(lines, [None]):
            *ended, rest = decoder.decode(piece or b"", final=piece is None).split("\n")
            for line in ended:
                yield "".join([*pending, line, "\n"])
                pending.clear()
                count += 1
            pending.append(rest)
    except UnicodeDecodeError as error:
        raise TableError(count, f"not UTF-16 ({error.reason}). Save the file as UTF-8") from None
    if any(pending):
        yield "".join(pending)


def _find_header(
    first: str, rest: Iterator[str], is_known: Callable[[str], bool], rows_above: int
) -> tuple[int, str, Iterator[str]]:
    """The number of lines above the header, the header, and the lines below."""
    lines = [first]
    while _find_delimiter(lines[-1], is_known)[0] < _KNOWN_IN_HEADER:
        line = next(rest, None) if len(lines) <= rows_above else None
        if line is None:
            return 0, first, chain(lines[1:], rest)
        lines.append(line)
    return len(lines) - 1, lines[-1], rest


def _find_delimiter(header: str, is_known: Callable[[str], bool]) -> tuple[int, str]:
    """The delimiter, and the number of known columns that it gives."""

    def score(delimiter: str) -> tuple[int, int]:
        columns = _split(header[:_LONGEST_COMPARED], delimiter)
        return sum(map(is_known, columns)), len(columns)

    scores = {delimiter: score(delimiter) for delimiter in DELIMITERS}
    delimiter = max(scores, key=scores.__getitem__)
    return scores[delimiter][0], delimiter


def _split(line: str, delimiter: str) -> Sequence[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # reading the table will say it
        return []
