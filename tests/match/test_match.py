from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from paycite.match import Vocabulary, _role_names, level_of_years, nearest, years_beside_level
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import normal
from support.questions import read_faults
from support.seeded import SEEDED


def test_ids_codes_names_and_aliases_are_parsed_in_any_case(
    snapshot: Snapshot, names: Vocabulary
) -> None:
    for role in snapshot.roles.values():
        for text in (role.id, role.title, *role.titles):
            assert names.parse_title(text.upper())[0][0] is role
    for level in snapshot.levels.values():
        for text in (level.id, level.title, *level.aliases, *level.suffixes):
            assert names.parse_level(f" {text.title()} ")[0] is level
    for metro in snapshot.metros.values():
        for text in (metro.id, metro.name, *metro.aliases):
            assert names.parse_metro(text.swapcase())[0] is metro
        if metro.kind == "metro":
            entry, match = names.parse_metro(metro.cbsa_codes[0])
            assert (entry.id, match.method, match.score) == (metro.id, "code", 100)


@pytest.mark.parametrize(
    ("text", "metro"),
    [
        ("New York, NY", "nyc"),
        ("San Francisco", "san-francisco-ca"),
        ("Columbus, OH", "columbus-oh"),
        ("Portland, ME", "portland-me"),
        ("usa", "us"),
        ("Winston-Salem", "winston-salem-nc"),
        ("San Jose-Sunnyvale-Santa Clara, CA", "san-jose-ca"),
        # As people write them.
        ("new york city", "nyc"),
        ("San Francisco Bay Area", "bay-area"),
        ("manhattan", "nyc"),
        ("Brooklyn, New York", "nyc"),
        ("Jersey City, NJ", "nyc"),
        ("remote", "us"),
        ("USA", "us"),
        ("San Fran", "san-francisco-ca"),
        ("Brooklyn, NY", "nyc"),
        ("Portland, Oregon", "portland-or"),
        ("Greater Boston Area", "boston-ma"),
        ("Saint Louis, Missouri", "st-louis-mo"),
        ("Austin, Texas, United States", "austin-tx"),
        ("Manhattan, KS", "manhattan-ks"),
        ("Washington, D.C.", "washington-dc"),
        ("San Fransisco", "san-francisco-ca"),
        ("NY New York", "nyc"),
    ],
)
def test_places_by_name_and_as_people_write_them(names: Vocabulary, text: str, metro: str) -> None:
    assert names.parse_metro(text)[0].id == metro


@pytest.mark.parametrize("code", ["15-1252", "151252", "15-1252.00"])
def test_a_code_shared_by_roles_is_refused_with_all_of_them(names: Vocabulary, code: str) -> None:
    (fault,) = read_faults(names.parse_title, code)
    assert fault.type == "ambiguous-title"
    assert {"ai-ml-engineer", "forward-deployed-engineer", "mlops"} < set(fault.suggestions)
    assert names.parse_title(code.replace("15", "41").replace("1252", "9031"))[0][0].id == (
        "forward-deployed-engineer"
    )


def test_no_title_repeats_another_in_its_plain_words(snapshot: Snapshot) -> None:
    names = _role_names(snapshot.roles, snapshot.words)
    for role in snapshot.roles.values():
        plain = [names.plain(title) for title in role.titles]
        own = {names.plain(role.title)}
        assert len({*plain, *own}) == len(plain) + len(own), role.id
        assert all(names.named(one) == [role] for one in plain), role.id


def test_unknown_words_are_refused_with_the_nearest_names(names: Vocabulary) -> None:
    for read, text, nearest_id in (
        (names.parse_title, "mlosp", "mlops"),
        (names.parse_level, "intermed", "mid"),
        (names.parse_metro, "new yrk", "nyc"),
    ):
        assert nearest_id in read_faults(read, text)[0].suggestions
    assert read_faults(names.parse_title, "…")[0].suggestions == ()
    assert nearest("xyzzyxyzzy", ["nyc"]) == ()
    assert nearest("nope", ["web-developer"]) == ()  # "elop" is no likeness


@pytest.mark.parametrize(
    ("years", "level"),
    [(0, "entry"), (1.9, "entry"), (2, "mid"), (4.99, "mid"), (5, "senior"), (60, "senior")],
)
def test_years_give_a_level_but_never_staff(snapshot: Snapshot, years: float, level: str) -> None:
    found, match = level_of_years(years, "asked", snapshot.levels)
    assert found.id == match.id == level
    assert match.method == "years"


