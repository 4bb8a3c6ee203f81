"""The command `paycite publish`."""

import click

from paycite.settings import Settings


@click.command()
@click.argument("place", metavar="PLACE")
@click.option(
    "--with-private",
    is_flag=True,
    help="Publish private sources too: anyone who can read PLACE can read their figures.",
)
@click.pass_obj
def publish(settings: Settings, place: str, with_private: bool) -> None:
    """Publish the current dataset to PLACE (s3://BUCKET/PREFIX, or a folder), for servers that run
    with --dataset PLACE. Private sources stay here without --with-private."""
    from paycite.dataset.remote import Place
    from paycite.dataset.remote import publish as publish_datasets

    manifest = publish_datasets(settings.datasets, Place(place), with_private=with_private)
    pointer = manifest.pointer
    click.echo(f"Published {pointer.version} to {place}: generation {pointer.generation}.")
