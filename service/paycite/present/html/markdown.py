"""A document of the manual as HTML. Its tables stack on narrow screens as those of pages do."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from markdown_it.token import Token


class Document(Struct, frozen=True):
    title: str
    html: str  # of what follows the title


@cache
def read_document(file: Path) -> Document:
    """Read a Markdown file that comes with the package; its first line is its title."""
    # Imported with the first document, as templates are.
    from markdown_it import MarkdownIt

    title, _, text = file.read_text(encoding="utf-8").partition("\n")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    _label_cells(tokens)
    _name_headings(tokens)
    html = markdown.renderer.render(tokens, markdown.options, {})
    html = html.replace("<table>", '<div class="stacks"><table>')
    return Document(title.removeprefix("# "), html.replace("</table>", "</table></div>"))


def _label_cells(tokens: Sequence["Token"]) -> None:
    """Give each cell of a table the heading of its column, which a narrow screen shows."""
    columns: list[str] = []
    at = 0
    for token, following in pairwise(tokens):
        if token.type == "table_open":
            columns = []
        elif token.type == "tr_open":
            at = 0
        elif token.type == "th_open":
            token.attrSet("scope", "col")
            columns.append(following.content)
        elif token.type == "td_open":
            token.attrSet("data-label", columns[at])
            at += 1


def _name_headings(tokens: Sequence["Token"]) -> None:
    """Give each heading the id that GitHub gives it, which links in the document use."""
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            name = re.sub(r"[^\w -]", "", following.content.lower())
            token.attrSet("id", name.replace(" ", "-"))
