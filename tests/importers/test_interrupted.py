"""What is imported is whole or not there, wherever an import or a removal of it is killed."""

import shutil
from pathlib import Path

import pytest

from paycite.dataset.disclosure_record import WAS_PUBLIC
from paycite.dataset.observations import parquet_rows
from paycite.importers.common.publish import finish
from paycite.seeds import distributions
from paycite.seeds.observations import observed
from support.folders import contents
from support.killing import killed_at, killed_at_each_line
from support.servers import SEEDS

NAME = "own-pay"


def read(folder: Path) -> int | None:
    """How many observations the next build reads, in which all that is said of them holds."""
    found = list(observed(folder / "observations"))
    if not found:
        return None
    (about,) = found
    rows = list(parquet_rows(folder / "observations" / f"{NAME}.parquet"))
    assert about.rows == len(rows) == about.employers
    assert about.source.citation == f"{len(rows)} observations"
    return len(rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Data with two observations of a source."""
    folder = tmp_path / "data"
    assert killed_at(0, folder, "observations", 2) == 0
    return folder


def test_an_import_killed_at_any_line_leaves_observations_whole(data: Path) -> None:
    copies = list(killed_at_each_line(data, "observations", 3))
    outcomes = [read(copy) for copy in copies]
    assert (outcomes[0], outcomes[-1]) == (2, 3)
    # In turn: the earlier ones, for a moment none, and those that are imported.
    assert outcomes == sorted(outcomes, key=[2, None, 3].index)
    interrupted = Path(shutil.copytree(copies[len(copies) // 2], data.with_name("interrupted")))
    imported = contents(copies[-1])
    for copy in copies:
        finish(copy / "observations")
    finished = [read(copy) or 0 for copy in copies]
    assert finished == sorted(finished) and {*finished} == {2, 3}
    for copy, number in zip(copies, finished, strict=True):
        assert contents(copy) == (contents(data) if number == 2 else imported)
    assert contents(interrupted).keys() > contents(data).keys()
    assert killed_at(0, interrupted, "observations", 3) == 0
    assert contents(interrupted) == contents(copies[-1])
    assert contents(interrupted).keys() == contents(data).keys()


def test_public_rows_are_kept_wherever_a_private_import_of_them_is_killed(data: Path) -> None:
    public = (data / "observations" / f"{NAME}.parquet").read_bytes()
    for copy in killed_at_each_line(data, "observations", 3, "private"):
        finish(copy / "observations")
        kept = copy / "observations" / f"{NAME}{WAS_PUBLIC}"
        assert (read(copy), kept.exists()) in ((2, False), (3, True))
        assert not kept.exists() or kept.read_bytes() == public


def test_a_removal_killed_at_any_line_leaves_a_source_or_none(data: Path) -> None:
    """Distributions of the same name, which the observations hide, do not come back."""
    (data / "distributions").mkdir()
    for file in (SEEDS / "distributions").glob("aijobs-*"):
        shutil.copy(file, data / "distributions" / f"{NAME}{file.suffix}")
    copies = list(killed_at_each_line(data, "removal", NAME))
    outcomes = [read(copy) for copy in copies]
    assert (outcomes[0], outcomes[-1]) == (2, None)
    assert outcomes == sorted(outcomes, key=[2, None].index)
    for copy, outcome in zip(copies, outcomes, strict=True):
        files = distributions.files(SEEDS / "distributions", copy / "distributions")
        assert outcome or NAME not in {file.stem for file in files}
    for copy in copies[-2:]:
        assert (contents(copy) == {}) or killed_at(0, copy, "removal", NAME) == 0
        assert contents(copy) == {}
