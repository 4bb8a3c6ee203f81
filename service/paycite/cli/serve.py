"""The command `paycite serve`."""

import atexit
import copy
import gc
import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

import click
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LOGGING_CONFIG

from paycite.cli import read_settings
from paycite.cli.build import build_if_none, build_scope, check_private
from paycite.cli.follow import follow
from paycite.dataset.pointer import Scope
from paycite.dataset.store import DatasetError
from paycite.hosts import is_loopback
from paycite.settings import ANY_HOST, Settings
from paycite.web.logs import JsonFormatter, set_up
from paycite.web.memory import limit_free_memory
from paycite.web.quotas import LEDGER_WINDOW, open_ledger
from paycite.web.quotas.local_ledger import running_ledger

_LOG = logging.getLogger("paycite")
_SECONDS_TO_STOP = 25  # for the answers under way: Kubernetes kills after 30
_SECONDS_TO_ASK = 10  # for the head of a request, also on a connection that is kept alive
_SECONDS_BETWEEN_LOOKS = 1
_OTHER_FILES = 200  # that a process may have open, beside its connections
_TO_WHOM = (
    "are shown only to those with a key (`paycite keys add NAME`); "
    "--open all shows them to every caller."
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1))
@click.option(
    "--metrics-port", type=click.IntRange(1, 65_535), help="Serve metrics for Prometheus there."
)
@click.option("--metrics-host", default="127.0.0.1", show_default=True)
@click.option(
    "--open",
    "opened",
    metavar="SOURCE|all",
    multiple=True,
    help="Show private sources to every caller of this server, not only to those with a key.",
)
@click.option(
    "--open-beyond-this-machine",
    "is_open_beyond",
    is_flag=True,
    help="Allow --open on an address that other machines can reach.",
)
@click.option(
    "--dataset",
    "place",
    metavar="PLACE",
    help="Follow what `paycite publish` publishes to PLACE: s3://BUCKET/PREFIX, or a folder.",
)
@click.pass_obj
def serve(
    settings: Settings,
    host: str,
    port: int,
    workers: int,
    metrics_port: int | None,
    metrics_host: str,
    opened: tuple[str, ...],
    is_open_beyond: bool,
    place: str | None,
) -> None:
    """Serve the current dataset over HTTP; build it first if none can be read, or take it from
    --dataset. Without --open, private sources are shown to those with a key (`paycite keys`)."""
    if opened:
        os.environ["PAYCITE_OPEN"] = ",".join(opened)  # for the workers too
        settings = read_settings()
    is_open = settings.is_open
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
    if metrics_port == port:
        raise click.ClickException("Metrics need a port of their own: change --metrics-port.")
    _check_port(host, port)
    set_up(is_json=settings.logs_json)
    if place:
        follow(settings.datasets, place)
    has_private = build_if_none(settings)
    if settings.opened:
        check_private(settings, settings.opened)
        build_scope(settings, settings.opened, _LOG.info)
    if has_private:
        _LOG.info(_describe(settings.opened))
    if not is_open and not is_loopback(host) and not settings.hosts:
        os.environ["PAYCITE_HOSTS"] = ANY_HOST
    if place or metrics_port or settings.has_quotas:
        # A worker that is forked while another thread works could inherit a lock that it holds.
        multiprocessing.set_start_method("spawn")
    server = Granian(
        "paycite.cli.serve:load_app",
        interface=Interfaces.RSGI,
        address=host,
        port=port,
        workers=workers,
        respawn_failed_workers=True,
        workers_kill_timeout=_SECONDS_TO_STOP,
        # Only HTTP/1 has a limit on the time to ask; telling it from HTTP/2 waits for bytes that an
        # idle client never sends.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_SECONDS_TO_ASK * 1_000),
        websockets=False,
        # Beyond it, a worker accepts no connection: a thousand idle ones must not stop it.
        backpressure=_most_connections(),
        backlog=4_096,
        log_dictconfig=_log_config() if settings.logs_json else None,
    )
    metrics = _metrics(settings, metrics_host, metrics_port) if metrics_port else nullcontext()
    with _shared_quotas(settings, workers), metrics:
        # Granian's own loader imports what lies in the directory that it was started in.
        server.serve(target_loader=load_app, wrap_loader=False)


def _describe(opened: Scope | None) -> str:
    if opened is None:
        return "Private sources are shown to every caller."
    shown = f"Every caller sees {', '.join(sorted(opened))}. Other private" if opened else "Private"
    return f"{shown} sources {_TO_WHOM}"


@contextmanager
def _metrics(settings: Settings, host: str, port: int) -> Iterator[None]:
    from paycite.web.metrics_port import serve_metrics

    with ExitStack() as stack:
        try:
            stack.enter_context(serve_metrics(host, port, settings.datasets))
        except (OSError, UnicodeError) as error:
            raise click.ClickException(f"Cannot serve metrics on {host}:{port}: {error}") from None
        yield


def _log_config() -> dict[str, Any]:
    """The server's own log, in JSON too."""
    config: dict[str, Any] = copy.deepcopy(LOGGING_CONFIG)
    config["formatters"]["generic"] = {"()": JsonFormatter}
    return config


@contextmanager
def _shared_quotas(settings: Settings, workers: int) -> Iterator[None]:
    """Check the server of quotas, or start what the workers share instead."""
    if not settings.has_quotas:
        yield
    elif settings.quota_server:
        try:
            open_ledger(settings.quota_server)
        except ImportError:
            raise click.ClickException(
                "PAYCITE_QUOTA_SERVER needs the extra redis: see docs/operating.md#extras."
            ) from None
        except (TypeError, ValueError) as error:
            raise click.ClickException(f"Invalid PAYCITE_QUOTA_SERVER: {error}.") from None
        yield
    elif workers > 1:
        with running_ledger(LEDGER_WINDOW) as address:
            os.environ["PAYCITE_QUOTA_SERVER"] = address
            yield
    else:
        yield


def _most_connections() -> int:
    """As many as the system allows files, after raising its soft limit."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = 65_536 if most == resource.RLIM_INFINITY else min(most, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return max(files - _OTHER_FILES, _OTHER_FILES)


def load_app() -> Any:
    """The application, in a worker: DatasetError if there is no dataset."""
    # The worker inherits a handler that does nothing, until the server sets its own: a signal
    # during the start would be lost.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_DFL)
    limit_free_memory()
    threading.Thread(target=_exit_with, args=[os.getppid()], daemon=True).start()
    # What is loaded here lives as long as the process: looking through it for garbage would take
    # a fifth of the start, and time from answers afterwards.
    gc.disable()
    from paycite.web.app import create_app

    try:
        app = create_app()
    except (DatasetError, OSError) as error:  # it is started again, until it can be
        sys.exit(f"A worker cannot start: {error}")
    gc.freeze()
    atexit.register(gc.unfreeze)  # else a worker says at its end what DuckDB's binding has left
    gc.enable()
    return app


def _exit_with(parent: int) -> None:
    """End a worker whose parent was killed: it would keep the port and its memory."""
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)


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
