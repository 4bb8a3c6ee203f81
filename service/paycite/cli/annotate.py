"""The command `paycite annotate`."""

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import click

from paycite.batch.columns import ASKED, Columns
from paycite.batch.csv_file import Annotation
from paycite.cli.imports.own import renaming
from paycite.dataset.store import DatasetError, Datasets
from paycite.importers.common.progress import with_progress
from paycite.model.problem import Refusal
from paycite.settings import Settings

_OF_COLUMNS = "Read a column with `--column NAME=OURS`; pass it on unread with `--ignore NAME`."


def _replaceable(_: click.Context, __: click.Parameter, file: Path | None) -> Path | None:
    if file and not file.parent.is_dir():
        raise click.BadParameter(f"{file.parent} is no folder")
    if file and file.exists() and not file.is_file():
        raise click.BadParameter(f"{file} is no file that can be replaced; leave --into out")
    return file.resolve() if file else None


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_replaceable,
    help="Write to this file, once it is whole; to standard output if left out.",
)
@click.option(
    "--column",
    "renamed",
    multiple=True,
    metavar="NAME=OURS",
    callback=renaming(ASKED),
    help="Read the column NAME as OURS. Repeatable.",
)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="NAME",
    help="Pass on a column unread. Repeatable.",
)
@click.option("--dataset", metavar="VERSION", help="Answer from an earlier dataset that is kept.")
@click.pass_obj
def annotate(
    settings: Settings,
    file: Path,
    into: Path | None,
    renamed: dict[str, str],
    ignored: tuple[str, ...],
    dataset: str | None,
) -> None:
    """Answer each row of FILE, a CSV file of any size, in columns that are appended to it.

    The columns that are read are role (needed), level, years, metro, offer, period, source and
    strict, as in `/salary`; all others are passed on. A row that has no answer says why not. If
    the file cannot be read to its end, standard output has had the rows before, and the file that
    --into names is not written.
    """
    if into and into.exists() and into.samefile(file):
        raise click.ClickException(f"{file} would be replaced: give --into another name")
    columns = Columns(renamed=renamed, ignored=ignored)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # which leaves no unfinished file
    try:
        with (
            closing(Datasets(settings.datasets)) as datasets,
            file.open("rb") as opened,
            _output(into) as output,
        ):
            store = datasets.open(dataset) if dataset else datasets.current
            annotation = Annotation(opened, store, dataset, columns)
            problems = _write(annotation, opened, output, file.stat().st_size)
    except Refusal as refusal:
        raise _refused(file, refusal) from None
    except BrokenPipeError:
        raise  # whoever reads has had enough
    except (DatasetError, OSError) as error:
        raise click.ClickException(str(error)) from None
    _tell(problems, annotation, store.snapshot.version)


def _refused(file: Path, refusal: Refusal) -> click.ClickException:
    told = [f"{file}: {fault.detail}" for fault in refusal.faults]
    if any(fault.parameter for fault in refusal.faults):
        told.append(_OF_COLUMNS)
    return click.ClickException("\n".join(told))


@contextmanager
def _output(into: Path | None) -> Iterator[IO[str]]:
    """Standard output, or what becomes the file when it is whole."""
    if into is None:
        with open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False) as output:
            yield output
        return
    with TemporaryDirectory(prefix=f".{into.name}-", dir=into.parent) as folder:
        unfinished = Path(folder, into.name)
        with unfinished.open("w", encoding="utf-8", newline="") as output:
            yield output
        unfinished.replace(into)


def _write(annotation: Annotation, opened: IO[bytes], output: IO[str], size: int) -> Counter[str]:
    """How many rows have each type of problem; "" for none."""
    problems: Counter[str] = Counter()
    with click.progressbar(length=size, label="annotating", file=sys.stderr) as bar:
        # How much of a pipe is read, and of how much, cannot be told.
        is_file = opened.seekable()
        for line in with_progress(annotation, opened, bar.update) if is_file else annotation:
            output.write(line.text)
            if line.problem is not None:
                problems[line.problem] += 1
    return problems


def _tell(problems: Counter[str], annotation: Annotation, version: str) -> None:
    def tell(text: str) -> None:
        click.echo(text, err=True)

    tell(f"{problems['']:,} of {problems.total():,} rows are answered, from dataset {version}")
    for problem, rows in problems.most_common():
        if problem:
            tell(f"  {problem}: {rows:,}")
    tell(f"columns read: {', '.join(annotation.read)}")
    tell(f"columns passed on: {', '.join(annotation.passed_on) or 'none'}")
