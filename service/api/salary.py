"""`GET /salary`."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from anyio.to_thread import run_sync
from litestar import Response
from msgspec import UNSET, Meta, Struct, UnsetType

from service.api.http import ApiRequest, Representation, datasets, send
from service.api.operations import reading
from service.api.parameters import given, read
from service.dataset.store import Store
from service.estimate import answer
from service.match import Vocabulary, level_of_years, nearest, refuse_contradiction
from service.model.answer import Answer, Interval, Links, Requested
from service.model.figure import Source
from service.model.problem import Fault, Faults, Refusal
from service.model.question import Question
from service.model.snapshot import Snapshot
from service.model.vocabulary import NATION, Level, Match, Metro

_AMOUNT = re.compile(r"\$?(\d{1,3}(?:,\d{3})+|\d+)(k?)", re.IGNORECASE)
_LEAST, _MOST = 10_000, 10_000_000
_KEPT_ANSWERS = 4_096
_KEPT_OPEN = 8


class SalaryParameters(Struct, frozen=True, kw_only=True):
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
    metro: (
        Annotated[
            str,
            Meta(
                description="A metro: its id, CBSA code, name or alias. Left out: `us`.",
                examples=["nyc"],
            ),
        ]
        | UnsetType
    ) = UNSET
    offer: (
        Annotated[
            str,
            Meta(
                description="A yearly amount in dollars, or a range, to place in the ranges.",
                examples=["180000", "150000-180000"],
            ),
        ]
        | UnsetType
    ) = UNSET
    source: Annotated[
        tuple[str, ...],
        Meta(description="Answer from these sources alone.", examples=[["kore1-ai-jobs-2026"]]),
    ] = ()
    dataset: (
        Annotated[str, Meta(description="A dataset version. Left out: the current one.")]
        | UnsetType
    ) = UNSET
    strict: Annotated[bool, Meta(description="Refuse rather than fall back.")] = False


@reading(
    "/salary",
    summary="Estimate what a role pays",
    answers=Answer,
    parameters=SalaryParameters,
    problems=(400, 404, 409, 422),
)
async def salary(request: ApiRequest) -> Response[bytes]:
    """An estimated range of base pay, the steps that led to it, and the sources it rests on."""
    query_string = request.scope["query_string"]
    texts = given(query_string)
    store = await _store(request, texts.get("dataset", [""])[0])
    representation = _answer(store, query_string)
    return send(request, representation, store, is_pinned="dataset" in texts)


async def _store(request: ApiRequest, version: str) -> Store:
    """The dataset asked for, opened beside the event loop; the current one where there is none,
    for `_answer` to refuse with all else that is wrong."""
    opened = datasets(request)
    if not version or version == opened.current.snapshot.version:
        return opened.current
    return await run_sync(opened.pinned, version) or opened.current


@lru_cache(_KEPT_ANSWERS)
def _answer(store: Store, query_string: bytes) -> Representation:
    """The encoded answer: a function of the dataset, the service and the query, so kept."""
    question = _question(query_string, store)
    return Representation.of(answer(question, store.snapshot, _links(question.requested, store)))


@lru_cache(_KEPT_OPEN)
def vocabulary(store: Store) -> Vocabulary:
    return Vocabulary(store.snapshot)


def _question(query_string: bytes, store: Store) -> Question:
    """The query, read; or Refusal with all that is wrong with it."""
    faults = Faults()
    texts = given(query_string)
    values = read(SalaryParameters, texts, faults)
    names, snapshot = vocabulary(store), store.snapshot
    role = faults.attempt(names.roles.read, values["role"]) if values["role"] else None
    level = _level(values["level"], values["years"], names, snapshot, faults)
    metro = (
        faults.attempt(names.metros.read, values["metro"])
        if values["metro"]
        else _anywhere(snapshot)
    )
    offer = faults.attempt(_amounts, values["offer"]) if values["offer"] else None
    for source_id in values["source"] or ():
        faults.attempt(known_source, source_id, snapshot)
    if values["dataset"] not in (None, snapshot.version):
        faults.append(_unknown_dataset(values["dataset"], snapshot))
    faults.stop()
    assert role and metro  # what is None was refused
    return Question(
        requested=_requested(texts),
        matches=tuple(reading[1] for reading in (role, level, metro) if reading),
        role=role[0],
        level=level[0] if level else None,
        metro=metro[0],
        offer=offer,
        sources=frozenset(values["source"]),
        strict=values["strict"],
    )


def _requested(texts: Mapping[str, list[str]]) -> Requested:
    as_asked = {name: values if name == "source" else values[0] for name, values in texts.items()}
    return msgspec.convert(as_asked, Requested)


def _level(
    text: str | None, years: float | None, names: Vocabulary, snapshot: Snapshot, faults: Faults
) -> tuple[Level, Match] | None:
    """The level by its word, else by the years; None for all levels."""
    if text is None:
        return None if years is None else level_of_years(years, snapshot.levels)
    level = faults.attempt(names.levels.read, text)
    if level and years is not None:
        faults.attempt(refuse_contradiction, level[0], years, snapshot.levels)
    return level


def _anywhere(snapshot: Snapshot) -> tuple[Metro, Match]:
    nation = snapshot.metros[NATION]
    return nation, Match(
        dimension="metro", query=None, id=NATION, method="default", score=100, alternatives=()
    )


def _amounts(text: str) -> Interval:
    """A yearly amount, or a range of two: `185000`, `$185,000`, `150k-180k`."""
    ends = [_AMOUNT.fullmatch(end.strip()) for end in text.split("-")]
    amounts = [
        int(end[1].replace(",", "")) * (1_000 if end[2] else 1) for end in ends if end is not None
    ]
    if len(amounts) != len(ends) or len(ends) > 2:
        raise _invalid_offer(text, "it is an amount such as 180000, or a range 150000-180000")
    if amounts != sorted(amounts):
        raise _invalid_offer(text, "its minimum is above its maximum")
    if not _LEAST <= amounts[0] <= amounts[-1] <= _MOST:
        raise _invalid_offer(text, f"yearly amounts from {_LEAST:,} to {_MOST:,} dollars are read")
    return Interval(min=amounts[0], max=amounts[-1])


def _invalid_offer(text: str, reason: str) -> Refusal:
    detail = f"The value of 'offer' cannot be read: {reason}."
    return Refusal([Fault(type="invalid-value", parameter="offer", detail=detail)])


def known_source(source_id: str, snapshot: Snapshot) -> Source:
    """The source of an id, or Refusal."""
    if source_id in snapshot.sources:
        return snapshot.sources[source_id]
    raise Refusal(
        [
            Fault(
                type="unknown-source",
                parameter="source",
                detail=f"No source has the id {source_id!r}.",
                suggestions=nearest(source_id, snapshot.sources),
            )
        ]
    )


def _unknown_dataset(version: str, snapshot: Snapshot) -> Fault:
    return Fault(
        type="unknown-dataset",
        parameter="dataset",
        detail=f"No dataset {version!r} is kept; the current one is {snapshot.version!r}.",
        suggestions=(snapshot.version,),
    )


def _links(requested: Requested, store: Store) -> Links:
    asked = msgspec.to_builtins(requested)
    pinned = asked | {"dataset": store.snapshot.version}
    return Links(
        self=f"/salary?{urlencode(asked, doseq=True)}",
        permalink=f"/salary?{urlencode(pinned, doseq=True)}",
    )
