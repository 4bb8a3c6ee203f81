"""Faults under load: each is made on purpose while a server answers, and nothing may be lost.

    python bench/faults.py --seconds 30

Prints a line for each fault: what happened, requests lost (only those that a killed process was
answering may be) and whether the data is whole, which `paycite doctor` says. The exit status is 1
otherwise. As root, commands that must lack a right run without the capability to pass over it.
"""

import contextlib
import ctypes
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event, Lock, Thread
from typing import NamedTuple

import click
import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings
from load import read_words

from paycite.settings import ROOT
from servers import HOST, Server, children, serving
from traffic.requests import Exchange, exchanges, target

_CLIENTS = 4
_WORKERS = 2
_QUESTIONS = 200
_ROWS_OF_A_SEED = 20  # so that a build is short
_PATIENCE = 60  # seconds until the server has noticed
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH, _PR_CAPBSET_DROP = 1, 2, 24
_CHANGING = re.compile(r"/(ready|datasets)|dataset=")  # with the datasets that are kept
_CITED = (
    "--source",
    "own-pay",
    "--publisher",
    "Us",
    "--title",
    "Pay",
    "--kind",
    "survey",
    "--public",
)


class Outcome(NamedTuple):
    what: str
    is_right: bool = True
    most_lost: int = 0  # requests that a killed process was answering


class Skipped(Exception):
    """Why a fault cannot be made here."""


class Traffic:
    """Asks the same questions again and again: one address of one dataset has one answer."""

    def __init__(self, url: str, targets: Sequence[str]) -> None:
        self._url, self._targets = url, targets
        self._answers: dict[tuple[str, str], int] = {}
        self._lock = Lock()
        self._is_over = Event()
        self.answered = 0
        self.lost: Counter[str] = Counter()
        self._threads = [Thread(target=self._ask, args=[n]) for n in range(_CLIENTS)]

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        draw = random.Random(number)
        with httpx.Client(base_url=self._url, timeout=_PATIENCE) as client:
            while not self._is_over.is_set():
                try:
                    self._check(client.get(asked := draw.choice(self._targets)), asked)
                except httpx.TransportError as error:
                    self._lose(type(error).__name__)
                    time.sleep(0.2)

    def _check(self, response: httpx.Response, asked: str) -> None:
        with self._lock:
            self.answered += 1
            key = asked, response.headers.get("x-dataset-version", "")
            if response.status_code >= 500:
                self.lost[f"{response.status_code} {asked}"] += 1
            elif self._answers.setdefault(key, hash(response.content)) != hash(response.content):
                self.lost[f"another answer to {asked}"] += 1

    def _lose(self, why: str) -> None:
        with self._lock:
            self.lost[why] += 1


class Place(NamedTuple):
    """The installation that has the faults."""

    data: Path
    seeds: Path
    pay: Path
    server: Server
    seconds: float
    is_small_disk: bool

    @property
    def datasets(self) -> Path:
        return self.data / "datasets"

    @property
    def pointer(self) -> Path:
        return self.datasets / "current"

    @property
    def current(self) -> str:
        """The version that the pointer names."""
        return self.pointer.read_text().split()[0]

    def start(self, *words: str, **options: object) -> subprocess.Popen[str]:
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            [sys.executable, "-m", "paycite", *words],
            env=os.environ | self.settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *words: str, **options: object) -> tuple[int, str]:
        """The exit status, and what was printed."""
        with self.start(*words, **options) as process:
            output, errors = process.communicate()
        return process.returncode, output + errors

    @property
    def settings(self) -> Mapping[str, str]:
        return {"PAYCITE_DATA": str(self.data), "PAYCITE_SEEDS": str(self.seeds), "HOME": "/"}

    def ready(self) -> dict[str, str | None]:
        found: dict[str, str | None] = httpx.get(f"{self.server.url}/ready", timeout=10).json()
        return found

    def is_told(self) -> bool:
        """Whether every worker says within some seconds that it cannot serve what is published."""
        return until(lambda: all(self.ready().get("published_problem") for _ in range(8)))

    def is_fixed(self) -> bool:
        expected = {"status": "ready", "dataset": self.current, "published_problem": None}
        return until(lambda: all(self.ready() == expected for _ in range(8)))


