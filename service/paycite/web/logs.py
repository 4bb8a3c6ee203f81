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

from paycite.dataset.published import Datasets

_ENCODER = msgspec.json.Encoder()
_STDOUT = 1
# Up to 372 bytes each, of the 4,096 that go to a pipe in one piece: workers share it.
_LINES_TOGETHER = 11
_SECONDS_TOGETHER = 0.05
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class RequestLine(Struct, kw_only=True):
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


class Answered(Struct, kw_only=True, gc=False):
    """A request that was answered: what its line is made of."""

    at: float  # seconds since 1970
    request_id: str
    method: str
    route: str
    status: int
    seconds: float
    size: int
    cache: str | None
    view: Datasets | None
    dataset: str

    def line(self) -> RequestLine:
        is_public = self.view and self.view.is_public
        return RequestLine(
            time=datetime.fromtimestamp(self.at, UTC),
            request_id=self.request_id,
            method=self.method if self.method in _METHODS else "other",
            route=self.route,
            status=self.status,
            milliseconds=round(self.seconds * 1_000, 3),
            bytes=0 if self.method == "HEAD" else self.size,
            cache=self.cache,
            dataset=self.dataset if is_public else None,
        )


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
    """Writes lines to standard output a moment later and together: among answers, making a line and
    writing it takes as long as a finished answer. Its methods run on the event loop."""

    def __init__(self) -> None:
        self._answered: list[Answered] = []

    def add(self, answered: Answered) -> None:
        if not self._answered:
            asyncio.get_running_loop().call_later(_SECONDS_TOGETHER, self.flush)
        self._answered.append(answered)

    def flush(self) -> None:
        """Write what is left. A reader that left must not stop the answers."""
        lines = [one.line() for one in self._answered]
        self._answered.clear()
        with suppress(OSError):
            for at in range(0, len(lines), _LINES_TOGETHER):
                os.write(_STDOUT, _ENCODER.encode_lines(lines[at : at + _LINES_TOGETHER]))


REQUEST_LOG = RequestLog()
