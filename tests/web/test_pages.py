"""The pages over a socket, as HTML: what they say, what they refuse, and what they let in."""

import re
from html import unescape
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from paycite.estimate.quote import describe_scope, summarize
from paycite.model.answer import Answer, citations
from paycite.model.money import in_dollars, in_percent, in_percentile
from paycite.model.parameters import Requested
from paycite.model.problem import Fault, Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.voice import Label
from paycite.present.chart.text import printable
from paycite.present.citations import write_citation
from paycite.present.html import embedding, pages
from paycite.present.html.embedding import write_element
from paycite.present.html.render import Site
from paycite.web.app import ENDPOINTS
from paycite.web.tracking import is_tracking
from support.hostile import BREAKING_OUT, PAYLOADS, hostile
from support.pages import Parsed, parsed, shape
from support.questions import ask
from support.servers import serving

ANSWER = "/salary.html?role=mlops&level=mid&metro=nyc&offer=150-180k"
PREVIEW = "/embed.html?role=mlops&level=mid&metro=nyc&theme=dark&width=420"
COMPARISON = "/salary/compare.html?role=mlops&metro=nyc&metro=narnia"
POSTING = "/posting.html?range=160-200k&role=mlops&metro=nyc"
PAGES = (
    "/",
    ANSWER,
    PREVIEW,
    COMPARISON,
    "/embed?role=mlops",
    POSTING,
    "/posting.html",
    "/candidates.html",
)


def answered(client: httpx.Client) -> str:
    """The range of the answer that pages show, as the address gives it."""
    ends = client.get(ANSWER.replace(".html", "")).json()["estimate"]["range"]
    return f"{in_dollars(ends['min'])} to {in_dollars(ends['max'])}"


DOUBTFUL = "role=prompt-engineer&level=staff&metro=austin&offer=170000"


def test_doubts_come_before_the_explanation(client: httpx.Client) -> None:
    answer = client.get(f"/salary?{DOUBTFUL}").json()
    said = parsed(client, f"/salary.html?{DOUBTFUL}").said
    confidence = answer["estimate"]["confidence"]
    doubts = [f"{confidence['label'].capitalize()} confidence: {confidence['reason']}"]
    doubts += [fallback["reason"] for fallback in answer["fallbacks"]]
    assert all(said.index(doubt) < said.index("How we got this") for doubt in doubts)
    reasons = {why for one in answer["disagreement"]["differences"] for why in one["reasons"]}
    said_of_all = ("one of the sources combined", "a different source, with its own data")
    assert all(why[1:] in said for why in reasons if not why.startswith(said_of_all))


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/salary.html?role=Senior+MLOps+Engineer&metro=Plano&offer=150000", "offer=150000"),
        ("/posting.html?role=Senior+MLOps+Engineer&metro=Plano&range=150-180k", "range=150-180k"),
    ],
)
def test_a_page_says_what_else_a_place_may_mean_and_leads_there(
    client: httpx.Client, asked: str, kept: str
) -> None:
    answer = client.get(asked.replace(".html", "")).json()
    meant = next(one for one in answer["matches"] if one["dimension"] == "metro")["alternatives"]
    shown = parsed(client, asked)
    assert "“Plano” may also mean Chicago-Naperville-Elgin, IL-IN; Southeast Iowa" in shown.said
    for id_ in meant:
        (address,) = {one["href"] for one in shown.all("a") if f"metro={id_}&" in one["href"]}
        other = {
            one["dimension"]: one["id"]
            for one in client.get(address.replace(".html", "")).json()["matches"]
        }
        assert (other["metro"], other["level"]) == (id_, "senior")
        assert kept in address


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/pay.html?metro=Plano&level=senior", "/pay.html"),
        ("/salary/compare.html?role=mlops&metro=Plano&level=mid&level=senior", "/salary.html"),
    ],
)
def test_lists_and_comparisons_say_it_once(client: httpx.Client, asked: str, page: str) -> None:
    shown = parsed(client, asked)
    assert shown.said.count("“Plano” may also mean Chicago-Naperville-Elgin, IL-IN;") == 1
    (address,) = {one["href"] for one in shown.all("a") if "metro=chicago-il" in one["href"]}
    assert address.startswith(f"{page}?")
    assert client.get(address).status_code == 200


