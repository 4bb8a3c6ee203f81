"""Draw answers as a chart: the chains of one answer, or the estimates of several, on one scale."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import vl_convert

from paycite.estimate.quote import describe_question, describe_range, summarize
from paycite.model.answer import (
    Answer,
    Chain,
    Estimate,
    Interval,
    Offer,
    Percentiles,
    UnusedReason,
)
from paycite.model.comparison import Outcome, Refused
from paycite.model.distribution import PERCENTILES
from paycite.model.money import (
    in_dollars,
    in_percent,
    in_percentile,
    pay_in_dollars,
    percentiles_in_dollars,
)
from paycite.model.vocabulary import describe_place
from paycite.present.chart.bars import DARK, LIGHT, Bar, Look
from paycite.present.chart.page import AXIS, Block, Line, draw_page, lay_out
from paycite.present.chart.text import keep_together
from paycite.present.citations import list_sources, used_chains, write_citation

Theme = Literal["light", "dark"]

# Ignore system fonts: PNGs are then the same everywhere, and drawn several times as fast, because
# vl-convert, used for its rasterizer only, does not read a font file for every letter.
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("fonts.conf"))

_PIXELS = 2  # PNG pixels per chart pixel
DARK_OF = dict(zip(LIGHT, DARK, strict=True))
_FITTING = ".paycite{max-width:100%;height:auto}"
UNUSED: dict[UnusedReason, str] = {
    "open-ended": "it has no maximum",
    "other-component": "it is not base pay",
    "not-selected": "the same source has a closer range",
    "superseded": "a newer release of the same series replaces it",
    "suppressed": "it has too few observations",
}
_KEY = "Thin line: lowest to highest percentile. Notch: median."


def draw_svg(outcomes: Sequence[Outcome], theme: Theme | None) -> str:
    """Draw the chart; without a theme it follows the viewer's color scheme."""
    blocks = _blocks(outcomes)
    one = _single_answer(outcomes)
    name = summarize(one.used, one.estimate) if one else _as_text(blocks[:1])
    colors = DARK if theme == "dark" else LIGHT
    page = lay_out(blocks, _shared_offer(outcomes), colors)
    return draw_page(page, colors, name, _as_text(blocks), style_element(theme))


def draw_png(outcomes: Sequence[Outcome], theme: Theme | None) -> bytes:
    """Draw the chart as PNG; without a theme it is light."""
    return rasterize(draw_svg(outcomes, theme or "light"), _PIXELS)


def rasterize(svg: str, pixels: float = 1) -> bytes:
    """Draw an SVG as PNG, scaled by `pixels`."""
    return vl_convert.svg_to_png(svg, scale=pixels)


def style_element(theme: Theme | None, dark_of: Mapping[str, str] = DARK_OF) -> str:
    """The style of a picture: it fits its container, and without a theme its light colors follow
    the viewer's scheme (a CSS rule overrides an attribute)."""
    darkened = "".join(
        f'.paycite [{attribute}="{light}"]{{{attribute}:{dark}}}'
        for light, dark in dark_of.items()
        for attribute in ("fill", "stroke")
    )
    following = "" if theme else f"@media (prefers-color-scheme:dark){{{darkened}}}"
    return f"<style>{_FITTING}{following}</style>"


def _single_answer(outcomes: Sequence[Outcome]) -> Answer | None:
    """The answer, if it is the only outcome."""
    return outcomes[0] if len(outcomes) == 1 and isinstance(outcomes[0], Answer) else None


def _blocks(outcomes: Sequence[Outcome]) -> list[Block]:
    one = _single_answer(outcomes)
    return _answer_blocks(one) if one else _comparison_blocks(outcomes, _answers(outcomes))


def _answers(outcomes: Sequence[Outcome]) -> list[Answer]:
    return [outcome for outcome in outcomes if isinstance(outcome, Answer)]


def _shared_offer(outcomes: Sequence[Outcome]) -> Offer | None:
    """The offer, which is the same in every answer."""
    return next((answer.offer for answer in _answers(outcomes) if answer.offer), None)


def _as_text(blocks: Sequence[Block]) -> str:
    """The text of the chart, for screen readers."""
    return " ".join(f"{line.text.rstrip('.')}." for block in blocks for line in block.lines)


def _answer_blocks(answer: Answer) -> list[Block]:
    """The blocks of one answer: the estimate and every chain, with all citations."""
    estimate, offer = answer.estimate, answer.offer
    confidence = f"Base pay, {estimate.confidence.label} confidence: {estimate.confidence.reason}."
    fallbacks = [Line("note", fallback.reason) for fallback in answer.fallbacks]
    amount = Line("amount", describe_range(estimate))
    blocks = [
        Block([_subject("title", answer), Line("note", confidence), *fallbacks]),
        Block(
            [Line("label", "Estimate"), amount, *_percentile_lines(estimate)],
            to_bar(estimate, "estimate"),
        ),
    ]
    if offer:
        blocks.append(_offer(offer, _offer_lines(offer)))
    blocks += [_chain(answer, place, chain) for place, chain in enumerate(answer.chains)]
    foot = [write_citation(answer)]
    cited = list_sources(answer, used_chains(answer))
    if beside := [one.citation for one in list_sources(answer, answer.chains) if one not in cited]:
        foot.append(f"Not used in the estimate: {'; '.join(beside)}.")
    return [*blocks, AXIS, *_legend(blocks), *map(_note, foot)]


