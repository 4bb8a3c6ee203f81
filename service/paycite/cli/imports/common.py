"""What the import commands share: arguments, progress, and the report of what was imported."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

import click

from paycite.cli.failures import explain
from paycite.cli.recent import describe_recent
from paycite.dataset.observations import employers
from paycite.dataset.published import Datasets
from paycite.importers.common.fields import FieldParser
from paycite.importers.common.limits import limited
from paycite.importers.common.observations import import_observations
from paycite.importers.common.progress import Progress
from paycite.match.employers import list_near
from paycite.model.answer import Interval
from paycite.model.figure import Source
from paycite.model.money import range_in_dollars
from paycite.model.observation import Observation, RefusedRow
from paycite.settings import Settings

_MAX_SHOWN = 10  # corrected places
_PREVIEWED = 10  # rows
PRIVATE = " The source is private: see `paycite keys` and `paycite serve --open`."
ObservationRows = Callable[[FieldParser, Progress], Iterator[Observation | RefusedRow]]


def _check_files(
    _: click.Context, __: click.Parameter, files: tuple[Path, ...]
) -> tuple[Path, ...]:
    """Refuse pipes and devices, which may never end; a file is read more than once."""
    for file in files:
        if not file.is_file():
            raise click.BadParameter(f"{file} is not a file: save what it has as one.")
    return files


files_argument = click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=_check_files,
)


def into_option(help_: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The option --into, which names a directory to write seed files to."""
    return click.option(
        "--into", type=click.Path(file_okay=False, path_type=Path), metavar="DIRECTORY", help=help_
    )


def quantity(number: int, noun: str) -> str:
    """Write `1 row`, `2 rows`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


@contextmanager
def importing(hint: str = "") -> Iterator[None]:
    """Add to the sentence that ends a command that nothing was imported, and the hint."""
    try:
        yield
    except Exception as error:
        if not (explained := explain(error)):
            raise
        raise click.ClickException(f"{explained}\nNothing was imported.{hint}") from None


def run_observations_import(
    settings: Settings,
    files: Sequence[Path],
    source: Source,
    note: str,
    rows: ObservationRows,
    readings: Sequence[str] = (),
    **options: bool,
) -> None:
    """Import what `rows` yields, parsed with the names in the current dataset, and report it, with
    the `readings` that `rows` collects: how the files were read. The options are those of
    `import_observations`."""
    with _parsing(settings, files) as (parser, progress):
        imported = import_observations(
            source,
            note,
            limited(rows(parser, progress), source.id),
            settings.observations,
            **options,
        )
    written = imported.written
    for reading in readings:
        click.echo(reading)
    click.echo(
        f"Imported {source.id}: {quantity(written.rows, 'observation')} from "
        f"{quantity(written.employers, 'employer')}. "
        f"Skipped {quantity(written.repeated, 'repeated row')}."
    )
    if source.is_private:
        _report_near_employers(settings.observations / f"{source.id}.parquet")
    if written.of_no_role:
        click.echo(
            f"{written.of_no_role:,} of them have an occupation but no role: `paycite backtest` "
            "scores them, and no answer uses them."
        )
    if written.components != ("base",):
        click.echo(
            f"Estimates are of base pay, so no estimate uses {source.id}, whose component is "
            f"{written.components[0]}. After a build, `/figures?source={source.id}` lists it."
        )
    for text, metro in islice(parser.corrected_places.items(), _MAX_SHOWN):
        click.echo(f"Corrected a place: {text!r} is matched to {metro}.")
    if (more := len(parser.corrected_places) - _MAX_SHOWN) > 0:
        click.echo(f"Corrected {quantity(more, 'more place')}.")
    _report_refused(imported.refused)
    if imported.refused:
        click.echo(f"The refused rows are listed in {imported.report}.")
    with closing(Datasets(settings.datasets)) as datasets:
        as_of = max(filter(None, (datasets.current.as_of, source.published.date)))
        before = datasets.current.snapshot.sources.get(source.id)
    for sentence in describe_recent(settings, [source], as_of):
        click.echo(sentence)
    if source.is_private and before and not before.is_private:
        click.echo(
            f"{source.id} was public, and is until the next build, which deletes earlier datasets "
            "in which it is. Then run `paycite publish` again wherever it was published."
        )
    click.echo(
        "Run `paycite build` to pool them. Anyone who may see the source then sees each figure "
        "that rests on five or more employers (ten or more in the whole source)."
        + (PRIVATE if source.is_private else "")
    )


def _report_near_employers(file: Path) -> None:
    """List the names that count as one employer though they differ in letters."""
    found = list_near(employers(file))
    for names in found[:_MAX_SHOWN]:
        click.echo(f"Counted as one employer: {'; '.join(names)}.")
    if (more := len(found) - _MAX_SHOWN) > 0:
        click.echo(f"Counted {quantity(more, 'more group')} of names as one employer each.")


def preview_observations(
    settings: Settings, files: Sequence[Path], rows: ObservationRows, readings: Sequence[str]
) -> None:
    """Report what an import would read, with the first rows as read. Writes nothing."""
    first: list[str] = []
    refused: Counter[str] = Counter()
    total = 0
    with _parsing(settings, files) as (parser, progress):
        for row in limited(rows(parser, progress), ", ".join(map(str, files))):
            total += 1
            if isinstance(row, RefusedRow):
                refused[row.reason] += 1
            if len(first) < _PREVIEWED:
                first.append(_describe_row(row))
    for line in (*readings, *first):
        click.echo(line)
    click.echo(
        f"Read {quantity(total, 'row')}: {total - refused.total():,} would be imported. Nothing "
        "was written."
    )
    _report_refused(dict(refused.most_common()))


def _describe_row(row: Observation | RefusedRow) -> str:
    if isinstance(row, RefusedRow):
        faults = (f"{fault.reason}: {fault.value!r}" for fault in row.faults)
        return f"  refused: {'; '.join(faults)}"
    pay = range_in_dollars(Interval(min=row.low, max=row.high))
    cells = (
        *(row.role or row.occupation, row.level or "no level", row.geography, f"{pay} a year"),
        *(row.component, row.employer or "no employer", row.date or "no date"),
    )
    return f"  {row.title or row.occupation or row.role}: {', '.join(map(str, cells))}"


def _report_refused(refused: Mapping[str, int]) -> None:
    for reason, count in refused.items():
        click.echo(f"Refused {quantity(count, 'row')}: {reason}.")


@contextmanager
def _parsing(settings: Settings, files: Sequence[Path]) -> Iterator[tuple[FieldParser, Progress]]:
    """A parser with the names in the current dataset, and a progress bar for the files."""
    with importing():
        with closing(Datasets(settings.datasets)) as datasets:
            parser = FieldParser(datasets.current.snapshot)
        with reading(files) as progress:
            yield parser, progress


@contextmanager
def reading(files: Sequence[Path]) -> Iterator[Progress]:
    """A progress bar for the files."""
    size = sum(file.stat().st_size for file in files)
    with click.progressbar(length=size, label="reading", file=sys.stderr) as bar:
        yield bar.update
        bar.update(size - bar.pos)  # such as the end of a zip file, which is not read


def report_replacement(settings: Settings, name: str) -> None:
    """Say that an import replaces all of what Paycite ships from the same release."""
    shipped = settings.seeds / "distributions" / f"{name}.csv"
    if shipped.exists():
        rows = shipped.read_text(encoding="utf-8").count("\n") - 1
        click.echo(f"The next build uses this import instead of the {rows:,} rows in the seeds.")
