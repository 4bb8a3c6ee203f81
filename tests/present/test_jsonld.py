"""Answers as JSON-LD."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from paycite.model.answer import Answer, Interval, Percentiles, Range, citations
from paycite.model.comparison import Outcome, Refused
from paycite.model.money import percentiles_in_dollars
from paycite.model.snapshot import Snapshot
from paycite.present.citations import write_citation
from paycite.present.jsonld import write_jsonld
from support.hostile import PAYLOADS, hostile
from support.questions import ask, every_scope

# Of https://schema.org: the properties of each type that are used here, with what may be their
# value. Samples were compiled against schema-dts 2.1, the whole vocabulary as TypeScript.
WORK = {
    "name": "Text",
    "description": "Text",
    "identifier": "Text PropertyValue",
    "creditText": "Text",
    "citation": "CreativeWork",
    "hasPart": "CreativeWork Dataset Quotation",
    "isBasedOn": "CreativeWork",
    "creator": "Organization",
    "publisher": "Organization",
    "datePublished": "Text",
    "license": "CreativeWork",
    "url": "Text",
    "version": "Text",
    "text": "Text",
    "temporalCoverage": "Text",
    "spatialCoverage": "AdministrativeArea",
    "about": "Occupation",
}
VOCABULARY = {
    "CreativeWork": WORK,
    "Quotation": WORK,
    "Dataset": WORK | {"measurementTechnique": "Text", "variableMeasured": "PropertyValue"},
    "Organization": {"name": "Text"},
    "AdministrativeArea": {"name": "Text", "identifier": "Text PropertyValue"},
    "Occupation": {
        "name": "Text",
        "occupationalCategory": "CategoryCode",
        "occupationLocation": "AdministrativeArea",
        "experienceRequirements": "Text",
        "estimatedSalary": "MonetaryAmount MonetaryAmountDistribution",
    },
    "CategoryCode": {"codeValue": "Text", "inCodeSet": "CategoryCodeSet"},
    "CategoryCodeSet": {"name": "Text"},
    "MonetaryAmount": {
        "name": "Text",
        "currency": "Text",
        "minValue": "Number",
        "maxValue": "Number",
        "value": "QuantitativeValue",
    },
    "QuantitativeValue": {"minValue": "Number", "maxValue": "Number", "unitText": "Text"},
    "MonetaryAmountDistribution": {
        "name": "Text",
        "currency": "Text",
        "duration": "Text",
        **dict.fromkeys(("percentile10", "percentile25", "median"), "Number"),
        **dict.fromkeys(("percentile75", "percentile90"), "Number"),
    },
    "PropertyValue": {
        "name": "Text",
        "description": "Text",
        "propertyID": "Text",
        "value": "Text Number",
        "minValue": "Number",
        "maxValue": "Number",
        "unitText": "Text",
    },
}
OFFER = Interval(min=150_000, max=180_000)


def read(*outcomes: Outcome) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(write_jsonld(outcomes))
    assert document["@context"] == "https://schema.org"
    return document


def faults(value: Any, expected: str) -> Iterator[str]:
    """Deviations from schema.org."""
    if isinstance(value, list):
        for one in value:
            yield from faults(one, expected)
    elif isinstance(value, dict):
        type_ = value["@type"]
        if type_ not in expected.split():
            yield f"{type_} is no {expected}"
        for name, inner in value.items():
            if not name.startswith("@"):
                yield from faults(inner, VOCABULARY[type_].get(name, f"property of {type_}"))
    elif ("Text" if isinstance(value, str) else "Number") not in expected.split():
        yield f"{value!r} is no {expected}"


@pytest.mark.slow
def test_every_answer_keeps_to_the_vocabulary_of_schema_org(snapshot: Snapshot) -> None:
    for scope in every_scope(snapshot)[::3]:
        answer = ask(snapshot, *scope, offer=OFFER)
        assert list(faults(read(answer), "Dataset")) == []


def test_an_answer_is_a_dataset_about_what_an_occupation_pays(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "mlops", "mid", "nyc", sources=("kore1-ai-jobs-2026",))
    dataset = read(answer)
    assert dataset["name"] == "MLOps Engineer, Mid-level, New York-Newark-Jersey City, NY-NJ"
    assert dataset["description"] == answer.quote
    assert dataset["creditText"] == write_citation(answer)
    assert dataset["identifier"] == answer.links.permalink
    assert dataset["version"] == snapshot.version
    about = dataset["about"]
    assert [code["codeValue"] for code in about["occupationalCategory"]] == ["15-1252"]
    assert about["experienceRequirements"] == "Mid-level"
    assert about["estimatedSalary"] == {
        "@type": "MonetaryAmount",
        "name": "base",
        "currency": "USD",
        "minValue": 161_000,
        "maxValue": 225_000,
        "value": {
            "@type": "QuantitativeValue",
            "minValue": 161_000,
            "maxValue": 225_000,
            "unitText": "YEAR",
        },
    }
    assert "experienceRequirements" not in read(ask(snapshot, "mlops"))["about"]


def test_each_chain_is_a_part_with_its_own_sources_and_figures(snapshot: Snapshot) -> None:
    for scope in every_scope(snapshot)[::17]:
        answer = ask(snapshot, *scope)
        parts = read(answer)["hasPart"]
        for chain, part in zip(answer.chains, parts, strict=True):
            quoted = [work for source in part["isBasedOn"] for work in source["hasPart"]]
            cited = {one.figure_id: one for one in citations([chain], (), None)}
            assert sorted(work["identifier"] for work in quoted) == sorted(cited)
            for work in quoted:
                figure = cited[work["identifier"]]
                assert (work["name"], work["description"], work["text"]) == (
                    *(figure.subject, figure.locator),
                    figure.as_published,
                )
            assert part["isBasedOn"][0]["identifier"][0] == chain.source_id
            assert len(part["measurementTechnique"]) == len(chain.steps)
            assert all(caveat in part["description"] for caveat in chain.caveats)


def test_a_source_is_told_as_it_is(snapshot: Snapshot) -> None:
    dated = {
        "bls-oews-2025-05": "2026-05-15",
        "aijobs-2025-08": "2025-08",
        "dol-lca-fy2024q1-fy2024q4": None,
        "paycite-factors": None,
    }
    answer = ask(snapshot, "data-scientist", "senior", "nyc")
    works = read(answer)["isBasedOn"]
    assert {work["identifier"][0]: work.get("datePublished") for work in works} == dated
    for work in works:
        source = snapshot.sources[work["identifier"][0]]
        assert work["identifier"][1]["value"] == source.sha256
        assert work["publisher"]["name"] == source.publisher
        assert work["license"]["name"] == source.license
        assert (work["name"], work["creditText"]) == (source.title, source.citation)
        assert work.get("url") == source.url


def test_what_has_no_upper_end_has_no_maximum(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "mlops", "mid", "nyc", sources=("kore1-ai-jobs-2026",))
    ends = Range.of(Interval(min=161_000, max=None))
    dataset = read(replace(answer, estimate=replace(answer.estimate, range=ends)))
    salary = dataset["about"]["estimatedSalary"]
    assert "maxValue" not in salary and "maxValue" not in salary["value"]


def test_capped_and_withheld_percentiles_are_described_as_text(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "software-engineer", None, "nyc")
    stated = Percentiles(
        p10=None, p25=90_000, p50=120_000, p75=150_000, p90=239_200, capped=("p90",)
    )
    dataset = read(replace(answer, estimate=replace(answer.estimate, percentiles=stated)))
    assert dataset["about"]["estimatedSalary"] == {
        "@type": "MonetaryAmountDistribution",
        "name": "base",
        "currency": "USD",
        "duration": "P1Y",
        "percentile25": 90_000,
        "median": 120_000,
        "percentile75": 150_000,
    }
    assert dataset["description"].endswith("P10 was not released. P90 is $239,200 or more.")


def test_a_published_range_is_not_described_as_withholding_percentiles(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "mlops", "senior", "nyc")
    (band,) = [one for one in answer.chains if one.source_id == "kore1-ai-jobs-2026"]
    assert band.percentiles and band.percentiles.p10 is band.percentiles.p90 is None
    assert "not released" not in json.dumps(read(answer))
    assert percentiles_in_dollars(band.percentiles) == [
        *("P25 $195,500", "median $231,867", "P75 $275,000")
    ]


@pytest.mark.parametrize(
    ("as_of", "told"), [("2025", "2025"), ("2025-05-31", "2025-05-31"), ("2025-Q3", None)]
)
def test_a_time_is_covered_where_iso_8601_can_say_it(
    snapshot: Snapshot, as_of: str, told: str | None
) -> None:
    answer = ask(snapshot, "mlops")
    dataset = read(replace(answer, estimate=replace(answer.estimate, as_of=as_of)))
    assert dataset.get("temporalCoverage") == told


def test_several_questions_are_one_dataset_that_lists_unanswered_ones(
    snapshot: Snapshot,
) -> None:
    answers = [ask(snapshot, "mlops", None, metro) for metro in ("nyc", "us")]
    refused = hostile("not read: ", snapshot)[1]
    assert isinstance(refused, Refused)
    dataset = read(answers[0], refused, answers[1])
    assert list(faults(dataset, "Dataset")) == []
    alone = [{name: read(one)[name] for name in read(one) if name != "@context"} for one in answers]
    assert dataset["hasPart"] == alone
    ids = [work["identifier"][0] for work in dataset["isBasedOn"]]
    assert len(ids) == len(set(ids))
    assert set(ids) == {work["identifier"][0] for one in alone for work in one["isBasedOn"]}
    first, told, last = dataset["description"].split("\n")
    assert (first, last) == tuple(answer.quote for answer in answers)
    assert told.startswith("No answer (role not read: x,") and "not read: No." in told
    assert "hasPart" not in read(refused)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_an_answer_ends_a_script_or_a_string(snapshot: Snapshot, payload: str) -> None:
    outcomes = hostile(payload, snapshot)
    assert isinstance(outcomes[0], Answer)
    for asked in (outcomes[:1], outcomes):
        written = write_jsonld(asked).decode()
        assert not set("<>&\u2028\u2029\n\r") & set(written)
        assert list(faults(json.loads(written), "Dataset")) == []
    dataset = read(outcomes[0])
    assert dataset["isBasedOn"][0]["name"] == outcomes[0].sources[0].title
    assert dataset["isBasedOn"][0]["name"].startswith(payload)
