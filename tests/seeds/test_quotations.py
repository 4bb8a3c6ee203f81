"""A quotation and the type of its figure must agree."""

from pathlib import Path

import pytest

from paycite.seeds.files import Row, SeedError
from paycite.seeds.quotations import refuse_other_units
from support.invented import band


def check(as_published: str, bound: str, high: int | None) -> None:
    figure = band("a", 300_000, high, as_published=as_published, bound=bound)
    refuse_other_units({figure.id: (Row(Path("figures.csv"), 2, {}), figure)})


@pytest.mark.parametrize(
    "words", ["over $300,000", "Over 300,000", "more than $300,000", "well past $300,000 in base"]
)
def test_a_figure_quoted_as_a_minimum_is_not_exact(words: str) -> None:
    check(words, "over", None)
    with pytest.raises(SeedError, match="has bound over, not exact"):
        check(words, "exact", 300_000)


@pytest.mark.parametrize(
    ("words", "bound"), [("about $300,000", "about"), ("up to $300,000", "up-to")]
)
def test_a_figure_quoted_as_approximate_or_capped_is_not_exact(words: str, bound: str) -> None:
    check(words, bound, 300_000)
    with pytest.raises(SeedError, match=f"has bound {bound}, not exact"):
        check(words, "exact", 300_000)


def test_an_exact_quotation_is_not_a_minimum() -> None:
    check("$300,000", "exact", 300_000)
    with pytest.raises(SeedError, match="does not say 'over'"):
        check("$300,000", "over", None)
