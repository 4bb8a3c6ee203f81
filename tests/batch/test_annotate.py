"""`paycite annotate`, the real command."""

import csv
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from paycite.batch.columns import ASKED
from support.commands import PAYCITE, environment, paycite, read_output


def annotate(data: Path, file: Path, *options: object) -> subprocess.CompletedProcess[str]:
    return paycite(data, "annotate", file, *options)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_columns_are_named_and_ignored_and_a_summary_tells_what_was_done(
    data: Path, tmp_path: Path
) -> None:
    file, into = tmp_path / "asked.csv", tmp_path / "answered.csv"
    file.write_text(
        "Job Title,City,source,level\n"
        "Sr. MLOps Eng,Brooklyn,LinkedIn,\nastronaut,,,\nmlops,Narnia,,\n"
    )
    refused = annotate(data, file, "--into", into)
    assert refused.returncode == 1 and not into.exists()
    assert "Missing column 'role'. The file has: Job Title, City" in refused.stderr
    assert "`--column NAME=OURS`" in refused.stderr

    options = ("--column", "job title=role", "--column", "City=metro", "--ignore", "source")
    done = annotate(data, file, *options, "--into", into)
    assert (done.returncode, done.stdout) == (0, "")
    first, second, third = rows_of(into)
    assert (first["source"], first["paycite_metro"]) == ("LinkedIn", "nyc")
    assert (
        int(first["paycite_min"]) > 0 and first["paycite_source_ids"] and first["paycite_locators"]
    )
    assert second["paycite_problem_type"] == "/problems/unknown-role"
    assert third["paycite_problem_type"] == "/problems/unknown-metro"
    told = done.stderr.splitlines()
    assert told[1].startswith("Answered 1 of 3 rows from dataset 20")
    assert told[2:] == [
        "  unknown-role: 1",
        "  unknown-metro: 1",
        "Columns used: Job Title, City, level",
        "Columns passed through: source",
    ]


@pytest.mark.parametrize("rows", ["", "\n\n", "mlops,mid,more\nmlops\n"])
def test_a_file_in_which_no_row_needs_the_dataset_is_summarized_too(
    rows: str, data: Path, tmp_path: Path
) -> None:
    file, into = tmp_path / "asked.csv", tmp_path / "answered.csv"
    file.write_text(f"role,level\n{rows}")
    done = annotate(data, file, "--into", into)
    assert done.returncode == 0, done.stderr
    assert into.read_text().startswith('"role","level","paycite_role"')
    assert f"Answered 0 of {rows.count('mlops')} rows from dataset 20" in done.stderr


def test_the_help_lists_every_column_that_is_used(data: Path) -> None:
    stated = read_output(data, "annotate", "--help").replace("\n", " ").split("all others")[0]
    assert [name for name in ASKED if name not in stated] == []


def test_a_file_is_annotated_from_a_dataset_that_is_kept_and_never_replaced(
    data: Path, dataset: Path, tmp_path: Path
) -> None:
    version = dataset.stem
    file, into = tmp_path / "asked.csv", tmp_path / "annotated.csv"
    file.write_text("role\nmlops\n")
    assert annotate(data, file, "--into", into, "--dataset", version).returncode == 0
    (row,) = rows_of(into)
    assert row["paycite_permalink"] == f"/salary?role=mlops&dataset={version}"
    again = annotate(data, into, "--into", file)
    assert again.returncode == 1 and "Remove the columns that begin with paycite_" in again.stderr
    onto_itself = annotate(data, file, "--into", file)
    assert onto_itself.returncode == 1 and "--into would replace" in onto_itself.stderr
    assert file.read_text() == "role\nmlops\n"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--column", "role=salary"), "OURS is one of"),
        (("--column", "title=role"), "The column 'title' is not in the file"),
        (("--ignore", "title"), "The column 'title' is not in the file"),
        (("--dataset", "2020-01-01-000000000000"), "no dataset '2020-01-01-000000000000' is kept"),
        (("--into", "/nowhere/answered.csv"), "/nowhere is not a directory"),
        (("--into", "/dev/null"), "/dev/null is not a file that can be replaced"),
    ],
)
def test_an_option_that_cannot_be_followed_is_refused(
    data: Path, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    file = tmp_path / "asked.csv"
    file.write_text("role\nmlops\n")
    refused = annotate(data, file, *options)
    assert refused.returncode and refused.stdout == ""
    assert told in refused.stderr


def test_a_file_that_breaks_off_loses_none_of_the_rows_before(data: Path, tmp_path: Path) -> None:
    file, into = tmp_path / "asked.csv", tmp_path / "answered.csv"
    file.write_text('id,role\n1,mlops\n2,mlops\n3,"mlops\n')
    whole = annotate(data, file, "--into", into)
    assert whole.returncode == 1 and not into.exists()
    broken = annotate(data, file)
    assert broken.returncode == 1
    assert "asked.csv: The row that begins on line 4 is not valid CSV" in broken.stderr
    into.write_text(broken.stdout)
    assert [(row["id"], bool(row["paycite_min"])) for row in rows_of(into)] == [
        ("1", True),
        ("2", True),
    ]


def test_rows_are_answered_before_the_last_is_read(data: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    command = (PAYCITE, "annotate", pipe)
    with subprocess.Popen(
        command, env=environment(data), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout
        with pipe.open("w") as writing:
            writing.write("id,role\n" + "".join(f"{number},mlops\n" for number in range(50)))
            writing.flush()
            header, first = running.stdout.readline(), running.stdout.readline()
            assert header.startswith(b'"id","role","paycite_role"')
            assert first.startswith(b'"0","mlops","mlops"')
        assert len(running.stdout.readlines()) == 49
    assert running.returncode == 0


@pytest.mark.parametrize("with_what", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_killed_it_leaves_the_file_as_it_was(
    data: Path, tmp_path: Path, with_what: signal.Signals
) -> None:
    into = tmp_path / "answered.csv"
    into.write_text("what stood there")
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    command = (PAYCITE, "annotate", pipe, "--into", into)
    with (
        subprocess.Popen(command, env=environment(data), stderr=subprocess.DEVNULL) as running,
        pipe.open("w") as writing,
    ):
        writing.write("role\n" + "mlops\n" * 50)
        writing.flush()
        while not any(file.stat().st_size for file in tmp_path.glob(".answered.csv-*")):
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(with_what)
        assert running.wait(30)
    assert into.read_text() == "what stood there"
    left = {file.name for file in tmp_path.iterdir()}
    # What is killed without warning cannot clear away; it leaves nothing by a name that is used.
    assert left == {into.name, pipe.name} or with_what == signal.SIGKILL
    assert all(name.startswith(".") for name in left - {into.name, pipe.name})
