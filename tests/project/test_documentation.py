"""What the documents say is so."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
import yaml

from paycite.cli import main
from paycite.model.problem import PROBLEM_TYPES
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import normal
from paycite.settings import ROOT
from paycite.web.app import ENDPOINTS
from paycite.web.openapi import DOCUMENTED
from support.servers import PAYCITE, running

README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MANUAL = "\n".join(document.read_text() for document in DOCUMENTS)
OPENAPI = ROOT / "openapi.yaml"


def paycite(data: Path, *arguments: str) -> str:
    environment = os.environ | {"PAYCITE_DATA": str(data)}
    command = [str(PAYCITE), *arguments]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_openapi_yaml_equals_the_generated_document(data: Path) -> None:
    assert paycite(data, "openapi") == OPENAPI.read_text(), "run `make openapi` and read the diff"


# No request can show these on the seeds: nothing was imported, the address takes every method that
# a generated client would send, and the service does not fail.
NOT_SHOWN = {"suppressed", "internal-error", "not-ready", "method-not-allowed"}


def test_every_problem_has_a_true_example_that_its_operations_refer_to() -> None:
    document = yaml.safe_load(OPENAPI.read_text())
    examples = document["components"]["examples"]
    assert examples.keys() == PROBLEM_TYPES.keys() - NOT_SHOWN
    for name, example in examples.items():
        assert example["value"]["type"] == f"/problems/{name}"
    for endpoint in DOCUMENTED:
        (operation,) = document["paths"][endpoint.path].values()
        shown = {
            name
            for response in operation["responses"].values()
            if "$ref" in response
            for content in resolve(document, response)["content"].values()
            for name in content.get("examples", {})
        }
        assert shown == {*endpoint.problems} - NOT_SHOWN, endpoint.path


def resolve(document: Any, part: dict[str, str]) -> Any:
    for name in part["$ref"].removeprefix("#/").split("/"):
        document = document[name]
    return document


def test_the_document_is_small_enough_to_read() -> None:
    assert OPENAPI.stat().st_size < 200_000


def test_the_readmes_question_has_the_readmes_answer(client: httpx.Client) -> None:
    (address,) = re.findall(r"curl -s 'http://127.0.0.1:8000(.*?)'", README)
    (printed,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    expected, answer = json.loads(printed), client.get(address).json()
    assert is_part_of(expected, answer)


def is_part_of(part: object, whole: object) -> bool:
    """Whether all that `part` says is said by `whole`, in its place."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and is_part_of(value, whole[name]) for name, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return all(map(is_part_of, part, whole))
    return part == whole


def test_every_address_setting_command_and_dependency_is_in_the_manual() -> None:
    for endpoint in ENDPOINTS:
        assert endpoint.path in MANUAL or endpoint.path.startswith(("/static/", "/docs/"))
    text = (ROOT / "service/paycite/settings.py").read_text()
    for setting in re.findall(r"PAYCITE_\w+", text):
        assert f"`{setting}`" in MANUAL
    for name in main.list_commands(click.Context(main)):
        command = main.get_command(click.Context(main), name)
        assert command
        assert f"`paycite {name}" in MANUAL
        for parameter in command.params:
            is_option = isinstance(parameter, click.Option)
            assert (parameter.opts[0] if is_option else parameter.human_readable_name) in MANUAL
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for dependency in project["dependencies"]:
        assert f"| {re.split('[<>=]', dependency)[0]} |" in MANUAL


@pytest.mark.parametrize(
    "document", [*DOCUMENTS, ROOT / "CONTRIBUTING.md"], ids=lambda one: one.name
)
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text()
    links = [link.partition("#")[0] for link in re.findall(r"\]\((?!http)(.*?)\)", text)]
    for link in filter(None, links):
        assert (document.parent / link).exists(), link
    for name in re.findall(r"`((?:service|tests|seeds|bench|docs)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
def test_every_get_that_a_document_shows_is_answered(document: Path, client: httpx.Client) -> None:
    for address in re.findall(r"'http://127\.0\.0\.1:8000(/[^']*\?[^']*)'", document.read_text()):
        answer = client.get(address)
        assert answer.status_code == (400 if "levl=" in address else 200), address


def test_the_targets_of_the_documents_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    targets = set(re.findall(r"`make ([a-z-]+)`", MANUAL + contributing))
    assert targets >= {"test", "wheel"}
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_manuals_queries_of_the_dataset_answer(data: Path, tmp_path: Path) -> None:
    import shutil

    import duckdb

    query, columns = re.findall(r"```sql\n(.*?)```", MANUAL, re.DOTALL)
    (file,) = (data / "datasets").glob("*.duckdb")
    with duckdb.connect(shutil.copyfile(file, tmp_path / "copy.duckdb")) as stranger:
        assert stranger.execute(query).fetchall()[0][:2] == (161_000, 225_000)
        uncommented = {name for _, name, text in stranger.execute(columns).fetchall() if not text}
        assert uncommented <= {"id", "name", "title"}


def test_the_levels_are_printed_once_and_all_of_them(snapshot: Snapshot) -> None:
    for level in snapshot.levels.values():
        (row,) = re.findall(rf"^\| `{level.id}` \|(.*)\|(.*)\|$", MANUAL, re.MULTILINE)
        anywhere, at_end = ({normal(name) for name in cell.split(",")} - {""} for cell in row)
        # "senior" is both the id and the title, "Mid-level" only the title.
        assert anywhere | {level.id} == set(map(normal, (level.id, level.title, *level.aliases)))
        assert at_end == set(level.suffixes)


def test_every_problem_is_documented_with_its_status() -> None:
    api = (ROOT / "docs/api.md").read_text()
    for name, kind in PROBLEM_TYPES.items():
        (row,) = re.findall(rf"^\|.*`{name}`.*\|$", api, re.MULTILINE)
        assert str(kind.status) in row


def test_make_serve_serves(tmp_path: Path) -> None:
    command = ("make", "--directory", ROOT, "serve", "PORT=PORT")
    with running(command, tmp_path, {"PAYCITE_DATA": str(tmp_path)}) as client:
        (address,) = re.findall(r"curl -s 'http://127.0.0.1:8000(.*?)'", README)
        assert client.get(address).json()["estimate"]["range"]["min"] == 161_000
