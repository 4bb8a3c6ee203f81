"""The command `paycite build`, and the build that other commands start."""

import datetime
from contextlib import closing

import click

from paycite.dataset.store import DatasetError, Datasets
from paycite.settings import Settings


@click.command()
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The date of the dataset; the newest date among the sources if left out.",
)
@click.pass_obj
def build(settings: Settings, as_of: datetime.datetime | None) -> None:
    """Build the dataset from the seeds and the imports, and make it the current one."""
    click.echo(build_with(settings, as_of.date() if as_of else None))


def build_if_none(settings: Settings) -> bool:
    """Build a dataset where none can be read; return whether the current one has private
    sources."""
    try:
        return _check(settings)
    except DatasetError as error:
        click.echo(f"{error}\nBuilt dataset {build_with(settings)}.", err=True)
        return _check(settings)


def _check(settings: Settings) -> bool:
    with closing(Datasets(settings.datasets)) as datasets:
        is_private = datasets.current.public_version is not None
    if is_private:
        Datasets(settings.datasets, is_public=True).close()
    return is_private


def build_with(settings: Settings, as_of: datetime.date | None = None) -> str:
    """The version of the dataset that was built; ClickException if it cannot be."""
    # Not needed to serve a dataset that is built.
    from paycite.dataset.build import AuditError
    from paycite.dataset.build import build as build_dataset
    from paycite.model.pool import Thresholds
    from paycite.seeds import SeedError

    try:
        return build_dataset(
            settings.seeds,
            settings.datasets,
            settings.keep,
            as_of,
            settings.imported,
            settings.observations,
            Thresholds(
                employers=settings.fewest_employers,
                largest_share=settings.largest_share,
                months=settings.months_of_age,
            ),
            settings.keep_private,
        )
    except (SeedError, AuditError) as error:
        raise click.ClickException(str(error)) from None
