"""`/demand` and `/rates`, over a real socket."""

import httpx

from paycite.model.snapshot import Snapshot


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
    pages, address = [], "/demand?limit=3"
    while address:
        page = client.get(address).json()
        pages += page["items"]
        address = page["next"]
    assert pages == client.get("/demand?limit=1000").json()["items"]


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
