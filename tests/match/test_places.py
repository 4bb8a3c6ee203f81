import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycite import seeds
from paycite.match import Vocabulary
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Metro
from paycite.seeds import SeedError
from paycite.settings import ROOT
from support.folders import shared_file
from support.questions import read_faults
from support.servers import SEEDS

LABELED = ROOT / "tests" / "labeled" / "places_tuned.csv"
with (SEEDS / "areas.csv").open(encoding="utf-8", newline="") as opened:
    AREAS = list(csv.DictReader(opened))


def parse(names: Vocabulary, text: str) -> str:
    """The id that is read; what may be meant, after a `?`; nothing for no place."""
    try:
        return names.parse_metro(text)[0].id
    except Refusal as refusal:
        (fault,) = refusal.faults
        return "?" + "|".join(fault.suggestions) if fault.type == "ambiguous-metro" else ""


def touches(metro: Metro, state: str) -> bool:
    return state == metro.state or state in metro.name.rpartition(", ")[2].split("-")


def labeled() -> Iterator[tuple[str, str]]:
    with LABELED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["text"], row["metro"]


def test_labeled_places_are_parsed_as_labeled(names: Vocabulary) -> None:
    wrong = {}
    for text, expected in labeled():
        got = parse(names, text)
        candidates = set(got.removeprefix("?").split("|"))
        is_refused_with_them = (
            expected.startswith("?")
            and got.startswith("?")
            and set(expected[1:].split("|")) <= candidates
        )
        if got != expected and not is_refused_with_them:
            wrong[text] = (expected, got)
    assert wrong == {}


def test_a_place_and_its_abbreviation_are_the_same(names: Vocabulary) -> None:
    park = ("RTP", "RTP, NC", "Research Triangle Park", "Research Triangle Park, NC")
    assert {parse(names, text) for text in park} == {"durham-nc"}
    assert parse(names, "RDU") == parse(names, "Research Triangle") == "research-triangle"


def test_the_name_of_a_region_is_not_corrected_into_another(names: Vocabulary) -> None:
    for text in ("Silicon Alley", "Silicon Alley, NY"):
        metro, match = names.parse_metro(text)
        assert (metro.id, match.method) == ("nyc", "alias"), text
    assert parse(names, "Silicon Allee") == ""  # Berlin
    assert parse(names, "Silicon Valey") == "san-jose-ca"


@pytest.mark.slow
def test_a_zip_code_gives_its_area_in_its_state(names: Vocabulary, snapshot: Snapshot) -> None:
    areas = {area["code"] for area in AREAS}
    for place in snapshot.places:
        for code in place.names if place.kind == "zip" else ():
            # A bare code of an area is that.
            metro, match = names.parse_metro(f"ZIP {code}" if code in areas else code)
            assert (metro.id, match.method) == (place.geography, "code"), code
            assert touches(metro, place.state), code


def zips_of(snapshot: Snapshot) -> dict[str, str]:
    return {
        code: place.geography
        for place in snapshot.places
        if place.kind == "zip"
        for code in place.names
    }


def test_every_code_and_title_since_2019_leads_to_its_area(
    names: Vocabulary, snapshot: Snapshot
) -> None:
    zips = zips_of(snapshot)
    for area in AREAS:
        code = area["code"]
        metro, match = names.parse_metro(code)
        of_zip = {zips[code]} - {metro.id} if code in zips else set()
        assert (metro.id, match.method) == (area["metro"], "code"), code
        assert set(match.alternatives) == of_zip, code
        assert parse(names, f"00{code}") == parse(names, area["title"]) == area["metro"], area


def test_a_title_without_its_states_leads_to_its_area_or_is_refused_with_it(
    names: Vocabulary,
) -> None:
    for area in AREAS:
        cities = area["title"].rpartition(", ")[0]
        try:
            metro, match = names.parse_metro(cities)
        except Refusal as refusal:
            (fault,) = refusal.faults
            assert fault.type == "ambiguous-metro", area
            assert "-" not in cities or cities == "Grand Rapids-Wyoming", area  # also a state
            assert area["metro"] in fault.suggestions, area
        else:
            assert area["metro"] in (metro.id, *match.alternatives), area


