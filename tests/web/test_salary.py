"""`GET /salary` over a real socket."""

import json
from pathlib import Path
from urllib.parse import urlencode

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paycite.dataset.build import build
from paycite.dataset.published import Datasets
from paycite.model.answer import Answer
from paycite.model.parameters import SalaryParameters
from paycite.model.problem import PROBLEM_TYPES, Problem
from paycite.model.snapshot import Snapshot
from support.questions import every_scope
from support.servers import SEEDS, serving

QUESTION = "/salary?role=mlops&level=mid&metro=nyc"


def get(client: httpx.Client, **query: object) -> httpx.Response:
    return client.get("/salary", params=query)  # type: ignore[arg-type]


def problem(response: httpx.Response) -> Problem:
    assert response.headers["content-type"] == "application/problem+json"
    told = msgspec.json.decode(response.content, type=Problem)
    assert told.status == response.status_code
    assert told.type.removeprefix("/problems/") in PROBLEM_TYPES
    assert told.errors
    return told


def kinds(response: httpx.Response) -> list[tuple[str, str | None]]:
    return [(fault.type, fault.parameter) for fault in problem(response).errors]


def test_a_cited_answer_to_the_question_of_the_readme(client: httpx.Client) -> None:
    answer = client.get(f"{QUESTION}&source=kore1-ai-jobs-2026").json()
    assert answer["estimate"]["range"] == {
        "min": 161000,
        "midpoint": 193000,
        "max": 225000,
        "spread": 0.398,
        "open_ended": False,
    }
    chain = answer["chains"][0]
    assert [(s["operation"], s["as_published"]) for s in chain["steps"]] == [
        ("published", "$140K-$180K"),
        ("multiply", "15-25% higher"),
    ]
    publishers = [source["publisher"] for source in answer["sources"]]
    # The bands were back-tested on the first source, as a caveat reports.
    assert publishers == ["aijobs.net", "KORE1"]
    assert chain["tested_on"] == ["aijobs-2025-08"]
    for step in chain["steps"]:
        figure = client.get(f"/figures/{step['figure_id']}").json()
        assert figure["as_published"] == step["as_published"]
        source = client.get(f"/sources/{figure['source_id']}").json()
        assert source == answer["sources"][1] | {"scores": source["scores"]}


def test_an_answer_has_every_source_that_prices_the_role(client: httpx.Client) -> None:
    answer = client.get(QUESTION).json()
    chains = {chain["source_id"]: chain for chain in answer["chains"]}
    assert set(chains) == {
        *("aijobs-2025-08", "bls-oews-2025-05", "dol-lca-fy2024q1-fy2024q4", "kore1-ai-jobs-2026")
    }
    estimate = answer["estimate"]
    assert estimate["percentiles"]["p50"] == estimate["median"]
    assert (estimate["range"]["min"], estimate["range"]["max"]) == (
        estimate["percentiles"]["p25"],
        estimate["percentiles"]["p75"],
    )
    band = chains["kore1-ai-jobs-2026"]
    assert (band["range"]["min"], band["range"]["max"]) == (161_000, 225_000)
    assert band["weight"] < 0.25


def test_the_error_of_each_confidence_label_is_listed(client: httpx.Client) -> None:
    items = client.get("/confidence").json()["items"]
    assert {item["label"] for item in items} == {"high", "medium", "low"}
    assert all(item["n"] >= item["employers"] > 0 for item in items)
    first = client.get("/confidence?limit=5").json()
    assert client.get(first["next"]).json()["items"][0] == items[5]


def test_what_was_asked_is_told_letter_for_letter(client: httpx.Client) -> None:
    asked = {
        "role": "  ML-Ops engineer ",
        "level": "SR.",
        "years": "7.50",
        "metro": "New York, NY",
        "offer": "$180,000-200k",
        "strict": "False",
    }
    answer = get(client, **asked, source=["kore1-ai-jobs-2026"]).json()
    assert answer["requested"] == {**asked, "source": ["kore1-ai-jobs-2026"]}
    assert [match["id"] for match in answer["matches"]] == ["mlops", "senior", "nyc"]
    assert [match["method"] for match in answer["matches"]] == ["alias", "alias", "alias"]
    assert (answer["offer"]["min"], answer["offer"]["max"]) == (180_000, 200_000)


def test_what_is_left_out_is_told_as_such(client: httpx.Client) -> None:
    answer = get(client, role="mlops").json()
    assert answer["requested"] == {"role": "mlops"}
    assert answer["used"]["level"] is None
    assert answer["matches"][1]["method"] == "default"
    answer = get(client, role="mlops", years="3").json()
    assert answer["used"]["level"]["id"] == "mid"
    assert answer["matches"][1]["method"] == "years"


