"""Write what was imported, and remove it, all or nothing."""

import csv
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from paycite import seeds
from paycite.seeds.distributions import COLUMNS

_UNFINISHED = "importing-"


def publish(
    into: Path, name: str, rows: Iterable[Sequence[str]], about: str, seeds_directory: Path
) -> None:
    """Put `name`.csv, of these rows, and `name`.toml, which is `about`, into the folder.

    They are read as the build reads them first: SeedError for what it would refuse, and then
    what stood there stays.
    """
    with publishing(into) as folder:
        table, toml = folder / f"{name}.csv", folder / f"{name}.toml"
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
        toml.write_text(about, encoding="utf-8")
        seeds.read(seeds_directory, folder)
        replace(table, toml, into)


@contextmanager
def publishing(into: Path) -> Iterator[Path]:
    """A folder to write to, beside what stands in `into`; whatever is left in it is removed."""
    into.mkdir(parents=True, exist_ok=True)
    with _sole_writer(into), TemporaryDirectory(prefix=_UNFINISHED, dir=into) as folder:
        yield Path(folder)


@contextmanager
def _sole_writer(into: Path) -> Iterator[None]:
    """One import or removal at a time; what a killed one left behind is removed."""
    lock = os.open(into, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in into.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(leftover)
        yield
    finally:
        os.close(lock)


def replace(numbers: Path, about: Path, into: Path) -> None:
    """Move both files there, without a moment in which numbers stand beside the citation of others.

    The numbers are what is read; a citation alone says nothing. So where the citation changes,
    the earlier numbers go before it does.
    """
    earlier = into / about.name
    if not earlier.exists() or earlier.read_bytes() != about.read_bytes():
        (into / numbers.name).unlink(missing_ok=True)
        about.replace(earlier)
    numbers.replace(into / numbers.name)


def remove(names: Iterable[str], folder: Path) -> bool:
    """Remove files from the folder, and say whether there was one; that which is read, the
    numbers, is the first of the names."""
    if not folder.exists():
        return False
    with _sole_writer(folder):
        found = [folder / name for name in names if (folder / name).exists()]
        for file in found:
            file.unlink()
    return bool(found)
