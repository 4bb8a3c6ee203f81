"""Answers as charts: their text, their accessibility, and that nothing is cut off."""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from paycite import web
from paycite.dataset.store import Store
from paycite.estimate.quote import describe_question, describe_range, summarize
from paycite.model.answer import Answer, Chain, Estimate, Interval, Requested, UnusedReason
from paycite.model.comparison import Outcome, Refused
from paycite.model.distribution import PERCENTILES
from paycite.model.figure import Component
from paycite.model.money import in_dollars, pay_in_dollars
from paycite.model.problem import Fault, Refusal
from paycite.model.snapshot import Snapshot
from paycite.present.chart.answer import Theme, draw_png, draw_svg, to_bar
from paycite.present.chart.bars import DARK, LIGHT
from paycite.present.chart.fluid import FluidRow, draw_fluid, draw_rows
from paycite.present.citations import cited_source_ids, write_citation
from paycite.present.html.comparison import draw_comparison
from paycite.questions.compare import compare
from support.observing import observation, pooled
from support.questions import ask, every_scope

pytestmark = pytest.mark.slow  # each picture takes a while to draw

SVG = "{http://www.w3.org/2000/svg}"
PAGE_CSS = Path(web.__file__).parent / "static" / "page.css"
TAGS = {"svg", "title", "desc", "style", "rect", "g", "path", "line", "text"}
AMOUNT = re.compile(r"\$[0-9]{1,3}(?:,[0-9]{3})*(?![0-9.]*[kM])")  # and not one of the axis
HOSTILE = (
    "<script>alert(1)</script>",
    "</text></svg><script>alert(1)</script>",
    "\"' onload='alert(1)' & &amp; <!-- ]]> <![CDATA[ <?xml ?>",
    "datum.x + {signal: 'x'} [a.b] \\n",
    "\u202ereversed\u202c \u200f\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\x00\x07\x1b[31m line\nline\r\n\ttab \ufffe\ud800",
    "\N{WOMAN}\u200d\N{PERSONAL COMPUTER} \N{EARTH GLOBE AMERICAS} \u6f22\u5b57\u6f22\u5b57",
    "W" * 300,
    "@% " * 100,
    "long-hyphenated-" * 30,
)


def read(drawn: str) -> ElementTree.Element:
    root = ElementTree.fromstring(drawn)
    assert root.tag == f"{SVG}svg"
    return root


def words(drawn: str) -> str:
    """All text of the chart, line by line."""
    return " ".join(" ".join(text.text or "" for text in read(drawn).iter(f"{SVG}text")).split())


def sampled(snapshot: Snapshot) -> Iterator[Answer]:
    """Answers of every kind of scope, annual and with offers."""
    for number, (role, level, metro) in enumerate(every_scope(snapshot)[::29]):
        offer = Interval(min=150_000, max=150_000 + number % 2 * 40_000)
        try:
            yield ask(snapshot, role, level, metro, offer=offer if number % 3 else None)
        except Refusal:
            continue


@pytest.fixture(scope="module")
def answers(snapshot: Snapshot) -> list[Answer]:
    return list(sampled(snapshot))


@pytest.fixture(scope="module")
def mlops(snapshot: Snapshot) -> Answer:
    return ask(snapshot, "mlops", "mid", "nyc")


@pytest.fixture(scope="module")
def many(dataset: Path) -> Answer:
    """An answer of six chains or more."""
    rows = [observation(number, 120_000 + 2_000 * number) for number in range(40)]
    snapshot = pooled(dataset, True, **{f"house-{number}": rows for number in range(5)})
    return ask(snapshot, "data-scientist", "senior", "austin-tx")


def refused(text: str) -> Refused:
    problem = Refusal([Fault(type="unknown-role", detail=text)]).problem("/salary")
    return Refused(requested=Requested(role=text, level=text, metro=text), problem=problem)


def worded(answer: Answer, text: str) -> Answer:
    """The answer with the text in every place that a source or a user controls."""
    sources = tuple(
        replace(source, publisher=text, title=text, citation=text) for source in answer.sources
    )
    used = replace(
        answer.used,
        role=replace(answer.used.role, title=text),
        metro=replace(answer.used.metro, name=text),
    )
    return replace(answer, sources=sources, used=used, requested=Requested(role=text))


