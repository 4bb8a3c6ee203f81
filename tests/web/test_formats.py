"""The same answer in every format."""

import csv
import io
import json
import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import msgspec
import pytest

from paycite.dataset.store import Store
from paycite.model.answer import Interval, cited_sources
from paycite.model.comparison import Outcome, Refused
from paycite.model.money import range_in_dollars
from paycite.present.chart.answer import draw_svg
from paycite.present.citations import cited_source_ids, write_citation
from paycite.present.csv import write_csv
from paycite.present.jsonld import write_jsonld
from paycite.questions.answer import answer_question
from paycite.questions.compare import compare
from support.observing import open_pooled, simulated
from support.questions import every_scope

PERCENTILES = ("p10", "p25", "p50", "p75", "p90")
PLACED = ("position", "compa_ratio", "market_ratio", "percentile")
ASKED_BESIDES: tuple[dict[str, list[str]], ...] = (
    {},
    {"offer": ["150k-180k"]},
    {"offer": ["1,000,000"]},
    {"period": ["hour"], "offer": ["20-85.50"]},
)


class Said(NamedTuple):
    """The content of an estimate (without weight) or of a chain in a format. An open-ended range
    and a capped percentile have no number."""

    min: float
    max: float | None
    percentiles: tuple[float | None, ...]
    counted: tuple[float | None, ...]  # weight, observations and employers
    period: str
    offered: list[tuple[float | None, ...]]  # each end: the amount and where it stands
    verdicts: list[str]
    overlap: tuple[float | None, ...]
    sources: list[str]  # with those of its tests


def said_by_json(answer: Any) -> Iterator[Said]:
    for place, of in enumerate([answer["estimate"], *answer["chains"]]):
        chains = [of] if place else [chain for chain in answer["chains"] if chain["weight"]]
        stated = of["percentiles"] or {}
        chain = place - 1 if place else None
        offer = answer["offer"] or {"positions": [], "overlaps": []}
        positions = [one for one in offer["positions"] if one["chain_index"] == chain]
        (overlap,) = [one for one in offer["overlaps"] if one["chain_index"] == chain] or [None]
        yield Said(
            min=of["range"]["min"],
            max=of["range"]["max"],
            percentiles=tuple(
                None if name in stated["capped"] else stated[name] for name in PERCENTILES
            )
            if stated
            else (None,) * 5,
            counted=tuple(of.get(name) for name in ("weight", "n", "employers")),
            period=of["period"],
            offered=[(one["amount"], *(one[name] for name in PLACED)) for one in positions],
            verdicts=[one["verdict"] for one in positions],
            overlap=(
                *(overlap["range"] or {"min": None, "max": None}).values(),
                *(overlap["share_of_offer"], overlap["share_of_range"]),
            )
            if overlap
            else (None,) * 4,
            sources=sorted({*cited(chains), *(id_ for one in chains for id_ in one["tested_on"])}),
        )


def cited(value: Any) -> Iterator[str]:
    """Every `source_id` in a value."""
    if isinstance(value, dict):
        yield from (id_ for name, id_ in value.items() if name == "source_id")
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from cited(inner)


def said_by_csv(row: dict[str, str]) -> Said:
    def number(name: str) -> float | None:
        return float(row[name]) if row[name] else None

    low = number("min")
    assert low is not None
    ends = ["offer_min", "offer_max"] if row["offer_min"] else []
    if row["offer_min"] == row["offer_max"]:
        ends = ends[:1]
    return Said(
        min=low,
        max=number("max"),
        percentiles=tuple(map(number, ("p10", "p25", "median", "p75", "p90"))),
        counted=tuple(map(number, ("weight", "n", "employers"))),
        period=row["period"],
        offered=[(number(end), *(number(f"{end}_{name}") for name in PLACED)) for end in ends],
        verdicts=[row[f"{end}_verdict"] for end in ends],
        overlap=tuple(
            number(f"overlap_{name}") for name in ("min", "max", "share_of_offer", "share_of_range")
        ),
        sources=sorted(
            {
                *row["source_ids"].split(" | "),
                *(test.partition(":")[0] for test in row["tested_on"].split(" | ") if test),
            }
        ),
    )


