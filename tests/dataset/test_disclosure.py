"""What is published of a private source from build to build, attacked: nobody's pay comes out."""

import datetime
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from math import exp, log
from pathlib import Path
from typing import Any

import msgspec
import pytest

from paycite.dataset.disclosure import decide
from paycite.dataset.disclosure_record import Basis, Disclosed, Key
from paycite.dataset.disclosure_record import Published as Recorded
from paycite.dataset.published import Datasets
from paycite.dataset.remote import Place, Replica, publish
from paycite.importers.common.observations import import_observations
from paycite.model.observation import Observation
from paycite.model.pool import Thresholds
from paycite.model.score import Score, Scores
from paycite.questions.answer import answer_question
from paycite.questions.parameters import parse_query
from paycite.questions.verify import differences
from support.observing import observation, observe, source
from support.releases import Installation, Lab

PAY = 423_000
"""Of the one person that every attack is after."""
BANDS = {5, 10, 20, 50, 100, 200, 500, 1_000}


@pytest.fixture
def installation(few_seeds: Path, tmp_path: Path) -> Installation:
    return Installation(tmp_path, few_seeds)


@pytest.fixture
def lab(few_dataset: Path, tmp_path: Path) -> Lab:
    return Lab(few_dataset, tmp_path)


def placements(employers: int, first: int = 0) -> Iterator[Observation]:
    """A placement with each of as many employers, in two places."""
    for number in range(first, first + employers):
        place = ("austin-tx", "nyc")[number % 2]
        yield observation(number, 120_000 + 1_700 * (number % 31), geography=place)


def one_person(number: int = 9_999, **more: object) -> Observation:
    return observation(number, PAY, **more)


def test_two_builds_with_one_placement_between_them_do_not_give_it_back(
    installation: Installation,
) -> None:
    rows = list(placements(40))
    before = installation.release(rows)
    after = installation.release([*rows, one_person()])
    first, second = installation.central_pay(before), installation.central_pay(after)
    assert first
    assert second
    guess = exp(41 * log(second) - 40 * log(first))
    assert abs(guess / PAY - 1) > 0.5
    # More: nothing at all says that there is such a placement.
    assert after == before


def test_figures_are_new_after_five_employers_changed_and_not_before(
    lab: Lab,
) -> None:
    rows = list(placements(40))
    before = lab.release(rows)
    pay, state = lab.central_pay(before), lab.state()
    four, five = ([one_person(9_000 + number) for number in range(more)] for more in (4, 5))
    assert lab.published(lab.release([*rows, *four])) == lab.published(before)
    assert lab.state() == state
    after = lab.central_pay(lab.release([*rows, *five]))
    assert pay
    assert after
    assert after > pay


def test_a_build_of_the_same_inputs_is_the_same_and_leaves_what_was_disclosed(
    installation: Installation,
) -> None:
    version = installation.release(list(placements(40)))
    state, published = installation.state(), installation.published(version)
    assert list(state) == ["ours.disclosed.json"]
    assert installation.build() == version
    assert (installation.state(), installation.published(version)) == (state, published)


def test_scores_of_a_back_test_stay_until_the_figures_of_the_source_change(
    installation: Installation,
) -> None:
    """Neither a row that is too recent to be used nor one more that is used shows in them."""

    def release(rows: Sequence[Observation], bias: float) -> tuple[str, list[dict[str, Any]]]:
        """Build after a back-test with this result."""
        about = observe(installation.observations, "ours", rows, is_private=True)
        score = Score(
            source_id="ours",
            method="pooling",
            tested_on="ours",
            geography=None,
            n=len(rows),
            employers=len(rows),
            bias=bias,
            median_absolute_error=0.1,
            coverage_p25_p75=0.5,
            coverage_p10_p90=0.8,
            pinball_ratio=None,
            folds=5,
        )
        scores = Scores(sha256=about.sha256, scores=(score,))
        file = installation.observations / "ours.scores.json"
        file.write_bytes(msgspec.json.encode(scores))
        version = installation.build()
        return version, installation.published(version)["score"]

    rows = list(placements(40))
    version, scores = release(rows, 0.12)
    assert [one["bias"] for one in scores] == [0.12]
    recent = one_person(date=datetime.date(2100, 1, 1))
    for more in ([recent], [one_person()]):
        assert release([*rows, *more], 0.25) == (version, scores)
        observe(installation.observations, "ours", [*rows, *more[:1], recent], is_private=True)
        assert installation.build() == version
    _, scores = release([*rows, *placements(5, first=100)], 0.25)
    assert [one["bias"] for one in scores] == [0.25]