def amounts(of: Estimate | Chain) -> set[str]:
    """The text of an estimate or a chain."""
    stated = [of.range.min, of.range.max]
    stated += [getattr(of.percentiles, name) for name in PERCENTILES if of.percentiles]
    return {in_dollars(amount) for amount in stated if amount is not None}


def within(text: str, told: str) -> bool:
    """Whether the text is told, wherever lines break: after a hyphen as well."""
    return text.replace(" ", "") in told.replace(" ", "")


def test_a_picture_says_every_number_and_every_source(answers: list[Answer], many: Answer) -> None:
    assert len(many.chains) >= 6
    assert any(answer.offer for answer in answers) and any(len(a.chains) > 1 for a in answers)
    for answer in [*answers, many]:
        told = words(draw_svg([answer], None))
        all_stated: list[Estimate | Chain] = [answer.estimate, *answer.chains]
        for stated in all_stated:
            assert pay_in_dollars(stated.range, stated.period) in told
        for chain in answer.chains:
            cited = cited_source_ids([chain])
            assert all(one.publisher in told for one in answer.sources if one.id in cited)
        assert describe_question(answer.used) in told and within(write_citation(answer), told)
        answering = {chain.source_id for chain in answer.chains if chain.weight}
        assert all(within(o.citation, told) for o in answer.sources if o.id in answering)
        known = set().union(*map(amounts, all_stated))
        if answer.offer:
            known |= {in_dollars(one.amount) for one in answer.offer.positions}
        written = set(AMOUNT.findall(told))
        reasons = {amount for one in answer.fallbacks for amount in AMOUNT.findall(one.reason)}
        assert known <= written <= known | reasons


def test_amounts_by_the_hour_have_their_cents(store: Store) -> None:
    asked = {"role": ["data-scientist"], "level": ["senior"], "period": ["hour"], "offer": ["77.4"]}
    (answer,) = compare(store, asked)
    assert isinstance(answer, Answer)
    told = words(draw_svg([answer], None))
    assert "Offer: $77.40 an hour" in told
    assert pay_in_dollars(answer.estimate.range, "hour") in told and " an hour" in told
    assert " a year" not in told


@pytest.mark.parametrize("reason", get_args(UnusedReason))
def test_a_chain_that_was_not_used_looks_and_says_so(mlops: Answer, reason: UnusedReason) -> None:
    used, unused, *_ = mlops.chains
    component: Component = "total_comp" if reason == "other-component" else "base"
    unused = replace(unused, weight=0.0, unused_reason=reason, component=component)
    drawn = draw_svg([replace(mlops, chains=(used, unused))], "light")
    assert re.findall(
        rf"not used: ([a-z ]+) \(level {unused.level}, {unused.metro}\)", words(drawn)
    )
    pay = pay_in_dollars(unused.range, "year")
    assert (f"{pay} of total comp" in words(drawn)) == (component != "base")
    paths = [path.attrib for path in read(drawn).iter(f"{SVG}path")]
    looks = [(path.get("fill"), path.get("stroke")) for path in paths]
    assert looks.count((LIGHT.used, LIGHT.used)) == 2  # a bar and its thin line
    assert looks.count((LIGHT.page, LIGHT.faint)) in (1, 2)


def test_capped_and_withheld_percentiles_are_shown_as_such(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "data-scientist", None, "austin-tx")
    assert answer.estimate.percentiles
    stated = replace(answer.estimate.percentiles, p10=None, p90=239_200, capped=("p90",))
    drawn = draw_svg(
        [replace(answer, estimate=replace(answer.estimate, percentiles=stated))], "light"
    )
    low, middle = (in_dollars(amount or 0) for amount in (stated.p25, stated.p50))
    assert f"P10 not released, P25 {low}, median {middle}" in words(drawn)
    assert "P90 $239,200 or more" in words(drawn)
    arrows = [path for path in read(drawn).iter(f"{SVG}path") if "L" in path.attrib["d"]]
    assert [arrow.attrib["fill"] for arrow in arrows] == [LIGHT.estimate]


