"""`/datasets/changes`: which estimates moved between datasets, and why; and a feed of datasets."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from paycite.dataset.changes import compare, summarize
from paycite.dataset.published import Datasets
from paycite.dataset.store import DatasetError
from paycite.match import nearest, unknown
from paycite.model.change import Change, ChangeSummary
from paycite.model.problem import Refusal
from paycite.present.atom import Entry, write_feed
from paycite.present.changes import describe_changes, write_changes_csv
from paycite.questions.parameters import Parsed, printable
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint
from paycite.web.handlers.formats import encode_text
from paycite.web.handlers.lists import After, Limit, Page, first_page, refuse_after

_PROBLEMS = ("missing-parameter", *REQUEST_PROBLEMS, "unknown-dataset", "not-ready")
_From = Annotated[str, Meta(description="The version of the earlier dataset.")]
_To = Annotated[
    str, Meta(description="The version of the later dataset. Default: the current one.")
]

# A class cannot have a field called `from`.
ChangesParameters = msgspec.defstruct(
    "ChangesParameters",
    [
        ("from", _From),
        ("to", _To | UnsetType, UNSET),
        ("limit", Limit, 50),
        ("after", After | UnsetType, UNSET),
    ],
    frozen=True,
    kw_only=True,
)


class Changes(Page[Change], frozen=True, kw_only=True):
    """Changes, the largest first; new and removed estimates come last."""

    from_version: str
    to_version: str
    summary: ChangeSummary
    description: Annotated[tuple[str, ...], Meta(description="The summary in words.")]


@endpoint(
    "/datasets/changes",
    "Compare two datasets",
    Changes,
    parameters=ChangesParameters,
    problems=_PROBLEMS,
    runs="turn",
    pinned_by=("from", "to"),
)
def changes(ask: Ask) -> Changes:
    """List the estimates that differ between two datasets, and which source moved each."""
    parsed = ask.parse()
    earlier = parsed.faults.attempt(_find_version, parsed["from"], "from", ask.datasets)
    later = parsed.faults.attempt(_find_version, parsed["to"], "to", ask.datasets)
    parsed.faults.stop()
    assert earlier and later  # otherwise `stop` raised
    try:
        return _changes(ask, parsed, earlier, later)
    except DatasetError as error:
        raise Refusal.of("not-ready", f"Cannot compare: {error}.") from None


@endpoint(
    "/datasets/changes.csv",
    "Compare two datasets as CSV",
    {"text/csv": str},
    parameters=ChangesParameters,
    problems=_PROBLEMS,
    encode=encode_text,
    runs="turn",
    pinned_by=("from", "to"),
)
def changes_csv(ask: Ask) -> str:
    """List the changed estimates as CSV."""
    found = changes.handler(ask)
    return write_changes_csv(found.items, found.from_version, found.to_version)


@endpoint(
    "/datasets.atom",
    "Follow the datasets",
    {"application/atom+xml": bytes},
    problems=REQUEST_PROBLEMS[:1],
    encode=bytes,
    runs="turn",
    is_kept=False,
)
def feed(ask: Ask) -> bytes:
    """Follow the published datasets, newest first, with what changed in each, as an Atom feed."""
    ask.parse().faults.stop()
    versions = ask.datasets.kept() or [ask.store.version]  # the folder may be gone
    before: Sequence[str | None] = [*versions[1:], None]
    entries = [
        Entry(
            title=f"Dataset {version}",
            address=f"{ask.base_url}/datasets/{version}",
            updated=version[:10],
            paragraphs=_describe(ask.datasets, earlier, version),
        )
        for version, earlier in zip(versions, before, strict=True)
    ]
    return write_feed("Paycite datasets", f"{ask.base_url}/datasets.atom", entries)


def _describe(datasets: Datasets, earlier: str | None, later: str) -> tuple[str, ...]:
    if earlier is None:
        return ("The earliest dataset that is kept.",)
    try:
        return describe_changes(summarize(datasets.folder, earlier, later), earlier)
    except DatasetError as error:
        return (f"Cannot say what changed: {error}.",)


def _find_version(version: str | None, parameter: str, datasets: Datasets) -> str:
    if version is None:
        return datasets.current.snapshot.version
    kept = datasets.kept()
    if version in kept:
        return version
    shown = printable(version)
    raise unknown("dataset", parameter, shown, nearest(shown, kept) or tuple(kept[:5]))


def _changes(ask: Ask, parsed: Parsed, earlier: str, later: str) -> Changes:
    comparison = compare(ask.datasets.folder, earlier, later)
    if parsed["after"] is not None and not comparison.has(parsed["after"]):
        refuse_after()
    summary = summarize(ask.datasets.folder, earlier, later)
    found = comparison.read_page(parsed["after"], parsed["limit"] + 1)
    page = first_page(ask, parsed, Page, found, attrgetter("id"))
    return Changes(
        items=page.items,
        next=page.next,
        from_version=earlier,
        to_version=later,
        summary=summary,
        description=describe_changes(summary, earlier),
    )


ENDPOINTS = (changes, changes_csv, feed)
