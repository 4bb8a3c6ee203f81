"""Chains from published figures of a role: which figure answers, and the steps from it."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from paycite.estimate.candidate import (
    ALL_LEVELS,
    Candidate,
    Scope,
    metro_gap,
    multiplied,
    oldest,
)
from paycite.estimate.levels import (
    ENVELOPE,
    by_table,
    envelope_of,
    level_that_covers,
    levels_not_priced,
    may_answer,
    sentences,
)
from paycite.model.answer import Factor, Interval, Step
from paycite.model.figure import Figure, Rule
from paycite.model.money import whole_dollars
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Level, Metro


def of_figures(question: Question, snapshot: Snapshot) -> Iterator[Candidate]:
    priced = [
        figure
        for figure in snapshot.figures_by_role.get(question.role.id, ())
        if figure.topic in ("band", "open-band", "offers")
        and figure.period == "year"
        and figure.low is not None
        and may_answer(figure, question)
    ]
    for figures in by_table(priced):
        yield from _of_one_table(question, snapshot, figures)


def _of_one_table(
    question: Question, snapshot: Snapshot, figures: Sequence[Figure]
) -> Iterator[Candidate]:
    """The chain for the level, then those for all levels: the source's own, and an envelope."""
    by_level: dict[str | None, Figure] = {f.level: f for f in figures if f.level}
    level = question.level and level_that_covers(question.level, by_level, snapshot)
    if question.level and level:
        gap = question.level.rank - level.rank
        yield _localised(question, snapshot, gap, level, (by_level[level.id],))

    gap = ALL_LEVELS if question.level else 0
    own = [figure for figure in figures if figure.topic == "offers"]
    yield from (_localised(question, snapshot, gap, None, (figure,)) for figure in own)
    bands = [figure for figure in figures if figure.topic == "band"]
    bands.sort(key=lambda band: snapshot.levels[band.level or ""].rank)
    missing = levels_not_priced(by_level, snapshot)
    # A source that prices some levels only does not price one that it leaves out.
    if bands and level is None and not (question.level and missing):
        priced = ", ".join(band.level for band in bands if band.level)
        caveat = ENVELOPE.format(priced)
        envelope = _localised(question, snapshot, gap + missing, None, tuple(bands))
        yield msgspec.structs.replace(
            envelope, second_choice=bool(own), caveats=(caveat, *envelope.caveats)
        )


def _localised(
    question: Question,
    snapshot: Snapshot,
    level_gap: int,
    level: Level | None,
    figures: tuple[Figure, ...],
) -> Candidate:
    """The chain from `figures`, adjusted to the metro if a rule of the source covers it."""
    steps, caveats = list(_enveloped(figures)), sentences(figure.note for figure in figures)
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
        ends = operand if ends is None else envelope_of(ends, operand)
        yield Step(
            operation="published" if first else "envelope",
            factor=None,
            operand=None if first else operand,
            range=ends,
            **msgspec.structs.asdict(figure.citation()),
        )


def _multiplied(ends: Interval, rule: Rule, figure: Figure) -> Step:
    factor = Factor(min=rule.min_factor, max=rule.max_factor)
    return Step(
        operation="multiply",
        factor=factor,
        operand=None,
        range=multiplied(ends, factor),
        **msgspec.structs.asdict(figure.citation()),
    )