def bars(answer: Answer) -> list[str]:
    """The outlines of shapes in the color of the estimate."""
    paths = read(draw_svg([answer], "light")).iter(f"{SVG}path")
    return [path.attrib["d"].split("v")[0] for path in paths if path.get("fill") == LIGHT.estimate]


def test_an_open_range_ends_in_an_arrow_and_in_words(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "ai-ml-engineer", "staff", sources=("kore1-ai-jobs-2026",))
    assert answer.estimate.range.open_ended
    assert "$300,000 or more a year" in words(draw_svg([answer], None))
    bar, arrow = bars(answer)
    start, length = map(float, re.findall(r"M([0-9.]+),[0-9.]+h([0-9.]+)", bar)[0])
    assert start + length == pytest.approx(328)  # the edge: from there the arrow goes on
    assert arrow.startswith("M") and "L" in arrow


@pytest.mark.parametrize(("amount", "side"), [(5_000_000, "above"), (15_000, "below")])
def test_an_offer_far_off_squeezes_nothing(snapshot: Snapshot, amount: int, side: str) -> None:
    offer = Interval(min=amount, max=amount)
    kore1 = ("kore1-ai-jobs-2026",)
    answer = ask(snapshot, "mlops", "mid", "nyc", offer=offer, sources=kore1)
    drawn = draw_svg([answer], "light")
    assert f"{in_dollars(amount)} is {side} the range" in words(drawn)
    (bar,) = bars(answer)
    (alone,) = bars(ask(snapshot, "mlops", "mid", "nyc", sources=kore1))
    assert bar.partition(",")[0] == alone.partition(",")[0]
    arrows = [path for path in read(drawn).iter(f"{SVG}path") if "L" in path.attrib["d"]]
    assert [arrow.attrib["fill"] for arrow in arrows] == [LIGHT.offer]


def test_a_comparison_has_every_row_and_why_one_has_none(store: Store) -> None:
    metros = [metro.id for metro in store.snapshot.metros.values() if metro.kind == "metro"][:49]
    asked = {"role": ["data-scientist", "astronaut"], "metro": [*metros, "Portland"]}
    found = compare(store, asked)
    assert len(found) == 100
    told = words(draw_svg(found, None))
    for outcome in found:
        if isinstance(outcome, Refused):
            assert outcome.requested
            row = f"{outcome.requested.role}, {outcome.requested.metro}"
            assert f"{row} No answer: {outcome.problem.title}." in told
        else:
            row = f"{describe_question(outcome.used)} {describe_range(outcome.estimate)}"
            used = [chain for chain in outcome.chains if chain.weight]
            cited = cited_source_ids(used)
            publishers = [one.publisher for one in outcome.sources if one.id in cited]
            assert any(f"{row} {publisher};" in told for publisher in publishers)
            assert all(publisher in told for publisher in publishers)
            answering = {chain.source_id for chain in used}
            assert all(within(o.citation, told) for o in outcome.sources if o.id in answering)
    assert f"dataset {store.snapshot.version}" in told
    nothing = draw_svg([refused("astronaut"), refused("diver")], None)
    assert "0 of 2 answered. astronaut" in words(nothing)


def test_a_picture_can_be_read_without_seeing_it(mlops: Answer) -> None:
    root = read(draw_svg([mlops], None))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and description is not None
    assert root.get("role") == "img"
    assert root.get("aria-label") == title.text == summarize(mlops.used, mlops.estimate)
    assert description.text and all(
        f"{pay_in_dollars(chain.range, 'year')}." in description.text for chain in mlops.chains
    )


def whole(drawn: str) -> None:
    """The margins have no text: they look the same with and without it."""
    root = read(drawn)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert (width, root.get("viewBox")) == (360, f"0 0 {width:g} {height:g}")
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    assert size in drawn
    silent = re.sub(r"<text.*?</text>", "", drawn)
    beside = f'width="999" height="{height:g}" viewBox="{{}} 0 999 {height:g}"'
    above = f'width="{width:g}" height="99" viewBox="0 {{}} {width:g} 99"'
    for edge in (
        *(beside.format(width - 4), beside.format(4 - 999)),
        *(above.format(height - 4), above.format(4 - 99)),
    ):
        around, blank = drawn.replace(size, edge), silent.replace(size, edge)
        assert vl_convert.svg_to_png(around) == vl_convert.svg_to_png(blank)


