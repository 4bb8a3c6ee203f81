"""An employer is one in all its spellings, and two employers are two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycite.match.employers import group_spellings, list_near, normalize

ONE = [
    ("Blue Heron Foods", "BLUE HERON FOODS, INC."),
    ("Blue Heron Foods", "The Blue Heron Foods Group"),
    ("Blue Heron Foods", "BlueHeron Foods Holdings LLC"),
    ("Blue Heron Foods", "Blue Heron Foods (formerly Egret)"),
    ("Blue Heron Foods", "Blue Heron Foods \N{EN DASH} Toledo branch"),
    ("Blue Heron Foods", "Blue Heron Foods #0042"),
    ("Blue Heron Foods", "Blue Heron Foods, Store 7"),
    ("Blue Heron Foods", "BHF Partners d/b/a Blue Heron Foods"),
    ("Blue Heron Foods", "Blu\N{CYRILLIC SMALL LETTER IE} H\N{CYRILLIC SMALL LETTER IE}ron Foods"),
    ("Blue Heron Foods", "Blue Heron F00ds"),
    ("Blue Heron Foods", "Blue Heron\N{ZERO WIDTH SPACE} F\u00f6ods"),
    ("Blue Heron Foods", "Blue Heorn Foods"),
    ("Johnson & Marsh", "Johnson and Marsh"),
]
TWO = [
    ("Client 12", "Client 13"),
    ("North River Bank", "South River Bank"),
    ("Acme", "Acne"),
    ("Holdings Group", "Group Inc"),
    ("Ohio Department of Health", "Ohio Department of Labor"),
]


@pytest.mark.parametrize("names", ONE)
def test_spellings_of_one_employer_are_one(names: tuple[str, str]) -> None:
    assert len(set(group_spellings(names).values())) == 1


@pytest.mark.parametrize("names", TWO)
def test_other_employers_are_others(names: tuple[str, str]) -> None:
    assert len(set(group_spellings(names).values())) == 2


@pytest.mark.parametrize("name", ["", "N/A", "-", "Confidential", "unknown", "(none)"])
def test_no_name_is_no_employer(name: str) -> None:
    assert normalize(name) == ()
    assert group_spellings([name]) == {}


def test_only_names_that_differ_in_letters_are_listed() -> None:
    names = ["Acme Robotics", "Acme Robotics, Inc.", "Acme Robotiks", "Other"]
    assert list_near(names) == [("Acme Robotics", "Acme Robotiks")]


@given(st.lists(st.text(max_size=50), max_size=12), st.randoms())
def test_the_order_of_names_changes_nothing(names: list[str], draw: object) -> None:
    shuffled = sorted(names, key=lambda _: draw.random())  # type: ignore[attr-defined]
    assert group_spellings(names) == group_spellings(shuffled)
