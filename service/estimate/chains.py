"""From one source's figures to its chains: which figure answers, and by what steps."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import attrgetter

import msgspec

from service.estimate.candidate import (
    ALL_LEVELS,
    Candidate,
    Scope,
    metro_gap,
    oldest,
    whole_dollars,
)
from service.estimate.differential import differential
from service.estimate.distributed import Part, is_priced, mix
from service.estimate.official import official
from service.model.answer import Factor, Interval, Step
from service.model.distribution import Distribution
from service.model.figure import Figure, Rule
from service.model.question import Question
from service.model.snapshot import Snapshot
from service.model.vocabulary import NATION, Level, Metro


def candidates(question: Question, snapshot: Snapshot) -> list[Candidate]:
    """Every chain to an answer, of every source that may be used, in order of source.

    Official statistics are of occupations, not of roles: they join where nothing prices the role,
    or where their source is asked for by name.
    """
    found = [*_of_figures(question, snapshot), *_of_distributions(question, snapshot)]
    found.sort(key=attrgetter("source_id"))
    if question.sources or not any(candidate.component == "base" for candidate in found):
        found += filter(None, [official(question, snapshot)])
    return found


def _of_figures(question: Question, snapshot: Snapshot) -> Iterator[Candidate]:
    priced = [
        figure
        for figure in snapshot.figures_by_role.get(question.role.id, ())
        if figure.topic in ("band", "open-band", "offers")
        and figure.period == "year"
        and figure.low is not None
        and _may_answer(figure, question)
    ]
    table = attrgetter("source_id", "geography", "component")
    for _, figures in groupby(sorted(priced, key=table), key=table):
        yield from _of_one_table(question, snapshot, tuple(figures))


def _may_answer(stated: Figure | Distribution, question: Question) -> bool:
    is_allowed = not question.sources or stated.source_id in question.sources
    return is_allowed and stated.geography in (NATION, question.metro.id)


def _of_distributions(question: Question, snapshot: Snapshot) -> Iterator[Candidate]:
    """The distributions of the role itself, for the level that was asked about."""
    usable = [
        distribution
        for distribution in snapshot.distributions_by_role.get(question.role.id, ())
        if _may_answer(distribution, question) and is_priced(distribution)
    ]
    table = attrgetter("source_id", "geography", "component")
    for _, distributions in groupby(sorted(usable, key=table), key=table):
        by_level = {distribution.level: distribution for distribution in distributions}
        level = question.level and _level_that_covers(question.level, by_level, snapshot)
        if question.level and level:
            gap = question.level.rank - level.rank
            yield _distributed(question, snapshot, gap, level, by_level[level.id])
        if None in by_level:
            gap = ALL_LEVELS if question.level else 0
            yield _distributed(question, snapshot, gap, None, by_level[None])


def _distributed(
    question: Question,
    snapshot: Snapshot,
    level_gap: int,
    level: Level | None,
    distribution: Distribution,
) -> Candidate:
    steps, percentiles = mix([Part(distribution, 1)])
    metro = snapshot.metros[distribution.geography]
    caveats = _sentences([distribution.note])
    if metro.id == NATION and (carried := differential(question, percentiles, snapshot)):
        steps, metro = (*steps, carried.step), question.metro
        percentiles, caveats = carried.percentiles, (*caveats, carried.caveat)
    return Candidate(
        scope=Scope(level_gap, metro_gap(question.metro, metro)),
        source_id=distribution.source_id,
        kind=distribution.kind if len(steps) == 1 else "derived",
        component=distribution.component,
        level=level,
        metro=metro,
        steps=steps,
        caveats=caveats,
        as_of=distribution.as_of,
        n=distribution.n,
        percentiles=percentiles,
    )


def _of_one_table(
    question: Question, snapshot: Snapshot, figures: Sequence[Figure]
) -> Iterator[Candidate]:
    """The chain for the level, then those for all levels: the source's own, and an envelope."""
    by_level: dict[str | None, Figure] = {f.level: f for f in figures if f.level}
    level = question.level and _level_that_covers(question.level, by_level, snapshot)
    if question.level and level:
        gap = question.level.rank - level.rank
        yield _localised(question, snapshot, gap, level, (by_level[level.id],))

    gap = ALL_LEVELS if question.level else 0
    own = [figure for figure in figures if figure.topic == "offers"]
    yield from (_localised(question, snapshot, gap, None, (figure,)) for figure in own)
    bands = [figure for figure in figures if figure.topic == "band"]
    bands.sort(key=lambda band: snapshot.levels[band.level or ""].rank)
    missing = _levels_not_priced(by_level, snapshot)
    # A source that prices some levels only does not price one that it leaves out.
    if bands and level is None and not (question.level and missing):
        priced = ", ".join(band.level for band in bands if band.level)
        caveat = f"Read as all levels: the envelope of those with a range of their own ({priced})."
        envelope = _localised(question, snapshot, gap + missing, None, tuple(bands))
        yield msgspec.structs.replace(
            envelope, second_choice=bool(own), caveats=(caveat, *envelope.caveats)
        )


