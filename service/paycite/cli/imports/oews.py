"""The command `paycite import bls-oews`."""

import datetime
from pathlib import Path

import click

from paycite.cli.imports.common import (
    files_argument,
    importing,
    into_option,
    quantity,
    reading,
    report_replacement,
)
from paycite.importers import oews
from paycite.settings import Settings

_HINT = (
    " BLS publishes the workbooks at https://www.bls.gov/oes/tables.htm and the time-series files "
    "at https://download.bls.gov/pub/time.series/oe/."
)


@click.command("bls-oews")
@files_argument
@into_option("The directory to write to; by default, `distributions` in the data directory.")
@click.option(
    "--published", type=click.DateTime(["%Y-%m-%d"]), help="The day on which BLS released it."
)
@click.pass_obj
def import_bls_oews(
    settings: Settings,
    files: tuple[Path, ...],
    into: Path | None,
    published: datetime.datetime | None,
) -> None:
    """Import a May release of Occupational Employment and Wage Statistics from FILES.

    FILES are its workbooks (national, state, MSA, BOS; .xlsx, or the .zip files in which BLS
    publishes them), or its time-series files oe.data.0.Current, oe.area, oe.occupation and
    oe.footnote. Give all of them together: an import replaces the earlier one of the release.

    The checksum of the source is that of the file, or, for several files, that of the sorted lines
    "SHA-256  NAME", as `sha256sum FILES | sort | sha256sum` prints it in their directory.
    """
    with importing(_HINT), reading(files) as progress:
        imported = oews.import_release(
            files,
            into or settings.imported,
            settings.seeds,
            published.date() if published else None,
            progress,
        )
    rows, areas = quantity(imported.rows, "row"), quantity(imported.areas, "area")
    click.echo(f"Imported {imported.name}: {rows} for {areas}.")
    report_replacement(settings, imported.name)
    for area, count in imported.left_out.items():
        click.echo(f"Skipped {quantity(count, 'row')} for {area}: not in metros.csv.")
    for occupation in imported.absent:
        click.echo(f"Not in this release: {occupation}.")
