import os
import shutil
import subprocess
from pathlib import Path

from conftest import PAYCITE, SEEDS


def paycite(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {name: str(value) for name, value in settings.items()}
    command = [str(PAYCITE), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_build_prints_the_version_that_it_made_current(tmp_path: Path) -> None:
    built = paycite("build", "--as-of", "2026-03-01", PAYCITE_DATA=tmp_path)
    version = built.stdout.strip()
    assert version.startswith("2026-03-01-")
    assert (tmp_path / "datasets" / "current").read_text() == version
    assert built.stderr == ""


def test_a_broken_seed_stops_the_build_with_file_line_and_reason(tmp_path: Path) -> None:
    seeds = Path(shutil.copytree(SEEDS, tmp_path / "seeds"))
    roles = seeds / "roles.toml"
    roles.write_text(roles.read_text().replace("title = ", "titel = ", 1))
    built = paycite("build", PAYCITE_DATA=tmp_path, PAYCITE_SEEDS=seeds)
    assert built.returncode == 1
    assert f"{roles}:6: " in built.stderr
    assert "titel" in built.stderr
    assert not (tmp_path / "datasets").exists()


def test_a_bad_setting_and_a_missing_dataset_are_told_plainly(tmp_path: Path) -> None:
    bad = paycite("build", PAYCITE_DATA=tmp_path, PAYCITE_KEEP="none")
    assert (bad.returncode, "Traceback" in bad.stderr) == (1, False)
    assert "PAYCITE_KEEP" in bad.stderr
    missing = paycite("openapi", PAYCITE_DATA=tmp_path)
    assert (missing.returncode, "Traceback" in missing.stderr) == (1, False)
    assert "paycite build" in missing.stderr
