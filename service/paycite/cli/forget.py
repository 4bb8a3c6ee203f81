"""The command `paycite forget`: delete a dataset, or all that is kept of a source."""

import re
from collections.abc import Mapping
from contextlib import suppress

import click

from paycite.dataset.disclosure_record import DISCLOSED, WAS_PUBLIC
from paycite.dataset.export import remove_orphans
from paycite.dataset.pointer import find_pointer, sole_builder
from paycite.dataset.published import list_published, read_header
from paycite.dataset.retention import Sources, read_sources
from paycite.dataset.store import DatasetError
from paycite.importers.common import publish
from paycite.importers.common.observations import ENDINGS
from paycite.match import nearest
from paycite.settings import Settings

_ENDINGS = (*ENDINGS, DISCLOSED, WAS_PUBLIC)


@click.command()
@click.argument("name", metavar="NAME")
@click.pass_obj
def forget(settings: Settings, name: str) -> None:
    """Delete the dataset of version NAME; or the observations of the source NAME, every dataset
    that has it, and the record of what was published of it.

    The dataset in service stays until the next build. Without the record, figures of a later import
    of nearly the same rows can be compared to answers that someone saved.
    """
    settings.datasets.mkdir(0o700, parents=True, exist_ok=True)
    # A build under way would publish once more what is deleted now.
    with sole_builder(settings.datasets):
        try:
            _forget(settings, name)
        finally:
            remove_orphans(settings.datasets)


def _forget(settings: Settings, name: str) -> None:
    current = _find_current(settings)
    if name not in list_published(settings.datasets):
        _forget_source(settings, name, current)
    elif name in current:
        raise click.ClickException(
            f"{name} is in service. Change the imports (`paycite remove SOURCE`), run "
            f"`paycite build`, then `paycite forget {name}`."
        )
    else:
        _delete(settings, name)


def _find_current(settings: Settings) -> set[str]:
    pointer = find_pointer(settings.datasets)
    current = pointer.versions
    with suppress(DatasetError):  # a pointer that was written by hand need not name the public part
        current.add(read_header(settings.datasets / f"{pointer.version}.duckdb").version_for_public)
    return current


def _delete(settings: Settings, version: str) -> None:
    (settings.datasets / f"{version}.duckdb").unlink()
    click.echo(f"Deleted dataset {version}.")


def _forget_source(settings: Settings, source: str, current: set[str]) -> None:
    publish.finish(settings.observations)
    kept: dict[str, Sources] = {}
    unreadable = []
    for version in list_published(settings.datasets):
        try:
            kept[version] = read_sources(settings.datasets / f"{version}.duckdb")
        except DatasetError as error:
            unreadable.append(f"{error}. If it may have {source}: `paycite forget {version}`.")
    files = [f"{source}{ending}" for ending in _ENDINGS]
    is_id = re.fullmatch(r"[a-z0-9-]+", source)
    is_observed = is_id and any((settings.observations / file).exists() for file in files)
    if not is_observed and not any(source in one.private for one in kept.values()):
        refusal = _explain_refusal(settings, kept, source, current)
        raise click.ClickException("\n".join([refusal, *unreadable]))
    having = [version for version, one in kept.items() if source in {*one.public, *one.private}]
    for version in having:
        if version not in current:
            _delete(settings, version)
    if is_observed:
        publish.remove(files, settings.observations)
        click.echo(f"Deleted the observations of {source}.")
    if in_service := [version for version in having if version in current]:
        is_private = any(source in kept[version].private for version in in_service)
        then = " and ".join(f"`paycite forget {version}`" for version in in_service)
        then = "which deletes it" if is_private else f"then {then}"
        click.echo(f"The dataset in service still has it: run `paycite build`, {then}.")
    for sentence in unreadable:
        click.echo(sentence)


def _explain_refusal(
    settings: Settings, kept: Mapping[str, Sources], name: str, current: set[str]
) -> str:
    if any(name in one.public for one in kept.values()):
        return (
            f"{name} is not a source of observations. What ships with Paycite cannot be forgotten; "
            f"`paycite remove {name}` removes an imported release."
        )
    files = {file.name for file in settings.observations.glob("*")}
    sources = {one.removesuffix(end) for one in files for end in _ENDINGS if one.endswith(end)}
    earlier = [version for version in kept if version not in current]
    similar = ", ".join(
        nearest(name, [*earlier, *sorted(one for one in sources if "." not in one)])
    )
    hint = f" Did you mean {similar}?" if similar else ""
    return f"{name!r} is neither a dataset nor a source of observations.{hint}"
