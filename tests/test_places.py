import csv
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zipcodes
from hypothesis import given
from hypothesis import strategies as st

from conftest import SEEDS
from service import seeds
from service.match import Vocabulary
from service.model.problem import Refusal
from service.model.snapshot import Snapshot
from service.model.vocabulary import Metro
from service.seeds import SeedError

LABELLED = Path(__file__).parent / "labelled" / "places_tuned.csv"
SHARED = os.environ.get("PAYCITE_SHARED_DATA", "")
list_all: Callable[[], list[dict[str, Any]]] = zipcodes.list_all
ZIPS = [
    entry
    for entry in list_all()
    if entry["active"] and entry["zip_code_type"] != "MILITARY" and entry["city"] != "Apo"
]


@pytest.fixture(scope="module")
def names(snapshot: Snapshot) -> Vocabulary:
    return Vocabulary(snapshot)


def outcome(names: Vocabulary, text: str) -> str:
    """The id that is read; what may be meant, after a `?`; nothing for no place."""
    try:
        return names.metro(text)[0].id
    except Refusal as refusal:
        (fault,) = refusal.faults
        return "?" + "|".join(fault.suggestions) if fault.type == "ambiguous-metro" else ""


def touches(metro: Metro, state: str) -> bool:
    return state == metro.state or state in metro.name.rpartition(", ")[2].split("-")


def labelled() -> Iterator[tuple[str, str]]:
    with LABELLED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["text"], row["metro"]


def test_places_are_read_as_they_are_labelled(names: Vocabulary) -> None:
    wrong = {}
    for text, expected in labelled():
        got = outcome(names, text)
        candidates = set(got.removeprefix("?").split("|"))
        is_refused_with_them = (
            expected.startswith("?")
            and got.startswith("?")
            and set(expected[1:].split("|")) <= candidates
        )
        if got != expected and not is_refused_with_them:
            wrong[text] = (expected, got)
    assert wrong == {}


def test_a_zip_code_is_read_as_an_area_of_its_state(names: Vocabulary, snapshot: Snapshot) -> None:
    states = {metro.state for metro in snapshot.metros.values() if metro.kind == "state"}
    codes = {metro.cbsa_codes[0] for metro in snapshot.metros.values() if metro.kind == "metro"}
    without_area = Counter[str]()
    for entry in ZIPS:
        code, state = entry["zip_code"], entry["state"]
        if (
            state not in states
            or code == "88888"
            or entry["city"] in ("Dpo", "Parcel Return Service")
        ):
            continue
        text = f"ZIP {code}" if code in codes else code  # a bare CBSA code is that
        metro, match = names.metro(text)
        assert (touches(metro, state), match.method) == (True, "code"), entry
        if metro.kind == "state" and state not in ("GU", "VI"):
            without_area[entry["zip_code_type"]] += 1
    # Their county is that of another state, or not stated, and so is that of their city.
    assert without_area["STANDARD"] <= 4
    assert without_area.total() <= 20


def test_a_code_of_an_area_goes_before_a_zip_code_and_tells_it(names: Vocabulary) -> None:
    metro, match = names.metro("10580")
    assert (metro.id, match.method, match.alternatives) == ("albany-ny", "code", ("nyc",))
    assert names.metro("Rye, NY 10580")[0].id == "nyc"


def test_a_zip_code_that_lost_its_zero_is_read_as_an_error(names: Vocabulary) -> None:
    metro, match = names.metro("2139")
    assert (metro.id, match.method) == ("boston-ma", "fuzzy")


def test_every_city_and_county_is_read_in_its_state(names: Vocabulary, snapshot: Snapshot) -> None:
    for place in snapshot.places:
        if place.kind == "zip":
            continue
        for name in place.names[:3]:
            try:
                metro, match = names.metro(f"{name}, {place.state}")
            except Refusal as refusal:
                (fault,) = refusal.faults
                assert (fault.type, place.geography in fault.suggestions) == (
                    "ambiguous-metro",
                    True,
                ), name
            else:
                assert touches(metro, place.state), name
                assert place.kind == "county" or place.geography in (metro.id, *match.alternatives)


def test_a_place_that_is_in_two_areas_is_where_most_of_it_is(names: Vocabulary) -> None:
    metro, match = names.metro("Fairfield County, CT")
    assert (metro.id, "waterbury-ct" in match.alternatives) == ("bridgeport-ct", True)


