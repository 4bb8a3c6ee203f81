"""The command `paycite diff`: what changed between two datasets."""

from contextlib import closing

import click

from paycite.dataset.changes import compare
from paycite.dataset.pointer import PUBLIC
from paycite.dataset.published import Datasets
from paycite.match import nearest
from paycite.model.change import Change
from paycite.model.money import in_dollars
from paycite.present.changes import describe_cause, describe_change, describe_changes
from paycite.settings import Settings


@click.command()
@click.argument("earlier", metavar="A")
@click.argument("later", metavar="B")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0), help="Estimates.")
@click.pass_obj
def diff(settings: Settings, earlier: str, later: str, limit: int) -> None:
    """Print which estimates moved from dataset A to dataset B, and because of which source; the
    largest change first. Datasets with private sources are not compared."""
    with closing(Datasets(settings.datasets, scope=PUBLIC)) as datasets:
        for version in (earlier, later):
            _check(version, datasets.kept())
    comparison = compare(settings.datasets, earlier, later)
    click.echo("\n".join(describe_changes(comparison.summarize(), earlier)))
    for one in comparison.read_page(None, limit):
        click.echo(_describe(one))


def _check(version: str, kept: list[str]) -> None:
    if version not in kept:
        near = ", ".join(nearest(version, kept) or kept)
        raise click.ClickException(f"Unknown public dataset {version!r}. Public datasets: {near}.")


def _describe(one: Change) -> str:
    before, after = (in_dollars(side.p50) if side else "none" for side in (one.before, one.after))
    causes = "; ".join(map(describe_cause, one.causes))
    change = describe_change(one.change, is_new=one.before is None)
    return f"{one.id}  {before} -> {after}  {change}" + (f"  ({causes})" if causes else "")
