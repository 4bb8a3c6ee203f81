"""Logs: lines of text, or of JSON (`PAYCITE_LOG=json`) with one more for each request.

They have no query, no address beyond its route, no header and no client: a title or an offer may
be that of a person, and what looks like a parameter may be a key.
"""

import asyncio
import logging
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

_STDOUT = 1
_IN_ONE_PIECE = 4_096  # bytes, to a pipe on Linux
_lines = bytearray()  # that are written when the event loop is next free


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _iso(record.created),
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


def log_request(**fields: Any) -> None:
    """Write a line to standard output, together with those of requests that end at the same time,
    but no more than is written in one piece: workers share it."""
    line = msgspec.json.encode({"time": _iso(time.time()), **fields}) + b"\n"
    if len(_lines) + len(line) > _IN_ONE_PIECE:
        _write()
    if not _lines:
        asyncio.get_running_loop().call_soon(_write)
    _lines.extend(line)


def _write() -> None:
    """A reader that left must not stop the answers."""
    with suppress(OSError):
        os.write(_STDOUT, _lines)
    _lines.clear()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
