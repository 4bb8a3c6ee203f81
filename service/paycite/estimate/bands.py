"""Published bands of a role: as published, or adjusted to a place by the source's own rule."""

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter

from msgspec.structs import replace

from paycite.estimate.derivation import (
    Derivation,
    cite,
    mean_range,
    multiply_range,
    oldest,
    sentences,
)
from paycite.model.answer import Factor, Interval, Step, UnusedReason
from paycite.model.figure import Figure, Rule
from paycite.model.money import whole_dollars
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Level, Metro, Role

_TOPICS = ("band", "open-band", "offers")
_MEAN = "All levels: the geometric mean of the bands of the levels that the source prices ({})."


def bands_of(role: Role, source_id: str, snapshot: Snapshot) -> tuple[Figure, ...]:
    """List the base pay bands of a role in a source, those with two ends first."""
    found = (
        figure
        for figure in snapshot.figures_by_role.get(role.id, ())
        if figure.source_id == source_id and is_band(figure) and figure.component == "base"
    )
    return tuple(sorted(found, key=lambda one: (one.topic == "open-band", one.id)))


def is_band(figure: Figure) -> bool:
    return figure.topic in _TOPICS and figure.period == "year" and figure.low is not None


def from_bands(
    bands: Iterable[Figure], level: Level | None, metro: Metro, snapshot: Snapshot
) -> Derivation | None:
    """Derive pay at a level (null: all levels) in a place: as published for the place, or else for
    the nation, adjusted by the source's rule for the place if it has one."""
    by_level = _nearest(bands, metro)
    if level is None and None not in by_level:
        return _mean(by_level, metro, snapshot)
    band = by_level.get(level.id if level else None)
    return _localize(band, level, metro, snapshot) if band else None


def _nearest(bands: Iterable[Figure], metro: Metro) -> Mapping[str | None, Figure]:
    """Find the band of each level, for the place or else the nation; bands with two ends first."""
    near: dict[str | None, Figure] = {}
    for place in (metro.id, NATION):
        for band in bands:
            if band.geography == place:
                near.setdefault(band.level, band)
    return near


def _mean(
    by_level: Mapping[str | None, Figure], metro: Metro, snapshot: Snapshot
) -> Derivation | None:
    levels = [level for level in snapshot.levels.values() if level.id in by_level]
    closed = [level for level in levels if ends_of(by_level[level.id]).max is not None]
    if not closed:
        return None
    each = [_localize(by_level[level.id], level, metro, snapshot) for level in closed]
    steps = list(each[0].steps)
    for count, one in enumerate(each[1:], start=2):
        ends = [(1 / count, other.range) for other in each[:count]]
        steps.append(
            replace(
                one.steps[0],
                operation="mix",
                factor=one.steps[-1].factor,
                operand=one.range,
                range=mean_range(ends),
            )
        )
    priced = ", ".join(level.id for level in closed)
    return replace(
        each[0],
        kind=each[0].kind if len(each) == 1 else "derived",
        level=None,
        steps=tuple(steps),
        caveats=(_MEAN.format(priced), *dict.fromkeys(c for one in each for c in one.caveats)),
        as_of=oldest(one.as_of for one in each),
        n=None,
        is_and_above=False,
        speaks_of_place=any(one.speaks_of_place for one in each),
    )


def _localize(band: Figure, level: Level | None, metro: Metro, snapshot: Snapshot) -> Derivation:
    assert band.component is not None  # Figure refuses pay without it
    found = Derivation(
        source_id=band.source_id,
        kind=band.kind,
        component=band.component,
        level=level,
        metro=snapshot.metros[band.geography],
        steps=(Step(operation="published", range=ends_of(band), **cite(band.citation())),),
        caveats=sentences([band.note]),
        as_of=band.as_of,
        n=band.n,
        is_and_above=band.and_above,
        speaks_of_place=band.geography == metro.id,
    )
    rule = _rule_for(metro, band, snapshot.rules)
    if rule is None:
        return found
    statement = snapshot.figures[rule.figure_id]
    factor = Factor(min=rule.min_factor, max=rule.max_factor)
    step = Step(
        operation="multiply",
        factor=factor,
        range=multiply_range(found.range, factor),
        **cite(statement.citation()),
    )
    return replace(
        found.add(step), metro=metro, caveats=(*found.caveats, rule.note), speaks_of_place=True
    )


def _rule_for(metro: Metro, band: Figure, rules: Iterable[Rule]) -> Rule | None:
    for rule in rules:
        is_covered = (rule.source_id, rule.topic) == (band.source_id, band.topic)
        if is_covered and metro.id in rule.metros and band.geography == NATION:
            return rule
    return None


def ends_of(figure: Figure) -> Interval:
    """Convert a pay figure to an interval in whole dollars; without a maximum if open-ended."""
    is_open_ended = figure.high is None or figure.bound == "over"
    return Interval(
        min=whole_dollars(figure.low or 0),
        max=None if is_open_ended else whole_dollars(figure.high or 0),
    )


def covering(level: Level, bands: Iterable[Figure], snapshot: Snapshot) -> Level | None:
    """The level itself if the source prices it, else the nearest lower level "and above"."""
    by_level = {band.level: band for band in bands}
    if level.id in by_level:
        return level
    lower = [
        one
        for one in snapshot.levels.values()
        if one.rank < level.rank and one.id in by_level and by_level[one.id].and_above
    ]
    return max(lower, key=attrgetter("rank"), default=None)


def unused_bands(
    role: Role, level: Level | None, metro: Metro, snapshot: Snapshot
) -> Iterator[tuple[Derivation, UnusedReason]]:
    """Yield the bands for the level and the place or nation that no estimate uses, and why not."""
    for figure in snapshot.figures_by_role.get(role.id, ()):
        is_asked = figure.level == (level.id if level else None)
        if is_band(figure) and is_asked and figure.geography in (metro.id, NATION):
            found = _localize(figure, level, metro, snapshot)
            if figure.component != "base":
                yield found, "other-component"
            elif found.range.max is None:
                yield found, "open-ended"
