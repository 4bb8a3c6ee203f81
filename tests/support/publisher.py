"""A server that plays a publisher of releases: files by name, over real sockets, and its faults."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler

from msgspec import Struct

from support.listening import listening


class Publisher(Struct):
    """Its files, and how it answers from now on. `cut_after`: bytes of an answer before the
    connection is closed; `silent`: seconds before the body; `cuts`: how often, then no more."""

    files: dict[str, bytes] = {}
    cut_after: int | None = None
    cuts: int = 0
    silent: float = 0
    status: int = 0
    has_ranges: bool = True
    ignores_if_range: bool = False
    media_type: str = "application/zip"
    ranges: list[str] = []  # that were asked for
    asked: int = 0


@contextmanager
def publishing() -> Iterator[tuple[Publisher, str]]:
    """A publisher, and the address of its files."""
    publisher = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked += 1
            content = publisher.files.get(self.path.rpartition("/")[2])
            if publisher.status or content is None:
                self.send_error(publisher.status or 404)
                return
            tag, start = f'"{sha256(content).hexdigest()[:16]}"', 0
            wanted = self.headers.get("Range")
            if wanted:
                publisher.ranges.append(wanted)
            is_same = publisher.ignores_if_range or self.headers.get("If-Range") == tag
            if wanted and publisher.has_ranges and is_same:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                if start >= len(content):
                    self.send_error(416)
                    return
                self.send_response(206)
                whole = f"bytes {start}-{len(content) - 1}/{len(content)}"
                self.send_header("Content-Range", whole)
            else:
                self.send_response(200)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", publisher.media_type)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.flush()
            time.sleep(publisher.silent)
            rest = content[start:]
            if publisher.cut_after is not None and publisher.cuts:
                publisher.cuts -= 1
                self.wfile.write(rest[: publisher.cut_after])
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self.wfile.write(rest)

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as port:
        yield publisher, f"http://127.0.0.1:{port}/files"