def said_by_json_ld(dataset: Any, tested_on: Sequence[Any]) -> Said:
    salary, terms = dataset["about"]["estimatedSalary"], ["percentile10", "percentile25", "median"]
    stated = [salary.get(term) for term in [*terms, "percentile75", "percentile90"]]
    values = {one["name"]: one for one in dataset["variableMeasured"]}
    numbers = {name: one.get("value") for name, one in values.items()}
    offers = [name for name in values if re.fullmatch(r"offer of [$0-9,.]+", name)]
    overlap = values.get("overlap with the offer", {})
    works = [*dataset["isBasedOn"], *tested_on]
    return Said(
        min=salary.get("minValue", stated[1]),
        max=salary.get("maxValue", stated[3]),
        percentiles=tuple(stated),
        counted=tuple(map(numbers.get, ("weight", "observations", "employers"))),
        period={"USD a year": "year", "USD an hour": "hour"}[values["pay (base)"]["unitText"]],
        offered=[
            (numbers[offer], *(numbers.get(f"{offer}: {name}") for name in PLACED))
            for offer in offers
        ],
        verdicts=[values[offer]["description"] for offer in offers],
        overlap=(
            *(overlap.get("minValue"), overlap.get("maxValue")),
            *(
                numbers.get(f"overlap with the offer: {name}")
                for name in ("share_of_offer", "share_of_range")
            ),
        ),
        sources=sorted({work["identifier"][0] for work in works}),
    )


def all_said_by_json_ld(dataset: Any) -> Iterator[Said]:
    parts = dataset["hasPart"]
    weights = [
        next(one["value"] for one in part["variableMeasured"] if one["name"] == "weight")
        for part in parts
    ]
    used = [part for part, weight in zip(parts, weights, strict=True) if weight]
    yield said_by_json_ld(dataset, [work for part in used for work in part.get("citation", ())])
    for part in parts:
        yield said_by_json_ld(part, part.get("citation", ()))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def agree(found: Sequence[Outcome]) -> None:
    """JSON, CSV and JSON-LD say the same of each outcome."""
    by_json = [json.loads(msgspec.json.encode(outcome)) for outcome in found]
    rows = rows_of(write_csv(found))
    dataset = json.loads(write_jsonld(found))
    is_one = len(found) == 1 and not isinstance(found[0], Refused)
    datasets = iter([dataset] if is_one else dataset.get("hasPart", []))
    for outcome, told in zip(found, by_json, strict=True):
        if isinstance(outcome, Refused):
            row = rows.pop(0)
            assert row["problem_type"] == told["problem"]["type"]
            assert row["min"] == row["source_ids"] == ""
            for fault in told["problem"]["errors"]:
                assert fault["detail"] in row["problem_detail"]
                assert fault["detail"] in dataset["description"]
            continue
        said = list(said_by_json(told))
        assert [said_by_csv(rows.pop(0)) for _ in said] == said
        assert list(all_said_by_json_ld(next(datasets))) == said
        sources = {id_ for one in said for id_ in one.sources}
        assert sources == cited_sources(outcome.chains, (), None)
    assert not rows and not list(datasets)


def test_every_format_carries_the_same_numbers_and_the_same_sources(store: Store) -> None:
    besides = cycle(ASKED_BESIDES)
    for role, level, metro in every_scope(store.snapshot)[::5]:
        asked = {"role": [role], "metro": [metro]} | ({"level": [level]} if level else {})
        agree([answer_question(store, asked | next(besides))])


