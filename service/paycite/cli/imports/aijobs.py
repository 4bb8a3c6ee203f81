"""The commands `paycite import aijobs` and `paycite import infosec`."""

import datetime
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import click

from paycite.cli.imports.common import (
    importing,
    into_option,
    quantity,
    reading,
    report_replacement,
    run_observations_import,
)
from paycite.importers import aijobs
from paycite.importers.aijobs import BOARDS, percentiles
from paycite.importers.common.observations import remove_observations
from paycite.settings import Settings

_UNREAD_SHOWN = 10  # titles, the most frequent

Command = Callable[..., None]


def _with_arguments(command: Command) -> Command:
    for decorate in (
        click.pass_obj,
        click.option(
            "--release",
            type=click.DateTime(["%Y-%m"]),
            help="The month of the release; by default, the month in the file's name.",
        ),
        click.option(
            "--rows",
            "has_rows",
            is_flag=True,
            help="Import each range as an observation instead, to back-test other sources with.",
        ),
        into_option(
            "The directory to write to; by default, `distributions` in the data directory."
        ),
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = decorate(command)
    return command


@click.command("aijobs")
@_with_arguments
def import_aijobs(
    settings: Settings,
    file: Path,
    into: Path | None,
    has_rows: bool,
    release: datetime.datetime | None,
) -> None:
    """Import the salaries that aijobs.net published as FILE (.csv, or .csv.gz).

    Only the ranges advertised in the United States in the last two years of the file count. They
    become percentiles by role and level, as those that Paycite ships of one release; the roles in
    the seeds decide how titles are read.
    """
    _import("aijobs", settings, file, into, release, has_rows=has_rows)


@click.command("infosec")
@_with_arguments
def import_infosec(
    settings: Settings,
    file: Path,
    into: Path | None,
    has_rows: bool,
    release: datetime.datetime | None,
) -> None:
    """Import the salaries that infosec-jobs published as FILE (.csv, or .csv.gz).

    It is the sister board of aijobs.net for information security, with the same columns, read the
    same way. Only security roles become percentiles: aijobs.net lists many of the other jobs too.
    """
    _import("infosec", settings, file, into, release, has_rows=has_rows)


def _import(
    name: str,
    settings: Settings,
    file: Path,
    into: Path | None,
    release: datetime.datetime | None,
    *,
    has_rows: bool,
) -> None:
    board = BOARDS[name]
    month = release.date() if release else None
    if not has_rows:
        _import_percentiles(board, settings, file, into, month)
        return
    if into:
        raise click.UsageError("--rows are imported into the data directory: remove --into.")
    with importing():
        source = aijobs.build_source(board, file, month)
    run_observations_import(
        settings,
        [file],
        source,
        board.note,
        lambda parser, progress: aijobs.read_observations(file, source, parser, progress),
    )
    report_replacement(settings, source.id)


def _import_percentiles(
    board: aijobs.Board,
    settings: Settings,
    file: Path,
    into: Path | None,
    month: datetime.date | None,
) -> None:
    with importing():
        with reading([file]) as progress:
            imported = percentiles.import_release(
                board, file, into or settings.imported, settings.seeds, month, progress
            )
        # They would hide the percentiles.
        had_rows = not into and remove_observations(imported.name, settings.observations)
    cells, ranges = len(imported.cells), sum(imported.cells.values())
    click.echo(
        f"Imported {imported.name}: {quantity(cells, 'row')} from {quantity(ranges, 'range')}."
    )
    if had_rows:
        click.echo("Removed the observations that were imported from it earlier.")
    if not into:
        report_replacement(settings, imported.name)
    for reason, count in imported.left_out.items():
        click.echo(f"Skipped {quantity(count, 'range')}: {reason}.")
    for (role, level), count in imported.too_few.items():
        click.echo(
            f"Skipped {role}, {level}: {quantity(count, 'range')}, fewer than {percentiles.FEWEST}."
        )
    for title, count in islice(imported.unread.items(), _UNREAD_SHOWN):
        click.echo(f"Title without a role: {title} ({quantity(count, 'range')}).")
