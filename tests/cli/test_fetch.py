"""`paycite fetch` as a command: from a server that plays the publisher to files for the build."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from paycite.model.distribution import MEASURES
from support.commands import paycite, read_error, read_output
from support.oews_files import Stated, write_workbook
from support.publisher import Publisher, publishing

PAY = ("66880", "85360", "120310", "160570", "205680", "240000", "1.2", "0.5", "")
ROWS = {
    "nat": ("0000000", "N", "National"),
    "st": ("0600000", "S", "California"),
    "ma": ("0012420", "M", "Austin-Round Rock-San Marcos, TX"),
}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Publisher, str]]:
    with publishing() as (publisher, address):
        for part, area in ROWS.items():
            row = Stated(*area, "15-2051", "Data Scientists", dict(zip(MEASURES, PAY, strict=True)))
            book = write_workbook(tmp_path / f"{part}_M2025_dl.xlsx", [row])
            name = f"oesm25{part}.zip"
            with zipfile.ZipFile(tmp_path / name, "w") as written:
                written.write(book, f"oesm25{part}/{book.name}")
            publisher.files[name] = (tmp_path / name).read_bytes()
        yield publisher, address


def test_a_release_is_fetched_and_imported_and_not_fetched_twice(
    served: tuple[Publisher, str], tmp_path: Path
) -> None:
    publisher, address = served
    publisher.cut_after, publisher.cuts = 1_000, 2
    data = tmp_path / "data"
    printed = read_output(data, "fetch", "bls-oews", "--release", "2025-05", "--from", address)
    assert "Imported bls-oews-2025-05: 3 rows for 3 areas." in printed
    assert (data / "distributions" / "bls-oews-2025-05.csv").exists()
    # What the publisher's table says of the day.
    about = (data / "distributions" / "bls-oews-2025-05.toml").read_text()
    assert "(released 2026-05-15)" in about
    asked = publisher.asked
    again = paycite(data, "fetch", "bls-oews", "--from", address, "--download-only")
    assert (again.returncode, publisher.asked) == (0, asked)
    assert "Imported" not in again.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("bls-oews", "--release", "2024"), "oesm24nat.zip does not exist"),
        (("dol-lca", "--release", "FY2024Q9"), "FY2024Q9: expected a quarter since fiscal 2020"),
        (("bls-oews", "--release", "2024", "--release", "2025"), "one release of bls-oews"),
        (("bls-oews", "--from", "ftp://x"), "--from takes an address"),
        (("bls-oews", "--from", "http://["), "Invalid"),
        (("aijobs",), "is not one of"),
    ],
)
def test_what_cannot_be_fetched_is_told_and_nothing_is_imported(
    served: tuple[Publisher, str], tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    _, address = served
    data = tmp_path / "data"
    base = () if "--from" in arguments else ("--from", address)
    assert sentence in read_error(data, "fetch", *arguments, *base, statuses=(1, 2))
    assert not (data / "distributions").exists()
