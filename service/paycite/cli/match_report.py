"""The command `paycite match-report`."""

from contextlib import closing
from pathlib import Path

import click

from paycite.backtest.match_report import LABELED, outcomes, report
from paycite.dataset.published import Datasets
from paycite.match import Vocabulary
from paycite.settings import Settings


@click.command("match-report")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--wrong", is_flag=True, help="List the errors.")
@click.pass_obj
def match_report(settings: Settings, files: tuple[Path, ...], wrong: bool) -> None:
    """Measure how well titles and places are matched on labeled FILES."""
    files = files or tuple(file for file in LABELED if file.exists())
    if not files:
        raise click.ClickException(
            "Name a labeled file: only a source checkout of Paycite includes some."
        )
    with closing(Datasets(settings.datasets)) as datasets:
        snapshot = datasets.current.snapshot
        names = Vocabulary(snapshot)
        for file in files:
            found = outcomes(file, names, snapshot)
            click.echo(file)
            for name, value in report(found):
                click.echo(f"  {name}: {value}")
            for outcome in found if wrong else ():
                if outcome.verdict in ("wrong", "wrongly refused"):
                    click.echo(f"  {outcome}")
