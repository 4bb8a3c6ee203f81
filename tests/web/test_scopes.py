"""A key, or an open server, shows some private sources, and the others do not exist there."""

import datetime
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycite.dataset.pointer import Scope, find_pointer
from paycite.dataset.published import Datasets
from paycite.dataset.rollback import roll_back
from paycite.dataset.store import DatasetError
from support.asgi import bearer, get
from support.observing import observe, simulated
from support.releases import Installation

ROLES, PLACES = ("data-scientist", "data-engineer"), ("austin-tx", "nyc", "denver-co")
ALICE, BOB = "alice-placements", "bob-placements"
SCOPE = Scope([ALICE])


def simulate(folder: Path, seeds: Path, *sources: str) -> Installation:
    """An installation with private sources, before the first build."""
    made = Installation(folder, seeds)
    for seed, source in enumerate(sources):
        rows, _ = simulated(seed, ROLES, ("mid", "senior"), PLACES, employers=12)
        observe(made.observations, source, rows, is_private=True)
    return made


@pytest.fixture(scope="module")
def ours(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return simulate(tmp_path_factory.mktemp("both"), few_seeds, ALICE, BOB)


@pytest.fixture(scope="module")
def theirs(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What never had the other source."""
    theirs = simulate(tmp_path_factory.mktemp("one"), few_seeds, ALICE)
    theirs.build()
    return theirs


@pytest.fixture(scope="module")
def key(ours: Installation) -> dict[str, str]:
    """A key for one of the sources."""
    key = bearer(ours.keys.add("alice", sources=(ALICE,)))
    ours.build()
    return key


@pytest.fixture(scope="module")
def closed(ours: Installation, key: dict[str, str]) -> Any:
    return ours.app()


@pytest.fixture(scope="module")
def alone(theirs: Installation) -> Any:
    return theirs.app(None)


PATHS = (
    *("/salary", "/salary.html", "/salary.csv", "/sources", "/sources.html", "/figures", "/roles"),
    *(f"/sources/{ALICE}", f"/sources/{BOB}", f"/sources/{BOB}.html", "/ranking", "/pay.html"),
    *("/salary/compare", "/match", "/metros/nyc.html", f"/figures/{BOB}:1", "/confidence"),
)
TEXTS = st.sampled_from((ALICE, BOB, "bob-placement", *ROLES, *PLACES, "senior", "mid", "true"))
NAMES = st.sampled_from(("role", "metro", "level", "source", "strict", "view", "from"))


@settings(max_examples=60)
@given(
    path=st.sampled_from(PATHS),
    asked=st.lists(st.tuples(NAMES, TEXTS), max_size=4),
    role=st.sampled_from(ROLES),
    is_for_all=st.booleans(),
)
def test_an_answer_with_a_key_for_a_source_is_that_of_an_installation_without_the_others(
    closed: Any,
    alone: Any,
    key: dict[str, str],
    path: str,
    asked: list[tuple[str, str]],
    role: str,
    is_for_all: bool,
) -> None:
    """But for the version, which is that of other inputs."""
    if is_for_all:
        asked = [("role", role), *asked]
    address = f"{path}?{'&'.join(f'{name}={text}' for name, text in asked)}"
    status, told, body = get(closed, address, key)
    expected, theirs, other = get(alone, address)
    version, others = told["x-dataset-version"], theirs["x-dataset-version"]
    assert version != others
    assert (status, body.replace(version.encode(), b"")) == (
        expected,
        other.replace(others.encode(), b""),
    )
    assert "public" not in told["cache-control"]


def test_a_server_that_is_open_for_a_source_shows_every_caller_what_a_key_for_it_shows(
    ours: Installation, closed: Any, key: dict[str, str]
) -> None:
    opened = ours.app(SCOPE)
    for path in PATHS:
        address = f"{path}?role=data-scientist" if path.startswith("/salary") else path
        assert get(opened, address)[2] == get(closed, address, key)[2]


def test_what_a_key_shows_is_no_public_answer_and_not_the_whole(
    ours: Installation, closed: Any, key: dict[str, str]
) -> None:
    whole = bearer(ours.keys.add("all"))
    address = "/salary?role=data-scientist&metro=nyc"
    answers = [json.loads(get(closed, address, asked)[2]) for asked in ({}, key, whole)]
    cited = [{one["id"] for one in answer["sources"]} & {ALICE, BOB} for answer in answers]
    assert cited == [set(), {ALICE}, {ALICE, BOB}]
    pinned = answers[2]["links"]["permalink"]
    assert [get(closed, pinned, asked)[0] for asked in ({}, key, whole)] == [404, 404, 200]


def test_a_key_for_a_source_waits_for_its_dataset(ours: Installation, closed: Any) -> None:
    key = bearer(ours.keys.add("bob", sources=(BOB,)))
    assert [get(closed, "/roles", asked)[0] for asked in (key, {})] == [503, 200]
    with pytest.raises(DatasetError, match=r"alone: run `paycite build`$"):
        Datasets(ours.datasets, scope=Scope([BOB]))
    (record := ours.datasets / "replica.json").touch()
    with pytest.raises(DatasetError, match=r"run `paycite publish PLACE --with-private`$"):
        Datasets(ours.datasets, scope=Scope([BOB]))
    record.unlink()
    ours.keys.revoke("bob")


def test_without_a_public_dataset_a_problem_says_so(ours: Installation, tmp_path: Path) -> None:
    here = ours.copy(tmp_path / "copy")
    here.build()
    app = here.app(None)
    pointer = find_pointer(here.datasets)
    (here.datasets / f"{pointer.public_version}.duckdb").unlink()
    embedded = get(app, "/embed.json?role=data-scientist")
    assert (embedded[0], embedded[1]["retry-after"]) == (503, "1")
    assert json.loads(embedded[2])["type"] == "/problems/not-ready"
    assert "script-src" in embedded[1]["content-security-policy"]
    assert [get(app, "/roles", asked)[0] for asked in ({"host": "evil.example"}, {})] == [503, 200]


def test_a_key_outlives_its_source(ours: Installation, key: dict[str, str], tmp_path: Path) -> None:
    here = ours.copy(tmp_path / "copy")
    for file in here.observations.glob(f"{ALICE}.*"):
        file.unlink()
    here.build()
    app = here.app()
    paths = (f"/sources/{ALICE}", f"/sources/{BOB}", "/roles")
    assert [get(app, path, key)[0] for path in paths] == [404, 404, 200]


def test_a_rollback_takes_back_what_each_key_shows(
    ours: Installation, key: dict[str, str], tmp_path: Path
) -> None:
    here = ours.copy(tmp_path / "copy")
    pointers = [find_pointer(here.datasets)]
    here.build(as_of=datetime.date(2026, 6, 2))
    pointers.append(find_pointer(here.datasets))
    assert roll_back(here.datasets) == pointers[0].version
    pointers.append(find_pointer(here.datasets))
    first, second, third = (pointer.part(SCOPE) for pointer in pointers)
    assert first and second and third
    assert [one.generation for one in (first, second, third)] == [1, 2, 3]
    assert first.version == third.version != second.version

    said: list[str] = []
    (here.datasets / "current").unlink()
    assert roll_back(here.datasets, pointers[1].version, said.append) == pointers[1].version
    again = find_pointer(here.datasets)
    assert (again.generation, again.part(SCOPE)) == (
        4,
        msgspec.structs.replace(second, generation=4),
    )
    assert said == []
    for lost in here.datasets.glob("current*"):
        lost.unlink()
    assert roll_back(here.datasets, pointers[0].version, said.append) == pointers[0].version
    assert find_pointer(here.datasets).generation == 1
    assert ["generations start at 1 again" in one for one in said] == [True]
