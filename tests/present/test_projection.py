"""Places on the map lie where the projection's author says."""

import pytest

from paycite.present.chart.projection import _Cone, project


def test_the_cone_agrees_with_the_example_of_its_source() -> None:
    # Snyder, Map Projections: A Working Manual, numerical examples: Albers, sphere of radius 1.
    x, y = _Cone(29.5, 45.5, -96, 23).project(-75, 35)
    assert (x, -y) == pytest.approx((0.2952720, 0.2416774), abs=1e-7)


def test_alaska_and_hawaii_lie_below_the_southwest() -> None:
    san_diego, honolulu, anchorage = (
        project(longitude, latitude)
        for longitude, latitude in ((-117.2, 32.7), (-157.9, 21.3), (-149.9, 61.2))
    )
    for right, down in (honolulu, anchorage):
        assert -0.45 < right < -0.15 and down > san_diego[1]
