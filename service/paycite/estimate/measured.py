"""Chains from published distributions of a role, level by level."""

from collections.abc import Iterator, Mapping

import msgspec

from paycite.estimate.candidate import ALL_LEVELS, Candidate, Scope, metro_gap
from paycite.estimate.differential import carried
from paycite.estimate.distributed import Part, is_priced, mix
from paycite.estimate.levels import (
    ENVELOPE,
    by_table,
    envelope_of,
    level_that_covers,
    levels_not_priced,
    may_answer,
    sentences,
)
from paycite.model.distribution import Distribution
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Level


def of_distributions(question: Question, snapshot: Snapshot) -> Iterator[Candidate]:
    """The distributions of the role itself, for the level that was asked about."""
    usable = [
        distribution
        for distribution in snapshot.distributions_by_role.get(question.role.id, ())
        if may_answer(distribution, question) and is_priced(distribution)
    ]
    for distributions in by_table(usable):
        by_level = {distribution.level: distribution for distribution in distributions}
        level = question.level and level_that_covers(question.level, by_level, snapshot)
        if question.level and level:
            gap = question.level.rank - level.rank
            yield _distributed(question, snapshot, gap, level, by_level[level.id])
        if None in by_level:
            gap = ALL_LEVELS if question.level else 0
            yield _distributed(question, snapshot, gap, None, by_level[None])
        elif question.sources and not question.level:
            yield _enveloping(question, snapshot, by_level)


def _distributed(
    question: Question,
    snapshot: Snapshot,
    level_gap: int,
    level: Level | None,
    distribution: Distribution,
) -> Candidate:
    steps, percentiles = mix([Part(distribution, 1)])
    metro = snapshot.metros[distribution.geography]
    national = Candidate(
        scope=Scope(level_gap, metro_gap(question.metro, metro)),
        source_id=distribution.source_id,
        kind=distribution.kind,
        component=distribution.component,
        level=level,
        metro=metro,
        steps=steps,
        caveats=sentences([distribution.note]),
        as_of=distribution.as_of,
        n=distribution.n,
        percentiles=percentiles,
    )
    return carried(national, question, snapshot)


def _enveloping(
    question: Question, snapshot: Snapshot, by_level: Mapping[str | None, Distribution]
) -> Candidate:
    """The envelope of the levels, for a source that was asked for by name and has no more."""
    levels = sorted(by_level.values(), key=lambda one: snapshot.levels[one.level or ""].rank)
    first = _distributed(question, snapshot, 0, None, levels[0])
    steps = [first.steps[0]]
    for distribution in levels[1:]:
        (step,), _ = mix([Part(distribution, 1)])
        ends = envelope_of(steps[-1].range, step.range)
        steps.append(
            msgspec.structs.replace(step, operation="envelope", operand=step.range, range=ends)
        )
    priced = ", ".join(one.level for one in levels if one.level)
    metro = snapshot.metros[levels[0].geography]
    return msgspec.structs.replace(
        first,
        scope=Scope(levels_not_priced(by_level, snapshot), metro_gap(question.metro, metro)),
        kind="derived",
        metro=metro,
        steps=tuple(steps),
        caveats=(ENVELOPE.format(priced), *sentences(one.note for one in levels)),
        n=None,
        percentiles=None,
    )
