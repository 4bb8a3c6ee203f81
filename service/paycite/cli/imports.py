"""The commands `paycite import`: releases and observations into files that the next build reads."""

import datetime
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import get_args

import click
import msgspec

from paycite.dataset.store import DatasetError, Datasets
from paycite.importers import (
    ImportRefused,
    aijobs,
    lca,
    observations,
    oews,
    postings,
)
from paycite.importers.aijobs import percentiles as aijobs_percentiles
from paycite.importers.common.checksum import checksum
from paycite.importers.common.fields import FieldParser
from paycite.importers.common.observations import import_observations
from paycite.importers.common.progress import Progress
from paycite.model.figure import Component, Source
from paycite.model.observation import Observation, ObservationKind, RefusedRow
from paycite.seeds import SeedError, distributions
from paycite.seeds.files import tables
from paycite.settings import Settings

_UNREAD_SHOWN = 10  # titles, the most frequent

_files = click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)


@click.group("import")
def import_() -> None:
    """Import a release that someone else published; the next build reads it."""


@import_.command("bls-oews")
@_files
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to; `distributions` in the data folder if left out.",
)
@click.option(
    "--published", type=click.DateTime(["%Y-%m-%d"]), help="The day that BLS released it."
)
@click.pass_obj
def import_bls_oews(
    settings: Settings,
    files: tuple[Path, ...],
    into: Path | None,
    published: datetime.datetime | None,
) -> None:
    """Import a May release of Occupational Employment and Wage Statistics from FILES.

    FILES are its workbooks (national, state, MSA, BOS; .xlsx, or the .zip that BLS ships them
    in), or its time-series files oe.data.0.Current, oe.area, oe.occupation and oe.footnote. Give
    all that are to be imported together: an import replaces the earlier one of the release.

    The checksum of the source is that of the file, or, of several, that of the lines
    "SHA-256  NAME" in order, as `sha256sum FILES | sort | sha256sum` gives it in their folder.
    """
    size = sum(file.stat().st_size for file in files)
    try:
        with click.progressbar(length=size, label="reading", file=sys.stderr) as bar:
            imported = oews.import_release(
                files,
                into or settings.imported,
                settings.seeds,
                published.date() if published else None,
                bar.update,
            )
            bar.update(size - bar.pos)  # what was not read, such as the end of a zip file
    except (ImportRefused, SeedError, OSError) as error:
        raise click.ClickException(
            f"{error}\nNothing was imported. BLS publishes the workbooks at "
            "https://www.bls.gov/oes/tables.htm and the time-series files at "
            "https://download.bls.gov/pub/time.series/oe/."
        ) from None
    click.echo(f"{imported.name}: {imported.rows} rows of {imported.areas} areas")
    _tell_what_is_replaced(settings, imported.name)
    for area, rows in imported.left_out.items():
        click.echo(f"left out, not in metros.csv: {area}, {rows} rows")
    for occupation in imported.absent:
        click.echo(f"not in the release: {occupation}")


def _tell_what_is_replaced(settings: Settings, name: str) -> None:
    """An import of some files of a release stands in for all of what is shipped of it."""
    shipped = settings.seeds / "distributions" / f"{name}.csv"
    if shipped.exists():
        rows = shipped.read_text(encoding="utf-8").count("\n") - 1
        click.echo(f"it replaces all {rows:,} rows of it in the seeds, from the next build on")


@import_.command("aijobs")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write percentiles by role and level to this folder instead, as Paycite ships them.",
)
@click.option(
    "--release",
    type=click.DateTime(["%Y-%m"]),
    help="The month of the release; that in the name of the file if left out.",
)
@click.pass_obj
def import_aijobs(
    settings: Settings, file: Path, into: Path | None, release: datetime.datetime | None
) -> None:
    """Import the salaries that aijobs.net published as FILE (.csv, or .csv.gz).

    What is imported is the ranges advertised in the United States in the last two years of the
    file. With --into they are written as percentiles, in files (CSV and TOML) of which Paycite
    ships those of one release in its seeds; titles are then read into roles as the seeds say.
    """
    month = release.date() if release else None
    if into:
        _write_percentiles(settings, file, into, month)
        return
    source = _cited(lambda: aijobs.source(file, month))
    _import_observations(
        settings,
        [file],
        source,
        aijobs.NOTE,
        lambda parser, progress: aijobs.observations(file, source, parser, progress),
    )
    _tell_what_is_replaced(settings, source.id)


