"""Answers as JSON-LD: schema.org datasets that are based on their sources.

An answer is a `Dataset` about an `Occupation`, with a `Dataset` for each chain as its parts. Facts
without a schema.org property, such as an offer, are `PropertyValue`s of `variableMeasured`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from paycite.estimate.quote import describe_scope
from paycite.model.answer import (
    Answer,
    Chain,
    Estimate,
    Interval,
    PayPeriod,
    Percentiles,
)
from paycite.model.comparison import Outcome
from paycite.model.figure import Citation, Source
from paycite.model.money import in_dollars, pay_in_dollars, per_period
from paycite.present import citations

Node = dict[str, Any]

_TERMS = {"p10": "percentile10", "p25": "percentile25", "p50": "median"}
_TERMS |= {"p75": "percentile75", "p90": "percentile90"}
_ASKED = ("role", "level", "years", "metro")
_DURATIONS: dict[PayPeriod, str] = {"year": "P1Y", "hour": "PT1H"}
_ISO_8601 = re.compile(r"\d{4}(-\d\d){0,2}")
# Characters that could end a script element or a line of script; they appear in strings only.
_ESCAPED = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def write_jsonld(outcomes: Sequence[Outcome]) -> bytes:
    """Write one `Dataset`; for several outcomes, the answers are its parts. The result is safe in
    the script element of a page."""
    match outcomes:
        case [Answer() as answer]:
            dataset = _answer_dataset(answer)
        case _:
            dataset = _outcomes_dataset(outcomes)
    text = msgspec.json.encode({"@context": "https://schema.org"} | dataset).decode()
    return text.translate(_ESCAPED).encode()


def _node(type_: str, **properties: object) -> Node:
    """A node with the properties that have a value."""
    stated = {name: value for name, value in properties.items() if value not in (None, "", [])}
    return {"@type": type_} | stated


def _outcomes_dataset(outcomes: Sequence[Outcome]) -> Node:
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    sources = {
        source.id: source
        for answer in answers
        for source in citations.list_sources(answer, citations.used_chains(answer))
    }
    return _node(
        "Dataset",
        name=f"Pay: {len(answers)} of {len(outcomes)} questions answered",
        description="\n".join(map(_describe_outcome, outcomes)),
        version=answers[0].dataset.version if answers else None,
        creator=_node("Organization", name="Paycite"),
        isBasedOn=[_creative_work(source) for source in sources.values()],
        hasPart=list(map(_answer_dataset, answers)),
    )


def _describe_outcome(outcome: Outcome) -> str:
    if isinstance(outcome, Answer):
        return outcome.quote
    asked = ((name, getattr(outcome.requested, name, None)) for name in _ASKED)
    question = ", ".join(f"{name} {text}" for name, text in asked if text)
    reasons = " ".join(fault.detail for fault in outcome.problem.errors)
    return f"No answer ({question}): {reasons}"


def _answer_dataset(answer: Answer) -> Node:
    used, estimate = answer.used, answer.estimate
    return _node(
        "Dataset",
        name=describe_scope(answer.used),
        description=" ".join(
            [
                answer.quote,
                *(fallback.reason for fallback in answer.fallbacks),
                *_describe_missing_percentiles(estimate.percentiles),
            ]
        ),
        identifier=answer.links.permalink,
        creditText=citations.write_citation(answer),
        measurementTechnique="Weighted geometric mean of the ranges of the parts with a weight",
        isBasedOn=[
            _creative_work(source)
            for source in citations.list_sources(answer, citations.used_chains(answer))
        ],
        hasPart=[_chain_dataset(answer, place, chain) for place, chain in enumerate(answer.chains)],
        **_shared_fields(answer, estimate, used.level.id if used.level else None, used.metro.id),
        variableMeasured=[_variable_measured(estimate), *_offer_values(answer, None)],
    )


def _chain_dataset(answer: Answer, place: int, chain: Chain) -> Node:
    sources, figures = citations.list_sources(answer, [chain]), citations.list_figures([chain])
    part = f"weight {chain.weight:g}" if chain.weight else f"not used: {chain.unused_reason}"
    pay = pay_in_dollars(chain.range, chain.period)
    summary = f"{sources[0].publisher}: {pay} ({chain.component}, {part})."
    counted = {"weight": chain.weight, "observations": chain.n, "employers": chain.employers}
    return _node(
        "Dataset",
        name=f"{sources[0].publisher}: {answer.used.role.title}",
        description=" ".join(
            [summary, *_describe_missing_percentiles(chain.percentiles), *chain.caveats]
        ),
        creditText="; ".join(source.citation for source in sources),
        measurementTechnique=list(map(citations.describe_step, chain.steps)),
        isBasedOn=[_creative_work(source, figures) for source in sources],
        citation=[
            _creative_work(source) for source in answer.sources if source.id in chain.tested_on
        ],
        **_shared_fields(answer, chain, chain.level, chain.metro),
        variableMeasured=[
            _variable_measured(chain),
            *(_property_value(name, value) for name, value in counted.items() if value is not None),
            *_offer_values(answer, place),
        ],
    )


def _creative_work(source: Source, figures: Iterable[Citation] = ()) -> Node:
    """A source as a `CreativeWork`, with those of the figures that it publishes."""
    return _node(
        "CreativeWork",
        name=source.title,
        publisher=_node("Organization", name=source.publisher),
        datePublished=source.published.iso,
        creditText=source.citation,
        license=_node("CreativeWork", name=source.license),
        url=source.url,
        identifier=[
            source.id,
            _node("PropertyValue", propertyID="sha256", value=source.sha256),
        ],
        hasPart=[
            _node(
                "Quotation",
                identifier=figure.figure_id,
                name=figure.subject,
                description=figure.locator,
                text=figure.as_published,
            )
            for figure in figures
            if figure.source_id == source.id
        ],
    )


def _shared_fields(answer: Answer, of: Estimate | Chain, level: str | None, metro: str) -> Node:
    """The properties that the `Dataset` of an estimate and of a chain share."""
    used = answer.used
    place = _node("AdministrativeArea", identifier=metro, name=metro)
    if metro == used.metro.id:
        codes = [
            _node("PropertyValue", propertyID="CBSA", value=code) for code in used.metro.cbsa_codes
        ]
        place |= {"name": used.metro.name, "identifier": [metro, *codes]}
    soc = _node("CategoryCodeSet", name="Standard Occupational Classification 2018")
    titles = {used.level.id: used.level.title} if used.level else {}
    return {
        "version": answer.dataset.version,
        "creator": _node("Organization", name="Paycite"),
        "temporalCoverage": of.as_of if of.as_of and _ISO_8601.fullmatch(of.as_of) else None,
        "spatialCoverage": place,
        "about": _node(
            "Occupation",
            name=used.role.title,
            occupationalCategory=[
                _node("CategoryCode", codeValue=code, inCodeSet=soc) for code in used.role.soc_codes
            ],
            occupationLocation=place,
            experienceRequirements=titles.get(level, level) if level else None,
            estimatedSalary=_estimated_salary(of, answer.estimate.currency),
        ),
    }


def _estimated_salary(of: Estimate | Chain, currency: str) -> Node:
    """Percentiles if there are any (the range is P25 to P75), else the range."""
    if of.percentiles is None:
        ends = {"minValue": of.range.min, "maxValue": of.range.max}
        value = _node("QuantitativeValue", **ends, unitText=of.period.upper())
        return _node("MonetaryAmount", name=of.component, currency=currency, **ends, value=value)
    exact = {
        _TERMS[name]: amount
        for name, amount in of.percentiles.amounts().items()
        if name not in of.percentiles.capped
    }
    duration = _DURATIONS[of.period]
    return _node(
        "MonetaryAmountDistribution",
        name=of.component,
        currency=currency,
        duration=duration,
        **exact,
    )


def _describe_missing_percentiles(percentiles: Percentiles | None) -> Iterator[str]:
    """Sentences for the percentiles that are withheld or capped."""
    for name in percentiles.stated if percentiles else ():
        amount = getattr(percentiles, name)
        if amount is None:
            yield f"{name.upper()} was not released."
        elif percentiles and name in percentiles.capped:
            yield f"{name.upper()} is {in_dollars(amount)} or more."


def _variable_measured(of: Estimate | Chain) -> Node:
    return _node("PropertyValue", name=f"pay ({of.component})", unitText=_unit_text(of.period))


def _offer_values(answer: Answer, chain: int | None) -> Iterator[Node]:
    """How the offer compares to one range: both of its ends, if it is a range."""
    if answer.offer is None:
        return
    unit = _unit_text(answer.offer.period)
    for position in answer.offer.positions:
        if position.chain_index == chain:
            offer = f"offer of {in_dollars(position.amount)}"
            yield _property_value(offer, position.amount, unit) | {"description": position.verdict}
            for name in ("position", "compa_ratio", "market_ratio", "percentile"):
                if (value := getattr(position, name)) is not None:
                    yield _property_value(f"{offer}: {name}", value)
    for overlap in answer.offer.overlaps:
        if overlap.chain_index == chain:
            if overlap.range:
                yield _property_value("overlap with the offer", overlap.range, unit)
            yield _property_value("overlap with the offer: share_of_offer", overlap.share_of_offer)
            if overlap.share_of_range is not None:
                yield _property_value(
                    "overlap with the offer: share_of_range", overlap.share_of_range
                )


def _property_value(name: str, value: float | Interval, unit: str | None = None) -> Node:
    if isinstance(value, Interval):
        ends = {"minValue": value.min, "maxValue": value.max}
        return _node("PropertyValue", name=name, **ends, unitText=unit)
    return _node("PropertyValue", name=name, value=value, unitText=unit)


def _unit_text(period: PayPeriod) -> str:
    return f"USD {per_period(period)}"
