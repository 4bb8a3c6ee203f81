"""The Dockerfile's own steps, run in a clean folder that stands for `/`: no container engine."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import NamedTuple

import httpx

from paycite.settings import ROOT
from servers import free_port

PREFIX = "/paycite"  # every path in the image is below it, so one replacement maps them all

# What needs a container, and what stands in for it here.
NOT_RUN = {
    "USER": "only root may become another user; the test below asserts that it is not root, that "
    "nothing but `volume` is writable for it, and that the service writes nothing",
    "EXPOSE": "it opens nothing; it names the port that the test replaces by a free one",
}


class Step(NamedTuple):
    instruction: str
    text: str


def read_steps() -> list[Step]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [Step(*line.split(maxsplit=1)) for line in lines if line]


STEPS = read_steps()
STAGES = [at for at, step in enumerate(STEPS) if step.instruction == "FROM"]
FINAL = STEPS[STAGES[-1] :]


def said(instruction: str) -> str:
    """What the image is told by an instruction that must be in its final stage, once."""
    (text,) = [step.text for step in FINAL if step.instruction == instruction]
    return text


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps the path back: its last pattern that matches decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = _expression(line.removeprefix("!"))
        if re.fullmatch(f"{pattern}(/.*)?", path):  # a comment matches no path
            ignored = not line.startswith("!")
    return ignored


def _expression(pattern: str) -> str:
    wild = {"**/": "(.*/)?", "*": "[^/]*"}
    return "".join(wild.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*)", pattern))


class Image:
    """What the steps make. `root` is `/`, for one stage after the other: an environment knows its
    own absolute path, and keeps it from stage to stage as it does in a container."""

    def __init__(self, folder: Path) -> None:
        self._stages = folder
        self._stage = ""
        self.root = folder / "root"
        self.home = Path(f"{self.root}{PREFIX}")
        self._send_context()

    def _send_context(self) -> None:
        def ignored(folder: str, names: list[str]) -> list[str]:
            return [n for n in names if is_ignored(str(Path(folder, n).relative_to(ROOT)))]

        shutil.copytree(ROOT, self._stages / "context", ignore=ignored)

    def perform(self, step: Step) -> None:
        match step.instruction:
            case "FROM":
                self._start_stage(step.text)
            case "WORKDIR":
                self._folder = self._path(step.text)
                self._folder.mkdir(parents=True, exist_ok=True)
            case "ENV":
                for word in shlex.split(self._mapped(step.text)):
                    name, _, value = word.partition("=")
                    self.environment[name] = Template(value).substitute(self.environment)
            case "COPY":
                self._copy(*shlex.split(step.text))
            case "RUN":
                self._run(step.text)
            case instruction:  # CMD and HEALTHCHECK are run when the image is complete
                assert instruction in {"CMD", "HEALTHCHECK", *NOT_RUN}, "not known to this test"

    def _start_stage(self, text: str) -> None:
        if self._stage:
            self.root.rename(self._stages / self._stage)
        self._stage = text.partition(" AS ")[2]
        self.root.mkdir()
        self.environment = self._base()

    def _base(self) -> dict[str, str]:
        """What the base image brings, a `python` and a shell, with this machine's pip settings."""
        binaries = self._stages / "bin"
        binaries.mkdir(exist_ok=True)
        python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
        (binaries / "python").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
        (binaries / "python").chmod(0o755)
        ours = ("PAYCITE_", "PYTHON", "VIRTUAL_ENV", "COV")  # a container inherits none of them
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return kept | {"PATH": f"{binaries}:/usr/bin:/bin"}

    def _copy(self, *words: str) -> None:
        *sources, target = [word for word in words if not word.startswith("--")]
        options = [word for word in words if word.startswith("--")] or ["--from=context"]
        (stage,) = [option.removeprefix("--from=") for option in options]
        for source in sources:
            original = self._stages / stage / source.removeprefix("/")
            if original.is_dir():
                shutil.copytree(original, self._path(target), symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy2(original, self._path(target))

    def _run(self, text: str) -> None:
        """As an engine does, with /bin/sh."""
        beyond = re.findall(rf"(?:^|[\s=])(?!{PREFIX}\b)/[a-z]\S*", text)
        assert not beyond, "this would reach beyond the folder that stands for /"
        self.call("/bin/sh", "-ec", self._mapped(text)).check_returncode()

    def call(self, *command: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
        environment = self.environment | settings
        return subprocess.run(command, cwd=self._folder, env=environment)

    def _path(self, path: str) -> Path:
        assert path.startswith(PREFIX) or not path.startswith("/")
        return Path(f"{self.root}{path}") if path.startswith("/") else self._folder / path

    def _mapped(self, text: str) -> str:
        return re.sub(rf"(?<![\w./]){PREFIX}\b", str(self.home), text)

    def _command(self, instruction: str, port: int) -> list[str]:
        text = said(instruction).replace(said("EXPOSE"), str(port))
        command: list[str] = json.loads(self._mapped(text[text.index("[") :]))
        return command

    def is_healthy(self, port: int) -> bool:
        """What HEALTHCHECK says, in a container that is told of a proxy."""
        environment = self.environment | {"http_proxy": "http://127.0.0.1:9"}
        command = self._command("HEALTHCHECK", port)
        asked = subprocess.run(command, cwd=self._folder, env=environment, capture_output=True)
        return asked.returncode == 0

    @contextmanager
    def running(self, port: int) -> Iterator[None]:
        """Run CMD, from when it is healthy; it must then stop when it is asked to."""
        command = self._command("CMD", port)
        server = subprocess.Popen(command, cwd=self._folder, env=self.environment)
        try:
            patience = time.monotonic() + 60
            while not self.is_healthy(port):
                assert server.poll() is None and time.monotonic() < patience
            yield
            server.terminate()
            assert server.wait(10) == 0  # after ten seconds an engine kills it
        finally:
            server.kill()
            server.wait()

    def files(self) -> dict[Path, int]:
        """When each file and folder was last written, the volume's left out."""
        volume, paths = self.home / "volume", self.root.rglob("*")
        return {p: p.lstat().st_mtime_ns for p in paths if not p.is_relative_to(volume)}


def test_the_steps_of_the_image_lead_to_a_service_that_answers(tmp_path: Path) -> None:
    image = Image(tmp_path)
    for step in STEPS:
        image.perform(step)
    refuse_what_the_user_could_change(image)
    before, port = image.files(), free_port()
    assert not image.is_healthy(port)
    with image.running(port):
        refuse_another_answer(port)
    build_into_the_volume(image)
    assert image.files() == before
    assert not image.is_healthy(port)


def refuse_what_the_user_could_change(image: Image) -> None:
    """Everything is root's: no step gives it away. So it is the mode for others that counts."""
    kept = {".venv", "data", "LICENSE", "volume"}
    assert {path.name for path in image.home.iterdir()} == kept
    files = [path for path in image.files() if not path.is_symlink()]
    assert not [path for path in files if path.stat().st_mode & 0o002]
    assert (image.home / "volume").stat().st_mode & 0o7777 == 0o1777
    libraries = {path.name for path in image.home.glob(".venv/lib/*/site-packages/*")}
    assert "litestar" in libraries and not libraries & {"pip", "uv", "hatchling"}
    (dataset,) = (image.home / "data" / "datasets").glob("*.duckdb")
    assert not dataset.stat().st_mode & 0o222
    # The user may read it.
    assert dataset.stat().st_mode & 0o004 and dataset.parent.stat().st_mode & 0o005 == 0o005


def refuse_another_answer(port: int) -> None:
    question = {"role": "mlops", "level": "mid", "metro": "nyc", "source": "kore1-ai-jobs-2026"}
    answer = httpx.get(f"http://127.0.0.1:{port}/salary", params=question).json()
    found = answer["estimate"]["range"]
    assert (found["min"], found["max"]) == (161_000, 225_000)


def build_into_the_volume(image: Image) -> None:
    volume = image.home / "volume"
    image.call("paycite", "build", PAYCITE_DATA=str(volume)).check_returncode()
    current = Path("datasets", "current")
    assert (volume / current).read_text() == (image.home / "data" / current).read_text()


def test_the_image_runs_as_a_user_who_is_not_root_and_owns_nothing() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", said("USER"))
    last = [step.instruction for step in FINAL].index("USER")
    assert {step.instruction for step in FINAL[last + 1 :]} == {"EXPOSE", "HEALTHCHECK", "CMD"}
    assert not any(re.search(r"--chown|--chmod|\bchown\b", step.text) for step in STEPS)


def test_the_image_is_slim_and_has_no_compiler() -> None:
    bases = {STEPS[at].text.partition(" AS ")[0] for at in STAGES}
    assert len(bases) == 1, "an environment works with the Python that it was made with"
    assert re.fullmatch(r"python:3\.\d+-slim", bases.pop())
    commands = " ".join(step.text for step in FINAL if step.instruction == "RUN")
    assert not re.search(r"\b(apt|apt-get|apk|gcc|g\+\+|cc|make|build-essential|pip)\b", commands)


def test_the_image_is_sent_what_it_copies_and_nothing_else() -> None:
    copies = [shlex.split(s.text)[:-1] for s in STEPS if s.instruction == "COPY"]
    copied = {name for names in copies if not names[0].startswith("--") for name in names}
    assert {path.name for path in ROOT.iterdir() if not is_ignored(path.name)} == copied
    kept_back = [".git/config", ".venv/bin/pip", "data/datasets/current", "tests/conftest.py"]
    for path in [
        *kept_back,
        ".mypy_cache/x",
        ".coverage",
        "service/paycite/api/__pycache__/http.pyc",
    ]:
        assert is_ignored(path), path
    assert not is_ignored("service/paycite/sql/schema.sql")


def test_the_manual_starts_the_image_with_its_port_and_its_volume() -> None:
    port, volume = said("EXPOSE"), f"{PREFIX}/volume"
    (command,) = re.findall(
        r"^docker run .*$", (ROOT / "docs/operating.md").read_text(), re.MULTILINE
    )
    assert f"-p {port}:{port}" in command
    assert f"-v paycite:{volume} -e PAYCITE_DATA={volume}" in command
