"""Build answers: figures in, an estimate out. Pure functions, and the only arithmetic on pay."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import asdict

from paycite.estimate import context, disagreement
from paycite.estimate.chains import (
    Combined,
    combine_sources,
    sources_of,
    speaks_of_level,
    speaks_of_place,
)
from paycite.estimate.derivation import Derivation
from paycite.estimate.hourly import convert_chain, convert_disagreement, convert_estimate
from paycite.estimate.offer import offer
from paycite.estimate.pooled import is_suppressed
from paycite.estimate.quote import write_quote
from paycite.model.answer import (
    Answer,
    Answered,
    DatasetVersion,
    Fallback,
    Links,
    Requested,
    ShortAnswer,
    Used,
    UsedLevel,
    UsedMetro,
    UsedRole,
    alter,
    cited_sources,
)
from paycite.model.figure import Figure
from paycite.model.problem import Fault, Refusal
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Level, Metro, describe_place

# The same few roles and places are in many answers.
_used_role = lru_cache(256)(partial(msgspec.convert, type=UsedRole, from_attributes=True))
_used_metro = lru_cache(1_024)(partial(msgspec.convert, type=UsedMetro, from_attributes=True))


def build_answer(question: Question, snapshot: Snapshot, links: Links) -> Answer:
    """Answer a question. Raise `Refusal` if nothing is published, or if the question is `strict`
    and no source covers its level or place."""
    return put_question(answer_scope(question, snapshot), question, snapshot, links)


def put_question(
    answer: Answered, question: Question, snapshot: Snapshot, links: Links
) -> Answered:
    """Put the words and the offer of a question onto the answer of its scope."""
    asked = question.offer
    placed = offer(asked.range, answer.estimate, answer.chains, asked.notes) if asked else None
    quote = write_quote(answer.used, answer.estimate, answer.chains, placed, snapshot)
    return alter(
        answer,
        quote=quote,
        requested=question.requested,
        matches=question.matches,
        offer=placed,
        links=links,
    )


def answer_scope(question: Question, snapshot: Snapshot) -> Answer:
    """Answer a question without its words and its offer, which `put_question` adds."""
    short = _price(question, snapshot)
    yearly, chains = short.estimate, short.chains
    related = context.related_figures(question, chains, snapshot)
    beside_it = context.of_figures(related)
    disagreeing = disagreement.disagreement(yearly.range, chains, related, question.metro, snapshot)
    short = _in_period(short, question, snapshot)
    if disagreeing and question.period == "hour":
        year = _working_year(snapshot)
        disagreeing = convert_disagreement(disagreeing, short.estimate.range, year)
    return Answer(
        **asdict(short),
        context=beside_it,
        disagreement=disagreeing,
        sources=tuple(
            snapshot.sources[source_id]
            for source_id in sorted(cited_sources(short.chains, beside_it, disagreeing))
        ),
        dataset=DatasetVersion(version=snapshot.version),
    )


def answer_scope_shortly(question: Question, snapshot: Snapshot) -> ShortAnswer:
    """The same without what a row of several answers does not show, which takes a fifth of the
    time."""
    return _in_period(_price(question, snapshot), question, snapshot)


def _price(question: Question, snapshot: Snapshot) -> ShortAnswer:
    """Answer a question in yearly pay."""
    found = combine_sources(question, snapshot)
    if found is None:
        raise Refusal([_no_figures(question, snapshot)])
    fallbacks = tuple(_fallbacks(question, found))
    if question.strict and fallbacks:
        raise Refusal(_refused(fallback) for fallback in fallbacks)
    return ShortAnswer(
        quote="",
        requested=Requested(role=""),
        used=_used(question),
        matches=(),
        fallbacks=fallbacks + tuple(_missing(source, question) for source in found.without),
        estimate=found.estimate,
        chains=found.chains,
        offer=None,
        links=Links(self="", permalink=""),
    )


def _in_period(short: ShortAnswer, question: Question, snapshot: Snapshot) -> ShortAnswer:
    if question.period == "year":
        return short
    year = _working_year(snapshot)
    return alter(
        short,
        estimate=convert_estimate(short.estimate, year),
        chains=tuple(convert_chain(chain, year) for chain in short.chains),
    )


def _working_year(snapshot: Snapshot) -> Figure:
    if snapshot.working_year is None:
        detail = (
            "No source in this dataset gives the hours of a work year, so pay cannot be converted "
            "to an hourly rate. Remove period=hour."
        )
        raise Refusal([Fault(type="no-figures", parameter="period", detail=detail)])
    return snapshot.working_year


def _used(question: Question) -> Used:
    level = question.level
    return Used(
        role=_used_role(question.role),
        level=UsedLevel(id=level.id, title=level.title) if level else None,
        metro=_used_metro(question.metro),
    )


def _fallbacks(question: Question, found: Combined) -> Iterator[Fallback]:
    role, level, metro = question.role, question.level, question.metro
    no_one = f"No {'requested ' if question.sources else ''}source publishes pay for {role.title}"
    if not any(speaks_of_level(one, question) for one in found.used):
        used_level = _by_weight(found, attrgetter("level"))[0]
        named = _by_weight(found, lambda one: _named(one.level, one.is_and_above))
        *others, last = (f"for {name}" for name in named)
        priced = f"{', '.join(others)} and {last}" if others else last
        yield Fallback(
            dimension="level",
            requested=level.id if level else None,
            used=used_level.id if used_level else None,
            reason=f"{no_one} {'at' if level else 'for'} {_named(level)}; "
            f"pay is derived from figures {priced}.",
        )
    if not any(speaks_of_place(one, question) for one in found.used):
        used = _by_weight(found, attrgetter("metro"))[0]
        where = f"in {describe_place(metro)} itself;"
        if any(one.speaks_of_part for one in found.used):
            where = f"in every metropolitan area of {metro.name}; for the others,"
        yield Fallback(
            dimension="metro",
            requested=metro.id,
            used=used.id if used != metro else None,
            reason=f"{no_one} {where} {_from_elsewhere(found, metro)}.",
        )


def _missing(source: str, question: Question) -> Fallback:
    """Say that a requested source does not price the role, which `strict` allows."""
    return Fallback(
        dimension="source",
        requested=source,
        used=None,
        reason=f"The requested source {source} has no base pay for {question.role.title}, "
        "so it is not in this answer.",
    )


def _by_weight(found: Combined, of: Callable[[Derivation], Any]) -> list[Any]:
    """What the used sources have of this kind, by their total weight."""
    weights: defaultdict[Any, float] = defaultdict(float)
    for one, chain in zip(found.used, found.chains, strict=False):  # the used ones are first
        weights[of(one)] += chain.weight
    return sorted(weights, key=lambda kind: -weights[kind])


def _named(level: Level | None, is_and_above: bool = False) -> str:
    if not level:
        return "all levels together"
    return f"the {level.id} level{' and above' * is_and_above}"


def _from_elsewhere(found: Combined, metro: Metro) -> str:
    """What is used in place of figures for the place."""
    adjusted = "adjusted by official pay there"
    are_adjusted = {one.metro == metro for one in found.used}
    if are_adjusted == {True}:
        return f"figures for broader places are {adjusted}"
    if are_adjusted == {False}:
        return f"figures for {describe_place(found.used[0].metro)} are used as they are"
    return f"some figures for broader places are {adjusted}, and others are used as they are"


def _refused(fallback: Fallback) -> Fault:
    return Fault(
        type="fallback-refused",
        parameter=fallback.dimension,
        detail=f"strict=true allows only an exact match. {fallback.reason}",
        suggestions=(used,) if (used := fallback.used) and used != fallback.requested else (),
    )


def _no_figures(question: Question, snapshot: Snapshot) -> Fault:
    publishing = sources_of(question, snapshot)
    who = "None of the requested sources has" if question.sources else "No source has"
    suppressed = is_suppressed(question.role, question.sources, snapshot)
    why = " It was observed, but too few times or at too few employers to publish."
    instead = f" Sources that do: {', '.join(publishing)}." if publishing else ""
    if publishing and not question.sources:
        instead = (
            " Official statistics cover only occupations that are close to it; for them, add "
            f"source={publishing[0]}."
        )
    if not question.role.soc_codes:
        instead += f" The role {question.role.soc_reason}."
    return Fault(
        type="suppressed" if suppressed else "no-figures",
        parameter="source" if question.sources else "role",
        detail=f"{who} base pay for {question.role.title}.{instead}{why if suppressed else ''}",
        suggestions=tuple(publishing),
    )
