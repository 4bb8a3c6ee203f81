"""Write what was imported, all or nothing."""

import csv
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from service import seeds
from service.seeds.distributions import COLUMNS

_UNFINISHED = "importing-"


def publish(
    into: Path, name: str, rows: Iterable[Sequence[str]], about: str, seeds_directory: Path
) -> None:
    """Put `name`.csv, of these rows, and `name`.toml, which is `about`, into the folder.

    They are read as the build reads them first: SeedError for what it would refuse, and then
    what stood there stays.
    """
    into.mkdir(parents=True, exist_ok=True)
    with _sole_importer(into), TemporaryDirectory(prefix=_UNFINISHED, dir=into) as folder:
        table, toml = Path(folder, f"{name}.csv"), Path(folder, f"{name}.toml")
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
        toml.write_text(about, encoding="utf-8")
        seeds.read(seeds_directory, Path(folder))
        _replace(table, toml, into)


@contextmanager
def _sole_importer(into: Path) -> Iterator[None]:
    """One import at a time; what a killed one left behind is removed."""
    folder = os.open(into, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        for leftover in into.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(leftover)
        yield
    finally:
        os.close(folder)


def _replace(table: Path, toml: Path, into: Path) -> None:
    """Without a moment in which numbers stand beside the citation of others.

    A CSV file is what is read; a TOML file alone says nothing. So where the citation changes,
    the earlier numbers go before it does.
    """
    earlier = into / toml.name
    if not earlier.exists() or earlier.read_bytes() != toml.read_bytes():
        (into / table.name).unlink(missing_ok=True)
        toml.replace(earlier)
    table.replace(into / table.name)
