"""Answers as CSV: a row for each answer and each of its chains, with citations in columns.

RFC 4180, in UTF-8. Several values in one cell are separated by " | "; `source_ids`, `publishers`,
`citations`, `licenses` and `urls` share one order, and so do `figure_ids`, `locators` and
`as_published`. An empty cell is unknown or was not requested; an empty `level` means all levels.
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

import msgspec

from paycite.model.answer import (
    Answer,
    Chain,
    Estimate,
    Offer,
    Percentiles,
)
from paycite.model.comparison import Outcome, Refused
from paycite.model.money import in_dollars
from paycite.model.problem import Fault
from paycite.model.vocabulary import Dimension, Match
from paycite.present import citations

Cell = str | int | float | bool | None
Row = dict[str, Cell]

_REQUESTED = ("role", "level", "years", "metro", "offer")
_MATCH = ("method", "score")
_MATCHES = tuple(f"{dimension}_{of}" for dimension in get_args(Dimension) for of in _MATCH)
SCOPE = ("role", "level", "metro", "metro_name", *_MATCHES, "alternatives")
_RANGE = ("min", "midpoint", "max", "spread", "open_ended")
# A capped percentile has no number in its column; the column `capped` has it as text.
_PERCENTILES = ("p10", "p25", "median", "p75", "p90", "capped")
_STATED = ("currency", "period", "component", "kind", "as_of", "n", "employers")
_POSITION = ("position", "compa_ratio", "market_ratio", "percentile", "verdict")
_OFFER = tuple(
    f"offer_{end}{name}" for end in ("min", "max") for name in ("", *(f"_{of}" for of in _POSITION))
)
_OVERLAP = ("overlap_min", "overlap_max", "overlap_share_of_offer", "overlap_share_of_range")
COLUMNS = (
    *("row_type", "quote", *(f"requested_{name}" for name in _REQUESTED), *SCOPE),
    *("source_ids", "publishers", "weight", "unused_reason"),
    *(*_RANGE, *_PERCENTILES, *_STATED, "confidence", "confidence_reason", "fallbacks"),
    *(*_OFFER, *_OVERLAP),
    *("steps", "figure_ids", "locators", "as_published"),
    *("citations", "licenses", "urls", "tested_on", "caveats"),
    *("problem_type", "problem_detail", "dataset", "permalink"),
)
_BLANK: Row = dict.fromkeys(COLUMNS)

# How a formula starts: also after invisible characters, and in any character width. A spreadsheet
# may find one at the start of a cell, and after a character that it takes for a separator.
_UNSEEN = r"[ \f\v\x1c-\x1f\x85\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*"
_SIGN = "[=+\\-@＝＋－＠﹦﹢﹣﹫]"  # noqa: RUF001
_AT_START = re.compile(rf"[\t\r\n]|{_UNSEEN}{_SIGN}")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?%?")
_WITHIN = re.compile(rf"[;\t\r\n](?={_UNSEEN}{_SIGN})")


def write_csv(outcomes: Iterable[Outcome]) -> str:
    """Write the whole file: a header, then the rows of each outcome in order."""
    rows = (row.values() for outcome in outcomes for row in _rows(outcome))
    return "".join(write_lines([COLUMNS, *rows]))


def write_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows (at least one row) that have the same columns. Several values in one cell are
    separated as in an answer."""
    cells = ([_cell(value) for value in row.values()] for row in rows)
    return "".join(write_lines([rows[0], *cells]))


def _cell(value: Any) -> Cell:
    if isinstance(value, list):
        return _join("" if one is None else str(one) for one in value)
    return value.isoformat() if isinstance(value, datetime.date) else value


