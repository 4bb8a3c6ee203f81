"""The commands `paycite keys`: who may see private sources."""

import datetime

import click

from paycite.keys import KeyRefused, Keys
from paycite.settings import Settings


@click.group()
@click.pass_obj
def keys(settings: Settings) -> None:
    """Add, list or revoke the API keys of those who may see private sources."""


@keys.command()
@click.argument("name")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day it works (UTC); until it is revoked if left out.",
)
@click.pass_obj
def add(settings: Settings, name: str, expires: datetime.datetime | None) -> None:
    """Add a key called NAME and print it. It cannot be shown again."""
    try:
        key = Keys(settings.data).add(name, expires.date() if expires else None)
    except (KeyRefused, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo("Keep this key: it cannot be shown again.", err=True)
    click.echo(key)


@keys.command("list")
@click.pass_obj
def list_keys(settings: Settings) -> None:
    """List the names of the keys, and until when they work."""
    try:
        found = Keys(settings.data).all()
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    for key in found:
        state = " (expired)" if key.is_expired else ""
        click.echo(f"{key.name}  added {key.added}  expires {key.expires or 'never'}{state}")


@keys.command()
@click.argument("name")
@click.pass_obj
def revoke(settings: Settings, name: str) -> None:
    """Revoke the key called NAME: a running service refuses it from then on."""
    try:
        Keys(settings.data).revoke(name)
    except (KeyRefused, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Revoked {name}.")