@pytest.mark.parametrize("text", ["5+", "5 +", " 5+ years", "5 yrs", "5 Years", "5.0"])
def test_years_are_read_as_people_write_them(client: httpx.Client, text: str) -> None:
    answer = get(client, role="mlops", years=text).json()
    assert answer["requested"]["years"] == text
    assert (answer["used"]["level"]["id"], answer["matches"][1]["query"]) == ("senior", text)


@pytest.mark.parametrize("text", ["3-5", "3 \u2013 5", "3 to 5 years", "3+ - 5+", "3 yrs-5 yrs"])
def test_a_range_of_years_says_to_give_one_number(client: httpx.Client, text: str) -> None:
    (fault,) = get(client, role="mlops", years=text).json()["errors"]
    assert "a range may have several levels. Give one number, such as 3." in fault["detail"]
    assert fault["suggestions"] == ["3"]


def test_a_place_in_a_title_is_a_match_and_changes_no_number(client: httpx.Client) -> None:
    plain = get(client, role="data-engineer").json()
    asked = {"role": "Data Engineer (Denver, CO)"}
    answer = get(client, **asked).json()
    assert (answer["estimate"], answer["used"]) == (plain["estimate"], plain["used"])
    places = [match for match in answer["matches"] if match["dimension"] == "metro"]
    assert [(match["id"], match["query"]) for match in places] == [
        ("us", None),
        ("denver-co", "Denver, CO"),
    ]
    assert "“Denver, CO” is not used" in client.get("/salary.html", params=asked).text
    row = client.post("/salary/batch", json={"rows": [asked]}).json()["rows"][0]
    assert row["matches"] == answer["matches"]
    placed = get(client, **asked, metro="seattle-wa").json()
    assert [match["id"] for match in placed["matches"]] == ["data-engineer", "seattle-wa"]


def test_years_beside_a_level_are_a_match_and_change_no_number(client: httpx.Client) -> None:
    for stated in ({"role": "mlops", "level": "entry"}, {"role": "Junior MLOps Engineer"}):
        plain = get(client, **stated).json()
        answer = get(client, **stated, years="20").json()
        assert (answer["estimate"], answer["used"]) == (plain["estimate"], plain["used"])
        levels = [match for match in answer["matches"] if match["dimension"] == "level"]
        assert [(match["id"], match["method"]) for match in levels][1:] == [("senior", "years")]
        assert levels[1]["query"] == "20"
        in_title = get(client, role="Junior MLOps Engineer (20+ years)").json()["matches"]
        assert [(one["id"], one["query"]) for one in in_title if one["method"] == "years"] == [
            ("senior", "20+ years")
        ]
        asked = stated | {"years": "20"}
        assert "level senior" in client.get("/salary.csv", params=asked).text
        assert (
            "point to Senior; this is the pay of" in client.get("/salary.html", params=asked).text
        )


def test_every_question_gets_the_same_bytes_from_two_builds_and_two_servers(
    client: httpx.Client, tmp_path: Path, snapshot: Snapshot
) -> None:
    build(SEEDS, tmp_path / "datasets", keep=1)
    addresses = ["/figures", "/sources", "/figures?topic=growth&limit=3", "/salary?role=nobody"]
    metros = {"us", "nyc", "bay-area", "austin-tx"}
    for role, level, metro in every_scope(snapshot):
        if metro in metros:
            scope = {"role": role, "level": level, "metro": metro}
            query = {name: value for name, value in scope.items() if value}
            addresses.append(f"/salary?{urlencode(query)}&offer=150000-190000")
    with serving(tmp_path) as other:
        for address in addresses:
            first, second = client.get(address), other.get(address)
            assert first.content == second.content
            assert first.headers.get("etag") == second.headers.get("etag")


@pytest.mark.parametrize("path", ["/salary?", "/posting?range=150k&"])
def test_a_permalink_is_the_address_of_the_pinned_answer(client: httpx.Client, path: str) -> None:
    answer = client.get(f"{path}role=mlops&strict=false&age=true&level=mid").json()
    pinned = client.get(answer["links"]["permalink"]).json()
    assert pinned["links"]["self"] == pinned["links"]["permalink"] == answer["links"]["permalink"]


def test_an_unknown_name_says_where_all_are_listed(client: httpx.Client) -> None:
    answer = client.get("/salary?role=xyzzy&level=ceo&source=xyzzy").json()
    assert [error["detail"] for error in answer["errors"]] == [
        "Unknown role 'xyzzy'. GET /roles lists all roles.",
        "Unknown level 'ceo'. The levels are entry, mid, senior, staff and principal.",
        "Unknown source 'xyzzy'. GET /sources lists all sources.",
    ]


