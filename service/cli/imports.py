"""The commands `paycite import`: releases and observations into files that the next build reads."""

import datetime
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import click

from service.dataset.store import DatasetError, Datasets
from service.importers import ImportRefused, aijobs, oews
from service.importers.observed import import_observations
from service.importers.reading import Reader
from service.importers.release import Tell
from service.model.figure import Source
from service.model.observation import Observation, RefusedRow
from service.seeds import SeedError
from service.settings import Settings

_UNREAD_SHOWN = 10  # titles, the most frequent

_into = click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to; `distributions` in the data folder if left out.",
)


@click.group("import")
def import_() -> None:
    """Import a release that someone else published; the next build reads it."""


@import_.command("bls-oews")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@_into
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
@_into
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

    What is written is percentiles by role and level, of the midpoints of the ranges advertised in
    the United States in the last two years of the file. Titles are read into roles as the seeds
    say: import the file again where they change.
    """
    try:
        with click.progressbar(length=file.stat().st_size, label="reading", file=sys.stderr) as bar:
            imported = aijobs.import_release(
                file,
                into or settings.imported,
                settings.seeds,
                release.date() if release else None,
                bar.update,
            )
    except (ImportRefused, SeedError, OSError) as error:
        raise click.ClickException(str(error)) from None
    ranges = sum(imported.cells.values())
    click.echo(f"{imported.name}: {len(imported.cells)} rows, of {ranges} ranges")
    _tell_what_is_replaced(settings, imported.name)
    for reason, ranges in imported.left_out.items():
        click.echo(f"left out, {reason}: {ranges} ranges")
    for (role, level), ranges in imported.too_few.items():
        click.echo(f"left out, fewer than {aijobs.FEWEST}: {role}, {level}, {ranges} ranges")
    for title, ranges in islice(imported.unread.items(), _UNREAD_SHOWN):
        click.echo(f"title not read: {title}, {ranges} ranges")


def _import_observations(
    settings: Settings,
    files: Sequence[Path],
    source: Source,
    note: str,
    rows: Callable[[Reader, Tell], Iterator[Observation | RefusedRow]],
) -> None:
    """Import what `rows` reads, by the words of the current dataset, and tell what became of it."""
    size = sum(file.stat().st_size for file in files)
    try:
        with closing(Datasets(settings.datasets)) as datasets:
            reader = Reader(datasets.current.snapshot)
        with click.progressbar(length=size, label="reading", file=sys.stderr) as bar:
            imported = import_observations(
                source, note, rows(reader, bar.update), settings.observations
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
            f"{written.of_no_role:,} of them are of an occupation that is no role: `paycite "
            "backtest` scores them, no answer uses them"
        )
    for reason, count in imported.refused.items():
        click.echo(f"refused, {reason}: {count:,} rows")
    if imported.refused:
        click.echo(f"every refused row: {imported.report}")
    click.echo(
        "The next `paycite build` pools them; figures of five employers or more are then served to "
        "whoever can reach the server."
    )