@given(
    area=st.sampled_from(AREAS),
    filler=st.sampled_from(
        ["", " MSA", " NECTA", " Metropolitan Division", " Metropolitan Statistical Area"]
    ),
    data=st.data(),
)
def test_the_first_city_and_one_of_the_states_of_a_title_decide(
    names: Vocabulary, area: dict[str, str], filler: str, data: st.DataObject
) -> None:
    cities, _, states = area["title"].rpartition(", ")
    of_metro = names.parse_metro(area["metro"])[0]
    state = data.draw(st.sampled_from([s for s in states.split("-") if touches(of_metro, s)]))
    text = f"{cities}, {state}{filler}" if "-" in cities else f"{area['title']}{filler}"
    assert parse(names, text) == area["metro"], text


def test_an_area_code_wins_over_a_zip_code_which_is_an_alternative(names: Vocabulary) -> None:
    metro, match = names.parse_metro("10580")
    assert (metro.id, match.method, match.alternatives) == ("albany-ny", "code", ("nyc",))
    assert names.parse_metro("Rye, NY 10580")[0].id == "nyc"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Work arrangements are not places.
        ("Onsite or Hybrid", ""),
        ("Hybrid OK", ""),
        ("in-office", ""),
        ("In person", ""),
        ("Remote or Hybrid", "us"),
        ("remote ok", "us"),
        ("Remote-OK", "us"),
        ("Hybrid-OK", ""),
        ("Remote - OK", "oklahoma"),
        ("Remote-Friendly, United States", "us"),
        ("Remote-Friendly (Travel-Required) | San Francisco, CA", "san-francisco-ca"),
        ("Austin, TX 78701•Hybrid work", "austin-tx"),
        ("US Virtual", "us"),
        ("Virtual Location - Florida", "florida"),
        ("Tulsa, OK (hybrid ok)", "tulsa-ok"),
        ("Salem, OR or remote", "salem-or"),
        ("Seattle, WA (or hybrid)", "seattle-wa"),
        ("Remote in the US or Mexico", "us"),
        ("Onsite 3 days per week", ""),
        ("Remote (US, Mountain Time zone)", "us"),
        ("Remote (US time zones)", "us"),
        ("Remote (EU timezones)", ""),
        ("Remote but must be based in the US", "us"),
        ("Dayton, OH (hybrid, 2-3 days in office, Mon/Wed)", "dayton-oh"),
        # Remote work in states is those states, not their cities.
        ("Remote in NY", "new-york-state"),
        ("Remote (NM only)", "new-mexico"),
        ("REMOTE IN OREGON", "oregon"),
        ("Remote - Buffalo, NY", "buffalo-ny"),
        ("Remote, New York, NY", "nyc"),
        ("Remote: UT, NV or ID", "?utah|nevada|idaho"),
        ("Remote, LA", "?louisiana|los-angeles-ca"),
        ("Remote (US/CA)", "?us|california"),
        ("US-CA-Remote", "california"),
        ("US, CA, Remote", "california"),
        ("Remote, US, CA", "?us|california"),
        # State codes that are words need capitals, or a place beside them.
        ("hi", ""),
        ("Or", ""),
        ("OH", "ohio"),
        ("salem, or", "salem-or"),
        # Codes and titles of earlier delineations.
        ("75700", "new-haven-ct"),
        ("0070750", "bangor-me"),
        ("CBSA 41900", "mayaguez-pr"),
        ("Cleveland-Elyria, OH", "cleveland-oh"),
        ("Providence-Warwick, RI-MA NECTA", "providence-ri"),
        ("Houston-Sugar Land-Baytown, TX", "houston-tx"),
        # ZIP codes without zeros, and codes of sites.
        ("Hartford, CT 6103", "hartford-ct"),
        ("ATX12 - Austin, TX", "austin-tx"),
        ("US-CO-DENVER-FLOOR 3", "denver-co"),
        ("United States of America, California, San Francisco", "san-francisco-ca"),
        ("Santa Clara Valley (Cupertino), California, United States", "san-jose-ca"),
        ("60601.0", "chicago-il"),
        # Names that join two places.
        ("Scotch Plains-Fanwood, NJ", "nyc"),
        ("Bethesda-London, MD", ""),
        # Townships named like a place, unless one state has several.
        ("Mt. Laurel Township, NJ", "philadelphia-pa"),
        ("Plainsboro Twp, NJ", "nyc"),
        ("Lower Merion Township, PA", "philadelphia-pa"),
        ("Middletown Township, PA", ""),
        ("Edison Township", ""),
        ("Mt Laurel Township", ""),
        # Of a retired ZIP code the city decides.
        ("New York, NY 10184", "nyc"),
        ("New York, NY 99184", ""),
    ],
)
def test_places_as_files_and_advertisements_write_them(
    names: Vocabulary, text: str, expected: str
) -> None:
    assert parse(names, text) == expected