def test_a_place_that_outnumbers_its_namesakes_tells_them(names: Vocabulary) -> None:
    metro, match = names.metro("Plano")
    assert metro.id == "dallas-tx"
    assert match.alternatives
    assert "dallas-tx" not in match.alternatives


def test_many_places_of_one_name_are_told_a_few_with_what_to_add(names: Vocabulary) -> None:
    with pytest.raises(Refusal) as refusal:
        names.metro("Washington County")
    (fault,) = refusal.value.faults
    assert len(fault.suggestions) == 8
    assert "more. Ask with one of them, or add the state" in fault.detail


def test_a_city_of_another_state_is_refused_with_that(names: Vocabulary) -> None:
    with pytest.raises(Refusal) as refusal:
        names.metro("Scottsdale, WA")
    (fault,) = refusal.value.faults
    assert (fault.type, fault.suggestions[0]) == ("unknown-metro", "phoenix-az")


def test_an_unknown_number_is_refused_as_a_number(names: Vocabulary) -> None:
    with pytest.raises(Refusal) as refusal:
        names.metro("99999")
    (fault,) = refusal.value.faults
    assert (fault.type, fault.detail) == (
        "unknown-metro",
        "No ZIP code, CBSA code or area code is '99999'.",
    )


PASTED = ("austin", "tx", "or", "78701", "-", ",", "/", "(", ")", "remote", "county", "portland")
MORE = ("new york", "in", "us", "2139", "st.", "springfield", "co", "of", "city", ";", "é", "and")


@given(
    text=st.text(max_size=200) | st.lists(st.sampled_from(PASTED + MORE), max_size=12).map(" ".join)
)
def test_any_text_is_a_place_or_is_refused_with_reason(names: Vocabulary, text: str) -> None:
    try:
        metro, match = names.metro(text)
    except Refusal as refusal:
        (fault,) = refusal.faults
        assert fault.type in ("ambiguous-metro", "unknown-metro")
        assert len(fault.suggestions) != 1 or fault.type == "unknown-metro"
    else:
        assert (match.id, match.query) == (metro.id, text)
        assert metro.id not in match.alternatives


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("counties.csv", "TX,Nowhere County,9999999", "no area of metros.csv"),
        ("counties.csv", "TX,Travis County,0012420", "duplicate `county`"),
        ("towns.csv", "CT,Nowhere,Nowhere Planning Region,", "is not in counties.csv"),
    ],
)
def test_a_county_or_town_without_an_area_is_refused(
    tmp_path: Path, file: str, row: str, reason: str
) -> None:
    garden = Path(shutil.copytree(SEEDS, tmp_path / "seeds"))
    with (garden / file).open("a", encoding="utf-8") as seed:
        seed.write(f"{row}\n")
    with pytest.raises(SeedError, match=reason):
        seeds.read(garden)


# Facts of others, which are not part of the project: the delineation of 2023, in which Connecticut
# has counties.


def facts(file: str, columns: str) -> list[tuple[str, str, str]]:
    """Rows of text, state and CBSA code."""
    path = Path(SHARED, file)
    if not SHARED or not path.exists():
        pytest.skip(f"{file} is not in the folder PAYCITE_SHARED_DATA")
    query = f"select {columns}, state, lpad(cbsa::varchar, 5, '0') from '{path}'"
    return duckdb.execute(query).fetchall()


@pytest.mark.parametrize(
    ("file", "columns"),
    [("city_to_cbsa.parquet", "city || ', ' || state"), ("zip_to_cbsa.parquet", "'ZIP ' || zip")],
)
def test_places_are_read_as_the_census_bureau_delineates_them(
    names: Vocabulary, snapshot: Snapshot, file: str, columns: str
) -> None:
    metros = {m.cbsa_codes[0]: m.id for m in snapshot.metros.values() if m.kind == "metro"}
    rows = [row for row in facts(file, columns) if row[1] != "CT"]
    wrong = []
    for text, _, code in rows:
        got = outcome(names, text)
        kind = snapshot.metros[got].kind if got in snapshot.metros else None
        # A micropolitan area is part of a nonmetropolitan area in these statistics.
        is_right = got == metros[code] if code in metros else kind == "nonmetro"
        if not is_right:
            wrong.append((text, code, got))
    assert len(wrong) < 0.005 * len(rows), wrong
