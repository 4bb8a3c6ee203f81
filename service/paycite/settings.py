"""Where things are; each setting is an environment variable, listed in docs/operating.md."""

import os
import re
from pathlib import Path
from typing import Self

from msgspec import Struct
from platformdirs import user_data_path

_PACKAGE = Path(__file__).parent
_SHIPPED = _PACKAGE / "shipped"  # only in an installed package; a checkout has these files itself
IS_CHECKOUT = not _SHIPPED.is_dir()
ROOT = _PACKAGE.parents[1] if IS_CHECKOUT else _SHIPPED

ANY_HOST = "*"
_HOST = r"\*|[\w.:-]+"
_ADDRESS = r"https?://[^/?#\s\"<>]+"


class Settings(Struct, frozen=True, kw_only=True):
    seeds: Path
    data: Path
    datasets: Path
    imported: Path
    observations: Path
    keep: int
    url: str | None
    is_open: bool
    hosts: tuple[str, ...]
    origins: tuple[str, ...]

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment variables; ValueError for a bad number or address."""
        own = ROOT / "data" if IS_CHECKOUT else user_data_path("paycite", appauthor=False)
        data = Path(os.environ.get("PAYCITE_DATA") or own)
        keep = os.environ.get("PAYCITE_KEEP") or "5"
        if not keep.isdecimal() or int(keep) < 1:
            raise ValueError(f"Invalid PAYCITE_KEEP {keep!r}: expected a whole number from 1.")
        url = os.environ.get("PAYCITE_URL") or None
        if url and not re.fullmatch(_ADDRESS, url):
            raise ValueError(
                f"Invalid PAYCITE_URL {url!r}: expected an address such as https://pay.example."
            )
        opened = os.environ.get("PAYCITE_OPEN") or ""
        if opened not in ("", "all"):
            raise ValueError(f"Invalid PAYCITE_OPEN {opened!r}: expected all, or nothing.")
        return cls(
            seeds=Path(os.environ.get("PAYCITE_SEEDS") or ROOT / "seeds"),
            data=data,
            datasets=data / "datasets",
            imported=data / "distributions",
            observations=data / "observations",
            keep=int(keep),
            url=url,
            is_open=opened == "all",
            hosts=_read_list("PAYCITE_HOSTS", _HOST, "names such as pay.example, without a port"),
            origins=_read_list(
                "PAYCITE_ORIGINS", _ADDRESS, "addresses such as https://app.example"
            ),
        )


def _read_list(name: str, pattern: str, expected: str) -> tuple[str, ...]:
    """The values of a setting, which are separated by commas."""
    found = [one.strip().lower() for one in (os.environ.get(name) or "").split(",")]
    values = tuple(one for one in found if one)
    for one in values:
        if not re.fullmatch(pattern, one):
            raise ValueError(f"Invalid {name} {one!r}: expected {expected}.")
    return values