def _write_percentiles(
    settings: Settings, file: Path, into: Path, month: datetime.date | None
) -> None:
    try:
        with click.progressbar(length=file.stat().st_size, label="reading", file=sys.stderr) as bar:
            imported = aijobs_percentiles.import_release(
                file, into, settings.seeds, month, bar.update
            )
    except (ImportRefused, SeedError, OSError) as error:
        raise click.ClickException(str(error)) from None
    ranges = sum(imported.cells.values())
    click.echo(f"{imported.name}: {len(imported.cells)} rows, of {ranges} ranges")
    for reason, ranges in imported.left_out.items():
        click.echo(f"left out, {reason}: {ranges} ranges")
    for (role, level), ranges in imported.too_few.items():
        fewest = aijobs_percentiles.FEWEST
        click.echo(f"left out, fewer than {fewest}: {role}, {level}, {ranges} ranges")
    for title, ranges in islice(imported.unread.items(), _UNREAD_SHOWN):
        click.echo(f"title not read: {title}, {ranges} ranges")


@import_.command("dol-lca")
@_files
@click.option(
    "--release",
    help="The quarter, such as FY2025Q1; those in the names of the files if left out.",
)
@click.option(
    "--published",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day that the Department of Labor released it.",
)
@click.pass_obj
def import_dol_lca(
    settings: Settings,
    files: tuple[Path, ...],
    release: str | None,
    published: datetime.datetime | None,
) -> None:
    """Import filings of H-1B pay, the LCA disclosure FILES of the Department of Labor (.xlsx, or
    .csv made of them), of the fiscal years since 2020.

    Only certified filings for full-time H-1B positions count, each case as it was last decided.
    So give all quarters that are to be imported together: they are one source, named after the
    first and the last of them.
    """
    day = published.date() if published else None
    source = _cited(lambda: lca.source(files, release, day))
    filings = lca.Filings(files)
    _import_observations(settings, files, source, lca.NOTE, filings.read)
    click.echo(f"{filings.blank:,} blank rows passed over")


def _cited(source: Callable[[], Source]) -> Source:
    try:
        return source()
    except (ImportRefused, OSError) as error:
        raise click.ClickException(f"{error}\nNothing was imported.") from None


def _import_observations(
    settings: Settings,
    files: Sequence[Path],
    source: Source,
    note: str,
    rows: Callable[[FieldParser, Progress], Iterator[Observation | RefusedRow]],
) -> None:
    """Import what `rows` reads, by the words of the current dataset, and tell what became of it."""
    size = sum(file.stat().st_size for file in files)
    try:
        with closing(Datasets(settings.datasets)) as datasets:
            parser = FieldParser(datasets.current.snapshot)
        with click.progressbar(length=size, label="reading", file=sys.stderr) as bar:
            imported = import_observations(
                source, note, rows(parser, bar.update), settings.observations
            )
            bar.update(size - bar.pos)
    except (DatasetError, ImportRefused, OSError) as error:
        raise click.ClickException(f"{error}\nNothing was imported.") from None
    written = imported.written
    click.echo(
        f"{source.id}: {written.rows:,} observations of {written.employers:,} employers; "
        f"{written.repeated:,} repeated rows left out"
    )
    if written.of_no_role:
        click.echo(
            f"{written.of_no_role:,} of them name an occupation and no role: `paycite backtest` "
            "scores them, no answer uses them"
        )
    for reason, count in imported.refused.items():
        click.echo(f"refused, {reason}: {count:,} rows")
    if imported.refused:
        click.echo(f"every refused row: {imported.report}")
    click.echo(
        "The next `paycite build` pools them; what five employers or more stand behind, of ten or "
        "more in all, is then served to whoever can reach the server."
    )


def _source_id(context: click.Context, _: click.Parameter, text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,99}", text):
        raise click.BadParameter(f"{text!r}: it is made of letters a-z, digits and hyphens")
    settings = context.find_object(Settings)
    if settings and text in _other_sources(settings):
        raise click.BadParameter(f"{text!r} is another source, of figures: name this one otherwise")
    return text