@pytest.mark.parametrize(
    ("level", "pointing"),
    [
        ("entry", {2: "mid", 4: "mid", 5: "senior", 60: "senior"}),
        ("mid", {0: "entry", 1: "entry", 5: "senior", 60: "senior"}),
        ("senior", {0: "entry", 1: "entry", 2: "mid", 4: "mid"}),
        ("staff", {0: "entry", 1: "entry", 2: "mid", 4: "mid"}),
        ("principal", {0: "entry", 1: "entry", 2: "mid", 4: "mid"}),
    ],
)
def test_years_beside_a_level_say_where_they_point_to_another_one(
    snapshot: Snapshot, level: str, pointing: dict[int, str]
) -> None:
    found = {
        years: beside[1].id
        for years in (0, 1, 2, 4, 5, 60)
        if (beside := years_beside_level(years, "", snapshot.levels[level], snapshot.levels))
    }
    assert found == pointing


# What people write.


@pytest.mark.slow
def test_no_city_is_taken_for_one_in_another_state(snapshot: Snapshot, names: Vocabulary) -> None:
    states = sorted({word.means for word in snapshot.words if word.kind == "state"})
    for metro in snapshot.metros.values():
        for city in metro.cities:
            for state in states:
                try:
                    read, _ = names.parse_metro(f"{city}, {state}")
                except Refusal:
                    continue
                if (state, read.id) == ("la", "los-angeles-ca"):
                    continue  # "Anaheim, LA"
                states_of_it = normal(read.name.rpartition(", ")[2]).split()
                assert state in (*states_of_it, (read.state or "").lower())


@pytest.mark.parametrize(
    "text",
    ["London", "Toronto", "Cambridge, UK", "San Jose, CR", "Athens, GR", "Remote UK", "Paris"],
)
def test_places_abroad_are_refused(names: Vocabulary, text: str) -> None:
    with pytest.raises(Refusal):
        names.parse_metro(text)


def test_a_typo_lowers_the_score_and_lists_alternatives(names: Vocabulary) -> None:
    _, match = names.parse_metro("San Fransisco")
    assert (match.method, match.score) == ("fuzzy", 92.3)
    (_, match), _ = names.parse_title("Machine Learning Enginer")
    assert (match.method, match.score) == ("fuzzy", 95.8)
    _, match = names.parse_metro("Jacksonvile, FL")
    assert match.id == "jacksonville-fl"
    assert "jacksonville-nc" in match.alternatives


def test_a_level_alone_is_parsed_as_in_a_title(names: Vocabulary) -> None:
    for text, level in (("seniro", "senior"), ("Sr. II", "senior"), ("Mid-Senior", "senior")):
        read, match = names.parse_level(text)
        assert (read.id, match.query) == (level, text)
    assert names.parse_level("Mid-Senior")[1].alternatives == ("mid",)
    for text in ("Senior Engineer", "IC7", "boss"):
        with pytest.raises(Refusal):
            names.parse_level(text)


@pytest.mark.parametrize(
    "title",
    [
        *("MI Engineer", "LLP Developer", "ia engineer", "dta scientist", "responsible i"),
        *("RevOps Analyst", "RevOps Engineer", "Rail Engineer"),
    ],
)
def test_a_typo_in_three_letters_or_in_the_first_letter_makes_another_word(
    names: Vocabulary, title: str
) -> None:
    fault, *_ = read_faults(names.parse_title, title)
    assert fault.type == "unknown-role"
    assert fault.suggestions


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Portland", ("portland-me", "portland-or")),
        ("columbus", ("columbus-ga", "columbus-in", "columbus-oh")),
    ],
)
def test_places_of_one_name_are_refused_with_all_of_them(
    names: Vocabulary, text: str, ids: tuple[str, ...]
) -> None:
    (fault,) = read_faults(names.parse_metro, text)
    assert (fault.type, fault.suggestions) == ("ambiguous-metro", ids)


@pytest.mark.parametrize("text", ["…", "downtown", "greater metro area", "the"])
def test_filler_alone_is_not_a_place(names: Vocabulary, text: str) -> None:
    assert read_faults(names.parse_metro, text)[0].type == "unknown-metro"


def test_a_name_that_hides_another_place_lists_it(names: Vocabulary) -> None:
    assert names.parse_metro("Manhattan")[1].alternatives[0] == "manhattan-ks"


text = st.text(max_size=200) | st.lists(
    st.sampled_from(["senior", "sr", "ml", "ops", "engineer", "ii", "new", "york", "ny", "-", ","])
).map(" ".join)


@given(text=text)
def test_parsing_raises_nothing_but_refusals(names: Vocabulary, text: str) -> None:
    for read in (names.parse_title, names.parse_level, names.parse_metro):
        try:
            read(text)
        except Refusal as refusal:
            assert refusal.faults[0].detail


