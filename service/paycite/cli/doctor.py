"""The command `paycite doctor`: check an installation, and say for each finding what to do."""

import datetime
import re
import resource
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import metadata
from tempfile import TemporaryFile

import click
from msgspec import Struct

from paycite import seeds
from paycite.cli.failures import explain
from paycite.dataset import POINTER
from paycite.dataset.pointer import COPY, find_pointer, is_follower
from paycite.dataset.published import Datasets, check_version
from paycite.dataset.store import DatasetError
from paycite.importers.common.publish import COMPLETE, UNFINISHED
from paycite.keys import FILE, Keys
from paycite.seeds import SeedError
from paycite.settings import Settings

_OLDEST_PYTHON = (3, 11)
_BYTES_OF_A_BUILD = 500_000_000  # and of the datasets beside it
_OPEN_FILES = 1_400  # a thousand connections, and what a worker has open itself
_DAY = datetime.timedelta(days=1)


class Finding(Struct, frozen=True):
    """What was found, and what to do about it: something if it must be fixed, and maybe if not."""

    what: str
    to_do: str = ""
    is_fault: bool = False


Check = Callable[[Settings], Iterator[Finding]]


def _fault(what: object, to_do: str) -> Finding:
    return Finding(str(what), to_do, is_fault=True)


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
@click.pass_obj
def doctor(settings: Settings, port: int) -> None:
    """Check this installation and its data, as the user who runs this. The exit status is 1 if
    something must be fixed. Nothing is changed."""
    faults = 0
    for check in (*_CHECKS, lambda _: _check_port(port)):
        for found in _find(check, settings):
            faults += found.is_fault
            mark = "FIX" if found.is_fault else "note" if found.to_do else "ok"
            click.echo(f"{mark:4}  {found.what}")
            if found.to_do:
                click.echo(f"      {found.to_do}")
    click.echo("Nothing must be fixed." if not faults else f"To be fixed: {faults}.")
    sys.exit(faults > 0)


def _find(check: Check, settings: Settings) -> Iterator[Finding]:
    """The findings of a check; a check that fails is one itself."""
    try:
        yield from check(settings)
    except Exception as error:
        if (explained := explain(error)) is None:
            raise
        yield _fault("cannot be checked", explained)


def _check_packages(_: Settings) -> Iterator[Finding]:
    running = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        yield _fault(f"Python {running}", "Install Paycite with Python 3.11 or later.")
    found, missing = [], []
    for requirement in metadata.requires("paycite") or ():
        name = re.split(r"[^\w.-]", requirement)[0]
        if "extra ==" in requirement:
            continue
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        yield _fault(f"missing packages: {', '.join(missing)}", "Install Paycite again.")
    yield Finding(f"Python {running}; {', '.join(found)}")


def _check_folder(settings: Settings) -> Iterator[Finding]:
    data = settings.data
    if not data.is_dir():
        to_do = f"Create {data}, or set PAYCITE_DATA to the folder that has your data."
        yield _fault(f"the data folder {data} does not exist", to_do)
        return
    for folder in (data, settings.datasets, settings.imported, settings.observations):
        if folder.exists():
            try:
                TemporaryFile(dir=folder).close()
            except OSError as error:
                yield _fault(f"{folder} cannot be written: {error.strerror}", explain(error) or "")
    for file in (settings.datasets / POINTER, settings.datasets / COPY):
        if file.is_dir():
            yield _fault(f"{file} is a directory, not a file", f"Run: rm -r {file}")
    yield from _check_rights(settings)
    free = shutil.disk_usage(data).free
    if free < _BYTES_OF_A_BUILD:
        yield _fault(
            f"{free / 1e6:,.0f} MB are free in {data}",
            f"Free {_BYTES_OF_A_BUILD / 1e6:,.0f} MB, which a build may need, or set PAYCITE_KEEP "
            "lower.",
        )
    yield Finding(f"data folder {data}, {free / 1e9:,.1f} GB free")


def _check_rights(settings: Settings) -> Iterator[Finding]:
    """Find rows, and datasets with private sources, that other users of the machine may read."""
    pointer = find_pointer(settings.datasets)
    current = settings.datasets / f"{pointer.version}.duckdb"
    is_private = pointer.public_version not in ("", pointer.version)
    folders = [settings.observations]
    if is_private and current.exists() and current.stat().st_mode & 0o077:
        folders.append(settings.datasets)
    for folder in folders:
        if folder.exists() and (mode := stat.S_IMODE(folder.stat().st_mode)) & 0o077:
            yield _fault(f"others may read {folder} (mode {mode:o})", f"Run: chmod 700 {folder}")