def _other_sources(settings: Settings) -> set[str]:
    """The ids of sources of figures and of percentiles, shipped and imported."""
    files = distributions.files(settings.seeds / "distributions", settings.imported)
    cited = tables(settings.seeds / "sources.toml")
    return {file.stem for file in files} | {str(row.values["id"]) for row in cited}


def _with_source(command: Callable[..., None]) -> Callable[..., None]:
    """A command that takes FILES and, from the options that cite them, their source."""

    @_files
    @click.option("--source", "id_", required=True, callback=_source_id, help="Its id: a-z, 0-9, -")
    @click.option("--publisher", required=True)
    @click.option("--title", required=True)
    @click.option(
        "--originator",
        "originators",
        multiple=True,
        help="Who stated the pay first; the publisher if left out. Repeatable.",
    )
    @click.option("--published", type=click.DateTime(["%Y-%m-%d"]), help="The day that it was.")
    @click.option("--citation", help="How to cite it; publisher, title and day if left out.")
    @click.option("--license", "license_", default="not stated", show_default=True)
    @click.option("--url", help="Where it is published.")
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
        **others: object,
    ) -> None:
        day = published.date() if published else None
        stated = {
            "id": id_,
            "publisher": publisher,
            "originators": originators or (publisher,),
            "title": title,
            "published": {"date": day, "precision": "day" if day else "none"},
            "citation": citation or ", ".join(map(str, filter(None, (publisher, title, day)))),
            "license": license_,
            "url": url,
        }
        try:
            source = msgspec.convert(stated | {"sha256": checksum(files)}, Source)
        except (msgspec.ValidationError, OSError) as error:
            raise click.UsageError(f"the source cannot be cited: {error}") from None
        command(settings, files, source, **others)

    return with_source


def renaming(
    columns: Collection[str],
) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    """Reads what options NAME=OURS say, by NAME, where OURS is one of the columns."""

    def renamed(_: click.Context, __: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        for pair in pairs:
            name, _equals, ours = pair.rpartition("=")
            if ours not in columns or not name or name in found:
                raise click.BadParameter(
                    f"{pair!r}: it is NAME=OURS, each NAME once, and OURS one of "
                    f"{', '.join(columns)}"
                )
            found[name] = ours
        return found

    return renamed


@import_.command("observations")
@click.pass_obj
@_with_source
@click.option("--kind", type=click.Choice(get_args(ObservationKind)), help="What all rows are.")
@click.option(
    "--component",
    type=click.Choice(get_args(Component)),
    help="The pay element of all rows; `base` where neither this nor a row says it.",
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
    "--ignore", "ignored", multiple=True, metavar="NAME", help="Pass over a column. Repeatable."
)
def import_own_observations(
    settings: Settings,
    files: tuple[Path, ...],
    source: Source,
    kind: ObservationKind | None,
    component: Component | None,
    renamed: dict[str, str],
    ignored: tuple[str, ...],
) -> None:
    """Import observations of pay from FILES of one layout: CSV, JSON Lines (.jsonl, .ndjson) or
    Parquet.

    The columns are: id; role, title or occupation (a SOC code); level or years; place; amount, or
    min and max; period (year, month, biweek, week, day, hour); currency (USD); component; employer;
    date; kind. The README says how each is read. Rows that cannot be read are listed and left out.
    """
    layout = observations.Layout(
        renamed=renamed, ignored=frozenset(ignored), kind=kind, component=component
    )
    _import_observations(
        settings,
        files,
        source,
        observations.NOTE,
        lambda parser, progress: observations.rows(files, layout, parser, progress),
    )


@import_.command("postings")
@click.pass_obj
@_with_source
def import_postings(settings: Settings, files: tuple[Path, ...], source: Source) -> None:
    """Import the pay of job postings from FILES with schema.org JobPosting markup (JSON-LD): .json,
    .jsonl (a posting a line) or .html.

    Only a baseSalary in dollars that says its period counts, of full-time work in the United
    States; a posting in several places is one observation in each.
    """
    _import_observations(
        settings,
        files,
        source,
        postings.NOTE,
        lambda parser, progress: postings.rows(files, parser, progress),
    )
