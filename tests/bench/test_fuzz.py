"""`make fuzz` on a service that crashes on few inputs."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from paycite.settings import ROOT

READ = "    tokens = tokenize(text)\n"  # the first line of `parse_pay`
PLANTED = """\
    if len(tokens) > 1 and tokens[0].text == "up":
        if any(token.text.startswith("9") for token in tokens):
            raise KeyError(text)
"""


def test_a_planted_crash_is_found_within_seconds_and_its_input_shrunk(tmp_path: Path) -> None:
    service = Path(shutil.copytree(ROOT / "service", tmp_path / "service"))
    amounts = service / "paycite/match/amounts/read.py"
    text = amounts.read_text()
    assert text.count(READ) == 1
    amounts.write_text(text.replace(READ, READ + PLANTED))

    fuzz = [sys.executable, str(ROOT / "bench/fuzz.py"), "--seconds", "5", "--only", "amounts"]
    settings = os.environ | {"PYTHONPATH": str(service)}
    done = subprocess.run([*fuzz, "--seed", "1"], env=settings, capture_output=True, text=True)

    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^amounts +[\d,]+ +[\d.]+ +1$", done.stdout, re.MULTILINE)
    (found,) = re.findall("  KeyError at read.py:\\d+\n  text: (.*)", done.stdout)
    assert len(ast.literal_eval(found)) <= len("up 9")
