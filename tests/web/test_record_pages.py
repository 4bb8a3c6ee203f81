"""The pages of records and lists over a socket, and who gets a page instead of JSON."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, unquote, urlencode, urljoin, urlsplit

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paycite.model.money import in_dollars
from paycite.model.problem import PROBLEM_TYPES, Problem
from paycite.model.snapshot import Snapshot
from paycite.present.html import pages
from paycite.present.html.markdown import read_document
from paycite.present.html.records import (
    Card,
    Code,
    Form,
    FormField,
    Link,
    Quotation,
    Section,
    Table,
    TableRow,
    View,
)
from paycite.present.html.render import Site
from paycite.present.html.values import describe_value
from paycite.present.html.words import describe_title
from paycite.settings import ROOT
from paycite.web.app import ENDPOINTS
from paycite.web.endpoint import JSON
from paycite.web.page import SUFFIX
from support.hostile import BREAKING_OUT, PAYLOADS
from support.pages import Parsed, parsed, shape

BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
}
FILES = {
    **{".json": "application/json", ".csv": "text/csv", ".jsonld": "application/ld+json"},
    **{".svg": "image/svg+xml", ".png": "image/png", ".css": "text/css"},
    **{".js": "text/javascript", ".yaml": "application/yaml", ".atom": "application/atom+xml"},
    **{".parquet": "application/vnd.apache.parquet", ".duckdb": "application/vnd.duckdb"},
}
FIGURE = "/figures/kore1-ai-jobs-2026:mlops-mid"
# An address for each page of an id, and a query for those that need one.
ASKED = {
    "/figures/{id}": FIGURE,
    "/sources/{id}": "/sources/dol-lca-fy2024q1-fy2024q4",
    "/roles/{id}": "/roles/ai-ml-engineer",
    "/metros/{id}": "/metros/nyc",
    "/problems/{id}": "/problems/unknown-figure",
    "/datasets/{id}": "/datasets/VERSION",
    "/datasets/changes": "/datasets/changes?from=VERSION",
    "/salary": "/salary?role=mlops",
    "/salary/compare": "/salary/compare?role=mlops&metro=nyc",
    "/posting": "/posting?role=mlops&metro=nyc&range=160000-200000",
    "/ranking": "/ranking?role=mlops",
    "/match": "/match?role=Sr+MLOps+Engineer&metro=brooklyn",
    "/demand": "/demand?role=mlops",
    "/metros": "/metros?prefix=san&kind=metro",
}
OTHER_PAGES = ("/salary", "/salary/compare", "/posting", "/ranking")  # tested elsewhere
WITH_PAGES = sorted(
    one.path
    for one in ENDPOINTS
    if one.media_type == JSON and f"{one.path}{SUFFIX}" in {page.path for page in ENDPOINTS}
)


def address_of(path: str, client: httpx.Client) -> str:
    address = ASKED.get(path, path)
    if "VERSION" in address:
        version = client.get("/ready").headers["x-dataset-version"]
        address = address.replace("VERSION", version)
    return address


def page_of(address: str) -> str:
    path, mark, query = address.partition("?")
    return f"{path}{SUFFIX}{mark}{query}"


def kind_of(address: str) -> str:
    """What pages have in common: all of the path but the id, and which parameters are given."""
    split = urlsplit(address)
    parts = split.path.split("/")
    folder = "/".join(parts[:-1]) if parts[1] not in ("salary",) else split.path
    is_record = len(parts) > 2 and folder != split.path
    return f"{folder if is_record else split.path} {sorted(parse_qs(split.query))}"


def links(shown: Parsed) -> Iterator[str]:
    for tag, name in (("a", "href"), ("link", "href"), ("script", "src"), ("img", "src")):
        yield from (one[name] for one in shown.all(tag))


# Who gets a page.


@pytest.mark.parametrize("path", WITH_PAGES)
def test_a_browser_is_sent_to_the_page_and_other_clients_get_json(
    client: httpx.Client, path: str
) -> None:
    address = address_of(path, client)
    sent = client.get(address, headers=BROWSER)
    assert (sent.status_code, unquote(sent.headers["location"])) == (303, unquote(page_of(address)))
    assert sent.headers["vary"].split(", ")[0] == "Accept" and not sent.content
    shown = client.get(sent.headers["location"], headers=BROWSER)
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert path in OTHER_PAGES or len(shown.content) < 60_000
    plain = client.get(address)
    assert (plain.status_code, plain.headers["vary"].split(", ")[0]) == (200, "Accept")
    assert plain.headers["content-type"] == "application/json"
    dotted, mark, query = address.partition("?")
    explicit = client.get(f"{dotted}.json{mark}{query}", headers=BROWSER)
    assert explicit.headers["content-type"] == "application/json"
    for name in ("items", "matches", "estimate", "id", "metro", "title"):
        assert explicit.json().get(name) == plain.json().get(name)
    again = client.get(address, headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.headers["vary"]) == (304, plain.headers["vary"])


TYPES = (
    *("text/html", "application/json", "application/problem+json", "application/ld+json"),
    *("application/xml", "text/plain", "image/webp", "*/*", "application/*", "TEXT/HTML"),
)
WEIGHTS = ("", ";q=1", ";q=0.9", "; q=0.1", ";q=0", ";q=0.0", ";charset=utf-8", ";level=1;q=0.5")


@given(accept=st.lists(st.tuples(st.sampled_from(TYPES), st.sampled_from(WEIGHTS)), max_size=5))
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_only_who_names_html_and_no_json_is_sent_to_a_page(
    client: httpx.Client, accept: list[tuple[str, str]]
) -> None:
    named = {one.lower() for one, weight in accept if weight not in (";q=0", ";q=0.0")}
    is_browser = "text/html" in named and not any(one.endswith("json") for one in named)
    header = {"Accept": ", ".join(map("".join, accept))}
    answer = client.get(f"{FIGURE}?dataset=&x=%22%3C", headers=header)
    problem = client.get("/nowhere?x=1", headers=header)
    assert answer.headers["vary"] == problem.headers["vary"]
    assert (
        answer.headers["vary"] == "Accept, Min-Generation, Origin, Authorization, Cookie, X-API-Key"
    )
    assert problem.status_code == 404
    assert problem.headers["content-type"] == (
        "text/html; charset=utf-8" if is_browser else "application/problem+json"
    )
    if is_browser:
        location = f"/figures/{quote('kore1-ai-jobs-2026:mlops-mid', safe='')}.html"
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{location}?dataset=&x=%22%3C"
    else:
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "id_", ["//evil.example", "%2F%2Fevil.example", "a%0D%0AX: y", "%FF", "%22%3E", "a.html.html"]
)
def test_no_id_leads_away_or_breaks_a_header(client: httpx.Client, id_: str) -> None:
    answer = client.get(f"/sources/{id_}?x=%0d%0a", headers=BROWSER)
    assert answer.status_code in (303, 404) and "x" not in answer.headers
    location = answer.headers.get("location", "/sources/")
    assert location.startswith("/sources/") and "\n" not in location
    shown = client.get(f"/sources/{id_}.html", headers=BROWSER)
    assert shown.status_code == 404 and shown.headers["content-type"].startswith("text/html")


def test_addresses_without_a_page_answer_browsers_as_ever(client: httpx.Client) -> None:
    for address in ("/health", "/static/page.css", "/embed?role=mlops", "/docs", "/salary.csv"):
        answer = client.get(f"{address}?role=mlops" if "csv" in address else address)
        asked = client.get(
            f"{address}?role=mlops" if "csv" in address else address, headers=BROWSER
        )
        assert (answer.status_code, answer.content) == (200, asked.content), address
        assert "Accept" not in asked.headers.get("vary", "").split(", ")


# Where links lead.


def test_every_link_of_every_page_leads_to_a_page_or_a_file(client: httpx.Client) -> None:
    """Links of all pages that are reached from the first one: three of each kind."""
    client.headers.update(BROWSER)
    try:
        waiting, visited, answers = ["/"], Counter[str](), {}
        waiting += [page_of(address_of(path, client)) for path in WITH_PAGES]
        waiting += ["/figures/nowhere.html", "/figures.html?topic=percentile&metro=nyc"]
        while waiting:
            address = waiting.pop()
            if visited[kind_of(address)] == 3:
                continue
            visited[kind_of(address)] += 1
            shown = Parsed(client.get(address).text)
            ids = {one.get("id") for _, one in shown.elements}
            for link in links(shown):
                if link.startswith("#"):
                    assert link[1:] in ids, (address, link)
                elif link.startswith(("/", str(client.base_url))):
                    whole = urljoin(address, link).partition("#")[0]
                    if whole not in answers:
                        answers[whole] = _read(client, whole)
                        if answers[whole] == "text/html":
                            waiting.append(whole)
                    suffix = urlsplit(whole).path.rpartition("/")[2].rpartition(".")
                    wanted = FILES.get(f".{suffix[2]}") if suffix[1] else None
                    assert answers[whole] in (wanted or "text/html", "text/xml"), (address, link)
                else:
                    assert link.startswith(("https://", "http://", "data:,")), (address, link)
        for path in WITH_PAGES:
            assert visited[kind_of(page_of(address_of(path, client)))], path
        assert len(answers) > 300
    finally:
        client.headers["Accept"] = "*/*"


def _read(client: httpx.Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    if "oembed" in address:
        return "text/xml"
    return answer.headers["content-type"].partition(";")[0]


def test_a_list_is_read_page_by_page_with_its_filters(client: httpx.Client) -> None:
    asked = "/figures.html?topic=percentile&metro=nyc"
    subjects, address, read = [], asked, 0
    while address:
        shown = parsed(client, address)
        assert len(client.get(address).content) < 60_000
        subjects += [one["href"] for one in shown.all("a") if "/figures/" in one["href"]]
        (chosen,) = shown.all("option", value="percentile")
        assert "selected" in chosen
        address = next((one["href"] for one in shown.all("a", rel="next")), "")
        read += 1
    found = client.get(f"{asked.replace(SUFFIX, '')}&limit=1000").json()
    assert found["next"] is None and read > 1
    assert subjects == [f"/figures/{quote(one['id'])}.html" for one in found["items"]]
    most = client.get("/figures.html?limit=1000")
    assert most.status_code == 200 and len(most.content) < 60_000
    assert len(parsed(client, "/figures.html?limit=2").all("tr")) == 3
    for wrong in ("limit=0", "limit=1001", "limit=x", "limit=5&limit=6", "after=x", "topc=band"):
        assert client.get(f"/figures.html?{wrong}").status_code == 400, wrong


def test_a_page_of_an_earlier_dataset_stays_in_it(client: httpx.Client) -> None:
    version = client.get("/ready").headers["x-dataset-version"]
    for address in ("/roles/mlops.html", FIGURE + SUFFIX, "/figures.html?role=mlops"):
        joined = f"{address}{'&' if '?' in address else '?'}dataset={version}"
        article = client.get(joined).text.partition("<article>")[2].partition("</article>")[0]
        for link in links(Parsed(article)):
            if link.startswith("/") and link != "/":
                assert parse_qs(urlsplit(link).query)["dataset"] == [version], link
    unknown = parsed(client, f"/roles/mlosp.html?dataset={version}", 404)
    assert f"/roles/mlops.html?dataset={version}" in links(unknown)


# What pages say.


def test_a_figure_has_its_number_its_place_in_the_source_and_its_source(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    """One figure of each kind of statement, unit and bound."""
    kinds = {(one.topic, one.unit, one.bound): one.id for one in snapshot.figures.values()}
    for topic in ("percentile", "employment", "pooled-pay", "pooled-factor"):
        (one,) = client.get(f"/figures?topic={topic}&limit=1").json()["items"]
        kinds[topic, one["unit"], one["bound"]] = one["id"]
    assert len(kinds) > 15
    for id_ in map(quote, kinds.values()):
        figure = client.get(f"/figures/{id_}").json()
        shown = parsed(client, f"/figures/{id_}.html")
        number = figure["as_published"]
        assert number in shown.said or in_dollars(int(number)) in shown.said
        for part in (figure["subject"], figure["locator"], figure["note"] or ""):
            assert " ".join(part.split()) in shown.said, id_
        source = snapshot.sources[figure["source_id"]]
        assert " ".join(source.citation.split()) in shown.said
        assert shown.all("a", href=f"/sources/{source.id}.html")
        assert len(shown.all("a", href=f"/figures/{id_}.json")) == 1


def test_a_figure_is_read_in_words(snapshot: Snapshot) -> None:
    words = {describe_value(figure) for figure in snapshot.figures.values()}
    assert "$140,000 to $180,000 a year, base pay" in words
    assert "$300,000 or more a year, base pay" in words
    assert "15% to 25%" in words and "2,080 hours" in words
    assert "$5,000 to $50,000 or more a project, total cash" in words


def test_a_role_shows_its_occupations_its_sources_and_the_way_to_answers(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    answer = client.get("/roles/data-engineer").json()
    shown = parsed(client, "/roles/data-engineer.html")
    role = snapshot.roles["data-engineer"]
    for code, share in zip(role.soc_codes, role.soc_shares, strict=True):
        assert f"{code} {share:.0%}" in shown.said
    priced = snapshot.weights_by_role["data-engineer"]
    assert [one["source_id"] for one in answer["sources"]][: len(priced)] == [
        one.source_id for one in priced
    ]
    linked = {one["href"] for one in shown.all("a")}
    assert {f"/sources/{one['source_id']}.html" for one in answer["sources"]} <= linked
    assert {f"{path}.html?role=data-engineer" for path in ("/salary", "/ranking", "/figures")} <= (
        linked
    )
    assert role.titles[0] in shown.said
    unknown = client.get("/roles/data-enginer").json()
    assert unknown["errors"][0]["suggestions"][0] == "data-engineer"


def test_roles_are_one_click_away_from_the_first_page_and_all_there(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    assert parsed(client, "/").all("a", href="/roles.html")
    listed = Counter(one["href"] for one in parsed(client, "/roles.html").all("a"))
    assert all(listed[f"/roles/{id_}.html"] == 1 for id_ in snapshot.roles)


def test_a_place_shows_its_rules_and_laws(client: httpx.Client, snapshot: Snapshot) -> None:
    shown = parsed(client, "/metros/nyc.html")
    answer = client.get("/metros/nyc").json()
    assert len(answer["laws"]) > 3 and answer["rules"]
    for law in answer["laws"]:
        assert law["statute"] in shown.said and law["applies_to"] in shown.said
        assert shown.all("a", href=law["source_url"])
    assert answer["rules"][0]["figure"]["as_published"] in shown.said
    (form,) = [one["href"] for one in shown.all("a") if one["href"].startswith("/?")]
    fields = parsed(client, form).all("input", name="metro")
    assert fields[0]["value"] == "nyc"


def test_levels_and_confidence_have_their_numbers(client: httpx.Client) -> None:
    levels = parsed(client, "/levels.html")
    for level in client.get("/levels").json()["items"]:
        assert levels.all("tr", id=level["id"])
    shown = parsed(client, "/confidence.html").said
    assert "the width of the range or the distance between the sources' medians" in shown
    for one in client.get("/confidence").json()["items"]:
        assert f"{one['median_absolute_error']:.1%}" in shown and f"{one['n']:,}" in shown


def test_the_method_is_that_of_the_manual(client: httpx.Client) -> None:
    document = read_document(ROOT / "docs/method.md")
    shown = parsed(client, "/methods.html")
    written = [
        line.removeprefix("## ")
        for line in (ROOT / "docs/method.md").read_text().splitlines()
        if line.startswith("## ")
    ]
    assert document.title in shown.said and all(heading in shown.said for heading in written)
    assert len(shown.all("h1")) == 1
    assert all(one.get("data-label") for one in shown.all("td"))


# Problems.


@pytest.mark.parametrize(
    ("address", "suggestion"),
    [
        ("/sources/kore1-ai-jobs-2025", "/sources/kore1-ai-jobs-2026.html"),
        (f"{FIGURE}x", f"/figures/{quote('kore1-ai-jobs-2026:mlops-mid')}.html"),
        ("/roles/mlosp", "/roles/mlops.html"),
        ("/metros/new-yrk", "/metros/nyc.html"),
        ("/problems/unknown-rule", "/problems/unknown-role.html"),
        ("/figures?source=kore1&topic=band", "/figures.html?source=kore1-ai-jobs-2026&topic=band"),
        ("/demand?rol=mlops", "/demand.html?role=mlops"),
        ("/salary.csv?role=mlosp&metro=nyc", "/salary.csv?role=mlops&metro=nyc"),
    ],
)
def test_a_problem_is_a_page_whose_suggestions_lead_on(
    client: httpx.Client, address: str, suggestion: str
) -> None:
    problem = client.get(address)
    assert problem.headers["content-type"] == "application/problem+json"
    shown = client.get(address, headers=BROWSER, follow_redirects=True)
    assert shown.status_code == problem.status_code
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    page = Parsed(shown.text)
    assert suggestion in {one["href"] for one in page.all("a")}
    assert client.get(suggestion, headers=BROWSER).status_code == 200
    assert page.all("form") and page.all("a", href="/")
    assert describe_title(msgspec.convert(problem.json(), Problem)) in page.said


def test_every_problem_type_has_a_page(client: httpx.Client) -> None:
    for name, kind in PROBLEM_TYPES.items():
        shown = parsed(client, f"/problems/{name}.html")
        assert kind.title in shown.said and str(kind.status) in shown.said


def test_any_problem_of_a_browser_is_a_page(client: httpx.Client) -> None:
    for method, address, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/static/nothing", 404),
        ("PUT", "/salary", 405),
        ("POST", "/salary/batch", 415),
        ("GET", "/oembed?x=1", 400),
        ("GET", "/health?x=%FF", 400),
        ("GET", f"/nowhere?{'a=1&' * 60}", 404),
        ("GET", "/%FF/%00", 404),
    ):
        answer = client.request(method, address, headers=BROWSER)
        assert answer.status_code == status, address
        assert answer.headers["content-type"] == "text/html; charset=utf-8", address
        assert Parsed(answer.text).all("form", action="/salary.html")
        assert client.request(method, address).headers["content-type"].endswith("problem+json")


# What must not become markup.


@pytest.mark.parametrize("payload", [*PAYLOADS, *BREAKING_OUT])
def test_no_text_of_a_record_becomes_markup(snapshot: Snapshot, payload: str) -> None:
    def drawn(text: str) -> str:
        link, site = Link(text, f"/figures/{quote(text)}.html"), Site("http://x", snapshot)
        cells = (text, link, Quotation(text), Code(text), (link, text))
        view = View(
            title=text,
            lead=cells[:4],
            number=text,
            note=text,
            links=(link,),
            sections=(
                Section(
                    title=text,
                    text=cells[:4],
                    facts=tuple((text, cell) for cell in cells),
                    table=Table((text,) * 5, (TableRow(cells, text),)),
                    cards=(Card(text, (link,)),),
                ),
            ),
        )
        field = FormField(name="x", label=text, hint=text, options=((text, text),))
        form = Form(action="/x", label=text, button=text, fields=(field,))
        asked = {"x": [text], "dataset": [text]}
        return pages.record_page(site, asked, view, form, f"/x.json?{urlencode({'x': text})}")

    assert shape(drawn(payload)) == shape(drawn("harmless"))


@pytest.mark.parametrize("payload", BREAKING_OUT)
def test_nothing_that_is_asked_becomes_markup(client: httpx.Client, payload: str) -> None:
    escaped = quote(payload, safe="")
    addresses = [f"/{kind}/{escaped}.html" for kind in ("figures", "sources", "roles", "metros")]
    addresses += [f"/{escaped}", f"/problems/{escaped}.html", f"/nowhere?x={escaped}"]
    for name in ("source", "role", "level", "metro", "occupation", "topic", "after", "dataset"):
        addresses += [f"/figures.html?{name}={escaped}"]
    addresses += [f"/match.html?role={escaped}", f"/metros.html?prefix={escaped}"]
    addresses += [f"/?metro={escaped}", f"/demand.html?{escaped}=x"]
    for address in addresses:
        shown = Parsed(client.get(address, headers=BROWSER).text)
        assert {one["src"] for one in shown.all("script")} == {"/static/page.js"}, address
        assert not [one for _, one in shown.elements if any(it.startswith("on") for it in one)]
        assert not [one for one in links(shown) if one.lower().startswith("javascript")]
        assert not shown.all("style")