@pytest.mark.parametrize(
    "place", ["SF", "the Bay Area", "DMV", "Philly", "LA", "New York", "Washington", "78701"]
)
@pytest.mark.parametrize("lead", ["in", "In", "Based in", "onsite in", "HYBRID IN", "office near"])
def test_a_place_after_a_work_arrangement_is_read_as_it_is_alone(
    names: Vocabulary, lead: str, place: str
) -> None:
    assert parse(names, f"{lead} {place}") == parse(names, place)


def test_remote_work_that_must_be_in_a_state_is_that_state(names: Vocabulary) -> None:
    assert parse(names, "Remote (must be in CA)") == "california"


def test_two_areas_joined_by_a_hyphen_stay_two(names: Vocabulary) -> None:
    assert parse(names, "Boston-Worcester-Manchester, MA-NH") in ("", "?boston-ma|worcester-ma")


def test_a_zip_code_without_its_leading_zero_is_fuzzy(names: Vocabulary) -> None:
    metro, match = names.parse_metro("2139")
    assert (metro.id, match.method) == ("boston-ma", "fuzzy")


def test_every_city_and_county_is_found_in_its_state(names: Vocabulary, snapshot: Snapshot) -> None:
    for place in snapshot.places:
        if place.kind == "zip":
            continue
        for name in place.names[:3]:
            try:
                metro, match = names.parse_metro(f"{name}, {place.state}")
            except Refusal as refusal:
                (fault,) = refusal.faults
                assert (fault.type, place.geography in fault.suggestions) == (
                    "ambiguous-metro",
                    True,
                ), name
            else:
                assert touches(metro, place.state), name
                assert place.kind == "county" or place.geography in (metro.id, *match.alternatives)


def test_a_place_in_two_areas_belongs_to_the_one_with_most_of_it(names: Vocabulary) -> None:
    metro, match = names.parse_metro("Fairfield County, CT")
    assert (metro.id, "waterbury-ct" in match.alternatives) == ("bridgeport-ct", True)


@pytest.mark.parametrize("text", ["Westlake Village, CA", "Westlake Village"])
def test_a_city_whose_zip_codes_reach_into_another_area_lists_it(
    names: Vocabulary, text: str
) -> None:
    metro, match = names.parse_metro(text)
    assert (metro.id, match.alternatives) == ("oxnard-ca", ("los-angeles-ca",))


def test_a_dominant_place_lists_its_namesakes(names: Vocabulary) -> None:
    metro, match = names.parse_metro("Plano")
    assert metro.id == "dallas-tx"
    assert match.alternatives
    assert "dallas-tx" not in match.alternatives


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Denver/Aurora", "denver-co"),
        ("Arlington / Fort Worth", "dallas-tx"),
        ("Phoenix, Glendale", "phoenix-az"),
    ],
)
def test_an_ambiguous_place_beside_another_is_in_the_same_area(
    names: Vocabulary, text: str, expected: str
) -> None:
    metro, match = names.parse_metro(text)
    assert metro.id == expected
    assert match.alternatives  # the other places of that name


def test_an_ambiguous_place_beside_places_of_other_areas_stays_ambiguous(
    names: Vocabulary,
) -> None:
    for text in ("SF/NYC/Bellevue", "Springfield/Bellevue", "Portland/Salem"):
        assert parse(names, text).startswith("?"), text


def test_many_namesakes_are_refused_with_a_few_and_advice(names: Vocabulary) -> None:
    (fault,) = read_faults(names.parse_metro, "Washington County")
    assert len(fault.suggestions) == 8
    assert "more. Use one of these ids, or add the state" in fault.detail


def test_a_city_with_the_wrong_state_is_refused_with_the_right_one(names: Vocabulary) -> None:
    (fault,) = read_faults(names.parse_metro, "Scottsdale, WA")
    assert (fault.type, fault.suggestions[0]) == ("unknown-metro", "phoenix-az")


def test_the_start_of_a_name_is_refused_with_the_whole_name(names: Vocabulary) -> None:
    (fault,) = read_faults(names.parse_metro, "Moreno, CA")
    assert (fault.type, fault.suggestions) == ("unknown-metro", ("riverside-ca",))
    assert fault.detail == "Unknown place 'Moreno, CA'. Did you mean Moreno Valley, CA?"


