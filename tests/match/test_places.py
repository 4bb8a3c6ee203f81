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

from paycite import seeds
from paycite.match import Vocabulary
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Metro
from paycite.seeds import SeedError
from paycite.settings import ROOT
from support.servers import SEEDS

LABELED = ROOT / "tests" / "labeled" / "places_tuned.csv"
SHARED = os.environ.get("PAYCITE_SHARED_DATA", "")
list_all: Callable[[], list[dict[str, Any]]] = zipcodes.list_all
ZIPS = [
    entry
    for entry in list_all()
    if entry["active"] and entry["zip_code_type"] != "MILITARY" and entry["city"] != "Apo"
]


def outcome(names: Vocabulary, text: str) -> str:
    """The id that is read; what may be meant, after a `?`; nothing for no place."""
    try:
        return names.metro(text)[0].id
    except Refusal as refusal:
        (fault,) = refusal.faults
        return "?" + "|".join(fault.suggestions) if fault.type == "ambiguous-metro" else ""


def touches(metro: Metro, state: str) -> bool:
    return state == metro.state or state in metro.name.rpartition(", ")[2].split("-")


def labeled() -> Iterator[tuple[str, str]]:
    with LABELED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["text"], row["metro"]


def test_places_are_read_as_they_are_labeled(names: Vocabulary) -> None:
    wrong = {}
    for text, expected in labeled():
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


def refused(names: Vocabulary, text: str) -> tuple[str, str, tuple[str, ...]]:
    """The type, the detail and the suggestions of the refusal."""
    with pytest.raises(Refusal) as refusal:
        names.metro(text)
    (fault,) = refusal.value.faults
    return fault.type, fault.detail, fault.suggestions


def test_a_code_that_is_called_one_of_an_area_is_no_zip_code(
    names: Vocabulary, snapshot: Snapshot
) -> None:
    for metro in snapshot.metros.values():
        for code in metro.cbsa_codes if metro.kind == "metro" else ():
            for label in ("CBSA", "MSA", "Metro Area", "CBSA code:"):
                read, match = names.metro(f"{label} {code}")
                assert (read.id, match.method, match.alternatives) == (metro.id, "code", ())
    _, detail, suggestions = refused(names, "CBSA 78701")
    assert (detail, suggestions) == (
        "No ZIP code, CBSA code or area code is 'CBSA 78701'.",
        (),
    )


@pytest.mark.parametrize("text", ["Boston, New York", "New York, Boston", "Boston New York"])
def test_two_great_cities_are_not_a_village_of_a_state(names: Vocabulary, text: str) -> None:
    type_, _, suggestions = refused(names, text)
    assert (type_, suggestions) == ("ambiguous-metro", ("boston-ma", "nyc"))
    assert names.metro("Boston, NY")[0].id == "buffalo-ny"


@pytest.mark.parametrize(
    "text",
    [
        f"{direction} {state}"
        for direction in ("Western", "East", "Central", "Upper")
        for state in ("Texas", "Pennsylvania", "New York", "Washington")
    ],
)
def test_a_part_of_a_state_is_refused_with_the_state(names: Vocabulary, text: str) -> None:
    type_, detail, (state,) = refused(names, text)
    assert (type_, detail) == ("unknown-metro", f"No place is called {text!r}.")
    assert state in ("texas", "pennsylvania", "new-york-state", "washington-state")


@pytest.mark.parametrize("text", ["Westside", "Sandia", "East Texas", "Jersey Shore", "Midwest"])
def test_a_village_with_the_name_of_a_region_is_read_with_its_state_only(
    names: Vocabulary, snapshot: Snapshot, text: str
) -> None:
    assert refused(names, text)[0] == "unknown-metro"
    states = {place.state for place in snapshot.places if text.lower() in place.names}
    for state in states:
        assert touches(names.metro(f"{text}, {state}")[0], state)
    assert states


def test_a_part_of_a_city_is_read_as_its_metro_unless_it_is_a_place(names: Vocabulary) -> None:
    assert names.metro("North Austin")[0].id == "austin-tx"
    assert names.metro("North Charleston")[0].id == "charleston-sc"
    assert refused(names, "North Charleston, WV")[2] == ("charleston-sc",)


def test_a_plural_is_no_typing_error(names: Vocabulary) -> None:
    for text, suggestion in (("Americas", "us"), ("Nashvilles", "nashville-tn")):
        type_, _, suggestions = refused(names, text)
        assert (type_, suggestions[0]) == ("unknown-metro", suggestion)


def test_a_county_is_not_read_as_a_city_of_its_name(names: Vocabulary) -> None:
    type_, _, suggestions = refused(names, "Jefferson County")
    assert (type_, "jefferson-city-mo" in suggestions) == ("ambiguous-metro", False)
    assert refused(names, "Lake Havasu County")[0] == "unknown-metro"


@pytest.mark.parametrize(
    ("text", "metro"),
    [("Austin, CA", "austin-tx"), ("Irving, CA", "dallas-tx"), ("Irvine, TX", "los-angeles-ca")],
)
def test_a_city_of_another_state_is_not_altered_into_one_that_is_like_it(
    names: Vocabulary, text: str, metro: str
) -> None:
    _, detail, suggestions = refused(names, text)
    assert "there is one of the name elsewhere" in detail
    assert suggestions == (metro,)


@pytest.mark.parametrize("text", ["Dublin, Ireland", "Midwest", "London", "EMEA", "Gulf Coast"])
def test_what_nothing_is_like_is_refused_without_suggestions(names: Vocabulary, text: str) -> None:
    assert refused(names, text) == ("unknown-metro", f"No metro is called {text!r}.", ())


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("Bay Area", ()),
        ("Greater Boston", ()),
        ("Denver Metropolitan Area", ()),
        ("Austin Area", ()),
        ("New York", ("new-york-state",)),
        ("Manhattan", ("manhattan-ks",)),
    ],
)
def test_only_what_a_person_may_mean_is_an_alternative(
    names: Vocabulary, text: str, alternatives: tuple[str, ...]
) -> None:
    assert names.metro(text)[1].alternatives == alternatives


@pytest.mark.parametrize(
    "beside",
    [" +3 locations", " (and 5 others)", " (+1 other)", " - onsite 3 days/week", " (EST)", " +2"],
)
def test_what_stands_beside_a_place_is_not_read(names: Vocabulary, beside: str) -> None:
    for place in ("Austin, TX", "Travis County, TX", "78701"):
        metro, match = names.metro(place + beside)
        assert (metro.id, match.score, match.query) == ("austin-tx", 100, place + beside)


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
        ("counties.csv", "TX,Nowhere County,9999999", "not in metros.csv"),
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
