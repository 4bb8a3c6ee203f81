"""Answer a CSV file of questions in appended columns."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import IO, NamedTuple

from paycite.batch.columns import PREFIX, TYPES, Columns
from paycite.batch.row import answer_row, reject_row
from paycite.dataset.store import Store
from paycite.model.comparison import Outcome, Refused
from paycite.model.problem import Fault, Refusal
from paycite.present.csv import Cell, estimate_row, quote_cell, write_lines
from paycite.tables.delimited import DelimitedText, TableError

_ANSWERED = (
    *(
        "role",
        "level",
        "metro",
        "metro_name",
        "alternatives",
        "min",
        "midpoint",
        "max",
        "open_ended",
        "median",
    ),
    *("currency", "period", "component", "kind", "as_of", "confidence", "confidence_reason"),
    *("fallbacks", "offer_min_compa_ratio", "offer_min_percentile", "offer_min_verdict"),
    *("offer_max_compa_ratio", "offer_max_percentile", "offer_max_verdict"),
    *("quote", "source_ids", "locators", "as_published", "citations"),
    *("problem_type", "problem_detail", "dataset", "permalink"),
)
APPENDED = tuple(PREFIX + name for name in _ANSWERED)

_SEPARATOR = "|"  # of several values in one cell, as in `source_ids`
_BYTE_ORDER_MARK = "\ufeff"
_LONGEST_LINE = 10_000_000  # bytes
_KEPT_ANSWERS = 10_000


class Line(NamedTuple):
    """A line of the annotated file. For a row, `problem` is the type of its problem, or "" for
    none."""

    text: str
    problem: str | None = None


class Annotation:
    """Annotates a CSV file line by line. Refusal if the file is not CSV."""

    def __init__(
        self, file: IO[bytes], store: Store, dataset: str | None, columns: Columns | None = None
    ) -> None:
        columns = columns or Columns()
        self._store = store
        self._dataset = dataset
        with _refusing():
            self._table = DelimitedText(_lines(file), columns.is_role)
        # Keep a byte order mark: spreadsheets need it to recognize UTF-8.
        self._mark = _BYTE_ORDER_MARK if self._table.has_mark else ""
        self._header = self._table.header
        self._places = columns.places(self._header)

    @property
    def form(self) -> str:
        """The encoding and the delimiter of what has been read."""
        return self._table.form

    @property
    def read(self) -> list[str]:
        """The columns used as parameters."""
        return [self._header[place] for place in self._places.values()]

    @property
    def passed_on(self) -> list[str]:
        """The columns that are passed through."""
        read = set(self._places.values())
        return [column for place, column in enumerate(self._header) if place not in read]

    def __iter__(self) -> Iterator[Line]:
        yield Line(self._mark + self._line(self._header, _fields(APPENDED)))
        answer = lru_cache(_KEPT_ANSWERS)(self._answer)
        for cells in self._rows():
            if not cells:
                yield Line("\r\n")  # a blank line stays blank
                continue
            if len(cells) == len(self._header):
                appended = answer(*(cells[place] for place in self._places.values()))
            else:
                appended = _ragged(len(cells), len(self._header))
            yield Line(self._line(cells, appended.text), appended.problem)

    def _rows(self) -> Iterator[list[str]]:
        with _refusing():
            for row in self._table:
                yield row.cells

    def _answer(self, *cells: str) -> Line:
        """Compute the cells to append to a row."""
        asked = zip(self._places, map(str.strip, cells), strict=True)
        texts = {name: [cell] for name, cell in asked if cell}
        for name in texts:
            if TYPES[name] == "array":
                texts[name] = [one.strip() for one in texts[name][0].split(_SEPARATOR)]
        return _appended(answer_row(self._store, texts, self._dataset))

    def _line(self, cells: Sequence[str], appended: str) -> str:
        """Move cells beyond the header behind the appended ones, so that those stay in their
        columns."""
        width = len(self._header)
        fields = [quote_cell(cell or None) for cell in cells]
        fields += [""] * (width - len(fields))
        return ",".join([*fields[:width], appended, *fields[width:]]) + "\r\n"


def _appended(found: Outcome) -> Line:
    cells = estimate_row(found)
    problem = found.problem.type.rpartition("/")[2] if isinstance(found, Refused) else ""
    return Line(_fields(cells[name] for name in _ANSWERED), problem)


def _ragged(cells: int, columns: int) -> Line:
    detail = f"The row has {cells} cells, but the header has {columns} columns."
    return _appended(reject_row(_refusal(detail)))


def _fields(cells: Iterable[Cell]) -> str:
    return "".join(write_lines([cells])).removesuffix("\r\n")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, with one in memory at a time."""
    for count, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), start=1):
        if len(line) == _LONGEST_LINE:
            raise TableError(count, f"too long: the limit of a line is {_LONGEST_LINE:,} bytes")
        yield line


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except TableError as error:
        raise _refusal(f"The row that begins on line {error.line} is {error.reason}.") from None


def _refusal(detail: str) -> Refusal:
    return Refusal([Fault(type="invalid-value", detail=detail)])
