"""The command `paycite serve`."""

import signal
import socket
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces

from paycite.cli.build import build_if_none
from paycite.settings import Settings

_SECONDS_TO_STOP = 10  # for the answers under way


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1))
@click.pass_obj
def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve the current dataset over HTTP; build it first if none can be read."""
    _check_port(host, port)
    build_if_none(settings)
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
