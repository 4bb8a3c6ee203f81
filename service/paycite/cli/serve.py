"""The command `paycite serve`."""

import os
import signal
import socket
from contextlib import closing
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces

from paycite.cli.build import build_if_none
from paycite.dataset.store import Datasets
from paycite.hosts import is_loopback
from paycite.settings import ANY_HOST, Settings

_SECONDS_TO_STOP = 10  # for the answers under way


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1))
@click.option(
    "--open",
    "opened",
    type=click.Choice(["all"]),
    help="Show private sources to every caller of this server, not only to those with a key.",
)
@click.option(
    "--open-beyond-this-machine",
    "is_open_beyond",
    is_flag=True,
    help="Allow --open on an address that other machines can reach.",
)
@click.pass_obj
def serve(
    settings: Settings,
    host: str,
    port: int,
    workers: int,
    opened: str | None,
    is_open_beyond: bool,
) -> None:
    """Serve the current dataset over HTTP; build it first if none can be read. Without --open,
    private sources are shown to those with a key (`paycite keys`)."""
    is_open = settings.is_open or opened is not None
    if is_open and not is_open_beyond and not is_loopback(host):
        raise click.ClickException(
            f"Everyone who can reach {host} would see private sources. Serve on 127.0.0.1, hand "
            "out keys instead of --open (`paycite keys add`), or add --open-beyond-this-machine."
        )
    if is_open and not is_loopback(host) and not settings.hosts and not settings.url:
        raise click.ClickException(
            "Set PAYCITE_HOSTS to the names by which this server is reached, such as pay.example: "
            "otherwise any web page could read private sources by a name of its own."
        )
    _check_port(host, port)
    build_if_none(settings)
    _say_who_sees_what(settings, is_open=is_open)
    # For the workers.
    os.environ["PAYCITE_OPEN"] = "all" if is_open else ""
    if not is_open and not is_loopback(host) and not settings.hosts:
        os.environ["PAYCITE_HOSTS"] = ANY_HOST
    Granian(
        "paycite.cli.serve:load_app",
        factory=True,
        interface=Interfaces.ASGI,
        address=host,
        port=port,
        workers=workers,
        respawn_failed_workers=True,
        workers_kill_timeout=_SECONDS_TO_STOP,
    ).serve()


def load_app() -> Any:
    """The application, in a worker: DatasetError if there is no dataset."""
    # The worker inherits a handler that does nothing, until the server sets its own: a signal
    # during the start would be lost.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_DFL)
    from paycite.web.app import create_app

    return create_app()


def _say_who_sees_what(settings: Settings, *, is_open: bool) -> None:
    with closing(Datasets(settings.datasets)) as datasets:
        if datasets.current.public_version is None:
            return
    click.echo(
        "Private sources are shown to every caller."
        if is_open
        else "Private sources are shown only to those with a key (`paycite keys add NAME`); "
        "--open all shows them to every caller.",
        err=True,
    )


def _check_port(host: str, port: int) -> None:
    """Refuse a port that is in use: the server would share it with another that does the same."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        raise click.ClickException(f"Cannot serve on {host}:{port}: {error}") from None