def write_lines(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """Write each row as a line of CSV, with its line end.

    All text is quoted, because some programs also split cells at semicolons. Empty cells are not,
    so that they differ from empty text. Python's csv has this from 3.12 on (QUOTE_STRINGS).
    """
    for row in rows:
        yield ",".join(map(quote_cell, row)) + "\r\n"


def quote_cell(cell: Cell) -> str:
    text = cell_text(cell)
    return '"' + text.replace('"', '""') + '"' if isinstance(cell, str) else text


def cell_text(cell: Cell) -> str:
    """A cell as text that no spreadsheet runs as a formula; a number may start with a sign."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case str() if not _NUMBER.fullmatch(cell):
            text = _WITHIN.sub(r"\g<0>'", cell)
            return f"'{text}" if _AT_START.match(cell) else text
        case _:
            return str(cell)


def estimate_row(outcome: Outcome) -> Row:
    """The row of an estimate, or of a problem, by column: the same columns for both."""
    requested = outcome.requested
    asked: Row = {f"requested_{name}": getattr(requested, name, None) for name in _REQUESTED}
    if isinstance(outcome, Refused):
        problem = outcome.problem
        details: Row = {
            "problem_type": problem.type,
            "problem_detail": _join(map(_describe_fault, problem.errors)),
        }
        return _BLANK | asked | {"row_type": "problem"} | details
    used, estimate = outcome.used, outcome.estimate
    level = used.level.id if used.level else None
    ids = {"role": used.role.id, "level": level, "metro": used.metro.id}
    return (
        _BLANK
        | asked
        | ids
        | _match_cells(outcome.matches)
        | {
            "row_type": "estimate",
            "quote": outcome.quote,
            "metro_name": used.metro.name,
            "alternatives": _join(
                f"{match.dimension} {other}"
                for match in outcome.matches
                for other in (match.id, *match.alternatives)
                if other != ids[match.dimension]
            ),
            "confidence": estimate.confidence.label,
            "confidence_reason": estimate.confidence.reason,
        }
        | _shared_cells(outcome, estimate)
        | _citation_cells(outcome, citations.used_chains(outcome))
        | _offer_cells(outcome.offer, None)
    )


def _match_cells(matches: Sequence[Match]) -> Row:
    """How each text was matched. Of two for a level, the first answers."""
    return {
        f"{match.dimension}_{of}": getattr(match, of)
        for match in reversed(matches)
        for of in _MATCH
    }


def _rows(outcome: Outcome) -> Iterator[Row]:
    first = estimate_row(outcome)
    yield first
    asked = {name: cell for name, cell in first.items() if name.startswith("requested_")}
    if isinstance(outcome, Answer):
        for place, chain in enumerate(outcome.chains):
            yield _BLANK | asked | _chain_cells(outcome, place, chain)


def _chain_cells(answer: Answer, place: int, chain: Chain) -> Row:
    metro = answer.used.metro
    return (
        {
            "row_type": "chain",
            "level": chain.level,
            "metro": chain.metro,
            "metro_name": metro.name if chain.metro == metro.id else None,
            "weight": chain.weight,
            "unused_reason": chain.unused_reason,
            "n": chain.n,
            "employers": chain.employers,
        }
        | _shared_cells(answer, chain)
        | _citation_cells(answer, [chain])
        | _offer_cells(answer.offer, place)
    )


def _shared_cells(answer: Answer, of: Estimate | Chain) -> Row:
    """The columns that an estimate and a chain share."""
    return (
        msgspec.structs.asdict(of.range)
        | _percentile_cells(of.percentiles)
        | {
            "role": answer.used.role.id,
            "currency": answer.estimate.currency,
            "period": of.period,
            "component": of.component,
            "kind": of.kind,
            "as_of": of.as_of,
            "fallbacks": _join(
                f"{one.dimension} {one.requested or 'all levels'}: {one.reason}"
                for one in answer.fallbacks
            ),
            "dataset": answer.dataset.version,
            "permalink": answer.links.permalink,
        }
    )


def _percentile_cells(stated: Percentiles | None) -> Row:
    if stated is None:
        return {}
    cells: Row = {
        _column_of(name): None if name in stated.capped else amount
        for name, amount in stated.amounts().items()
    }
    capped = (
        f"{_column_of(name)}: {in_dollars(getattr(stated, name))} or more" for name in stated.capped
    )
    return cells | {"capped": _join(capped)}


def _column_of(percentile: str) -> str:
    return "median" if percentile == "p50" else percentile


def _citation_cells(answer: Answer, chains: Sequence[Chain]) -> Row:
    """The columns of the figures and sources of chains."""
    stated, published = citations.list_figures(chains), citations.list_sources(answer, chains)
    tests = {id_ for chain in chains for id_ in chain.tested_on}
    return {
        "steps": _join(citations.describe_step(step) for chain in chains for step in chain.steps),
        "figure_ids": _join(figure.figure_id for figure in stated),
        "locators": _join(figure.locator for figure in stated),
        "as_published": _join(figure.as_published for figure in stated),
        "source_ids": _join(source.id for source in published),
        "publishers": _join(source.publisher for source in published),
        "citations": _join(source.citation for source in published),
        "licenses": _join(source.license for source in published),
        "urls": _join(source.url or "" for source in published),
        "tested_on": _join(
            f"{source.id}: {source.citation}" for source in answer.sources if source.id in tests
        ),
        "caveats": _join(dict.fromkeys(caveat for chain in chains for caveat in chain.caveats)),
    }


def _offer_cells(offer: Offer | None, chain: int | None) -> Row:
    """The columns of an offer in one range: both ends, which are equal for a single amount. One
    with an open end has no high end."""
    if offer is None:
        return {}
    ends = [position for position in offer.positions if position.chain_index == chain]
    cells: Row = {}
    names = ("offer_min",) if offer.max is None else ("offer_min", "offer_max")
    for end, position in zip(names, (ends[0], ends[-1]), strict=False):
        cells[end] = position.amount
        cells |= {f"{end}_{name}": getattr(position, name) for name in _POSITION}
    for overlap in offer.overlaps:
        if overlap.chain_index == chain:
            common = overlap.range
            cells["overlap_min"] = common.min if common else None
            cells["overlap_max"] = common.max if common else None
            cells["overlap_share_of_offer"] = overlap.share_of_offer
            cells["overlap_share_of_range"] = overlap.share_of_range
    return cells


def _describe_fault(fault: Fault) -> str:
    meant = [one for one in fault.suggestions if one not in fault.detail]
    return f"{fault.detail} ({', '.join(meant)})" if meant else fault.detail


def _join(values: Iterable[str]) -> str | None:
    """Join several values in one cell; a separator inside a value is replaced."""
    return " | ".join(value.replace("|", "/") for value in values) or None