def test_nothing_that_is_written_leaves_the_page(
    answers: list[Answer], many: Answer, mlops: Answer
) -> None:
    for answer in [*answers[::6], many, *(worded(mlops, text) for text in HOSTILE)]:
        whole(draw_svg([answer], None))
    whole(draw_svg([*answers[:9], *map(refused, HOSTILE)], None))


@given(
    text=st.one_of(
        st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=()), min_size=1)
    )
)
@settings(max_examples=60)
def test_whatever_a_text_says_it_is_text(mlops: Answer, text: str) -> None:
    answer = worded(mlops, text)
    several: list[list[Outcome]] = [[answer], [answer, refused(text)], [refused(text)]]
    for drawn in (draw_svg(found, None) for found in several):
        elements = list(read(drawn).iter())
        assert {element.tag.removeprefix(SVG) for element in elements} <= TAGS
        for name in {name for element in elements for name in element.attrib}:
            assert not name.startswith("on") and "href" not in name and "{" not in name
        if text.isascii() and text.isprintable():
            assert "".join(text.split()) in "".join(words(drawn).split())


def test_what_was_asked_is_shown_as_text(client: httpx.Client) -> None:
    for text in HOSTILE:
        if text.isprintable():
            asked = {"role": [text[:200], "mlops"], "metro": text[:200]}
            answer = client.get(f"/salary/compare.svg?{urlencode(asked, doseq=True)}")
            assert answer.status_code == 200
            assert "".join(text[:200].split()) in "".join(words(answer.text).split())


THEMES: tuple[Theme | None, ...] = (None, "light", "dark")


def test_the_same_answer_is_the_same_picture_anywhere(store: Store, client: httpx.Client) -> None:
    asked = {"role": ["data-scientist", "mlops", "astronaut"], "metro": ["austin"]}
    found = compare(store, asked | {"offer": ["150k-180k"]})
    query = urlencode(asked | {"offer": "150k-180k"}, doseq=True)
    for theme in THEMES:
        with ThreadPoolExecutor(4) as threads:
            drawn = set(threads.map(lambda _: draw_svg(found, theme), range(8)))  # noqa: B023
            painted = set(threads.map(lambda _: draw_png(found, theme), range(8)))  # noqa: B023
        assert len(drawn) == len(painted) == 1
        themed = f"{query}&theme={theme}" if theme else query
        assert {client.get(f"/salary/compare.svg?{themed}").text} == drawn
        assert {client.get(f"/salary/compare.png?{themed}").content} == painted


def test_the_colors_follow_the_viewer_or_the_theme(many: Answer) -> None:
    assert len({*LIGHT, *DARK}) == 2 * len(LIGHT)
    follows, light, dark = (draw_svg([many], theme) for theme in THEMES)
    assert "<style>" in light and "prefers-color-scheme" not in light + dark
    style = follows.partition("<style>")[2].partition("</style>")[0]
    assert follows.replace(style, "") == re.sub("<style>.*</style>", "<style></style>", light)
    turned = light
    rules = re.findall(r'\[(fill|stroke)="(#[0-9a-f]{6})"\]\{\1:(#[0-9a-f]{6})\}', style)
    for attribute, before, after in rules:
        turned = turned.replace(f'{attribute}="{before}"', f'{attribute}="{after}"')
    assert turned == dark
    assert draw_png([many], None) == draw_png([many], "light") != draw_png([many], "dark")


def names(drawn: str) -> list[list[str]]:
    """The name of each row of a picture of a page, in lines."""
    texts = ElementTree.fromstring(drawn).iterfind("text[@class='who']")
    return [[line.text or "" for line in text] for text in texts]


