"""The command `paycite forget`: delete a dataset, or all that is kept of a source."""

import re
from collections.abc import Collection
from contextlib import closing

import click

from paycite.dataset.disclosure import WAS_PUBLIC
from paycite.dataset.export import remove_orphans
from paycite.dataset.pointer import find_pointer, sole_builder
from paycite.dataset.published import Datasets
from paycite.importers.common import publish
from paycite.importers.common.observations import ENDINGS
from paycite.match import nearest
from paycite.settings import Settings

_ENDINGS = (*ENDINGS, ".disclosed.json", WAS_PUBLIC)


@click.command()
@click.argument("name", metavar="NAME")
@click.pass_obj
def forget(settings: Settings, name: str) -> None:
    """Delete the dataset of version NAME; or the observations of the source NAME, every dataset
    that has it, and the record of what was published of it.

    The dataset in service stays until the next build. Without the record, figures of a later import
    of nearly the same rows can be compared to answers that someone saved.
    """
    with (
        closing(Datasets(settings.datasets)) as datasets,
        # A build under way would publish once more what is deleted now.
        sole_builder(settings.datasets),
    ):
        datasets.refresh()
        try:
            _forget(settings, datasets, name)
        finally:
            remove_orphans(settings.datasets)


def _forget(settings: Settings, datasets: Datasets, name: str) -> None:
    # A pointer that was written by hand need not name the public part.
    public = datasets.current.public_version
    current = {*find_pointer(settings.datasets).versions, *([public] if public else [])}
    if name not in datasets.kept():
        _forget_source(settings, datasets, name, current)
        return
    if name in current:
        raise click.ClickException(
            f"{name} is in service. Change the imports (`paycite remove SOURCE`), run "
            f"`paycite build`, then `paycite forget {name}`."
        )
    (settings.datasets / f"{name}.duckdb").unlink()
    click.echo(f"Deleted dataset {name}.")


def _forget_source(settings: Settings, datasets: Datasets, source: str, current: set[str]) -> None:
    having = [version for version in datasets.kept() if _has(datasets, version, source)]
    files = [f"{source}{ending}" for ending in _ENDINGS]
    is_id = re.fullmatch(r"[a-z0-9-]+", source)
    is_observed = is_id and any((settings.observations / file).exists() for file in files)
    if not is_observed:
        raise click.ClickException(_explain_refusal(settings, datasets, source, current))
    for version in having:
        if version not in current:
            (settings.datasets / f"{version}.duckdb").unlink()
            click.echo(f"Deleted dataset {version}.")
    publish.remove(files, settings.observations)
    click.echo(f"Deleted the observations of {source}.")
    if not current.isdisjoint(having):
        click.echo("The dataset in service still has it: run `paycite build`, which deletes it.")


def _explain_refusal(
    settings: Settings, datasets: Datasets, name: str, current: Collection[str]
) -> str:
    if name in datasets.current.snapshot.sources:
        return (
            f"{name} is not a source of observations. What ships with Paycite cannot be forgotten; "
            f"`paycite remove {name}` removes an imported release."
        )
    files = {file.name for file in settings.observations.glob("*")}
    sources = {one.removesuffix(end) for one in files for end in _ENDINGS if one.endswith(end)}
    earlier = [version for version in datasets.kept() if version not in current]
    similar = ", ".join(
        nearest(name, [*earlier, *sorted(one for one in sources if "." not in one)])
    )
    hint = f" Did you mean {similar}?" if similar else ""
    return f"{name!r} is neither a dataset nor a source of observations.{hint}"


def _has(datasets: Datasets, version: str, source: str) -> bool:
    store = datasets.pinned(version)
    return bool(store and source in store.snapshot.sources)
