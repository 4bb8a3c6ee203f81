"""What the service runs on is listed, and is audited or said not to be."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from audit import report
from paycite.settings import ROOT


def test_the_bill_of_materials_is_valid_and_has_every_dependency_with_its_hashes(
    tmp_path: Path,
) -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\nsbom: ")[2].partition("\n\n")[0]
    command = recipe.splitlines()[-1].strip().replace("$(BIN)", str(Path(sys.executable).parent))
    file = tmp_path / "sbom.json"
    # It validates what it writes.
    words = command.replace("dist/sbom.json", str(file)).split()
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    bill = json.loads(file.read_text())
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "paycite")
    listed = {one["name"]: one for one in bill["components"]}
    locked = dict(
        re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements/run.txt").read_text(), re.M)
    )
    assert {name: one["version"] for name, one in listed.items()} == locked
    assert all(one["externalReferences"][0]["hashes"] for one in listed.values())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {re.split("[<>=]", one)[0] for one in project["dependencies"]} <= listed.keys()


CLEAN = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
SKIPPED = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("found", "status", "said"),
    [
        ([CLEAN], 0, "Audited 1 dependencies: no vulnerabilities."),
        ([CLEAN, BAD], 1, "b 2: CVE-1, fixed in 3"),
        ([BAD, SKIPPED], 1, "NOT AUDITED: "),
        ([CLEAN, SKIPPED], 2, "not reached for 1 of 2 dependencies"),
        ([], 2, "NOT AUDITED: "),
    ],
)
def test_an_audit_never_passes_in_silence(
    found: list[dict[str, Any]], status: int, said: str
) -> None:
    text, exit_status = report(found, may_skip=False)
    assert (exit_status, said in text) == (status, True)
    assert report(found, may_skip=True) == (text, status % 2)
