"""Return free memory to the system. After some large answers, glibc would keep 60 MB in a worker.
Other C libraries do not have these functions, and nothing is done."""

import ctypes
from contextlib import suppress
from typing import Any

_C: Any = ctypes.CDLL(None)
# Options of mallopt(3), by their numbers in malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


def limit_free_memory() -> None:
    """In this process, let threads share what is free, and return large pieces as they are freed:
    thresholds that are not set grow with the largest answer."""
    with suppress(AttributeError):
        _C.mallopt(_M_ARENA_MAX, 1)
        _C.mallopt(_M_MMAP_THRESHOLD, 64 * 1_024)
        _C.mallopt(_M_TRIM_THRESHOLD, 128 * 1_024)


def return_free_memory() -> None:
    """Return also what lies between memory that is in use. This takes milliseconds."""
    with suppress(AttributeError):
        _C.malloc_trim(0)
