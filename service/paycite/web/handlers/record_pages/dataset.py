"""The pages of figures and sources."""

from typing import get_args

from paycite.model.figure import Figure, Topic
from paycite.model.score import Score, ScoredSource
from paycite.model.snapshot import Snapshot
from paycite.present.html.records import (
    Cell,
    Code,
    Form,
    FormField,
    Inline,
    Link,
    Quotation,
    Section,
    View,
    address,
    link_figure,
    link_level,
    link_place,
    link_role,
    link_source,
    list_facts,
    tabulate,
)
from paycite.present.html.values import KINDS, describe_published, describe_topic, describe_value
from paycite.web.handlers import figures
from paycite.web.handlers.record_pages.declare import record_page

_FIGURES = Form(
    action="/figures.html",
    label="Find figures",
    button="Show figures",
    fields=(
        FormField(name="role", label="Role"),
        FormField(name="metro", label="Place", hint="A metro, world or unstated"),
        FormField(
            name="topic",
            label="Topic",
            options=(("", "Any"), *((one, describe_topic(one)) for one in get_args(Topic))),
        ),
        FormField(name="level", label="Level"),
        FormField(name="source", label="Source", hint="The id of a source"),
        FormField(name="occupation", label="Occupation", hint="A SOC code, such as 15-2051"),
    ),
)


@record_page(figures.list_figures, _FIGURES)
def _figures(found: figures.Figures, snapshot: Snapshot) -> View:
    rows = [
        (
            link_figure(one),
            describe_published(one),
            link_place(one, snapshot),
            one.as_of or "",
            link_source(snapshot.sources[one.source_id]),
        )
        for one in found.items
    ]
    columns = ("Figure", "As published", "Place", "As of", "Source")
    lead = "Numbers as their sources publish them." if rows else "No figure matches."
    return View(
        title="Figures",
        lead=(lead,),
        sections=(Section(table=tabulate(columns, rows)),) if rows else (),
    )


@record_page(figures.get_figure)
def _figure(figure: Figure, snapshot: Snapshot) -> View:
    source = snapshot.sources[figure.source_id]
    shown = describe_published(figure)
    facts = list_facts(
        ("Published as", Quotation(figure.as_published) if shown != figure.as_published else None),
        ("Read as", describe_value(figure)),
        ("Source", link_source(source, source.citation)),
        ("Where in the source", figure.locator),
        ("How Paycite reads it", figure.note),
        ("Role", link_role(snapshot.roles[figure.role]) if figure.role else None),
        ("Level", _level(figure, snapshot)),
        ("Occupation", _occupation(figure, snapshot)),
        ("Place", link_place(figure, snapshot)),
        ("As of", figure.as_of),
        ("Change since", figure.baseline),
        ("Observations", f"{figure.n:,}" if figure.n else None),
        ("Kind", KINDS[figure.kind]),
        ("Topic", _link_topic(figure.topic)),
        ("Id", Code(figure.id)),
    )
    return View(
        title=figure.subject,
        number=shown,
        note="as published" if shown == figure.as_published else "",
        sections=(Section(facts=facts),),
    )


def _level(figure: Figure, snapshot: Snapshot) -> Cell | None:
    if figure.level is None:
        return None
    level = link_level(snapshot.levels[figure.level])
    return (level, "and every level above") if figure.and_above else level


def _occupation(figure: Figure, snapshot: Snapshot) -> Inline | None:
    if figure.occupation is None:
        return None
    title = snapshot.occupations[figure.occupation].title
    return Link(f"{title} ({figure.occupation})", address("/figures", occupation=figure.occupation))


def _link_topic(topic: Topic) -> Link:
    return Link(describe_topic(topic), address("/figures", topic=topic))


@record_page(figures.list_sources)
def _sources(found: figures.Sources, snapshot: Snapshot) -> View:
    rows = [
        (link_source(one), one.publisher, one.published.iso or "", one.license)
        for one in found.items
    ]
    columns = ("Title", "Publisher", "Published", "License")
    return View(
        title="Sources",
        lead=("Every number of this dataset is from one of these.",),
        sections=(Section(table=tabulate(columns, rows)),),
    )


@record_page(figures.get_source)
def _source(source: ScoredSource, snapshot: Snapshot) -> View:
    facts = list_facts(
        ("Cite as", source.citation),
        ("Publisher", source.publisher),
        ("First published by", source.originators),
        ("Published", source.published.iso),
        ("License", source.license),
        ("Document", Link(source.url, source.url) if source.url else None),
        ("Series", Code(source.series) if source.series else None),
        ("Access", "Private: not in the public dataset" if source.is_private else None),
        ("Weight", f"{source.weight:g}, declared by its owner" if source.weight else None),
        ("SHA-256", Code(source.sha256)),
        ("Id", Code(source.id)),
    )
    tests = [_score(one, snapshot) for one in source.scores]
    columns = (
        "Tested on",
        "Observations",
        "Bias",
        "Median error",
        "In P25 to P75",
        "In P10 to P90",
    )
    scores = Section(
        title="Back-tests",
        text=("Its figures compared to pay that was not used to make them.",),
        table=tabulate(columns, tests),
    )
    return View(
        title=source.title,
        links=(Link("Its figures", address("/figures", source=source.id)),),
        sections=(Section(facts=facts), *((scores,) if tests else ())),
    )


def _score(score: Score, snapshot: Snapshot) -> tuple[Cell, ...]:
    tested = snapshot.sources.get(score.tested_on)
    inner, outer = score.coverage_p25_p75, score.coverage_p10_p90
    return (
        link_source(tested) if tested else score.tested_on,
        f"{score.n:,}",
        f"{score.bias:+.1%}",
        f"{score.median_absolute_error:.1%}",
        f"{inner:.0%}",
        f"{outer:.0%}" if outer is not None else "",
    )


PAGES = (_figures, _figure, _sources, _source)