def test_a_page_says_all_that_the_answer_says(client: httpx.Client) -> None:
    answer = client.get(f"/salary?{DOUBTFUL}").json()
    said = parsed(client, f"/salary.html?{DOUBTFUL}").said
    for chain in answer["chains"]:
        for step in chain["steps"]:
            ends = [in_dollars(end) for end in step["range"].values() if end]
            published = step["as_published"]
            shown = in_dollars(int(published)) if published.isdecimal() else published
            place = step["locator"].rpartition("; ")
            for part in (shown, step["subject"], place[0][1:], place[2], *ends):
                assert part in said
        for caveat in chain["caveats"]:
            assert caveat in said
    for one in answer["context"]:
        assert one["as_published"] in said and one["why"] in said
    for source in answer["sources"]:
        assert source["citation"] in said
    for position in answer["offer"]["positions"]:
        assert position["verdict"] in said


def test_a_comparison_cites_what_its_rows_rest_on(client: httpx.Client) -> None:
    asked = "role=mlops&metro=austin"
    answer = client.get(f"/salary?{asked}").json()
    used = {chain["source_id"] for chain in answer["chains"] if chain["weight"]}
    assert "bls-oews-2025-05" in used
    sources = parsed(client, f"/salary/compare.html?{asked}").all("li")
    assert {f"source-{id_}" for id_ in used} <= {one.get("id") for one in sources}


def test_a_comparison_draws_its_first_ten_answers_and_says_so(client: httpx.Client) -> None:
    asked = urlencode(
        {
            "role": ["mlops", "data-scientist", "astronaut"],
            "metro": ["nyc", "austin", "boston", "denver", "chicago", "seattle"],
        },
        doseq=True,
    )
    rows = client.get(f"/salary/compare?{asked}").json()["rows"]
    shown = parsed(client, f"/salary/compare.html?{asked}")
    drawn = [one for _, one in shown.elements if one.get("class") == "estimate half"]
    assert len(drawn) == 10 and "The first 10 answers, in the order asked." in shown.said
    assert "MLOps Engineer, New York" in shown.said  # the level is the same in all of them
    for row in rows:
        if row["estimate"]:
            low, high = (in_dollars(row["estimate"]["range"][end]) for end in ("min", "max"))
            assert f"{low} to {high} a year" in shown.said
    few = parsed(client, COMPARISON)
    assert len([one for _, one in few.elements if one.get("class") == "estimate half"]) == 1
    assert "The first" not in few.said


@pytest.mark.parametrize(
    ("address", "links"),
    [("/salary.html?role=mlops&metro=nyc", 2), (COMPARISON, 1), (f"{COMPARISON}&role=x", 1)],
)
def test_an_image_of_the_size_of_a_slide_is_linked(
    client: httpx.Client, address: str, links: int
) -> None:
    html = client.get(address).text
    found = re.findall(r'<a href="([^"]*)">Image for slides</a>', html)
    assert len(found) == links and len({*found}) == 1
    image = client.get(unescape(found[0]))
    width, height = (int.from_bytes(image.content[at : at + 4]) for at in (16, 20))
    assert (width, height, image.headers["content-type"]) == (1200, 630, "image/png")


def test_a_comparison_says_where_the_offer_lies_in_each_answer(client: httpx.Client) -> None:
    asked = "role=data-scientist&level=senior&level=staff&metro=Austin&metro=narnia&offer=185k"
    rows = client.get(f"/salary/compare?{asked}").json()["rows"]
    shown = parsed(client, f"/salary/compare.html?{asked}")
    offers = shown.all("td", **{"data-label": "Offer"})
    answered = [row for row in rows if row["offer"]]
    assert len(answered) == len(offers) == 2
    for row, cell in zip(answered, offers, strict=True):
        (position,) = row["offer"]["positions"]
        said = f"{position['verdict']}, {in_percentile(position['percentile'])}"
        assert said in shown.said
        assert cell["data-order"] == str(position["compa_ratio"])
    assert {cell["colspan"] for cell in shown.all("td") if "colspan" in cell} == {"5"}
    assert not parsed(client, COMPARISON).all("td", **{"data-label": "Offer"})


def test_every_figure_of_a_chain_is_linked(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "data-scientist", metro="nyc")
    html = pages.salary_page(Site("http://x", snapshot), {"role": ["data-scientist"]}, answer)
    linked = {a["href"] for a in Parsed(html).all("a")}
    cited = {one.figure_id for one in citations(answer.chains, (), None)}
    assert len(cited) > sum(len(chain.steps) for chain in answer.chains)
    assert {f"/figures/{quote(id_)}.html" for id_ in cited} <= linked


