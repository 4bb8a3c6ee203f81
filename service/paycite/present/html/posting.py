"""The pages of a job posting: an employer's range with the laws and the market, and all laws."""

from collections.abc import Iterable
from functools import partial
from itertools import groupby
from typing import Any

import msgspec

from paycite.estimate.quote import describe_question, summarize
from paycite.model.comparison import ComparisonRow
from paycite.model.law import PayLaw
from paycite.model.money import in_percent
from paycite.model.posting import Posting, PostingLaw
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, describe_place
from paycite.posting.laws import list_fulfilled
from paycite.present.chart.answer import to_bar
from paycite.present.chart.fluid import Band, FluidRow, draw_rows
from paycite.present.html.links import add_query, page_of
from paycite.present.html.pages import instead_of, other_meanings
from paycite.present.html.records import Asked
from paycite.present.html.render import Site, render

_SYSTEMS = {
    "job_posting": "schema.org JobPosting",
    "greenhouse": "Greenhouse",
    "lever": "Lever",
    "ashby": "Ashby",
}


def laws_page(site: Site) -> str:
    """The page without a posting: its form, and all laws by state."""
    laws = _by_state(site.snapshot.laws, site.snapshot)
    return render("posting.html", site, {}, posting=None, laws=laws)


def posting_page(site: Site, asked: Asked, posting: Posting) -> str:
    pinned = {**asked, "dataset": [posting.dataset.version]}
    stated = {one.law.id: one for one in posting.laws}
    return render(
        "posting.html",
        site,
        asked,
        posting=posting,
        subject=describe_question(used) if (used := posting.market.used) else None,
        place=describe_place(posting.place),
        meant=other_meanings("/posting.html", asked, posting.matches, posting.market.used),
        is_folded=posting.place.id == NATION,
        laws=[
            (state, [_law(stated[law.id]) for law in laws])
            for state, laws in _by_state((one.law for one in posting.laws), site.snapshot)
        ],
        fields=[
            (name, label, _write_fields(getattr(posting.fields, name)))
            for name, label in _SYSTEMS.items()
        ],
        market=_market(posting),
        instead=partial(instead_of, "/posting.html", asked),
        links={
            "pinned": add_query("/posting.html", pinned),
            "json": add_query("/posting.json", pinned),
        },
    )


def _by_state(laws: Iterable[PayLaw], snapshot: Snapshot) -> list[tuple[str, list[PayLaw]]]:
    """The laws by the name of their state, in alphabetical order."""
    named = sorted(((snapshot.states[law.state].name, law) for law in laws), key=lambda one: one[0])
    return [
        (state, [law for _, law in found]) for state, found in groupby(named, lambda one: one[0])
    ]


def _law(one: PostingLaw) -> dict[str, Any]:
    return {
        "law": one.law,
        "duties": [
            ("In the posting already", list_fulfilled(one)),
            ("Still missing", one.required_in_posting),
            ("Owed outside the posting", one.required_elsewhere),
        ],
        "is_future": one.law.effective > one.law.checked_on,
    }


def _write_fields(fields: msgspec.Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(fields), indent=2).decode()


def _market(posting: Posting) -> dict[str, Any] | None:
    """The market range with the employer's range on it; None if the market has no answer."""
    row = posting.market
    if row.estimate is None or row.used is None or row.links is None:
        return None
    bar = to_bar(row.estimate, "estimate")
    label = summarize(row.used, row.estimate)
    return {
        "picture": draw_rows([FluidRow("Market", bar)], label, Band("Your range:", posting.range)),
        "page": page_of(row.links.self),
        "overlap": _describe_overlap(row),
    }


def _describe_overlap(row: ComparisonRow) -> str | None:
    """How much of the employer's range lies in the market range; None for a single amount."""
    overlaps = row.offer.overlaps if row.offer else ()
    if not overlaps:
        return None
    is_half = row.estimate and row.estimate.percentiles
    market = "the middle half of the market" if is_half else "the published range"
    return f"{in_percent(overlaps[0].share_of_offer)} of your range lies in {market}."
