import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from paycite.dataset.build import build
from paycite.dataset.published import Datasets
from paycite.importers.common.observations import import_observations
from paycite.model.observation import Observation
from support.commands import paycite, read_error, read_output
from support.observing import observation, source

SHIPPED = "aijobs-2025-08"


def observations(employers: int) -> Iterator[Observation]:
    for number in range(1_200):
        yield observation(
            number,
            100_000 + number,
            role="software-engineer",
            level=None,
            geography="us",
            employer=f"Employer {number % employers}" if employers else None,
            kind="survey",
            date=None,
        )


@pytest.fixture
def imported(few_seeds: Path, tmp_path: Path) -> Path:
    """Data with imports of both kinds: one of a name of its own, and one of that of a seed."""
    import_observations(source("own-pay"), "Pay.", observations(17), tmp_path / "observations")
    import_observations(source(SHIPPED), "Pay.", observations(0), tmp_path / "observations")
    (tmp_path / "distributions").mkdir()
    for file in (few_seeds / "distributions").glob("bls-oews-*"):
        shutil.copy(file, tmp_path / "distributions")
        shutil.copy(file, tmp_path / "distributions" / f"bls-oews-own{file.suffix}")
    return tmp_path


def run(seeds: Path, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return paycite(data, *arguments, PAYCITE_SEEDS=seeds)


def listed(seeds: Path, data: Path) -> str:
    return read_output(data, "sources", PAYCITE_SEEDS=seeds)


LISTED = """\
SOURCE                     HAS                                        AS OF       FROM
ai-video-freelancing-2026  19 figures                                 undated     seeds
aijobs-2025-08             1,200 observations from unknown employers  undated     import
bls-oews-2025-05           19 distributions                           2025-05     import
bls-oews-2025-05-workbook  1 figure                                   2026-05-15  seeds
bls-oews-own               19 distributions                           2025-05     import
dol-lca-fy2024q1-fy2024q4  N pooled statistics                        2024-09-30  seeds
indeed-wage-tracker        86 figures                                 undated     seeds
infosec-2025-08            N distributions                            2025        seeds
kore1-ai-jobs-2026         46 figures                                 undated     seeds
own-pay                    1,200 observations from 17 employers       undated     import
paycite-factors            N factors                                  undated     seeds
upwork-2023-earnings-blog  6 figures                                  undated     seeds
upwork-skills-2026-digest  13 figures                                 undated     seeds
upwork-skills-2026-news    7 figures                                  2026-02-04  seeds
"""


def without_counts(text: str) -> str:
    """The list with N for the rows that `make evidence` writes, which change with the roles."""
    pattern = r"^((?:dol-lca|infosec|paycite)-\S+ +)([\d,]+) (.*?)( +)(?=\d|undated)"

    def replace(found: re.Match[str]) -> str:
        padding = " " * (len(found[2]) - 1 + len(found[4]))
        return f"{found[1]}N {found[3]}{padding}"

    return re.sub(pattern, replace, text, flags=re.MULTILINE)


def test_the_sources_of_the_next_build_are_listed(few_seeds: Path, imported: Path) -> None:
    assert without_counts(listed(few_seeds, imported)) == LISTED
    build(
        few_seeds,
        imported / "datasets",
        5,
        imported=imported / "distributions",
        observations=imported / "observations",
    )
    with closing(Datasets(imported / "datasets")) as datasets:
        built = datasets.current.snapshot.sources
    assert [line.split()[0] for line in LISTED.splitlines()[1:]] == sorted(built)


def test_an_import_that_cannot_be_read_is_told_and_can_be_removed(
    few_seeds: Path, imported: Path
) -> None:
    file = imported / "observations" / "own-pay.json"
    file.write_text("{")
    assert str(file) in read_error(imported, "sources", PAYCITE_SEEDS=few_seeds)
    assert run(few_seeds, imported, "remove", "own-pay").returncode == 0
    assert "own-pay" not in listed(few_seeds, imported)


def test_what_is_removed_is_not_in_the_next_build_and_what_is_shipped_is_back(
    few_seeds: Path, imported: Path
) -> None:
    (imported / "observations" / "own-pay.scores.json").touch()  # of a back-test
    removed = {
        id_: run(few_seeds, imported, "remove", id_)
        for id_ in ("own-pay", "bls-oews-own", "bls-oews-2025-05", SHIPPED)
    }
    assert {id_: done.returncode for id_, done in removed.items()} == dict.fromkeys(removed, 0)
    gone = "Removed own-pay. It will not be in the next build.\n"
    back = "The next build uses the release of that name that Paycite ships.\n"
    assert removed["own-pay"].stdout == gone
    assert removed[SHIPPED].stdout.endswith(back)
    assert removed["bls-oews-2025-05"].stdout.endswith(back)
    assert [file for file in imported.rglob("*") if file.is_file()] == []
    found = {line.split()[0]: line for line in listed(few_seeds, imported).splitlines()}
    assert found.keys().isdisjoint(("own-pay", "bls-oews-own"))
    shipped = (few_seeds / "distributions" / f"{SHIPPED}.csv").read_text().splitlines()
    rows = str(len(shipped) - 1)  # below the header
    assert found[SHIPPED].split()[1:] == [rows, "distributions", "2025", "seeds"]
    assert found["bls-oews-2025-05"].endswith("seeds")


def test_what_was_not_imported_is_not_removed(few_seeds: Path, imported: Path) -> None:
    def refused(id_: str) -> str:
        return read_error(imported, "remove", id_, PAYCITE_SEEDS=few_seeds)

    text = (few_seeds / "sources.toml").read_text()
    line = text[: text.index("[kore1-ai-jobs-2026]")].count("\n") + 1
    stands = f"it is in the seeds, {few_seeds / 'sources.toml'}:{line}"
    assert stands in refused("kore1-ai-jobs-2026")
    assert "Unknown source 'own-pai'. Did you mean own-pay" in refused("own-pai")
    secret = imported / "secret.csv"
    secret.touch()
    for id_ in ("../secret", "own-pay.refused", "*", ""):
        assert f"Unknown source {id_!r}" in refused(id_)
    assert secret.exists()
    assert without_counts(listed(few_seeds, imported)) == LISTED
    nowhere = imported / "nowhere"
    assert "Unknown source" in run(few_seeds, nowhere, "remove", "own-pay").stderr
    assert not nowhere.exists()


def test_rows_that_are_not_used_yet_are_counted_after_a_build_and_in_the_list(
    few_seeds: Path, tmp_path: Path
) -> None:
    rows = [
        observation(number, 100_000 + number, date=f"2026-{1 + number % 4:02}-01")
        for number in range(40)
    ]
    own = source("own-pay", is_private=True)
    import_observations(own, "Pay.", rows, tmp_path / "observations")
    built = run(few_seeds, tmp_path, "build", "--as-of", "2026-05-15")
    sentence = (
        "Not used yet: 20 rows of own-pay dated after 2026-02-15, 3 months before the date of the "
        "dataset (2026-05-15). A dataset dated 2026-07-01 or later uses all of them: see `paycite "
        "build --as-of`.\n"
    )
    assert built.stderr == sentence
    assert built.stdout.startswith("2026-05-15-")
    assert built.stdout.count("\n") == 1  # a script reads it
    shown = listed(few_seeds, tmp_path)
    assert shown.endswith(sentence)
    assert re.search(r"^own-pay .* 2026-02-01  import$", shown, re.MULTILINE)  # the newest used
    # Nothing is left to use.
    assert run(few_seeds, tmp_path, "build", "--as-of", "2026-07-01").stderr == (
        f"Deleted the earlier dataset {built.stdout.strip()}: it has private figures of own-pay "
        "that the new one has not (PAYCITE_KEEP_PRIVATE=yes keeps such datasets).\n"
    )
