"""Answer a CSV file of questions in appended columns."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import IO, NamedTuple

from paycite.batch.columns import PREFIX, TYPES, Columns, find_unit
from paycite.batch.row import answer_row, reject_row
from paycite.dataset.store import Store
from paycite.model.comparison import Outcome, Refused
from paycite.model.problem import Refusal
from paycite.present.csv import SCOPE, Cell, estimate_row, quote_cell, write_lines
from paycite.questions.answer import answer_question
from paycite.tables.delimited import BYTE_ORDER_MARK, DelimitedText, TableError, decode

_ANSWERED = (
    *(*SCOPE, "min", "midpoint", "max", "open_ended", "median"),
    *("currency", "period", "component", "kind", "as_of", "confidence", "confidence_reason"),
    *("fallbacks", "offer_min_compa_ratio", "offer_min_percentile", "offer_min_verdict"),
    *("offer_max_compa_ratio", "offer_max_percentile", "offer_max_verdict"),
    *("quote", "source_ids", "locators", "as_published", "citations"),
    *("problem_type", "problem_detail", "dataset", "permalink"),
)
APPENDED = tuple(PREFIX + name for name in _ANSWERED)

_AMOUNT = re.compile(r"[$\d.,kK\s-]+")  # without a period
_SEPARATOR = "|"  # of several values in one cell, as in `source_ids`
_LONGEST_LINE = 10_000_000  # bytes
_KEPT_ANSWERS = 10_000


class Line(NamedTuple):
    """A line of the annotated file. For a row, `problem` is the type of its problem, or "" for
    none."""

    text: str
    problem: str | None = None

    @property
    def is_row(self) -> bool:
        return self.problem is not None


class Annotation:
    """Annotates a CSV file line by line. Refusal if the file is not CSV, or if it has more than
    `most_columns`."""

    def __init__(
        self,
        file: IO[bytes],
        store: Store,
        dataset: str | None,
        columns: Columns | None = None,
        most_columns: int | None = None,
    ) -> None:
        columns = columns or Columns()
        self._store = store
        self._dataset = dataset
        self._most_columns = most_columns
        with _refusing():
            self._table = DelimitedText(_lines(file), columns.is_known)
        # Keep a byte order mark: spreadsheets need it to recognize UTF-8.
        self._mark = BYTE_ORDER_MARK if self._table.has_mark else ""
        self.header = self._table.header
        self._refuse_more_columns(self.header)
        self._places = columns.places(self.header)
        # A common header of pay may have the period of its cells; a column named `offer` has none.
        offer = self._places.get("offer", ())
        self._unit = find_unit(self.header[offer[0]]) if columns.reads_common and offer else None

    @property
    def form(self) -> str:
        """The encoding and the delimiter of what has been read."""
        return self._table.form

    @property
    def reading(self) -> dict[str, list[str]]:
        """The columns that each parameter is read from."""
        return {
            name: [self.header[place] for place in places] for name, places in self._places.items()
        }

    @property
    def read(self) -> list[str]:
        """The columns used as parameters."""
        return [column for columns in self.reading.values() for column in columns]

    @property
    def passed_on(self) -> list[str]:
        """The columns that are passed through."""
        return [self.header[place] for place in self.places_passed_on]

    @property
    def places_passed_on(self) -> list[int]:
        read = {place for places in self._places.values() for place in places}
        return [place for place in range(len(self.header)) if place not in read]

    def __iter__(self) -> Iterator[Line]:
        yield Line(self._mark + self._line(self.header, _fields(APPENDED)))
        append = lru_cache(_KEPT_ANSWERS)(lambda *cells: _appended(self._answer(*cells)))
        for cells in self.rows():
            if not cells:
                yield Line("\r\n")  # a blank line stays blank
                continue
            if len(cells) == len(self.header):
                appended = append(*self._asked(cells))
            else:
                appended = _appended(self.answer(cells))
            yield Line(self._line(cells, appended.text), appended.problem)

    def rows(self) -> Iterator[list[str]]:
        """Yield the cells of each row once; none for a blank line."""
        with _refusing():
            for row in self._table:
                self._refuse_more_columns(row.cells)
                yield row.cells

    def _refuse_more_columns(self, cells: Sequence[str]) -> None:
        if self._most_columns is not None and len(cells) > self._most_columns:
            limit = f"the limit is {self._most_columns}. Leave out those not needed"
            raise Refusal.of("payload-too-large", f"Too many columns: {limit}.")

    def answer(self, cells: Sequence[str]) -> Outcome:
        """Answer the cells of a row."""
        if len(cells) != len(self.header):
            return _reject_ragged(cells, len(self.header))
        return self._answer(*self._asked(cells))

    def _asked(self, cells: Sequence[str]) -> list[str]:
        """The text of each parameter; "" if it is not given."""
        return [
            ", ".join(filter(None, (cells[place].strip() for place in places)))
            for places in self._places.values()
        ]

    def _answer(self, *asked: str) -> Outcome:
        """Answer the texts of a row."""
        texts = {name: [text] for name, text in zip(self._places, asked, strict=True) if text}
        for name in texts:
            if TYPES[name] == "array":
                texts[name] = [one.strip() for one in texts[name][0].split(_SEPARATOR)]
        if self._unit and "offer" in texts and "period" not in texts:
            texts["offer"] = [_add_unit(texts["offer"][0], self._unit)]
        return answer_row(answer_question, self._store, texts, self._dataset)

    def _line(self, cells: Sequence[str], appended: str) -> str:
        """Write as many cells as the header has: a row of another width makes a file unreadable for
        many programs. The problem of the row has the cells beyond."""
        width = len(self.header)
        fields = [quote_cell(cell or None) for cell in cells[:width]]
        fields += [""] * (width - len(fields))
        return ",".join([*fields, appended]) + "\r\n"


def _appended(found: Outcome) -> Line:
    cells = estimate_row(found)
    problem = found.problem.type.rpartition("/")[2] if isinstance(found, Refused) else ""
    return Line(_fields(cells[name] for name in _ANSWERED), problem)


def _reject_ragged(cells: Sequence[str], columns: int) -> Refused:
    count = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
    detail = f"The row has {count}, but the header has {columns} columns."
    if surplus := cells[columns:]:
        detail += f" Beyond the header: {', '.join(surplus)}"
    return reject_row(Refusal.of("invalid-value", detail))


def _add_unit(offer: str, unit: str) -> str:
    """Add the pay period of a header to an amount that has none."""
    return f"{offer} per {unit}" if _AMOUNT.fullmatch(offer) else offer


def _fields(cells: Iterable[Cell]) -> str:
    return "".join(write_lines([cells])).removesuffix("\r\n")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, with one in memory at a time."""
    for count, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), start=1):
        if len(line) == _LONGEST_LINE:
            raise TableError(count, f"too long: the limit of a line is {_LONGEST_LINE:,} bytes")
        yield line


def decode_table(body: bytes) -> str:
    """Decode a CSV body. Refusal if it is not text."""
    with _refusing():
        return decode(_lines(BytesIO(body)))


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except TableError as error:
        what = f"row that begins on line {error.line}" if error.line else "file"
        raise Refusal.of("invalid-value", f"The {what} is {error.reason}.") from None
