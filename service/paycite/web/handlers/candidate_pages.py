"""`/candidates.html`: a list of candidates, each with the market range for the job."""

from io import BytesIO
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from paycite.batch.body import (
    MOST_COLUMNS,
    MOST_ROWS,
    answer_csv,
    limit_rows,
)
from paycite.batch.columns import Columns
from paycite.batch.csv_file import Annotation, decode_table
from paycite.model.pay import OfferedPay
from paycite.model.problem import Refusal
from paycite.present.html import candidates as page
from paycite.present.html.candidates import MOST_SHOWN, Candidate, Candidates
from paycite.questions.parameters import Texts, parse
from paycite.questions.question import parse_offer
from paycite.web.endpoint import FORM, Ask, endpoint
from paycite.web.handlers.batch import batch, count_units
from paycite.web.handlers.posting import RangeText
from paycite.web.page import FRAMED_NOWHERE, encode_html, html_page, site
from paycite.web.respond import Representation
from paycite.web.tracking import drop_shared

_COLUMNS = Columns(reads_common=True)


class CandidatesForm(Struct, frozen=True, kw_only=True):
    """The fields of the form besides the candidates, which are `text`, or a file."""

    range: RangeText | UnsetType = UNSET


_LISTS = ("text", "file")


def _fields(ask: Ask) -> Texts:
    """The fields besides the candidates; empty ones count as left out."""
    given = {
        name: value.decode(errors="surrogateescape").strip()
        for name, value in ask.form.items()
        if name not in _LISTS
    }
    return {name: [text] for name, text in given.items() if text}


def _texts(ask: Ask) -> Texts:
    """The fields that are shown again; a file replaces the text."""
    text = decode_table(ask.form.get("file") or ask.form.get("text", b""))
    own = _fields(ask).get("range")
    return {"text": [text]} | ({"range": own} if own else {})


def _refuse(ask: Ask, refusal: Refusal) -> str:
    try:
        texts = _texts(ask)
    except Refusal:  # the file is not text
        texts = {}
    return page.candidates_problem_page(site(ask), texts, refusal.problem(ask.path))


def _own_range(ask: Ask) -> OfferedPay | None:
    """Parse the fields besides the candidates. Refusal with every fault of the request."""
    parsed = parse(CandidatesForm, _fields(ask))
    parsed.faults.extend(ask.parse().faults)
    own = parse_offer(parsed, has_period=False)
    parsed.faults.stop()
    return own


def _read(ask: Ask, text: str) -> Candidates:
    """Read a table of candidates, and answer the rows that the page shows."""
    annotation = Annotation(BytesIO(text.encode()), ask.store, None, _COLUMNS, MOST_COLUMNS)
    shown: list[Candidate] = []
    for rows, cells in enumerate(filter(None, limit_rows(annotation.rows(), bool, ask.go_on)), 1):
        if rows <= MOST_SHOWN:
            others = {
                annotation.header[place]: cells[place]
                for place in annotation.places_passed_on
                if place < len(cells)
            }
            shown.append(Candidate(row=rows, others=others, outcome=annotation.answer(cells)))
    return Candidates(
        shown=shown, rows=rows, reading=annotation.reading, passed_on=annotation.passed_on
    )


@html_page("/candidates.html", "candidates_form.html")
def candidates_form(ask: Ask) -> str:
    """Show the form of a list of candidates."""
    ask.parse().faults.stop()
    return page.candidates_form_page(site(ask), MOST_ROWS)


def _count_units(ask: Ask) -> int:
    """One for each row. Refusal for wrong fields."""
    _own_range(ask)
    return count_units(ask.form.get("file") or ask.form.get("text", b""), "text/csv")


_POSTED: dict[str, Any] = {
    "asks": {FORM: str},
    "most_bytes": batch.most_bytes,
    "refuse": _refuse,
    "encode": encode_html,
}


@html_page("/candidates.html", **_POSTED, units=lambda ask: min(_count_units(ask), MOST_SHOWN))
def candidates(ask: Ask) -> str:
    """Show candidates beside the market, and beside the employer's own range if it is given."""
    own = _own_range(ask)
    texts = _texts(ask)
    return page.candidates_page(site(ask), texts, _read(ask, texts["text"][0]), own)


@endpoint(
    "/candidates.csv",
    "A list of candidates as CSV",
    {"text/csv": str},
    **_POSTED,
    clean=drop_shared,
    policy=FRAMED_NOWHERE,  # of its refusals, which are pages
    is_documented=False,
    units=_count_units,
)
def candidates_csv(ask: Ask) -> Representation:
    """Get the same table as /salary/batch answers it, with a mark by which spreadsheets recognize
    UTF-8."""
    _own_range(ask)  # only to refuse what is wrong
    body = _texts(ask)["text"][0].encode("utf-8-sig")
    return Representation.of(answer_csv(body, ask.store, None, ask.go_on, _COLUMNS), "text/csv")


PAGES = (candidates_form, candidates, candidates_csv)
