"""An object store over the protocol of S3: moto, a simulator in Python, or with PAYCITE_CEPH=1 the
gateway of Ceph, in front of a cluster of one monitor and one store in memory. moto keeps
conditional writes (If-Match, If-None-Match) like S3 does, but not in one step, and checks no
signatures."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from servers import free_port
from support.servers import until

BUCKET = "datasets"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
IS_CEPH = bool(os.environ.get("PAYCITE_CEPH"))
_CEPH = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{monitor}]
keyring = {folder}/keyring
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
mon data = {folder}/monitor
osd data = {folder}/store
rgw data = {folder}/gateway
osd objectstore = memstore
osd pool default size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
rgw frontends = beast endpoint=127.0.0.1:{port}
"""


@contextmanager
def object_store(folder: Path) -> Iterator[int]:
    """The port of a store with one empty bucket."""
    port = free_port()
    with (_ceph if IS_CEPH else _moto)(folder, port):
        until(lambda: _create_bucket(port))
        yield port


@contextmanager
def _moto(folder: Path, port: int) -> Iterator[None]:
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-p", str(port)]
    with _running(folder, command):
        yield


@contextmanager
def _ceph(folder: Path, port: int) -> Iterator[None]:
    for part in ("monitor", "store", "gateway"):
        (folder / part).mkdir()
    fsid, monitor, keyring = str(uuid4()), free_port(), str(folder / "keyring")
    config = folder / "ceph.conf"
    config.write_text(_CEPH.format(folder=folder, fsid=fsid, monitor=monitor, port=port))
    environment = os.environ | {"CEPH_CONF": str(config)}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, env=environment, capture_output=True, timeout=60)

    everything = ("--cap", "mon", "allow *", "--cap", "osd", "allow *")
    for name in ("mon.", "client.admin", "osd.0"):
        made = () if Path(keyring).exists() else ("--create-keyring",)
        run("ceph-authtool", keyring, *made, "--gen-key", "-n", name, *everything)
    monmap, address = str(folder / "monmap"), f"[v2:127.0.0.1:{monitor}]"
    run("monmaptool", "--create", "--addv", "a", address, "--fsid", fsid, monmap)
    run("ceph-mon", "--keyring", keyring, "--mkfs", "-i", "a", "--monmap", monmap)
    with ExitStack() as daemons:

        def start(*command: str) -> None:
            daemons.enter_context(_running(folder, [*command, "-f"], environment))

        start("ceph-mon", "-i", "a")
        store = str(uuid4())
        run("ceph", "osd", "new", store, "0")
        run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store)
        start("ceph-osd", "-i", "0")
        user = ("--uid=test", "--display-name=test", "--access-key=test", "--secret=test")
        run("radosgw-admin", "user", "create", *user)
        start("radosgw", "-n", "client.admin")
        yield


@contextmanager
def _running(
    folder: Path, command: list[str], environment: dict[str, str] | None = None
) -> Iterator[None]:
    with (
        (folder / f"{Path(command[0]).name}.out").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=environment) as server,
    ):
        try:
            yield
        finally:
            server.terminate()


def put_object(port: int, name: str, content: bytes) -> None:
    _client(port).put_object(Bucket=BUCKET, Key=name, Body=content)


def _create_bucket(port: int) -> bool:
    try:
        _client(port).create_bucket(Bucket=BUCKET)
    except (BotoCoreError, ClientError):
        return False
    return True


def _client(port: int) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        region_name=KEYS["AWS_REGION"],
    )
