"""`/ranking` and its map: places ranked by official statistics, over a real socket."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html import unescape
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from paycite.dataset.store import Store
from paycite.estimate.mixture import curve, mixed
from paycite.model.distribution import PERCENTILES
from paycite.model.money import in_percent
from paycite.model.ranking import RankedBy, Ranking
from paycite.model.snapshot import Snapshot
from paycite.present.chart.map import draw_map, mapped_points
from paycite.present.html.ranking import ranking_values
from paycite.settings import ROOT
from paycite.web.handlers.ranking import ranking as endpoint
from support.asking import ask_endpoint
from support.hostile import PAYLOADS
from support.pages import Parsed
from support.servers import follow_pages

ROLES = ("mlops", "ml-researcher", "ai-architect", "ai-ml-engineer")  # of one, two, three
WHOLE = {"limit": "1000"}
SVG = "{http://www.w3.org/2000/svg}"


def value(place: dict[str, Any], by: str) -> float | None:
    of: float | None
    if by in ("employment", "ratio_to_nation"):
        of = place[by]
    else:
        of = place["percentiles"]["p50" if by == "median" else by]
    return of


def whole(client: httpx.Client, **asked: str) -> dict[str, Any]:
    answer = client.get("/ranking", params=WHOLE | asked)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def numbers(statistics: dict[str, Any]) -> Iterator[float]:
    """In the order of the measures, those that are there."""
    yield from (statistics["percentiles"][name] for name in PERCENTILES)
    for name in ("employment", "employment_rse", "mean_rse", "location_quotient"):
        if statistics[name] is not None:
            yield statistics[name]


@pytest.mark.parametrize("kind", ["metro", "state"])
@pytest.mark.parametrize("role", ROLES)
def test_every_number_is_that_of_the_figure_it_cites(
    client: httpx.Client, store: Store, role: str, kind: str
) -> None:
    ranking = whole(client, role=role, kind=kind)
    assert ranking["items"]
    checked = 0
    for place in [ranking["nation"], *ranking["items"]]:
        for step in place["steps"]:
            # What was withheld is cited too, and has no number.
            figures = [store.figure(one["figure_id"]) for one in step["statistics"]["figures"]]
            stated = [figure.low for figure in figures if figure and figure.low is not None]
            assert stated == list(numbers(step["statistics"]))
            assert all(figure and figure.geography == place["metro"]["id"] for figure in figures)
            checked += len(stated)
    for place in ranking["items"][::60]:  # the same over the socket
        for one in place["steps"][-1]["statistics"]["figures"]:
            figure = client.get(f"/figures/{one['figure_id']}").json()
            assert (figure["as_published"], figure["locator"]) == (
                one["as_published"],
                one["locator"],
            )
    assert checked > 5 * ranking["ranked_places"]


@pytest.mark.parametrize("role", ROLES)
def test_a_place_says_what_salary_says_of_it(client: httpx.Client, role: str) -> None:
    """The official chain of an answer, and the mixture computed again from its parts."""
    ranking = whole(client, role=role)
    for place in ranking["items"][::40]:
        if len(place["steps"]) == 1:
            assert place["percentiles"] == place["steps"][0]["statistics"]["percentiles"]
        else:
            found = mixed(
                [
                    curve(
                        step["share"],
                        {name: step["statistics"]["percentiles"][name] for name in PERCENTILES},
                        step["statistics"]["percentiles"]["capped"],
                    )
                    for step in place["steps"]
                ]
            )
            for name, amount in found.values.items():
                assert amount is not None
                assert place["percentiles"][name] == pytest.approx(amount, abs=0.5001)
            assert place["percentiles"]["capped"] == list(found.capped)
        people = [step["statistics"]["employment"] for step in place["steps"]]
        assert place["employment"] == (None if None in people else sum(people))
        median = ranking["nation"]["percentiles"]["p50"]
        assert place["ratio_to_nation"] == round(place["percentiles"]["p50"] / median, 3)
        question = {"role": role, "metro": place["metro"]["id"], "source": "bls-oews-2025-05"}
        (chain,) = client.get("/salary", params=question).json()["chains"]
        assert chain["percentiles"] == place["percentiles"]
        assert chain["steps"] == place["steps"]


@pytest.mark.parametrize("by", get_args(RankedBy))
@pytest.mark.parametrize("role", ["mlops", "ai-ml-engineer"])
def test_the_highest_is_first_and_equals_share_a_rank_in_order_of_id(
    client: httpx.Client, role: str, by: str
) -> None:
    ranking = whole(client, role=role, by=by)
    items = ranking["items"]
    values = [value(place, by) for place in items]
    assert None not in values
    keys = [(-of, place["metro"]["id"]) for of, place in zip(values, items, strict=True) if of]
    assert keys == sorted(keys)
    assert len(keys) == len(items) == ranking["ranked_places"] <= ranking["total_places"] == 393
    for place in items:
        higher = [of for of in values if of and of > (value(place, by) or 0)]
        assert place["rank"] == len(higher) + 1
    assert (
        len({place["rank"] for place in items}) < len(items) or by != "ratio_to_nation"
    )  # equals exist


def test_a_place_without_its_own_figures_is_not_in_it(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    for kind in ("metro", "state"):
        places = [metro.id for metro in snapshot.metros.values() if metro.kind == kind]
        for role in ROLES:
            ranking = whole(client, role=role, kind=kind)
            listed = {place["metro"]["id"] for place in ranking["items"]}
            assert ranking["total_places"] == len(places)
            for id_ in places:
                cells = [snapshot.official(code, id_) for code in snapshot.roles[role].soc_codes]
                released = all(
                    cell and all(getattr(cell[0], name) is not None for name in PERCENTILES)
                    for cell in cells
                )
                assert (id_ in listed) == released, id_


def test_the_sources_are_those_that_are_cited(client: httpx.Client) -> None:
    ranking = client.get("/ranking?role=ai-architect&limit=3").json()
    cited = {
        one["source_id"]
        for place in [ranking["nation"], *ranking["items"]]
        for step in place["steps"]
        for one in [step, *step["statistics"]["figures"]]
    }
    assert {source["id"] for source in ranking["sources"]} == cited
    assert any("regardless of their share" in caveat for caveat in ranking["caveats"])
    assert any("mixture" in caveat for caveat in ranking["caveats"])


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(
    least=st.integers(min_value=0, max_value=200_000),
    role=st.sampled_from(ROLES),
    kind=st.sampled_from(["metro", "state"]),
)
def test_places_with_fewer_people_are_hidden_and_counted(
    client: httpx.Client, least: int, role: str, kind: str
) -> None:
    every = whole(client, role=role, kind=kind)
    assert (every["min_employment"], every["hidden_places"]) == (0, 0)
    some = whole(client, role=role, kind=kind, min_employment=str(least))
    stay = [one for one in every["items"] if (one["employment"] or 0) >= least]
    assert [one["metro"] for one in some["items"]] == [one["metro"] for one in stay]
    assert some["ranked_places"] == len(stay)
    assert some["hidden_places"] == len(every["items"]) - len(stay)
    assert [one["rank"] for one in some["items"]][:1] in ([], [1])
    assert some["nation"] == every["nation"]


def test_a_role_without_an_occupation_says_why_nothing_is_ranked(client: httpx.Client) -> None:
    answer = whole(client, role="data-annotator")
    reason, _ = answer["caveats"]
    assert (answer["ranked_places"], answer["items"]) == (0, [])
    assert reason in client.get("/salary", params={"role": "data-annotator"}).json()["detail"]
    assert reason in client.get("/ranking.html", params={"role": "data-annotator"}).text


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(
    limit=st.integers(min_value=29, max_value=1_000),
    by=st.sampled_from(get_args(RankedBy)),
    kind=st.sampled_from(["metro", "state"]),
)
def test_pages_add_up_to_the_whole(client: httpx.Client, limit: int, by: str, kind: str) -> None:
    expected = whole(client, role="web-developer", by=by, kind=kind)
    assert expected["next"] is None
    items: list[Any] = []
    address = f"/ranking?role=web-developer&by={by}&kind={kind}&limit={limit}"
    for page in follow_pages(client, address):
        assert len(page["items"]) <= limit
        assert page["ranked_places"] == expected["ranked_places"]
        items += page["items"]
    assert items == expected["items"]


def test_an_answer_is_kept_as_long_as_its_dataset(client: httpx.Client, snapshot: Snapshot) -> None:
    for path in ("/ranking", "/ranking.svg"):
        pinned = client.get(path, params={"role": "mlops", "dataset": snapshot.version})
        current = client.get(path, params={"role": "mlops"})
        assert pinned.headers["cache-control"] == "max-age=31536000, public, immutable"
        assert current.headers["cache-control"] == "max-age=60, public"
        again = client.get(f"{path}?role=mlops", headers={"If-None-Match": current.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_title_is_read_as_elsewhere(client: httpx.Client) -> None:
    said = whole(client, role="ML Ops Eng")
    assert said["role"]["id"] == "mlops"
    assert [match["query"] for match in said["matches"]] == ["ML Ops Eng"]
    assert said["items"] == whole(client, role="mlops")["items"]


@pytest.mark.parametrize("path", ["/ranking", "/ranking.svg"])
@pytest.mark.parametrize(
    ("query", "status", "type_"),
    [
        ("", 400, "missing-parameter"),
        ("role=astronaut", 404, "unknown-role"),
        ("role=MLOps+Engineer+VI", 404, "unknown-level"),
        ("role=Senior+MLOps+Engineer", 400, "invalid-value"),
        ("role=15-1252", 422, "ambiguous-title"),
        ("role=mlops&by=fame", 400, "invalid-value"),
        ("role=mlops&by=Median", 400, "invalid-value"),
        ("role=mlops&level=mid", 400, "unknown-parameter"),
        ("role=mlops&metro=nyc", 400, "unknown-parameter"),
        ("role=mlops&role=mlops", 400, "repeated-parameter"),
        ("role=mlops&dataset=2020-01-01-000000000000", 404, "unknown-dataset"),
    ],
)
def test_what_cannot_be_ranked_is_refused(
    client: httpx.Client, path: str, query: str, status: int, type_: str
) -> None:
    response = client.get(f"{path}?{query}")
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{type_}")


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("/ranking?role=mlops&kind=nation", "kind"),
        ("/ranking?role=mlops&limit=0", "limit"),
        ("/ranking?role=mlops&min_employment=-1", "min_employment"),
        ("/ranking.svg?role=mlops&min_employment=many", "min_employment"),
        ("/ranking?role=mlops&after=atlantis", "after"),
        ("/ranking?role=mlops&kind=state&after=nyc", "after"),
        ("/ranking.svg?role=mlops&theme=neon", "theme"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(
    client: httpx.Client, address: str, parameter: str
) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert [fault["parameter"] for fault in response.json()["errors"]] == [parameter]


@pytest.mark.parametrize("name", ["role", "by", "kind", "after", "theme"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_words_are_read_or_refused(client: httpx.Client, name: str, payload: str) -> None:
    path = "/ranking.svg" if name == "theme" else "/ranking"
    response = client.get(path, params={"role": "mlops"} | {name: f"mlops {payload}"})
    assert response.status_code in ((200, 400, 404, 422) if name == "role" else (400,))


def drawn(text: str) -> tuple[str, list[str], int]:
    """What a map says, the colors of its marks, and how many circles it has."""
    root = ET.fromstring(text)
    said = " ".join(node.text or "" for node in root.iter(f"{SVG}text"))
    marks = list(root.iter(f"{SVG}circle"))
    circles = [mark for mark in marks if mark.get("stroke-width") == "0.75"]
    return said, [mark.get("fill", "") for mark in marks], len(circles)


@pytest.mark.parametrize("by", get_args(RankedBy))
def test_the_map_has_every_metro_of_the_states_and_names_the_first_ten(
    client: httpx.Client, snapshot: Snapshot, by: str
) -> None:
    for role in ("mlops", "ai-ml-engineer"):
        ranking = whole(client, role=role, by=by)
        said, fills, circles = drawn(client.get(f"/ranking.svg?role={role}&by={by}").text)
        mapped = [p for p in ranking["items"] if not p["metro"]["name"].endswith(", PR")]
        assert circles == len(mapped)
        every = [metro for metro in snapshot.metros.values() if metro.kind == "metro"]
        dots = [metro for metro in every if metro.state != "PR"]
        assert fills.count("#8b949e") == len(dots) - len(mapped)
        for place in ranking["items"][:10]:
            of = value(place, by)
            shown = f"{of:,}" if by == "employment" else f"${of:,}"
            shown = in_percent(of or 0) if by == "ratio_to_nation" else shown
            assert f"{place['rank']}. {place['metro']['name']}: {shown}" in said
        for source in ranking["sources"]:
            assert source["citation"] in said
        assert ranking["dataset"]["version"] in said


def test_the_map_follows_the_viewers_colors_or_has_the_theme(client: httpx.Client) -> None:
    following = client.get("/ranking.svg?role=mlops")
    assert following.headers["content-type"] == "image/svg+xml"
    light, dark = (client.get(f"/ranking.svg?role=mlops&theme={t}").text for t in ("light", "dark"))
    for shade, in_dark in (("#a8c7e8", "#33608f"), ("#0a3a70", "#d9ebff")):
        assert f'[fill="{shade}"]{{fill:{in_dark}}}' in following.text
        assert shade in light and shade not in dark and in_dark in dark
    assert "prefers-color-scheme" not in light + dark


def asked_ranking(store: Store, texts: dict[str, list[str]]) -> Ranking:
    found = ask_endpoint(endpoint, store, texts)
    assert isinstance(found, Ranking)
    return found


def test_a_map_may_be_empty(store: Store) -> None:
    ranking = asked_ranking(store, {"role": ["ml-researcher"], **{"limit": ["1000"]}})
    empty = replace(ranking, items=(), ranked_places=0, nation=None, sources=())
    for one in (ranking, empty):
        text = draw_map(one, mapped_points(store.snapshot), None)
        assert drawn(text)[2] == len(one.items)


def test_the_map_says_where_pay_is_capped(store: Store) -> None:
    ranking = asked_ranking(store, {"role": ["mlops"]})
    first = ranking.items[0]
    capped = replace(first, percentiles=replace(first.percentiles, capped=("p50", "p75", "p90")))
    said = drawn(
        draw_map(
            replace(ranking, items=(capped, *ranking.items[1:])),
            mapped_points(store.snapshot),
            None,
        )
    )[0]
    assert said.count(" or more") == 2  # the first of the ten, and the highest fifth
    assert " or more" not in drawn(draw_map(ranking, mapped_points(store.snapshot), None))[0]


def test_metros_lie_where_they_are(snapshot: Snapshot) -> None:
    metros = {metro.id for metro in snapshot.metros.values() if metro.kind == "metro"}
    assert snapshot.points.keys() == metros
    for id_, latitude, longitude in (
        ("nyc", 40.7, -74.0),
        ("anchorage-ak", 61.2, -149.9),
        ("denver-co", 39.7, -105.0),
    ):
        point = snapshot.points[id_]
        assert abs(point.latitude - latitude) < 0.3, id_
        assert abs(point.longitude - longitude) < 0.3, id_


def test_the_page_shows_the_numbers_of_the_ranking_with_their_figures(
    store: Store, client: httpx.Client
) -> None:
    asked = {"role": ["MLOps"], "by": ["p90"], "limit": ["5"]}
    ranking = asked_ranking(store, asked)
    page = ranking_values(asked, ranking, ranking, store.snapshot)
    nation, first, *_ = page["rows"]
    assert (nation["rank"], first["rank"], len(page["rows"])) == (None, 1, 6)
    assert first["address"] == "/salary.html?role=mlops&metro=" + ranking.items[0].metro.id
    assert page["next"].startswith("/ranking.html?role=MLOps&by=p90&limit=5&after=")
    assert page["map"]["address"] == "/ranking.svg?role=MLOps&by=p90"
    columns = [name for name, _ in page["columns"]]
    assert columns == ["P25", "Median", "P75", "P90", "Jobs", "% of nation"]
    assert [name for name, ranks in page["columns"] if ranks] == ["P90"]
    for text, figure_id in first["cells"][:-1]:
        figure = client.get(f"/figures/{figure_id}").json()
        assert text.strip("$").replace(",", "") == figure["as_published"]
    assert first["cells"][-1] == (in_percent(ranking.items[0].ratio_to_nation or 0), None)


def test_the_page_of_a_mixture_or_of_states_or_without_a_question(store: Store) -> None:
    of_two = asked_ranking(store, {"role": ["ai-architect"], "kind": ["state"]})
    page = ranking_values(
        {"role": ["ai-architect"], "kind": ["state"]}, of_two, of_two, store.snapshot
    )
    assert page["map"] is None
    assert all(figure is None for row in page["rows"] for _, figure in row["cells"])
    assert ranking_values({}, None, None, store.snapshot) == {"ranking": None}


def test_the_form_offers_every_way_to_rank() -> None:
    form = (ROOT / "service/paycite/present/html/templates/ranking_form.html").read_text()
    for by in get_args(RankedBy):
        assert f'("{by}", ' in form or by == "median"


def test_the_page_hides_small_places_and_says_how_many(client: httpx.Client) -> None:
    html = client.get("/ranking.html?role=mlops").text
    told = whole(client, role="mlops", min_employment="1000")
    assert f"Hidden: {told['hidden_places']} with fewer than 1,000 jobs" in html
    label = f"Show the {told['hidden_places']} smaller places"
    (link,) = re.findall(rf'<a href="([^"]*)">{label}</a>', html)
    shown = client.get(unescape(link)).text
    assert "Hidden:" not in shown
    assert f"{whole(client, role='mlops')['ranked_places']} of 393" in shown
    assert html.count('<th scope="row">') == 1 + 20  # the nation and a page of places


@pytest.mark.parametrize("kind", ["metro", "state"])
def test_the_page_counts_the_places_without_figures_and_names_the_largest(
    client: httpx.Client, kind: str
) -> None:
    asked = {"role": "ai-ml-engineer", "kind": kind}
    shown = Parsed(client.get("/ranking.html", params=asked).text).said
    told = whole(client, **asked)
    missing = told["total_places"] - told["ranked_places"]
    (count, names) = re.findall(r"Not ranked, whatever they pay: (\d+) where .*?: (.*?)\.", shown)[
        0
    ]
    assert int(count) == missing
    assert not {one["metro"]["name"] for one in told["items"]} & {*names.split("; ")}
    assert kind == "state" or names.startswith("Dallas-Fort Worth-Arlington, TX; ")
    assert "Not ranked" not in client.get("/ranking.html?role=data-annotator").text


def test_circles_say_their_place_and_open_its_answer(client: httpx.Client) -> None:
    html = client.get("/ranking.html?role=data-scientist&min_employment=0").text
    places = {one["metro"]["id"]: one for one in whole(client, role="data-scientist")["items"]}
    linked = re.findall(r'<a href="([^"]*)"><title>([^<]*)</title><circle', html)
    assert len(linked) == 60
    for address, title in linked:
        (id_,) = parse_qs(urlsplit(unescape(address)).query)["metro"]
        place = places[id_]
        assert unescape(title) == (
            f"{place['rank']}. {place['metro']['name']}: "
            f"median ${place['percentiles']['p50']:,}, {place['employment']:,} people"
        )
    largest = sorted(places.values(), key=lambda one: -(one["employment"] or 0))[:60]
    assert {one["metro"]["id"] for one in largest} == {
        parse_qs(urlsplit(unescape(address)).query)["metro"][0] for address, _ in linked
    }
    assert client.get(unescape(linked[0][0])).status_code == 200


def test_the_page_of_any_ranking_is_under_60_kb_and_its_map_under_80(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    for role in snapshot.roles:
        asked = f"role={role}&by=p10&min_employment=0"
        answer = client.get(f"/ranking.html?{asked}")
        if answer.status_code == 200:
            assert len(answer.content) < 60_000, role
            assert len(client.get(f"/ranking.svg?{asked}").content) < 80_000, role


def test_a_ranking_page_says_that_it_is_not_the_estimate_and_leads_to_it(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    for asked, address in (
        ("role=MLOps", "/salary.html?role=mlops"),
        (
            f"role=data-scientist&dataset={snapshot.version}",
            f"/salary.html?role=data-scientist&dataset={snapshot.version}",
        ),
    ):
        html = unescape(client.get(f"/ranking.html?{asked}").text)
        assert "employment, occupation 15-" in html
        (sentence,) = re.findall(r"<p>(These are official statistics of .*)</p>", html)
        assert "not Paycite's" in sentence and f'href="{address}"' in sentence
        assert client.get(address).status_code == 200
