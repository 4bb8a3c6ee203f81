"""Download a file of a release: go on where the connection was cut, and record its checksum."""

import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from email.message import Message
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import msgspec
from msgspec import Struct

from paycite import __version__
from paycite.files import replace_file, sha256

_ATTEMPTS = 5  # in a row that bring nothing
_CHUNK = 1 << 16
_ZIP = b"PK"
# Called with the bytes that are here, and of how many; None if the publisher does not say.
Arrived = Callable[[int, int | None], object]


class DownloadError(Exception):
    """Why a file could not be fetched, and what to do."""


class _Cut(Exception):
    """The connection ended before the file did, or never began: worth another attempt."""


class _Part(Struct, frozen=True):
    """What a part of a file is a part of: its address, and how to ask whether it has changed."""

    address: str
    validator: str


def download(
    address: str, file: Path, arrived: Arrived = lambda *_: None, silence: float = 30
) -> str:
    """Fetch a zip file or workbook, and return its SHA-256, which is recorded beside it.

    A file that is here with its checksum is not fetched again, and one that has another checksum
    than was recorded is refused. Raises DownloadError; what has arrived stays, for the next time.
    """
    record = file.with_name(f"{file.name}.sha256")
    known = record.read_text(encoding="utf-8").split()[:1] if record.exists() else []
    if file.exists() and [sha256(file)] == known:
        return known[0]
    part = file.with_name(f"{file.name}.part")
    file.parent.mkdir(parents=True, exist_ok=True)
    _fetch(address, part, arrived, silence)
    if not zipfile.is_zipfile(part):
        _discard(part)
        raise DownloadError(f"{address} is damaged or no zip file or workbook: try again later.")
    checksum = sha256(part)
    if known and known != [checksum]:
        _discard(part)
        raise DownloadError(
            f"{address} is not the file that was fetched before: its SHA-256 was {known[0]}, and "
            f"is {checksum}. The publisher may have corrected it. To take it, delete {record}."
        )
    part.replace(file)
    replace_file(record, f"{checksum}  {file.name}\n".encode())
    _about(part).unlink(missing_ok=True)
    return checksum


def _fetch(address: str, part: Path, arrived: Arrived, silence: float) -> None:
    failed = 0
    while True:
        before = _size(part)
        try:
            _attempt(address, part, arrived, silence)
            return
        except _Cut as cut:
            failed = 0 if _size(part) > before else failed + 1
            if failed == _ATTEMPTS:
                raise DownloadError(
                    f"{address}: {cut}. {_size(part):,} bytes have arrived; the same command goes "
                    "on from there."
                ) from None
            time.sleep(min(failed, 1) * 2 ** (failed - 2))


def _attempt(address: str, part: Path, arrived: Arrived, silence: float) -> None:
    """Fetch what is missing; _Cut if it ends early."""
    validator = _validator(address, part)
    headers = {"User-Agent": f"paycite/{__version__}", "Accept-Encoding": "identity"}
    if validator:
        headers |= {"Range": f"bytes={_size(part)}-", "If-Range": validator}
    try:
        with urlopen(Request(address, headers=headers), timeout=silence) as answer:  # noqa: S310
            _receive(answer, address, part, validator, arrived)
    except HTTPError as error:
        error.close()
        _refuse(address, part, error.code)
    except URLError as error:
        raise _Cut(f"the server cannot be reached ({error.reason})") from None
    except TimeoutError:
        raise _Cut(f"the server sent nothing for {silence:g} seconds") from None
    except (HTTPException, ConnectionError):
        raise _Cut("the connection was cut") from None
    except ValueError as error:  # of the address
        raise DownloadError(f"{address}: {error}.") from None


def _receive(
    answer: HTTPResponse, address: str, part: Path, validator: str, arrived: Arrived
) -> None:
    # Without 206 it is the whole file: another one, or the publisher sends no parts.
    start = _size(part) if answer.status == 206 else 0
    if answer.status == 206 and not _continues(answer.headers, start, validator):
        _discard(part)
        raise _Cut("the file changed while it was fetched")
    about = _Part(address, _find_validator(answer.headers))
    replace_file(_about(part), msgspec.json.encode(about))
    length = answer.headers.get("Content-Length", "")
    total = start + int(length) if length.isdigit() else None
    with part.open("ab" if start else "wb") as written:
        while content := answer.read(_CHUNK):
            if written.tell() == 0 and not content.startswith(_ZIP):
                raise DownloadError(_describe_other(address, answer.headers))
            written.write(content)
            arrived(written.tell(), total)
    if total is not None and _size(part) < total:
        raise _Cut("the connection was cut")


def _refuse(address: str, part: Path, status: int) -> None:
    if status == 416:  # more is here than there is
        _discard(part)
        raise _Cut("the file changed while it was fetched")
    if status == 429 or status >= 500:
        raise _Cut(f"the server answered with status {status}")
    if status in (404, 410):
        raise DownloadError(
            f"{address} does not exist: there is no such release, or the publisher moved it."
        )
    raise DownloadError(
        f"{address} was refused with status {status}. Publishers refuse some programs: fetch the "
        "file with a browser."
    )


def _describe_other(address: str, headers: Message) -> str:
    kind = headers.get_content_type()
    what = "a web page" if kind == "text/html" else f"something else ({kind})"
    return f"{address} is {what}, not a zip file or workbook: fetch the file with a browser."


def _continues(headers: Message, start: int, validator: str) -> bool:
    """Whether a partial answer is what follows the part that is here, of the same file."""
    is_same = _find_validator(headers) in ("", validator)
    return is_same and headers.get("Content-Range", "").startswith(f"bytes {start}-")


def _find_validator(headers: Message) -> str:
    """What If-Range takes: a strong tag, or a date."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified", "")


def _about(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _discard(part: Path) -> None:
    for file in (_about(part), part):
        file.unlink(missing_ok=True)


def _validator(address: str, part: Path) -> str:
    """Empty if what is here cannot be continued."""
    if not _size(part):
        return ""
    with suppress(FileNotFoundError, msgspec.DecodeError):
        about = msgspec.json.decode(_about(part).read_bytes(), type=_Part)
        if about.address == address:
            return about.validator
    return ""


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
