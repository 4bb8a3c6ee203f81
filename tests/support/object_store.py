"""An object store over the protocol of S3: moto, a simulator in Python. It keeps conditional writes
(If-Match, If-None-Match) like S3 does, but checks no signatures and has no network of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from servers import free_port
from support.servers import until

BUCKET = "datasets"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
_SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request"}


@contextmanager
def object_store(folder: Path) -> Iterator[int]:
    """The port of a store with one empty bucket."""
    port = free_port()
    command = (sys.executable, "-W", "ignore", "-m", "moto.server", "-p", str(port))
    with (
        (folder / "moto.log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=os.environ) as server,
    ):
        try:
            until(lambda: _create_bucket(port))
            yield port
        finally:
            server.terminate()


def _create_bucket(port: int) -> bool:
    try:
        made = httpx.put(f"http://127.0.0.1:{port}/{BUCKET}", headers=_SIGNED, timeout=10)
    except httpx.TransportError:
        return False
    return made.status_code == 200
