"""Adjust a source's figures to the requested level and place: the steps of the source's estimate.

The factors and powers were computed by the build (table `voice`). The percentiles of the last step
equal those in the table.
"""

from collections.abc import Iterator, Sequence
from math import exp, log
from typing import Any

from msgspec.structs import replace

from paycite.estimate.derivation import (
    Derivation,
    built_percentiles,
    cite,
    cite_factor,
    geometric_mean,
    mean_range,
    multiply,
    narrow,
    oldest,
    quartiles,
    read_band,
    round_half_up,
)
from paycite.estimate.sources import price
from paycite.model.answer import (
    OrderedLevel,
    Percentiles,
    PlacePart,
    Step,
)
from paycite.model.distribution import PERCENTILES
from paycite.model.factor import ABOVE_SENIOR, LevelFactor
from paycite.model.figure import Citation
from paycite.model.money import whole_dollars
from paycite.model.snapshot import Snapshot, kept
from paycite.model.vocabulary import NATION, Level, Metro, Role
from paycite.model.voice import SourceWeight, Voice

_ADJUSTED = (
    "Its senior figures include higher levels, and are multiplied by the level's factor too."
)
_KEPT = 500  # more than the levels that sources price for the nation


def carry(
    role: Role, source: SourceWeight, level: Level | None, metro: Metro, snapshot: Snapshot
) -> Derivation:
    """Derive a source's estimate at a level (null: all levels) in a place."""
    if metro.kind == "region":
        return _join_metros(role, source, level, metro, snapshot)
    voice = snapshot.cell(role.id, metro.id).voices[source.source_id, level.id if level else None]
    carried = _carry_level(role, source, voice, metro, snapshot)
    if not voice.is_ordered:
        return carried
    return carried.add(_order(role, source, level, metro, carried, snapshot))


def _carry_level(
    role: Role, source: SourceWeight, voice: Voice, metro: Metro, snapshot: Snapshot
) -> Derivation:
    """Read the source's own figures as percentiles, apply the level factor, scale the spread."""
    if voice.priced_metro == metro.id:
        return _to_level(role, source, voice, snapshot)
    return replace(_to_level_elsewhere(role, source, voice, snapshot), speaks_of_place=False)


def _to_level(role: Role, source: SourceWeight, voice: Voice, snapshot: Snapshot) -> Derivation:
    found = _priced(role, source, voice, snapshot)
    assert voice.level_factor is not None
    assert voice.power is not None
    if found.percentiles is None:
        percentiles = read_band(found.range)
        last = found.steps[-1]
        reading = Step(
            operation="spread",
            range=found.range,
            percentiles=percentiles,
            power=1,
            **cite(last),
        )
        found = found.add(reading)
    if voice.priced_level != voice.level:
        first, *others = cite_level_factor(role, voice.level, voice.priced_level, snapshot)
        found = found.add(
            multiply(found.steps[-1], "level", voice.level_factor, first, figures=tuple(others))
        )
        if voice.level in ABOVE_SENIOR and source.kind in ("band", "distribution"):
            found = replace(found, caveats=(*found.caveats, _ADJUSTED))
    if voice.power != 1:
        found = found.add(_narrow(source, voice, found, snapshot))
    return found


# What a source says of the nation is the same in all places that take it from there.
_to_level_elsewhere = kept(_KEPT)(_to_level)


def _priced(role: Role, source: SourceWeight, voice: Voice, snapshot: Snapshot) -> Derivation:
    level = snapshot.levels[voice.priced_level] if voice.priced_level else None
    where = snapshot.metros[voice.priced_metro]
    found = price(role, source.source_id, source.kind, level, where, snapshot)
    return found or _join_nation(role, source, level, snapshot)


def cite_level_factor(
    role: Role, level: str | None, priced: str | None, snapshot: Snapshot
) -> Iterator[Citation]:
    """Cite the figures that the factor from the priced level to the level was computed from."""
    stated = [one for one in (level, priced) if one is not None]
    factors = [measured_factor(role, one, snapshot) for one in stated]
    # From senior to a level above it, the same factor is on both sides.
    is_canceled = len(factors) == 2 and factors[0] == factors[1]
    for one, factor in zip(stated, factors, strict=True):
        if factor and not is_canceled:
            yield cite_factor(factor)
        if one in ABOVE_SENIOR:
            yield snapshot.constant("staff-over-senior").citation()


