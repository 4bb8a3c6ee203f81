"""Answers as JSON-LD: schema.org datasets that are based on their sources.

An answer is a `Dataset` about an `Occupation`, and has one for each chain as its parts. What
schema.org has no property for, such as an offer, is a `PropertyValue` of `variableMeasured`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from paycite.model.answer import (
    Answer,
    Chain,
    Estimate,
    Interval,
    PayPeriod,
    Percentiles,
    in_dollars,
)
from paycite.model.comparison import Outcome
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Citation, Published, Source
from paycite.present import citations
from paycite.present.sentences import citation, pay, sentence, subject

Node = dict[str, Any]

_TERMS = {"p10": "percentile10", "p25": "percentile25", "p50": "median"}
_TERMS |= {"p75": "percentile75", "p90": "percentile90"}
_ASKED = ("role", "level", "years", "metro")
_DURATIONS: dict[PayPeriod, str] = {"year": "P1Y", "hour": "PT1H"}
_FORMS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
_ISO_8601 = re.compile(r"\d{4}(-\d\d){0,2}")
# What could end a script element, or a line of a script; it stands in strings only.
_ESCAPED = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def write_jsonld(outcomes: Sequence[Outcome]) -> bytes:
    """One `Dataset`; that of several outcomes has those that were answered as its parts. It can
    stand in the script element of a page."""
    match outcomes:
        case [Answer() as answer]:
            dataset = _of_answer(answer)
        case _:
            dataset = _of_several(outcomes)
    text = msgspec.json.encode({"@context": "https://schema.org"} | dataset).decode()
    return text.translate(_ESCAPED).encode()


def _node(type_: str, **properties: object) -> Node:
    """A node with the properties that there are."""
    stated = {name: value for name, value in properties.items() if value not in (None, "", [])}
    return {"@type": type_} | stated


def _of_several(outcomes: Sequence[Outcome]) -> Node:
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    sources = {
        source.id: source
        for answer in answers
        for source in citations.sources(answer, citations.used(answer))
    }
    return _node(
        "Dataset",
        name=f"Pay: {len(answers)} of {len(outcomes)} questions answered",
        description="\n".join(map(_told, outcomes)),
        version=answers[0].dataset.version if answers else None,
        creator=_node("Organization", name="Paycite"),
        isBasedOn=[_work(source) for source in sources.values()],
        hasPart=list(map(_of_answer, answers)),
    )


def _told(outcome: Outcome) -> str:
    if isinstance(outcome, Answer):
        return sentence(outcome)
    asked = ((name, getattr(outcome.requested, name, None)) for name in _ASKED)
    question = ", ".join(f"{name} {text}" for name, text in asked if text)
    reasons = " ".join(fault.detail for fault in outcome.problem.errors)
    return f"Not answered ({question}): {reasons}"


def _of_answer(answer: Answer) -> Node:
    used, estimate = answer.used, answer.estimate
    return _node(
        "Dataset",
        name=subject(answer),
        description=" ".join([sentence(answer), *_unsaid(estimate.percentiles)]),
        identifier=answer.links.permalink,
        creditText=citation(answer),
        measurementTechnique="Weighted geometric mean of the ranges of the parts that have weight",
        isBasedOn=[_work(source) for source in citations.sources(answer, citations.used(answer))],
        hasPart=[_of_chain(answer, place, chain) for place, chain in enumerate(answer.chains)],
        **_about(answer, estimate, used.level.id if used.level else None, used.metro.id),
        variableMeasured=[*_measured(estimate), *_offered(answer, None)],
    )


def _of_chain(answer: Answer, place: int, chain: Chain) -> Node:
    sources, figures = citations.sources(answer, [chain]), citations.figures([chain])
    part = f"weight {chain.weight:g}" if chain.weight else f"not used: {chain.unused_reason}"
    said = f"{sources[0].publisher}: {pay(chain.range, chain.period)} ({chain.component}, {part})."
    counted = {"weight": chain.weight, "observations": chain.n, "employers": chain.employers}
    return _node(
        "Dataset",
        name=f"{sources[0].publisher}: {answer.used.role.title}",
        description=" ".join([said, *_unsaid(chain.percentiles), *chain.caveats]),
        creditText="; ".join(source.citation for source in sources),
        measurementTechnique=list(map(citations.in_words, chain.steps)),
        isBasedOn=[_work(source, figures) for source in sources],
        citation=[_work(source) for source in answer.sources if source.id in chain.tested_on],
        **_about(answer, chain, chain.level, chain.metro),
        variableMeasured=[
            *_measured(chain),
            *(_value(name, value) for name, value in counted.items() if value is not None),
            *_offered(answer, place),
        ],
    )


def _work(source: Source, figures: Iterable[Citation] = ()) -> Node:
    """A source, with those of the figures that it states."""
    return _node(
        "CreativeWork",
        name=source.title,
        publisher=_node("Organization", name=source.publisher),
        datePublished=_date(source.published),
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


def _date(published: Published) -> str | None:
    return published.date.strftime(_FORMS[published.precision]) if published.date else None


def _about(answer: Answer, of: Estimate | Chain, level: str | None, metro: str) -> Node:
    """What the `Dataset` of an estimate and that of a chain both have."""
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
            estimatedSalary=_salary(of, answer.estimate.currency),
        ),
    }


def _salary(of: Estimate | Chain, currency: str) -> Node:
    """Percentiles where there are any, which hold the range: it is P25 to P75."""
    if of.percentiles is None:
        ends = {"minValue": of.range.min, "maxValue": of.range.max}
        value = _node("QuantitativeValue", **ends, unitText=of.period.upper())
        return _node("MonetaryAmount", name=of.component, currency=currency, **ends, value=value)
    exact = {
        _TERMS[name]: getattr(of.percentiles, name)
        for name in PERCENTILES
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


def _unsaid(percentiles: Percentiles | None) -> Iterator[str]:
    """The percentiles that are no numbers, in words."""
    for name in PERCENTILES if percentiles else ():
        amount = getattr(percentiles, name)
        if amount is None:
            yield f"{name.upper()} is not released."
        elif percentiles and name in percentiles.capped:
            yield f"{name.upper()} is {in_dollars(amount)} or more."


def _measured(of: Estimate | Chain) -> Iterator[Node]:
    unit = _unit(of.period)
    yield _node("PropertyValue", name=f"pay ({of.component})", unitText=unit)
    if of.median_interval:
        yield _value(
            "interval that holds the median with 90% probability", of.median_interval, unit
        )


def _offered(answer: Answer, chain: int | None) -> Iterator[Node]:
    """Where the offer stands in one range: both ends of it, if it is a range."""
    if answer.offer is None:
        return
    unit = _unit(answer.offer.period)
    for position in answer.offer.positions:
        if position.chain_index == chain:
            offer = f"offer of {in_dollars(position.amount)}"
            yield _value(offer, position.amount, unit) | {"description": position.verdict}
            for name in ("position", "compa_ratio", "market_ratio", "percentile"):
                if (value := getattr(position, name)) is not None:
                    yield _value(f"{offer}: {name}", value)
    for overlap in answer.offer.overlaps:
        if overlap.chain_index == chain:
            if overlap.range:
                yield _value("overlap with the offer", overlap.range, unit)
            yield _value("overlap with the offer: share_of_offer", overlap.share_of_offer)
            if overlap.share_of_range is not None:
                yield _value("overlap with the offer: share_of_range", overlap.share_of_range)


def _value(name: str, value: float | Interval, unit: str | None = None) -> Node:
    if isinstance(value, Interval):
        ends = {"minValue": value.min, "maxValue": value.max}
        return _node("PropertyValue", name=name, **ends, unitText=unit)
    return _node("PropertyValue", name=name, value=value, unitText=unit)


def _unit(period: PayPeriod) -> str:
    return f"USD {'an hour' if period == 'hour' else 'a year'}"