def test_what_is_taken_along_is_what_the_formats_say(client: httpx.Client) -> None:
    shown = parsed(client, ANSWER)
    html = client.get(ANSWER).text
    texts = [unescape(part.split(">\n", 1)[1]) for part in html.split("<textarea ")[1:]]
    copied = [text.split("</textarea>")[0] for text in texts]
    sentence_, curl, frame = copied
    (picture,) = shown.all("svg", role="img")
    assert sentence_.startswith(picture["aria-label"].removesuffix(")."))
    assert "http" not in picture["aria-label"]
    address = curl.removeprefix("curl '").removesuffix("'")
    pinned = client.get(address)
    assert parse_qs(urlsplit(address).query)["dataset"] == [pinned.headers["x-dataset-version"]]
    (element,) = Parsed(frame).all("iframe")
    assert client.get(element["src"]).status_code == 200
    for link in shown.all("a"):
        if link["href"].startswith("/"):
            assert client.get(link["href"]).status_code == 200, link
    for link in shown.all("a"):
        if link["href"].startswith("#"):
            assert any(it.get("id") == link["href"][1:] for _, it in shown.elements), link


def test_a_number_is_written_in_one_way_on_a_page(client: httpx.Client) -> None:
    shown = parsed(client, ANSWER)
    answer = client.get(ANSWER.replace(".html", "")).json()
    for chain in answer["chains"]:
        assert shown.said.count(in_percent(chain["weight"])) >= 3  # explained, drawn and listed
    for one in answer["offer"]["positions"]:
        assert in_percent(one["market_ratio"] or one["compa_ratio"]) in shown.said
    position = answer["offer"]["positions"][0]
    assert position["percentile"]
    assert f"({in_percentile(position['percentile'])})." in answer["quote"]
    poster = Parsed(client.get(ANSWER.replace(".html", ".svg")).text).said
    for text in (in_percentile(position["percentile"]), in_percent(position["market_ratio"])):
        assert text in shown.said and text in poster
    assert not any(chain["source_id"] in poster for chain in answer["chains"])


@pytest.mark.parametrize("source", ["", "&source=kore1-ai-jobs-2026"])
def test_a_range_is_named_by_its_percentiles_wherever_it_is_if_it_has_them(
    client: httpx.Client, source: str
) -> None:
    query = f"role=mlops&level=mid&metro=nyc{source}"
    answer = client.get(f"/salary?{query}").json()
    low, high = (in_dollars(answer["estimate"]["range"][end]) for end in ("min", "max"))
    named = "" if source else " (P25 to P75)"
    assert f"{low} to {high} a year in base pay{named}" in answer["quote"]
    for path in ("salary.html", "salary/compare.html", "oembed"):
        page_address = urlencode({"url": f"{client.base_url}/salary.html?{query}"})
        text = client.get(f"/{path}?{page_address if path == 'oembed' else query}").text
        assert f"{low} to {high} a year{named}" in text, path
        assert ("P25 to P75" in text) == (not source), path
    for path in ("embed", "salary.svg", "salary/compare.svg", "salary.jsonld"):
        text = client.get(f"/{path}?{query}").text
        assert ("P25 to P75" in text.replace("\N{NO-BREAK SPACE}", " ")) == (not source), path
    framed = parsed(client, f"/embed?{query}").said
    assert ("median base pay" in framed) == (not source)
    share = Parsed(client.get(f"/salary.svg?{query}&size=share").text).said
    assert ("in base pay (P25 to P75)" in share) == (not source)


