"""What a new user does first: install from the lock, or from the wheel, and ask."""

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import httpx
import pytest

from paycite import __version__
from paycite.settings import ROOT
from support.clone import clone, run
from support.servers import QUESTION, running

OLDEST_PIP = "23.2.1"  # which Python 3.11 brings
LOCKED_CLICK = re.findall(r"^click==(\S+)", (ROOT / "requirements/run.txt").read_text(), re.M)


def release(name: str, version: str, folder: Path) -> None:
    """A wheel without code, as an index would offer it."""
    about = f"{name}-{version}.dist-info"
    wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        file.writestr(f"{about}/WHEEL", wheel)
        file.writestr(f"{about}/RECORD", "")


def test_the_lock_installs_with_the_oldest_pip_whatever_was_released_since(tmp_path: Path) -> None:
    project, index = clone(tmp_path / "clone"), tmp_path / "index"
    index.mkdir()
    release("click", "999.0", index)
    release("uv", "999.0", index)
    release("setuptools", "999.0", index)  # with which a dependency without a wheel is built
    newer = {"UV_NO_CACHE": "1", "PIP_FIND_LINKS": str(index), "UV_FIND_LINKS": str(index)}
    run(sys.executable, "-m", "venv", ".venv", folder=project)
    pip, uv = project / ".venv/bin/pip", project / ".venv/bin/uv"
    if f"pip {OLDEST_PIP} " not in run(pip, "--version", folder=project):
        run(pip, "install", "--quiet", f"pip=={OLDEST_PIP}", folder=project)
    # It installs uv, which then installs what is locked.
    assert f"pip {OLDEST_PIP} " in run(pip, "--version", folder=project)

    run("make", "run", f"PYTHON={sys.executable}", folder=project, **newer)

    installed = run(uv, "pip", "freeze", folder=project)
    assert f"click=={LOCKED_CLICK[0]}\n" in installed and "999" not in installed
    offered = ("pip", "install", "--dry-run", "--upgrade", "click")
    dry_run = subprocess.run(
        [uv, *offered], cwd=project, env=os.environ | newer, capture_output=True, text=True
    )
    assert "click==999.0" in dry_run.stderr, "else this test would prove nothing"


def test_the_locks_name_no_index_and_pin_everything_with_hashes() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text and "--index" not in text
        assert re.match(r"\S+==\S+ .*\\\n( {4}--hash=sha256:[0-9a-f]{64}.*\n)+", text)
        for line in text.splitlines():
            assert re.match(r"[a-z0-9-]+==\S+|    --hash=sha256:[0-9a-f]{64}", line), line


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    project = clone(tmp_path_factory.mktemp("built"))
    run(Path(sys.executable).with_name("hatchling"), "build", folder=project)
    return project / "dist"


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (wheel,) = built.glob("*.whl")
    return wheel


def test_the_wheel_has_the_package_and_what_it_reads_and_nothing_else(built: Path) -> None:
    (wheel,), (source,) = built.glob("*.whl"), built.glob("*.tar.gz")
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"paycite", f"paycite-{__version__}.dist-info"}
    package = ROOT / "service/paycite"
    code = {p.relative_to(package.parent) for p in package.rglob("*") if p.is_file()}
    seeds = {Path("paycite/shipped", p.relative_to(ROOT)) for p in (ROOT / "seeds").rglob("*.*")}
    expected = {str(path) for path in code | seeds if "__pycache__" not in path.parts}
    found = {name for name in names if name.startswith("paycite/")}
    shipped = {"paycite/shipped/openapi.yaml", "paycite/shipped/docs/method.md"}
    assert found == expected | shipped
    with tarfile.open(source) as file:
        sources = {name.partition("/")[2] for name in file.getnames()}
    assert sources >= {"pyproject.toml", "seeds/roles.toml", "tests/conftest.py", "openapi.yaml"}


def test_the_installed_wheel_answers_like_the_checkout(
    wheel: Path, tmp_path: Path, client: httpx.Client
) -> None:
    environment, empty = tmp_path / "environment", tmp_path / "empty"
    empty.mkdir()
    uv = Path(sys.executable).with_name("uv")
    run(uv, "venv", "--python", sys.executable, environment, folder=tmp_path)
    install = (uv, "pip", "install", "--python", environment, "--no-deps")
    run(*install, "--require-hashes", "-r", ROOT / "requirements/run.txt", folder=tmp_path)
    run(*install, wheel, folder=tmp_path)
    paycite, home = (
        environment / "bin/paycite",
        {"XDG_DATA_HOME": str(tmp_path / "home"), "PYTHONPATH": ""},
    )
    version = f"paycite, version {__version__}\n"
    assert run(paycite, "--version", folder=empty) == version
    assert run(environment / "bin/python", "-m", "paycite", "--version", folder=empty) == version

    with running((paycite, "serve", "--port", "PORT"), empty, home) as installed:
        for path in (
            QUESTION,
            "/openapi.yaml",
            "/docs",
            "/salary.png?role=mlops",
            "/roles",
            "/methods.html",
        ):
            assert installed.get(path).content == client.get(path).content, path
    assert list((tmp_path / "home/paycite/datasets").glob("*.duckdb"))
    assert not [path for path in empty.iterdir() if not path.name.endswith(".log")]


def test_agents_are_answered_by_uvx_over_standard_input_and_output(
    wheel: Path, tmp_path: Path, data: Path
) -> None:
    greeting = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    uvx: list[str | Path] = [Path(sys.executable).with_name("uvx"), "--python", sys.executable]
    lock = ROOT / "requirements/run.txt"
    done = subprocess.run(
        [*uvx, "--constraints", lock, "--from", wheel, "paycite", "mcp"],
        cwd=tmp_path,
        env=os.environ | {"PAYCITE_DATA": str(data)},
        input=json.dumps(greeting) + "\n",
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["result"]["serverInfo"]["name"] == "paycite", done.stderr


def test_what_others_find_it_by_names_one_version_and_no_invented_owner() -> None:
    import yaml

    server = json.loads((ROOT / "server.json").read_text().replace("OWNER", "someone"))
    readme = (ROOT / "README.md").read_text().replace("OWNER", "someone")
    workflow = (ROOT / "deploy/github/publish.yml").read_text().replace("OWNER", "someone")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    (package,) = server["packages"]
    assert {server["version"], package["version"], citation["version"]} == {__version__}
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", server["name"])
    assert f"<!-- mcp-name: {server['name']} -->" in readme
    assert len(server["description"]) <= 100
    assert package["identifier"] == "paycite" and package["transport"] == {"type": "stdio"}
    authors = [{"name": "The Paycite authors"}]
    assert (
        citation["authors"] == authors
        and "The Paycite authors" in (ROOT / "LICENSE").read_text()
        and "The Paycite authors" in (ROOT / "SECURITY.md").read_text()
    )
    jobs = yaml.safe_load(workflow)["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    targets = re.findall(r"make (\w+)", " ".join(step.get("run", "") for step in steps))
    makefile = (ROOT / "Makefile").read_text()
    assert targets and all(re.search(rf"^{target}:", makefile, re.M) for target in targets)
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@\S+", s["uses"]) for s in steps if "uses" in s)


def test_help_imports_neither_the_database_nor_the_web_framework() -> None:
    heavy = "{'duckdb', 'litestar', 'vl_convert', 'mcp', 'msgspec', 'openpyxl'}"
    code = f"import sys, paycite.cli; print({heavy} & {{*sys.modules}})"
    assert run(sys.executable, "-c", code, folder=ROOT) == "set()\n"
