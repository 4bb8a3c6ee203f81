"""What counts as a disagreement: what reaches outside the estimate, never what is equal."""

import pytest

from paycite.estimate.disagreement import of_figures
from paycite.model.answer import Interval, Range
from support.invented import band


def range_of(low: int, high: int | None) -> Range:
    return Range.of(Interval(min=low, max=high))


@pytest.mark.parametrize(
    ("low", "high", "disagrees"),
    [
        (100_000, 200_000, False),
        (120_000, 180_000, False),
        (99_999, 200_000, True),
        (100_000, 200_001, True),
        (100_000, None, True),
    ],
)
def test_a_figure_disagrees_only_if_it_reaches_outside_the_estimate(
    low: int, high: int | None, disagrees: bool
) -> None:
    bound = "exact" if high else "over"
    claim = band("a", low, high, topic="pay-claim", bound=bound)
    assert bool(list(of_figures(range_of(100_000, 200_000), [claim]))) is disagrees
