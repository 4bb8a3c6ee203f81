"""The command `paycite build`, and the build that other commands start."""

import datetime
import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from paycite.cli.hidden import describe_hidden
from paycite.cli.recent import describe_recent
from paycite.dataset.pointer import PUBLIC, RECORD, Scope, find_pointer, is_follower
from paycite.dataset.published import Datasets
from paycite.dataset.store import DatasetError
from paycite.keys import Keys
from paycite.seeds.observations import observed
from paycite.settings import Settings

_LOG = logging.getLogger("paycite")


@click.command()
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The date of the dataset, by default the newest date among the sources. It may not be "
    "before the newest public source.",
)
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    help="Where observations are pooled; the figures are the same.",
)
@click.option(
    "--master",
    metavar="URL",
    help="With --engine spark: the cluster, such as spark://HOST:7077; as configured if left out.",
)
@click.option(
    "--observations",
    metavar="URL",
    help="With --engine spark: the folder of SOURCE.parquet, such as s3://BUCKET/observations.",
)
@click.pass_obj
def build(
    settings: Settings,
    as_of: datetime.datetime | None,
    engine: str,
    master: str | None,
    observations: str | None,
) -> None:
    """Build the dataset from the seeds and the imports, and make it the current one."""
    day = as_of.date() if as_of else None
    if engine == "spark":
        with _on_spark(master) as made:
            stored = observations.rstrip("/") if observations else None
            version = build_with(settings, day, engine=made, stored=stored)
    elif master is not None or observations is not None:
        raise click.UsageError("--master and --observations need --engine spark.")
    else:
        version = build_with(settings, day)
    click.echo(version)
    imported = [one.source for one in observed(settings.observations)]
    built = datetime.date.fromisoformat(version[:10])
    for sentence in (
        *describe_recent(settings, imported, built),
        *describe_hidden(settings, imported),
    ):
        click.echo(sentence, err=True)


@contextmanager
def _on_spark(master: str | None) -> Iterator[Any]:
    """An engine for a build; ClickException without PySpark, EngineError if it cannot be used."""
    try:
        from paycite.dataset.spark import InSpark, connect
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"--engine spark needs the extra spark ({error}): see docs/operating.md#extras."
        ) from None
    with connect(master) as session:
        yield partial(InSpark, session)


def build_if_none(settings: Settings) -> bool:
    """Build a dataset where none can be read; return whether the current one has private
    sources."""
    try:
        return has_private_sources(settings.datasets)
    except DatasetError as error:
        _LOG.info("%s\nBuilt dataset %s.", error, build_with(settings))
        return has_private_sources(settings.datasets)


def has_private_sources(folder: Path) -> bool:
    """Whether the current dataset has; DatasetError unless it and its public part can be opened."""
    with closing(Datasets(folder)) as datasets:
        is_private = datasets.current.public_version is not None
    if is_private:
        Datasets(folder, scope=PUBLIC).close()
    return is_private


def check_private(settings: Settings, scope: Scope) -> None:
    """ClickException if the current dataset has not all of the private sources; DatasetError if it
    cannot be read."""
    with closing(Datasets(settings.datasets)) as datasets:
        private = sorted(datasets.current.header().private_ids)
    if unknown := sorted(scope.difference(private)):
        raise click.ClickException(
            f"Unknown private source: {', '.join(unknown)}. Private sources of the current "
            f"dataset: {', '.join(private) or 'none'}. After an import, run `paycite build` first."
        )


def build_scope(settings: Settings, scope: Scope, announce: Callable[[str], object]) -> None:
    """Build a dataset with these private sources alone, unless there is one; ClickException if the
    datasets come from elsewhere."""
    if not find_pointer(settings.datasets).part(scope):
        if is_follower(settings.datasets):
            raise click.ClickException(
                "Datasets are not built here, they come from elsewhere. Add the key where they are "
                "built, run `paycite publish --with-private`, and copy keys.json."
            )
        announce(f"Building a dataset for {', '.join(sorted(scope))} ...")
        build_with(settings)


def refuse_follower(datasets: Path) -> None:
    """ClickException if the datasets in the folder come from elsewhere: its server would answer
    from something else than what is published, and refuse the next publication as older."""
    if is_follower(datasets):
        raise click.ClickException(
            f"The datasets in {datasets} are published elsewhere. Build or roll back there, and "
            "run `paycite publish`. To have datasets of its own in this folder from now on, delete "
            f"{datasets / RECORD}.\nNothing was changed."
        )


def build_with(settings: Settings, as_of: datetime.date | None = None, **how: Any) -> str:
    """The version of the dataset that was built; AuditError, SeedError or KeysError if it cannot
    be. `how` are the last parameters of `paycite.dataset.build.build`."""
    # Not needed to serve a dataset that is built.
    from paycite.dataset.build import build as build_dataset
    from paycite.importers.common.publish import finish
    from paycite.model.pool import Thresholds

    refuse_follower(settings.datasets)
    for folder in (settings.imported, settings.observations):
        finish(folder)
    return build_dataset(
        settings.seeds,
        settings.datasets,
        settings.keep,
        as_of,
        settings.imported,
        settings.observations,
        Thresholds(
            employers=settings.fewest_employers,
            largest_share=settings.largest_share,
            months=settings.months_of_age,
        ),
        settings.keep_private,
        # The choices of private sources that keys and this server show.
        scopes=[*Keys(settings.data).scopes(), *filter(None, [settings.opened])],
        say=partial(click.echo, err=True),
        **how,
    )
