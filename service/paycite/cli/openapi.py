"""The command `paycite openapi`."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec

from paycite.cli.build import build_with
from paycite.dataset.published import Datasets
from paycite.settings import Settings
from paycite.web.openapi import write_document


@click.command()
@click.pass_obj
def openapi(settings: Settings) -> None:
    """Print the OpenAPI document, its examples answered from the seeds."""
    with TemporaryDirectory() as folder:
        nowhere = Path(folder, "imported")  # what is imported here is none of the seeds
        own = msgspec.structs.replace(
            settings, datasets=Path(folder), imported=nowhere, observations=nowhere
        )
        build_with(own)
        with closing(Datasets(Path(folder))) as datasets:
            click.echo(write_document(datasets), nl=False)
