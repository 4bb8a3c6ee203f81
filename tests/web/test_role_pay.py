"""`/pay` and its page: what every role pays in one place, over a real socket."""

import re
from html import unescape
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paycite.model.snapshot import Snapshot
from support.servers import follow_pages

LEVELS = (None, "entry", "mid", "senior", "staff", "principal")


def priced(client: httpx.Client, **asked: str | None) -> dict[str, Any]:
    given_ = {name: text for name, text in asked.items() if text}
    answer = client.get("/pay", params=given_)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_number_is_what_salary_says(
    client: httpx.Client, snapshot: Snapshot, data: st.DataObject
) -> None:
    metro = data.draw(st.sampled_from(sorted(snapshot.metros)))
    level = data.draw(st.sampled_from(LEVELS))
    found = priced(client, metro=metro, level=level)
    listed = {one["role"]["id"]: one for one in found["items"]}
    assert found["total_roles"] == len(snapshot.roles)
    for role in data.draw(st.sets(st.sampled_from(sorted(snapshot.roles)), min_size=6)):
        asked = {"role": role, "metro": metro} | ({"level": level} if level else {})
        answer = client.get("/salary", params=asked)
        if answer.status_code == 200:
            one, salary = listed[role], answer.json()
            for name in ("estimate", "fallbacks", "quote"):
                assert one[name] == salary[name], (role, metro, level)
            assert one["role"] == salary["used"]["role"]
            used = [chain["source_id"] for chain in salary["chains"] if chain["weight"]]
            assert one["source_ids"] == used
            again = client.get(one["links"]["self"]).json()
            assert again["estimate"] == one["estimate"]
        else:
            assert role not in listed


def test_the_highest_median_is_first_and_equals_share_a_rank(client: httpx.Client) -> None:
    for metro in (None, "nyc", "columbus-oh", "bay-area"):
        items = priced(client, metro=metro)["items"]
        medians = [one["estimate"]["median"] for one in items]
        assert len(items) > 25 and medians == sorted(medians, reverse=True)
        for one in items:
            higher = [median for median in medians if median > one["estimate"]["median"]]
            assert one["rank"] == len(higher) + 1


def test_pages_of_roles_add_up_with_the_sources_that_each_cites(client: httpx.Client) -> None:
    every = priced(client, metro="austin")
    items = []
    for page in follow_pages(client, "/pay?metro=austin&limit=7"):
        cited = {id_ for one in page["items"] for id_ in one["source_ids"]}
        cited |= {
            figure["source_id"]
            for one in page["items"]
            for fallback in one["fallbacks"]
            for figure in fallback["figures"]
        }
        assert {source["id"] for source in page["sources"]} == cited
        items += page["items"]
    assert items == every["items"]


@pytest.mark.parametrize(
    ("query", "status", "type_"),
    [
        ("metro=narnia", 404, "unknown-metro"),
        ("metro=Portland", 422, "ambiguous-metro"),
        ("level=emperor", 404, "unknown-level"),
        ("role=mlops", 400, "unknown-parameter"),
        ("metro=nyc&metro=austin", 400, "repeated-parameter"),
        ("after=astronaut", 400, "invalid-value"),
        ("dataset=2020-01-01-000000000000", 404, "unknown-dataset"),
    ],
)
def test_a_place_or_level_that_is_unknown_is_refused(
    client: httpx.Client, query: str, status: int, type_: str
) -> None:
    response = client.get(f"/pay?{query}")
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{type_}")
    page = client.get(f"/pay.html?{query}")
    assert page.status_code == status and 'action="/pay.html"' in page.text


def test_the_page_lists_every_role_and_opens_its_answer(client: httpx.Client) -> None:
    asked = "metro=Columbus,+OH&level=senior"
    found = client.get(f"/pay?{asked}").json()
    html = client.get(f"/pay.html?{asked}").text
    assert len(html.encode()) < 60_000
    assert "<h1>What roles pay in Columbus, OH, senior</h1>" in html
    rows = re.findall(
        r'<th scope="row"><a href="([^"]*)">([^<]*)</a></th>\s*<td[^>]*>([^<]*)<', html
    )
    assert [(unescape(title), median) for _, title, median in rows] == [
        (one["role"]["title"], f"${one['estimate']['median']:,}") for one in found["items"]
    ]
    assert client.get(unescape(rows[0][0])).status_code == 200
    for source in found["sources"]:
        assert f'id="source-{source["id"]}"' in html and f'"#source-{source["id"]}"' in html


def test_an_answer_leads_to_the_other_roles_of_its_place(client: httpx.Client) -> None:
    html = client.get("/salary.html?role=Senior+Data+Engineer&metro=Columbus,+OH").text
    (link,) = re.findall(r'<a href="([^"]*)">what other roles pay in Columbus, OH</a>', html)
    assert "What roles pay in Columbus, OH, senior" in client.get(unescape(link)).text