def test_the_permalink_gives_the_answer_of_its_dataset(client: httpx.Client) -> None:
    answer = client.get(QUESTION).json()
    pinned = client.get(answer["links"]["permalink"])
    assert pinned.headers["cache-control"] != client.get(QUESTION).headers["cache-control"]
    again = pinned.json()
    assert again["estimate"] == answer["estimate"]
    assert again["links"]["permalink"] == answer["links"]["permalink"]
    assert client.get(answer["links"]["self"]).json() == answer


def test_http_manners(client: httpx.Client) -> None:
    first = client.get(QUESTION)
    etag = first.headers["etag"]
    for held in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        again = client.get(QUESTION, headers={"if-none-match": held})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    assert client.get(QUESTION, headers={"if-none-match": '"other"'}).content == first.content
    head = client.head(QUESTION)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == etag
    assert head.headers["content-length"] == first.headers["content-length"]
    version = first.json()["dataset"]["version"]
    for response in (first, client.get("/salary"), client.get("/nowhere")):
        assert response.headers["x-dataset-version"] == version
        assert response.headers["x-service-version"]
        cross = client.get(response.request.url, headers={"origin": "https://tool.example"})
        assert cross.headers["access-control-allow-origin"] == "*"
        assert "Origin" in response.headers["vary"].split(", ")  # an answer without it has none
    assert "etag" in cross.headers["access-control-expose-headers"].lower()


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        ("", 400, [("missing-parameter", "role")]),
        ("role=", 400, [("invalid-value", "role")]),
        ("role=mlops&role=mlops", 400, [("repeated-parameter", "role")]),
        ("role=mlops&lvl=mid", 400, [("unknown-parameter", "lvl")]),
        ("role=mlops&utm_source=x", 400, [("unknown-parameter", "utm_source")]),
        ("role=%FF%FE", 400, [("invalid-value", "role")]),
        ("role=mlops%00", 400, [("invalid-value", "role")]),
        (
            "%FFrole=mlops",
            400,
            [("missing-parameter", "role"), ("unknown-parameter", "\ufffdrole")],
        ),
        ("role=" + "m" * 10_240, 400, [("invalid-value", "role")]),
        ("&".join(f"p{n}=1" for n in range(60)), 400, [("invalid-value", None)]),
        ("role=mlops&years=many", 400, [("invalid-value", "years")]),
        ("role=mlops&years=null", 400, [("invalid-value", "years")]),
        ("role=mlops&years=3-5", 400, [("invalid-value", "years")]),
        ("role=mlops&years=3-", 400, [("invalid-value", "years")]),
        ("role=mlops&years=61", 400, [("invalid-value", "years")]),
        ("role=mlops&years=nan", 400, [("invalid-value", "years")]),
        ("role=Jr+MLOps+Engineer&level=staff", 400, [("conflicting-parameters", "level")]),
        ("role=Part-time+MLOps+Engineer", 400, [("invalid-value", "role")]),
        ("role=MLOps+Engineer+(contract)", 400, [("invalid-value", "role")]),
        ("role=mlops&offer=$85/hr+contract", 400, [("invalid-value", "offer")]),
        ("role=mlops&offer=$80/hr+C2C", 400, [("invalid-value", "offer")]),
        ("role=mlops&strict=maybe", 400, [("invalid-value", "strict")]),
        ("role=mlops&offer=85", 400, [("invalid-value", "offer")]),
        ("role=mlops&offer=190000-150000", 400, [("invalid-value", "offer")]),
        ("role=mlops&offer=a-lot", 400, [("invalid-value", "offer")]),
        ("role=mlops&offer=1-2-3", 400, [("invalid-value", "offer")]),
        ("role=mlops&offer=1,50,000", 400, [("invalid-value", "offer")]),
        ("role=mlops&offer=" + "9" * 100, 400, [("invalid-value", "offer")]),
        ("role=mlops&offer=999999999999k", 400, [("invalid-value", "offer")]),
        (
            "role=mlops&offer=%D9%A1%D9%A8%D9%A0%D9%A0%D9%A0%D9%A0",
            400,
            [("invalid-value", "offer")],
        ),
        ("role=astronaut", 404, [("unknown-role", "role")]),
        ("role=mlops&level=boss", 404, [("unknown-level", "level")]),
        ("role=mlops&metro=narnia", 404, [("unknown-metro", "metro")]),
        ("role=mlops&source=nobody", 404, [("unknown-source", "source")]),
        ("role=mlops&dataset=../current", 404, [("unknown-dataset", "dataset")]),
        ("role=mlops&source=upwork-skills-2026-news", 404, [("no-figures", "source")]),
        ("role=15-1252", 422, [("ambiguous-title", "role")]),
        (
            "role=mlops&level=staff&metro=austin&strict=true",
            409,
            [("fallback-refused", "level")],
        ),
        (
            "role=15-1252&level=boss&metro=narnia&offer=x&lvl=1&source=a&source=b&dataset=c",
            400,
            [
                ("unknown-parameter", "lvl"),
                ("invalid-value", "offer"),
                ("unknown-level", "level"),
                ("unknown-metro", "metro"),
                ("unknown-source", "source"),
                ("unknown-source", "source"),
                ("unknown-dataset", "dataset"),
                ("ambiguous-title", "role"),
            ],
        ),
    ],
)
def test_every_fault_is_told_at_once(
    client: httpx.Client, query: str, status: int, expected: list[tuple[str, str | None]]
) -> None:
    response = client.get(f"/salary?{query}")
    assert response.status_code == status
    assert kinds(response) == expected


