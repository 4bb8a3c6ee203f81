"""From a query to a question: every parameter read, or all that is wrong told at once."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.dataset.store import Store
from paycite.match import Vocabulary, level_of_years, nearest, refuse_contradiction, unknown
from paycite.match.amounts import AmountError, parse_amounts
from paycite.model.answer import Interval, PayPeriod, Requested
from paycite.model.figure import Figure, Source
from paycite.model.problem import Fault, Faults, Refusal
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Level, Match, Metro, Role
from paycite.questions.parameters import Texts, Version, printable, read

_OFFERS = ("offer", "range")  # as the address calls it
_KEPT_OPEN = 8

OfferText = Annotated[
    str,
    Meta(
        description="An amount of base pay in dollars, or a range, to place in the ranges: by the "
        "year, or as `period` says.",
        examples=["180000", "150000-180000"],
    ),
]


class SharedParameters(Struct, frozen=True, kw_only=True):
    """What may be asked of every row of a comparison too."""

    years: (
        Annotated[
            float,
            Meta(
                ge=0,
                le=60,
                description="Years of experience instead of `level`: under 2 entry, under 5 mid, "
                "else senior; staff and principal need the word.",
            ),
        ]
        | UnsetType
    ) = UNSET
    offer: OfferText | UnsetType = UNSET
    period: Annotated[
        PayPeriod,
        Meta(
            description="`hour`: pay by the hour, converted by the hours of a full-time year, as a "
            "step that cites them; an offer is then by the hour too."
        ),
    ] = "year"
    source: Annotated[
        tuple[str, ...],
        Meta(description="Answer from these sources alone.", examples=[["kore1-ai-jobs-2026"]]),
    ] = ()
    dataset: Version | UnsetType = UNSET
    strict: Annotated[bool, Meta(description="Refuse rather than fall back.")] = False


class SalaryParameters(SharedParameters, frozen=True, kw_only=True):
    role: Annotated[str, Meta(description="A role: its id, title or SOC code.", examples=["mlops"])]
    level: (
        Annotated[
            str,
            Meta(
                description="A level, or what people write for it. Left out: all levels.",
                examples=["mid"],
            ),
        ]
        | UnsetType
    ) = UNSET
    metro: (
        Annotated[
            str,
            Meta(
                description="A place: its id or name, a city, county, ZIP, state or CBSA code. "
                "Left out: `us`.",
                examples=["nyc"],
            ),
        ]
        | UnsetType
    ) = UNSET


@lru_cache(_KEPT_OPEN)
def vocabulary(store: Store) -> Vocabulary:
    return Vocabulary(store.snapshot)


def read_question(
    texts: Texts, store: Store, parameters: type[Struct] = SalaryParameters
) -> Question:
    """The parameters, read; or Refusal with all that is wrong with them."""
    faults = Faults()
    values = read(parameters, texts, faults)
    names, snapshot = vocabulary(store), store.snapshot
    role, level, metro = read_words(values, names, faults)
    if values["years"] is not None:
        level = _with_years(level, values["years"], texts["years"][0], snapshot, faults)
    if not values["metro"]:
        metro = _anywhere(snapshot)
    offer = read_shared(values, snapshot, faults)
    faults.stop()
    assert role and metro  # what is None was refused
    return Question(
        requested=requested(texts),
        matches=tuple(reading[1] for reading in (role, level, metro) if reading),
        role=role[0],
        level=level[0] if level else None,
        metro=metro[0],
        offer=offer,
        period=values["period"] or "year",
        sources=frozenset(values["source"]),
        strict=values["strict"],
    )


def read_shared(values: Mapping[str, Any], snapshot: Snapshot, faults: Faults) -> Interval | None:
    """The offer; a source or a dataset that is not there is added to the faults."""
    for source_id in values["source"] or ():
        faults.attempt(known_source, source_id, snapshot, "source")
    if values["dataset"]:
        faults.attempt(refuse_other_dataset, values["dataset"], snapshot)
    for name in _OFFERS:
        if text := values.get(name):
            return faults.attempt(_parse_offer, name, text, values["period"])
    return None


def requested(texts: Texts) -> Requested:
    as_asked = {name: values if name == "source" else values[0] for name, values in texts.items()}
    return msgspec.convert(as_asked, Requested)


def read_words(
    values: Mapping[str, Any], names: Vocabulary, faults: Faults
) -> tuple[tuple[Role, Match] | None, tuple[Level, Match] | None, tuple[Metro, Match] | None]:
    """The role, the level and the metro of the parameters so named; None where one is left out,
    or is at fault."""
    title = faults.attempt(names.parse_title, values["role"]) if values["role"] else None
    role, said = title or (None, None)
    level = _said_level(values["level"], said, names, faults)
    metro = faults.attempt(names.parse_metro, values["metro"]) if values["metro"] else None
    return role, level, metro


def _said_level(
    text: str | None, said: tuple[Level, Match] | None, names: Vocabulary, faults: Faults
) -> tuple[Level, Match] | None:
    """The level of the parameter, else what the title says; they must not contradict."""
    level = faults.attempt(names.parse_level, text) if text else said
    if level and said and said[0] != level[0]:
        detail = f"The title says {said[1].query!r}, and level={text} contradicts it."
        faults.append(
            Fault(
                type="conflicting-parameters",
                parameter="level",
                detail=detail,
                suggestions=(said[0].id, level[0].id),
            )
        )
    return level


def _with_years(
    level: tuple[Level, Match] | None,
    years: float,
    asked: str,
    snapshot: Snapshot,
    faults: Faults,
) -> tuple[Level, Match]:
    """The level that is known, which the years must not contradict; else that of the years."""
    if level is None:
        return level_of_years(years, asked, snapshot.levels)
    faults.attempt(refuse_contradiction, level[0], years, snapshot.levels)
    return level


def _anywhere(snapshot: Snapshot) -> tuple[Metro, Match]:
    nation = snapshot.metros[NATION]
    return nation, Match(
        dimension="metro", query=None, id=NATION, method="default", score=100, alternatives=()
    )


def _parse_offer(name: str, text: str, period: PayPeriod | None) -> Interval:
    try:
        return parse_amounts(text, period)
    except AmountError as error:
        detail = f"Invalid {name}: {error}."
        fault = Fault(
            type="invalid-value", parameter=name, detail=detail, suggestions=error.suggestions
        )
        raise Refusal([fault]) from None


def known_source(source_id: str, snapshot: Snapshot, parameter: str) -> Source:
    """The source of an id, or Refusal."""
    if source_id in snapshot.sources:
        return snapshot.sources[source_id]
    shown = printable(source_id)
    raise unknown("source", parameter, shown, nearest(shown, snapshot.sources))


def known_figure(figure_id: str, store: Store, parameter: str) -> Figure:
    """The figure of an id, or Refusal. A query of DuckDB."""
    figure = store.figure(figure_id)
    if figure is not None:
        return figure
    shown = printable(figure_id)
    raise unknown("figure", parameter, shown, nearest(shown, store.snapshot.figures))


def read_pinned(
    parameters: type[Struct], texts: Texts, snapshot: Snapshot, faults: Faults
) -> dict[str, Any]:
    """The values of parameters with a `dataset`, which must be that of the snapshot."""
    values = read(parameters, texts, faults)
    if values["dataset"]:
        faults.attempt(refuse_other_dataset, values["dataset"], snapshot)
    return values


def refuse_other_dataset(version: str, snapshot: Snapshot) -> None:
    """For a version that was asked for, and for which the current dataset had to stand in."""
    if version != snapshot.version:
        raise Refusal(
            [
                Fault(
                    type="unknown-dataset",
                    parameter="dataset",
                    detail=f"No dataset {version!r} is kept that this version of Paycite reads; "
                    f"the current one is {snapshot.version!r}.",
                    suggestions=(snapshot.version,),
                )
            ]
        )
