"""The command `paycite fetch`."""

import datetime
import sys
from pathlib import Path

import click

from paycite.cli.imports.common import importing
from paycite.cli.imports.lca import import_dol_lca
from paycite.cli.imports.oews import import_bls_oews
from paycite.importers.common.download import download
from paycite.importers.releases import PUBLISHERS
from paycite.settings import Settings

_IMPORTS = {"bls-oews": import_bls_oews, "dol-lca": import_dol_lca}


@click.command()
@click.argument("source", type=click.Choice(list(PUBLISHERS)))
@click.option(
    "--release",
    "releases",
    multiple=True,
    help="Such as 2025-05 (bls-oews) or FY2025Q4 (dol-lca, once for each quarter); by default, "
    "the newest that Paycite knows.",
)
@click.option(
    "--from",
    "base",
    metavar="URL",
    help="Where the files are, if not at the publisher's address: a mirror, or a new folder there.",
)
@click.option(
    "--published", type=click.DateTime(["%Y-%m-%d"]), help="The day on which it was released."
)
@click.option("--download-only", is_flag=True, help="Do not import what was fetched.")
@click.pass_context
def fetch(
    context: click.Context,
    source: str,
    releases: tuple[str, ...],
    base: str | None,
    published: datetime.datetime | None,
    download_only: bool,
) -> None:
    """Fetch an official release from its publisher and import it, as `paycite import` does.

    The files and their SHA-256 are kept in `releases` in the data folder. What was cut goes on
    where it stopped, and what is there is not fetched again.
    """
    settings: Settings = context.obj
    publisher = PUBLISHERS[source]
    wanted = dict.fromkeys(releases or [publisher.newest])
    if source == "bls-oews" and len(wanted) > 1:
        raise click.UsageError("Fetch one release of bls-oews at a time.")
    if base and not base.startswith(("https://", "http://")):
        raise click.UsageError("--from takes an address, such as https://mirror.example/oews/.")
    files = []
    with importing(
        f" {publisher.page} lists the files: `paycite import {source} FILES` takes what you fetch "
        "yourself."
    ):
        for address in [one for release in wanted for one in publisher.find_addresses(release)]:
            name = address.rpartition("/")[2]
            file = settings.data / "releases" / name
            _fetch(f"{base.rstrip('/')}/{name}" if base else address, file)
            files.append(file)
    if download_only:
        return
    day = published or next(
        (
            datetime.datetime.combine(publisher.published[one], datetime.time.min)
            for one in wanted
            if one in publisher.published
        ),
        None,
    )
    context.invoke(_IMPORTS[source], files=tuple(files), published=day)


def _fetch(address: str, file: Path) -> None:
    with click.progressbar(length=1, label=file.name, file=sys.stderr) as bar:

        def show(here: int, total: int | None) -> None:
            bar.length, bar.pos = total or here + 1, here
            bar.render_progress()

        checksum = download(address, file, show)
    click.echo(f"{file}: SHA-256 {checksum}")
