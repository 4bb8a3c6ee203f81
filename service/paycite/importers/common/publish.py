"""Write imported files, and remove them, all or nothing."""

import csv
import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from paycite import seeds
from paycite.files import put_in_place
from paycite.importers import ImportRefused
from paycite.importers.common.toml import source_table, write_tables
from paycite.model.figure import Source
from paycite.seeds import SeedError
from paycite.seeds.distributions import COLUMNS

UNFINISHED = "importing-"
COMPLETE = ".complete"  # ends the name of a directory whose files are only to be moved
_AT_ONCE = fcntl.LOCK_EX | fcntl.LOCK_NB


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
        replace((numbers, toml), into)


@contextmanager
def publishing(into: Path, mode: int = 0o777) -> Iterator[Path]:
    """Yield a directory to write to, inside `into`, which is made with the permissions `mode`;
    whatever is left in it is removed."""
    into.mkdir(mode, parents=True, exist_ok=True)
    with _sole_writer(into), TemporaryDirectory(prefix=UNFINISHED, dir=into) as folder:
        yield Path(folder)


@contextmanager
def _sole_writer(into: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Allow one import or removal at a time, and finish or delete what a killed one left behind."""
    lock = os.open(into, os.O_RDONLY)
    try:
        fcntl.flock(lock, how)
        for leftover in into.glob(f"{UNFINISHED}*/"):
            if leftover.suffix == COMPLETE:
                _move(leftover, into)
            else:
                shutil.rmtree(leftover)
        yield
    finally:
        os.close(lock)


def finish(into: Path) -> None:
    """Finish or delete what a killed import left in the directory, unless another one is running:
    that has done it."""
    with suppress(FileNotFoundError, BlockingIOError), _sole_writer(into, _AT_ONCE):
        pass


def replace(files: Sequence[Path], into: Path) -> None:
    """Move the files of a source, which are complete, into the directory. If this is killed, either
    nothing has changed, or the next import or build finishes it."""
    (ready := files[0].with_name("ready")).mkdir()
    for file in files:
        put_in_place(file, ready / file.name)
    _move(ready.rename(into / f"{ready.parent.name}{COMPLETE}"), into)


def _move(complete: Path, into: Path) -> None:
    """Move the files so that numbers never stand beside another citation: a citation without
    numbers is ignored, so the old numbers are deleted first, and the new ones moved last."""
    files = sorted(complete.iterdir(), key=_has_numbers)
    for file in filter(_has_numbers, files):
        (into / file.name).unlink(missing_ok=True)
    for file in files:
        file.replace(into / file.name)
    complete.rmdir()


def _has_numbers(file: Path) -> bool:
    return file.suffix in (".csv", ".parquet") and "." not in file.stem


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
