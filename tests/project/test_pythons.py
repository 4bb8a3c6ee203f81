"""The two commands of the README in a fresh clone, with every Python that is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.clone import clone, run
from support.servers import QUESTION, running

pytestmark = pytest.mark.skipif(
    not os.environ.get("PAYCITE_PYTHONS"), reason="`make test-pythons` runs it"
)


def find_python(version: str) -> Path | None:
    """On the path, or among those of pyenv."""
    installed: list[Path] = sorted(
        Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")
    )
    on_path = shutil.which(f"python{version}")
    for python in [Path(on_path), *installed] if on_path else installed:
        if not subprocess.run([python, "-c", ""], capture_output=True).returncode:
            return python
    return None


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_both_commands_work_with_the_pip_that_python_brings(version: str, tmp_path: Path) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"Python {version} was not found: not tested with it")
    project = clone(tmp_path / "clone")
    with running(("make", "serve", f"PYTHON={python}", "PORT=PORT"), project, {}) as client:
        assert client.get(QUESTION).json()["estimate"]["range"]["min"] == 161_000
    if version != "{}.{}".format(*sys.version_info):  # `make test` runs with that one
        run("make", "quick", f"PYTHON={python}", folder=project)
