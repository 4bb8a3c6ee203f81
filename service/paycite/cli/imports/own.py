"""The commands `paycite import observations` and `paycite import postings`."""

import datetime
import re
from collections.abc import Callable, Collection, Iterator
from functools import wraps
from pathlib import Path
from typing import get_args

import click
import msgspec

from paycite.cli.imports.common import (
    files_argument,
    preview_observations,
    run_observations_import,
)
from paycite.importers import observations, postings
from paycite.importers.common.checksum import checksum
from paycite.importers.common.fields import FieldParser
from paycite.importers.common.observations import APPENDED
from paycite.importers.common.progress import Progress
from paycite.importers.common.publish import UNFINISHED
from paycite.importers.observations.dates import DateOrder
from paycite.model.figure import Component, Source
from paycite.model.observation import Observation, ObservationKind, RefusedRow
from paycite.seeds import distributions, pools
from paycite.seeds.files import tables
from paycite.settings import Settings


def _source_id(context: click.Context, _: click.Parameter, text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,99}", text):
        raise click.BadParameter(
            f"{text!r} is not an id: use lower-case letters, digits and hyphens, at most 100."
        )
    if text.startswith(UNFINISHED):
        raise click.BadParameter(
            f"{text!r} begins with {UNFINISHED!r}, as the directories of unfinished imports do; "
            "choose another id."
        )
    settings = context.find_object(Settings)
    if settings and text in _taken_ids(settings):
        raise click.BadParameter(f"{text!r} is already a source of figures; choose another id.")
    return text


def _taken_ids(settings: Settings) -> set[str]:
    """The ids of sources of figures, percentiles and pooled pay, shipped and imported."""
    files = [
        *distributions.files(settings.seeds / "distributions", settings.imported),
        *pools.pool_files(settings.seeds / "pools"),
    ]
    cited = tables(settings.seeds / "sources.toml")
    return {file.stem for file in files} | {str(row.values["id"]) for row in cited}