def until(holds: Callable[[], bool]) -> bool:
    patience = time.monotonic() + _PATIENCE
    while time.monotonic() < patience:
        with contextlib.suppress(httpx.TransportError, OSError):
            if holds():
                return True
        time.sleep(0.1)
    return False


# The faults.


def idle_connections(place: Place, number: int) -> Outcome:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if number + 500 > most:
        raise Skipped(f"the system allows {most:,} open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as stack:
        for _ in range(number):
            one = socket.create_connection((HOST, place.server.port), timeout=_PATIENCE)
            stack.enter_context(closing(one))
        answered = httpx.get(f"{place.server.url}/health", timeout=5).is_success
    return Outcome("answers beside them", answered)


def killed_worker(place: Place) -> Outcome:
    before = children(place.server)
    os.kill(before[0], signal.SIGKILL)

    def is_back() -> bool:
        now = children(place.server)
        return len(now) == len(before) and before[0] not in now

    back = until(is_back)
    return Outcome("started again" if back else "not started again", back, _CLIENTS)


def killed_builds(place: Place) -> Outcome:
    """At random points, as long as there is time; then one that ends."""
    ends = time.monotonic() + place.seconds
    kills = 0
    while time.monotonic() < ends:
        with place.start("build", "--as-of", f"2026-07-{1 + kills % 28:02}") as process:
            time.sleep(random.uniform(0.1, 12))
            process.kill()
        kills += 1
        if not place.is_fixed():
            return Outcome("another dataset is served than is published", is_right=False)
    status, _ = place.run("build", "--as-of", "2026-08-01")
    is_clean = not [*place.datasets.glob("building-*")]
    right = status == 0 and is_clean and place.is_fixed()
    return Outcome(f"killed {kills} times, then built", right)


def killed_imports(place: Place) -> Outcome:
    for _ in range(3):
        with place.start("import", "observations", str(place.pay), *_CITED) as process:
            time.sleep(random.uniform(0.5, 5))
            process.kill()
        if place.run("sources")[0]:
            return Outcome("half an import is left", is_right=False)
    status, _ = place.run("import", "observations", str(place.pay), *_CITED)
    return Outcome("killed 3 times, then imported", status == 0)


def two_builds(place: Place) -> Outcome:
    days = "2026-08-02", "2026-08-03"
    with ExitStack() as stack:
        builds = [stack.enter_context(place.start("build", "--as-of", day)) for day in days]
        versions = [one.communicate()[0].strip() for one in builds]
    done = all(one.returncode == 0 for one in builds) and place.current in versions
    return Outcome("both end, the later one is served", done and place.is_fixed())


def rolled_back(place: Place) -> Outcome:
    before = place.current
    status, _ = place.run("rollback")
    is_back = place.current != before and place.is_fixed()
    status_forth, _ = place.run("rollback", before)
    right = is_back and not status and not status_forth and place.is_fixed()
    return Outcome("served, and the newer one again", right)


def damaged_dataset(place: Place, damage: Callable[[bytes], bytes]) -> Outcome:
    """What is published is damaged, as by a copy that was cut off or a disk."""
    whole = place.datasets / f"{place.current}.duckdb"
    damaged = place.datasets / "damaged.duckdb"
    damaged.write_bytes(damage(whole.read_bytes()))
    outcome = wrong_pointer(place, b"damaged")
    damaged.unlink()
    return outcome


def cut(content: bytes) -> bytes:
    return content[: len(content) // 3]


def flip(content: bytes) -> bytes:
    """Flip a bit in every twentieth part but the head."""
    flipped = bytearray(content)
    for at in range(len(content) // 4, len(content), len(content) // 20):
        flipped[at] ^= 1
    return bytes(flipped)


def wrong_pointer(place: Place, content: bytes | None) -> Outcome:
    right = place.pointer.read_bytes()
    beside = place.pointer.with_name("other")
    beside.write_bytes(content or b"")
    if content is None:
        place.pointer.unlink()
        beside.unlink()
    else:
        beside.replace(place.pointer)
    told = place.is_told()
    place.pointer.write_bytes(right)
    return Outcome("told in /ready, the earlier one is served", told and place.is_fixed())


def folder_gone(place: Place) -> Outcome:
    away = place.datasets.rename(place.data / "away")
    told = place.is_told()
    status, said = place.run("annotate", str(place.pay))
    away.rename(place.datasets)
    right = told and status > 0 and _is_plain(said) and place.is_fixed()
    return Outcome("told in /ready and by commands, the earlier one is served", right)


def full_disk(place: Place) -> Outcome:
    if place.is_small_disk:
        how, limit, ballast = "a full tmpfs", None, place.data / "ballast"
        with ballast.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1_000_000))
                file.flush()
    else:
        how, limit, ballast = "RLIMIT_FSIZE, because no tmpfs can be mounted", _small_files, None
    refused = [place.run(*words, preexec_fn=limit) for words in _writing(place)]
    if ballast:
        ballast.unlink()
    right = all(status > 0 and _is_plain(said) for status, said in refused)
    return Outcome(f"{how}: commands end with a sentence", right and place.is_fixed())


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))


