"""Recompute an answer from its own steps: each step from the one before, then the estimate."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from paycite.estimate.carry import joined, keep_between, put_in_order
from paycite.estimate.combine import combine
from paycite.estimate.derivation import (
    apply_spread,
    mean_range,
    middle_half,
    multiply_percentiles,
    multiply_range,
    narrow,
    quartiles,
    quartiles_like,
    read_band,
)
from paycite.estimate.distributed import mix_percentiles
from paycite.estimate.hourly import per_hour
from paycite.model.answer import Answer, Chain, Interval, Percentiles, Range, Step


class Result(Struct, frozen=True):
    """Range and percentiles of a step; `range` is None if the step only takes over a figure."""

    range: Interval | None
    percentiles: Percentiles | None


class Mismatch(Struct, frozen=True):
    """A value in an answer that does not follow from its own steps."""

    place: str
    saved: object
    recomputed: object


def recompute(answer: Answer) -> Iterator[Mismatch]:
    """Yield each step, and the estimate, that does not follow from the steps before it."""
    level = answer.used.level.id if answer.used.level else None
    for index, chain in enumerate(answer.chains):
        for place, (step, found) in enumerate(
            zip(chain.steps, _recompute_chain(chain, level), strict=True)
        ):
            at = f"chains[{index}].steps[{place}]"
            if found.range is not None and step.range != found.range:
                yield Mismatch(f"{at}.range", step.range, found.range)
            if found.range is not None and step.percentiles != found.percentiles:
                yield Mismatch(f"{at}.percentiles", step.percentiles, found.percentiles)
    estimate = answer.estimate
    ends, percentiles = _recompute_estimate(answer)
    if estimate.range != Range.of(ends):
        yield Mismatch("estimate.range", estimate.range, Range.of(ends))
    if estimate.percentiles != percentiles:
        yield Mismatch("estimate.percentiles", estimate.percentiles, percentiles)


def _recompute_chain(chain: Chain, level: str | None) -> Iterator[Result]:
    """Recompute every step; in a region, the steps of each metro separately."""
    for place, step in enumerate(chain.steps):
        before = [one for one in chain.steps[:place] if one.metro == step.metro]
        if step.metro is None:
            joins = [at for at, one in enumerate(before) if one.parts]
            before = before[joins[-1] :] if joins else before
        yield _apply(step, before, level)


def _apply(step: Step, before: Sequence[Step], level: str | None) -> Result:
    if step.operation in ("published", "mix"):
        return _take(step, before)
    if step.parts:
        return Result(**joined(step.parts))
    if not before:
        return Result(None, None)
    last = before[-1]
    if step.operation == "convert":
        assert step.divisor is not None
        return Result(
            per_hour(last.range, step.divisor),
            last.percentiles and per_hour(last.percentiles, step.divisor),
        )
    if step.operation == "spread":
        assert step.power is not None
        percentiles = narrow(last.percentiles or read_band(last.range), step.power)
        return Result(quartiles_like(percentiles, step.range), percentiles)
    if step.operation == "order":
        assert last.percentiles is not None
        percentiles = (
            put_in_order(step.levels, level)
            if level in {one.level for one in step.levels}
            else keep_between(last.percentiles, step.levels)
        )
        return Result(quartiles_like(percentiles, step.range), percentiles)
    if step.spread:
        percentiles = apply_spread(last.range.min, step.spread)
        return Result(middle_half(percentiles), percentiles)
    assert step.factor is not None
    return Result(
        multiply_range(last.range, step.factor),
        last.percentiles and multiply_percentiles(last.percentiles, step.factor.min),
    )


def _take(step: Step, before: Sequence[Step]) -> Result:
    if step.operation == "published" and step.statistics is None:
        return Result(None, None)  # the figure itself
    if step.operand is not None:
        operands = [one.operand for one in (*before, step) if one.operand]
        first = next(one for one in reversed(before) if one.operand is None)
        every = [first.range, *operands]
        return Result(mean_range([(1 / len(every), one) for one in every]), None)
    taken: list[tuple[float, Percentiles]] = []
    for one in (*before, step):
        if one.operation == "place" and one.factor:
            share, percentiles = taken.pop()
            taken.append((share, multiply_percentiles(percentiles, one.factor.min)))
        elif one.statistics:
            percentiles = one.statistics.percentiles
            factor = one.factor.min if one.factor else None
            carried = percentiles if factor is None else multiply_percentiles(percentiles, factor)
            taken.append((one.share or 1, carried))
    mixed = mix_percentiles(taken)
    return Result(middle_half(mixed), mixed)


def _recompute_estimate(answer: Answer) -> tuple[Interval, Percentiles | None]:
    divisor = next((s.divisor for c in answer.chains for s in c.steps if s.divisor), None)
    used = [chain for chain in answer.chains if chain.weight]
    weighted = [(chain.weight, chain.steps[:-1] if divisor else chain.steps) for chain in used]
    if len(used) == 1:
        last = weighted[0][1][-1]
        ends, percentiles = last.range, last.percentiles
    else:
        mean = combine(weighted)
        ends, percentiles = quartiles(mean), mean
    if divisor:
        ends = per_hour(ends, divisor)
        percentiles = percentiles and per_hour(percentiles, divisor)
    return ends, percentiles
