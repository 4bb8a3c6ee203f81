"""The commands `paycite sources` and `paycite remove`: what the next build is made of."""

import re
from collections import Counter
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import click
from msgspec import Struct

from paycite.importers.common import publish
from paycite.match import nearest
from paycite.model.figure import Published, Source
from paycite.seeds import FIGURE_COLUMNS, SeedError, distributions
from paycite.seeds.files import csv_rows, tables
from paycite.seeds.observations import observed
from paycite.settings import Settings

_DIGITS = {"day": 10, "month": 7, "year": 4}  # of an ISO date that says no more


class Listed(Struct, frozen=True, kw_only=True):
    id: str
    has: str
    as_of: str
    place: str  # the file, and the line where it has others as well
    is_imported: bool


@click.command("sources")
@click.pass_obj
def list_sources(settings: Settings) -> None:
    """List the sources of the next build, what each has, and whether it was imported."""
    rows = [("SOURCE", "HAS", "AS OF", "FROM")]
    try:
        for one in sorted(_listed(settings), key=attrgetter("id")):
            rows.append((one.id, one.has, one.as_of, "import" if one.is_imported else "seeds"))
    except (SeedError, OSError) as error:
        raise click.ClickException(str(error)) from None
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


@click.command()
@click.argument("source")
@click.pass_obj
def remove(settings: Settings, source: str) -> None:
    """Take the imported SOURCE out of the data folder, and so out of the next build."""
    try:
        if not _remove(settings, source):
            raise click.ClickException(_why_not(settings, source))
    except (SeedError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{source} is removed: the next build goes without it")
    if (settings.seeds / "distributions" / f"{source}.csv").exists():
        click.echo("the release of that name that Paycite ships is back in the next build")


def _listed(settings: Settings) -> Iterator[Listed]:
    """As `seeds.read` reads them, but without what is in them."""
    figures = _figures(settings.seeds / "figures")
    for row in tables(settings.seeds / "sources.toml"):
        source = row.to(Source)
        yield Listed(
            id=source.id,
            has=f"{figures[source.id]:,} figure{'s' * (figures[source.id] != 1)}",
            as_of=_published(source.published),
            place=f"{row.file}:{row.line}",
            is_imported=False,
        )
    imported = list(observed(settings.observations))
    replaced = {one.source.id for one in imported}
    for file in distributions.files(settings.seeds / "distributions", settings.imported):
        if file.stem not in replaced:
            yield _distributed(file, settings)
    for one in imported:
        employers = f"of {one.employers:,} employers" if one.employers else "of unknown employers"
        yield Listed(
            id=one.source.id,
            has=f"{one.rows:,} observations {employers}",
            as_of=one.as_of or _published(one.source.published),
            place=str(settings.observations / f"{one.source.id}.parquet"),
            is_imported=True,
        )


def _figures(folder: Path) -> Counter[str | None]:
    """How many figures each source has."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return Counter(
        row.values["source_id"] for file in files for row in csv_rows(file, FIGURE_COLUMNS)
    )


def _distributed(file: Path, settings: Settings) -> Listed:
    source = distributions.source_row(file).to(Source)
    heads = {row.values["id"]: row.values for row in tables(file.with_suffix(".toml"))}
    with file.open("rb") as opened:
        rows = sum(1 for _ in opened) - 1
    return Listed(
        id=source.id,
        has=f"{rows:,} distributions",
        as_of=heads["distributions"].get("as_of") or _published(source.published),
        place=str(file),
        is_imported=file.parent == settings.imported,
    )


def _published(published: Published) -> str:
    return str(published.date)[: _DIGITS[published.precision]] if published.date else "undated"


def _remove(settings: Settings, id_: str) -> bool:
    """Whether there was something to remove. Observations hide the distributions of their name,
    which therefore go first: else a removal that is interrupted would bring them back."""
    if not re.fullmatch(r"[a-z0-9-]+", id_):
        return False
    of_distributions = [f"{id_}{ending}" for ending in (".csv", ".toml")]
    endings = (".parquet", ".json", ".refused.csv", ".scores.json")
    of_observations = [f"{id_}{ending}" for ending in endings]
    found = publish.remove(of_distributions, settings.imported)
    return publish.remove(of_observations, settings.observations) or found


def _why_not(settings: Settings, id_: str) -> str:
    places = {one.id: one.place for one in _listed(settings)}
    if id_ in places:
        return f"{id_} was not imported: it is one of the seeds, {places[id_]}"
    like = ", ".join(nearest(id_, places))
    return f"no source is called {id_!r}" + (f"; the nearest: {like}" if like else "")