def test_parsing_is_idempotent_on_ids(snapshot: Snapshot, names: Vocabulary) -> None:
    for role in snapshot.roles:
        (read, match), level = names.parse_title(role)
        assert (read.id, match.id, match.method, level) == (role, role, "id", None)
    for reader, ids in ((names.parse_level, snapshot.levels), (names.parse_metro, snapshot.metros)):
        for id_ in ids:
            entry, match = reader(id_)
            assert (entry.id, match.id, match.method) == (id_, id_, "id")


TITLES = [(role.id, title) for role in SEEDED.roles for title in (role.title, *role.titles)]
# A digit is no typing error, and a letter that is a word has none.
LONG_TITLES = [
    (role, name)
    for role, name in ((role, normal(title)) for role, title in TITLES)
    if len(name) >= 8 and all(len(word) > 1 and word.isalpha() for word in name.split())
]
# "SDE II" is a software engineer, and a level where nothing but a level is asked for.
LEVEL_WORDS = [
    (level.id, word)
    for level in SEEDED.levels
    for word in (level.title, *level.aliases)
    if not word.startswith(("sde", "swe"))
]
SUFFIXES = [(level.id, suffix) for level in SEEDED.levels for suffix in level.suffixes]
# "Associate Engineering Manager" and "L3 Network Engineer" have other meanings than their words.
PHRASES = [
    word.word
    for word in SEEDED.words
    if word.dimension == "level" and " " in word.word and word.kind != "tiered"
]
TIERED = [word.word for word in SEEDED.words if word.kind == "tiered"]
FILLER = [word.word for word in SEEDED.words if (word.dimension, word.kind) == ("role", "noise")]
OTHERS = {word.word for word in SEEDED.words if word.kind in ("other", "job", "field")}
WORDS = {word for _, title in TITLES for word in normal(title).split()}


@given(
    title=st.sampled_from(TITLES),
    word=st.sampled_from(LEVEL_WORDS),
    suffix=st.sampled_from(SUFFIXES),
    before=st.lists(st.sampled_from(FILLER), max_size=3),
    after=st.lists(st.sampled_from(FILLER), max_size=3),
    order=st.randoms(use_true_random=False),
)
def test_every_title_finds_its_role_with_any_level_filler_and_order(
    names: Vocabulary,
    title: tuple[str, str],
    word: tuple[str, str],
    suffix: tuple[str, str],
    before: list[str],
    after: list[str],
    order: Random,
) -> None:
    (role, name), (level, level_word), (end_level, end) = title, word, suffix
    assume(not any(phrase in normal(f"{level_word} {name}") for phrase in PHRASES))
    is_step = level_word[0] == "l" and level_word[1:].isdecimal()
    assume(not (is_step and any(f" {job} " in f" {normal(name)} " for job in TIERED)))
    for text, expected in (
        (f"{level_word} {name}", level),
        (" ".join([*before, level_word, name, *after]), level),
        (f"{name} {end}", end_level),
        (" ".join([*before, name, end, *after]), end_level),
    ):
        (read, _), said = names.parse_title(text)
        assert (read.id, said and said[0].id) == (role, expected), text
    words = normal(name).split()
    order.shuffle(words)
    try:
        (read, match), _ = names.parse_title(" ".join(words))
    except Refusal as refusal:  # "engineer data analyst"
        assert role in refusal.faults[0].suggestions
    else:  # a name in order wins: "engineering product manager"
        assert read.id == role or match.score < 100


@given(
    title=st.sampled_from(LONG_TITLES),
    place=st.floats(0, 1, exclude_max=True),
    letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz"),
    error=st.sampled_from(["left out", "put in", "mistaken", "exchanged"]),
)
def test_a_typo_in_eight_letters_or_more_is_corrected(
    names: Vocabulary, title: tuple[str, str], place: float, letter: str, error: str
) -> None:
    role, name = title
    at = int(place * (len(name) - 1))
    before, here, after = name[:at], name[at : at + 2], name[at + 2 :]
    mistyped = (
        before
        + {
            "left out": here[1],
            "put in": letter + here,
            "mistaken": letter + here[1],
            "exchanged": here[::-1],
        }[error]
        + after
    )
    # An error that makes another word ("ui engineer") cannot be told from it; nor can one in the
    # first letter ("RevOps"), or in three.
    made = set(mistyped.split()) - set(name.split())
    meant = set(name.split()) - set(mistyped.split())
    assume(len(mistyped) >= 8 and not made & (OTHERS | WORDS | set(FILLER)))
    assume(all(len(word) > 3 for word in made | meant))
    assume(not {word[1:] for word in made} & {word[1:] for word in meant})
    try:
        assert names.parse_title(mistyped)[0][0].id == role
    except Refusal as refusal:  # "cyer analyst" is as near to "cyber" as to another word
        assert role in refusal.faults[0].suggestions
        assert refusal.faults[0].type == "ambiguous-title"
