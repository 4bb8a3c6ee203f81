"""The pages of datasets, problem types and methods."""

import re
from typing import Any

from paycite.model.snapshot import Snapshot
from paycite.present.html import pages
from paycite.present.html.markdown import read_document
from paycite.present.html.records import (
    Code,
    Link,
    Part,
    Section,
    Text,
    View,
    tabulate,
)
from paycite.settings import ROOT
from paycite.web.endpoint import Ask
from paycite.web.handlers import documents, downloads
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


@record_page(documents.explain_problem)
def _problem(found: documents.ProblemExplained, snapshot: Snapshot) -> View:
    return View(
        title=found.title,
        lead=_link_paths(found.help),
        sections=(Section(facts=(("Type", Code(found.type)), ("HTTP status", str(found.status)))),),
    )


def _link_paths(help_: str) -> Text:
    """Link the addresses in a text: "GET /roles lists all roles."."""
    parts: list[Part] = []
    for part in re.split(r"GET (/\w+)", help_):
        is_path = part.startswith("/")
        parts.append(Link(part, part if part == "/docs" else f"{part}.html") if is_path else part)
    return tuple(filter(None, parts))


@html_page("/methods.html", "question.html")
def _methods(ask: Ask) -> str:
    """Show the method, as in the manual."""
    ask.parse().faults.stop()
    document = read_document(_METHOD)
    view = View(title=document.title, sections=(Section(html=document.html),))
    return pages.recorded(site(ask), {}, view, None, None)


PAGES = (_datasets, _dataset, _problem, _methods)