def test_a_row_of_a_comparison_on_a_page_has_its_whole_name(snapshot: Snapshot) -> None:
    by_length = sorted(snapshot.metros.values(), key=lambda metro: -len(metro.name))
    for places in (("nyc", "austin-tx"), [metro.id for metro in by_length[:2]]):
        answers = [
            ask(snapshot, role, level, metro)
            for role in ("forward-deployed-engineer", "business-intelligence-engineer")
            for metro in places
            for level in ("entry", "senior")
        ]
        drawn = draw_comparison(answers)
        assert drawn and [" ".join(lines) for lines in names(drawn)] == [
            f"{one.used.role.title}, {one.used.level.title}, {one.used.metro.name}"
            for one in answers
            if one.used.level
        ]


def test_a_source_on_a_page_has_its_weight(answers: list[Answer], many: Answer) -> None:
    for answer in (*answers, many):
        for (name,) in names(draw_fluid(answer)):  # in one line
            assert re.search(" \N{MIDDLE DOT} [0-9.]+%$", name), name


@pytest.mark.parametrize("name", HOSTILE)
def test_a_row_of_a_page_is_as_high_as_its_name_and_no_name_exceeds_four_lines(
    mlops: Answer, name: str
) -> None:
    bar = to_bar(mlops.estimate, "estimate")
    heights = {}
    for text in ("x", name):
        drawn = draw_rows([FluidRow(text, bar)] * 2, "")
        lines = len(names(drawn)[0])
        assert 1 <= lines <= 4
        heights[lines] = int(ElementTree.fromstring(drawn).attrib["height"])
    assert all(height == heights[1] + 2 * 16 * (lines - 1) for lines, height in heights.items())


def expand(color: str) -> list[int]:
    """The red, green and blue of `#rrggbb` or `#rgb`."""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    return [*bytes.fromhex(digits)]


def luminance(color: Iterable[float]) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [channel / 255 for channel in color]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(part * c for part, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: Iterable[float], other: Iterable[float]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_has_enough_contrast(snapshot: Snapshot, theme: Theme) -> None:
    answer = ask(snapshot, "mlops", "mid", "nyc", offer=Interval(min=170_000, max=170_000))
    root = read(draw_svg([answer, refused("diver")], theme)), read(draw_svg([answer], theme))
    page = root[0].find(f"{SVG}rect")
    assert page is not None and page.get("width") == root[0].get("width")
    colors = {text.attrib["fill"] for one in root for text in one.iter(f"{SVG}text")}
    assert len(colors) >= 4
    for color in colors:
        assert contrast(expand(color), expand(page.attrib["fill"])) >= 4.5, color


def test_amounts_on_the_band_of_an_offer_have_enough_contrast(snapshot: Snapshot) -> None:
    css = PAGE_CSS.read_text()
    (opacity,) = re.findall(r"\.offer-band \{.* opacity: ([\d.]+);", css)
    (above,) = re.findall(r"\.offer-band ~ :is\(\.tick, \.value\) \{ fill: var\(--(\w+)\); \}", css)
    schemes = [dict(re.findall(r"--(\w+): (#\w+);", block)) for block in css.split("}")]
    schemes = [colors for colors in schemes if "offer" in colors]
    assert len(schemes) == 2
    for colors in schemes:
        for page in ("paper", "raised"):
            band, behind = (expand(colors[name]) for name in ("offer", page))
            mixed = [
                float(opacity) * one + (1 - float(opacity)) * other
                for one, other in zip(band, behind, strict=True)
            ]
            assert contrast(mixed, expand(colors[above])) >= 4.5
    offer = Interval(min=190_000, max=240_000)
    drawn = draw_fluid(ask(snapshot, "mlops", "mid", "nyc", offer=offer))
    before = drawn.partition('"offer-band"')[0]  # a rule of siblings is for what comes later
    assert 'class="value"' in drawn and 'class="value"' not in before


def test_a_png_has_two_pixels_for_one(mlops: Answer) -> None:
    root, painted = read(draw_svg([mlops], None)), draw_png([mlops], None)
    assert painted.startswith(b"\x89PNG\r\n\x1a\n")
    size = (int.from_bytes(painted[place : place + 4]) for place in (16, 20))
    assert [*size] == [2 * float(root.attrib[side]) for side in ("width", "height")]
