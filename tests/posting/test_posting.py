"""An employer's own range for a job posting, and what the laws of the place require beyond it."""

import csv
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycite import seeds
from paycite.model.answer import Interval, PayPeriod
from paycite.model.law import IN_ADVERTISEMENTS, MEANINGS, PayLaw
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import states_of
from paycite.posting.advertisement import build_fields, write_sentence
from paycite.posting.laws import find_laws, list_duties
from paycite.seeds import SeedError
from support.hostile import PAYLOADS
from support.questions import offered
from support.servers import SEEDS

QUESTION = {"role": "mlops", "level": "mid", "metro": "nyc", "range": "160000-200000"}
FILE = "pay_transparency.csv"
OF_NEW_YORK = ["us-ny", "us-ny-new-york-city", "us-ny-westchester-county"]
OF_NEW_JERSEY = ["us-nj", "us-nj-jersey-city"]


def posting(client: httpx.Client, **changes: str) -> dict[str, Any]:
    answer = client.get("/posting", params=QUESTION | changes)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(answer: dict[str, Any]) -> list[str]:
    return [there["law"]["id"] for there in answer["laws"]]


# Whole dollars a year; cents an hour.
YEARLY = st.integers(10_000, 10_000_000)
HOURLY = st.integers(500, 500_000).map(lambda cents: cents / 100)


@given(
    data=st.data(),
    period=st.sampled_from(["year", "hour"]),
    is_single=st.booleans(),
)
def test_the_fields_of_every_system_state_the_numbers_of_the_sentence(
    data: st.DataObject, period: PayPeriod, is_single: bool
) -> None:
    amounts = YEARLY if period == "year" else HOURLY
    low, high = sorted(data.draw(st.tuples(amounts, amounts)))
    pay = Interval(min=low, max=low if is_single else high)
    advertised = offered(pay, period)
    said = write_sentence(advertised)
    stated = [float(number.replace(",", "")) for number in re.findall(r"\$([\d,.]*\d)", said)]
    assert stated == list(dict.fromkeys((pay.min, pay.max)))
    assert said.endswith(f" per {period}.")
    ends = [pay.min, pay.max]

    every = msgspec.to_builtins(build_fields(advertised))
    value = every["job_posting"]["baseSalary"]["value"]
    assert [value["minValue"], value["maxValue"]] == ends
    assert value["unitText"] == period.upper()
    (shown,) = every["greenhouse"]["pay_input_ranges"]
    assert all(isinstance(shown[end], int) for end in ("min_cents", "max_cents"))
    assert [shown["min_cents"] / 100, shown["max_cents"] / 100] == ends
    lever = every["lever"]["salaryRange"]
    assert [lever["min"], lever["max"]] == ends
    assert lever["interval"].startswith(f"per-{period}-")
    (tier,) = every["ashby"]["compensation"]["compensationTiers"]
    (component,) = tier["components"]
    assert [component["minValue"], component["maxValue"]] == ends
    assert component["interval"] == f"1 {period.upper()}"
    for text in (
        component["summary"],
        tier["tierSummary"],
        *every["ashby"]["compensation"].items(),
    ):
        assert not isinstance(text, str) or text in said
    assert shown["blurb"] == every["lever"]["salaryDescriptionPlain"] == said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"range": "161000-225000"}, "base pay range for this position is $161,000 - $225,000 per"),
        ({"range": "$161k - 225k"}, "base pay range for this position is $161,000 - $225,000 per"),
        ({"range": "180000"}, "base pay for this position is $180,000 per year."),
        ({"range": "180000-180000"}, "base pay for this position is $180,000 per year."),
        ({"range": "72.50-90", "period": "hour"}, "position is $72.50 - $90.00 per hour."),
        ({"range": "85", "period": "hour"}, "base pay for this position is $85 per hour."),
        ({"range": "$41.25/hr to $52"}, "position is $41.25 - $52.00 per hour."),
        ({"range": "Salary: $103,409.50 - $134,435"}, "is $103,409.50 - $134,435.00 per year."),
        ({"range": "$9,000/month"}, "is $9,000 per month ($108,000 per year)."),
    ],
)
def test_a_range_is_advertised_with_full_numbers_and_its_period(
    client: httpx.Client, typed: dict[str, str], said: str
) -> None:
    answer = posting(client, **typed)
    assert said in answer["sentence"]
    assert answer["market"]["offer"]["min"] == answer["range"]["min"]
    assert answer["market"]["estimate"]["period"] == answer["period"]