def refused(names: Vocabulary, text: str) -> tuple[str, str, tuple[str, ...]]:
    """The type, the detail and the suggestions of the refusal."""
    (fault,) = read_faults(names.parse_metro, text)
    return fault.type, fault.detail, fault.suggestions


def test_a_code_labeled_as_an_area_code_is_not_a_zip_code(
    names: Vocabulary, snapshot: Snapshot
) -> None:
    for metro in snapshot.metros.values():
        for code in metro.cbsa_codes if metro.kind == "metro" else ():
            for label in ("CBSA", "MSA", "Metro Area", "CBSA code:"):
                read, match = names.parse_metro(f"{label} {code}")
                assert (read.id, match.method, match.alternatives) == (metro.id, "code", ())
    _, detail, suggestions = refused(names, "CBSA 78701")
    assert (detail, suggestions) == (
        "'CBSA 78701' is not a known ZIP code, CBSA code or area code.",
        (),
    )


@pytest.mark.parametrize("text", ["Boston, New York", "New York, Boston", "Boston New York"])
def test_two_large_cities_are_not_a_village_in_a_state(names: Vocabulary, text: str) -> None:
    type_, _, suggestions = refused(names, text)
    assert (type_, suggestions) == ("ambiguous-metro", ("boston-ma", "nyc"))
    assert names.parse_metro("Boston, NY")[0].id == "buffalo-ny"


@pytest.mark.parametrize(
    "text",
    [
        f"{direction} {state}"
        for direction in ("Western", "East", "Central", "Upper")
        for state in ("Texas", "Pennsylvania", "New York", "Washington")
    ],
)
def test_a_region_of_a_state_is_refused_with_the_state(names: Vocabulary, text: str) -> None:
    type_, detail, (state,) = refused(names, text)
    assert type_ == "unknown-metro"
    assert detail == f"{text!r} is a region without figures of its own. Use {state!r}."
    assert state in ("texas", "pennsylvania", "new-york-state", "washington-state")


@pytest.mark.parametrize("text", ["Westside", "Sandia", "East Texas", "Jersey Shore", "Midwest"])
def test_a_village_named_like_a_region_needs_its_state(
    names: Vocabulary, snapshot: Snapshot, text: str
) -> None:
    assert refused(names, text)[0] == "unknown-metro"
    states = {place.state for place in snapshot.places if text.lower() in place.names}
    for state in states:
        assert touches(names.parse_metro(f"{text}, {state}")[0], state)
    assert states


def test_a_part_of_a_city_is_its_metro_unless_it_is_a_place(names: Vocabulary) -> None:
    assert names.parse_metro("North Austin")[0].id == "austin-tx"
    assert names.parse_metro("North Charleston")[0].id == "charleston-sc"
    assert refused(names, "North Charleston, WV")[2] == ("charleston-sc",)


def test_a_plural_is_not_a_typo(names: Vocabulary) -> None:
    for text, suggestion in (("Americas", "us"), ("Nashvilles", "nashville-tn")):
        type_, _, suggestions = refused(names, text)
        assert (type_, suggestions[0]) == ("unknown-metro", suggestion)


def test_a_county_is_not_a_city_of_the_same_name(names: Vocabulary) -> None:
    type_, _, suggestions = refused(names, "Jefferson County")
    assert (type_, "jefferson-city-mo" in suggestions) == ("ambiguous-metro", False)
    assert refused(names, "Lake Havasu County")[0] == "unknown-metro"


@pytest.mark.parametrize(
    ("text", "metro"),
    [("Austin, CA", "austin-tx"), ("Irving, CA", "dallas-tx"), ("Irvine, TX", "los-angeles-ca")],
)
def test_a_city_with_the_wrong_state_is_not_corrected_into_another_city(
    names: Vocabulary, text: str, metro: str
) -> None:
    _, detail, suggestions = refused(names, text)
    assert "A place of that name is in another state." in detail
    assert suggestions == (metro,)


@pytest.mark.parametrize(
    "text", ["Dublin, Ireland", "Hong Kong (Central)", "Midwest", "London", "EMEA", "Gulf Coast"]
)
def test_a_place_abroad_or_a_region_is_refused_without_suggestions(
    names: Vocabulary, text: str
) -> None:
    assert refused(names, text) == (
        "unknown-metro",
        f"Unknown place {text!r}. Use a U.S. city, metro, state or ZIP code.",
        (),
    )


