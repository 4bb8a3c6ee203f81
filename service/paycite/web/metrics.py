"""What this worker counts: plain numbers, because adding to those that prometheus-client shares
among processes takes half as long as a finished answer. Once a second they go to a file, from which
web/metrics_port.py adds up those of all workers.

No label has a private source, a key, or a text that a client chose.
"""

import os
from bisect import bisect_left
from collections import defaultdict
from pathlib import Path
from resource import getpagesize

import msgspec
from msgspec import Struct, field

# Where the files go, for workers: not a setting, because `paycite serve` makes the folder.
FOLDER = "_PAYCITE_METRICS"
# A finished answer takes less than the first, a chart up to the last.
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_MEMORY = Path("/proc/self/statm")


class Times(Struct):
    """How many requests took how long: up to each of `SECONDS`, and longer."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    total: float = 0.0


class Numbers(Struct, kw_only=True):
    """Of one worker, since it started."""

    requests: dict[str, dict[int, Times]] = field(  # by route and status / 100
        default_factory=lambda: defaultdict(lambda: defaultdict(Times))
    )
    refusals: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # by problem type
    shed: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # by reason
    hits: int = 0  # answers that were kept, of those that may be
    misses: int = 0
    # As it is now.
    finished_bytes: int = 0
    under_way: int = 0
    queued: int = 0  # waits for a thread, or has one
    is_stale: bool = False
    memory: int = 0


NUMBERS = Numbers()


def count_request(route: str, status: int, seconds: float) -> None:
    times = NUMBERS.requests[route][status // 100]
    times.counts[bisect_left(SECONDS, seconds)] += 1
    times.total += seconds


def count_refusal(problem_type: str) -> None:
    """Count a problem by its `type`, such as `/problems/unknown-role`."""
    NUMBERS.refusals[problem_type.rpartition("/")[2]] += 1


def publish() -> None:
    """Write the numbers, if somebody reads them. Memory is known on Linux only."""
    if folder := os.environ.get(FOLDER):
        if _MEMORY.exists():
            NUMBERS.memory = int(_MEMORY.read_text().split()[1]) * getpagesize()
        unfinished = Path(folder, f"{os.getpid()}.new")
        unfinished.write_bytes(msgspec.json.encode(NUMBERS))
        unfinished.replace(unfinished.with_suffix(".json"))
