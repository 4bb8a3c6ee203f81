"""What counts as a disagreement: more than the estimate, or outside it; never what is equal."""

import pytest

from paycite.estimate.disagreement import of_figures, pays_more
from paycite.model.answer import Interval, Range
from support.invented import band


def range_of(low: int, high: int | None) -> Range:
    return Range.of(Interval(min=low, max=high))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((100_000, 200_000), (100_000, 200_000), False),
        ((100_001, 200_000), (100_000, 200_000), True),
        ((100_000, 200_001), (100_000, 200_000), True),
        ((100_000, None), (100_000, None), False),
        ((100_001, None), (100_000, None), True),
        ((100_000, None), (100_000, 200_000), True),
        ((100_000, 200_000), (100_000, None), False),
    ],
)
def test_a_range_pays_more_only_if_an_end_is_above_the_other(
    one: tuple[int, int | None], other: tuple[int, int | None], expected: bool
) -> None:
    assert pays_more(range_of(*one), range_of(*other)) is expected


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