def _chain(answer: Answer, place: int, chain: Chain) -> Block:
    source, *others = list_sources(answer, [chain])
    amount = pay_in_dollars(chain.range, chain.period)
    if chain.component != "base":
        amount += f" of {chain.component.replace('_', ' ')}"
    facts = [
        f"with {', '.join(other.publisher for other in others)}" if others else None,
        f"as of {chain.as_of}" if chain.as_of else None,
        f"{chain.n:,} observations" if chain.n else None,
        f"{chain.employers:,} employers" if chain.employers else None,
        _use(chain),
        _verdict(answer.offer, place),
    ]
    return Block(
        [
            Line("label" if chain.weight else "aside", source.publisher),
            Line("text" if chain.weight else "aside", amount),
            _join_facts(facts),
            *_percentile_lines(chain),
        ],
        to_bar(chain, "used" if chain.weight else "unused"),
    )


def _use(chain: Chain) -> str:
    if chain.unused_reason is None:
        return f"weight {in_percent(chain.weight)}"
    level = f"level {chain.level}" if chain.level else "all levels"
    return f"not used: {UNUSED[chain.unused_reason]} ({level}, {chain.metro})"


def _comparison_blocks(outcomes: Sequence[Outcome], answers: Sequence[Answer]) -> list[Block]:
    """The blocks of several outcomes: each estimate or problem, then the citations."""
    summary = f"{len(answers)} of {len(outcomes)} answered."
    head = [Block([Line("title", "Base pay compared"), Line("note", summary)])]
    head += [_offer(answer.offer, []) for answer in answers if answer.offer][:1]
    rows = [_row(outcome) for outcome in outcomes]
    cited = {one.id: one for answer in answers for one in list_sources(answer, used_chains(answer))}
    foot = [f"{cited[id_].citation}." for id_ in sorted(cited)]
    foot += [f"By Paycite, dataset {answer.dataset.version}." for answer in answers[:1]]
    return [*head, *([AXIS] if answers else []), *rows, *_legend(rows), *map(_note, foot)]


def _row(outcome: Outcome) -> Block:
    if isinstance(outcome, Refused):
        asked = outcome.requested
        words = (asked.role, asked.level, asked.metro) if asked else ("Not a question",)
        why = Line("note", f"No answer: {outcome.problem.title}.")
        return Block([Line("aside", ", ".join(filter(None, words))), why])
    estimate = outcome.estimate
    replaced = ", ".join(fallback.requested or "all levels" for fallback in outcome.fallbacks)
    facts = [
        *(source.publisher for source in list_sources(outcome, used_chains(outcome))),
        f"no exact match for {replaced}" if replaced else None,
        f"{estimate.confidence.label} confidence",
        _verdict(outcome.offer, None),
    ]
    return Block(
        [
            _subject("label", outcome),
            Line("text", describe_range(estimate)),
            _join_facts(facts),
            *_percentile_lines(estimate),
        ],
        to_bar(estimate, "estimate"),
    )


def _subject(style: Literal["title", "label"], answer: Answer) -> Line:
    """The question of an answer; the place gets a line of its own if needed."""
    place = describe_place(answer.used.metro)
    return Line(style, describe_question(answer.used).replace(place, keep_together(place)))


def _offer(offer: Offer, lines: Sequence[Line]) -> Block:
    amount = Line("offer", f"Offer: {pay_in_dollars(offer.ends, offer.period)}")
    return Block([amount, *lines], Bar(ends=offer.ends, look="offer"))


def _offer_lines(offer: Offer) -> list[Line]:
    """How each end of the offer compares to the estimate."""
    lines = []
    for place in (place for place in offer.positions if place.chain_index is None):
        rank, ratio = place.percentile, place.compa_ratio
        facts = [
            f"{in_dollars(place.amount)} is {place.verdict}",
            f"at {in_percentile(rank)}" if rank else None,
            f"{in_percent(ratio)} of the midpoint" if ratio and not rank else None,
            f"{in_percent(place.market_ratio)} of the median" if place.market_ratio else None,
        ]
        lines.append(Line("note", ", ".join(filter(None, facts))))
    return lines


def _join_facts(facts: Iterable[str | None]) -> Line:
    """Join the facts that exist; each stays on one line if it fits."""
    return Line("note", "; ".join(map(keep_together, filter(None, facts))))


def _verdict(offer: Offer | None, chain: int | None) -> str | None:
    """The verdict on an offer in a chain or the estimate; on both ends of a range."""
    places = [place for place in offer.positions if place.chain_index == chain] if offer else []
    verdicts = dict.fromkeys(place.verdict for place in places)
    return f"offer {' to '.join(verdicts)}" if verdicts else None


def to_bar(of: Estimate | Chain, look: Look) -> Bar:
    """The range with its percentiles, to be drawn."""
    stated = of.percentiles
    return Bar(
        ends=of.range,
        look=look,
        whisker=_whisker(stated) if stated else None,
        median=stated.p50 if stated and "p50" not in stated.capped else None,
    )


def _whisker(stated: Percentiles) -> Interval | None:
    """From the lowest known percentile to the highest; open-ended if that is capped."""
    known = [name for name in PERCENTILES if getattr(stated, name) is not None]
    if not known:
        return None
    high = None if known[-1] in stated.capped else getattr(stated, known[-1])
    return Interval(min=getattr(stated, known[0]), max=high)


def _percentile_lines(of: Estimate | Chain) -> Iterator[Line]:
    """The percentiles, if any."""
    if stated := of.percentiles:
        yield Line("note", ", ".join(map(keep_together, percentiles_in_dollars(stated))))


def _legend(blocks: Sequence[Block]) -> list[Block]:
    has_whisker = any(block.bar and block.bar.whisker for block in blocks)
    return [_note(_KEY)] if has_whisker else []


def _note(text: str) -> Block:
    return Block([Line("note", text)])