def missing_right(place: Place, mode: int) -> Outcome:
    """The folders have another mode; commands do without what lets root pass over modes."""
    folders = [*(one for one in place.data.iterdir() if one.is_dir()), place.data]
    modes = [one.stat().st_mode for one in folders]
    for one in folders:
        one.chmod(mode)
    refused = [place.run(*words, preexec_fn=_bind_rights) for words in _writing(place)]
    for one, before in reversed([*zip(folders, modes, strict=True)]):
        one.chmod(before)
    right = all(status > 0 and _is_plain(said) for status, said in refused)
    return Outcome("commands end with a sentence", right and place.is_fixed())


def _bind_rights() -> None:
    if os.geteuid() == 0:
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            if ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError("the rights of root cannot be dropped")


def killed_parent(place: Place) -> Outcome:
    """The last fault: the server does not come back by itself."""
    workers = children(place.server)
    os.kill(place.server.pid, signal.SIGKILL)
    ended = until(lambda: not any(_is_running(pid) for pid in workers))
    freed = until(lambda: _is_free(place.server.port))
    return Outcome("its workers end, the port is free", ended and freed)


def _is_free(port: int) -> bool:
    """OSError if it is not."""
    with closing(socket.socket()) as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind((HOST, port))
    return True


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _writing(place: Place) -> tuple[tuple[str, ...], ...]:
    return (
        ("build", "--as-of", "2026-08-09"),
        ("import", "observations", str(place.pay), *_CITED),
        ("keys", "add", "acme"),
    )


def _is_plain(said: str) -> bool:
    return "Error: " in said and "Traceback" not in said


FAULTS: dict[str, Callable[[Place], Outcome]] = {
    "1,100 idle connections": lambda place: idle_connections(place, 1_100),
    "10,000 idle connections": lambda place: idle_connections(place, 10_000),
    "a worker is killed": killed_worker,
    "builds are killed": killed_builds,
    "imports are killed": killed_imports,
    "two builds at once": two_builds,
    "a rollback": rolled_back,
    "dataset cut off": lambda place: damaged_dataset(place, cut),
    "dataset with flipped bits": lambda place: damaged_dataset(place, flip),
    "pointer missing": lambda place: wrong_pointer(place, None),
    "pointer garbled": lambda place: wrong_pointer(place, b"\xff\x00../.."),
    "folder gone": folder_gone,
    "disk full": full_disk,
    "folder read-only": lambda place: missing_right(place, 0o555),
    "folder not permitted": lambda place: missing_right(place, 0o000),
}


