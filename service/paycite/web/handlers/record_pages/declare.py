"""Declare the page of an endpoint by a function from what the endpoint answers to a `View`."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from msgspec import structs

from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.present.html import pages
from paycite.present.html.links import add_query, page_of
from paycite.present.html.records import Form, View
from paycite.web.endpoint import Ask, Endpoint
from paycite.web.page import SUFFIX, html_page, site

_ROWS = 50  # of a list on a page, to keep it small

Describe = Callable[[Any, Snapshot], View]


def record_page(
    of: Endpoint, form: Form | None = None, rows: int = _ROWS, needs_query: bool = False
) -> Callable[[Describe], Endpoint]:
    """Declare the page of an endpoint. A list has at most `rows` on a page, whatever `limit` says.
    Without a query, a page that needs one shows its form only: the function gets None."""

    def declare(describe: Describe) -> Endpoint:
        def show(ask: Ask) -> str:
            found = None if needs_query and not ask.texts else _answer(of, ask, rows)
            view = describe(found, ask.store.snapshot)
            if following := getattr(found, "next", None):
                view = structs.replace(view, next=page_of(following))
            json = None if needs_query and found is None else _json_address(ask)
            return pages.record_page(site(ask), ask.texts, view, form, json)

        declared = html_page(
            f"{of.path}{SUFFIX}",
            parameters=of.parameters,
            is_of_dataset=of.is_of_dataset,
            pinned_by=of.pinned_by,
            is_kept=of.is_kept,
            refuse=partial(_refuse, form),
        )
        show.__doc__ = f"Show what {of.path} answers."
        return structs.replace(declared(show), name=f"{of.name}_page")

    return declare


def _answer(of: Endpoint, ask: Ask, rows: int) -> Any:
    """Answer as the endpoint does, with no more rows than a page has. A limit that is not a
    smaller number is left to the endpoint, which refuses it or not."""
    texts = dict(ask.texts)
    if "limit" in of.parameters.__struct_fields__:
        (limit, *others) = texts.get("limit", [str(rows)])
        if not others and limit.isascii() and limit.isdecimal() and rows < int(limit) <= 1_000:
            limit = str(rows)
        texts["limit"] = [limit, *others]
    asked = structs.replace(
        ask, path=ask.path.removesuffix(SUFFIX), texts=texts, parameters=of.parameters
    )
    return of.handler(asked)


def _json_address(ask: Ask) -> str:
    path = quote(ask.path.removesuffix(SUFFIX), errors="replace")
    return add_query(f"{path}.json", ask.texts)


def _refuse(form: Form | None, ask: Ask, refusal: Refusal) -> str:
    template = "record_form.html" if form else "salary_form.html"
    return pages.problem_page(site(ask), ask.texts, refusal.problem(ask.path), template, form)
