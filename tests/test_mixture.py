from collections.abc import Mapping
from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.estimate.mixture import Curve, curve, mixed
from service.model.distribution import PERCENTILES, PROBABILITIES, Percentile

amounts = st.lists(st.integers(20_000, 400_000), min_size=5, max_size=5, unique=True).map(sorted)
shares = st.integers(1, 99)


def stated(values: list[int]) -> Mapping[Percentile, float | None]:
    return dict(zip(PERCENTILES, map(float, values), strict=True))


def quantile(values: list[int], u: float) -> float:
    """The pay at a probability: straight in log pay between the percentiles, and beyond them."""
    points = list(zip(PROBABILITIES.values(), map(log, values), strict=True))
    place = max(0, min(len(points) - 2, sum(p <= u for p, _ in points) - 1))
    (p, low), (q, high) = points[place : place + 2]
    return exp(low + (high - low) * (u - p) / (q - p))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(shares, amounts), min_size=2, max_size=3))
def test_a_mixture_has_the_percentiles_that_bisection_finds(
    parts: list[tuple[int, list[int]]],
) -> None:
    exact = mixed([curve(share, stated(values), ()) for share, values in parts])
    assert exact.at_least == ()
    for name, probability in PROBABILITIES.items():
        value = exact.values[name]
        assert value is not None
        # Where the distributions leave a gap, every pay in it is the percentile.
        low, high = (bisected(parts, probability + error) for error in (-1e-6, 1e-6))
        assert low * 0.995 <= value <= high * 1.005, (name, low, value, high)


def bisected(parts: list[tuple[int, list[int]]], probability: float) -> float:
    """The pay below which that much of the mixture lies, by bisection."""
    total = sum(share for share, _ in parts)
    low, high = 1_000.0, 10_000_000.0
    for _ in range(50):
        middle = (low * high) ** 0.5
        height = sum(share / total * reached(values, middle) for share, values in parts)
        low, high = (middle, high) if height < probability else (low, middle)
    return high


def reached(values: list[int], pay: float) -> float:
    """The probability below a pay, by bisection of the quantiles."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if quantile(values, middle) < pay else (low, middle)
    return high


@given(st.lists(shares, min_size=1, max_size=4), amounts)
def test_a_mixture_of_equals_is_what_they_are(parts: list[int], values: list[int]) -> None:
    exact = mixed([curve(share, stated(values), ()) for share in parts])
    for name, value in stated(values).items():
        assert exact.values[name] == pytest.approx(value)


@given(amounts, amounts, st.integers(2, 9))
def test_a_mixture_scales_with_pay(one: list[int], other: list[int], times: int) -> None:
    as_is = mixed([curve(1, stated(one), ()), curve(2, stated(other), ())])
    scaled = mixed(
        [
            curve(1, stated([times * value for value in one]), ()),
            curve(2, stated([times * value for value in other]), ()),
        ]
    )
    for name, value in as_is.values.items():
        assert scaled.values[name] == pytest.approx((value or 0) * times)


def test_what_rests_on_a_capped_percentile_is_at_least_that_much() -> None:
    capped = stated([90_000, 120_000, 180_000, 239_200, 239_200])
    plain = stated([60_000, 80_000, 100_000, 130_000, 170_000])
    parts = [curve(0.5, capped, ("p75", "p90")), curve(0.5, plain, ())]
    found = mixed(parts)
    assert found.at_least == ("p75", "p90")
    assert (found.values["p90"] or 0) <= 239_200.01
    # Below what is capped, the mixture is what it would be if nothing were.
    uncapped = stated([90_000, 120_000, 180_000, 300_000, 400_000])
    exact = mixed([curve(0.5, uncapped, ()), curve(0.5, plain, ())])
    for name in ("p10", "p25", "p50"):
        assert found.values[name] == pytest.approx(exact.values[name])


def test_equal_percentiles_are_mixed_too() -> None:
    flat: Curve = curve(1, stated([100_000] * 5), ())
    found = mixed([flat, curve(1, stated([50_000] * 5), ())])
    assert found.values["p25"] == pytest.approx(50_000, rel=1e-4)
    assert found.values["p90"] == pytest.approx(100_000, rel=1e-4)
