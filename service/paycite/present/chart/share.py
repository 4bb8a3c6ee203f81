"""Draw answers as the picture of a link preview: one answer with its distribution, or the first of
several on one scale, with their sources. Large text, because previews are shown small."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from paycite.estimate.quote import describe_question, describe_range, name_percentiles, summarize
from paycite.model.answer import Answer, Estimate, Offer
from paycite.model.comparison import Outcome
from paycite.model.money import in_dollars, in_thousands, per_period, range_in_dollars
from paycite.present.chart.answer import Theme, style_element, to_bar
from paycite.present.chart.bars import DARK, LIGHT, Palette, Scale, fit_scale
from paycite.present.chart.page import FONT
from paycite.present.chart.text import fit, printable, wrap
from paycite.present.citations import used_chains

SHARE_WIDTH, SHARE_HEIGHT = 1200, 630  # what previews of links show whole
_LEFT, _WIDE = 72, 1056
_TITLE, _LEADING = 48, 58
_AMOUNTS = (84, 72, 60, 48, 36)  # sizes of the range: the largest that fits
_FACTS = 26
_NAME, _BAR = 430, 600  # where the bar of a comparison begins
_ROWS, _ROW = 5, 70
_APART = 110  # of labels
_PAST = 1.06  # the width of bold text that is fitted as plain


def draw_share(outcomes: Sequence[Outcome], theme: Theme | None) -> str:
    """Draw the picture as an SVG of 1200 by 630; without a theme it follows the viewer's scheme."""
    colors = DARK if theme == "dark" else LIGHT
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    is_one = len(outcomes) == len(answers) == 1
    shapes = _one(answers[0], colors) if is_one else _several(outcomes, answers, colors)
    name = summarize(answers[0].used, answers[0].estimate) if is_one else "Base pay compared"
    size = f'width="{SHARE_WIDTH}" height="{SHARE_HEIGHT}"'
    return (
        f'<svg class="paycite" xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {SHARE_WIDTH} {SHARE_HEIGHT}" font-family="{FONT}" role="img" '
        f"aria-label={quoteattr(printable(name))}><title>{escape(printable(name))}</title>"
        f'{style_element(theme)}<rect {size} fill="{colors.page}"></rect>'
        f"{''.join(_mark(colors))}{''.join(shapes)}{_sources(answers, colors)}</svg>"
    )


def _mark(colors: Palette) -> Iterator[str]:
    """The mark of Paycite, as static/icon.svg has it, and its name."""
    yield f'<rect width="16" height="{SHARE_HEIGHT}" fill="{colors.estimate}"></rect>'
    yield (
        f'<g transform="translate({_LEFT},48) scale(3)">'
        f'<rect width="16" height="16" rx="3" fill="{colors.estimate}"></rect>'
        f'<path d="M2 8h12" stroke="{colors.page}" stroke-width="1.2"></path>'
        f'<path d="M5 5.5h6v5H5z" fill="{colors.page}"></path></g>'
    )
    yield _text("Paycite", _LEFT + 62, 84, 34, colors.ink, is_bold=True)


def _one(answer: Answer, colors: Palette) -> Iterator[str]:
    estimate = answer.estimate
    lines = wrap(printable(describe_question(answer.used)), _WIDE, _TITLE, True)
    if len(lines) > 2:
        lines = [lines[0], fit(" ".join(lines[1:]), _WIDE / _PAST, _TITLE)]
    for number, line in enumerate(lines):
        yield _text(line, _LEFT, 172 + _LEADING * number, _TITLE, colors.ink, is_bold=True)
    top = 158 + _LEADING * len(lines)
    amount = printable(range_in_dollars(estimate.range))
    size = next((one for one in _AMOUNTS if len(wrap(amount, _WIDE, one, True)) == 1), 36)
    yield _text(amount, _LEFT, top + 72, size, colors.estimate, is_bold=True)
    yield _text(_facts(answer), _LEFT, top + 122, _FACTS, colors.quiet)
    scale = fit_scale([to_bar(estimate, "estimate")])
    yield from _bar(estimate, answer.offer, scale, (_LEFT, _WIDE, 474, 40), colors)
    yield from _labels(estimate, scale, colors)


