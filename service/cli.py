"""The command `paycite`."""

import datetime
import socket
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import click
import msgspec
from granian import Granian
from granian.constants import Interfaces

from service import __version__
from service.dataset.build import AuditError
from service.dataset.build import build as build_dataset
from service.dataset.store import DatasetError, Datasets
from service.importers import ImportRefused
from service.match import Vocabulary
from service.match_report import LABELLED, LabelError, outcomes, report
from service.model.problem import Refusal
from service.seeds import SeedError
from service.settings import Settings
from service.verify import differences

_UNREAD_SHOWN = 10  # titles, the most frequent


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
    try:
        Datasets(settings.datasets).close()
    except DatasetError as error:
        click.echo(f"{error}\nbuilt dataset {_build(settings, None)}")
    Granian(
        "service.api:create_app",
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


_into = click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to; `distributions` in the data folder if left out.",
)


@main.group("import")
def import_() -> None:
    """Import a release that someone else published; the next build reads it."""


@import_.command("bls-oews")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@_into
@click.option(
    "--published", type=click.DateTime(["%Y-%m-%d"]), help="The day that BLS released it."
)
@click.pass_obj
def bls_oews(
    settings: Settings,
    files: tuple[Path, ...],
    into: Path | None,
    published: datetime.datetime | None,
) -> None:
    """Import a May release of Occupational Employment and Wage Statistics from FILES.

    FILES are its workbooks (national, state, MSA, BOS; .xlsx, or the .zip that BLS ships them
    in), or its time-series files oe.data.0.Current, oe.area, oe.occupation and oe.footnote. Give
    all that are to be imported together: an import replaces the earlier one of the release.

    The checksum of the source is that of the file, or, of several, that of the lines
    "SHA-256  NAME" in order, as `sha256sum FILES | sort | sha256sum` gives it in their folder.
    """
    from service.importers import oews  # it brings a reader of workbooks, which nothing else needs

    size = sum(file.stat().st_size for file in files)
    try:
        with click.progressbar(length=size, label="reading", file=sys.stderr) as bar:
            imported = oews.import_release(
                files,
                into or settings.imported,
                settings.seeds,
                published.date() if published else None,
                bar.update,
            )
            bar.update(size - bar.pos)  # what was not read, such as the end of a zip file
    except (ImportRefused, SeedError, OSError) as error:
        raise click.ClickException(
            f"{error}\nNothing was imported. BLS publishes the workbooks at "
            "https://www.bls.gov/oes/tables.htm and the time-series files at "
            "https://download.bls.gov/pub/time.series/oe/."
        ) from None
    click.echo(f"{imported.name}: {imported.rows} rows of {imported.areas} areas")
    _tell_what_is_replaced(settings, imported.name)
    for area, rows in imported.left_out.items():
        click.echo(f"left out, not in metros.csv: {area}, {rows} rows")
    for occupation in imported.absent:
        click.echo(f"not in the release: {occupation}")


def _tell_what_is_replaced(settings: Settings, name: str) -> None:
    """An import of some files of a release stands in for all of what is shipped of it."""
    shipped = settings.seeds / "distributions" / f"{name}.csv"
    if shipped.exists():
        rows = shipped.read_text(encoding="utf-8").count("\n") - 1
        click.echo(f"it replaces all {rows:,} rows of it in the seeds, from the next build on")


@import_.command("aijobs")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_into
@click.option(
    "--release",
    type=click.DateTime(["%Y-%m"]),
    help="The month of the release; that in the name of the file if left out.",
)
@click.pass_obj
def aijobs(
    settings: Settings, file: Path, into: Path | None, release: datetime.datetime | None
) -> None:
    """Import the salaries that aijobs.net published as FILE (.csv, or .csv.gz).

    What is written is percentiles by role and level, of the midpoints of the ranges advertised in
    the United States in the last two years of the file. Titles are read into roles as the seeds
    say: import the file again where they change.
    """
    from service.importers import aijobs

    try:
        with click.progressbar(length=file.stat().st_size, label="reading", file=sys.stderr) as bar:
            imported = aijobs.import_release(
                file,
                into or settings.imported,
                settings.seeds,
                release.date() if release else None,
                bar.update,
            )
    except (ImportRefused, SeedError, OSError) as error:
        raise click.ClickException(str(error)) from None
    ranges = sum(imported.cells.values())
    click.echo(f"{imported.name}: {len(imported.cells)} rows, of {ranges} ranges")
    _tell_what_is_replaced(settings, imported.name)
    for reason, ranges in imported.left_out.items():
        click.echo(f"left out, {reason}: {ranges} ranges")
    for (role, level), ranges in imported.too_few.items():
        click.echo(f"left out, fewer than {aijobs.FEWEST}: {role}, {level}, {ranges} ranges")
    for title, ranges in islice(imported.unread.items(), _UNREAD_SHOWN):
        click.echo(f"title not read: {title}, {ranges} ranges")


@main.command()
@click.pass_obj
def openapi(settings: Settings) -> None:
    """Print the OpenAPI document, its examples answered from the seeds."""
    from service.api.openapi import document  # it brings a test client, which nothing else needs

    with TemporaryDirectory() as folder:
        nowhere = Path(folder, "imported")  # what is imported here is none of the seeds
        own = msgspec.structs.replace(settings, datasets=Path(folder), imported=nowhere)
        _build(own, None)
        with closing(Datasets(Path(folder))) as datasets:
            click.echo(document(datasets), nl=False)


def _build(settings: Settings, as_of: datetime.date | None) -> str:
    try:
        return build_dataset(
            settings.seeds, settings.datasets, settings.keep, as_of, settings.imported
        )
    except (SeedError, AuditError, OSError) as error:
        raise click.ClickException(str(error)) from None
