"""`/roles`, `/levels`, `/metros`, `/match`, over a real socket."""

import httpx
import pytest

from paycite.model.snapshot import Snapshot


def test_the_vocabularies_are_listed_whole(client: httpx.Client, snapshot: Snapshot) -> None:
    for path, entries in {
        "/roles": snapshot.roles,
        "/levels": snapshot.levels,
        "/metros": snapshot.metros,
    }.items():
        listed = client.get(path, params={"limit": 1_000}).json()
        assert [item["id"] for item in listed["items"]] == list(entries)
        first = client.get(path, params={"limit": 1}).json()
        second = client.get(first["next"]).json()
        assert [*first["items"], *second["items"]] == listed["items"][:2]


@pytest.mark.parametrize(
    ("prefix", "ids"),
    [
        ("San Fr", {"bay-area", "san-francisco-ca"}),
        ("3562", {"nyc"}),
        ("portland", {"portland-me", "portland-or"}),
        ("BAY AREA", {"bay-area"}),
        ("zzz", set()),
    ],
)
def test_metros_are_found_by_how_a_name_begins(
    client: httpx.Client, prefix: str, ids: set[str]
) -> None:
    found = client.get("/metros", params={"prefix": prefix}).json()["items"]
    assert {metro["id"] for metro in found} == ids


def test_a_metro_tells_the_rules_that_apply_there(client: httpx.Client) -> None:
    for id_ in ("nyc", "35620", "New York City", "bay-area", "san-jose-ca"):
        (there,) = client.get(f"/metros/{id_}").json()["rules"]
        assert (there["rule"]["min_factor"], there["rule"]["max_factor"]) == (1.15, 1.25)
        assert there["figure"]["as_published"] == "15-25% higher"
    assert client.get("/metros/austin-tx").json()["rules"] == []


def test_an_id_in_an_address_is_read_whole_or_refused(client: httpx.Client) -> None:
    for id_ in ("nyc" + "%20" * 60 + "London", "nyc" + "-" * 500, "%00", "%FF", "%20"):
        response = client.get(f"/metros/{id_}")
        assert response.status_code in (400, 404), id_
        assert response.json()["errors"][0]["parameter"] in ("id", "metro")


def test_match_tells_how_text_is_read(client: httpx.Client) -> None:
    asked = {"role": "Sr. ML Ops Eng", "metro": "manhattan"}
    assert client.get("/match", params=asked).json()["matches"] == [
        {
            "dimension": "role",
            "query": "Sr. ML Ops Eng",
            "id": "mlops",
            "method": "alias",
            "score": 100.0,
            "alternatives": [],
        },
        {
            "dimension": "level",
            "query": "sr",
            "id": "senior",
            "method": "alias",
            "score": 100.0,
            "alternatives": [],
        },
        {
            "dimension": "metro",
            "query": "manhattan",
            "id": "nyc",
            "method": "alias",
            "score": 100.0,
            "alternatives": ["manhattan-ks"],
        },
    ]
    assert client.get("/match", params=asked).json() == {
        "matches": client.get("/salary", params=asked).json()["matches"]
    }


@pytest.mark.parametrize(
    ("query", "status", "type_"),
    [
        ({}, 400, "missing-parameter"),
        ({"role": "mlops", "years": "3"}, 400, "unknown-parameter"),
        ({"role": "Junior MLOps Engineer", "level": "staff"}, 400, "conflicting-parameters"),
        ({"role": "astronaut"}, 404, "unknown-role"),
        ({"level": "boss"}, 404, "unknown-level"),
        ({"metro": "narnia"}, 404, "unknown-metro"),
        ({"metro": "Springfield"}, 422, "ambiguous-metro"),
    ],
)
def test_what_cannot_be_read_is_refused(
    client: httpx.Client, query: dict[str, str], status: int, type_: str
) -> None:
    response = client.get("/match", params=query)
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{type_}")
