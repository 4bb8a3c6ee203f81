"""`/pay`: what every role pays in one place, as JSON and as a page."""

from operator import attrgetter
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, structs

from paycite.model.parameters import MetroText
from paycite.model.role_pay import RolesPay
from paycite.present.html import pages
from paycite.questions.role_pay import price_roles
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint
from paycite.web.handlers.lists import Page, PageParameters, build_page
from paycite.web.page import html_page, site


class RolePayParameters(PageParameters, frozen=True, kw_only=True):
    metro: MetroText | UnsetType = UNSET
    level: (
        Annotated[str, Meta(description="A level, as in /salary. Default: all levels.")] | UnsetType
    ) = UNSET


def _count_units(ask: Ask) -> int:
    """One for each role, priced or not."""
    return len(ask.store.snapshot.roles)


@endpoint(
    "/pay",
    "List the pay of all roles in a place",
    RolesPay,
    parameters=RolePayParameters,
    problems=(
        *REQUEST_PROBLEMS,
        *("unknown-level", "unknown-metro", "unknown-dataset", "ambiguous-metro"),
    ),
    runs="thread",
    units=_count_units,
)
def pay(ask: Ask) -> RolesPay:
    """Estimate every role in a place at a level, as /salary does, the highest median first."""
    parsed = ask.parse()
    whole = price_roles(ask.store, parsed)
    rows = build_page(ask, parsed, Page, whole.items, attrgetter("role.id"))
    return whole.page(rows.items, rows.next)


@html_page("/pay.html", "role_pay_form.html", parameters=RolePayParameters, units=_count_units)
def pay_page(ask: Ask) -> str:
    """Show what every role pays in a place."""
    found = pay.handler(structs.replace(ask, path=pay.path))
    return pages.pay_page(site(ask), ask.texts, found)