def measured_factor(role: Role, level: str, snapshot: Snapshot) -> LevelFactor | None:
    """The level factor of the role, or else of all roles; above senior, that of senior."""
    measured = "senior" if level in ABOVE_SENIOR else level
    factors = snapshot.level_factor_of
    return factors.get((role.id, measured)) or factors.get((None, measured))


def _narrow(source: SourceWeight, voice: Voice, found: Derivation, snapshot: Snapshot) -> Step:
    """Narrow the spread by the power of the voice, citing the factors that it was made of."""
    assert found.percentiles is not None
    assert voice.power is not None
    names = [] if source.kind == "band" else ["spread-calibration"]
    if voice.priced_level is None and voice.level is not None:
        names.append("spread-of-level")
    product = 1.0
    for name in names:
        product *= snapshot.constant(name).low or 1
    if voice.power < int(product * 10_000 + 1e-6) / 10_000:
        names.append("widest-range")
    first, *others = (snapshot.constant(name).citation() for name in names)
    percentiles = narrow(found.percentiles, voice.power)
    return Step(
        operation="spread",
        range=quartiles(percentiles),
        percentiles=percentiles,
        power=voice.power,
        figures=tuple(others),
        **cite(first),
    )


def _order(
    role: Role,
    source: SourceWeight,
    level: Level | None,
    metro: Metro,
    carried: Derivation,
    snapshot: Snapshot,
) -> Step:
    """Make pay rise with the level (isotonic regression); for all levels together, keep it between
    the lowest and the highest level."""
    if level:
        levels = _before_order(role, source, metro, snapshot)
    else:
        voices = snapshot.cell(role.id, metro.id).voices
        ranked = list(snapshot.levels)
        ends = (voices[source.source_id, one] for one in (ranked[0], ranked[-1]))
        levels = tuple(_as_ordered(one, built_percentiles(one)) for one in ends)
    before = carried.percentiles
    assert before is not None
    percentiles = put_in_order(levels, level.id) if level else keep_between(before, levels)
    return Step(
        operation="order",
        range=quartiles(percentiles),
        percentiles=percentiles,
        levels=levels,
        **cite(snapshot.constant("order-of-levels").citation()),
    )


@kept(_KEPT)  # each level needs all of them
def _before_order(
    role: Role, source: SourceWeight, metro: Metro, snapshot: Snapshot
) -> tuple[OrderedLevel, ...]:
    voices = snapshot.cell(role.id, metro.id).voices
    every = (voices[source.source_id, level] for level in snapshot.levels)
    return tuple(
        _as_ordered(one, _carry_level(role, source, one, metro, snapshot).percentiles)
        for one in every
    )


def _as_ordered(voice: Voice, percentiles: Percentiles | None) -> OrderedLevel:
    assert voice.level is not None
    assert voice.level_weight is not None
    assert percentiles is not None
    return OrderedLevel(level=voice.level, weight=voice.level_weight, percentiles=percentiles)


def put_in_order(levels: Sequence[OrderedLevel], level: str) -> Percentiles:
    """The percentiles of a level after isotonic regression over the levels, in log pay."""
    place = [one.level for one in levels].index(level)
    amounts = {}
    for name in PERCENTILES:
        stated = [getattr(one.percentiles, name) for one in levels]
        amounts[name] = (
            None
            if None in stated
            else round_half_up(_isotonic(stated, [one.weight for one in levels])[place])
        )
    capped = tuple(sorted({name for one in levels for name in one.percentiles.capped}))
    return Percentiles(**amounts, capped=capped)