@pytest.mark.parametrize("text", ["near me", "Near me", "Remote near me"])
def test_near_me_is_not_a_state(names: Vocabulary, text: str) -> None:
    assert refused(names, text)[0] == "unknown-metro"
    assert parse(names, text.replace("me", "ME")) == "maine"


@pytest.mark.parametrize(
    ("text", "meant", "ids"),
    [
        ("Vancouver", "Did you mean Vancouver, WA?", ("portland-or",)),
        ("Hybrid, Melbourne", "Did you mean Melbourne, FL?", ("palm-bay-fl",)),
        ("Surrey", "Use a U.S. city, metro, state or ZIP code.", ()),
    ],
)
def test_a_name_known_from_abroad_is_refused_with_the_city_of_a_metro_that_has_it(
    names: Vocabulary, text: str, meant: str, ids: tuple[str, ...]
) -> None:
    assert refused(names, text) == ("unknown-metro", f"Unknown place {text!r}. {meant}", ids)


def test_a_name_known_from_abroad_is_read_with_its_state_or_metro(names: Vocabulary) -> None:
    assert parse(names, "Surrey, ND") == "minot-nd"
    assert parse(names, "Vancouver, WA") == parse(names, "Portland/Vancouver") == "portland-or"
    assert parse(names, "Palm Bay-Melbourne") == "palm-bay-fl"


@pytest.mark.parametrize(
    ("text", "metro", "score"),
    [
        ("New York, NY (Midtown)", "nyc", 99),
        ("Seattle, WA (South Lake Union)", "seattle-wa", 97),
        ("San Francisco (SoMa) - Hybrid", "san-francisco-ca", 99),
    ],
)
def test_a_parenthesis_that_names_no_place_lowers_the_score(
    names: Vocabulary, text: str, metro: str, score: float
) -> None:
    match = names.parse_metro(text)[1]
    assert (match.id, match.method, match.score) == (metro, "fuzzy", score)


@pytest.mark.parametrize(
    "text",
    [
        "Austin, TX (Bangalore)",
        "Austin, TX (London office)",
        "Austin, TX (or Hong Kong)",
        "Austin, TX (or another office, such as New York)",
        "San Jose, CA (Fremont, Elsewhere)",
        "Remote (Anywhere on Mars)",
        "Remote (EMEA)",
        "Texas (EMEA)",
    ],
)
def test_a_parenthesis_that_may_name_another_place_is_not_left_out(
    names: Vocabulary, text: str
) -> None:
    assert refused(names, text)[0] == "unknown-metro"


@pytest.mark.parametrize(
    ("text", "ids"), [("la", ("los-angeles-ca", "louisiana")), ("or", ("oregon",))]
)
def test_a_code_in_lower_case_that_may_be_a_word_is_refused_with_the_code(
    names: Vocabulary, text: str, ids: tuple[str, ...]
) -> None:
    detail = f"Unknown place {text!r}. Did you mean {text.upper()!r}?"
    assert refused(names, text) == ("unknown-metro", detail, ids)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("REMOTE (US ONLY, LA or SF a plus)", ("los-angeles-ca", "san-francisco-ca")),
        ("CHICAGO OR NYC PREFERABLY", ("chicago-il", "nyc")),
        ("Two days in some office in Tulsa", ("tulsa-ok",)),
        ("Two days somewhere, OR", ("oregon",)),
    ],
)
def test_a_word_that_joins_places_is_not_suggested_as_a_state(
    names: Vocabulary, text: str, ids: tuple[str, ...]
) -> None:
    assert refused(names, text)[2] == ids


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
def test_alternatives_are_only_what_a_person_may_mean(
    names: Vocabulary, text: str, alternatives: tuple[str, ...]
) -> None:
    assert names.parse_metro(text)[1].alternatives == alternatives


@pytest.mark.parametrize(
    "beside",
    [" +3 locations", " (and 5 others)", " (+1 other)", " - onsite 3 days/week", " (EST)", " +2"],
)
def test_text_beside_a_place_is_ignored(names: Vocabulary, beside: str) -> None:
    for place in ("Austin, TX", "Travis County, TX", "78701"):
        metro, match = names.parse_metro(place + beside)
        assert (metro.id, match.score, match.query) == ("austin-tx", 100, place + beside)