def test_a_changed_record_of_what_was_published_stops_the_build(lab: Lab) -> None:
    """Its figures would be cited."""
    rows = list(placements(40))
    (row,) = lab.published(lab.release(rows))["pool"]
    file = lab.observations / "ours.disclosed.json"
    record = file.read_bytes()
    for found, changed in (
        (f'"employers":{row["employers"]}', f'"employers":{row["employers"]}1'),
        ('"sha256"', '"sha"'),  # as in records of earlier builds
    ):
        file.write_bytes(record.replace(found.encode(), changed.encode()))
        assert file.read_bytes() != record
        with pytest.raises(msgspec.DecodeError):
            lab.release(rows)
    file.write_bytes(record)
    lab.release(rows)


def test_figures_that_were_replaced_are_compared_too(lab: Lab) -> None:
    """Five employers more, then those five gone and one more: the third is one off the first."""
    rows = list(placements(40))
    lab.release(rows)
    second = lab.release([*rows, *placements(5, first=100)])
    third = lab.release([*rows, one_person()])
    assert lab.central_pay(third) == lab.central_pay(second)


def test_another_name_or_a_removal_does_not_start_anew(lab: Lab) -> None:
    rows = list(placements(40))
    first = lab.central_pay(lab.release(rows))
    both = lab.release([*rows, one_person()], source="ours-again")
    assert lab.central_pay(both, "ours-again") == first
    lab.remove("ours")
    again = lab.release([*rows, one_person()], source="ours-again")
    assert lab.central_pay(again, "ours-again") == first
    assert lab.central_pay(again, "ours") is None


def test_earlier_datasets_of_a_changed_or_removed_private_source_are_dropped(
    installation: Installation,
) -> None:
    rows = list(placements(40))
    first = installation.release(rows)
    second = installation.release([*rows, *placements(5, first=100)], keep_private=True)
    assert installation.kept() > {first, second}
    said: list[str] = []
    third = installation.release([*rows, *placements(10, first=100)], say=said.append)
    assert installation.kept().isdisjoint({first, second})
    assert said == [
        f"Deleted the earlier dataset {version}: it has private figures of ours that the new one "
        "has not (PAYCITE_KEEP_PRIVATE=yes keeps such datasets)."
        for version in (second, first)
    ]
    for name in ("ours.parquet", "ours.json"):
        (installation.observations / name).unlink()
    public = installation.build()
    assert installation.kept() == {public}
    assert public != third


@pytest.mark.parametrize("keep_private", [False, True])
def test_no_kept_dataset_shows_a_source_in_public_that_is_private_now(
    installation: Installation, keep_private: bool
) -> None:
    observe(installation.observations, "ours", list(placements(40)))
    shown = installation.build()
    observe(installation.observations, "others", list(placements(30)), is_private=True)
    beside = installation.build()
    said: list[str] = []
    current = installation.release(list(placements(40)), keep_private=keep_private, say=said.append)
    with closing(Datasets(installation.datasets)) as datasets:
        assert {*datasets.kept()} == {current, datasets.current.public_version}
    assert said == [
        f"Deleted the earlier dataset {version}: ours is private now, and was public in it."
        for version in (beside, shown)
    ]


