"""How much an import reads before it refuses a file: every limit is here, and in
docs/observations.md."""

import json
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

import msgspec

from paycite.importers import ImportRefused
from paycite.tables.json_objects import repeated_names

T = TypeVar("T")

ROWS = 20_000_000  # of an import
SHEET_ROWS = 1_048_576  # of a sheet, as in Excel
COLUMNS = 1_000
CELL = 131_072  # characters; the module csv has the same limit
LINE = 10_000_000  # bytes
RELEASE_LINE = 10_000  # of a release in a known layout
WHOLE = 100_000_000  # bytes of a file that is read as a whole
UNPACKED = 100  # times the packed size; tables and releases have 6 to 20
WORKBOOK = 2**30  # bytes unpacked
LARGEST_WORKBOOK = 2**32  # of the Department of Labor, whose releases take a third of it
NESTING = 100  # levels of a JSON document
SECONDS = 120  # without a row

_SHOWN = 60  # characters of a name


def limited(
    rows: Iterable[T], what: str, seconds: float = SECONDS, most: int = ROWS
) -> Iterator[T]:
    """Yield the rows of `what`. ImportRefused at one too many, or if none comes for so long."""
    with _waiting(what, seconds) as wait_again:
        wait_again()
        for count, row in enumerate(rows):
            wait_again()
            if count == most:
                raise ImportRefused(what, f"more than {most:,} rows, the limit of an import")
            yield row


@contextmanager
def _waiting(what: str, seconds: float) -> Iterator[Callable[[], object]]:
    """Yield a function that grants so many seconds more. Only a main thread can be interrupted."""

    def refuse(_: int, __: FrameType | None) -> None:
        raise ImportRefused(what, f"no row could be read for {seconds:g} seconds, the limit")

    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    before = signal.signal(signal.SIGALRM, refuse)
    try:
        yield lambda: signal.setitimer(signal.ITIMER_REAL, seconds)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def check_columns(place: object, columns: Sized) -> None:
    if len(columns) > COLUMNS:
        raise ImportRefused(place, f"{len(columns):,} columns; the limit is {COLUMNS:,}")


class RepeatedName(msgspec.DecodeError):
    """An object has a name twice; JSON does not say which value counts."""


def decode_json(text: str | bytes) -> object:
    """Decode a document. DecodeError if it is not JSON, or is nested too deeply; RepeatedName if an
    object has a name twice."""
    too_deep = msgspec.DecodeError(f"nested in more than {NESTING} levels, the limit")
    try:
        document = msgspec.json.decode(text)
    except RecursionError:
        raise too_deep from None
    level = [document]
    for _ in range(NESTING):
        level = [inner for outer in level for inner in _nested(outer)]
        if not level:
            # Python's own parser can tell; it decodes nothing, as no value is kept.
            json.loads(text, object_pairs_hook=_refuse_repeated, parse_int=str, parse_float=str)
            return document
    raise too_deep


def _refuse_repeated(pairs: Iterable[tuple[str, object]]) -> None:
    for name in repeated_names(pairs):
        raise RepeatedName(f"the name {name[:_SHOWN]!r} appears twice in an object")


def _nested(value: object) -> Iterator[object]:
    """The arrays and objects directly in a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (one for one in inner if isinstance(one, dict | list))
