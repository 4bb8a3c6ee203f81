"""What the documents say is so."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import click
import httpx
import pytest
import yaml

from conftest import PAYCITE
from service.api import HANDLERS
from service.api.openapi import EXAMPLES
from service.cli import main
from service.model.problem import PROBLEM_TYPES
from service.settings import ROOT

README = (ROOT / "README.md").read_text()
OPENAPI = ROOT / "openapi.yaml"


def paycite(data: Path, *arguments: str) -> str:
    environment = os.environ | {"PAYCITE_DATA": str(data)}
    command = [str(PAYCITE), *arguments]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_openapi_yaml_equals_the_generated_document(data: Path) -> None:
    assert paycite(data, "openapi") == OPENAPI.read_text(), "run `make openapi` and read the diff"


def test_every_operation_has_a_true_example_of_its_answer_and_problems() -> None:
    operations = yaml.safe_load(OPENAPI.read_text())["paths"]
    assert operations.keys() == EXAMPLES.keys()
    for path, operation in operations.items():
        shown = {
            name: (int(status), example)
            for status, response in operation["get"]["responses"].items()
            for content in response["content"].values()
            for name, example in content.get("examples", {}).items()
        }
        assert 200 in {status for status, _ in shown.values()}, path
        for name, (status, example) in shown.items():
            if status != 200:
                assert example["value"]["type"] == f"/problems/{name}"
                assert PROBLEM_TYPES[name].status == status


def test_every_problem_that_a_query_can_bring_about_is_shown() -> None:
    shown = {name for requests in EXAMPLES.values() for name in requests}
    no_query_brings_about = {
        "suppressed",  # no observations are imported yet
        "ambiguous-metro",  # no two metros share a name
        "not-found",
        "method-not-allowed",
        "payload-too-large",
        "unsupported-media-type",
        "internal-error",
        "not-ready",
    }
    assert PROBLEM_TYPES.keys() - shown == no_query_brings_about


def test_the_readmes_question_has_the_readmes_answer(client: httpx.Client) -> None:
    (address,) = re.findall(r"curl -s 'http://127.0.0.1:8000(.*?)'", README)
    (printed,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    expected, answer = json.loads(printed), client.get(address).json()
    for name, value in expected["estimate"].items():
        assert answer["estimate"][name] == value
    for told, step in zip(expected["steps"], answer["chains"][0]["steps"], strict=True):
        assert told.items() <= step.items()


def test_every_address_setting_command_and_dependency_is_in_the_readme() -> None:
    paths = {path for handler in HANDLERS for path in handler.paths}
    for path in paths:
        assert re.sub(r"\{\w+:str\}", "{id}", path) in README
    settings = re.findall(r"PAYCITE_\w+", (ROOT / "service" / "settings.py").read_text())
    for setting in settings:
        assert f"`{setting}`" in README
    for name, command in main.commands.items():
        assert f"`paycite {name}" in README
        for option in command.params:
            assert isinstance(option, click.Option)
            assert option.opts[0] in README
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for dependency in project["dependencies"]:
        assert f"| {re.split('[<>=]', dependency)[0]} |" in README


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    for name in re.findall(r"\]\((?!http)(.*?)\)", text) + re.findall(r"`(service/[\w./]*)`", text):
        assert (ROOT / name).exists(), name


def test_the_readmes_targets_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for document in ("README.md", "CONTRIBUTING.md"):
        targets = re.findall(
            r"make (serve|test|check|coverage|openapi|lock)\b", (ROOT / document).read_text()
        )
        assert targets
        for target in targets:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_readmes_query_of_the_dataset_answers(data: Path, tmp_path: Path) -> None:
    import shutil

    import duckdb

    (query,) = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
    (file,) = (data / "datasets").glob("*.duckdb")
    with duckdb.connect(shutil.copy(file, tmp_path / "copy.duckdb")) as stranger:
        assert stranger.execute(query).fetchall()[0][:2] == (161_000, 225_000)
