"""Servers on loopback, for what is measured or put under load here."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

HOST = "127.0.0.1"
BIN = Path(sys.executable).parent
_PATIENCE = 90  # seconds until a server is ready, and until it has stopped


class Server(NamedTuple):
    port: int
    pid: int
    seconds: float  # from its start until it was ready

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving(
    log: Path, *command: str, settings: Mapping[str, str] | None = None, ready: str = "/ready"
) -> Iterator[Server]:
    """A server that runs until the end of the block. PORT in the command stands for a free port;
    `settings` are environment variables; the server is ready when `ready` is answered."""
    port = free_port()
    began = time.monotonic()
    with (
        log.open("w") as output,
        subprocess.Popen(
            [word.replace("PORT", str(port)) for word in command],
            env=os.environ | (settings or {}),
            stdout=output,
            stderr=output,
            process_group=0,
        ) as server,
    ):
        try:
            while not _is_ready(f"http://{HOST}:{port}{ready}"):
                if time.monotonic() > began + _PATIENCE or server.poll() is not None:
                    raise RuntimeError(log.read_text())
                time.sleep(0.01)
            yield Server(port, server.pid, time.monotonic() - began)
        finally:
            server.terminate()
            try:
                server.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def worker_memory(server: Server) -> list[int]:
    """The bytes that each worker, or the server if it has none, shares with no other process: what
    one more of them would take. Linux only."""
    return [_own_memory(pid) for pid in children(server) or (server.pid,)]


def children(server: Server) -> list[int]:
    """The processes of the workers, none if the server has none. Linux only."""
    found = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return [
        int(pid) for pid in found if b"tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def family(process: int) -> set[int]:
    """A process and all that it started, in any generation. Linux only."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended
            continue
    found = {process}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _own_memory(pid: int) -> int:
    """The unique set size, as Linux calls it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1_024 for line in lines if line.startswith("Private_"))