@pytest.mark.parametrize("besides", ASKED_BESIDES)
def test_every_format_of_a_comparison_carries_the_same(
    store: Store, besides: dict[str, list[str]]
) -> None:
    asked = {
        "role": ["mlops", "Data Scientist", "astronaut"],
        "level": ["mid", "staff"],
        "metro": ["nyc", "Austin, TX", "Portland"],
    }
    found = compare(store, asked | besides)
    assert {type(outcome).__name__ for outcome in found} == {"Answer", "Refused"}
    agree(found)


def test_every_format_carries_what_pooled_observations_say(few_dataset: Path) -> None:
    places = ("austin-tx", "nyc")
    rows, _ = simulated(3, ("data-scientist", "mlops"), ("mid", "senior"), places, employers=12)
    with open_pooled(few_dataset, True, firm=rows, board=rows[::2]) as pooled:
        found = [
            answer_question(
                pooled, {"role": [role], "level": ["senior"], "metro": [metro]} | besides
            )
            for role in ("data-scientist", "mlops")
            for metro in places
            for besides in ASKED_BESIDES
        ]
        agree(found)
        chains = [chain for answer in found for chain in answer.chains]
        assert any(chain.n and chain.employers and chain.percentiles for chain in chains)


def shown(picture: str) -> str:
    """The text that can be seen in an SVG, without white space, which lines break at."""
    texts = ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")
    return without_space("".join(part for text in texts for part in text.itertext()))


def without_space(text: str) -> str:
    return "".join(text.split())


def test_a_picture_shows_every_range_and_names_its_source(store: Store) -> None:
    besides = cycle(ASKED_BESIDES)
    for role, level, metro in every_scope(store.snapshot)[::41]:
        asked = {"role": [role], "metro": [metro]} | ({"level": [level]} if level else {})
        answer = answer_question(store, asked | next(besides))
        text = shown(draw_svg([answer], None))
        for range_ in (answer.estimate.range, *(chain.range for chain in answer.chains)):
            assert without_space(range_in_dollars(range_)) in text
        publishers = {store.snapshot.sources[chain.source_id].publisher for chain in answer.chains}
        assert all(without_space(publisher) in text for publisher in publishers)
        assert without_space(write_citation(answer)) in text
        if answer.offer:
            offered = Interval(min=answer.offer.min, max=answer.offer.max)
            assert without_space(range_in_dollars(offered)) in text


def test_a_picture_of_several_shows_every_estimate_and_names_its_sources(store: Store) -> None:
    found = compare(store, {"role": ["mlops", "astronaut"], "metro": ["nyc", "us", "austin"]})
    text = shown(draw_svg(found, "dark"))
    for outcome in found:
        if isinstance(outcome, Refused):
            assert without_space(outcome.problem.title) in text
        else:
            assert without_space(range_in_dollars(outcome.estimate.range)) in text
            used = [chain for chain in outcome.chains if chain.weight]
            publishers = {store.snapshot.sources[id_].publisher for id_ in cited_source_ids(used)}
            assert all(without_space(publisher) in text for publisher in publishers)


def test_every_form_says_which_requested_source_does_not_price_the_role(
    client: httpx.Client,
) -> None:
    missing = "upwork-2023-earnings-blog"
    query = f"role=mlops&metro=nyc&source=kore1-ai-jobs-2026&source={missing}"
    said = f"The requested source {missing} has no base pay for MLOps Engineer"
    for address in ("", ".html", ".csv", ".jsonld", ".svg", "/compare", "/compare.html"):
        assert said in client.get(f"/salary{address}?{query}").text, address
    for address in (f"/salary?{query}&view=summary", f"/embed?{query}"):
        assert said in client.get(address).text, address
    row = f"role,metro,source\nmlops,nyc,kore1-ai-jobs-2026|{missing}\n"
    batch = client.post("/salary/batch", content=row, headers={"Content-Type": "text/csv"})
    assert said in batch.text


