"""The page of candidates: each beside the market range for the job, and an employer's own range."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from paycite.estimate.quote import describe_job
from paycite.model.answer import Answer, Offer
from paycite.model.comparison import Outcome, Refused
from paycite.model.money import in_dollars, pay_in_dollars
from paycite.model.pay import OfferedPay
from paycite.model.problem import Problem
from paycite.model.snapshot import Snapshot
from paycite.present.chart.answer import to_bar
from paycite.present.chart.fluid import Band, FluidRow, draw_rows
from paycite.present.html.comparison import MOST_DRAWN
from paycite.present.html.pages import cited_sources
from paycite.present.html.records import Asked
from paycite.present.html.render import Site, render
from paycite.tables.headers import squeeze_header

MOST_SHOWN = 50  # rows of a page, to keep it small
_NAMES = ("candidatename", "candidate", "fullname", "name", "applicantname", "applicant")
_NAME_PARTS = ("firstname", "lastname")
# What each parameter is called on the page.
_PARAMETERS = {
    "role": "title",
    "level": "level",
    "years": "years of experience",
    "metro": "place",
    "offer": "expected pay",
    "period": "pay period",
}


class Candidate(Struct, frozen=True, kw_only=True):
    """A row of the table; `others` are the cells that are no part of its question."""

    row: int
    others: Mapping[str, str]
    outcome: Outcome

    @property
    def name(self) -> str:
        """The candidate's name, if a column has it, else the number of the row."""
        cells = {squeeze_header(column): cell.strip() for column, cell in self.others.items()}
        named = [cells.get(column, "") for column in _NAMES]
        named.append(" ".join(cells.get(column, "") for column in _NAME_PARTS).strip())
        return next(filter(None, named), f"Row {self.row}")


class Candidates(Struct, frozen=True, kw_only=True):
    """A table of candidates: the rows that are shown, the number of all, and how its columns were
    read: by parameter, and those that are not part of a question."""

    shown: Sequence[Candidate]
    rows: int
    reading: Mapping[str, Sequence[str]]
    passed_on: Sequence[str]


def candidates_form_page(site: Site, most_rows: int) -> str:
    return render("candidates.html", site, {}, table=None, most_rows=most_rows)


def candidates_problem_page(site: Site, asked: Asked, problem: Problem) -> str:
    """The page of a problem. A suggestion is not a link: its address would have the candidates."""
    return render(
        "problem.html",
        site,
        asked,
        problem=problem,
        form_template="candidates_form.html",
        instead=lambda *_: None,
    )


def candidates_page(site: Site, asked: Asked, table: Candidates, own: OfferedPay | None) -> str:
    answers = [one.outcome for one in table.shown if isinstance(one.outcome, Answer)]
    drawn = _choose_drawn(table.shown)
    return render(
        "candidates.html",
        site,
        asked,
        table=table,
        own=own,
        rows=[_row(one, own, site.snapshot) for one in table.shown],
        answered=len(answers),
        columns=[
            (", ".join(columns), _PARAMETERS[name]) for name, columns in table.reading.items()
        ],
        picture=_draw(drawn, own) if drawn else None,
        drawn=len(drawn),
        sources=cited_sources(answers),
        instead=lambda *_: None,
    )


def _row(candidate: Candidate, own: OfferedPay | None, snapshot: Snapshot) -> dict[str, Any]:
    year = snapshot.working_year
    outcome = candidate.outcome
    if isinstance(outcome, Refused):
        return {"candidate": candidate, "problem": outcome.problem}
    offer = outcome.offer
    return {
        "candidate": candidate,
        "problem": None,
        "answer": outcome,
        "asked": outcome.requested.role,
        # Amounts are sorted by the year.
        "times": year.low if year and outcome.estimate.period == "hour" else 1,
        "offer": pay_in_dollars(offer.ends, offer.period) if offer else "",
        "place_in_own": _place_in_own(offer, own) if offer and own else "",
    }


def _place_in_own(offer: Offer, own: OfferedPay) -> str:
    """Where an offer lies in the employer's range; an open-ended one, where its low end does."""
    if offer.period != own.period:
        return "other pay period"
    least, most = own.range.min, own.range.max or own.range.min
    low, high = offer.min, offer.max or offer.min
    if low > most:
        return f"{in_dollars(low - most)} above"
    if high < least:
        return f"{in_dollars(least - high)} below"
    return "inside" if least <= low and high <= most else "partly inside"


def _choose_drawn(candidates: Sequence[Candidate]) -> list[tuple[str, Answer]]:
    """The first answers, with names; all of one pay period, because they share a scale."""
    answered = [(one.name, one.outcome) for one in candidates if isinstance(one.outcome, Answer)]
    periods = [answer.estimate.period for _, answer in answered]
    return [one for one, period in zip(answered, periods, strict=True) if period == periods[0]][
        :MOST_DRAWN
    ]


def _draw(drawn: Sequence[tuple[str, Answer]], own: OfferedPay | None) -> str:
    rows = [
        FluidRow(
            f"{name} \N{MIDDLE DOT} {describe_job(answer.used)}",
            to_bar(answer.estimate, "estimate"),
            answer.offer.ends if answer.offer else None,
        )
        for name, answer in drawn
    ]
    is_same = own and own.period == drawn[0][1].estimate.period
    band = Band("Your range:", own.range) if own and is_same else None
    return draw_rows(
        rows, f"Market ranges on one scale: {', '.join(one[0] for one in drawn)}", band
    )
