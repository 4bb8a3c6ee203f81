"""Write imported files, and remove them, all or nothing."""

import csv
import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from paycite import seeds
from paycite.importers import ImportRefused
from paycite.importers.common.toml import source_table, write_tables
from paycite.model.figure import Source
from paycite.seeds import SeedError
from paycite.seeds.distributions import COLUMNS

UNFINISHED = "importing-"


def publish_distributions(
    files: Sequence[Path],
    into: Path,
    source: Source,
    about: Mapping[str, object],
    rows: Iterable[Sequence[str]],
    seeds_directory: Path,
) -> None:
    """Publish percentiles from files that the seeds in the directory accept beside them. `about` is
    what they have in common."""
    head = write_tables({"source": source_table(source), "distributions": about})
    table = (COLUMNS, rows)
    publish_table(
        files, into, source.id, table, head, lambda folder: seeds.read(seeds_directory, folder)
    )


def publish_table(
    files: Sequence[Path],
    into: Path,
    name: str,
    table: tuple[Sequence[str], Iterable[Sequence[str]]],
    head: str,
    check: Callable[[Path], object],
) -> None:
    """Write `name`.csv (columns and rows) and `name`.toml (`head`) to the directory.

    `check` reads them first, in another directory. If it raises SeedError, the files that were
    there stay, and ImportRefused says what in `files` is at fault, unless a seed is.
    """
    columns, rows = table
    with publishing(into) as folder:
        numbers, toml = folder / f"{name}.csv", folder / f"{name}.toml"
        with numbers.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
        toml.write_text(head, encoding="utf-8")
        try:
            check(folder)
        except SeedError as error:
            if error.file.parent != folder:
                raise
            row = error.file.read_text(encoding="utf-8").splitlines()[error.line - 1]
            where = ", ".join(map(str, files))
            raise ImportRefused(where, f"{error.reason}, in what was read as {row!r}") from None
        replace(numbers, toml, into)


@contextmanager
def publishing(into: Path, mode: int = 0o777) -> Iterator[Path]:
    """Yield a directory to write to, inside `into`, which is made with the permissions `mode`;
    whatever is left in it is removed."""
    into.mkdir(mode, parents=True, exist_ok=True)
    with _sole_writer(into), TemporaryDirectory(prefix=UNFINISHED, dir=into) as folder:
        yield Path(folder)


@contextmanager
def _sole_writer(into: Path) -> Iterator[None]:
    """Allow one import or removal at a time, and delete what a killed one left behind."""
    lock = os.open(into, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in into.glob(f"{UNFINISHED}*/"):
            shutil.rmtree(leftover)
        yield
    finally:
        os.close(lock)


def replace(numbers: Path, about: Path, into: Path) -> None:
    """Move both files into the directory, so that numbers never stand beside another citation.

    A citation without numbers is ignored. So if the citation changes, the old numbers are deleted
    first.
    """
    earlier = into / about.name
    if not earlier.exists() or earlier.read_bytes() != about.read_bytes():
        (into / numbers.name).unlink(missing_ok=True)
        about.replace(earlier)
    numbers.replace(into / numbers.name)


def remove(names: Iterable[str], folder: Path) -> bool:
    """Delete files from the directory, and return whether there was one. The first name is that of
    the numbers, which alone are read."""
    if not folder.exists():
        return False
    with _sole_writer(folder):
        found = [folder / name for name in names if (folder / name).exists()]
        for file in found:
            file.unlink()
    return bool(found)
