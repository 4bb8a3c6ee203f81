"""The command `paycite rollback`: go back to an earlier dataset."""

from functools import partial

import click

from paycite.cli.build import refuse_follower
from paycite.dataset.rollback import roll_back
from paycite.dataset.store import DatasetError
from paycite.settings import Settings


@click.command()
@click.argument("version", required=False)
@click.pass_obj
def rollback(settings: Settings, version: str | None) -> None:
    """Make the dataset that was published before the current one current again, or that of VERSION.

    It is read whole first. The next `paycite build` publishes what the seeds and imports say.
    """
    refuse_follower(settings.datasets)
    try:
        click.echo(roll_back(settings.datasets, version, partial(click.echo, err=True)))
    except DatasetError as error:
        raise click.ClickException(f"{error}\nNothing was changed.") from None
