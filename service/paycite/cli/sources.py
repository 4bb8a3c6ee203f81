"""The commands `paycite sources` and `paycite remove`: what the next build is made from."""

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from operator import attrgetter
from pathlib import Path

import click
from msgspec import Struct

from paycite.cli.recent import describe_recent, find_newest_used
from paycite.dataset.published import Datasets
from paycite.dataset.store import DatasetError
from paycite.importers.common import publish
from paycite.importers.common.observations import remove_observations
from paycite.match import nearest
from paycite.model.factor import FACTORS
from paycite.model.figure import Source
from paycite.seeds import FIGURE_COLUMNS, distributions, factors, pools
from paycite.seeds.files import csv_rows, read_beside, tables
from paycite.seeds.observations import observed
from paycite.settings import Settings


class ListedSource(Struct, frozen=True, kw_only=True):
    id: str
    contents: str
    as_of: str | None
    place: str  # the file, and the line if the file has several sources
    is_imported: bool


@click.command("sources")
@click.pass_obj
def list_sources(settings: Settings) -> None:
    """List the sources of the next build, what each has, and whether it was imported."""
    for folder in (settings.imported, settings.observations):
        publish.finish(folder)
    rows = [("SOURCE", "HAS", "AS OF", "FROM")]
    built = _find_date(settings)
    for one in sorted(_find_sources(settings, built), key=attrgetter("id")):
        origin = "import" if one.is_imported else "seeds"
        rows.append((one.id, one.contents, one.as_of or "undated", origin))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
    if built:
        imported = (one.source for one in observed(settings.observations))
        for sentence in describe_recent(settings, imported, built):
            click.echo(sentence)


@click.command()
@click.argument("source")
@click.pass_obj
def remove(settings: Settings, source: str) -> None:
    """Delete the imported SOURCE from the data directory, so that the next build lacks it."""
    if not _remove_import(settings, source):
        raise click.ClickException(_explain_refusal(settings, source))
    click.echo(f"Removed {source}. It will not be in the next build.")
    if any(
        (settings.seeds / name / f"{source}.csv").exists() for name in ("distributions", "pools")
    ):
        click.echo("The next build uses the release of that name that Paycite ships.")


def _find_date(settings: Settings) -> datetime.date | None:
    """The date of the current dataset, if there is one."""
    with suppress(DatasetError), closing(Datasets(settings.datasets)) as datasets:
        return datasets.current.as_of
    return None


def _find_sources(settings: Settings, built: datetime.date | None = None) -> Iterator[ListedSource]:
    """Find the sources that `seeds.read` reads, without loading what they have. `built` is the date
    of the dataset that decides which private rows are used."""
    counts = _count_figures(settings.seeds / "figures")
    for row in tables(settings.seeds / "sources.toml"):
        source = row.to(Source)
        yield ListedSource(
            id=source.id,
            contents=f"{counts[source.id]:,} figure{'s' * (counts[source.id] != 1)}",
            as_of=source.published.iso,
            place=f"{row.file}:{row.line}",
            is_imported=False,
        )
    imported = list(observed(settings.observations))
    replaced = {one.source.id for one in imported}
    for file in distributions.files(settings.seeds / "distributions", settings.imported):
        if file.stem not in replaced:
            is_imported = file.parent == settings.imported
            yield _list_file(file, distributions.TABLE, is_imported)
    for file in pools.pool_files(settings.seeds / "pools"):
        if file.stem not in replaced:
            yield _list_file(file, pools.TABLE, is_imported=False)
    yield from _list_factors(settings.seeds / "factors")
    for one in imported:
        employers = f"{one.employers:,} employers" if one.employers else "unknown employers"
        file = settings.observations / f"{one.source.id}.parquet"
        as_of = one.as_of
        # With --engine spark, the file may be elsewhere.
        if built and as_of and one.source.is_private and file.exists():
            used = find_newest_used(file, built, settings.months_of_age)
            as_of = str(used) if used else None
        yield ListedSource(
            id=one.source.id,
            contents=f"{one.rows:,} observations from {employers}",
            as_of=as_of or one.source.published.iso,
            place=str(file),
            is_imported=True,
        )


def _count_figures(directory: Path) -> Counter[str | None]:
    """Count the figures of each source."""
    files = [file for file in directory.rglob("*") if file.is_file()]
    return Counter(
        row.values["source_id"] for file in files for row in csv_rows(file, FIGURE_COLUMNS)
    )


def _list_file(file: Path, table: str, is_imported: bool) -> ListedSource:
    """List the source of a CSV file. `table` is the other table of the TOML file beside it."""
    row, head = read_beside(file, table)
    source = row.to(Source)
    noun = "distributions" if table == distributions.TABLE else "pooled statistics"
    return ListedSource(
        id=source.id,
        contents=f"{_count_rows(file):,} {noun}",
        as_of=head.values.get("as_of") or source.published.iso,
        place=str(file),
        is_imported=is_imported,
    )


def _list_factors(directory: Path) -> Iterator[ListedSource]:
    for row in factors.source_rows(directory):
        rows = sum(_count_rows(directory / name) for name in ("levels.csv", "roles.csv"))
        yield ListedSource(
            id=FACTORS,
            contents=f"{rows:,} factors",
            as_of=row.to(Source).published.iso,
            place=str(directory),
            is_imported=False,
        )


def _count_rows(file: Path) -> int:
    with file.open("rb") as opened:
        return sum(1 for _ in opened) - 1


def _remove_import(settings: Settings, id_: str) -> bool:
    """Delete an import, and return whether there was one.

    Observations hide the distributions of the same name, which therefore go first: otherwise an
    interrupted removal would bring them back.
    """
    if not re.fullmatch(r"[a-z0-9-]+", id_):
        return False
    of_distributions = [f"{id_}{ending}" for ending in (".csv", ".toml")]
    found = publish.remove(of_distributions, settings.imported)
    return remove_observations(id_, settings.observations) or found


def _explain_refusal(settings: Settings, id_: str) -> str:
    places = {one.id: one.place for one in _find_sources(settings)}
    if id_ in places:
        return f"{id_} was not imported, so it cannot be removed: it is in the seeds, {places[id_]}"
    similar = ", ".join(nearest(id_, places))
    return f"Unknown source {id_!r}." + (f" Did you mean {similar}?" if similar else "")
