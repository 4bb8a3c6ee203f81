"""What the system refuses ends every command with one sentence, a status and the data as it was."""

import ctypes
import os
import resource
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from paycite.dataset.build import build
from paycite.importers.aijobs import Row
from paycite.importers.aijobs.percentiles import FEWEST
from support.commands import PAYCITE, environment

CITED = ("--publisher", "Us", "--title", "Pay", "--kind", "survey")


@pytest.fixture(scope="module")
def built(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that a user without rights can reach, with a dataset and pay to import."""
    folder = tmp_path_factory.mktemp("failures") / "data"
    build(few_seeds, folder / "datasets", keep=5)
    rows = "".join(f"e{n},Data Engineer,New York,{100_000 + n}\n" for n in range(2_000))
    (folder / "pay.csv").write_text(f"employer,title,place,amount\n{rows}")
    (folder / "salaries_2025-08.csv").write_text(advertised())
    return folder


def advertised() -> str:
    """A release of aijobs.net with enough pay of one role and level."""
    columns = ",".join(Row.__struct_fields__)
    pay = range(100_000, 100_000 + FEWEST)
    rows = (f"2025,SE,FT,ML Engineer,{one},USD,{one},US,0,US,M" for one in pay)
    return "\n".join([columns, *rows, ""])


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "data"))


def commands(folder: Path) -> dict[str, list[str]]:
    pay = str(folder / "pay.csv")
    return {
        "build": ["build", "--as-of", "2026-07-01"],
        "import": ["import", "observations", pay, "--source", "own-pay", *CITED],
        "aijobs": ["import", "aijobs", str(folder / "salaries_2025-08.csv")],
        "keys": ["keys", "add", "acme"],
        "annotate": ["annotate", pay, "--into", str(folder / "answers.csv")],
    }


def files_small() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))


def files_few(files: int = 6) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


def rights_bind() -> None:
    """Drop what lets root pass over the rights of files: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH."""
    if os.geteuid() == 0:
        for capability in (1, 2):
            assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP


def run(
    folder: Path, seeds: Path, words: list[str], limit: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PAYCITE, *words],
        env=environment(folder, PAYCITE_SEEDS=seeds, HOME=folder),
        preexec_fn=limit,
        capture_output=True,
        text=True,
    )


def contents(folder: Path) -> dict[str, bytes]:
    found = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".lock"]
    return {str(one.relative_to(folder)): one.read_bytes() for one in found if one.name != ".lock"}


@pytest.mark.parametrize("command", ["build", "import", "aijobs", "keys", "annotate"])
@pytest.mark.parametrize("limit", [files_small, files_few])
def test_a_limit_ends_a_command_with_a_sentence(
    few_seeds: Path, folder: Path, command: str, limit: Callable[[], None]
) -> None:
    before = contents(folder)
    ended = run(folder, few_seeds, commands(folder)[command], limit)
    if ended.returncode == 0:  # a command that needs so little
        assert command == "keys" or (limit is files_few and command in ("aijobs", "build"))
        return
    assert_told(ended)
    assert contents(folder) == before


def test_a_build_that_may_not_even_delete_its_files_leaves_that_to_the_next(
    few_seeds: Path, folder: Path
) -> None:
    before = contents(folder)
    assert_told(run(folder, few_seeds, commands(folder)["build"], lambda: files_few(5)))
    after = contents(folder)
    unfinished = after.keys() - before.keys()
    assert {name: after[name] for name in before} == before
    assert all(name.startswith("datasets/building-") for name in unfinished)
    assert run(folder, few_seeds, commands(folder)["build"]).returncode == 0
    assert not contents(folder).keys() & unfinished


@pytest.mark.parametrize("command", ["build", "import", "keys", "annotate"])
def test_a_folder_that_cannot_be_written_ends_a_command_with_a_sentence(
    few_seeds: Path, folder: Path, command: str
) -> None:
    before = contents(folder)
    folders = [*(one for one in folder.iterdir() if one.is_dir()), folder]
    for one in folders:
        one.chmod(0o555)
    ended = run(folder, few_seeds, commands(folder)[command], rights_bind)
    for one in folders:
        one.chmod(0o755)
    assert_told(ended)
    assert "ermission denied" in ended.stderr
    assert contents(folder) == before


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"", b"../../etc/passwd", None], ids=["bytes", "", "path", "none"]
)
@pytest.mark.parametrize("command", ["import", "annotate", "forget"])
def test_a_pointer_that_names_no_dataset_is_told_and_fixed_by_rollback(
    few_seeds: Path, folder: Path, content: bytes | None, command: str
) -> None:
    pointer = folder / "datasets" / "current"
    right = pointer.read_bytes()
    pointer.unlink()
    if content is not None:
        pointer.write_bytes(content)
    words = commands(folder).get(command, ["forget", "own-pay"])
    assert_told(run(folder, few_seeds, words))
    assert run(folder, few_seeds, ["rollback"]).returncode == 0
    assert pointer.read_bytes() == right


def assert_told(ended: subprocess.CompletedProcess[str]) -> None:
    assert ended.returncode > 0
    assert "Traceback" not in ended.stderr
    assert "Error: " in ended.stderr
    assert "[Errno" not in ended.stderr
    assert ended.stdout == ""
