"""`/demand` and `/rates`, over a real socket."""

import dataclasses
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from msgspec import structs

from paycite.model.figure import Figure
from paycite.model.snapshot import Snapshot
from paycite.web.endpoint import Endpoint
from paycite.web.handlers.market import demand, rates
from support.asking import ask_endpoint
from support.servers import follow_pages


def test_demand_shows_what_every_source_says_of_a_thing_side_by_side(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    items = client.get("/demand?limit=1000").json()["items"]
    listed = [figure["id"] for item in items for figure in item["figures"]]
    growths = {figure.id for figure in snapshot.figures.values() if figure.topic == "growth"}
    assert len(listed) == len(set(listed))
    assert set(listed) == growths
    fastest = [max(figure["low"] or 0 for figure in item["figures"]) for item in items]
    assert fastest == sorted(fastest, reverse=True)
    (video,) = [item for item in items if item["subject"] == "AI video generation and editing"]
    assert sorted(figure["bound"] for figure in video["figures"]) == [
        *("about", "exact", "over", "over")
    ]


def test_demand_is_told_for_a_role_or_of_a_source(client: httpx.Client) -> None:
    of_role = client.get("/demand", params={"role": "Prompt Eng"}).json()["items"]
    assert {item["role"] for item in of_role} == {"prompt-engineer"}
    of_source = client.get("/demand?source=upwork-2023-earnings-blog").json()["items"]
    assert {f["source_id"] for item in of_source for f in item["figures"]} == {
        "upwork-2023-earnings-blog"
    }
    pages = follow_pages(client, "/demand?limit=3")
    assert [one for page in pages for one in page["items"]] == client.get(
        "/demand?limit=1000"
    ).json()["items"]


def test_rates_come_with_their_terms(client: httpx.Client) -> None:
    rates = client.get("/rates").json()["items"]
    assert [
        (rate["track"], rate["rate"]["low"], rate["rate"]["high"], rate["rate"]["period"])
        for rate in rates
    ] == [
        ("Social content producer", 50, 300, "deliverable"),
        ("Brand and marketing video", 500, 3_000, "deliverable"),
        ("Enterprise and broadcast production", 5_000, 50_000, "project"),
    ]
    terms = [[(t["low"], t["high"], t["unit"]) for t in rate["terms"]] for rate in rates]
    assert terms == [
        [(15, 90, "seconds"), (24, 72, "hours")],
        [(60, 300, "seconds"), (1, 2, "weeks")],
        [],
    ]
    assert rates[2]["rate"]["bound"] == "over"
    assert client.get("/rates?source=kore1-ai-jobs-2026").json()["items"] == []
    assert client.get("/rates?source=nobody").status_code == 404


class _Store(NamedTuple):
    snapshot: Snapshot

    def __hash__(self) -> int:
        return id(self.snapshot)


@pytest.mark.parametrize(
    ("endpoint", "topic", "role"), [(rates, "rate", None), (demand, "growth", "mlops")]
)
def test_pages_go_on_after_an_item_that_is_called_like_another(
    snapshot: Snapshot, endpoint: Endpoint, topic: str, role: str | None
) -> None:
    """Two rates of a track, or the growth of one subject for two roles."""
    figures: dict[str, Figure] = dict(snapshot.figures)
    for figure in snapshot.figures.values():
        if figure.topic == topic:
            other = structs.replace(figure, id=f"{figure.id}-again", role=role)
            figures[other.id] = other
    store: Any = _Store(dataclasses.replace(snapshot, figures=figures))

    whole = ask_endpoint(endpoint, store, {"limit": ["1000"]}).items
    shown: list[Any] = []
    texts = {"limit": ["1"]}
    while texts and len(shown) <= len(whole):
        page = ask_endpoint(endpoint, store, texts)
        shown += page.items
        texts = parse_qs(urlsplit(page.next or "").query)
    assert tuple(shown) == whole
