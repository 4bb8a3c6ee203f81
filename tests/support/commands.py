"""The `paycite` command, as users run it."""

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

PAYCITE = Path(sys.executable).with_name("paycite")


def environment(data: Path, **settings: object) -> dict[str, str]:
    """The variables of this process, with a data folder and other settings."""
    named = {name: str(value) for name, value in settings.items()}
    return os.environ | {"PAYCITE_DATA": str(data)} | named


def paycite(
    data: Path,
    *arguments: object,
    without: str = "",
    stdin: str | None = None,
    **settings: object,
) -> subprocess.CompletedProcess[str]:
    """Run it over a data folder, `without` a package as if that were not installed."""
    absent = f"import sys; sys.modules[{without!r}] = None; from paycite.cli import main; main()"
    program = (sys.executable, "-c", absent) if without else (PAYCITE,)
    return subprocess.run(
        [*program, *map(str, arguments)],
        env=environment(data, **settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
    )


def read_output(data: Path, *arguments: object, **settings: Any) -> str:
    """What it prints where it succeeds."""
    done = paycite(data, *arguments, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_error(
    data: Path, *arguments: object, statuses: Collection[int] = (1,), **settings: Any
) -> str:
    """What it says where it fails."""
    done = paycite(data, *arguments, **settings)
    assert done.returncode in statuses, done.stderr
    assert (done.stdout, "Traceback" in done.stderr) == ("", False)
    return done.stderr