def _with_source(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command FILES and, from the options that cite them, their source."""

    @files_argument
    @click.option("--source", "id_", required=True, callback=_source_id, help="Its id: a-z, 0-9, -")
    @click.option("--publisher", required=True)
    @click.option("--title", required=True)
    @click.option(
        "--originator",
        "originators",
        multiple=True,
        help="Who first published the pay; by default, the publisher. Repeatable.",
    )
    @click.option("--published", type=click.DateTime(["%Y-%m-%d"]), help="The day of publication.")
    @click.option("--citation", help="How to cite it; by default, publisher, title and day.")
    @click.option("--license", "license_", default="not stated", show_default=True)
    @click.option("--url", help="Where it is published.")
    @click.option(
        "--series", help="The series it belongs to; only the newest release of a series is used."
    )
    @click.option(
        "--public",
        "is_public",
        is_flag=True,
        help="It may be shown to everyone: make it part of the public dataset.",
    )
    @click.option(
        "--weight",
        type=click.FloatRange(0, 100, min_open=True),
        help="Its weight beside official statistics, which weigh 1; by default n / (n + 25), n "
        "employers of the role.",
    )
    @wraps(command)
    def with_source(
        settings: Settings,
        files: tuple[Path, ...],
        id_: str,
        publisher: str,
        title: str,
        originators: tuple[str, ...],
        published: datetime.datetime | None,
        citation: str | None,
        license_: str,
        url: str | None,
        series: str | None,
        is_public: bool,
        weight: float | None,
        **others: object,
    ) -> None:
        day = published.date() if published else None
        stated = {
            "id": id_,
            "series": series,
            "publisher": publisher,
            "originators": originators or (publisher,),
            "title": title,
            "published": {"date": day, "precision": "day" if day else "none"},
            "citation": citation or ", ".join(map(str, filter(None, (publisher, title, day)))),
            "license": license_,
            "url": url,
            "is_private": not is_public,
            "weight": weight,
        }
        try:
            source = msgspec.convert(stated | {"sha256": checksum(files)}, Source)
        except (msgspec.ValidationError, OSError) as error:
            raise click.UsageError(f"The source cannot be cited: {error}.") from None
        command(settings, files, source, **others)

    return with_source


def renaming(
    columns: Collection[str],
) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    """Parse options NAME=OURS, where OURS is one of the columns, into a dictionary by NAME."""

    def parse(_: click.Context, __: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        for pair in pairs:
            name, _equals, ours = pair.rpartition("=")
            if ours not in columns or not name or name in found:
                raise click.BadParameter(
                    f"{pair!r} is not NAME=OURS. Give each NAME once; OURS is one of "
                    f"{', '.join(columns)}."
                )
            found[name] = ours
        return found

    return parse


@click.command("observations")
@click.pass_obj
@_with_source
@click.option("--kind", type=click.Choice(get_args(ObservationKind)), help="What all rows are.")
@click.option(
    "--component",
    type=click.Choice(get_args(Component)),
    help="The pay element of all rows; by default, the row's own, else `base`.",
)
@click.option(
    "--column",
    "renamed",
    multiple=True,
    metavar="NAME=OURS",
    callback=renaming(observations.COLUMNS),
    help="Read the column NAME of the files as OURS. Repeatable.",
)
@click.option(
    "--ignore", "ignored", multiple=True, metavar="NAME", help="Ignore a column. Repeatable."
)
@click.option(
    "--dates",
    type=click.Choice(get_args(DateOrder)),
    help="Whether 2/3/2026 has the month first (mdy) or the day (dmy), if the column does not say.",
)
@click.option(
    "--append",
    "is_appending",
    is_flag=True,
    help="Add to the rows of the source instead of replacing them, such as corrected rows of "
    "SOURCE.refused.csv.",
)
@click.option(
    "--dry-run",
    "is_dry",
    is_flag=True,
    help="Show how columns, dates and the first ten rows are read, and write nothing.",
)
def import_own_observations(
    settings: Settings,
    files: tuple[Path, ...],
    source: Source,
    kind: ObservationKind | None,
    component: Component | None,
    renamed: dict[str, str],
    ignored: tuple[str, ...],
    dates: DateOrder | None,
    is_appending: bool,
    is_dry: bool,
) -> None:
    """Import observations of pay from FILES: CSV, JSON Lines (.jsonl, .ndjson),
    Parquet or Excel (.xlsx).

    The columns are: id; role, title or occupation (a SOC code); level or years; place, or city,
    state and zip; amount, or min and max; period (year, month, half-month, biweek, week, day,
    hour); currency (USD); component; employer; date; kind. Common headers such as "Job Title" are
    mapped to them. The manual says how each is read. Rows that cannot be read are listed and
    skipped.
    """
    layout = observations.Layout(
        renamed=renamed,
        ignored=frozenset((*ignored, *(APPENDED if is_appending else ()))),
        kind=kind,
        component=component,
        dates=dates,
    )
    readings: list[str] = []

    def rows(parser: FieldParser, progress: Progress) -> Iterator[Observation | RefusedRow]:
        return observations.read_observations(files, layout, parser, progress, readings.append)

    if is_dry:
        preview_observations(settings, files, rows, readings)
    else:
        run_observations_import(
            settings,
            files,
            source,
            observations.NOTE,
            rows,
            readings,
            is_appending=is_appending,
            in_layout_of_file=True,
            is_by_id=True,
        )


@click.command("postings")
@click.pass_obj
@_with_source
def import_postings(settings: Settings, files: tuple[Path, ...], source: Source) -> None:
    """Import the pay of job postings from FILES with schema.org JobPosting markup (JSON-LD): .json,
    .jsonl (a posting a line) or .html.

    Only a baseSalary in dollars with its period counts, for full-time work in the United States. A
    posting without an employmentType counts as full-time. A posting for several places is one
    observation in each.
    """
    run_observations_import(
        settings,
        files,
        source,
        postings.NOTE,
        lambda parser, progress: postings.read_observations(files, parser, progress),
    )