def test_suggestions_lead_to_an_answer(client: httpx.Client) -> None:
    query = {"role": "mlosp", "level": "seniro", "metro": "new yrok", "source": "kore1"}
    told = problem(get(client, **query))
    fixed = {fault.parameter or "": fault.suggestions[0] for fault in told.errors}
    assert get(client, **fixed).status_code == 200


def test_methods_and_addresses_that_do_not_exist(client: httpx.Client) -> None:
    response = client.delete(QUESTION)
    assert kinds(response) == [("method-not-allowed", None)]
    assert "GET" in response.headers["allow"]
    assert kinds(client.post("/salary", content=b"{")) == [("method-not-allowed", None)]
    for path in ("/salaries", "/salary/mlops/mid", "/%FF%00", "/figures/%FF%00", "/" + "x" * 5_000):
        assert client.get(path).status_code == 404
        problem(client.get(path))


texts = st.text(max_size=30) | st.sampled_from(
    [
        "mlops",
        "prompt-engineer",
        "staff",
        "mid",
        "nyc",
        "us",
        "35620",
        "3",
        "150000",
        "true",
        "null",
    ]
)
numbers = st.integers(0, 10**40).map(str) | st.floats().map(str)
amounts = st.lists(numbers | st.sampled_from(["$", "k", ",", ".", "-", " "]), max_size=6).map(
    "".join
)
names = st.sampled_from(SalaryParameters.__struct_fields__)
raw_bytes = st.binary(max_size=40).map(lambda raw: "".join(f"%{byte:02X}" for byte in raw))


@settings(max_examples=400)
@given(
    query=st.lists(st.tuples(names | texts, texts | numbers | amounts), max_size=6).map(urlencode)
    | raw_bytes
    | st.text("role=&mlops%+?;0123456789F", max_size=60)
)
def test_any_query_gets_an_answer_or_a_well_formed_problem(
    client: httpx.Client, query: str
) -> None:
    response = client.get(httpx.URL(str(client.base_url) + "/salary", query=query.encode()))
    if response.status_code == 200:
        msgspec.json.decode(response.content, type=Answer)
    else:
        assert problem(response).status < 500


def test_a_fault_of_ours_is_a_problem_too(datasets: Datasets) -> None:
    """The one status that no request can bring about, so it is asked of the handler itself."""
    from litestar.testing import RequestFactory

    from paycite.web.problems import draw_problem
    from paycite.web.respond import Service

    request = RequestFactory().get("/salary")
    request.app.state.service = Service(datasets)
    response = draw_problem(request, RuntimeError("a secret"))
    assert response.status_code == 500
    assert json.loads(response.content)["type"] == "/problems/internal-error"
    assert b"secret" not in response.content


@pytest.mark.parametrize("path", ["/salary?", "/offer?offer=150k&"])
def test_a_summary_is_the_answer_without_steps_and_context(client: httpx.Client, path: str) -> None:
    question = f"{path}role=mlops&level=mid&metro=nyc"
    full, brief = (client.get(f"{question}&view={view}") for view in ("full", "summary"))
    assert full.json() == client.get(question).json()
    links = {name: f"{link}&view=summary" for name, link in full.json()["links"].items()}
    left = full.json() | {"context": [], "disagreement": None, "links": links}
    left["chains"] = [chain | {"steps": [], "caveats": []} for chain in left["chains"]]
    assert brief.json() == left
    assert client.get(links["self"]).content == brief.content
    pinned = client.get(links["permalink"]).json()
    assert (pinned["estimate"], pinned["chains"]) == (left["estimate"], left["chains"])
    assert len(brief.content) < len(full.content) / 4
