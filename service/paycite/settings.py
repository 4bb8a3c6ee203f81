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


class Settings(Struct, frozen=True, kw_only=True):
    seeds: Path
    datasets: Path
    imported: Path
    observations: Path
    keep: int
    url: str | None
    fewest_employers: int
    largest_share: float
    months_of_age: int
    keep_private: bool

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment variables; ValueError for a bad number or address."""
        own = ROOT / "data" if IS_CHECKOUT else user_data_path("paycite", appauthor=False)
        data = Path(os.environ.get("PAYCITE_DATA") or own)
        keep = os.environ.get("PAYCITE_KEEP") or "5"
        if not keep.isdecimal() or int(keep) < 1:
            raise ValueError(f"Invalid PAYCITE_KEEP {keep!r}: expected a whole number from 1.")
        url = os.environ.get("PAYCITE_URL") or None
        if url and not re.fullmatch(r"https?://[^/?#\s\"<>]+", url):
            raise ValueError(
                f"Invalid PAYCITE_URL {url!r}: expected an address such as https://pay.example."
            )
        if (keep_private := os.environ.get("PAYCITE_KEEP_PRIVATE") or "no") not in ("yes", "no"):
            raise ValueError(f"Invalid PAYCITE_KEEP_PRIVATE {keep_private!r}: expected yes or no.")
        return cls(
            seeds=Path(os.environ.get("PAYCITE_SEEDS") or ROOT / "seeds"),
            datasets=data / "datasets",
            imported=data / "distributions",
            observations=data / "observations",
            keep=int(keep),
            url=url,
            fewest_employers=_number("PAYCITE_FEWEST_EMPLOYERS", 5, range(5, 1001)),
            largest_share=_number("PAYCITE_LARGEST_SHARE", 25, range(1, 101)) / 100,
            months_of_age=_number("PAYCITE_MONTHS_OF_AGE", 3, range(121)),
            keep_private=keep_private == "yes",
        )


def _number(name: str, default: int, allowed: range) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or int(text) not in allowed:
        ends = f"{allowed[0]} to {allowed[-1]}"
        raise ValueError(f"Invalid {name} {text!r}: expected a whole number from {ends}.")
    return int(text)
