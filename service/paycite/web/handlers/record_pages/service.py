"""The pages of datasets, problem types and methods."""

from typing import Any

from paycite.model.money import in_dollars
from paycite.model.snapshot import Snapshot
from paycite.present.changes import describe_cause, describe_change
from paycite.present.html import pages
from paycite.present.html.markdown import read_document
from paycite.present.html.records import (
    Cell,
    Code,
    Form,
    FormField,
    Link,
    Section,
    View,
    link_lists,
    tabulate,
)
from paycite.settings import ROOT
from paycite.web.endpoint import Ask
from paycite.web.handlers import changes, documents, downloads
from paycite.web.handlers.record_pages.declare import record_page
from paycite.web.page import html_page, site

_METHOD = ROOT / "docs/method.md"


@record_page(documents.list_datasets)
def _datasets(found: documents.KeptDatasets, snapshot: Snapshot) -> View:
    rows = [
        (
            Code(one.version),
            "current" if one.is_current else "",
            "public" if one.is_public else "",
            Link("Its sources", f"/sources.html?dataset={one.version}"),
            Link("Files", f"/datasets/{one.version}.html") if one.is_public else "",
        )
        for one in found.items
    ]
    return View(
        title="Datasets",
        lead=("An answer can be pinned to any of these, so that it never changes.",),
        links=(
            Link("What changed", "/datasets/changes.html"),
            Link("Follow as a feed", "/datasets.atom"),
        ),
        sections=(
            Section(table=tabulate(("Version", "In use", "Access", "Content", "Download"), rows)),
        ),
    )


@record_page(downloads.get_dataset)
def _dataset(found: dict[str, Any], snapshot: Snapshot) -> View:
    pay, database = found["resources"]
    version = found["version"]
    files = [
        (Link(one["path"], f"/datasets/{one['path']}"), f"{one['title']}. Format: {one['format']}.")
        for one in (pay, database)
    ]
    tables = [
        Section(
            title=f"Table {one['name']}",
            text=(f"{one['title']}.",),
            table=tabulate(
                ("Column", "Type", "Meaning"),
                [
                    (Code(field["name"]), field["type"], field["description"])
                    for field in one["schema"]["fields"]
                ],
            ),
        )
        for one in database["tables"]
    ]
    return View(
        title=f"Dataset {version}",
        lead=("Public sources only. Every row has its sources in it.",),
        links=(
            Link("Sources", f"/sources.html?dataset={version}"),
            Link("All datasets", "/datasets.html"),
        ),
        sections=(
            Section(title="Files", table=tabulate(("File", "Content"), files)),
            *tables,
        ),
    )


_COMPARE = Form(
    action="/datasets/changes.html",
    label="Compare two datasets",
    button="Compare",
    fields=(
        FormField(name="from", label="From", hint="The version of the earlier dataset"),
        FormField(name="to", label="To", hint="The later one; empty: the current one"),
    ),
)


def _level(id_: str | None, snapshot: Snapshot) -> str:
    """The title of a level of either dataset."""
    if id_ is None:
        return "All levels"
    return snapshot.levels[id_].title if id_ in snapshot.levels else id_


@record_page(changes.changes, _COMPARE, needs_query=True)
def _changes(found: changes.Changes | None, snapshot: Snapshot) -> View:
    title, all_datasets = "What changed", Link("All datasets", "/datasets.html")
    if found is None:
        return View(title=title, lead=("Compare two datasets.",), links=(all_datasets,))
    rows: list[tuple[Cell, ...]] = [
        (
            Link(one.role_title, f"/roles/{one.role}.html"),
            _level(one.level, snapshot),
            one.metro_name,
            in_dollars(one.before.p50) if one.before else "",
            in_dollars(one.after.p50) if one.after else "",
            describe_change(one.change, is_new=one.before is None),
            tuple(map(describe_cause, one.causes)),
        )
        for one in found.items
    ]
    columns = ("Role", "Level", "Place", "Median before", "After", "Change", "Because of")
    lead, *sources = found.description
    return View(
        title=title,
        lead=(lead,),
        links=(
            Link(found.from_version, f"/datasets/{found.from_version}.html"),
            Link(found.to_version, f"/datasets/{found.to_version}.html"),
            all_datasets,
        ),
        sections=(
            *((Section(title="Sources", text=(" ".join(sources),)),) if sources else ()),
            *((Section(title="Estimates", table=tabulate(columns, rows)),) if rows else ()),
        ),
    )


@record_page(documents.explain_problem)
def _problem(found: documents.ProblemExplained, snapshot: Snapshot) -> View:
    return View(
        title=found.title,
        lead=link_lists(found.help),
        sections=(Section(facts=(("Type", Code(found.type)), ("HTTP status", str(found.status)))),),
    )


@html_page("/methods.html", "salary_form.html")
def _methods(ask: Ask) -> str:
    """Show the method, as in the manual."""
    ask.parse().faults.stop()
    document = read_document(_METHOD)
    view = View(title=document.title, sections=(Section(html=document.html),))
    return pages.record_page(site(ask), {}, view, None, None)


PAGES = (_datasets, _dataset, _changes, _problem, _methods)
