"""The command `paycite backtest`."""

import datetime
import sys
from contextlib import closing
from pathlib import Path

import click

from paycite.backtest import Result, Split, run_backtest
from paycite.backtest.report import write_report
from paycite.backtest.scores import write_scores
from paycite.dataset.observations import add_months
from paycite.dataset.published import Datasets
from paycite.match import nearest
from paycite.model.observation import Observed
from paycite.seeds.observations import observed
from paycite.settings import Settings

_FOLDS = 5
_PICTURES = (".svg", ".png")


def _picture(_: click.Context, __: click.Parameter, file: Path | None) -> Path | None:
    if file and file.suffix not in _PICTURES:
        raise click.BadParameter(f"{file}: the name must end with {' or '.join(_PICTURES)}")
    if file and not file.parent.is_dir():
        raise click.BadParameter(f"{file.parent} is not a directory")
    return file


@click.command("backtest")
@click.argument("source")
@click.option(
    "--folds",
    type=click.IntRange(2, 100),
    help=f"Folds of employers, each predicted from the others; {_FOLDS} if left out.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="Instead, predict observations on or after DAY from earlier ones.",
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    callback=_picture,
    help="Write a chart to this file, .svg or .png.",
)
@click.pass_obj
def backtest_command(
    settings: Settings,
    source: str,
    folds: int | None,
    since: datetime.datetime | None,
    picture: Path | None,
) -> None:
    """Test how well the imported observations of SOURCE predict held-out ones.

    Prints, as Markdown, the errors of Paycite's pooling, of simpler methods and of LightGBM (if it
    is installed), and the errors of other sources of the current dataset for the same roles, levels
    and places. The next build serves the scores, but not those of --since.
    """
    if folds and since:
        raise click.UsageError("--folds and --since are alternatives. Give one of them.")
    split = Split(since=since.date()) if since else Split(folds=folds or _FOLDS)
    result = _result(settings, _imported(settings, source), split)
    click.echo(write_report(result), nl=False)
    if not since:
        write_scores(result, settings.observations)
    if picture:
        from paycite.backtest.picture import draw_picture  # slow to import

        draw_picture(result, picture)


def _imported(settings: Settings, source: str) -> Observed:
    imported = {one.source.id: one for one in observed(settings.observations)}
    if source in imported:
        return imported[source]
    there_is = f"imported: {', '.join(imported)}" if imported else "nothing was imported"
    like = nearest(source, imported)
    meant = f" (did you mean {like[0]}?)" if like else ""
    raise click.ClickException(f"no observations of {source!r}{meant}; {there_is}")


def _result(settings: Settings, imported: Observed, split: Split) -> Result:
    with (
        closing(Datasets(settings.datasets)) as datasets,
        click.progressbar(length=split.folds or 1, label="predicting", file=sys.stderr) as bar,
    ):
        snapshot = datasets.current.snapshot
        last_used = add_months(snapshot.as_of, -settings.months_of_age)
        return run_backtest(
            imported,
            settings.observations / f"{imported.source.id}.parquet",
            split,
            settings.datasets / f"{snapshot.version}.duckdb",
            snapshot,
            bar.update,
            last_used if imported.source.is_private else None,
        )
