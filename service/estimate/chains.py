"""From one source's figures to its chains: which figure answers, and by what steps."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain, groupby
from operator import attrgetter

import msgspec
from msgspec import Struct

from service.model.answer import Chain, Factor, Interval, Range, Step, UnusedReason
from service.model.figure import Component, Figure, Rule
from service.model.question import Question
from service.model.snapshot import Snapshot
from service.model.vocabulary import NATION, Level, Metro

ALL_LEVELS = 100


class Scope(Struct, frozen=True, order=True):
    """How far a chain's scope is from the one asked about; the smallest is the nearest."""

    level_gap: int  # levels down to one "and above", or ALL_LEVELS; plus levels not priced
    metro_gap: int  # 0 as asked, 1 the nation


class Candidate(Struct, frozen=True):
    """A chain before it is known whether it is used."""

    scope: Scope
    level: Level | None
    metro: Metro
    figures: tuple[Figure, ...]
    steps: tuple[Step, ...]
    caveats: tuple[str, ...]
    second_choice: bool = False  # the same source has a chain of its own words for this scope

    @property
    def ends(self) -> Interval:
        return self.steps[-1].range

    @property
    def source_id(self) -> str:
        return self.figures[0].source_id

    @property
    def component(self) -> Component:
        component = self.figures[0].component
        assert component is not None  # Figure refuses pay without it
        return component

    @property
    def as_of(self) -> str | None:
        """The time of the oldest figure; None where one has none."""
        stated = [figure.as_of for figure in self.figures if figure.as_of]
        return min(stated) if len(stated) == len(self.figures) else None

    @property
    def n(self) -> int | None:
        """The observations of a single figure; those of an envelope are not its own."""
        return self.figures[0].n if len(self.figures) == 1 else None

    def chain(self, weight: float, unused_reason: UnusedReason | None) -> Chain:
        return Chain(
            source_id=self.source_id,
            weight=weight,
            unused_reason=unused_reason,
            level=self.level.id if self.level else None,
            metro=self.metro.id,
            as_of=self.as_of,
            n=self.n,
            employers=None,
            component=self.component,
            range=Range.of(self.ends),
            percentiles=None,
            steps=self.steps,
            caveats=self.caveats,
        )


def candidates(question: Question, snapshot: Snapshot) -> list[Candidate]:
    """Every chain to an answer, of every source that may be used, in order of source."""
    priced = [
        figure
        for figure in snapshot.figures_by_role.get(question.role.id, ())
        if figure.topic in ("band", "open-band", "offers")
        and figure.period == "year"
        and figure.low is not None
        and figure.geography in (NATION, question.metro.id)
        and (not question.sources or figure.source_id in question.sources)
    ]
    table = attrgetter("source_id", "geography", "component")
    return [
        candidate
        for _, figures in groupby(sorted(priced, key=table), key=table)
        for candidate in _of_one_table(question, snapshot, tuple(figures))
    ]


def _of_one_table(
    question: Question, snapshot: Snapshot, figures: Sequence[Figure]
) -> Iterator[Candidate]:
    """The chain for the level, then those for all levels: the source's own, and an envelope."""
    by_level = {figure.level: figure for figure in figures if figure.level}
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


def _levels_not_priced(by_level: Mapping[str, Figure], snapshot: Snapshot) -> int:
    levels = snapshot.levels.values()
    return sum(_level_that_covers(level, by_level, snapshot) is None for level in levels)


def _level_that_covers(
    asked: Level, by_level: Mapping[str, Figure], snapshot: Snapshot
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
    steps, caveats = list(_enveloped(figures)), _notes(figures)
    rule = _rule_for(question.metro, figures[0], snapshot.rules)
    asked_metro = figures[0].geography == question.metro.id
    if rule is not None:
        steps.append(_multiplied(steps[-1].range, rule, snapshot.figures[rule.figure_id]))
        caveats = (*caveats, rule.note)
        asked_metro = True
    return Candidate(
        scope=Scope(level_gap, 0 if asked_metro else 1),
        level=level,
        metro=question.metro if asked_metro else snapshot.metros[figures[0].geography],
        figures=figures,
        steps=tuple(steps),
        caveats=caveats,
    )


def _rule_for(metro: Metro, figure: Figure, rules: Iterable[Rule]) -> Rule | None:
    for rule in rules:
        said_of = (rule.source_id, rule.topic) == (figure.source_id, figure.topic)
        if said_of and metro.id in rule.metros and figure.geography == NATION:
            return rule
    return None


def _notes(figures: Iterable[Figure]) -> tuple[str, ...]:
    """What the figures' notes say, each sentence once."""
    sentences = (re.split(r"(?<=\.) ", figure.note) for figure in figures if figure.note)
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


def whole_dollars(amount: float, factor: float = 1) -> int:
    """`amount` times `factor`, in whole dollars, half up; decimal, as one computes by hand."""
    product = Decimal(str(amount)) * Decimal(str(factor))
    return int(product.quantize(Decimal(1), ROUND_HALF_UP))
