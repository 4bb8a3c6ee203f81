"""`GET /salary/compare` over a socket."""

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest


def compared(client: httpx.Client, **asked: object) -> list[dict[str, Any]]:
    answer = client.get(f"/salary/compare?{urlencode(asked, doseq=True)}")
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


def test_a_row_says_what_the_single_question_says(client: httpx.Client) -> None:
    shared = {"offer": "150k-180k"}
    rows = compared(
        client,
        role=["mlops", "Data Scientist"],
        level=["mid", "senior"],
        metro=["nyc", "Austin, TX"],
        **shared,
    )
    asked = [
        {"role": role, "level": level, "metro": metro, **shared}
        for role in ("mlops", "Data Scientist")
        for level in ("mid", "senior")
        for metro in ("nyc", "Austin, TX")
    ]
    assert [row["requested"] for row in rows] == asked
    for row, question in zip(rows, asked, strict=True):
        single = client.get(f"/salary?{urlencode(question)}").json()
        for part in ("used", "fallbacks", "estimate", "links"):
            assert row[part] == single[part]
        for part in ("positions", "overlaps"):  # of chains, of which a row has none, nothing
            of_estimate = [one for one in single["offer"][part] if one["chain_index"] is None]
            assert row["offer"][part] == of_estimate
        assert row["problem"] is None
        assert client.get(row["links"]["permalink"]).json()["estimate"] == row["estimate"]


def test_every_row_cites_the_figures_of_its_estimate(client: httpx.Client) -> None:
    query = "role=software-engineer&role=mlops&metro=bay-area&metro=us"
    answer = client.get(f"/salary/compare?{query}").json()
    cited = {
        citation["source_id"]
        for row in answer["rows"]
        for citations in (row["citations"], *(one["figures"] for one in row["fallbacks"]))
        for citation in citations
    }
    cited |= {id_ for row in answer["rows"] for id_ in row["tested_on"]}
    assert [source["id"] for source in answer["sources"]] == sorted(cited)
    for row in answer["rows"]:
        percentiles = row["estimate"]["percentiles"] or {}
        stated = [value for value in percentiles.values() if isinstance(value, int)]
        assert len(row["citations"]) >= max(1, len(stated))
        for citation in row["citations"]:
            figure = client.get(f"/figures/{citation['figure_id']}").json()
            assert {name: figure[name] for name in citation if name != "figure_id"} == {
                name: value for name, value in citation.items() if name != "figure_id"
            }


def test_a_row_with_a_problem_leaves_the_others_their_answers(client: httpx.Client) -> None:
    rows = compared(client, role=["mlops", "astronaut"], metro=["nyc", "Portland", "narnia"])
    told = [row["problem"]["type"] if row["problem"] else None for row in rows]
    assert told == [
        None,
        "/problems/ambiguous-metro",
        "/problems/unknown-metro",
        *["/problems/unknown-role"] * 3,
    ]
    assert all((row["estimate"] is None) == (row["problem"] is not None) for row in rows)
    problem = rows[1]["problem"]
    alone = client.get(problem["instance"])
    assert alone.json() == problem


def test_no_row_stands_twice(client: httpx.Client) -> None:
    twice = client.get("/salary/compare?role=mlops&role=mlops")
    assert twice.status_code == 400
    assert twice.json()["type"] == "/problems/repeated-parameter"
    first, again = compared(client, role="mlops", metro=["nyc", "New York City"])
    assert first["estimate"] and again["problem"]["type"] == "/problems/repeated-parameter"
    assert [error["parameter"] for error in again["problem"]["errors"]] == ["metro"]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("level=mid", ["missing-parameter"]),
        ("role=mlops&cities=all", ["unknown-parameter"]),
        ("role=mlops&years=many&source=zz", ["invalid-value", "unknown-source"]),
        ("role=mlops&offer=much", ["invalid-value"]),
        ("role=mlops&dataset=none", ["unknown-dataset"]),
        ("role=", ["invalid-value"]),
    ],
)
def test_what_is_wrong_with_every_row_is_refused(
    client: httpx.Client, query: str, kinds: list[str]
) -> None:
    answer = client.get(f"/salary/compare?{query}")
    assert [error["type"] for error in answer.json()["errors"]] == kinds


def test_a_hundred_rows_are_answered_and_no_more(client: httpx.Client) -> None:
    metros = [metro["id"] for metro in client.get("/metros?kind=metro&limit=101").json()["items"]]
    rows = compared(client, role="data-scientist", level="senior", metro=metros[:100], offer="150k")
    assert [row["requested"]["metro"] for row in rows] == metros[:100]
    assert all(row["estimate"] for row in rows)
    for query in ({"metro": metros}, {"metro": metros[:51], "level": ["mid", "senior"]}):
        answer = client.get(f"/salary/compare?{urlencode({'role': 'mlops', **query}, doseq=True)}")
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-value")
        assert answer.json()["errors"][0]["parameter"] == "metro"
        assert "1 role x " in answer.json()["detail"]
        assert "the limit is 100" in answer.json()["detail"]
