"""Where things are; each setting is an environment variable, listed in the README."""

import os
import re
from pathlib import Path
from typing import Self

from msgspec import Struct

ROOT = Path(__file__).parents[2]


class Settings(Struct, frozen=True, kw_only=True):
    seeds: Path
    datasets: Path
    imported: Path
    observations: Path
    keep: int
    url: str | None

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment variables; ValueError for a bad number or address."""
        data = Path(os.environ.get("PAYCITE_DATA") or ROOT / "data")
        keep = os.environ.get("PAYCITE_KEEP") or "5"
        if not keep.isdecimal() or int(keep) < 1:
            raise ValueError(f"PAYCITE_KEEP is {keep!r}: it takes a whole number from 1")
        url = os.environ.get("PAYCITE_URL") or None
        if url and not re.fullmatch(r"https?://[^/?#\s\"<>]+", url):
            raise ValueError(
                f"PAYCITE_URL is {url!r}: it takes an address such as https://pay.example"
            )
        return cls(
            seeds=Path(os.environ.get("PAYCITE_SEEDS") or ROOT / "seeds"),
            datasets=data / "datasets",
            imported=data / "distributions",
            observations=data / "observations",
            keep=int(keep),
            url=url,
        )
