"""`paycite build` where it cannot run: without Spark, or in a folder that follows a publication."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import read_error

UNUSED = """
import sys
import paycite.cli.build, paycite.dataset.build, paycite.dataset.evidence
sys.exit(any(name in sys.modules for name in ("pyspark", "py4j", "sqlglot", "pyarrow")))
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--engine", "spark"], "Error: --engine spark needs the extra spark ("),
        (["--master", "local"], "Error: --master and --observations need --engine spark."),
        (["--observations", "s3a://pay/x"], "--master and --observations need --engine spark."),
        (["--engine", "dask"], "Invalid value for '--engine'"),
    ],
)
def test_a_build_that_cannot_run_on_spark_says_what_to_do(
    tmp_path: Path, options: list[str], expected: str
) -> None:
    error = read_error(tmp_path, "build", *options, without="pyspark", statuses=(1, 2))
    assert expected in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["build", "rollback"])
def test_a_folder_that_follows_a_publication_keeps_what_is_published(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "datasets").mkdir()
    (record := tmp_path / "datasets" / "replica.json").touch()
    error = read_error(tmp_path, command)
    assert "are published elsewhere. Build or roll back there, and run `paycite publish`" in error
    assert f"delete {record}." in error
    assert [*(tmp_path / "datasets").iterdir()] == [record]


def test_nothing_of_spark_is_imported_without_it() -> None:
    assert subprocess.run([sys.executable, "-c", UNUSED]).returncode == 0
