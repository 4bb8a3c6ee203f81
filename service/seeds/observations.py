"""Sources of observations: what `paycite import` wrote beside each Parquet file of them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from service.model.observation import Observed
from service.seeds.files import SeedError


def observed(folder: Path) -> Iterator[Observed]:
    """Every source whose numbers are there; a citation alone is none. SeedError for a file that is
    not what was written."""
    for numbers in sorted(folder.glob("*.parquet")):
        file = numbers.with_suffix(".json")
        try:
            found = msgspec.json.decode(file.read_bytes(), type=Observed)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
            raise SeedError(file, 1, f"cannot be read: {error}; import it again") from None
        with numbers.open("rb") as opened:
            is_same = hashlib.file_digest(opened, "sha256").hexdigest() == found.sha256
        if found.source.id != numbers.stem or not is_same:
            raise SeedError(numbers, 1, "not what was imported; import it again")
        yield found
