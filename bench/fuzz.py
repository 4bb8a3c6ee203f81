"""Fuzz everything that takes text from strangers.

    python bench/fuzz.py --seconds 120

bench/README.md says how. The exit status is 1 after one crash, or one input that takes too long.
"""

import sys
import tempfile
import time
from pathlib import Path

import click

from fuzzing.fuzzer import Report, fuzz
from fuzzing.targets import Room


@click.command()
@click.option("--seconds", default=120.0, show_default=True, help="Shared by the targets.")
@click.option("--only", multiple=True, help="A target; all if left out. Repeatable.")
@click.option("--seed", type=int, help="Of the inputs. Default: another one each time.")
def main(seconds: float, only: tuple[str, ...], seed: int | None) -> None:
    """Try generated inputs on each target, and print the smallest that crashes it."""
    seed = time.time_ns() % 1_000_000 if seed is None else seed
    click.echo(f"seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        targets = Room(Path(folder)).targets()
        if unknown := {*only} - {*targets}:
            raise click.UsageError(
                f"No target {unknown.pop()!r}: it is one of {', '.join(targets)}"
            )
        chosen = [make() for name, make in targets.items() if not only or name in only]
        click.echo(f"{'TARGET':14}{'INPUTS':>9}{'SLOWEST, ms':>13}{'CRASHES':>9}")
        reports = []
        for one in chosen:
            reports.append(fuzz(one, seconds / len(chosen), seed))
            _print(reports[-1])
    sys.exit(any(report.crashes for report in reports))


def _print(report: Report) -> None:
    slowest = 1e3 * report.slowest
    click.echo(f"{report.name:14}{report.tried:9,}{slowest:13,.1f}{len(report.crashes):9}")
    for why, (name, content) in report.crashes:
        click.echo(f"  {why}\n  {name}: {content!r}")


if __name__ == "__main__":
    main()
