"""No combination of published statistics leaves what fewer than five employers contribute."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from paycite.dataset.differencing import PublishedSets, employers_of


def contributions(*employers: int, version: int = 0) -> frozenset[int]:
    return frozenset(one << 32 | version for one in employers)


def numbered(first: int, last: int) -> frozenset[int]:
    return contributions(*range(first, last))


def isolates(published: list[frozenset[int]], new: frozenset[int]) -> bool:
    sets = PublishedSets()
    for one in published:
        sets.add(one)
    return sets.isolate(new)


WHOLE, ENTRY, MID = numbered(0, 10), numbered(0, 6), numbered(6, 10)


def test_parts_of_an_earlier_whole_are_compared_with_it_together() -> None:
    assert isolates([WHOLE, ENTRY], numbered(6, 11))
    assert not isolates([WHOLE, ENTRY], MID)  # it follows from them already
    assert not isolates([WHOLE, ENTRY], numbered(6, 15))


def test_a_whole_is_compared_with_earlier_parts() -> None:
    assert isolates([ENTRY, MID], numbered(0, 11))
    assert not isolates([ENTRY, MID], numbered(0, 15))


def test_an_employer_counts_once_in_all_that_it_contributes() -> None:
    more = frozenset(100 << 32 | place for place in range(8))
    assert isolates([WHOLE], WHOLE | more)


def test_what_was_published_in_between_is_taken_away() -> None:
    """Five joined, of whom four are in another part that is published."""
    assert isolates([WHOLE, numbered(0, 15), MID | numbered(11, 15)], ENTRY)
    assert not isolates([WHOLE], numbered(0, 15))


def test_a_set_is_compared_through_others_that_do_not_overlap_with_it() -> None:
    """Denver less mid, and Seattle, all of which is mid: one placement in Denver."""
    mid, seattle = numbered(0, 12), numbered(6, 12)
    assert isolates([mid, seattle], numbered(0, 6) | contributions(20))
    assert isolates([mid, numbered(0, 6) | contributions(20)], seattle)


def test_the_nearest_of_many_sets_are_compared() -> None:
    others = [numbered(first, first + 10) for first in range(100, 2_100, 10)]
    assert isolates([*others, WHOLE, ENTRY, *others], numbered(6, 11))


@given(
    released=st.lists(
        st.frozensets(st.integers(0, 14), min_size=5, max_size=15), min_size=2, max_size=6
    )
)
def test_no_published_sum_or_difference_leaves_fewer_than_five_employers(
    released: list[frozenset[int]],
) -> None:
    sets, published = PublishedSets(), []
    for one in released:
        new = contributions(*one)
        if not sets.isolate(new):
            sets.add(new)
            published.append(new)
    assert published
    everyone = frozenset[int]().union(*published)
    for signs in product((-2, -1, 0, 1, 2), repeat=len(published)):
        left = [
            one
            for one in everyone
            if sum(sign for sign, some in zip(signs, published, strict=True) if one in some)
        ]
        assert not left or len(employers_of(left)) >= 5


@given(
    released=st.lists(st.frozensets(st.integers(0, 11), min_size=5), min_size=2, max_size=4),
)
def test_only_what_would_isolate_employers_is_withheld(released: list[frozenset[int]]) -> None:
    """Someone can find the combination: of sets whose difference has few employers."""
    sets = PublishedSets()
    first, second = (contributions(*one) for one in released[:2])
    sets.add(first)
    assert sets.isolate(second) == (1 <= len(first ^ second) < 5)
