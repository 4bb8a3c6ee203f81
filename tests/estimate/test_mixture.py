from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycite.estimate.mixture import Curve, curve, mixed
from paycite.model.distribution import PERCENTILES, PROBABILITIES, Percentile
from support.bisection import bisected

amounts = st.lists(st.integers(20_000, 400_000), min_size=5, max_size=5, unique=True).map(sorted)
shares = st.integers(1, 99)


def stated(values: list[int]) -> Mapping[Percentile, float | None]:
    return dict(zip(PERCENTILES, map(float, values), strict=True))


@pytest.mark.slow
@settings(max_examples=50)
@given(st.lists(st.tuples(shares, amounts), min_size=2, max_size=3))
def test_a_mixture_has_the_percentiles_that_bisection_finds(
    parts: list[tuple[int, list[int]]],
) -> None:
    exact = mixed([curve(share, stated(values), ()) for share, values in parts])
    assert exact.capped == ()
    for name, probability in PROBABILITIES.items():
        value = exact.values[name]
        assert value is not None
        # Where the distributions leave a gap, every pay in it is the percentile.
        low, high = (bisected(parts, probability + error) for error in (-1e-6, 1e-6))
        assert low * 0.995 <= value <= high * 1.005, (name, low, value, high)


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
    capped = [90_000, 120_000, 180_000, 239_200, 239_200]
    for plain in ([60_000, 80_000, 100_000, 130_000, 170_000], [150, 220, 300, 400, 500]):
        other = curve(1, stated([pay * 1000 if pay < 1000 else pay for pay in plain]), ())
        found = mixed([curve(1, stated(capped), ("p75", "p90")), other])
        assert found.capped in (("p75", "p90"), ("p50", "p75", "p90"))
        # Whatever is behind the cap, the mixture has no less.
        for top in ((239_200, 239_201), (239_200, 900_000), (300_000, 400_000)):
            exact = mixed([curve(1, stated([*capped[:3], *top]), ()), other])
            for name, value in exact.values.items():
                known = found.values[name]
                assert value and known
                if name in found.capped:
                    assert known <= value * (1 + 1e-6)
                else:
                    assert known == pytest.approx(value)


def test_equal_percentiles_are_mixed_too() -> None:
    flat: Curve = curve(1, stated([100_000] * 5), ())
    found = mixed([flat, curve(1, stated([50_000] * 5), ())])
    assert found.values["p25"] == pytest.approx(50_000, rel=1e-4)
    assert found.values["p90"] == pytest.approx(100_000, rel=1e-4)
