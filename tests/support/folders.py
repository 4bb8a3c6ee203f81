"""What is in a folder."""

import os
from pathlib import Path

import pytest


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def shared_file(name: str = "") -> Path:
    """A file in the folder PAYCITE_SHARED_DATA, or the folder; without it, the test is skipped."""
    folder = os.environ.get("PAYCITE_SHARED_DATA")
    if not folder:
        pytest.skip("PAYCITE_SHARED_DATA is not set")
    file = Path(folder) / name
    if not file.exists():
        pytest.skip(f"{file} does not exist")
    return file
