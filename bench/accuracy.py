"""Judge a running Paycite by pay that was observed.

    python bench/accuracy.py ask advertisements-2023 --into answers.parquet
    python bench/accuracy.py report advertisements-2023 answers.parquet
    python bench/accuracy.py compare advertisements-2023 before.parquet answers.parquet

`ask` sends every different title and place, as it was written, to `POST /salary/batch`, and saves
the answers by the hash of the question. `report` and `compare` read the observed pay again, join
the saved answers to it, and print Markdown. bench/README.md explains the measures and the sets.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from judge.answers import save_answers
from judge.observations import SETS, Selection, load
from judge.report import write_comparison, write_report
from paycite.dataset.build import build
from paycite.settings import ROOT
from servers import BIN, serving

SavedAnswers = click.Path(exists=True, dir_okay=False, path_type=Path)
_COLUMNS = {
    "title": "job titles",
    "place": "places; left out: the nation",
    "pay": "annual pay; or give --low and --high",
    "low": "lower end of annual pay",
    "high": "upper end; the geometric middle of both is the pay",
    "employer": "employers; left out: each row is its own",
    "date": "dates",
    "extra": "another column to group by",
}


@click.group(help=__doc__)
def main() -> None:
    pass


def select_rows(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the argument SOURCE and the options that choose its rows."""

    @wraps(command)  # with the options that it already has
    def run(
        source: str, shared: Path | None, held_out: bool, most: int | None, **others: Any
    ) -> None:
        columns = {name: value for name in _COLUMNS if (value := others.pop(name))}
        selection = Selection(source, shared, {"title": "title"} | columns, held_out, most)
        try:
            command(selection, **others)
        except ValueError as error:
            raise click.ClickException(str(error)) from error

    options = [
        click.argument("source", metavar=f"[FILE|{'|'.join(SETS)}]"),
        click.option(
            "--shared",
            envvar="PAYCITE_SHARED_DATA",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="Directory of the known sets. [PAYCITE_SHARED_DATA]",
        ),
        *(
            click.option(f"--{name}", metavar="COLUMN", help=f"Column of {text}.")
            for name, text in _COLUMNS.items()
        ),
        click.option(
            "--held-out", is_flag=True, help="Only the fifth of employers that shipped data omits."
        ),
        click.option("--most", type=int, help="Rows at most, chosen by their hash."),
    ]
    decorated: Callable[..., None] = run
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


@main.command()
@select_rows
@click.option("--into", required=True, type=click.Path(path_type=Path), help="Parquet to write.")
@click.option("--url", help="A running Paycite. Left out: one is started.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="PAYCITE_DATA of the Paycite that is started. Left out: the seeds are built.",
)
def ask(selection: Selection, into: Path, url: str | None, data: Path | None) -> None:
    """Ask every different question of SOURCE once, and save the answers."""
    connection = load(selection)
    with ExitStack() as stack:
        if url is None:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            if data is None:
                data = folder
                build(ROOT / "seeds", data / "datasets", keep=1)
            command = (str(BIN / "paycite"), "serve", "--open", "all", "--port", "PORT")
            settings = {"PAYCITE_DATA": str(data)}
            log = folder / "paycite.log"
            url = stack.enter_context(serving(log, *command, settings=settings)).url
        version = save_answers(connection, url, into)
    click.echo(f"Dataset {version}: wrote {into}", err=True)


@main.command()
@select_rows
@click.argument("answers", type=SavedAnswers)
@click.option("--no-lightgbm", is_flag=True, help="Leave out that baseline, which takes minutes.")
def report(selection: Selection, answers: Path, no_lightgbm: bool) -> None:
    """Score saved ANSWERS against the observed pay of SOURCE."""
    _print(write_report(selection, answers, not no_lightgbm))


@main.command()
@select_rows
@click.argument("before", type=SavedAnswers)
@click.argument("after", type=SavedAnswers)
def compare(selection: Selection, before: Path, after: Path) -> None:
    """Score two sets of saved answers, BEFORE (A) and AFTER (B), on the same rows of SOURCE."""
    _print(write_comparison(selection, before, after))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


if __name__ == "__main__":
    main()
