"""Logs: lines of text, or of JSON (`PAYCITE_LOG=json`) with one more for each request.

They have no query, no address beyond its route, no header and no client: a title or an offer may
be that of a person, and what looks like a parameter may be a key.
"""

import asyncio
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

_ENCODER = msgspec.json.Encoder()
_STDOUT = 1
_LINES_TOGETHER = 11  # up to 372 bytes each, of the 4,096 that go to a pipe in one piece
_SECONDS_TOGETHER = 0.05


class RequestLine(Struct, kw_only=True, gc=False):
    """The log entry of one request."""

    time: datetime
    request_id: str
    method: str
    route: str
    status: int
    milliseconds: float
    bytes: int
    cache: str | None
    dataset: str | None


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if request_id := getattr(record, "request_id", None):
            line["request_id"] = request_id
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def set_up(*, is_json: bool) -> None:
    handler = logging.StreamHandler()
    if is_json:
        handler.setFormatter(JsonFormatter())
        logging.basicConfig(level=logging.INFO, handlers=[handler])
    else:
        logging.basicConfig(level=logging.INFO, format="[%(levelname)s] %(message)s")


class RequestLog:
    """Writes lines to standard output a moment later and together, because each write takes as long
    as a finished answer; no more at once than goes in one piece, because workers share the output.
    Its methods run on the event loop."""

    def __init__(self) -> None:
        self._lines: list[RequestLine] = []

    def add(self, line: RequestLine) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_later(_SECONDS_TOGETHER, self.flush)
        self._lines.append(line)

    def flush(self) -> None:
        """Write what is left. A reader that left must not stop the answers."""
        with suppress(OSError):
            for at in range(0, len(self._lines), _LINES_TOGETHER):
                lines = self._lines[at : at + _LINES_TOGETHER]
                os.write(_STDOUT, _ENCODER.encode_lines(lines))
        self._lines.clear()


REQUEST_LOG = RequestLog()
