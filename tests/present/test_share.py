"""The picture of a link preview: what it says, that nothing leaves it, and how fast it is drawn."""

import re
import struct
from time import perf_counter
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycite.estimate.quote import describe_question
from paycite.model.answer import Answer, Interval
from paycite.model.money import in_dollars, range_in_dollars
from paycite.model.snapshot import Snapshot
from paycite.present.chart.share import SHARE_HEIGHT, SHARE_WIDTH, draw_share
from paycite.present.citations import used_chains
from support.hostile import PAYLOADS, hostile
from support.questions import ask

SVG = "{http://www.w3.org/2000/svg}"


def said(drawn: str) -> str:
    root = ElementTree.fromstring(drawn)
    return " ".join(node.text or "" for node in root.iter(f"{SVG}text"))


@settings(max_examples=60)
@given(data=st.data())
def test_it_says_the_question_the_range_and_the_sources_inside_its_frame(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    role = data.draw(st.sampled_from([id_ for id_ in snapshot.roles if id_ != "data-annotator"]))
    metro = data.draw(st.sampled_from(sorted(snapshot.metros)))
    offer = data.draw(
        st.sampled_from([None, (150_000, 180_000), (45_000, 45_000), (900_000, 950_000)])
    )
    interval = Interval(min=offer[0], max=offer[1]) if offer else None
    answer = ask(snapshot, role, metro=metro, offer=interval)
    drawn = draw_share([answer], None)
    words = said(drawn)
    assert range_in_dollars(answer.estimate.range) in words
    if answer.estimate.median is not None:
        assert f"median {in_dollars(answer.estimate.median)}" in words
    subject = describe_question(answer.used)
    assert subject in words or (subject[:50] in words and "…" in words)  # has two lines
    for source in answer.sources:
        if source.id in {chain.source_id for chain in used_chains(answer)}:
            assert source.publisher.partition(",")[0][:12] in words or "…" in words
    for rect in ElementTree.fromstring(drawn).iter(f"{SVG}rect"):
        x, y = float(rect.get("x", "0")), float(rect.get("y", "0"))
        assert x >= 0 and x + float(rect.get("width", "0")) <= SHARE_WIDTH
        assert y >= 0 and y + float(rect.get("height", "0")) <= SHARE_HEIGHT


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_source_becomes_markup_in_it(snapshot: Snapshot, payload: str) -> None:
    tags = [
        [node.tag for node in ElementTree.fromstring(draw_share([answer], "dark")).iter()]
        for answer in (hostile(payload, snapshot)[0], hostile("harmless", snapshot)[0])
        if isinstance(answer, Answer)
    ]
    assert len(tags) == 2 and set(tags[0]) == set(tags[1])


def test_it_is_drawn_in_under_five_milliseconds(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "mlops", level="mid", metro="nyc")
    times = []
    for _ in range(20):
        start = perf_counter()
        draw_share([answer], None)
        times.append(perf_counter() - start)
    assert sorted(times)[10] < 0.005


def test_a_preview_of_a_link_shows_it_in_its_size(client: httpx.Client) -> None:
    html = client.get("/salary.html?role=mlops&level=mid&metro=nyc").text
    tags = dict(re.findall(r'<meta (?:property|name)="([a-z:_]+)" content="([^"]*)">', html))
    assert tags["twitter:card"] == "summary_large_image"
    assert tags["og:description"].startswith("MLOps Engineer, Mid-level, New York")
    assert "in base pay (P25 to P75), median $" in tags["og:description"]
    assert "http" not in tags["og:description"]
    assert tags["og:description"] == tags["description"] == tags["og:image:alt"]
    assert tags["og:title"].endswith(" a year (P25 to P75)")
    assert (tags["og:image:width"], tags["og:image:height"]) == ("1200", "630")
    image = client.get(tags["og:image"].replace("&amp;", "&")).content
    assert struct.unpack(">II", image[16:24]) == (1200, 630)
    assert len(image) < 300_000


def test_a_comparison_has_one_too_even_without_an_answer(client: httpx.Client) -> None:
    asked = "role=mlops&role=data-scientist&metro=nyc&metro=austin&metro=narnia&size=share"
    words = said(client.get(f"/salary/compare.svg?{asked}").text)
    assert words.count("a year") == 4 and "and 2 more" in words
    none = said(client.get("/salary/compare.svg?role=astronaut&size=share").text)
    assert "No estimate" in none
    refused = client.get("/salary.png?role=mlops&size=poster")
    assert refused.json()["errors"][0]["parameter"] == "size"
