"""The command `paycite import dol-lca`."""

import datetime
from contextlib import closing
from pathlib import Path

import click

from paycite.cli.imports.common import (
    files_argument,
    importing,
    into_option,
    quantity,
    reading,
    run_observations_import,
)
from paycite.dataset.published import Datasets
from paycite.importers import lca
from paycite.importers.common.fields import FieldParser
from paycite.importers.lca import pooled
from paycite.model.figure import Source
from paycite.seeds.occupations import load_crosswalk
from paycite.settings import Settings


@click.command("dol-lca")
@files_argument
@into_option("Write pooled pay to this directory, as in the seeds, and no observations.")
@click.option(
    "--release",
    help="The quarter, such as FY2025Q1; by default, the quarters in the files' names.",
)
@click.option(
    "--published",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which the Department of Labor released it.",
)
@click.option(
    "--with-dependent",
    is_flag=True,
    help="Include H-1B-dependent employers, most of which are outsourcing firms.",
)
@click.pass_obj
def import_dol_lca(
    settings: Settings,
    files: tuple[Path, ...],
    into: Path | None,
    release: str | None,
    published: datetime.datetime | None,
    with_dependent: bool,
) -> None:
    """Import filings of H-1B pay from FILES: the LCA disclosure data of the Department of Labor
    since fiscal year 2020, as .xlsx, or as .csv or .parquet made from it.

    Only certified filings for full-time H-1B positions count, each case as it was last decided.
    Give all quarters together: they are one source, named after the first and the last of them.

    With --into, the filings are pooled by role, level and place, and the statistics of five
    employers or more are written to two files (CSV and TOML), as Paycite ships them.
    """
    with importing():
        source = lca.build_source(files, release, published.date() if published else None)
        crosswalk = load_crosswalk(settings.seeds)
    filings = lca.Filings(files, crosswalk, with_dependent)
    if into:
        _write_pooled(settings, files, source, filings, into, with_dependent)
    else:
        run_observations_import(settings, files, source, lca.NOTE, filings.read_observations)
    click.echo(f"Skipped {quantity(filings.blank, 'blank row')}.")


def _write_pooled(
    settings: Settings,
    files: tuple[Path, ...],
    source: Source,
    filings: lca.Filings,
    into: Path,
    with_dependent: bool,
) -> None:
    with importing():
        with closing(Datasets(settings.datasets)) as datasets:
            snapshot = datasets.current.snapshot
        dataset = settings.datasets / f"{snapshot.version}.duckdb"
        with reading(files) as progress:
            rows = filings.read_observations(FieldParser(snapshot), progress)
            written = pooled.write_pooled_pay(
                source, files, rows, dataset, into, settings.seeds, with_dependent=with_dependent
            )
    click.echo(
        f"Wrote {source.id}: {quantity(written.rows, 'statistic')} from "
        f"{quantity(written.observations, 'observation')} of a role by "
        f"{quantity(written.employers, 'employer')}."
    )