@pytest.mark.parametrize(
    "typed",
    [
        *("160000-", "160000+", "-160000", "over 160000", "up to 200000", "competitive"),
        *("160k to 200k+", "from $160,000", "200000-160000", "85", "1-2-3", "NaN", "1e5", " "),
    ],
)
def test_a_range_with_an_open_end_is_refused(client: httpx.Client, typed: str) -> None:
    answer = client.get("/posting", params=QUESTION | {"range": typed})
    assert answer.status_code == 400
    assert [(error["type"], error["parameter"]) for error in answer.json()["errors"]] == [
        ("invalid-value", "range")
    ]


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"range": None}, ["missing-parameter"]),
        ({"offer": "180000"}, ["unknown-parameter"]),
        ({"role": "astronaut", "metro": "narnia"}, ["unknown-role", "unknown-metro"]),
        ({"role": "15-1252", "levl": "mid"}, ["unknown-parameter", "ambiguous-title"]),
        ({"role": None}, ["missing-parameter"]),
        ({"metro": "Portland", "range": "much"}, ["invalid-value", "ambiguous-metro"]),
        ({"source": "nobody", "dataset": "none"}, ["unknown-source", "unknown-dataset"]),
    ],
)
def test_an_invalid_request_is_rejected(
    client: httpx.Client, changes: dict[str, str | None], faults: list[str]
) -> None:
    asked = {name: text for name, text in (QUESTION | changes).items() if text is not None}
    answer = client.get("/posting", params=asked)
    assert [error["type"] for error in answer.json()["errors"]] == faults


def test_the_market_is_what_salary_says_of_the_same_question(client: httpx.Client) -> None:
    answer = posting(client)
    asked = {"offer" if name == "range" else name: text for name, text in QUESTION.items()}
    salary = client.get("/salary", params=asked).json()
    (row,) = client.get("/salary/compare", params=asked).json()["rows"]
    assert answer["market"] == row
    assert answer["matches"] == salary["matches"]
    cited = {citation["source_id"] for citation in answer["market"]["citations"]}
    cited |= set(answer["market"]["tested_on"])
    assert {source["id"] for source in answer["sources"]} == cited
    told = " ".join(answer["notices"])
    assert "not the employer's good-faith range" in told
    assert "not legal advice" in told
    assert "may be incomplete" in told


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"source": "upwork-skills-2026-news"}, "no-figures"),
        ({"level": "staff"}, "fallback"),
        ({"role": "astronaut"}, "unknown-role"),
        ({"role": "15-1252"}, "ambiguous-title"),
    ],
)
def test_without_a_market_the_employers_range_can_still_be_advertised(
    client: httpx.Client, changes: dict[str, str], kind: str
) -> None:
    with_market, without = posting(client), posting(client, strict="true", **changes)
    assert without["market"]["estimate"] is None
    assert without["sources"] == []
    problem = without["market"]["problem"]
    assert kind in problem["type"]
    assert client.get(problem["instance"]).json() == problem
    for part in ("sentence", "range", "fields", "laws", "notices"):
        assert without[part] == with_market[part]