def test_only_their_user_can_read_rows_and_datasets_of_private_sources(
    installation: Installation, tmp_path: Path
) -> None:
    rows, data = installation.observations, installation.datasets
    before = os.umask(0o022)
    try:
        import_observations(source("ours", is_private=True), "Pay.", placements(40), rows)
        version = installation.build()
        publish(data, Place(str(tmp_path / "place")), with_private=True)
        Replica(Place(str(tmp_path / "place")), tmp_path / "replica").follow()
    finally:
        os.umask(before)
    names = (".parquet", ".json", ".refused.csv", ".disclosed.json")
    private = [rows, *(rows / f"ours{name}" for name in names), data, data / f"{version}.duckdb"]
    private += [tmp_path / "replica", tmp_path / "replica" / f"{version}.duckdb"]
    assert {
        one.name: one.stat().st_mode & 0o077 for one in private if one.stat().st_mode & 0o077
    } == {}
    with closing(Datasets(data)) as datasets:
        public = datasets.current.public_version
    assert (data / f"{public}.duckdb").stat().st_mode & 0o777 == 0o444


def test_numbers_of_a_private_source_are_coarse_and_an_answer_can_still_be_recomputed(
    installation: Installation,
) -> None:
    version = installation.release(list(placements(43)))
    found = installation.published(version)
    for table in ("pool", "pool_factor", "pool_spread"):
        assert found[table]
        for row in found[table]:
            assert {row["n"], row["employers"]} <= BANDS | {None}
            for value in row.values():
                if isinstance(value, float):
                    assert value == float(f"{value:.3g}"), row
    (weight,) = (row for row in found["source_weight"] if row["role"] == "data-scientist")
    assert (weight["n"], weight["alone"]) == (20, round(20 / 45, 6))
    datasets = Datasets(installation.datasets)
    answer = answer_question(
        datasets.current, parse_query(b"role=data-scientist&level=senior&metro=nyc")
    )
    assert any(chain.source_id == "ours" and chain.weight for chain in answer.chains)
    assert differences(msgspec.json.encode(answer), datasets) == []
    datasets.close()