def _labels(estimate: Estimate, scale: Scale, colors: Palette) -> Iterator[str]:
    """Label the ends of the range, and P10 and P90 if there is room beside them."""
    stated = estimate.percentiles
    taken: list[float] = []
    for label, amount in (
        ("", estimate.range.min),
        ("", estimate.range.max),
        ("P10 ", stated.p10 if stated else None),
        ("P90 ", stated.p90 if stated and "p90" not in stated.capped else None),
    ):
        x = _LEFT + _WIDE * scale.share(scale.cut(amount or 0))
        if amount is not None and all(abs(x - other) > _APART for other in taken):
            taken.append(x)
            text = f"{label}{in_thousands(amount)}"
            yield _text(text, x, 544, 24, colors.quiet, anchor="middle")


def _facts(answer: Answer) -> str:
    """What the range is: "a year in base pay (P25 to P75) · median $160,559 · high confidence"."""
    estimate, offer = answer.estimate, answer.offer
    facts = [f"{per_period(estimate.period)} in base pay{name_percentiles(estimate)}"]
    if estimate.median is not None:
        facts.append(f"median {in_dollars(estimate.median)}")
    if offer:
        facts.append(f"offer {range_in_dollars(offer.ends)}")
    else:
        facts.append(f"{estimate.confidence.label} confidence")
    return fit(printable(" · ".join(facts)), _WIDE, _FACTS)


def _several(
    outcomes: Sequence[Outcome], answers: Sequence[Answer], colors: Palette
) -> Iterator[str]:
    shown = answers[:_ROWS]
    yield _text("Base pay compared", _LEFT, 172, _TITLE, colors.ink, is_bold=True)
    if (others := len(outcomes) - len(shown)) > 0:
        words = f"and {others} more"
        yield _text(words, _LEFT + _WIDE, 172, 26, colors.quiet, anchor="end")
    if not shown:
        return
    scale = fit_scale([to_bar(answer.estimate, "estimate") for answer in shown])
    for number, answer in enumerate(shown):
        y, estimate = 208 + _ROW * number, answer.estimate
        named = fit(printable(describe_question(answer.used)), _NAME + 60, 24)
        yield _text(named, _LEFT, y + 20, 24, colors.ink, is_bold=False)
        pay = fit(describe_range(estimate), _NAME + 60, 20)
        yield _text(pay, _LEFT, y + 50, 20, colors.estimate, is_bold=True)
        place = (_BAR, _LEFT + _WIDE - _BAR, y + 16, 24)
        yield from _bar(estimate, answer.offer, scale, place, colors)


def _bar(
    estimate: Estimate,
    offer: Offer | None,
    scale: Scale,
    place: tuple[float, float, float, float],  # left, width, top, height
    colors: Palette,
) -> Iterator[str]:
    left, wide, top, high = place

    def at(amount: float) -> float:
        return left + wide * scale.share(scale.cut(amount))

    def rect(low: float, high_: float, y: float, tall: float, fill: str) -> str:
        width = max(at(high_) - at(low), 3)
        return (
            f'<rect x="{at(low):.1f}" y="{y:g}" width="{width:.1f}" height="{tall:g}" '
            f'fill="{fill}"></rect>'
        )

    bar = to_bar(estimate, "estimate")
    yield rect(scale.low, scale.high, top, high, colors.track)
    if bar.whisker:
        end = scale.high if bar.whisker.max is None else bar.whisker.max
        yield rect(bar.whisker.min, end, top + high / 2 - 2, 4, colors.estimate)
    end = scale.high if bar.ends.max is None else bar.ends.max
    yield rect(bar.ends.min, end, top, high, colors.estimate)
    if bar.median is not None:
        yield rect(bar.median, bar.median, top, high, colors.page)
    for amount in {offer.min, offer.max or offer.min} if offer else ():
        if scale.holds(amount):
            yield rect(amount, amount, top - 8, high + 16, colors.offer)


def _sources(answers: Sequence[Answer], colors: Palette) -> str:
    """Name the publishers of the estimates."""
    named = dict.fromkeys(
        source.publisher.partition(",")[0]
        for answer in answers
        for chain in used_chains(answer)
        for source in answer.sources
        if source.id == chain.source_id
    )
    words = f"Sources: {'; '.join(named)}" if named else "No estimate"
    return _text(fit(printable(words), _WIDE, 22), _LEFT, 600, 22, colors.quiet)


def _text(
    text: str,
    x: float,
    y: float,
    size: float,
    color: str,
    *,
    is_bold: bool = False,
    anchor: str = "start",
) -> str:
    weight = ' font-weight="bold"' if is_bold else ""
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return (
        f'<text x="{x:.5g}" y="{y:g}" font-size="{size:g}"{weight} fill="{color}"{placed}>'
        f"{escape(text)}</text>"
    )
