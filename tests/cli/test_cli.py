import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from paycite.settings import Settings
from servers import free_port
from support.commands import PAYCITE, environment, paycite, read_error
from support.servers import serving


def test_build_prints_the_version_that_it_made_current(few_seeds: Path, tmp_path: Path) -> None:
    built = paycite(tmp_path, "build", "--as-of", "2026-07-01", PAYCITE_SEEDS=few_seeds)
    version = built.stdout.strip()
    assert version.startswith("2026-07-01-")
    assert (tmp_path / "datasets" / "current").read_text().split()[0] == version
    assert built.stderr == ""
    early = read_error(tmp_path, "build", "--as-of", "2026-05-14", PAYCITE_SEEDS=few_seeds)
    assert "--as-of 2026-05-14 is before 2026-05-15, when bls-oews-2025-05" in early
    assert (tmp_path / "datasets" / "current").read_text().split()[0] == version


def test_a_source_that_is_made_private_leaves_what_is_kept_and_published(
    few_seeds: Path, tmp_path: Path
) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        ended = paycite(tmp_path / "data", *words, PAYCITE_SEEDS=few_seeds)
        assert ended.returncode == 0, ended.stderr
        return ended

    rows = "".join(f"e{n},Data Engineer,New York,{100_000 + 997 * n}\n" for n in range(40))
    (file := tmp_path / "pay.csv").write_text(f"employer,title,place,amount\n{rows}")
    cited = ("--source", "ours", "--publisher", "Us", "--title", "Pay", "--kind", "placement")
    imported = ("import", "observations", str(file), *cited)
    place = str(tmp_path / "place")
    run("build")
    run(*imported, "--public")
    shown = run("build").stdout.strip()
    run("publish", place)
    assert "ours was public, and is until the next build" in run(*imported).stdout
    assert f"Deleted the earlier dataset {shown}: ours is private now" in run("build").stderr
    run("publish", place)
    assert not [*(tmp_path / "data" / "datasets").glob(f"{shown}*")]
    assert not [*Path(place).glob(f"{shown}*")]


def test_a_broken_seed_stops_the_build_with_file_line_and_reason(
    own_seeds: Path, tmp_path: Path
) -> None:
    roles = own_seeds / "roles.toml"
    roles.write_text(roles.read_text().replace("title = ", "titel = ", 1))
    error = read_error(tmp_path, "build", PAYCITE_SEEDS=own_seeds)
    line = roles.read_text().partition("titel")[0].count("\n") + 1
    assert f"{roles}:{line}: " in error
    assert "titel" in error
    assert not (tmp_path / "datasets").exists()


def test_a_bad_setting_and_a_missing_dataset_are_told_plainly(tmp_path: Path) -> None:
    assert "PAYCITE_KEEP" in read_error(tmp_path, "build", PAYCITE_KEEP="none")
    unknown = read_error(tmp_path, "build", PAYCITE_HOST="x", PAYCITE_URL="pay.example")
    assert "Unknown setting PAYCITE_HOST. Did you mean PAYCITE_HOSTS?" in unknown
    assert "Invalid PAYCITE_URL 'pay.example'" in unknown
    assert "paycite build" in read_error(tmp_path, "verify", __file__)


@pytest.mark.parametrize(
    ("setting", "valid", "invalid"),
    [
        (
            "PAYCITE_URL",
            ("https://pay.example", "http://localhost:8000", "https://[::1]:80"),
            ("https://[bad", "https://[bad]", "https://x]", "https://x:99999", "https://x:y"),
        ),
        ("PAYCITE_URL", ("https://pay",), ("https://:80", "https://")),
        ("PAYCITE_ORIGINS", ("https://a.example,http://b:80",), ("https://a.example,https://b:x",)),
        (
            "PAYCITE_HOSTS",
            ("*", "pay.example,localhost", "::1", "192.0.2.1"),
            ("localhost:80", "pay.example,a:1", "[::1]:80"),
        ),
        ("PAYCITE_KEEP", ("1", "1000000"), ("0", "-1", "+5", "1_0", "5.0")),
        ("PAYCITE_MONTHS_OF_AGE", ("0", "120"), ("121", " 5", "٣")),
        ("PAYCITE_QUOTA", ("200", "999999999"), ("199", "0200", "1000000000")),
        ("PAYCITE_FEWEST_EMPLOYERS", ("5", "1000"), ("4", "0005", "1001")),
        ("PAYCITE_LARGEST_SHARE", ("1", "100"), ("0", "01", "101", "9" * 5_000)),
    ],
)
def test_addresses_names_and_numbers_are_parsed_when_settings_are_read(
    monkeypatch: pytest.MonkeyPatch, setting: str, valid: tuple[str, ...], invalid: tuple[str, ...]
) -> None:
    for text in valid:
        monkeypatch.setenv(setting, text)
        Settings.from_environment()
    for text in invalid:
        monkeypatch.setenv(setting, text)
        with pytest.raises(ValueError, match=f"Invalid {setting} .*: expected"):
            Settings.from_environment()


@pytest.mark.parametrize(
    ("setting", "text", "told"),
    [
        ("PAYCITE_QUOTA", "199", "from 200"),
        ("PAYCITE_KEY_QUOTA", "many", "from 200"),
        ("PAYCITE_PROXIES", "10.0.0.0/8, 999.1.1.1", "'999.1.1.1': expected addresses or networks"),
        ("PAYCITE_QUOTA_SERVER", "localhost:6379", "such as redis://localhost:6379"),
        ("PAYCITE_QUOTA_SERVER", "redis://localhost:port", "Invalid PAYCITE_QUOTA_SERVER"),
    ],
)
def test_quotas_that_cannot_be_kept_are_refused(
    data: Path, setting: str, text: str, told: str
) -> None:
    said: dict[str, Any] = {"PAYCITE_QUOTA": "200", setting: text}
    assert told in read_error(data, "serve", "--port", free_port(), **said)


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = read_error(tmp_path, "serve", "--port", port)
    assert f"Cannot serve on 127.0.0.1:{port}" in refused


def test_serve_builds_a_dataset_where_none_can_be_read(
    few_seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYCITE_SEEDS", str(few_seeds))
    version = paycite(tmp_path, "build").stdout.strip()
    file = tmp_path / "datasets" / f"{version}.duckdb"
    file.unlink()
    with serving(tmp_path) as client:
        assert client.get("/ready").json()["dataset"] == version
    assert file.exists()


@pytest.mark.parametrize("seconds", [0.5, 0.9, 1.3])
def test_a_server_that_is_stopped_while_it_starts_ends(data: Path, seconds: float) -> None:
    command = (PAYCITE, "serve", "--port", str(free_port()))
    with subprocess.Popen(command, env=environment(data)) as server:
        time.sleep(seconds)
        server.terminate()
        server.wait(30)