def _levels_not_priced(by_level: Mapping[str | None, Figure], snapshot: Snapshot) -> int:
    levels = snapshot.levels.values()
    return sum(_level_that_covers(level, by_level, snapshot) is None for level in levels)


def _level_that_covers(
    asked: Level,
    by_level: Mapping[str | None, Figure] | Mapping[str | None, Distribution],
    snapshot: Snapshot,
) -> Level | None:
    """The level itself where it is priced, else the nearest lower one priced "and above"."""
    if asked.id in by_level:
        return asked
    lower = [
        level
        for level in snapshot.levels.values()
        if level.rank < asked.rank and level.id in by_level and by_level[level.id].and_above
    ]
    return max(lower, key=attrgetter("rank"), default=None)


def _localised(
    question: Question,
    snapshot: Snapshot,
    level_gap: int,
    level: Level | None,
    figures: tuple[Figure, ...],
) -> Candidate:
    """The chain over `figures`, carried to the metro where a rule of the source allows it."""
    steps, caveats = list(_enveloped(figures)), _sentences(figure.note for figure in figures)
    rule = _rule_for(question.metro, figures[0], snapshot.rules)
    metro = snapshot.metros[figures[0].geography]
    if rule is not None:
        steps.append(_multiplied(steps[-1].range, rule, snapshot.figures[rule.figure_id]))
        caveats = (*caveats, rule.note)
        metro = question.metro
    component = figures[0].component
    assert component is not None  # Figure refuses pay without it
    return Candidate(
        scope=Scope(level_gap, metro_gap(question.metro, metro)),
        source_id=figures[0].source_id,
        kind=figures[0].kind if len(steps) == 1 else "derived",
        component=component,
        level=level,
        metro=metro,
        steps=tuple(steps),
        caveats=caveats,
        as_of=oldest(figure.as_of for figure in figures),
        n=figures[0].n if len(figures) == 1 else None,  # those of an envelope are not its own
    )


def _rule_for(metro: Metro, figure: Figure, rules: Iterable[Rule]) -> Rule | None:
    for rule in rules:
        said_of = (rule.source_id, rule.topic) == (figure.source_id, figure.topic)
        if said_of and metro.id in rule.metros and figure.geography == NATION:
            return rule
    return None


def _sentences(notes: Iterable[str | None]) -> tuple[str, ...]:
    """What the notes say, each sentence once."""
    sentences = (re.split(r"(?<=\.) ", note) for note in notes if note)
    return tuple(dict.fromkeys(chain.from_iterable(sentences)))


def ends_of(figure: Figure) -> Interval:
    """A figure of pay as an interval of whole dollars; open-ended above where it is."""
    is_open_ended = figure.high is None or figure.bound == "over"
    return Interval(
        min=whole_dollars(figure.low or 0),
        max=None if is_open_ended else whole_dollars(figure.high or 0),
    )


def _enveloped(figures: Iterable[Figure]) -> Iterator[Step]:
    """Publish the first figure; widen it to take in each further one."""
    ends: Interval | None = None
    for figure in figures:
        operand = ends_of(figure)
        first = ends is None
        ends = operand if ends is None else _envelope(ends, operand)
        yield Step(
            operation="published" if first else "envelope",
            factor=None,
            operand=None if first else operand,
            range=ends,
            **msgspec.structs.asdict(figure.citation()),
        )


def _envelope(one: Interval, other: Interval) -> Interval:
    is_open_ended = one.max is None or other.max is None
    return Interval(
        min=min(one.min, other.min),
        max=None if is_open_ended else max(one.max or 0, other.max or 0),
    )


def _multiplied(ends: Interval, rule: Rule, figure: Figure) -> Step:
    return Step(
        operation="multiply",
        factor=Factor(min=rule.min_factor, max=rule.max_factor),
        operand=None,
        range=Interval(
            min=whole_dollars(ends.min, rule.min_factor),
            max=None if ends.max is None else whole_dollars(ends.max, rule.max_factor),
        ),
        **msgspec.structs.asdict(figure.citation()),
    )