def _check_datasets(settings: Settings) -> Iterator[Finding]:
    folder = settings.datasets
    try:
        with closing(Datasets(folder)) as datasets:
            current = datasets.current.snapshot.version
        yield Finding(f"current dataset {current}")
    except DatasetError as error:
        to_do = "Run `paycite rollback`, or `paycite build`."
        if is_follower(folder):
            to_do = "Start `paycite serve --dataset PLACE` again, which fetches it."
        yield _fault(error, to_do)
    for file in sorted(folder.glob("*.duckdb")):
        try:
            check_version(folder, file.stem)
            yield Finding(f"dataset {file.stem} is whole")
        except DatasetError as error:
            to_do = f"Run `paycite build`. If it is still there: rm {file}"
            if is_follower(folder):
                to_do = f"Run: rm {file}. The server fetches it when it starts."
            yield _fault(error, to_do)
        when = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC)
        if when > datetime.datetime.now(datetime.UTC) + _DAY:
            yield _fault(
                f"dataset {file.stem} was published in the future, {when:%Y-%m-%d}",
                "Set the clock of this machine: keys and imports with dates go by it.",
            )


def _check_sources(settings: Settings) -> Iterator[Finding]:
    try:
        found = seeds.read(settings.seeds, settings.imported, settings.observations)
    except SeedError as error:
        is_imported = settings.seeds not in error.file.parents
        to_do = (
            f"Import {error.file.stem} again, or run `paycite remove {error.file.stem}`."
            if is_imported
            else "Fix that line, or restore the seeds."
        )
        yield _fault(error, to_do)
        return
    yield Finding(f"seeds {settings.seeds} and {len(found.observed)} sources of observations")


def _check_leftovers(settings: Settings) -> Iterator[Finding]:
    places = (
        (settings.datasets, "building-*", "build"),
        (settings.imported, f"{UNFINISHED}*", "import"),
        (settings.observations, f"{UNFINISHED}*", "import"),
    )
    for folder, pattern, command in places:
        for leftover in sorted(folder.glob(pattern)):
            then = "deletes this"
            if leftover.suffix == COMPLETE:
                then = "puts these files in place, and so does `paycite build`"
            to_do = f"If no {command} runs, it was killed: the next one {then}."
            yield Finding(f"unfinished: {leftover}", to_do)
    for folder, about, numbers in (
        (settings.imported, "*.toml", ".csv"),
        (settings.observations, "*.json", ".parquet"),
    ):
        for file in sorted(folder.glob(about)):
            if "." not in file.stem and not file.with_suffix(numbers).exists():
                yield Finding(
                    f"{file} has no {file.stem}{numbers} beside it, so the next build lacks it",
                    f"Unless its rows are stored elsewhere (`paycite build --observations`): "
                    f"import it again, or run `paycite remove {file.stem}`.",
                )


def _check_limits(_: Settings) -> Iterator[Finding]:
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < _OPEN_FILES:
        yield _fault(f"{most:,} files may be open", f"Raise the hard limit to {_OPEN_FILES:,}.")
    else:
        yield Finding(f"{'any number of' if most < 0 else f'{most:,}'} files may be open")


def _check_keys(settings: Settings) -> Iterator[Finding]:
    file = settings.data / FILE
    if not file.exists():
        return
    if (mode := stat.S_IMODE(file.stat().st_mode)) & 0o077:
        yield _fault(f"others may read {file} (mode {mode:o})", f"Run: chmod 600 {file}")
    pointer = find_pointer(settings.datasets)
    to_do = "Run `paycite build`."
    if is_follower(settings.datasets):
        to_do = (
            "Where datasets are built, add the key with the same --source, and run `paycite "
            "publish PLACE --with-private`."
        )
    keys = Keys(settings.data).all()
    yield Finding(f"{len(keys)} keys")
    for key in keys:
        if key.scope and not pointer.part(key.scope):
            yield _fault(f"no dataset was built for the key {key.name}", to_do)


def _check_port(port: int) -> Iterator[Finding]:
    with closing(socket.socket()) as probe:
        if probe.connect_ex(("127.0.0.1", port)):
            yield Finding(f"port {port} is free")
        else:
            to_do = "If that is not Paycite: `paycite serve --port` another one."
            yield Finding(f"port {port} is in use", to_do)


_CHECKS: tuple[Check, ...] = (
    _check_packages,
    _check_folder,
    _check_datasets,
    _check_sources,
    _check_leftovers,
    _check_limits,
    _check_keys,
)