def test_a_pinned_posting_stays_the_same(client: httpx.Client) -> None:
    answer = posting(client)
    pinned = client.get(answer["links"]["permalink"])
    assert "max-age=31536000" in pinned.headers["cache-control"]
    again = pinned.json()
    for part in answer.keys() - {"links", "market"}:
        assert again[part] == answer[part]
    assert again["market"]["estimate"] == answer["market"]["estimate"]
    assert client.get(answer["links"]["self"]).json() == answer


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("nyc", [*OF_NEW_YORK, *OF_NEW_JERSEY]),
        ("Jersey City, NJ", [*OF_NEW_YORK, *OF_NEW_JERSEY]),
        ("White Plains, NY", [*OF_NEW_YORK, *OF_NEW_JERSEY]),
        ("Ithaca, NY", ["us-ny", "us-ny-ithaca"]),
        ("Buffalo, NY", ["us-ny"]),
        ("New York State", ["us-ny", "us-ny-ithaca", *OF_NEW_YORK[1:]]),
        ("New Jersey", OF_NEW_JERSEY),
        ("Washington, DC", ["us-dc", "us-va", "us-md"]),
        ("bay-area", ["us-ca"]),
        ("Toledo, OH", ["us-oh-toledo"]),
        ("Ohio", ["us-oh-cleveland", "us-oh-columbus", "us-oh-toledo"]),
        ("Austin, TX", []),
        ("Puerto Rico", []),
    ],
)
def test_a_place_has_the_laws_of_its_states_cities_and_counties(
    client: httpx.Client, place: str, expected: list[str]
) -> None:
    assert ids(posting(client, metro=place)) == expected


def test_remote_work_and_the_nation_have_all_laws(client: httpx.Client, snapshot: Snapshot) -> None:
    every = [law.id for law in snapshot.laws]
    assert ids(posting(client, metro="remote")) == ids(posting(client, metro="us")) == every
    assert "us-ca" in every


def test_the_laws_are_of_the_place_that_was_asked_about(client: httpx.Client) -> None:
    answer = posting(client, metro="denver")
    assert answer["market"]["used"]["metro"]["id"] == "denver-co"
    assert answer["place"]["name"].startswith("Denver")
    assert ids(answer) == ["us-co"]


def test_every_state_and_every_law_belongs_to_a_place(snapshot: Snapshot) -> None:
    for metro in snapshot.metros.values():
        assert set(states_of(metro)) <= snapshot.states.keys()
        assert states_of(metro)[:1] == ((metro.state,) if metro.state else ())
    for law in snapshot.laws:
        assert law in find_laws(snapshot.states[law.state], snapshot)
        if law.metro:
            assert law in find_laws(snapshot.metros[law.metro], snapshot)


@pytest.mark.parametrize("pay", [Interval(min=90, max=90), Interval(min=80, max=90)])
def test_what_a_law_requires_is_fulfilled_wanted_or_owed_elsewhere(
    snapshot: Snapshot, pay: Interval
) -> None:
    fulfilled = {"pay"} | ({"pay-range"} if pay.max != pay.min else set())
    for law in snapshot.laws:
        there = list_duties(law, pay)
        told = [duty.item for duty in (*there.required_in_posting, *there.required_elsewhere)]
        assert sorted(told) == sorted(set(law.requires) - fulfilled)
        assert all(duty.item in IN_ADVERTISEMENTS for duty in there.required_in_posting)
        assert not any(duty.item in IN_ADVERTISEMENTS for duty in there.required_elsewhere)
        assert all(
            duty.meaning == MEANINGS[duty.item]
            for duty in (*there.required_in_posting, *there.required_elsewhere)
        )


def test_a_single_figure_leaves_the_range_wanted_where_both_ends_are(client: httpx.Client) -> None:
    def wants(amounts: str) -> dict[str, list[str]]:
        answer = posting(client, range=amounts, metro="remote")
        return {
            there["law"]["id"]: [duty["item"] for duty in there["required_in_posting"]]
            for there in answer["laws"]
        }

    one, both = wants("180000"), wants("160000-200000")
    assert one["us-dc"] == ["pay-range"]
    assert both["us-dc"] == both["us-nv"] == []
    assert (
        one["us-co"]
        == both["us-co"]
        == [*("benefits", "other-compensation", "deadline", "how-to-apply")]
    )