def test_a_shared_page_is_pinned_with_its_picture_and_is_found_by_oembed(
    client: httpx.Client,
) -> None:
    shown = parsed(client, ANSWER)
    version = client.get("/ready").headers["x-dataset-version"]
    for name in ("og:url", "og:image"):
        (tag,) = shown.all("meta", property=name)
        assert tag["content"].startswith(str(client.base_url))
        assert f"dataset={version}" in tag["content"]
        assert client.get(tag["content"]).status_code == 200
    (found,) = shown.all("link", type="application/json+oembed")
    embedded = client.get(found["href"], params=None).json()
    assert (embedded["version"], embedded["type"]) == ("1.0", "rich")
    (frame,) = Parsed(embedded["html"]).all("iframe")
    assert (int(frame["width"]), int(frame["height"])) == (embedded["width"], embedded["height"])
    assert answered(client) in parsed(client, frame["src"]).said
    small = client.get(f"{found['href']}&maxwidth=300&maxheight=200").json()
    assert (small["width"], small["height"]) == (300, 200)
    tiny = client.get(f"{found['href']}&maxwidth=150&maxheight=0").json()
    assert (tiny["width"], tiny["height"]) == (200, 100)
    (xml,) = shown.all("link", type="text/xml+oembed")
    answer = client.get(xml["href"])
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    fields = {field.tag: field.text for field in ElementTree.fromstring(answer.text)}
    assert fields == {name: str(value) for name, value in embedded.items()}


def test_a_printed_page_has_its_address(client: httpx.Client) -> None:
    version = client.get("/ready").headers["x-dataset-version"]
    for address in (ANSWER, COMPARISON, POSTING):
        html = unescape(client.get(address).text)
        (printed,) = re.findall(r'<p class="printed">Every step and figure: (.*)</p>', html)
        asked = {**parse_qs(urlsplit(address).query), "dataset": [version]}
        assert parse_qs(urlsplit(printed).query) == asked
        assert client.get(printed).status_code == 200


def test_oembed_answers_as_content_systems_ask(client: httpx.Client) -> None:
    """WordPress sends the URL that was pasted, `dnt`, the size of its theme and the format."""
    base = str(client.base_url)
    pasted = quote(f"{base}/salary.html?role=mlops&level=mid&metro=nyc&utm_source=news", safe="")
    plain = client.get(f"/oembed?url={pasted}").json()
    for query in (
        f"maxwidth=500&maxheight=750&dnt=1&url={pasted}&format=json",
        f"url={pasted}&maxwidth=99999&maxheight=&callback=x&_=1",
        f"format=json&url={pasted}&utm_source=x&omit_script=true",
    ):
        answer = client.get(f"/oembed?{query}")
        assert (answer.status_code, answer.json()) == (200, plain), query
    xml = client.get(f"/oembed?maxwidth=500&maxheight=750&dnt=1&url={pasted}&format=xml")
    assert ElementTree.fromstring(xml.text).findtext("html") == plain["html"]
    unescaped = client.get(f"/oembed?dnt=1&url={base}/salary.html?role=mlops&metro=nyc")
    assert unescaped.status_code == 400 and "percent-encode" in unescaped.json()["detail"]


def test_oembed_refuses_what_it_cannot_embed(client: httpx.Client) -> None:
    base = str(client.base_url)
    ours = f"{base}/salary.html?role=mlops"
    for url in (
        *("http://[", "/salary.html?role=mlops", "x", "javascript:alert(1)", f"{base}/roles"),
        *("http://other.example/salary.html?role=mlops", ours.replace("http:", "ftp:")),
        ours.replace("//", f"//other.example@{'x' * 5}"),
    ):
        answer = client.get("/oembed", params={"url": url})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "url"), url
    other = client.get("/oembed", params={"url": ours, "format": "yaml"})
    assert other.status_code == 400 and "one of json, xml" in other.json()["detail"]
    unknown = client.get("/oembed", params={"url": f"{base}/salary.html?role=mlosp"})
    assert unknown.json()["type"] == "/problems/unknown-role"
    assert client.get("/oembed", params={"url": f"{ours}&metro={'x' * 150}&a=1"}).status_code == 400
    place = quote("New York-Newark-Jersey City, NY-NJ")
    long = f"{ours}&metro={place}&level=mid&offer=150000-180000&period=year&strict=false"
    long += "&source=kore1-ai-jobs-2026"
    shared = {"url": f"{long}&dataset={client.get('/ready').headers['x-dataset-version']}"}
    assert len(shared["url"]) > 200 and client.get("/oembed", params=shared).status_code == 200


def test_pages_have_the_address_that_is_set(
    data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "datasets").symlink_to(data / "datasets")
    monkeypatch.setenv("PAYCITE_URL", "https://pay.example")
    with serving(tmp_path) as client:
        (image,) = parsed(client, ANSWER).all("meta", property="og:image")
        assert image["content"].startswith("https://pay.example/salary.png?")
        url = "https://pay.example/salary.html?role=mlops"
        assert "https://pay.example/embed?role=mlops" in client.get(f"/oembed?url={url}").text


