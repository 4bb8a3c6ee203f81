"""The commands `paycite keys`: who may see private sources."""

import datetime
from functools import partial

import click

from paycite.cli.build import build_scope, check_private
from paycite.dataset.pointer import Scope
from paycite.keys import Keys, today
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
@click.option(
    "--source",
    "sources",
    metavar="SOURCE",
    multiple=True,
    help="A private source that it shows, and no other; may be repeated. All if left out.",
)
@click.pass_obj
def add(
    settings: Settings, name: str, expires: datetime.datetime | None, sources: tuple[str, ...]
) -> None:
    """Add a key called NAME and print it. It cannot be shown again."""
    scope = Scope(sources)
    if scope:
        check_private(settings, scope)
    kept = Keys(settings.data)
    key = kept.add(name, expires.date() if expires else None, tuple(sorted(scope)) or None)
    try:
        if scope:
            build_scope(settings, scope, partial(click.echo, err=True))
    except BaseException:  # nobody has seen it
        kept.revoke(name)
        raise
    click.echo("Keep this key: it cannot be shown again.", err=True)
    click.echo(key)


@keys.command("list")
@click.pass_obj
def list_keys(settings: Settings) -> None:
    """List the names of the keys, until when they work, and what they show."""
    for key in Keys(settings.data).all():
        state = " (expired)" if key.is_expired(today()) else ""
        shows = ", ".join(key.sources or ["all private sources"])
        click.echo(
            f"{key.name}  added {key.added}  expires {key.expires or 'never'}{state}  shows {shows}"
        )


@keys.command()
@click.argument("name")
@click.pass_obj
def revoke(settings: Settings, name: str) -> None:
    """Revoke the key called NAME: a running service refuses it from then on."""
    Keys(settings.data).revoke(name)
    click.echo(f"Revoked {name}.")
