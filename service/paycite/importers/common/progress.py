"""Report how far a file has been read."""

from collections.abc import Callable, Iterable, Iterator
from typing import IO, TypeVar

T = TypeVar("T")
# Called with the number of bytes read since the last call.
Progress = Callable[[int], object]
REPORT_EVERY = 1_000  # items


def with_progress(items: Iterable[T], file: IO[bytes], progress: Progress) -> Iterator[T]:
    """Yield the items, and report from time to time how far their file has been read."""
    before = 0
    for count, item in enumerate(items):
        if count % REPORT_EVERY == 0:
            progress(max(0, file.tell() - before))
            before = file.tell()
        yield item
    progress(max(0, file.tell() - before))
