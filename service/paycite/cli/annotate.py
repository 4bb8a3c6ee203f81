"""The command `paycite annotate`."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import click

from paycite.batch.columns import ASKED, Columns
from paycite.batch.csv_file import Annotation
from paycite.cli.imports.own import renaming
from paycite.dataset.published import Datasets
from paycite.importers.common.progress import with_progress
from paycite.model.problem import Refusal
from paycite.settings import Settings
from paycite.tables.delimited import PLAIN

_COLUMN_HINT = "Map a column with `--column NAME=OURS`; pass it through with `--ignore NAME`."


def _check_replaceable(_: click.Context, __: click.Parameter, file: Path | None) -> Path | None:
    if file and not file.parent.is_dir():
        raise click.BadParameter(f"{file.parent} is not a directory")
    if file and file.exists() and not file.is_file():
        raise click.BadParameter(
            f"{file} is not a file that can be replaced. Leave --into out for standard output"
        )
    return file.resolve() if file else None


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_check_replaceable,
    help="Write to this file when it is complete; to standard output if left out.",
)
@click.option(
    "--column",
    "renamed",
    multiple=True,
    metavar="NAME=OURS",
    callback=renaming(ASKED),
    help="Use the column NAME as the parameter OURS. Repeatable.",
)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="NAME",
    help="Pass a column through. Repeatable.",
)
@click.option("--dataset", metavar="VERSION", help="Answer from an earlier dataset.")
@click.pass_obj
def annotate(
    settings: Settings,
    file: Path,
    into: Path | None,
    renamed: dict[str, str],
    ignored: tuple[str, ...],
    dataset: str | None,
) -> None:
    """Answer each row of FILE, a CSV file of any size, in appended columns.

    The columns used are role (required), level, years, metro, offer, period, age, source and
    strict, as in `/salary`; all others are passed through, but one that means a parameter which
    the file lacks (`location`) needs --column or --ignore. Where a column `age` is that of the
    candidate, add `--ignore age`. A row without an answer says why. If the file cannot be read to
    its end, standard output has the rows before that point, and the file that --into names is not
    written.
    """
    if into and into.exists() and into.samefile(file):
        raise click.ClickException(f"--into would replace {file}. Give it another name")
    columns = Columns(renamed=renamed, ignored=ignored)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaves no unfinished file
    try:
        with (
            closing(Datasets(settings.datasets)) as datasets,
            file.open("rb") as opened,
            _output(into) as output,
        ):
            store = datasets.open(dataset) if dataset else datasets.current
            annotation = Annotation(opened, store, dataset, columns)
            problems = _write(annotation, opened, output, file.stat().st_size)
            version = store.version
    except Refusal as refusal:
        raise _describe(file, refusal) from None
    _summarize(problems, annotation, version)


def _describe(file: Path, refusal: Refusal) -> click.ClickException:
    lines = [f"{file}: {fault.detail}" for fault in refusal.faults]
    if any(fault.parameter for fault in refusal.faults):
        lines.append(_COLUMN_HINT)
    return click.ClickException("\n".join(lines))


@contextmanager
def _output(into: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a temporary file that becomes the file when it is complete."""
    if into is None:
        with open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False) as output:
            yield output
        return
    unfinished = into.with_name(f".{into.name}-{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as output:
            yield output
        unfinished.replace(into)
    finally:  # which needs no further open file
        unfinished.unlink(missing_ok=True)


def _write(annotation: Annotation, opened: IO[bytes], output: IO[str], size: int) -> Counter[str]:
    """The number of rows with each type of problem; "" for none."""
    problems: Counter[str] = Counter()
    with click.progressbar(length=size, label="annotating", file=sys.stderr) as bar:
        # A pipe has no position and no size.
        is_file = opened.seekable()
        for line in with_progress(annotation, opened, bar.update) if is_file else annotation:
            output.write(line.text)
            if line.problem is not None:
                problems[line.problem] += 1
    return problems


def _summarize(problems: Counter[str], annotation: Annotation, version: str) -> None:
    def say(text: str) -> None:
        click.echo(text, err=True)

    say(f"Answered {problems['']:,} of {problems.total():,} rows from dataset {version}.")
    for problem, rows in problems.most_common():
        if problem:
            say(f"  {problem}: {rows:,}")
    if annotation.form != PLAIN:
        say(f"Read as {annotation.form}.")
    say(f"Columns used: {', '.join(annotation.read)}")
    say(f"Columns passed through: {', '.join(annotation.passed_on) or 'none'}")
