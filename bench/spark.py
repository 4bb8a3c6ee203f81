"""What a build costs on DuckDB and on Apache Spark, with the same observations.

    python bench/spark.py [--master URL] [ROWS...]

It needs the extra `spark` and Java. Pay is generated as for `observations.py`. Each engine builds
as anyone would run it; memory is that of all its processes on this machine. The figures must be
equal. The table goes into bench/README.md. `SPARK_CONF_DIR` is where Spark is configured; without
it, it gets 4 GB and as many partitions as suit two cores.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import duckdb
import observations

from paycite.dataset.published import Datasets

ROWS = (500_000, 5_000_000)
TABLES = ("dataset", "pool", "pool_factor", "pool_spread", "estimate")
CONFIGURED = """
spark.driver.memory 4g
spark.sql.shuffle.partitions 8
spark.ui.enabled false
"""


def figures(data: Path) -> list[Any]:
    (file,) = (data / "datasets").glob("*.duckdb")
    with duckdb.connect(file, read_only=True) as connection:
        return [connection.execute(f"from {table} order by all").fetchall() for table in TABLES]


@click.command()
@click.option("--master", default="local[2]", show_default=True)
@click.argument("rows", nargs=-1, type=int)
def main(master: str, rows: tuple[int, ...]) -> None:
    with TemporaryDirectory() as name:
        if "SPARK_CONF_DIR" not in os.environ:
            os.environ["SPARK_CONF_DIR"] = name
            Path(name, "spark-defaults.conf").write_text(CONFIGURED)
        compare(master, rows or ROWS)


def compare(master: str, rows: Sequence[int]) -> None:
    with TemporaryDirectory() as name:
        observations.build(Path(name))
        snapshot = Datasets(Path(name, "datasets")).current.snapshot
    print("| rows | DuckDB, s | Spark, s | DuckDB, MB | Spark, MB | figures |")
    print("|---:|---:|---:|---:|---:|---|")
    for count in rows:
        with TemporaryDirectory() as name:
            one, other = Path(name, "duckdb"), Path(name, "spark")
            observations.generate(one / "observations", count, snapshot)
            other.mkdir()
            (other / "observations").symlink_to(one / "observations")
            seconds, peak = observations.build(one)
            on_spark, its_peak = observations.build(other, "--engine", "spark", "--master", master)
            are_equal = figures(one) == figures(other)
        print(
            f"| {count:,} | {seconds:.0f} | {on_spark:.0f} | {peak:,.0f} | {its_peak:,.0f} "
            f"| {'equal' if are_equal else '**different**'} |",
            flush=True,
        )
        assert are_equal


if __name__ == "__main__":
    main()
