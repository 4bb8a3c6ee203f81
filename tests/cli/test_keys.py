"""`paycite keys`, and which servers show private sources to everyone."""

import json
from pathlib import Path

import pytest

from paycite.dataset.pointer import RECORD
from support.commands import paycite, read_error, read_output
from support.observing import simulated
from support.releases import Installation
from support.servers import read_log, serving


def test_a_key_is_shown_once_and_works_until_it_is_revoked(data: Path, tmp_path: Path) -> None:
    (tmp_path / "datasets").symlink_to(data / "datasets")
    with serving(tmp_path) as client:
        added = paycite(tmp_path, "keys", "add", "acme", "--expires", "2999-01-31")
        key = added.stdout.strip()
        headers = {"Authorization": f"Bearer {key}"}
        listed = paycite(tmp_path, "keys", "list").stdout
        assert ("acme" in listed, "2999-01-31" in listed, key in listed) == (True, True, False)
        shown = client.get("/sources", headers=headers)
        assert "private" in shown.headers["cache-control"]
        assert "public" in client.get("/sources").headers["cache-control"]
        read_output(tmp_path, "keys", "revoke", "acme")
        assert client.get("/sources", headers=headers).status_code == 401
    assert paycite(tmp_path, "keys", "list").stdout == ""
    log = (tmp_path / "keys.log").read_text()
    assert [log.count(f'"{what}"') for what in ("added", "used", "revoked")] == [1, 1, 1]


@pytest.fixture
def folder(few_seeds: Path, tmp_path: Path) -> Path:
    """A data folder with a private source."""
    rows, _ = simulated(1, ("data-scientist",), ("mid",), ("nyc", "austin-tx"), employers=12)
    Installation(tmp_path, few_seeds).release(rows, "own-pay")
    return tmp_path


def test_a_key_whose_dataset_cannot_be_built_is_not_kept(folder: Path) -> None:
    (folder / "datasets" / RECORD).touch()  # it comes from elsewhere
    refused = read_error(folder, "keys", "add", "acme", "--source", "own-pay")
    assert "Datasets are not built here" in refused
    assert paycite(folder, "keys", "list").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "Acme Staffing"), "Invalid name"),
        (("add", "acme", "--expires", "2020-01-01"), "expired already"),
        (("add", "acme", "--expires", "soon"), "does not match"),
        (("revoke", "acme"), "No key is named 'acme'"),
    ],
)
def test_what_cannot_be_a_key_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in read_error(tmp_path, "keys", *arguments, statuses=(1, 2))
    assert not (tmp_path / "keys.log").exists()


def test_a_source_that_is_not_private_here_can_be_neither_in_a_key_nor_open(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "datasets").symlink_to(data / "datasets")
    for command in (("keys", "add", "acme", "--source"), ("serve", "--open")):
        refused = read_error(tmp_path, *command, "acme-placements")
        assert "Unknown private source: acme-placements." in refused
    assert not (tmp_path / "keys.log").exists()


def test_a_server_says_in_its_log_who_sees_private_sources_once_it_knows_them(
    folder: Path,
) -> None:
    refused = read_error(folder, "serve", "--open", "nope")
    assert refused.startswith("Error: Unknown private source: nope.")
    with serving(folder, PAYCITE_LOG="json"):
        pass
    told = [json.loads(line) for line in read_log(folder)]
    assert told[0]["message"].startswith("Private sources are shown only to those with a key")


def test_an_open_server_beyond_this_machine_must_be_asked_for_twice(tmp_path: Path) -> None:
    command = ("serve", "--host", "0.0.0.0")
    for refused in (
        read_error(tmp_path, *command, "--open", "all"),
        read_error(tmp_path, *command, PAYCITE_OPEN="all"),
    ):
        assert "Everyone who can reach 0.0.0.0 would see private sources." in refused
    nameless = read_error(tmp_path, *command, "--open", "all", "--open-beyond-this-machine")
    assert "Set PAYCITE_HOSTS" in nameless
    assert not (tmp_path / "datasets").exists()