# What sharing, mail and advertising add: a link in a newsletter, an advertisement, a post.
SHARED = (
    *("utm_source", "utm_medium", "utm_campaign", "utm_id", "UTM_Term", "mtm_kwd", "hsa_acc"),
    *("fbclid", "gclid", "gbraid", "wbraid", "dclid", "gad_source", "srsltid", "_gl", "msclkid"),
    *("ttclid", "twclid", "li_fat_id", "igshid", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi"),
    *("hsCtaTracking", "ref", "ref_src", "trk", "ScCid", "yclid", "vero_id"),
)


def test_no_parameter_of_an_address_is_taken_for_one_that_sharing_adds() -> None:
    names = {name for one in ENDPOINTS for name in one.parameters.__struct_fields__}
    assert names and not list(filter(is_tracking, names))


def test_empty_fields_and_what_sharing_adds_are_left_out_and_nothing_else(
    client: httpx.Client,
) -> None:
    plain = client.get("/salary.html?role=mlops&metro=nyc").text
    query = "role=mlops&level=&metro=nyc&years=+&offer=&period="
    assert client.get(f"/salary.html?{query}").text == plain
    pages_ = [one for one in ENDPOINTS if one.media_type == "text/html" and not one.asks]
    for page_ in [one for one in pages_ if "{id}" not in one.path]:
        fields = page_.parameters.__struct_fields__
        asked = "role=mlops&" if "role" in fields else ""
        asked += "range=160-200k&" if "range" in fields else ""
        tagged = "&".join(f"{tag}=x" for tag in SHARED)
        shown = client.get(f"{page_.path}?{asked}{tagged}")
        assert (shown.status_code, shown.text) == (200, client.get(f"{page_.path}?{asked}").text)
    for address in (
        "/?a=1",
        "/salary.html?role=mlops&a=1",
        "/salary/compare.html?a=1",
        "/embed?a=",
    ):
        assert client.get(address).status_code == 400, address


def test_a_refusal_keeps_the_form_and_its_suggestions_lead_on(client: httpx.Client) -> None:
    asked = {"role": "data scientist", "metro": "Portland", "level": "L5", "years": "7"}
    shown = parsed(client, f"/salary.html?{urlencode(asked)}", 422)
    fields = [one for one in shown.all("input") if one.get("type") != "radio"]
    kept = {field["name"]: field.get("value") for field in fields}
    assert kept == {"role": "data scientist", "metro": "Portland", "years": "7", "offer": ""}
    assert {"type": "radio", "name": "level", "value": "L5", "checked": ""} in shown.all("input")
    suggested = [a["href"] for a in shown.all("a") if "portland-" in a["href"]]
    assert len(suggested) == 2
    for href in suggested:
        assert "data+scientist" in href
        parsed(client, href)
    renamed = parsed(client, "/salary.html?rol=mlops&metro=nyc", 400)
    (link,) = [a["href"] for a in renamed.all("a") if a["href"].startswith("/salary.html")]
    assert "MLOps Engineer" in parsed(client, link).said
    repeated = "/salary/compare.html?role=mlops&role=data-scientist&metro=nyc&metro=Portland"
    in_row = [
        a["href"] for a in parsed(client, repeated).all("a") if "metro=portland-or" in a["href"]
    ]
    assert {len(parse_qs(urlsplit(href).query)["role"]) for href in in_row} == {2}
    assert "Portland-Vancouver" in parsed(client, in_row[0]).said


@pytest.mark.parametrize(
    "query",
    [
        "role=%FF&metro=nyc&level=%00",
        "a=1&" * 60,
        f"role={'x' * 3_000}",
        "role=mlops&role=mlops&metro=%ED%A0%80",
        "%FF=%FF&role=mlops",
        f"role={quote('=1+1')}&offer={'9' * 150}&years=nan",
        "role=mlops&dataset=..%2f..%2f&source=x&source=y",
    ],
)
def test_bad_input_is_a_page_and_never_a_failure(client: httpx.Client, query: str) -> None:
    for path in ("/", "/salary.html", "/salary/compare.html", "/embed"):
        answer = client.get(f"{path}?{query}")
        assert 400 <= answer.status_code < 500, path
        assert answer.headers["content-type"].startswith("text/html"), path
        assert answer.headers["cache-control"] == "no-store"
    assert client.get(
        "/oembed", params={"url": f"{client.base_url}/salary.html?{query}"}
    ).is_client_error


def test_only_an_embedded_answer_may_be_framed(client: httpx.Client) -> None:
    addresses = (
        *PAGES,
        *("/salary?role=mlops", "/salary", "/salary.svg?role=mlops", "/salary.png?role=mlops"),
        *("/salary.csv?role=mlops", "/docs", "/docs/docs.js", "/openapi.yaml", "/embed.js"),
        *("/static/page.css", "/nowhere", "/static/nothing", "/salary.html", "/embed?role=x"),
        *("/mcp", "/health", "/?a=1", "/oembed"),
    )
    for address in addresses:
        answer = client.get(address)
        policy = answer.headers["content-security-policy"]
        framed = "*" if address.startswith("/embed?") else "'none'"
        assert policy.endswith(f"frame-ancestors {framed}"), address
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in policy
    for sent in (client.post("/salary/batch", json={"rows": [{"role": "mlops"}]}), client.put("/")):
        assert sent.headers["content-security-policy"].endswith("; frame-ancestors 'none'")
    again = client.get(ANSWER, headers={"If-None-Match": client.get(ANSWER).headers["etag"]})
    assert again.status_code == 304
    assert again.headers["content-security-policy"].endswith("frame-ancestors 'none'")


def test_pages_have_no_script_and_no_style_of_their_own(client: httpx.Client) -> None:
    for address in (*PAGES, "/salary.html", "/embed?role=x"):
        shown = Parsed(client.get(address).text)
        assert not shown.all("style")
        for _, attributes in shown.elements:
            assert not [name for name in attributes if name == "style" or name.startswith("on")]
        for script in shown.all("script"):
            assert script["src"].startswith("/static/")


def test_every_class_has_a_style_and_every_style_is_used(client: httpx.Client) -> None:
    rules = re.sub(r"/\*.*?\*/", "", client.get("/static/page.css").text, flags=re.DOTALL)
    selectors = " ".join(re.findall(r"([^{};]+)\{", rules))
    styled = {*re.findall(r"\.([a-z][\w-]*)", selectors)}
    paths = ("/ranking.html?role=mlops", "/pay.html", "/roles.html", "/levels.html", "/nowhere")
    shown = {
        name
        for address in (*PAGES, *paths, "/salary.html?role=data-scientist", "/salary.html?role=x")
        for _, attributes in Parsed(client.get(address).text).elements
        for name in attributes.get("class", "").split()
    }
    unmarked = {"medium"}  # a confidence without a color of its own
    assert shown - styled - unmarked == set()
    present = Path(pages.__file__).parents[1]
    sources = [*present.glob("html/templates/*.html"), *present.glob("chart/*.py")]
    written = {*re.findall(r"[\w-]+", " ".join(one.read_text() for one in sources))}
    named = {*get_args(Label), *(f"f{fifth}" for fifth in range(5))}
    assert styled - written - named == set()


def test_a_field_has_its_suggestions_once(client: httpx.Client) -> None:
    given = "/salary.html?role=mlops&source=bls-oews-2025-05&source=kore1-ai-jobs-2026"
    for address in (given, "/embed.html?role=x", "/ranking.html?role=mlops", "/figures.html"):
        shown = Parsed(client.get(address).text)
        ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
        assert len(ids) == len({*ids})
        lists = {one["id"] for one in shown.all("datalist")}
        assert lists == {one["list"] for one in shown.all("input") if "list" in one}, address
        assert ("source-ids" in lists) == bool(shown.all("input", name="source"))


def test_a_page_of_a_dataset_asks_and_leads_into_the_same(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    pinned = {"dataset": snapshot.version}
    for path in ("/salary.html", "/salary/compare.html", "/ranking.html", "/pay.html"):
        asked = pinned if path == "/pay.html" else {"role": "mlops", **pinned}
        shown = Parsed(client.get(f"{path}?{urlencode(asked)}").text)
        (field,) = shown.all("input", name="dataset")
        assert field["value"] == snapshot.version, path
        asked_or_cited = ("/salary.html?", "/pay.html?", "/figures/", "/sources/")
        led = [a["href"] for a in shown.all("a") if a["href"].startswith(asked_or_cited)]
        assert all(urlencode(pinned) in one for one in led), path
        assert {one.partition(".html")[0] for one in led} > {"/salary"}


@pytest.mark.parametrize("payload", BREAKING_OUT)
def test_what_is_asked_never_becomes_markup(client: httpx.Client, payload: str) -> None:
    for path in ("/salary.html", "/salary/compare.html", "/embed"):
        for field in Requested.__struct_fields__:
            asked = {"role": "mlops"} | {field: "harmless"}
            plain = client.get(f"{path}?{urlencode(asked)}").text
            attacked = client.get(f"{path}?{urlencode(asked | {field: payload})}").text
            scripts, links = Parsed(attacked).all("script"), Parsed(attacked).all("a")
            assert scripts == Parsed(plain).all("script"), (path, field)
            assert {tag for tag, _ in shape(attacked)} <= {tag for tag, _ in shape(plain)} | {
                *("span", "a", "code", "option", "input", "label")
            }
            assert not [one for _, one in shape(attacked) if "onerror" in one]
            assert not [link for link in links if link["href"].startswith("javascript")]
        named = client.get(f"{path}?{urlencode({payload: 'x', 'role': 'mlops'})}").text
        assert len(Parsed(named).all("script")) == 1
    told = client.get("/oembed", params={"url": payload})
    assert told.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "host", ['a"><script>alert(1)</script>', "a/b?c", "a b", "[", "x'y", "a@b"]
)
def test_no_host_becomes_markup(client: httpx.Client, host: str) -> None:
    answer = client.get(ANSWER, headers={"Host": host})
    assert answer.status_code in (200, 400)
    assert "<script>" not in answer.text and "'x'y" not in answer.text


def unwrap(html: str) -> str:
    """The page with each name of a row in one line, because a longer one has more."""
    return re.sub(r'</tspan> <tspan x="0" y="\d+">', " ", html)


@pytest.mark.parametrize("payload", [*PAYLOADS, *BREAKING_OUT])
def test_no_text_of_a_source_becomes_markup(snapshot: Snapshot, payload: str) -> None:
    def drawn(text: str) -> list[str]:
        answer, refused = hostile(text, snapshot)
        assert isinstance(answer, Answer)
        asked = {"role": [f"x{text}"], "source": [f"x{text}"], "level": [f"x{text}"]}
        site = Site("http://x", snapshot)
        fault = Fault(type="unknown-role", parameter="role", detail=text, suggestions=(text,))
        problem = Refusal([fault]).problem("/salary.html")
        return [
            pages.salary_page(site, asked, answer),
            pages.compare_page(site, asked, [answer, refused]),
            embedding.embed(site, asked, answer),
            pages.problem_page(site, asked, problem, "salary_form.html"),
            embedding.embed_problem(site, asked, problem),
        ]

    for attacked, plain in zip(drawn(payload), drawn("harmless"), strict=True):
        assert shape(unwrap(attacked)) == shape(unwrap(plain))
    answer = hostile(payload, snapshot)[0]
    assert isinstance(answer, Answer)
    found = Parsed(drawn(payload)[0])
    (picture,) = found.all("svg")
    assert picture["aria-label"] == printable(summarize(answer.used, answer.estimate))
    for text in (describe_scope(answer.used), write_citation(answer)):
        assert " ".join(text.split()) in Parsed(drawn(payload)[2]).said
    embedded = embedding.oembed(Site("http://x", snapshot), {"role": [payload]}, answer, 300, 200)
    assert [tag for tag, _ in Parsed(embedded.html).elements] == ["iframe"]
    copied = unescape(drawn(payload)[0].split('<textarea id="as-sentence"')[1].split(">\n", 1)[1])
    assert copied.startswith(answer.quote)


def test_a_page_is_under_60_kb_with_all_it_loads_under_150_and_one_request_answers(
    client: httpx.Client,
) -> None:
    region = "/salary.html?role=software-engineer&metro=bay-area&offer=150-180k&age=true"
    for address in (region, ANSWER, "/"):
        shown = parsed(client, address)
        loaded = {one["src"] for tag in ("script", "img") for one in shown.all(tag)}
        loaded |= {
            one["href"] for rel in ("stylesheet", "icon") for one in shown.all("link", rel=rel)
        }
        sizes = {one: len(client.get(one).content) for one in (address, *loaded)}
        assert sizes[address] < 60_000, sizes
        assert sum(sizes.values()) < 150_000, sizes
    assert f"{answered(client)} a year" in parsed(client, ANSWER).said
    (chart,) = parsed(client, ANSWER).all("svg")
    assert int(chart["height"]) > 100


def test_scripts_and_styles_ignore_what_content_systems_add(client: httpx.Client) -> None:
    for path in ("/embed.js", "/static/page.css", "/static/page.js", "/static/icon.svg"):
        plain = client.get(path)
        for query in ("ver=6.4", "ver=6.4.2&v", "dataset=2020-01-01-000000000000", "role=%FF"):
            answer = client.get(f"{path}?{query}")
            assert (answer.status_code, answer.content) == (200, plain.content), query
    assert client.get("/static/nothing?ver=6.4").status_code == 404


def test_an_embedded_answer_has_the_theme_that_is_asked_for(client: httpx.Client) -> None:
    asked = "role=mlops&level=mid&metro=nyc"
    plain = client.get(f"/embed?{asked}").text
    assert client.get(f"/embed?{asked}&theme=auto").text == plain and "data-theme" not in plain
    for theme in ("light", "dark"):
        html = client.get(f"/embed?{asked}&theme={theme}").text
        assert f'<html lang="en" data-theme="{theme}">' in html
        assert (
            html.replace(f' data-theme="{theme}"', "").replace(
                f'content="{theme}"', 'content="light dark"'
            )
            == plain
        )
    neon = client.get(f"/embed?{asked}&theme=neon")
    assert neon.status_code == 400 and "auto, dark, light" in neon.text
    assert client.get("/salary.html?role=mlops&theme=dark").status_code == 400


def test_the_preview_shows_the_frame_that_its_code_embeds(client: httpx.Client) -> None:
    shown = parsed(client, PREVIEW)
    (preview,) = shown.all("iframe")
    assert (preview["width"], preview["loading"]) == ("420", "lazy")
    assert preview["src"].endswith("&theme=dark") and "width" not in preview["src"]
    html = client.get(PREVIEW).text
    texts = [unescape(part.split(">\n", 1)[1]) for part in html.split("<textarea ")[1:]]
    frame, element, link = (text.split("</textarea>")[0] for text in texts)
    (iframe,) = Parsed(frame).all("iframe")
    assert iframe["src"] == str(client.base_url).rstrip("/") + preview["src"]
    assert (iframe["width"], iframe["height"]) == (preview["width"], preview["height"])
    (salary,) = Parsed(element).all("salary-range")
    assert salary == {"role": "mlops", "level": "mid", "metro": "nyc", "theme": "dark"}
    assert client.get("/oembed", params={"url": link}).status_code == 200
    assert "frame-src 'self';" in client.get(PREVIEW).headers["content-security-policy"]
    for query in ("role=mlops&theme=neon", "role=mlops&width=5", "role=mlosp", "width=300"):
        refused = client.get(f"/embed.html?{query}")
        assert refused.status_code in (400, 404) and 'action="/embed.html"' in refused.text
    several = "role=mlops&source=kore1-ai-jobs-2026&source=bls-oews-2025-05"
    assert "<salary-range" not in unescape(client.get(f"/embed.html?{several}").text)
    (answer,) = [a for a in parsed(client, ANSWER).all("a") if a["href"].startswith("/embed.html?")]
    assert parsed(client, answer["href"]).all("iframe")


@pytest.mark.parametrize("payload", BREAKING_OUT)
def test_no_parameter_breaks_out_of_the_code_to_embed(client: httpx.Client, payload: str) -> None:
    for field in ("role", "metro", "level", "theme", "width", "source"):
        asked = {"role": "mlops"} | {field: payload}
        html = client.get(f"/embed.html?{urlencode(asked)}").text
        assert len(Parsed(html).all("script")) == 1
        assert not [one for _, one in shape(html) if "onerror" in one]
    code = write_element("http://x", {"role": [payload]})
    assert code
    assert [tag for tag, _ in Parsed(code).elements] == ["script", "salary-range"]


def test_a_browser_that_asks_for_a_summary_gets_the_page_of_the_whole_answer(
    client: httpx.Client,
) -> None:
    asked = {"accept": "text/html"}
    page = client.get("/salary?role=mlops&view=summary", headers=asked, follow_redirects=True)
    assert page.status_code == 200 and "view=summary" not in page.text
    assert client.get("/salary.html?role=mlops&view=brief").status_code == 400
