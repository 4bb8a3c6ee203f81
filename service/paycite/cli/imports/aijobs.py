"""The commands `paycite import aijobs` and `paycite import infosec`."""

import datetime
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import click

from paycite.cli.imports.common import (
    build_or_exit,
    into_option,
    quantity,
    report_replacement,
    run_observations_import,
)
from paycite.importers import ImportRefused, aijobs
from paycite.importers.aijobs import BOARDS, percentiles
from paycite.seeds import SeedError
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
        into_option("Write percentiles by role and level to this directory, as in the seeds."),
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = decorate(command)
    return command


@click.command("aijobs")
@_with_arguments
def import_aijobs(
    settings: Settings, file: Path, into: Path | None, release: datetime.datetime | None
) -> None:
    """Import the salaries that aijobs.net published as FILE (.csv, or .csv.gz).

    Only the ranges advertised in the United States in the last two years of the file count. With
    --into, they become percentiles in two files (CSV and TOML), as Paycite ships those of one
    release; the roles in the seeds then decide how titles are read.
    """
    _import("aijobs", settings, file, into, release)


@click.command("infosec")
@_with_arguments
def import_infosec(
    settings: Settings, file: Path, into: Path | None, release: datetime.datetime | None
) -> None:
    """Import the salaries that infosec-jobs published as FILE (.csv, or .csv.gz).

    It is the sister board of aijobs.net for information security, with the same columns, read the
    same way. With --into, only security roles are written: the rest duplicates aijobs.net.
    """
    _import("infosec", settings, file, into, release)


def _import(
    name: str, settings: Settings, file: Path, into: Path | None, release: datetime.datetime | None
) -> None:
    board = BOARDS[name]
    month = release.date() if release else None
    if into:
        _write_percentiles(board, settings, file, into, month)
        return
    source = build_or_exit(lambda: aijobs.build_source(board, file, month))
    run_observations_import(
        settings,
        [file],
        source,
        board.note,
        lambda parser, progress: aijobs.read_observations(file, source, parser, progress),
    )
    report_replacement(settings, source.id)


def _write_percentiles(
    board: aijobs.Board, settings: Settings, file: Path, into: Path, month: datetime.date | None
) -> None:
    try:
        with click.progressbar(length=file.stat().st_size, label="reading", file=sys.stderr) as bar:
            imported = percentiles.import_release(
                board, file, into, settings.seeds, month, bar.update
            )
    except (ImportRefused, SeedError, OSError) as error:
        raise click.ClickException(str(error)) from None
    cells, ranges = len(imported.cells), sum(imported.cells.values())
    click.echo(f"Wrote {imported.name}: {quantity(cells, 'row')} from {quantity(ranges, 'range')}.")
    for reason, count in imported.left_out.items():
        click.echo(f"Skipped {quantity(count, 'range')}: {reason}.")
    for (role, level), count in imported.too_few.items():
        click.echo(
            f"Skipped {role}, {level}: {quantity(count, 'range')}, fewer than {percentiles.FEWEST}."
        )
    for title, count in islice(imported.unread.items(), _UNREAD_SHOWN):
        click.echo(f"Title without a role: {title} ({quantity(count, 'range')}).")
