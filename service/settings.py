"""Where things are; each setting is an environment variable, listed in the README."""

import os
from pathlib import Path
from typing import Self

from msgspec import Struct

ROOT = Path(__file__).parent.parent


class Settings(Struct, frozen=True, kw_only=True):
    seeds: Path
    datasets: Path
    imported: Path
    observations: Path
    keep: int

    @classmethod
    def from_environment(cls) -> Self:
        """Read `PAYCITE_SEEDS`, `PAYCITE_DATA` and `PAYCITE_KEEP`; ValueError for a bad number."""
        data = Path(os.environ.get("PAYCITE_DATA") or ROOT / "data")
        keep = os.environ.get("PAYCITE_KEEP") or "5"
        if not keep.isdecimal() or int(keep) < 1:
            raise ValueError(f"PAYCITE_KEEP is {keep!r}: it takes a whole number from 1")
        return cls(
            seeds=Path(os.environ.get("PAYCITE_SEEDS") or ROOT / "seeds"),
            datasets=data / "datasets",
            imported=data / "distributions",
            observations=data / "observations",
            keep=int(keep),
        )
