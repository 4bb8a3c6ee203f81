"""A small HTTP proxy: it takes the servers behind it in turn, and it can spoil answers."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler
from itertools import count

from support.listening import listening
from support.object_store import IS_CEPH

_OF_ONE_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


class Proxy:
    """What it does to requests from now on: answer `status` instead, wait `delay` seconds, cut
    bodies after `most_bytes`; all of it only where the path contains `spoils`."""

    def __init__(self, *ports: int) -> None:
        self.status = 0
        self.delay = 0.0
        self.most_bytes: int | None = None
        self.spoils = ""
        self.spoilt = 0
        self.writing = threading.Lock()
        self.ports = ports
        self._turn = count()

    def next_port(self) -> int:
        return self.ports[next(self._turn) % len(self.ports)]


@contextmanager
def proxying(*ports: int) -> Iterator[tuple[Proxy, int]]:
    """A proxy in front of ports of this machine, and its own port."""
    proxy = Proxy(*ports)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            is_spoilt = proxy.spoils in self.path
            if is_spoilt:
                time.sleep(proxy.delay)
            if is_spoilt and proxy.status:
                proxy.spoilt += 1
                self.send_response(proxy.status)
                self.send_header("content-length", "0")
                self.end_headers()
                return
            connection = HTTPConnection("127.0.0.1", proxy.next_port(), timeout=60)
            # moto looks at the condition of a write and then writes, not in one step as S3 does.
            is_turn = self.command == "PUT" and not IS_CEPH
            turn = proxy.writing if is_turn else nullcontext()
            try:
                with turn:
                    connection.request(self.command, self.path, body or None, dict(self.headers))
                    answer = connection.getresponse()
                    content = answer.read()
            except (OSError, HTTPException):
                self.send_error(502)
                return
            finally:
                connection.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_ONE_HOP:
                    self.send_header(name, value)
            length = answer.getheader("content-length") or str(len(content))
            self.send_header("content-length", length)
            self.end_headers()
            if is_spoilt and proxy.most_bytes is not None and len(content) > proxy.most_bytes:
                proxy.spoilt += 1
                self.wfile.write(content[: proxy.most_bytes])
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            else:
                self.wfile.write(content)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = forward  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as port:
        yield proxy, port