def _isotonic(amounts: list[float], weights: list[float]) -> list[float]:
    """Isotonic regression by pooling adjacent violators, with weighted geometric means."""
    blocks: list[tuple[float, float, int]] = []  # mean log, weight, how many
    for amount, weight in zip(amounts, weights, strict=True):
        block = (log(amount), weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, before, count = blocks.pop()
            total = before + block[1]
            block = ((mean * before + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    return [exp(mean) for mean, _, n in blocks for _ in range(n)]


def keep_between(whole: Percentiles, levels: Sequence[OrderedLevel]) -> Percentiles:
    """Limit the percentiles of all levels together to between the lowest and the highest level."""
    lowest, highest = (one.percentiles for one in levels)
    amounts = {}
    for name in PERCENTILES:
        low, high, own = (getattr(one, name) for one in (lowest, highest, whole))
        amounts[name] = None if None in (low, high, own) else min(max(own, low), high)
    return Percentiles(**amounts, capped=whole.capped)


def _join_metros(
    role: Role, source: SourceWeight, level: Level | None, region: Metro, snapshot: Snapshot
) -> Derivation:
    """A source's estimate in a region: the geometric mean over its metros, weighted by share."""
    shares = snapshot.shares_by_region[role.id, region.id]
    members = [
        (one.metro, one.share, carry(role, source, level, snapshot.metros[one.metro], snapshot))
        for one in shares
    ]
    return join(region, members)


def join(region: Metro, members: list[tuple[str, float, Derivation]]) -> Derivation:
    """Combine a source's derivations for the metros of a region."""
    first = members[0][2]
    parts = tuple(
        PlacePart(
            metro=metro,
            share=share,
            factor=None,
            range=found.range,
            percentiles=found.percentiles,
        )
        for metro, share, found in members
    )
    every = [found for *_, found in members]
    steps = [replace(step, metro=metro) for metro, _, found in members for step in found.steps]
    counted = [one.n for one in every if one.n]
    is_national = all(one.metro.id == NATION for one in every)  # the same sample each time
    return replace(
        first,
        kind="derived",
        metro=region,
        steps=(
            *steps,
            Step(
                operation="place",
                **joined(parts),
                parts=parts,
                **cite(first.steps[0]),
            ),
        ),
        caveats=tuple(dict.fromkeys(caveat for one in every for caveat in one.caveats)),
        as_of=oldest(one.as_of for one in every),
        n=first.n if is_national else sum(counted) if len(counted) == len(every) else None,
        employers=None,
        speaks_of_place=all(one.speaks_of_place for one in every),
        speaks_of_part=any(one.speaks_of_place for one in every),
    )


def joined(parts: tuple[PlacePart, ...]) -> dict[str, Any]:
    """The range and percentiles of the geometric mean over places, amount by amount."""
    if all(part.percentiles for part in parts):
        percentiles = _mean_of(parts)
        return {"range": quartiles(percentiles), "percentiles": percentiles}
    return {"range": mean_range([(_share(part, parts), part.range) for part in parts])}


def _share(part: PlacePart, parts: tuple[PlacePart, ...]) -> float:
    return 1 / len(parts) if part.share is None else part.share


def _mean_of(parts: tuple[PlacePart, ...]) -> Percentiles:
    amounts = {}
    for name in PERCENTILES:
        weighted = []
        for part in parts:
            assert part.percentiles is not None
            amount = getattr(part.percentiles, name)
            factor = part.factor
            weighted.append(
                (
                    _share(part, parts),
                    amount if factor is None or amount is None else whole_dollars(amount, factor),
                )
            )
        amounts[name] = (
            None
            if any(amount is None for _, amount in weighted)
            else round_half_up(geometric_mean(weighted))
        )
    capped = {name for part in parts if part.percentiles for name in part.percentiles.capped}
    return Percentiles(**amounts, capped=tuple(sorted(capped)))


def _join_nation(
    role: Role, source: SourceWeight, level: Level | None, snapshot: Snapshot
) -> Derivation:
    """National pay of a source that publishes only local pay: the geometric mean over its places,
    each divided by the square root of its official ratio to the nation."""
    members = []
    for metro in snapshot.metros.values():
        if metro.kind != "region" and metro.id != NATION:
            found = price(role, source.source_id, source.kind, level, metro, snapshot)
            if found and (found.speaks_of_place or source.kind != "band"):
                members.append((metro, found))
    parts = tuple(
        PlacePart(
            metro=metro.id,
            share=None,
            factor=round(snapshot.official_ratio(metro) ** -0.5, 4),
            range=found.range,
            percentiles=found.percentiles or read_band(found.range),
        )
        for metro, found in members
    )
    first = members[0][1]
    step = Step(
        operation="place",
        **joined(parts),
        parts=parts,
        figures=tuple(found.steps[0].citation() for _, found in members[1:]),
        **cite(first.steps[0]),
    )
    return replace(
        first,
        kind="derived",
        metro=snapshot.metros[NATION],
        steps=(step,),
        as_of=oldest(found.as_of for _, found in members),
        n=None,
        speaks_of_place=False,
    )
