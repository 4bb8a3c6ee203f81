"""The pages in Chromium, as people use them: `make test-browser`, which needs it installed."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from paycite.settings import ROOT
from support.listening import listening

if "PAYCITE_BROWSER" not in os.environ:
    pytest.skip("`make test-browser` opens the pages in Chromium", allow_module_level=True)

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

ANSWER = "/salary.html?role=mlops&level=mid&metro=nyc"
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
EVERY_PAGE = {
    "home": "/",
    "ranking": "/ranking.html?role=data-scientist",
    "pay of roles": "/pay.html?metro=Columbus,+OH",
    "answer": "/salary.html?role=data-scientist&level=senior&metro=nyc&offer=150-180k",
    "doubtful": "/salary.html?role=prompt-engineer&level=staff&metro=austin&offer=170000",
    "open-ended": "/salary.html?role=ai-ml-engineer&level=staff",
    "error": "/salary.html?role=data+scientits&metro=Portland&level=L5&offer=much&source=x",
    "form of a comparison": "/salary/compare.html",
    "comparison": "/salary/compare.html?role=mlops&role=data-scientist&metro=nyc&metro=narnia",
    "posting": "/posting.html?range=160-200k&role=data-scientist&level=senior&metro=nyc",
    "all laws": "/posting.html?range=160-200k&role=mlops&metro=remote",
    "form of a posting": "/posting.html",
    "form of candidates": "/candidates.html",
    "preview": "/embed.html?role=mlops&level=mid&metro=nyc&theme=dark",
    "dark embed": "/embed?role=mlops&level=mid&metro=nyc&theme=dark",
    "figure": "/figures/kore1-ai-jobs-2026:mlops-mid.html",
    "figures": "/figures.html?topic=percentile&metro=nyc",
    "source": "/sources/dol-lca-fy2024q1-fy2024q4.html",
    "sources": "/sources.html",
    "role": "/roles/ai-ml-engineer.html",
    "roles": "/roles.html",
    "levels": "/levels.html",
    "place": "/metros/nyc.html",
    "places": "/metros.html?prefix=san&kind=metro",
    "match": "/match.html?role=Sr+MLOps+Engineer&metro=brooklyn",
    "demand": "/demand.html",
    "rates": "/rates.html",
    "confidence": "/confidence.html",
    "datasets": "/datasets.html",
    "methods": "/methods.html",
    "API": "/docs",
    "problem type": "/problems/unknown-role.html",
    "unknown record": "/figures/kore1-ai-jobs-2026:mlops.html",
    "embed": "/embed?role=mlops&level=mid&metro=nyc",
    "embedded error": "/embed?role=mlosp",
}
# What Swagger UI writes: its colors, its headings that are buttons around buttons, and more.
NOT_OURS = {"exclude": [["#docs"]]}


@pytest.fixture(scope="module")
def pay(client: httpx.Client) -> str:
    """The range of the answer, as the address gives it."""
    ends = client.get(ANSWER.replace(".html", "")).json()["estimate"]["range"]
    return f"${ends['min']:,} to ${ends['max']:,}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "chromium is missing: install the Debian package chromium"
    # The service draws without the fonts of the machine, and a browser ends without any.
    environment: dict[str, str | float | bool] = {**os.environ}
    environment.pop("FONTCONFIG_FILE", None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=[*OPTIONS], env=environment
        )
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, client: httpx.Client) -> Iterator[Callable[..., Page]]:
    """Opens an address of the service; what a page breaks of its own policy fails the test."""
    contexts: list[BrowserContext] = []
    broken: list[str] = []

    def open_(address: str, **options: Any) -> Page:
        options = {"viewport": {"width": 1200, "height": 800}} | options
        context = browser.new_context(base_url=str(client.base_url), **options)
        contexts.append(context)
        page = context.new_page()
        if address.startswith("/"):  # another site may forbid what it wants
            page.on("console", lambda said: broken.append(said.text) if _is_breach(said) else None)
            page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not broken


def _is_breach(said: ConsoleMessage) -> bool:
    return "Content Security Policy" in said.text


class _Quiet(SimpleHTTPRequestHandler):
    policy = ""

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def foreign(folder: Path, policy: str = "") -> Iterator[str]:
    """The address of another site, which sends the files of a folder."""
    handler = type("_Handler", (_Quiet,), {"policy": policy})
    with listening(partial(handler, directory=str(folder))) as port:
        yield f"http://127.0.0.1:{port}"


def example(name: str, client: httpx.Client, folder: Path, *changes: tuple[str, str]) -> None:
    """An example as its reader would put it on a site: with the address of the service."""
    text = (ROOT / "examples" / name).read_text()
    base = str(client.base_url).rstrip("/")
    for old, new in (("http://127.0.0.1:8000", base), *changes):
        assert old in text
        text = text.replace(old, new)
    (folder / name).write_text(text)


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_question_is_asked_and_answered(opened: Callable[..., Page], script: bool) -> None:
    page = opened("/", java_script_enabled=script)
    page.get_by_label("Role", exact=True).fill("Sr. ML Ops Engineer")
    page.get_by_label("Place", exact=True).fill("Brooklyn, NY")
    page.get_by_text("Years, offer and more").click()
    page.get_by_label("Offer", exact=True).fill("150-180k")
    page.get_by_role("button", name="Show pay").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Senior MLOps Engineer in")
    expect(page.get_by_role("heading", name="The offer: $150,000 to $180,000")).to_be_visible()
    expect(page.get_by_label("Role", exact=True)).to_have_value("Sr. ML Ops Engineer")
    blank = {"level", "years", "period"}
    assert (asked(page).keys() & blank) == (set() if script else blank)
    page.get_by_label("Any", exact=True).check()
    page.get_by_label("Offer", exact=True).fill("")
    page.get_by_label("Pay period").select_option("hour")
    page.get_by_role("button", name="Show pay").click()
    expect(page.locator(".range")).to_contain_text("an hour")
    page.get_by_role("heading", name="Copy or export").click()
    assert page.locator(".copyable button").first.is_visible() == script


def test_an_error_is_fixed_by_its_suggestion(pay: str, opened: Callable[..., Page]) -> None:
    page = opened("/salary.html?role=mlosp&level=mid&metro=nyc")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_label("Role", exact=True)).to_have_value("mlosp")
    page.get_by_role("link", name="MLOps Engineer", exact=True).click()
    expect(page.locator(".range")).to_contain_text(pay)


def test_several_are_compared(opened: Callable[..., Page]) -> None:
    page = opened("/salary/compare.html")
    page.get_by_label("Roles, 1").fill("mlops")
    page.get_by_label("Roles, 2").fill("data scientist")
    page.get_by_label("Places, 1").fill("nyc")
    page.get_by_label("Places, 2").fill("Portland")
    page.get_by_role("button", name="Compare").click()
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(5)
    assert asked(page).keys() == {"role", "metro"}
    page.get_by_role("link", name="Portland-Vancouver-Hillsboro, OR-WA").first.click()
    expect(page.get_by_role("table").get_by_text("Portland-Vancouver")).to_have_count(2)
    page.get_by_role("table").get_by_role("link", name="Data Scientist").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Data Scientist")


def test_a_click_copies_with_and_without_a_clipboard(opened: Callable[..., Page]) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    for forbid in ("", "Object.defineProperty(navigator, 'clipboard', {value: undefined})"):
        page = opened(ANSWER, permissions=allowed)
        page.evaluate("navigator.clipboard.writeText('nothing')")
        page.evaluate("const held = navigator.clipboard; window.read = () => held.readText()")
        page.evaluate(forbid or "0")
        page.get_by_role("heading", name="Copy or export").click()
        for label in ("Quote", "curl", "Embed code"):
            page.get_by_role("button", name=f"Copy: {label}").click()
            expect(page.locator("#copied")).to_have_text(f"Copied: {label}")
            shown = page.get_by_label(label, exact=True).input_value()
            assert page.evaluate("read()").splitlines() == shown.splitlines()


def test_a_foreign_page_frames_an_answer_as_high_as_it_is(
    pay: str, opened: Callable[..., Page], client: httpx.Client, tmp_path: Path
) -> None:
    example("frame.html", client, tmp_path)
    with foreign(tmp_path) as site:
        heights = set()
        for width in (1000, 340):
            page = opened(f"{site}/frame.html", viewport={"width": width, "height": 800})
            inside = page.frame_locator("iframe")
            expect(inside.locator(".range")).to_contain_text(pay)
            body = inside.locator("body")
            page.wait_for_function("document.querySelector('iframe').height !== '320'")
            height = int(page.locator("iframe").get_attribute("height") or 0)
            assert 0 <= height - body.evaluate("body => body.offsetHeight") <= 1
            assert body.evaluate("() => document.documentElement.scrollHeight") <= height
            heights.add(height)
        assert len(heights) == 2
        # Nothing else is framed.
        page.evaluate(f"document.querySelector('iframe').src = '{client.base_url}{ANSWER}'")
        expect(page.frame_locator("iframe").locator(".range")).to_have_count(0)


def test_an_element_answers_in_the_colors_of_its_page(
    pay: str, opened: Callable[..., Page], client: httpx.Client, tmp_path: Path
) -> None:
    example("element.html", client, tmp_path)
    answer = client.get("/salary?role=mlops&level=mid&metro=nyc").json()
    with foreign(tmp_path) as site:
        for scheme, ink in (("light", "rgb(0, 0, 0)"), ("dark", "rgb(255, 255, 255)")):
            page = opened(f"{site}/element.html", color_scheme=scheme)
            element = page.locator("salary-range")
            expect(element.locator(".range")).to_have_text(f"{pay} a year (P25 to P75)")
            expect(element).to_contain_text(answer["estimate"]["confidence"]["reason"])
            for source in answer["sources"]:
                if source["id"] in {chain["source_id"] for chain in answer["chains"]}:
                    expect(element).to_contain_text(source["citation"])
            color = "element => getComputedStyle(element).color"
            assert element.locator(".range").evaluate(color) == ink
            link = element.get_by_role("link").get_attribute("href") or ""
            assert answer["dataset"]["version"] in link and client.get(link).status_code == 200


def test_an_element_follows_its_attributes_and_the_last_question_wins(
    pay: str, opened: Callable[..., Page], client: httpx.Client, tmp_path: Path
) -> None:
    example("element.html", client, tmp_path)
    with foreign(tmp_path) as site:
        page = opened(f"{site}/element.html")
        shown = page.locator("salary-range .range")
        expect(shown).to_contain_text(pay)
        questions = []
        page.on("request", lambda request: questions.append(request.url))
        slow = []
        page.route("**/embed.json?*metro=austin*", lambda route: slow.append(route))
        page.route("**/embed.json?*metro=nowhere*", lambda route: slow.append(route))
        change = "changes => Object.entries(changes).forEach(([name, value]) =>"
        change += " document.querySelector('salary-range').setAttribute(name, value))"
        for metro in ("austin", "nowhere"):
            page.evaluate(change, {"metro": metro})
            page.wait_for_timeout(50)
        page.evaluate(
            change,
            {
                "role": "ai-ml-engineer",
                "level": "staff",
                "metro": "us",
                "source": "kore1-ai-jobs-2026",
            },
        )
        expect(shown).to_contain_text("or more")
        for route in slow:  # the earlier answers come last
            route.continue_()
        page.wait_for_load_state("networkidle")
        expect(shown).to_contain_text("or more")
        assert len(slow) == 2 and len(questions) == 3
        moved = "document.body.append(document.querySelector('salary-range'))"
        page.evaluate(moved)
        expect(shown).to_contain_text("or more")
        page.evaluate(change, {"period": "hour"})
        expect(shown).to_contain_text("an hour")
        page.evaluate(change, {"role": "no-such-role"})
        expect(page.get_by_role("link", name="What an MLOps Engineer is paid")).to_be_visible()


def test_an_element_falls_back_to_its_link(
    opened: Callable[..., Page], client: httpx.Client, tmp_path: Path
) -> None:
    base = str(client.base_url).rstrip("/")
    link = "What an MLOps Engineer is paid"
    no_script = "default-src 'none'; script-src 'self'"
    no_answer = f"default-src 'none'; script-src {base}"
    with foreign(tmp_path) as down:
        pass
    for changes, policy in (
        ((('role="mlops"', 'role="no-such-role"'),), ""),
        ((('role="mlops"', 'role=""'),), ""),
        (((f'src="{base}', f'src="{down}'),), ""),
        ((), no_script),
        ((), no_answer),
    ):
        example("element.html", client, tmp_path, *changes)
        with foreign(tmp_path, policy) as site:
            page = opened(f"{site}/element.html")
            expect(page.get_by_role("link", name=link)).to_be_visible()
            expect(page.locator("salary-range .range")).to_have_count(0)


def test_an_element_is_shown_in_a_page_that_forbids_all_else(
    pay: str, opened: Callable[..., Page], client: httpx.Client, tmp_path: Path
) -> None:
    example("element.html", client, tmp_path)
    base = str(client.base_url).rstrip("/")
    policy = f"default-src 'none'; script-src {base}; connect-src {base}"
    with foreign(tmp_path, policy) as site:
        shown = opened(f"{site}/element.html").locator("salary-range .range")
        expect(shown).to_contain_text(pay)
        assert shown.evaluate("element => getComputedStyle(element).fontWeight") == "700"


def test_all_is_done_by_keyboard_and_the_focus_is_seen(
    pay: str, opened: Callable[..., Page]
) -> None:
    page = opened("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Role", exact=True)).to_be_focused()
    page.keyboard.type("mlops")
    page.keyboard.press("Tab")
    page.keyboard.type("nyc")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".range")).to_contain_text(pay)
    # Not what is folded: nobody is led there. Of buttons for a choice, only the chosen one.
    kinds = (
        "a",
        "button",
        "input:not([type=radio]:not(:checked))",
        "select",
        "summary",
        "textarea",
    )
    reached, seen = page.locator(", ".join(f"{kind}:visible" for kind in kinds)), 0
    for _ in range(reached.count()):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        seen += outline == "solid"
    assert seen == reached.count()
    caveats = page.locator("summary").first
    caveats.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details").first).to_have_attribute("open", "")


def test_on_paper_caveats_are_open_and_what_is_pressed_is_left_out(
    opened: Callable[..., Page],
) -> None:
    page = opened(ANSWER, color_scheme="dark")
    caveat = page.locator(".printed li").first
    expect(caveat).not_to_be_visible()
    page.emulate_media(media="print")
    expect(caveat).to_be_visible()
    for hidden in ("nav", "form", ".copies", "button", ".skip"):
        expect(page.locator(hidden).first).not_to_be_visible()
    for shown in (".range", ".confidence", ".chart svg", "#sources", "footer code"):
        expect(page.locator(shown).first).to_be_visible()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"


@pytest.mark.parametrize(
    "address",
    [
        ANSWER,
        f"{ANSWER}&offer=150-180k",
        "/salary.html?role=Senior+Data+Engineer&metro=Columbus,+OH",
        "/salary.html?role=prompt-engineer&level=staff&metro=austin&offer=170000",
        "/salary.html?role=ai-ml-engineer&level=staff",
    ],
)
def test_an_answer_with_its_citations_is_printed_on_one_page(
    opened: Callable[..., Page], address: str
) -> None:
    printed = opened(address).pdf(format="Letter")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_a_printed_posting_has_the_laws_of_the_place(opened: Callable[..., Page]) -> None:
    page = opened("/posting.html?range=160-200k&role=mlops&metro=remote")  # folded on the screen
    law = page.get_by_text("In effect since 2023-01-01").first
    expect(law).to_be_hidden()
    page.emulate_media(media="print")
    expect(law).to_be_visible()
    expect(page.get_by_role("button", name="Copy").first).to_be_hidden()


def test_amounts_do_not_run_into_names_on_a_telephone(opened: Callable[..., Page]) -> None:
    """The text of a chart, at the width of a small telephone and of a table."""
    for width in (360, 480, 720):
        page = opened(ANSWER, viewport={"width": width, "height": 800})
        texts = page.locator(".hero .picture text:visible").all()
        boxes = [box for text in texts if (box := text.bounding_box())]
        assert len(boxes) > 8
        for box, other in combinations(boxes, 2):
            is_beside = box["x"] + box["width"] <= other["x"] or (
                other["x"] + other["width"] <= box["x"]
            )
            is_below = box["y"] + box["height"] <= other["y"] + 2 or (
                other["y"] + other["height"] <= box["y"] + 2
            )
            assert is_beside or is_below, (width, box, other)


@pytest.mark.parametrize("address", EVERY_PAGE.values(), ids=EVERY_PAGE)
def test_every_page_fits_a_small_telephone(opened: Callable[..., Page], address: str) -> None:
    page = opened(address, viewport={"width": 320, "height": 640}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    found = Axe().run(page, NOT_OURS)
    assert not found.response["violations"], found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", EVERY_PAGE.values(), ids=EVERY_PAGE)
def test_axe_finds_nothing(opened: Callable[..., Page], address: str, scheme: str) -> None:
    page = opened(address, color_scheme=scheme)
    for details in page.locator("details").all():
        details.evaluate("details => { details.open = true; }")
    found = Axe().run(page, NOT_OURS)
    assert not found.response["violations"], found.generate_report()


def test_the_docs_are_dark_if_pages_are_and_fit_a_small_telephone(
    opened: Callable[..., Page],
) -> None:
    page = opened("/docs", color_scheme="dark", viewport={"width": 320, "height": 640})
    operation = page.locator(".opblock-summary-control").first
    expect(operation).to_be_visible(timeout=30_000)
    assert "invert" in page.locator("#docs").evaluate("docs => getComputedStyle(docs).filter")
    expect(page.locator("select")).to_have_count(0)
    operation.click()
    expect(page.get_by_role("button", name="Try it out")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


CANDIDATES = """Candidate;Job Title;City;State;Expected Salary
Ana;Sr. ML Ops Engineer;Brooklyn;NY;185000
Bo;data scientist;Austin;TX;150-180k
Cy;Chief Vibes Officer;Boston;MA;200k
"""


@pytest.mark.parametrize("has_script", [True, False])
@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1200)])
def test_candidates_are_pasted_and_shown_also_without_javascript(
    opened: Callable[..., Page], scheme: str, width: int, has_script: bool
) -> None:
    page = opened(
        "/candidates.html",
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        java_script_enabled=has_script,
    )
    page.get_by_label("Candidates, as CSV").fill(CANDIDATES)
    page.get_by_label("Your pay range").fill("160-200k")
    page.get_by_role("button", name="Show candidates").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_label("Candidates, as CSV")).to_have_value(CANDIDATES)
    expect(page.locator("tbody tr").first).to_contain_text("inside")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert "paycite_median" in download.value.path().read_text("utf-8-sig")
    if has_script:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()


def test_a_comparison_is_sorted_by_its_headers_with_the_keyboard(
    opened: Callable[..., Page],
) -> None:
    page = opened(
        "/salary/compare.html?role=data-analyst&role=mlops&role=data-scientist&metro=narnia&metro=nyc"
    )
    medians = page.locator("tbody td[data-label=Median]")
    asked = medians.all_inner_texts()
    page.get_by_role("button", name="Median").focus()
    for direction in ("ascending", "descending"):
        page.keyboard.press("Enter")
        header = page.get_by_role("columnheader", name="Median")
        expect(header).to_have_attribute("aria-sort", direction)
        found = medians.all_inner_texts()
        assert found == sorted(
            asked,
            key=lambda text: int(text.strip("$").replace(",", "")),
            reverse=direction == "descending",
        )
        assert page.locator("tbody tr").last.locator("[colspan]").count() == 1
    page.get_by_role("button", name="Confidence").click()
    expect(page.locator("[aria-sort]")).to_have_count(1)


def test_colors_that_are_forced_keep_every_border(opened: Callable[..., Page]) -> None:
    page = opened(ANSWER, forced_colors="active")
    for outlined in (".card", "input", "select", "form button"):
        style = "element => getComputedStyle(element).borderTopStyle"
        assert page.locator(outlined).first.evaluate(style) in ("solid", "dashed")


@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("name", ["answer", "comparison", "home", "posting"])
def test_nothing_moves_while_a_page_loads(
    browser: Browser, client: httpx.Client, name: str, width: int
) -> None:
    """The sum of the layout shifts, and the numbers before anything but the page is loaded, from
    far away, so that the page is painted before its script is there."""
    far = {"latency": 150, "downloadThroughput": 2e5, "uploadThroughput": 1e5, "offline": False}
    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", far)
        page.add_init_script(
            "window.shifts = 0; new PerformanceObserver(list => {"
            " for (const shift of list.getEntries()) window.shifts += shift.value;"
            "}).observe({type: 'layout-shift', buffered: true});"
        )
        page.goto(f"{client.base_url}{EVERY_PAGE[name]}")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(200)
        assert page.evaluate("window.shifts") == 0
        hosts = "performance.getEntriesByType('resource').map(entry => new URL(entry.name).host)"
        assert set(page.evaluate(hosts)) <= {client.base_url.netloc.decode()}


# Each form, what is typed into its fields, and what its page then shows.
FORMS = {
    "/posting.html": (
        {"Your pay range": "160-200k", "Role": "data scientist", "Place": "nyc"},
        "$160,000 - $200,000 per year",
    ),
    "/ranking.html": ({"Role": "mlops"}, "San Jose-Sunnyvale-Santa Clara, CA"),
    "/pay.html": ({"Place": "Columbus, OH"}, "What roles pay in Columbus, OH"),
    "/salary/compare.html": (
        {"Roles, 1": "mlops", "Roles, 2": "data scientist"},
        "Data Scientist, all levels",
    ),
    "/embed.html": ({"Role": "mlops"}, "<iframe"),
    "/metros.html": ({"Begins with": "san f"}, "San Francisco-Oakland-Fremont, CA"),
    "/figures.html": ({"Role": "mlops"}, "MLOps Engineer, Mid-Level"),
    "/match.html": ({"Role": "Sr MLOps"}, "MLOps Engineer"),
    "/demand.html": ({"Role": "mlops"}, "MLOps"),
}


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("address", FORMS)
def test_each_form_is_filled_and_sent_with_the_keyboard(
    opened: Callable[..., Page], address: str, script: bool
) -> None:
    page = opened(address, java_script_enabled=script)
    fields, shown = FORMS[address]
    for label, text in fields.items():
        page.get_by_label(label, exact=True).first.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}?**")
    assert shown in page.content().replace("&lt;", "<") or page.get_by_text(shown).count()


def test_a_source_is_opened_from_an_answer_and_back_without_javascript(
    opened: Callable[..., Page],
) -> None:
    """From a number to what was published, each page by one link."""
    page = opened(ANSWER, java_script_enabled=False)
    page.locator(".sources code").first.click()
    expect(page.get_by_text("Cite as")).to_be_visible()
    page.get_by_role("link", name="Its figures").click()
    page.locator("main table a, main li a").first.click()
    expect(page.get_by_text("Where in the source")).to_be_visible()
    page.get_by_role("link", name="New question").click()
    expect(page.get_by_label("Role", exact=True)).to_be_visible()
