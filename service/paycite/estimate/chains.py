"""The chains of an answer: one for each source that prices the role, with its weight."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from paycite.estimate.age import age
from paycite.estimate.bands import unused_bands
from paycite.estimate.carry import carry
from paycite.estimate.combine import combine, estimate, estimate_alone, share_out
from paycite.estimate.derivation import Derivation, built_percentiles
from paycite.estimate.scored import with_scores
from paycite.estimate.single import as_published
from paycite.model.answer import Chain, Estimate
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION


class Combined(Struct, frozen=True):
    """An estimate, its chains (by weight, then the unused ones), and the derivations it uses.
    `without` are the requested sources that do not price the role."""

    estimate: Estimate
    chains: tuple[Chain, ...]
    used: tuple[Derivation, ...]
    without: tuple[str, ...] = ()


def combine_sources(question: Question, snapshot: Snapshot) -> Combined | None:
    """Combine all sources of the role, or the requested ones; None if none of them prices it."""
    weights = snapshot.weights_by_role.get(question.role.id, ())
    named = [one for one in weights if question.allows(one.source_id)]
    without: tuple[str, ...] = ()
    if question.sources:
        alone = _prices_alone(question, snapshot)
        without = tuple(sorted(question.sources - {one.source_id for one in alone}))
        if len(named) < 2 or len(alone) == 1:
            return _alone(question, alone[0], without, snapshot) if alone else None
    if not named:
        return None
    carried = (carry(question.role, one, question.level, question.metro, snapshot) for one in named)
    found = [_finished(one, question, snapshot) for one in carried]
    if len(named) == len(weights):
        shares = [one.weight for one in weights]
    else:
        shares = share_out([one.alone for one in named])
    used = [one.chain(share) for one, share in zip(found, shares, strict=True)]
    level = question.level.id if question.level else None
    if len(named) == len(weights) and not question.age:
        row = snapshot.cell(question.role.id, question.metro.id).estimates[level]
        percentiles = built_percentiles(row)
    else:
        percentiles = combine([(chain.weight, chain.steps) for chain in used])
    return Combined(
        estimate(used, percentiles, named, question.level, snapshot),
        (*used, *_unused(question, used, snapshot)),
        tuple(found),
        without,
    )


def _prices_alone(question: Question, snapshot: Snapshot) -> list[Derivation]:
    """Derive pay from each requested source alone, the newest first."""
    found = (
        as_published(question.role, source, question.level, question.metro, snapshot)
        for source in sorted(question.sources)
    )
    priced = [one for one in found if one]
    return sorted(priced, key=lambda one: one.as_of or "", reverse=True)


def _alone(
    question: Question, found: Derivation, without: tuple[str, ...], snapshot: Snapshot
) -> Combined:
    found = _finished(found, question, snapshot)
    chain = found.chain(1.0)
    unused = _unused(question, [chain], snapshot)
    return Combined(
        estimate_alone(chain, question.level, snapshot), (chain, *unused), (found,), without
    )


def _finished(found: Derivation, question: Question, snapshot: Snapshot) -> Derivation:
    """Age it, if asked to, and add what back-tests say of its source."""
    return with_scores(age(found, snapshot) if question.age else found, snapshot)


def _unused(question: Question, used: list[Chain], snapshot: Snapshot) -> Iterator[Chain]:
    """Yield what is published for the question and in no used chain, with the reason: bands, and
    earlier releases of a series."""
    cited = {step.figure_id for chain in used for step in chain.steps}
    for found, reason in unused_bands(question.role, question.level, question.metro, snapshot):
        if found.steps[0].figure_id not in cited and question.allows(found.source_id):
            yield found.chain(0.0, reason)
    answering = {chain.source_id for chain in used}
    series = {snapshot.sources[id_].series for id_ in answering} - {None}
    for source in snapshot.sources.values():
        if source.series in series and source.id not in answering and question.allows(source.id):
            scope = (question.role, source.id, question.level, question.metro)
            if superseded := as_published(*scope, snapshot):
                yield superseded.chain(0.0, "superseded")


def speaks_of_level(found: Derivation, question: Question) -> bool:
    return found.level == question.level and not found.is_and_above


def speaks_of_place(found: Derivation, question: Question) -> bool:
    return found.speaks_of_place or question.metro.id == NATION


def sources_of(question: Question, snapshot: Snapshot) -> list[str]:
    """List all sources that price the role, whether requested or not."""
    every = msgspec.structs.replace(question, sources=frozenset(snapshot.sources))
    return sorted(one.source_id for one in _prices_alone(every, snapshot))
