"""Imports and removals that are killed (`support.killed_import`)."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from paycite.settings import ROOT


def killed_at(line: int, folder: Path, what: str | Path, *more: object) -> int:
    """Do it, and be killed before the line: the exit code. Of line 0, it is not killed."""
    return _run(folder, what, line, *more)


def killed_at_each_line(folder: Path, what: str | Path, *more: object) -> Iterator[Path]:
    """Copies of the folder in which it was done: the first hardly begun, the last to the end."""
    assert _run(folder, what, "each", *more) == 0
    line = 1
    while (copy := Path(f"{folder}-{line}")).exists():
        yield copy
        line += 1


def _run(*words: object) -> int:
    command = [sys.executable, "-m", "support.killed_import", *map(str, words)]
    return subprocess.run(command, cwd=ROOT / "tests").returncode
