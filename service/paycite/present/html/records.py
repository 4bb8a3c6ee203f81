"""The page of a record or a list: a title, facts, tables and links, for one template.

A page declares what it shows as a `View` of the struct that the JSON has; see
`web/handlers/record_pages/`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup
from msgspec import Struct

from paycite.model.figure import Figure, Source
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import BEYOND_METROS, Level, Metro, Role

Asked = Mapping[str, Sequence[str]]


class Link(Struct, frozen=True):
    text: str
    address: str


class Quotation(Struct, frozen=True):
    """The words of a source."""

    text: str


class Code(Struct, frozen=True):
    """What an address or a program takes."""

    text: str


Inline = str | Link | Quotation | Code
Text = tuple[Inline, ...]  # one after the other
Cell = Inline | tuple[Inline, ...]  # separated by commas


class TableRow(Struct, frozen=True):
    """A row of a table; its first cell is its heading."""

    cells: tuple[Cell, ...]
    id: str = ""


class Table(Struct, frozen=True):
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


class Card(Struct, frozen=True):
    title: Inline
    links: tuple[Link, ...]


class Section(Struct, frozen=True, kw_only=True):
    """A part of a page; empty parts are not shown."""

    title: str = ""  # empty: the section follows the title of the page
    text: Text = ()
    facts: tuple[tuple[str, Cell], ...] = ()
    table: Table | None = None
    cards: tuple[Card, ...] = ()
    html: str = ""  # trusted


class View(Struct, frozen=True, kw_only=True):
    title: str
    lead: Text = ()
    number: Inline = ""
    note: str = ""  # about the number
    links: tuple[Link, ...] = ()  # where to go from here
    sections: tuple[Section, ...] = ()
    next: str | None = None  # the address of the next page of a list


class FormField(Struct, frozen=True, kw_only=True):
    """A field of a form: a text, or a choice if it has options."""

    name: str
    label: str
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()


class Form(Struct, frozen=True, kw_only=True):
    action: str
    label: str
    button: str
    fields: tuple[FormField, ...]


def record_values(asked: Asked, view: View, form: Form | None, json: str | None) -> dict[str, Any]:
    """The values of `record.html`; `json` is the address of the same as JSON."""
    return {
        "view": view,
        "form": form,
        "json": json,
        "cell": lambda cell: join_parts(asked, ", ", cell),
        "text": lambda text: join_parts(asked, "", text),
    }


def join_parts(asked: Asked, separator: str, parts: Cell) -> Markup:
    """Write the parts as HTML."""
    listed = parts if isinstance(parts, tuple) else (parts,)
    return Markup(separator).join(_write(part, asked) for part in listed)  # noqa: S704 constants


def _write(part: Inline, asked: Asked) -> str:
    match part:
        case Link(text, address):
            return Markup('<a href="{}">{}</a>').format(pin(address, asked), text)
        case Quotation(text):
            return Markup("<q>{}</q>").format(text)
        case Code(text):
            return Markup("<code>{}</code>").format(text)
    return part


# Records are not in every dataset, so a page of an earlier one leads to that one's.
_IN_A_DATASET = (
    *("/figures", "/sources", "/roles", "/levels", "/metros", "/demand", "/rates"),
    *("/confidence", "/salary", "/ranking", "/pay"),
)


def pin(address: str, asked: Asked) -> str:
    """The address with the dataset of the page, if the page names one."""
    if "dataset" not in asked or not address.startswith(_IN_A_DATASET):
        return address
    path, _, fragment = address.partition("#")
    joined = f"{path}{'&' if '?' in path else '?'}{urlencode({'dataset': asked['dataset'][0]})}"
    return f"{joined}#{fragment}" if fragment else joined


# Links to records.


def address(path: str, **query: str | None) -> str:
    """The address of a page, with the parameters that have a value."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}.html?{urlencode(given)}" if given else f"{path}.html"


def link_figure(figure: Figure, text: str | None = None) -> Link:
    return Link(text or figure.subject, address(f"/figures/{quote(figure.id)}"))


def link_source(source: Source, text: str | None = None) -> Link:
    return Link(text or source.title, address(f"/sources/{quote(source.id)}"))


def link_role(role: Role) -> Link:
    return Link(role.title, address(f"/roles/{quote(role.id)}"))


def link_level(level: Level) -> Link:
    return Link(level.title, f"/levels.html#{quote(level.id)}")


def link_metro(metro: Metro) -> Link:
    return Link(metro.name, address(f"/metros/{quote(metro.id)}"))


def link_lists(text: str) -> Text:
    """Link the page of each address in a text of the API: "GET /roles lists all roles."."""
    parts = re.split(r"GET (/\w[\w/-]*)", text)
    return tuple(
        Link(part.rpartition("/")[2].capitalize(), f"{part}.html") if place % 2 else part
        for place, part in enumerate(parts)
        if part
    )


def link_place(figure: Figure, snapshot: Snapshot) -> Inline:
    """The place of a figure; not all are metros."""
    metro = snapshot.metros.get(figure.geography)
    return link_metro(metro) if metro else BEYOND_METROS[figure.geography]


def list_facts(*facts: tuple[str, Cell | None]) -> tuple[tuple[str, Cell], ...]:
    """The facts that have a value."""
    return tuple((label, value) for label, value in facts if value)


def tabulate(
    columns: Sequence[str], rows: Sequence[tuple[Cell, ...]], ids: Sequence[str] = ()
) -> Table:
    named: Mapping[int, str] = dict(enumerate(ids))
    return Table(
        tuple(columns), tuple(TableRow(cells, named.get(at, "")) for at, cells in enumerate(rows))
    )
