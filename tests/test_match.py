import pytest

from service.match import Vocabulary, level_of_years, nearest, refuse_contradiction
from service.model.problem import Refusal
from service.model.snapshot import Snapshot


@pytest.fixture(scope="module")
def names(snapshot: Snapshot) -> Vocabulary:
    return Vocabulary(snapshot)


def test_every_id_code_name_and_alias_is_understood_in_any_case(
    snapshot: Snapshot, names: Vocabulary
) -> None:
    for role in snapshot.roles.values():
        for text in (role.id, role.title, *role.titles):
            assert names.title(text.upper())[0][0] is role
    for level in snapshot.levels.values():
        for text in (level.id, level.title, *level.aliases, *level.suffixes):
            assert names.level(f" {text.title()} ")[0] is level
    for metro in snapshot.metros.values():
        for text in (metro.id, metro.name, *metro.aliases):
            assert names.metro(text.swapcase())[0] is metro
        if metro.kind == "metro":
            entry, match = names.metro(metro.cbsa_codes[0])
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
    ],
)
def test_places_as_people_name_them(names: Vocabulary, text: str, metro: str) -> None:
    assert names.metro(text)[0].id == metro


@pytest.mark.parametrize("code", ["15-1252", "151252", "15-1252.00"])
def test_a_code_of_several_roles_is_refused_with_all_of_them(names: Vocabulary, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        names.title(code)
    (fault,) = refusal.value.faults
    assert fault.type == "ambiguous-title"
    assert fault.suggestions == ("ai-ml-engineer", "forward-deployed-engineer", "mlops")
    assert names.title(code.replace("15", "41").replace("1252", "9031"))[0][0].id == (
        "forward-deployed-engineer"
    )


def test_unknown_words_are_refused_with_the_nearest(names: Vocabulary) -> None:
    for read, text, nearest_id in (
        (names.title, "mlosp", "mlops"),
        (names.level, "seniro", "senior"),
        (names.metro, "new yrk", "nyc"),
    ):
        with pytest.raises(Refusal) as refusal:
            read(text)
        assert nearest_id in refusal.value.faults[0].suggestions
    with pytest.raises(Refusal) as refusal:
        names.title("…")
    assert refusal.value.faults[0].suggestions == ()
    assert nearest("xyzzyxyzzy", ["nyc"]) == ()


@pytest.mark.parametrize(
    ("years", "level"),
    [(0, "entry"), (1.9, "entry"), (2, "mid"), (4.99, "mid"), (5, "senior"), (60, "senior")],
)
def test_years_are_read_as_a_level_but_never_as_staff(
    snapshot: Snapshot, years: float, level: str
) -> None:
    found, match = level_of_years(years, "asked", snapshot.levels)
    assert found.id == match.id == level
    assert match.method == "years"


def test_only_years_that_contradict_a_level_are_refused(snapshot: Snapshot) -> None:
    minima = {"entry": 0, "mid": 2, "senior": 5, "staff": 5, "principal": 5}
    for id_, minimum in minima.items():
        for years in (0, 1, 2, 3, 4, 5, 10, 60):
            contradicts = years < minimum or (id_ == "entry" and years >= 5)
            try:
                refuse_contradiction(snapshot.levels[id_], years, snapshot.levels)
            except Refusal as refusal:
                assert contradicts
                assert refusal.faults[0].type == "conflicting-parameters"
            else:
                assert not contradicts