ADDRESSES = ("/salary", "/salary/compare")
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonld": "application/ld+json",
    "svg": "image/svg+xml",
    "png": "image/png",
}
EVERY = [(address, suffix) for address in ADDRESSES for suffix in MEDIA_TYPES]


@pytest.mark.parametrize(("address", "suffix"), EVERY)
def test_a_format_is_sent_as_json_is(client: httpx.Client, address: str, suffix: str) -> None:
    query = "role=mlops&level=senior&metro=austin&offer=150k-180k"
    answer = client.get(f"{address}.{suffix}?{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPES[suffix]
    as_json = client.get(f"{address}?{query}")
    for name in ("cache-control", "x-dataset-version", "x-service-version"):
        assert answer.headers[name] == as_json.headers[name]
    etag = answer.headers["etag"]
    again = client.get(f"{address}.{suffix}?{query}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    head = client.head(f"{address}.{suffix}?{query}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length"):
        assert head.headers[name] == answer.headers[name]
    version = answer.headers["x-dataset-version"]
    pinned = client.get(f"{address}.{suffix}?{query}&dataset={version}")
    assert "max-age=31536000" in pinned.headers["cache-control"]


@pytest.mark.parametrize(("address", "suffix"), EVERY)
def test_what_is_refused_is_refused_alike_in_every_format(
    client: httpx.Client, address: str, suffix: str
) -> None:
    queries = ["", "role=", "role=mlops&offer=much", "role=mlops&dataset=none&source=zz"]
    if address == "/salary":
        queries += [
            "role=astronaut",
            "role=mlops&metro=Portland",
            "role=mlops&level=staff&strict=1",
        ]
    for query in queries:
        as_json = client.get(f"{address}?{query}")
        answer = client.get(f"{address}.{suffix}?{query}")
        assert as_json.status_code >= 400
        assert answer.status_code == as_json.status_code
        assert answer.headers["content-type"] == "application/problem+json"
        problem, alike = answer.json(), as_json.json()
        assert problem.pop("instance").replace(f".{suffix}", "") == alike.pop("instance")
        assert problem == alike


@pytest.mark.parametrize(("address", "suffix"), EVERY)
def test_a_theme_is_a_pictures(client: httpx.Client, address: str, suffix: str) -> None:
    answer = client.get(f"{address}.{suffix}?role=mlops&theme=dark")
    if suffix in ("svg", "png"):
        plain = client.get(f"{address}.{suffix}?role=mlops")
        assert answer.status_code == 200 and answer.content != plain.content
        answer = client.get(f"{address}.{suffix}?role=mlops&theme=sepia")
        assert answer.json()["type"] == "/problems/invalid-value"
    else:
        assert answer.json()["type"] == "/problems/unknown-parameter"
    assert answer.status_code == 400


def test_a_comparison_as_csv_has_a_row_for_what_is_refused(client: httpx.Client) -> None:
    asked = {"role": ["mlops", "astronaut"], "metro": ["nyc", "Portland"]}
    query = urlencode(asked, doseq=True)
    rows = rows_of(client.get(f"/salary/compare.csv?{query}").content.decode())
    told = client.get(f"/salary/compare?{query}").json()["rows"]
    firsts = [row for row in rows if row["row_type"] != "chain"]
    assert [(row["requested_role"], row["requested_metro"]) for row in firsts] == [
        (row["requested"]["role"], row["requested"]["metro"]) for row in told
    ]
    assert [row["problem_type"] for row in firsts] == [
        row["problem"]["type"] if row["problem"] else "" for row in told
    ]


def test_a_png_is_the_chart_of_the_svg(client: httpx.Client) -> None:
    query = "role=mlops&level=senior&metro=austin"
    png = client.get(f"/salary.png?{query}").content
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    picture = ET.fromstring(client.get(f"/salary.svg?{query}").text)
    assert width / height == pytest.approx(
        float(picture.attrib["width"]) / float(picture.attrib["height"]), rel=0.01
    )
    assert width >= 640  # readable at 320 px on a screen that has two for each
