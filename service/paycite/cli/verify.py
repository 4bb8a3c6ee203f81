"""The command `paycite verify`."""

from typing import IO

import click
import msgspec

from paycite import __version__
from paycite.dataset.published import Datasets
from paycite.dataset.store import DatasetError
from paycite.model.problem import Refusal
from paycite.questions.verify import differences
from paycite.settings import Settings


@click.command()
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def verify(settings: Settings, file: IO[bytes]) -> None:
    """Recompute the answer saved in FILE (- for standard input) and show differences."""
    try:
        found = differences(file.read(), Datasets(settings.datasets))
    except (DatasetError, Refusal) as error:
        raise click.ClickException(f"Cannot recompute the answer: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise click.ClickException(
            f"{file.name} is not a saved answer of /salary: {error}"
        ) from None
    for difference in found:
        click.echo(str(difference))
    if found:
        raise click.ClickException(
            f"Paycite {__version__} gives a different answer from this dataset."
        )
    click.echo("Verified: the dataset gives exactly this answer.")
