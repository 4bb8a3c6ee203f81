"""`/posting.html` over a socket: what it says is what `/posting` answers."""

from urllib.parse import urlencode

import httpx
import msgspec
import pytest

from paycite.model.law import MEANINGS
from paycite.model.money import in_dollars
from paycite.model.problem import Fault
from paycite.model.snapshot import Snapshot
from paycite.present.html.words import describe_fault
from support.hostile import PAYLOADS
from support.pages import Parsed, parsed

ASKED = {"range": "$160,000 - $200,000.50", "role": "Sr. Data Scientist"}
PLACES = ("nyc", "Denver, CO", "remote", "Austin, TX")


def page_of(client: httpx.Client, **asked: str) -> Parsed:
    return parsed(client, f"/posting.html?{urlencode(ASKED | asked)}")


@pytest.mark.parametrize("metro", PLACES)
def test_a_posting_says_all_that_its_json_does_once(client: httpx.Client, metro: str) -> None:
    query = urlencode(ASKED | {"metro": metro})
    answer = client.get(f"/posting?{query}").json()
    response = client.get(f"/posting.html?{query}")
    shown = Parsed(response.text)
    assert len(response.content) < 60_000
    estimate = answer["market"]["estimate"]
    low, high = (in_dollars(estimate["range"][end]) for end in ("min", "max"))
    for text in (
        *(answer["sentence"], f"{low} to {high}", f"{in_dollars(estimate['median'])} median"),
        estimate["confidence"]["reason"],
        *(in_dollars(one["amount"]) for one in answer["market"]["offer"]["positions"]),
        *(one["verdict"] for one in answer["market"]["offer"]["positions"]),
        *(source["citation"] for source in answer["sources"]),
    ):
        assert text in shown.said
    for notice in answer["notices"]:
        assert shown.said.count(notice) == 1
    full = answer["market"]["links"]["self"].replace("/salary?", "/salary.html?")
    assert shown.all("a", href=full) and client.get(full).status_code == 200
    for one in answer["laws"]:
        law = one["law"]
        for text in ("name", "statute", "applies_to", "effective", "excerpt", "checked_on"):
            assert law[text] in shown.said, law["id"]
        assert shown.all("a", href=law["source_url"])


@pytest.mark.parametrize("metro", PLACES)
@pytest.mark.parametrize("pay", ["180000", "160-200k"])
def test_each_requirement_of_a_law_is_fulfilled_missing_or_owed_elsewhere(
    client: httpx.Client, metro: str, pay: str
) -> None:
    query = urlencode(ASKED | {"metro": metro, "range": pay})
    laws = client.get(f"/posting?{query}").json()["laws"]
    html = client.get(f"/posting.html?{query}").text
    cards = [Parsed(card).said for card in html.split('<li class="card">')[1:]]
    assert len(cards) == len(laws)
    for one in laws:
        law = one["law"]
        (card,) = [card for card in cards if f"{law['statute']}. For" in card]
        missing = [duty["item"] for duty in one["required_in_posting"]]
        elsewhere = [duty["item"] for duty in one["required_elsewhere"]]
        rest = card
        for label, items in (
            ("In the posting already:", set(law["requires"]) - {*missing, *elsewhere}),
            ("Still missing:", missing),
            ("Owed outside the posting:", elsewhere),
        ):
            assert (label in rest) == bool(items), law["id"]
            _, _, rest = rest.partition(label) if items else ("", "", rest)
            assert all(MEANINGS[item] in rest for item in items)


def test_laws_are_folded_by_state_only_where_there_are_many(client: httpx.Client) -> None:
    for metro, is_folded in (("nyc", False), ("Denver, CO", False), ("remote", True), ("us", True)):
        shown = page_of(client, metro=metro)
        states = [one for one in shown.all("details") if one.get("class") == "fold printed"]
        assert {"open" not in one for one in states} == {is_folded}, metro
    assert "No pay law is known for this place." in page_of(client, metro="Austin, TX").said


def test_without_parameters_there_is_a_form_and_every_law(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    shown = parsed(client, "/posting.html")
    (form,) = shown.all("form")
    assert form["action"] == "/posting.html" and form["method"] == "get"
    assert {law.source_url for law in snapshot.laws} <= {one["href"] for one in shown.all("a")}
    for law in snapshot.laws:
        assert law.statute in shown.said and snapshot.states[law.state].name in shown.said


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "software-engineer", "source": "kore1-ai-jobs-2026"},
        {"role": "Mlosp"},
    ],
)
def test_without_a_market_the_page_has_the_sentence_and_the_laws(
    client: httpx.Client, changes: dict[str, str]
) -> None:
    asked = {"metro": "nyc"} | changes
    answer = client.get(f"/posting?{urlencode(ASKED | asked)}").json()
    problem = answer["market"]["problem"]
    assert problem
    shown = page_of(client, **asked)
    said, fault = shown.said, problem["errors"][0]
    assert answer["sentence"] in said
    assert Parsed(str(describe_fault(msgspec.convert(fault, Fault), {}))).said in said
    for one in fault["suggestions"] if fault["parameter"] == "role" else ():
        assert shown.all("a", href=f"/posting.html?{urlencode(ASKED | asked | {'role': one})}")
    assert answer["laws"] and all(one["law"]["statute"] in said for one in answer["laws"])


def test_what_is_missing_from_a_posting_is_asked_for_with_what_was_given(
    client: httpx.Client,
) -> None:
    shown = parsed(client, "/posting.html?role=mlops&metro=nyc&utm_source=x&level=", 400)
    assert "Something is missing Enter your pay range." in shown.said
    assert shown.all("input", name="role", value="mlops") and not shown.all("input", value="x")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_posting_becomes_markup(client: httpx.Client, payload: str) -> None:
    def tags(**asked: str) -> set[str]:
        answer = client.get("/posting.html", params=ASKED | asked)
        assert answer.status_code < 500
        return {tag for tag, _ in Parsed(answer.text).elements}

    for name in ("range", "role", "metro", "level", "period", "source"):
        assert tags(**{name: payload}) <= tags() | tags(**{name: "x"}) | {"span", "code", "a"}
