"""The addresses of an answer: its pages, and its other formats."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from paycite.model.answer import Answer, Used
from paycite.model.vocabulary import NATION
from paycite.present.formats import FORMATS
from paycite.present.html.records import Asked


def answer_links(base: str, asked: Asked, answer: Answer) -> dict[str, str]:
    """The addresses of an answer: current, and pinned to its dataset. `base` is the site's."""
    pinned = {**asked, "dataset": [answer.dataset.version]}
    scope = _scope(answer.used) | {name: asked[name] for name in ("dataset",) if name in asked}
    return format_links("/salary", pinned) | {
        "page": add_query("/salary.html", asked),
        "pinned": add_query("/salary.html", pinned),
        "share": add_query("/salary.png", {**pinned, "size": ["share"]}),
        "embed": add_query("/embed", asked),
        "embedding": add_query("/embed.html", asked),
        "compare": add_query("/salary/compare.html", asked),
        "roles": add_query("/pay.html", scope),
        "oembed": add_query("/oembed", {"url": [base + add_query("/salary.html", asked)]}),
    }


def _scope(used: Used) -> dict[str, Any]:
    """The place, unless it is the nation, and the level, unless it is all, as parameters."""
    place = {} if used.metro.id == NATION else {"metro": used.metro.id}
    return place | ({"level": used.level.id} if used.level else {})


def format_links(path: str, asked: Asked) -> dict[str, str]:
    """The address of each format, by its suffix."""
    others = {one.suffix: add_query(f"{path}.{one.suffix}", asked) for one in FORMATS}
    return {"api": add_query(path, asked), "json": add_query(f"{path}.json", asked)} | others


def add_query(path: str, asked: Mapping[str, Any]) -> str:
    query = urlencode(asked, doseq=True, errors="replace")
    return f"{path}?{query}" if query else path


def page_of(link: str) -> str:
    """The address of the page of a link to the API, which has a query."""
    return link.replace("?", ".html?", 1)
