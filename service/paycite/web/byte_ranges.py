"""Send a file, or the part of it that a client asks for with `Range` (RFC 9110, section 14).

One part at a time: a request for several gets the whole file, as does one whose `Range` is not
valid or whose `If-Range` names another version of the file.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from litestar.types import Send

_RANGE = re.compile(rb"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)
# Messages of web/rsgi.py.
WHOLE_FILE = "http.response.pathsend"
PART_OF_FILE = "paycite.response.partsend"

Headers = Sequence[tuple[bytes, bytes]]


class ByteRange(NamedTuple):
    start: int
    stop: int  # the first byte after it


def choose_range(range_: bytes, if_range: bytes, etag: bytes, size: int) -> ByteRange | None:
    """The part of a file to send; None for the whole. ValueError if no byte of it exists."""
    found = _RANGE.fullmatch(range_)
    if not found or not any(found.groups()) or (if_range and if_range != etag):
        return None
    first, last = found.groups()
    if not first:
        part = ByteRange(max(size - int(last), 0), size)
    else:
        part = ByteRange(int(first), min(int(last) + 1, size) if last else size)
        if last and int(last) < int(first):
            return None
    if part.start >= part.stop:
        raise ValueError(f"the file has {size} bytes")
    return part


async def send_file(
    file: Path, size: int, part: ByteRange | None, headers: Headers, method: str, send: Send
) -> None:
    """Send the start and the body of an answer; to HEAD, the start alone."""
    start, stop = part or (0, size)
    sent = [*headers, (b"accept-ranges", b"bytes"), (b"content-length", b"%d" % (stop - start))]
    if part:
        sent.append((b"content-range", b"bytes %d-%d/%d" % (start, stop - 1, size)))
    await send({"type": "http.response.start", "status": 206 if part else 200, "headers": sent})
    # The server reads the file itself, no faster than its client does.
    body: Any = {"type": PART_OF_FILE if part else WHOLE_FILE, "path": str(file), "part": part}
    if method == "HEAD":
        body = {"type": "http.response.body", "body": b"", "more_body": False}
    await send(body)