@click.command()
@click.option("--seconds", default=30.0, show_default=True, help="How long to kill builds.")
@click.option("--only", help="The fault to make; all if left out.")
def main(seconds: float, only: str | None) -> None:
    """Make faults under load, and see that nothing is lost."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        is_small_disk = stack.enter_context(_small_disk(folder / "data"))
        place = _install(folder, seconds, is_small_disk, stack)
        targets = _draw(place.server.url)
        names = [name for name in FAULTS if only in (None, name)]
        click.echo(f"{'FAULT':28}{'DATA':7}{'ANSWERED':>9}{'LOST':>6}  WHAT HAPPENED")
        results = [_make(name, FAULTS[name], place, targets) for name in names]
        if not only:
            results.append(_make("the server is killed", killed_parent, place, None))
    sys.exit(not all(results))


def _make(
    name: str,
    fault: Callable[[Place], Outcome],
    place: Place,
    targets: Sequence[str] | None,
) -> bool:
    """Make a fault, print its line, and return whether all is right."""
    with Traffic(place.server.url, targets or ["/health"]) as traffic:
        try:
            outcome = fault(place)
        except Skipped as why:
            click.echo(f"{name:28}skipped: {why}")
            return True
        except Exception as error:
            outcome = Outcome(repr(error), is_right=False)
    status, said = place.run("doctor")
    lost = traffic.lost.total() if targets else 0  # of a server that is killed, all after it
    right = outcome.is_right and lost <= outcome.most_lost and status == 0
    data = "whole" if status == 0 else "LOST"
    mark = "" if right else "  <- WRONG"
    click.echo(f"{name:28}{data:7}{traffic.answered:9,}{lost:6,}  {outcome.what}{mark}")
    if not right:
        click.echo("\n".join(f"  {n} x {why}" for why, n in traffic.lost.most_common(5)))
        click.echo("\n".join(f"  {line}" for line in said.splitlines() if "FIX" in line))
    return right


@contextmanager
def _small_disk(folder: Path) -> Iterator[bool]:
    """A disk of its own for the folder, which a fault can fill, if one may be mounted."""
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=1g,mode=755", "paycite-faults", str(folder))
    is_mounted = shutil.which("mount") and not subprocess.run(mount, capture_output=True).returncode
    try:
        yield bool(is_mounted)
    finally:
        if is_mounted:
            subprocess.run(("umount", "-l", str(folder)), check=True)


def _install(folder: Path, seconds: float, is_small_disk: bool, stack: ExitStack) -> Place:
    """A server of two datasets, an import and a key."""
    seeds, data, pay = folder / "seeds", folder / "data", folder / "pay.csv"
    shutil.copytree(ROOT / "seeds", seeds)
    for file in (seeds / "distributions").glob("*.csv"):
        lines = file.read_text().splitlines(keepends=True)[:_ROWS_OF_A_SEED]
        file.write_text("".join(lines))
    rows = "".join(f"e{n},Data Engineer,New York,{100_000 + n}\n" for n in range(20_000))
    pay.write_text(f"employer,title,place,amount\n{rows}")
    place = Place(data, seeds, pay, Server(0, 0, 0.0), seconds, is_small_disk)
    for words in (("build", "--as-of", "2026-06-01"), _writing(place)[1], ("build",)):
        status, said = place.run(*words)
        if status:
            sys.exit(said)
    command = [sys.executable, "-m", "paycite", "serve", "--port", "PORT"]
    served = serving(folder / "log", *command, "--workers", str(_WORKERS), settings=place.settings)
    return place._replace(server=stack.enter_context(served))


def _draw(url: str) -> list[str]:
    """Questions of every kind, the same each time."""
    found: list[str] = []

    @seed(1)
    @settings(
        max_examples=_QUESTIONS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(exchanges(read_words(url), has_posts=False))
    def draw(exchange: Exchange) -> None:
        asked = target(exchange[0], exchange[1][0].turned)
        if not _CHANGING.search(asked):
            found.append(asked)

    draw()
    return found


if __name__ == "__main__":
    main()
