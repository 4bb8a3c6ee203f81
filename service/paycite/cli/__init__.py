"""The command `paycite`."""

import datetime
import socket
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import click
import msgspec
from granian import Granian
from granian.constants import Interfaces

from paycite import __version__
from paycite.cli.annotate import annotate
from paycite.cli.backtest import backtest_command
from paycite.cli.imports import import_
from paycite.cli.sources import list_sources, remove
from paycite.dataset.build import AuditError
from paycite.dataset.build import build as build_dataset
from paycite.dataset.store import DatasetError, Datasets
from paycite.match import Vocabulary
from paycite.match_report import LABELLED, LabelError, outcomes, report
from paycite.model.problem import Refusal
from paycite.seeds import SeedError
from paycite.settings import Settings
from paycite.verify import differences


@click.group()
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context) -> None:
    """Salary benchmarks in which every figure carries its source."""
    try:
        context.obj = Settings.from_environment()
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day that ages are counted from; the newest date among the sources if left out.",
)
@click.pass_obj
def build(settings: Settings, as_of: datetime.datetime | None) -> None:
    """Build the dataset from the seeds and make it the current one."""
    click.echo(_build(settings, as_of.date() if as_of else None))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1))
@click.pass_obj
def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve the current dataset over HTTP; build it first if none can be read."""
    _refuse_taken(host, port)
    _build_if_none(settings)
    Granian(
        "paycite.api:create_app",
        factory=True,
        interface=Interfaces.ASGI,
        address=host,
        port=port,
        workers=workers,
        respawn_failed_workers=True,
    ).serve()


def _refuse_taken(host: str, port: int) -> None:
    """The server shares a port with any other that would share it; two services must not."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        raise click.ClickException(f"cannot serve on {host}:{port}: {error}") from None


@main.command("mcp")
@click.pass_obj
def mcp_command(settings: Settings) -> None:
    """Answer agents over standard input and output, by the Model Context Protocol; build the
    dataset first if none can be read."""
    from paycite.cli.mcp import answer_agents  # its SDK takes as long to load as all the rest

    _build_if_none(settings)
    answer_agents(settings.datasets)


@main.command()
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def verify(settings: Settings, file: IO[bytes]) -> None:
    """Recompute the answer saved in FILE (- for standard input), and say where it differs."""
    try:
        found = differences(file.read(), Datasets(settings.datasets))
    except (DatasetError, Refusal) as error:
        raise click.ClickException(f"cannot be recomputed: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise click.ClickException(f"{file.name} is no saved answer of /salary: {error}") from None
    for difference in found:
        click.echo(str(difference))
    if found:
        raise click.ClickException(f"Paycite {__version__} gives another answer from its dataset")
    click.echo("verified: the dataset gives this answer, in every place")


main.add_command(annotate)
main.add_command(import_)
main.add_command(list_sources)
main.add_command(remove)
main.add_command(backtest_command)


@main.command("match-report")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--wrong", is_flag=True, help="List what was read wrongly, or wrongly refused.")
@click.pass_obj
def match_report(settings: Settings, files: tuple[Path, ...], wrong: bool) -> None:
    """Tell how well the current dataset reads the titles and places of labelled FILES."""
    files = files or tuple(file for file in LABELLED if file.exists())
    if not files:
        raise click.ClickException(f"no labelled file is in {LABELLED[0].parent}: name one")
    try:
        with closing(Datasets(settings.datasets)) as datasets:
            snapshot = datasets.current.snapshot
            names = Vocabulary(snapshot)
            for file in files:
                found = outcomes(file, names, snapshot)
                click.echo(file)
                for name, value in report(found):
                    click.echo(f"  {name}: {value}")
                for outcome in found if wrong else ():
                    if outcome.verdict in ("wrong", "wrongly refused"):
                        click.echo(f"  {outcome}")
    except (DatasetError, LabelError) as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.pass_obj
def openapi(settings: Settings) -> None:
    """Print the OpenAPI document, its examples answered from the seeds."""
    from paycite.api.openapi import document  # it brings a test client, which nothing else needs

    with TemporaryDirectory() as folder:
        nowhere = Path(folder, "imported")  # what is imported here is none of the seeds
        own = msgspec.structs.replace(
            settings, datasets=Path(folder), imported=nowhere, observations=nowhere
        )
        _build(own, None)
        with closing(Datasets(Path(folder))) as datasets:
            click.echo(document(datasets), nl=False)


def _build_if_none(settings: Settings) -> None:
    try:
        Datasets(settings.datasets).close()
    except DatasetError as error:
        click.echo(f"{error}\nbuilt dataset {_build(settings, None)}", err=True)


def _build(settings: Settings, as_of: datetime.date | None) -> str:
    try:
        return build_dataset(
            settings.seeds,
            settings.datasets,
            settings.keep,
            as_of,
            settings.imported,
            settings.observations,
        )
    except (SeedError, AuditError, OSError) as error:
        raise click.ClickException(str(error)) from None
