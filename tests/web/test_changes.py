"""`/datasets/changes`, its page and CSV, the feed, and `paycite diff`, with published datasets."""

import csv
import datetime
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import pytest

from paycite.dataset.build import build
from support.commands import read_error, read_output
from support.observing import observe, simulated
from support.servers import follow_pages, serving

DAY = datetime.date(2026, 6, 1)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def folder(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two public datasets, and a later one with a private source."""
    data = tmp_path_factory.mktemp("changes")
    build(few_seeds, data / "datasets", 5, DAY)
    for id_, is_private in (("everyones", False), ("secret-placements", True)):
        rows, _ = simulated(1, ("data-scientist",), ("mid",), ("nyc", "austin-tx"), employers=12)
        observe(data / "observations", id_, rows, is_private=is_private)
        build(few_seeds, data / "datasets", 5, DAY, observations=data / "observations")
    return data


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[httpx.Client]:
    with serving(folder) as client:
        yield client


@pytest.fixture(scope="module")
def versions(server: httpx.Client) -> tuple[str, str]:
    """The earlier public version and the current one."""
    found = server.get("/datasets").json()["items"]
    assert len(found) == 2
    (later,) = (one["version"] for one in found if one["is_current"])
    (earlier,) = (one["version"] for one in found if not one["is_current"])
    return earlier, later


def read(server: httpx.Client, address: str) -> Any:
    answer = server.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_datasets_are_listed_newest_first_and_all_of_the_public_view_are_public(
    server: httpx.Client, folder: Path
) -> None:
    items = read(server, "/datasets")["items"]
    times = [(folder / f"datasets/{one['version']}.duckdb").stat().st_mtime_ns for one in items]
    assert times == sorted(times, reverse=True)
    assert [(one["is_current"], one["is_public"]) for one in items] == [(True, True), (False, True)]
    page = server.get("/datasets.html").text
    for one in items:
        assert f'href="/datasets/{one["version"]}.html"' in page
    entries = ElementTree.fromstring(server.get("/datasets.atom").text).findall(f"{ATOM}entry")
    titles = [entry.findtext(f"{ATOM}title") for entry in entries]
    assert titles == [f"Dataset {one['version']}" for one in items]


def test_the_list_is_read_page_by_page_and_the_csv_has_the_same(
    server: httpx.Client, versions: tuple[str, str]
) -> None:
    earlier, later = versions
    pages = [*follow_pages(server, f"/datasets/changes?from={earlier}&limit=400")]
    found = [one for page in pages for one in page["items"]]
    page = pages[-1]
    summary = page["summary"]
    assert len({one["id"] for one in found}) == len(found) > 400
    assert len(found) == summary["moved"] + summary["added"] + summary["removed"]
    assert (page["from_version"], page["to_version"]) == versions
    assert {"added", "reweighted"} == {one["kind"] for one in summary["sources"]}
    text = server.get(f"/datasets/changes.csv?from={earlier}&to={later}&limit=1000").text
    for row, one in zip(csv.DictReader(io.StringIO(text)), found, strict=False):
        assert (row["id"], int(row["p50_after"])) == (one["id"], one["after"]["p50"])
        assert all(cause["source_id"] in row["causes"] for cause in one["causes"])


def test_only_a_pair_of_datasets_is_cached_for_good(
    server: httpx.Client, versions: tuple[str, str]
) -> None:
    earlier, later = versions
    for query, is_pinned in ((f"from={earlier}&to={later}", True), (f"from={earlier}", False)):
        for suffix in ("", ".csv", ".html"):
            answer = server.get(f"/datasets/changes{suffix}?{query}")
            assert ("immutable" in answer.headers["cache-control"]) == is_pinned
    assert server.get("/datasets.atom").headers["cache-control"] == "no-store"


def test_the_page_says_what_changed_and_why(
    server: httpx.Client, versions: tuple[str, str]
) -> None:
    page = server.get(f"/datasets/changes.html?from={versions[0]}")
    changes = read(server, f"/datasets/changes?from={versions[0]}&limit=50")
    assert changes["description"][0] in page.text
    assert "everyones added" in page.text and 'rel="next"' in page.text
    for one in changes["items"]:
        assert f"${one['after']['p50']:,}" in page.text
    assert 'name="from"' in server.get("/datasets/changes.html").text
    refused = server.get("/datasets/changes.html?from=x")
    assert (refused.status_code, "Unknown dataset" in refused.text) == (404, True)


def test_the_feed_has_each_public_dataset_with_what_changed(
    server: httpx.Client, versions: tuple[str, str]
) -> None:
    answer = server.get("/datasets.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = ElementTree.fromstring(answer.content)
    for name in ("id", "title", "updated", "author"):
        assert feed.find(f"{ATOM}{name}") is not None
    entries = feed.findall(f"{ATOM}entry")
    shown = [entry.findtext(f"{ATOM}id") for entry in entries]
    # Whichever earlier datasets are kept: a reader would take another id for a new entry.
    assert shown == [str(server.base_url.join(f"/datasets/{one}")) for one in reversed(versions)]
    changes = read(server, f"/datasets/changes?from={versions[0]}")
    contents = [str(entry.findtext(f"{ATOM}content")) for entry in entries]
    assert contents[0].splitlines() == changes["description"]
    assert "everyones" in contents[0] and "earliest" in contents[1]
    for entry in entries:
        link = entry.find(f"{ATOM}link")
        assert link is not None and server.get(link.attrib["href"]).status_code == 200


def test_the_feed_goes_on_without_the_folder(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "datasets", tmp_path / "datasets")
    with serving(tmp_path) as client:
        shutil.rmtree(tmp_path / "datasets")
        feed = ElementTree.fromstring(client.get("/datasets.atom").content)
    assert len(feed.findall(f"{ATOM}entry")) == 1


def test_what_is_wrong_is_said_at_once_with_suggestions(
    server: httpx.Client, folder: Path, versions: tuple[str, str]
) -> None:
    private = (folder / "datasets" / "current").read_text().split()[0]
    assert private not in versions
    for wrong in ("x", private, "../current", "' or 1=1", "%FF"):
        answer = server.get(f"/datasets/changes?from={quote(wrong, safe='%')}&to=y&limit=0")
        problem = answer.json()
        assert answer.status_code == 400
        named = [one["parameter"] for one in problem["errors"]]
        assert sorted(named) == ["from", "limit", "to"]
    answer = server.get(f"/datasets/changes?from={versions[0]}&to={private}")
    assert answer.status_code == 404 and private not in answer.json()["errors"][0]["suggestions"]
    for query in ("", "to=x", f"from={versions[0]}&after=none", f"from={versions[0]}&dataset=x"):
        assert server.get(f"/datasets/changes?{query}").status_code in (400, 404)


def test_the_command_prints_what_changed_of_public_datasets_only(
    folder: Path, versions: tuple[str, str]
) -> None:
    printed = read_output(folder, "diff", *versions, "--limit", "3")
    assert "New source everyones" in printed and len(printed.splitlines()) >= 5
    private = (folder / "datasets" / "current").read_text().split()[0]
    refused = read_error(folder, "diff", versions[0], private)
    assert any(version in refused for version in versions)  # the nearest
    assert "secret" not in printed + refused
