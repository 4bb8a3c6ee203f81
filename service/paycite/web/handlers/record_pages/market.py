"""The pages of demand growth, freelance rates and the errors of confidence labels."""

from collections import defaultdict
from typing import get_args

from paycite.model.snapshot import Snapshot
from paycite.model.voice import Label, LabelError
from paycite.present.html.records import (
    Form,
    FormField,
    Link,
    Section,
    Table,
    View,
    link_figure,
    link_role,
    link_source,
    tabulate,
)
from paycite.web.handlers import confidence, market
from paycite.web.handlers.record_pages.declare import record_page

_SOURCE = FormField(name="source", label="Source", hint="The id of a source")
_DEMAND = Form(
    action="/demand.html",
    label="Find growth",
    button="Show growth",
    fields=(FormField(name="role", label="Role", hint="A job title without a level"), _SOURCE),
)
_RATES = Form(action="/rates.html", label="Find rates", button="Show rates", fields=(_SOURCE,))


@record_page(market.demand, _DEMAND)
def _demand(found: market.Demand, snapshot: Snapshot) -> View:
    rows = [
        (
            growth.subject,
            tuple(link_figure(one, one.as_published) for one in growth.figures),
            link_role(snapshot.roles[growth.role]) if growth.role else "",
            tuple(
                link_source(snapshot.sources[id_])
                for id_ in dict.fromkeys(one.source_id for one in growth.figures)
            ),
        )
        for growth in found.items
    ]
    table = tabulate(("What grows", "Growth", "Role", "Sources"), rows)
    lead = "Growth as published, the fastest first. It is not pay." if rows else "Nothing matches."
    return View(title="Demand", lead=(lead,), sections=(Section(table=table),) if rows else ())


@record_page(market.rates, _RATES)
def _rates(found: market.Rates, snapshot: Snapshot) -> View:
    rows = [
        (
            one.track,
            link_figure(one.rate, one.rate.as_published),
            tuple(link_figure(term, term.as_published) for term in one.terms),
            link_source(snapshot.sources[one.rate.source_id]),
        )
        for one in found.items
    ]
    table = tabulate(("Track", "Rate", "Length and turnaround", "Source"), rows)
    lead = "Fees by project or deliverable, the lowest first." if rows else "Nothing matches."
    return View(
        title="Freelance rates", lead=(lead,), sections=(Section(table=table),) if rows else ()
    )


@record_page(confidence.confidence)
def _confidence(found: confidence.LabelErrors, snapshot: Snapshot) -> View:
    tests: defaultdict[str, list[LabelError]] = defaultdict(list)
    for one in found.items:
        tests[one.tested_on].append(one)
    return View(
        title="How far estimates are off",
        lead=(
            "A confidence label follows the width of the range or the distance between the "
            "sources' medians, whichever is more. Both predict the error. "
            "Estimates were compared to pay that none of them was made of: half of them were off "
            "by less than the median error, half by more. ",
            Link("How the labels are set", "/methods.html"),
        ),
        sections=tuple(
            Section(title=tested_on, table=_tabulate_errors(errors))
            for tested_on, errors in tests.items()
        ),
    )


def _tabulate_errors(errors: list[LabelError]) -> Table:
    """A row for each label, the surest first."""
    by_label = {(one.label, one.weighting): one for one in errors}
    rows = []
    for label in get_args(Label):
        each = by_label.get((label, "row")), by_label.get((label, "employer"))
        if one := each[0] or each[1]:
            rates = [f"{one.median_absolute_error:.1%}" if one else "" for one in each]
            rows.append((label.capitalize(), *rates, f"{one.n:,}", f"{one.employers:,}"))
    columns = (
        *("Label", "Median error", "Each employer counted once"),
        *("Observations", "Employers"),
    )
    return tabulate(columns, rows)


PAGES = (_demand, _rates, _confidence)