def test_an_unknown_number_is_refused_as_a_number(names: Vocabulary) -> None:
    (fault,) = read_faults(names.parse_metro, "99999")
    assert (fault.type, fault.detail) == (
        "unknown-metro",
        "'99999' is not a known ZIP code, CBSA code or area code.",
    )


PASTED = ("austin", "tx", "or", "78701", "-", ",", "/", "(", ")", "remote", "county", "portland")
MORE = ("new york", "in", "us", "2139", "st.", "springfield", "co", "of", "city", ";", "é", "and")


@given(
    text=st.text(max_size=200) | st.lists(st.sampled_from(PASTED + MORE), max_size=12).map(" ".join)
)
def test_any_text_is_parsed_or_refused_with_a_reason(names: Vocabulary, text: str) -> None:
    try:
        metro, match = names.parse_metro(text)
    except Refusal as refusal:
        (fault,) = refusal.faults
        assert fault.type in ("ambiguous-metro", "unknown-metro")
        assert len(fault.suggestions) != 1 or fault.type == "unknown-metro"
    else:
        assert (match.id, match.query) == (metro.id, text)
        assert metro.id not in match.alternatives


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("counties.csv", "TX,Nowhere County,9999999,1", "not in metros.csv"),
        ("counties.csv", "TX,Travis County,0012420,1", "duplicate `county`"),
        ("counties.csv", "TX,Nowhere County,0012420,", "not a number of ZIP codes"),
        ("zips.csv", "TX,nowhere,0012420,78700-78701", "listed before"),
        ("zips.csv", "TX,nowhere,0012420,787", "neither a ZIP code nor a range"),
        ("zips.csv", "TX,Nowhere,0012420,78700", "lower case without punctuation"),
        ("shared_cities.csv", "TX,austin,0012420", "has ZIP codes in that area"),
        ("shared_cities.csv", "CA,westlake village,0031080", "listed before"),
        ("place_names.csv", "zip,TX,nowhere,0012420,1", "`kind` is city or county"),
        ("metro_points.csv", "nowhere-tx,30,-97", "unknown or repeated"),
        ("areas.csv", '99999,"Nowhere, TX",May 2019,May 2020,nowhere-tx', "unknown `metro`"),
        ("areas.csv", '12420,"Nowhere, TX",May 2019,May 2020,dallas-tx', "above"),
        ("areas.csv", '1242,"Nowhere, TX",May 2019,May 2020,austin-tx', "five digits"),
        ("geography.toml", '[nowhere]\npublisher = "a"', "missing required field"),
        ("towns.csv", "CT,Nowhere,Nowhere Planning Region,", "is not in counties.csv"),
    ],
)
def test_a_broken_seed_of_places_is_refused(
    own_seeds: Path, file: str, row: str, reason: str
) -> None:
    with (own_seeds / file).open("a", encoding="utf-8") as seed:
        seed.write(f"{row}\n")
    with pytest.raises(SeedError, match=reason):
        seeds.read(own_seeds)


# Facts of others, which are not part of the project: the delineation of 2023, in which Connecticut
# has counties.


def facts(file: str, columns: str) -> list[tuple[str, str, str]]:
    """Rows of text, state and CBSA code."""
    query = f"select {columns}, state, lpad(cbsa::varchar, 5, '0') from '{shared_file(file)}'"
    return duckdb.execute(query).fetchall()


@pytest.mark.parametrize(
    ("file", "columns"),
    [("city_to_cbsa.parquet", "city || ', ' || state"), ("zip_to_cbsa.parquet", "'ZIP ' || zip")],
)
def test_places_agree_with_the_census_delineation(
    names: Vocabulary, snapshot: Snapshot, file: str, columns: str
) -> None:
    metros = {m.cbsa_codes[0]: m.id for m in snapshot.metros.values() if m.kind == "metro"}
    listed = zips_of(snapshot)
    rows = [
        row
        for row in facts(file, columns)
        if row[1] != "CT" and (not row[0].startswith("ZIP ") or row[0][4:] in listed)
    ]
    wrong = []
    for text, _, code in rows:
        got = parse(names, text)
        kind = snapshot.metros[got].kind if got in snapshot.metros else None
        # A micropolitan area is part of a nonmetropolitan area in these statistics.
        is_right = got == metros[code] if code in metros else kind == "nonmetro"
        if not is_right:
            wrong.append((text, code, got))
    assert len(wrong) < 0.005 * len(rows), wrong
