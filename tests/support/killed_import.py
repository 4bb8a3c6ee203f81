"""Import or remove, and be killed before the n-th line of the modules that do it; print how many
lines there are if not.

What is done in the folder is an import of OEWS files by the seeds that are named, or of so many
`observations`, which are `private` or not, or the `removal` of a source. Where `each` line is the
fatal one, it is done in a copy of the folder for each, which is named after it; the last of them is
not killed.
"""

import datetime
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import FrameType

from paycite.cli import main, sources
from paycite.dataset import observations as parquet
from paycite.importers import oews
from paycite.importers.common import observations as observed
from paycite.importers.common import publish
from paycite.model.observation import Observation, RefusedRow
from support import observing

named, what, when, *more = sys.argv[1:]
watched = {module.__file__ for module in (publish, observed, parquet, sources)}
lines = fatal = 0


def kill_before_the_fatal_line(frame: FrameType, event: str, _: object) -> object:
    global lines
    if frame.f_code.co_filename not in watched:
        return None
    if event == "line":
        lines += 1
        if lines == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
    return kill_before_the_fatal_line


def import_observations(number: int, into: Path, is_private: bool) -> None:
    """Observations and refused rows; the citation says how many."""
    source = observing.source("own-pay", f"{number} observations", is_private=is_private)
    observed.import_observations(source, "Pay.", rows(number), into)


def rows(number: int) -> Iterator[Observation | RefusedRow]:
    for at in range(number):
        yield observing.observation(
            at,
            100_000 + at,
            role="software-engineer",
            level=None,
            geography="us",
            kind="survey",
            date=None,
        )
        yield RefusedRow(place=f"row {at}", reason="unread", value="?")


def act(folder: Path, line: int) -> int:
    """The lines that there were, if there are fewer than that many."""
    global fatal
    fatal = line
    sys.settrace(kill_before_the_fatal_line)  # type: ignore[arg-type]
    if what == "observations":
        import_observations(int(more[0]), folder / "observations", "private" in more)
    elif what == "removal":
        os.environ["PAYCITE_DATA"] = str(folder)
        main(["remove", *more], standalone_mode=False)
    else:
        released = datetime.date(2026, 5, 15)
        oews.import_release([Path(file) for file in more], folder, Path(what), released)
    sys.settrace(None)
    return lines


def is_killed(folder: Path, line: int) -> bool:
    """In a process of its own, which has all modules already."""
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL)
        return status == signal.SIGKILL
    try:
        act(folder, line)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if when == "each":
    for line in count(1):
        copy = Path(f"{named}-{line}")
        shutil.copytree(named, copy)
        if not is_killed(copy, line):
            break
else:
    print(act(Path(named), int(when)))
