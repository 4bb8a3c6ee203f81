"""`make load` against a service with one wrong constant."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from paycite.settings import ROOT

pytestmark = pytest.mark.skipif("PAYCITE_LOAD" not in os.environ, reason="set PAYCITE_LOAD=1")
CONSTANT = '_CENT = Decimal("0.01")'  # what hourly rates are rounded to


def test_a_wrong_constant_is_found_within_ten_seconds_and_its_request_shrunk(
    tmp_path: Path,
) -> None:
    service = Path(shutil.copytree(ROOT / "service", tmp_path / "service"))
    shutil.copy(ROOT / "openapi.yaml", tmp_path)
    money = service / "paycite/model/money.py"
    text = money.read_text()
    assert CONSTANT in text
    money.write_text(text.replace(CONSTANT, '_CENT = Decimal("0.1")'))

    load = [sys.executable, str(ROOT / "bench/load.py"), "--seconds", "10"]
    loaded = subprocess.run([*load, "--service", str(service)], capture_output=True, text=True)

    assert loaded.returncode == 1, loaded.stdout + loaded.stderr
    command, *_ = re.findall("curl .*", loaded.stdout)
    *_, last = shlex.split(command)
    asked = last.partition("?")[2] or command  # a query, or a body
    assert "hour" in asked or "hr" in asked
    assert asked.count("=") == 2 or "--data-binary" in command