def test_every_law_that_is_shown_can_be_cited(client: httpx.Client) -> None:
    for there in posting(client, metro="us")["laws"]:
        law = there["law"]
        for part in ("statute", "effective", "applies_to", "source_title", "source_publisher"):
            assert law[part].strip(), law["id"]
        assert law["source_url"].startswith("http")
        assert 0 < len(law["excerpt"]) <= 120
        assert law["checked_on"] >= "2026-11-22"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_of_the_question_but_the_range_is_advertised(
    client: httpx.Client, payload: str
) -> None:
    plain = posting(client)
    for name in ("role", "level", "metro"):
        answer = client.get("/posting", params=QUESTION | {name: f"{QUESTION[name]} {payload}"})
        assert answer.headers["content-type"] in ("application/json", "application/problem+json")
        if answer.status_code == 200:
            for part in ("sentence", "fields", "notices"):
                assert answer.json()[part] == plain[part]
        else:
            assert answer.status_code in (400, 404, 422)


# Each takes a row of the table, and breaks one rule in it.
Cells = dict[str, str]
REQUIRED = [name for name in PayLaw.__struct_fields__ if name not in ("metro", "note")]
BROKEN: list[Callable[[Cells], Cells]] = [
    *(lambda row, name=name: row | {name: ""} for name in REQUIRED),
    *(lambda row, name=name: row | {name: " "} for name in REQUIRED),
    lambda row: row | {"id": "New York"},
    lambda row: row | {"state": "ZZ"},
    lambda row: row | {"state": "TX", "metro": "nyc"},
    lambda row: row | {"metro": "atlantis"},
    lambda row: row | {"effective": "last year"},
    lambda row: row | {"checked_on": "2026-13-01"},
    lambda row: row | {"requires": "pay;benifits"},
    lambda row: row | {"requires": "pay;pay"},
    lambda row: row | {"requires": "pay;pay-range"},
    lambda row: row | {"source_url": "nysenate.gov"},
    lambda row: row | {"source_url": "javascript:alert(1)"},
    lambda row: row | {"excerpt": "a sentence of theirs " * 10},
    lambda row: row | {"extra": "x"},
    lambda row: dict(list(row.items())[:-1]),
]


@pytest.fixture(scope="module")
def own_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for all tests here, of which each writes the whole table."""
    return Path(shutil.copytree(SEEDS, tmp_path_factory.mktemp("laws") / "seeds"))


def write_laws(folder: Path, rows: list[Cells]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(PayLaw.__struct_fields__)
    writer.writerows(row.values() for row in rows)
    (folder / FILE).write_text(text.getvalue())


@pytest.mark.parametrize("number", [0, 15])
@pytest.mark.parametrize("broken", BROKEN)
def test_a_row_that_cannot_be_cited_or_read_is_refused_with_its_line(
    own_seeds: Path, broken: Callable[[Cells], Cells], number: int
) -> None:
    rows = list(csv.DictReader((SEEDS / FILE).read_text().splitlines()))
    rows[number] = broken(rows[number])
    write_laws(own_seeds, rows)
    with pytest.raises(SeedError) as error:
        seeds.read(own_seeds)
    assert (error.value.file, error.value.line) == (own_seeds / FILE, number + 2)


def test_a_repeated_law_is_rejected_and_an_unknown_item_gets_the_list(
    own_seeds: Path,
) -> None:
    rows = list(csv.DictReader((SEEDS / FILE).read_text().splitlines()))
    write_laws(own_seeds, [*rows, rows[0]])
    with pytest.raises(SeedError, match=rf":{len(rows) + 2}: duplicate of 'us-ca'"):
        seeds.read(own_seeds)
    write_laws(own_seeds, [rows[0] | {"requires": "perks"}])
    with pytest.raises(SeedError, match="'perks' is not one of pay, pay-range, benefits"):
        seeds.read(own_seeds)


def test_a_table_without_rows_is_a_table(few_seeds: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(few_seeds, tmp_path / "seeds"))
    write_laws(copied, [])
    assert seeds.read(copied).laws == ()
