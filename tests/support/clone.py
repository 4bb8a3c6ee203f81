"""The project as a newcomer gets it, and commands in it."""

import os
import subprocess
from pathlib import Path

from paycite.settings import ROOT


def run(*command: str | Path, folder: Path, **settings: str) -> str:
    """What it prints; the settings of Paycite and of Python that this process has are left out."""
    ours = ("PAYCITE_", "PYTHON", "VIRTUAL_ENV", "COV_", "MAKE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        command, cwd=folder, env=environment | settings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def clone(into: Path) -> Path:
    """The project as git has it, with what is not committed yet."""
    names = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=ROOT)
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            (into / name).write_bytes((ROOT / name).read_bytes())
    return into
