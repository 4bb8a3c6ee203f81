"""What the whole dataset costs: to build, to keep, to open; each as a part of its target.

python bench/dataset.py
"""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from paycite.dataset.build import build
from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.match import Vocabulary
from paycite.settings import ROOT

ROUNDS = 5
SECONDS_TO_BUILD = 10
BYTES = 30_000_000
SECONDS_TO_OPEN = 1


def timed(what: Callable[[], object]) -> float:
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        what()
        seconds.append(time.perf_counter() - started)
    return median(seconds)


def main() -> None:
    with TemporaryDirectory() as folder:
        datasets = Path(folder)
        building = timed(lambda: build(ROOT / "seeds", datasets, keep=1))
        (file,) = datasets.glob("*.duckdb")
        opening = timed(lambda: Store(file).close())
        with closing(Datasets(datasets)) as opened:
            snapshot = opened.current.snapshot
            reading = timed(lambda: Vocabulary(snapshot))
        print("| what | of the target |")
        print("|---|---:|")
        print(f"| to build, {SECONDS_TO_BUILD} s | {building / SECONDS_TO_BUILD:.2f} |")
        print(f"| the file, 30 MB | {file.stat().st_size / BYTES:.2f} |")
        print(f"| to open, {SECONDS_TO_OPEN} s | {opening / SECONDS_TO_OPEN:.2f} |")
        print(f"| names for the first reading, with that | {reading / SECONDS_TO_OPEN:.2f} |")


if __name__ == "__main__":
    main()