def test_monthly_rows_of_one_person_are_no_thirty_people(lab: Lab) -> None:
    months = [
        observation(
            number,
            PAY,
            employer=None,
            title="Data Scientist",
            date=datetime.date(2023 + number // 12, 1 + number % 12, 1),
        )
        for number in range(30)
    ]
    found = lab.published(lab.release(months))
    assert not found["pool_spread"]
    assert {row["amount"] for row in found["pool_factor"]} <= {None}


def test_the_dates_of_a_source_are_those_of_its_rows_that_are_used(
    installation: Installation,
) -> None:
    """Rows of the last three months, and rows without a role, are not."""
    rows = [
        observation(
            number,
            120_000 + 1_700 * (number % 31),
            date=datetime.date(2025, 1, 1) + datetime.timedelta(days=20 * number),
        )
        for number in range(40)
    ]
    of_no_role = observation(99, PAY, role=None, occupation="15-1252", date="2026-02-20")
    version = installation.release([*rows, of_no_role], as_of=datetime.date(2026, 5, 31))
    (pool,) = installation.published(version)["pool"]
    # Used are the rows up to 2026-02-28, the first 22.
    assert (pool["n"], pool["as_of"], pool["middle"]) == (20, "2026-02-25", "2025-07")
    later = installation.build(as_of=datetime.date(2027, 5, 31))
    (pool,) = installation.published(later)["pool"]
    assert (pool["as_of"], pool["middle"]) == ("2027-02-20", "2026-01")


def test_one_pay_at_many_employers_is_not_published(lab: Lab) -> None:
    """Whoever works at one of them would be known by name and pay."""
    rows = [observation(number, PAY + number % 4) for number in range(40)]
    found = lab.published(lab.release(rows))
    assert not found["pool_spread"]
    assert {row["amount"] for row in found["pool_factor"]} <= {None}


def test_percentiles_count_an_employer_as_often_as_its_share_does(lab: Lab) -> None:
    """One of ten employers has half of the rows, in a quarter of the cells."""
    others = [observation(number, 150_000 + 1_700 * number) for number in range(9)]
    of_one = [
        observation(100 + number, PAY + number, geography=place, employer="Acme Robotics")
        for place in ("austin-tx", "nyc", "denver-co")
        for number in range(3)
    ]
    found = lab.published(lab.release([*others, *of_one]))
    (pay,) = {row["amount"] for row in found["pool_factor"] if row["part"] == "base"}
    (spread,) = (row for row in found["pool_spread"] if row["levels"] == "all" and not row["role"])
    assert pay * spread["p75"] < 180_000


def test_no_percentile_of_ten_values_is_one_of_them(lab: Lab) -> None:
    """P90 is between the second highest pay and the third, far below."""
    others = [observation(number, 150_000 + 1_700 * number) for number in range(9)]
    found = lab.published(lab.release([*others, one_person(), observation(99, PAY + 9_000)]))
    (pay,) = {row["amount"] for row in found["pool_factor"] if row["part"] == "base"}
    (spread,) = (row for row in found["pool_spread"] if row["levels"] == "all" and not row["role"])
    assert abs(pay * spread["p90"] / PAY - 1) > 0.1


def test_places_without_rows_do_not_show_how_many_there_are_in_others(
    datasets: Datasets, data: Path, tmp_path: Path
) -> None:
    """Their factors are relative to the mean of the source's places by published counts."""

    dataset = data / "datasets" / f"{datasets.current.snapshot.version}.duckdb"

    def of_others(name: str, austin: int, nyc: int) -> dict[tuple[Any, ...], dict[str, Any]]:
        rows = [
            observation(number, 120_000 + 1_700 * number, geography=place)
            for number, place in enumerate(["austin-tx"] * austin + ["nyc"] * nyc)
        ]
        (tmp_path / name).mkdir()
        lab = Lab(dataset, tmp_path / name)
        factors = lab.factors(lab.release(rows))
        assert factors["metro", None, None, "nyc"]["n"] == 5
        return {
            key: {name: value for name, value in row.items() if name != "id"}
            for key, row in factors.items()
            if key[3] and not row["n"]
        }

    others = of_others("more in Austin", 9, 5)
    assert len(others) > 100
    assert len({row["amount"] for row in others.values()}) > 100
    assert of_others("more in New York", 5, 9) == others


def test_a_source_that_prices_nothing_shows_no_pay_of_a_role_or_place(lab: Lab) -> None:
    """Seven employers are enough for central pay, and too few for any spread."""
    found = lab.published(lab.release(list(placements(7))))
    assert not found["pool_spread"]
    assert {row["amount"] for row in found["pool_factor"]} == {None}
    assert found["pool"][0]["n"] == 0
    found = lab.published(lab.release(list(placements(20))))
    assert found["pool_spread"]
    assert {row["amount"] for row in found["pool_factor"]} != {None}


SPELLINGS = (
    *("Acme Robotics", "ACME ROBOTICS, INC.", "The Acme Robotics Group", "Acme Robotics Holdings"),
    *("Аcme Rоbotics", "Acme Robotics (Ohio)", "Acme Robotics - Columbus branch"),  # noqa: RUF001
    *("Acme Robotics #12", "Widget Co d/b/a Acme Robotics", "Acme Robotiks", "Acme  Robo-tics LLC"),
    "\uff21cme Robotics\u200b Ltd.",
)


def test_twelve_spellings_of_one_employer_are_one(lab: Lab) -> None:
    rows = [
        observation(number, 150_000 + 900 * number, employer=name)
        for number, name in enumerate(SPELLINGS)
    ]
    assert len(rows) == 12
    found = lab.published(lab.release(rows))
    assert not found["pool_spread"]
    assert {row["amount"] for row in found["pool_factor"]} <= {None}


def test_all_minus_one_is_not_one(lab: Lab) -> None:
    """A level that becomes large enough is not shown beside what was shown before, if what remains
    hidden would then follow by subtraction."""

    def of(level: str, count: int, first: int) -> list[Observation]:
        return [
            observation(first + number, 110_000 + 1_300 * number, level=level)
            for number in range(count)
        ]

    few = [*of("entry", 3, 0), *of("mid", 6, 100), *of("senior", 20, 200)]
    shown = lab.factors(lab.release(few))
    amounts = {key[2]: row["amount"] for key, row in shown.items() if key[0] == "base"}
    assert (amounts["entry"], amounts["mid"]) == (None, None)
    assert amounts["senior"]
    more = [*of("entry", 3, 0), *of("mid", 30, 100), *of("senior", 20, 200)]
    shown = lab.factors(lab.release(more))
    now = {key[2]: row["amount"] for key, row in shown.items() if key[0] == "base"}
    assert (now["entry"], now["mid"], now["senior"]) == (None, None, amounts["senior"])


def test_a_build_names_the_levels_that_are_hidden_for_a_smaller_one(
    installation: Installation,
) -> None:
    rows = [
        observation(first + number, 110_000 + 1_300 * number, level=level)
        for level, count, first in (("entry", 3, 0), ("mid", 9, 100), ("senior", 20, 200))
        for number in range(count)
    ]
    observe(installation.observations, "ours", rows, is_private=True)
    built = [installation.run("build") for _ in range(2)]
    assert {one.stderr for one in built} == {
        "Hidden in ours, because a smaller group could be computed from the rest: data-scientist: "
        "mid. See docs/privacy.md, No remainder.\n"
    }


def basis(*employers: int) -> Basis:
    hashes = tuple(one << 32 for one in employers)
    return Basis(
        employers=len(hashes), unnamed=0, largest_share=0.1, amounts=9, contributions=hashes
    )


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        (Key("base", "mlops", None, None), [Key("base", "mlops", one, None) for one in "ab"]),
        (Key("base", "mlops", None, None), [Key("role-metro", "mlops", None, one) for one in "ab"]),
        (Key("metro", None, None, "nyc"), [Key("role-metro", one, None, "nyc") for one in "ab"]),
    ],
)
@pytest.mark.parametrize("recorded_as", ["ours", "removed"])
def test_parts_do_not_complete_a_whole_that_is_one_employer_older(
    whole: Key, parts: list[Key], recorded_as: str
) -> None:
    """Neither levels and places of a role, nor roles of a place; the larger part alone would do."""
    before = Recorded(key=whole, row={"id": f"{recorded_as}:1"}, bases=(basis(*range(14)),))
    earlier = {recorded_as: Disclosed(published=[before], others=[])}
    now = dict(zip((whole, *parts), (range(15), range(9), range(9, 15)), strict=True))
    bases = {key: basis(*employers) for key, employers in now.items()}
    decision = decide("ours", bases, earlier, Thresholds())
    assert decision.held == {whole: (recorded_as, before)}
    assert (decision.barred, decision.revealing) == (set(), {parts[1]})
    more = bases | {parts[1]: basis(*range(9, 19)), whole: basis(*range(19))}
    assert decide("ours", more, earlier, Thresholds()) == ({}, set(), set())


def test_a_figure_that_would_complete_others_keeps_its_earlier_value() -> None:
    """Six joined a role, one of them at a level that keeps its value, five at one that is new."""
    whole, mid, senior = (Key("base", "mlops", level, None) for level in (None, "mid", "senior"))
    before = {
        whole: basis(*range(20)),
        mid: basis(*range(10)),
        senior: basis(*range(10, 20)),
    }
    published = [Recorded(key=key, row={"id": "1"}, bases=(one,)) for key, one in before.items()]
    now = {
        whole: basis(*range(26)),
        mid: basis(*range(10), *range(20, 25)),
        senior: basis(*range(10, 20), 25),
    }
    earlier = {"ours": Disclosed(published=published, others=[])}
    decision = decide("ours", now, earlier, Thresholds())
    assert {*decision.held} == {mid, senior}
    assert not decision.revealing
