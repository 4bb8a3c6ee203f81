"""Fetching a release from a server that plays its publisher, over real sockets."""

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from paycite.importers import ImportRefused
from paycite.importers.common.download import DownloadError, download
from paycite.importers.releases import PUBLISHERS
from support.publisher import Publisher, publishing


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        written.writestr("release", content)
    return file.getvalue()


RELEASE, CORRECTED = zipped(os.urandom(1_000_000)), zipped(os.urandom(900_000))
SHA256 = hashlib.sha256(RELEASE).hexdigest()
NAME = "oesm25nat.zip"


@pytest.fixture
def served() -> Iterator[tuple[Publisher, str]]:
    with publishing() as (publisher, address):
        publisher.files[NAME] = RELEASE
        yield publisher, f"{address}/{NAME}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "releases" / NAME


def is_whole(file: Path, content: bytes = RELEASE) -> bool:
    record = f"{hashlib.sha256(content).hexdigest()}  {NAME}\n"
    names = {one.name for one in file.parent.iterdir()}
    return (
        file.read_bytes() == content
        and file.with_name(f"{NAME}.sha256").read_text() == record
        and names == {NAME, f"{NAME}.sha256"}
    )


def test_a_file_that_is_cut_again_and_again_is_gone_on_with(
    served: tuple[Publisher, str], file: Path
) -> None:
    publisher, address = served
    publisher.cut_after, publisher.cuts = 150_000, 4
    seen: list[int] = []
    assert download(address, file, lambda here, _: seen.append(here)) == SHA256
    assert is_whole(file)
    assert publisher.ranges == [f"bytes={n * 150_000}-" for n in (1, 2, 3, 4)]
    assert seen == sorted(seen) and seen[-1] == len(RELEASE)
    assert download(address, file) == SHA256  # it is here
    assert publisher.asked == 5


def test_what_has_arrived_stays_for_the_next_time(
    served: tuple[Publisher, str], file: Path
) -> None:
    publisher, address = served
    publisher.cut_after, publisher.cuts = 400_000, 1
    publisher.has_ranges = False

    class Stopped(Exception):
        pass

    def stop(here: int, _: int | None) -> None:
        if here >= 300_000:
            raise Stopped

    with pytest.raises(Stopped):
        download(address, file, stop)
    publisher.has_ranges, publisher.cuts = True, 0
    assert download(address, file) == SHA256
    assert is_whole(file)
    (wanted,) = publisher.ranges
    assert int(wanted[len("bytes=") : -1]) >= 300_000


@pytest.mark.parametrize("honors", [True, False])
def test_a_file_that_changes_between_two_parts_is_never_mixed(
    served: tuple[Publisher, str], file: Path, honors: bool
) -> None:
    """Also where the publisher ignores If-Range, and where the new file is shorter."""
    publisher, address = served
    publisher.ignores_if_range = not honors
    for cut_after in (400_000, 950_000):
        publisher.files[NAME] = RELEASE
        publisher.cut_after, publisher.cuts = cut_after, 1

        def change(here: int, _: int | None, at: int = cut_after) -> None:
            if here == at:
                publisher.files[NAME] = CORRECTED

        download(address, file, change)
        assert is_whole(file, CORRECTED)
        for one in file.parent.iterdir():
            one.unlink()


def test_a_file_that_is_not_the_one_that_was_recorded_is_refused(
    served: tuple[Publisher, str], file: Path
) -> None:
    publisher, address = served
    download(address, file)
    file.unlink()
    publisher.files[NAME] = CORRECTED
    with pytest.raises(DownloadError, match=rf"its SHA-256 was {SHA256}, and is .* delete /"):
        download(address, file)
    assert {one.name for one in file.parent.iterdir()} == {f"{NAME}.sha256"}
    file.with_name(f"{NAME}.sha256").unlink()
    download(address, file)
    assert is_whole(file, CORRECTED)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"status": 404}, "does not exist: there is no such release, or the publisher moved it"),
        ({"status": 403}, "was refused with status 403. Publishers refuse some programs"),
        ({"status": 503}, "the server answered with status 503"),
        (
            {"files": {NAME: b"<!DOCTYPE html><p>Denied"}, "media_type": "text/html"},
            "is a web page",
        ),
        ({"files": {NAME: b"a,b\n"}}, r"is something else \(application/zip\)"),
        ({"files": {NAME: RELEASE[:-500]}}, "is damaged or no zip file"),
        ({"silent": 2}, "the server sent nothing for 0.2 seconds"),
        ({"cut_after": 0, "cuts": 99}, "the connection was cut. 0 bytes have arrived"),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else "",
)
def test_every_failure_is_told_in_plain_sentences_and_leaves_no_file(
    served: tuple[Publisher, str],
    file: Path,
    fault: dict[str, object],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publisher, address = served
    for name, value in fault.items():
        setattr(publisher, name, value)
    monkeypatch.setattr("time.sleep", lambda _: None) if "silent" not in fault else None
    with pytest.raises(DownloadError, match=sentence) as raised:
        download(address, file, silence=0.2)
    assert "\n" not in str(raised.value)
    assert not file.exists()


def test_an_address_that_nobody_serves_is_told(file: Path) -> None:
    with pytest.raises(DownloadError, match="the server cannot be reached"):
        download("http://127.0.0.1:9/x.zip", file)


def test_releases_are_at_the_addresses_of_their_publishers() -> None:
    oews, lca = PUBLISHERS["bls-oews"], PUBLISHERS["dol-lca"]
    for release in ("2025-05", "2025"):
        assert [*oews.find_addresses(release)] == [
            f"https://www.bls.gov/oes/special-requests/oesm25{part}.zip"
            for part in ("nat", "st", "ma")
        ]
    folder = "https://www.dol.gov/sites/dolgov/files/ETA/oflc/pdfs"
    for release in ("FY2024Q1", "fy2024_q1"):
        assert lca.find_addresses(release) == [f"{folder}/LCA_Disclosure_Data_FY2024_Q1.xlsx"]
    for publisher, release in ((oews, "2025-06"), (oews, "1999"), (lca, "FY2019Q1"), (lca, "2024")):
        with pytest.raises(ImportRefused, match="expected"):
            publisher.find_addresses(release)
    for publisher in PUBLISHERS.values():
        assert publisher.find_addresses(publisher.newest)
