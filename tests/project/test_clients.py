"""Typed clients come out of generators without a warning, compile, and are told the truth.

They need Node, and packages that npm installs; `make test-clients` runs them.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from paycite.settings import ROOT

pytestmark = pytest.mark.skipif(
    "PAYCITE_CLIENTS" not in os.environ, reason="needs Node and npm: `make test-clients` runs it"
)

OPENAPI = ROOT / "openapi.yaml"
PROGRAMS = ROOT / "tests" / "clients"
BIN = Path(sys.executable).parent
# They complain of more than the document: of their settings, of an old Node.
COMPLAINING = ("npm", "redocly")
QUESTION = "role=mlops&level=mid&metro=nyc"


def run(folder: Path, *command: str) -> str:
    """What the command prints, in the folder; that it fails, or complains, fails here."""
    paths = (str(folder / "node_modules" / ".bin"), str(BIN), os.environ["PATH"])
    environment = os.environ | {
        "PATH": os.pathsep.join(paths),
        "REDOCLY_TELEMETRY": "off",
        "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    }
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, f"{command}\n{ended.stdout}\n{ended.stderr}"
    if command[0] not in COMPLAINING:
        assert ended.stderr == ""
    return ended.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the document, the programs, and the packages of the lock."""
    if missing := [command for command in ("node", "npm") if not shutil.which(command)]:
        pytest.fail(f"not installed: {', '.join(missing)}; on Debian, apt install nodejs npm")
    folder = Path(shutil.copytree(PROGRAMS, tmp_path_factory.mktemp("clients") / "clients"))
    shutil.copy(OPENAPI, folder)
    run(folder, "npm", "ci", "--engine-strict", "--no-audit", "--no-fund")
    return folder


def printed(program: str, client: httpx.Client) -> list[str]:
    """The command that docs/api.md prints for a program, with the address of the server. npx
    fails where its versions are not those of the lock."""
    lines = (ROOT / "docs/api.md").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(program)]
    here = line.replace("http://127.0.0.1:8000", str(client.base_url))
    return shlex.split(here.replace("tests/clients/", ""))


def told(row: dict[str, Any]) -> list[object]:
    asked, estimate, problem = row["requested"], row["estimate"], row["problem"]
    return [
        asked["role"],
        asked.get("metro"),
        estimate and estimate["range"]["midpoint"],
        problem and problem["type"],
    ]


@pytest.fixture(scope="module")
def truth(client: httpx.Client) -> dict[str, Any]:
    """What the programs are to be told."""
    salary = client.get(f"/salary?{QUESTION}").json()
    offer = client.get("/offer?role=data-scientist&offer=70-95.50&period=hour").json()
    comparison = client.get("/salary/compare?role=mlops&metro=nyc&metro=Austin&metro=narnia").json()
    questions = [{"id": 7, "role": "Sr. MLOps Eng", "offer": 185_000}, {"role": "astronaut"}]
    batch = client.post("/salary/batch", json={"rows": questions}).json()
    metros = client.get("/metros?limit=2&kind=region").json()
    source = client.get("/sources/kore1-ai-jobs-2026").json()
    problem = client.get("/salary?role=mlosp").json()
    return {
        "salary": {
            "range": [salary["estimate"]["range"][end] for end in ("min", "max")],
            "confidence": salary["estimate"]["confidence"]["label"],
            "steps": [
                [step["operation"], step["figure_id"], step["as_published"]]
                for chain in salary["chains"]
                for step in chain["steps"]
            ],
            "citations": [source["citation"] for source in salary["sources"]],
        },
        "offer": {
            "period": "hour",
            "level": None,
            "positions": [
                [position["compared_to"], position["verdict"], position["percentile"]]
                for position in offer["offer"]["positions"]
            ],
        },
        "comparison": [told(row) for row in comparison["rows"]],
        "batch": [[row["id"], *told(row)] for row in batch["rows"]],
        "metros": [[metro["id"] for metro in metros["items"]], metros["next"]],
        "published": source["published"]["date"],
        "problem": [404, problem["errors"][0]["suggestions"]],
        "unchanged": [client.get("/ready").headers["X-Dataset-Generation"], 304],
        "csv": client.get(f"/salary.csv?{QUESTION}").text,
        "linked": "Dataset",
        "png": len(client.get(f"/salary.png?{QUESTION}").content),
    }


def test_a_linter_finds_nothing_in_the_document(folder: Path) -> None:
    found = json.loads(run(folder, "redocly", "lint", "openapi.yaml", "--format", "json"))
    assert found["problems"] == []


def test_a_typescript_client_is_typed_and_is_told_the_truth(
    folder: Path, client: httpx.Client, truth: dict[str, Any]
) -> None:
    run(folder, *printed("npx ", client), "--no-log-file")
    generated = (folder / "paycite" / "types.gen.ts").read_text()
    left_open = re.findall(r"^.*: (?:unknown|any)\b.*$", generated, re.MULTILINE)
    assert [line.strip() for line in left_open] == ["[key: string]: unknown;"] * 2  # JSON-LD
    run(folder, "tsc")
    assert json.loads(run(folder, "node", "ask.js", str(client.base_url))) == truth


def test_a_python_client_is_typed_and_is_told_the_truth(
    folder: Path, client: httpx.Client, truth: dict[str, Any]
) -> None:
    options = ("--fail-on-warning", "--meta", "none", "--output-path", "paycite_client")
    run(folder, *printed("openapi-python-client ", client), *options)
    run(folder, "mypy", "--config-file", "mypy.ini", "ask.py", "paycite_client")
    told = run(folder, sys.executable, "-W", "error", "ask.py", str(client.base_url))
    assert json.loads(told) == truth
