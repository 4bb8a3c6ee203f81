"""Fill the templates of pages; they escape every value."""

import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import Struct

from paycite.estimate.quote import (
    describe_job,
    describe_range,
    describe_scope,
    name_percentiles,
    summarize,
)
from paycite.model.answer import Answer
from paycite.model.comparison import Refused
from paycite.model.money import (
    in_dollars,
    in_percent,
    in_percentile,
    per_period,
    percentiles_in_dollars,
    range_in_dollars,
)
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import describe_place
from paycite.present.citations import (
    cited_source_ids,
    describe_operation,
    used_chains,
    write_citation,
)
from paycite.present.formats import FORMATS
from paycite.present.html import records
from paycite.present.html.comparison import place_in_market
from paycite.present.html.links import page_of
from paycite.present.html.records import Asked
from paycite.present.html.words import LABELS, describe_fault, describe_title

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).with_name("templates")


class Site(Struct, frozen=True):
    """The address of the site, and the choices of its forms."""

    base: str  # scheme and host, without a path
    snapshot: Snapshot


def render(template: str, site: Site, asked: Asked, **values: Any) -> str:
    levels = [("", "Any")]
    levels += [(level.id, level.title) for level in site.snapshot.levels.values()]
    return (
        _templates()
        .get_template(template)
        .render(
            asked=asked,
            base=site.base,
            version=site.snapshot.version,
            levels=levels,
            known_sources=list(site.snapshot.sources),
            roles=[role.title for role in site.snapshot.roles.values()],
            called=partial(_name_of, site.snapshot),
            in_words=partial(describe_fault, asked=asked),
            page_of=lambda list_, id_: records.pin(f"/{list_}/{quote(id_)}.html", asked),
            **values,
        )
    )


def _name_of(snapshot: Snapshot, dimension: str | None, id_: str) -> str:
    """An id as people call what it means."""
    if dimension == "metro" and (metro := snapshot.metros.get(id_)):
        return metro.name
    if dimension == "level" and (level := snapshot.levels.get(id_)):
        return level.title
    if dimension == "role" and (role := snapshot.roles.get(id_)):
        return role.title
    return id_


def _read_template(name: str) -> str:
    """A template without its indentation, a twentieth of the bytes of a page."""
    return re.sub("(?m)^ +", "", (_TEMPLATES / name).read_text())


@cache
def _templates() -> "Environment":
    # Imported with the first page: it takes a tenth of the time that a server takes to start.
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_read_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"formats": FORMATS, "labels": LABELS}
    environment.filters |= {
        "amount": in_dollars,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        "dollars": range_in_dollars,
        "pay": describe_range,
        "percent": in_percent,
        "percentile": in_percentile,
        "percentile_names": name_percentiles,
        "place": describe_place,
        "job": lambda answer: describe_job(answer.used),
        "place_in_market": place_in_market,
        "scope": lambda answer: describe_scope(answer.used),
        "summary": lambda answer: summarize(answer.used, answer.estimate),
        "citation": write_citation,
        "title_in_words": describe_title,
        "operation": describe_operation,
        "percentiles": lambda stated: ", ".join(percentiles_in_dollars(stated)),
        "per": lambda estimate: per_period(estimate.period),
        "estimate_source_ids": estimate_source_ids,
        "texts": _texts,
        "question": _describe_question,
        "page_address": lambda answer: page_of(answer.links.self),
    }
    return environment


def estimate_source_ids(answer: Answer) -> list[str]:
    return sorted(cited_source_ids(used_chains(answer)))


def _describe_question(outcome: Refused) -> str:
    return ", ".join(filter(None, _texts(outcome).values()))


def _texts(outcome: Refused) -> dict[str, Any]:
    """The value of each parameter that a comparison repeats."""
    asked = outcome.requested
    return {"role": asked.role, "level": asked.level, "metro": asked.metro} if asked else {}
