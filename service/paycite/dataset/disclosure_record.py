"""What was published of private sources: `SOURCE.disclosed.json` beside the observations, which is
never served."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

from paycite.dataset.differencing import employers_of
from paycite.files import replace_file
from paycite.model.pool import FEWEST_AMOUNTS, Thresholds
from paycite.model.score import Score

PartName = Literal["pool", "base", "metro", "role-metro", "spread"]
DISCLOSED = ".disclosed.json"
WAS_PUBLIC = ".public"
"""Of the rows of a source that was public, until the next build records them."""


class Key(NamedTuple):
    """A statistic of any source; of a spread, `level` is `stated` or `all`."""

    part: PartName
    role: str | None
    level: str | None
    geography: str | None

    @property
    def is_sum(self) -> bool:
        """Whether it follows from sums of log pay, which can be added and subtracted."""
        return self.part in ("base", "metro", "role-metro")

    def scope(self) -> dict[str, str | None]:
        return {"role": self.role, "level": self.level, "geography": self.geography}


class Basis(Struct, frozen=True, kw_only=True):
    """What a statistic was computed from. The contributions are hashes, one for what each employer
    has in each role, level and place, with the employer in the upper half."""

    employers: int
    unnamed: int
    largest_share: float
    amounts: int
    contributions: tuple[int, ...]

    def is_enough(self, part: PartName, thresholds: Thresholds) -> bool:
        is_spread = part == "spread"
        fewest = thresholds.employers_for_spread if is_spread else thresholds.employers
        is_counted = self.employers >= fewest or self.unnamed >= thresholds.unnamed_rows
        is_shared = self.largest_share <= thresholds.largest_share
        return is_counted and is_shared and self.amounts >= FEWEST_AMOUNTS

    def count_changes(self, other: "Basis") -> int:
        """The least number of employers that joined, left or changed."""
        one, two = set(self.contributions), set(other.contributions)
        return max(len(employers_of(one - two)), len(employers_of(two - one)))


class Published(Struct, frozen=True, kw_only=True):
    """A statistic as it is published (null if it no longer is), and all that it was ever computed
    from, the newest last."""

    key: Key
    row: dict[str, Any] | None
    bases: tuple[Basis, ...]

    def can_stay(self, thresholds: Thresholds) -> bool:
        return bool(self.row) and self.bases[-1].is_enough(self.key.part, thresholds)


class Disclosed(Struct, frozen=True, kw_only=True):
    """All that was published of a source. `others` are rows without a statistic of its own, such as
    the official ratio of a place; they change with the pool as a whole. `hidden` are levels (role
    and level) that are large enough, but would show a smaller group by subtraction. `scores` are of
    the back-test of the source; they change with the pool, too."""

    published: list[Published]
    others: list[tuple[Key, dict[str, Any]]]
    hidden: list[tuple[str, str]] = []
    scores: list[Score] = []

    def rows(self) -> Iterator[tuple[Key, dict[str, Any]]]:
        """What is published now."""
        yield from self.others
        yield from ((one.key, one.row) for one in self.published if one.row)


class _Record(Struct, frozen=True, kw_only=True):
    """A file of what was published. `sha256` is that of the JSON text of `disclosed`."""

    sha256: str
    disclosed: msgspec.Raw


Disclosures = dict[str, Disclosed]  # by source


def read(observations: Path) -> Disclosures:
    """What was published of each source, including those that were removed. DecodeError if a file
    is not as it was written."""
    return {
        file.name.removesuffix(DISCLOSED): _read_record(file)
        for file in sorted(observations.glob(f"*{DISCLOSED}"))
    }


def _read_record(file: Path) -> Disclosed:
    record = msgspec.json.decode(file.read_bytes(), type=_Record)
    if hashlib.sha256(record.disclosed).hexdigest() != record.sha256:
        raise msgspec.DecodeError(f"{file.name} was changed")
    return msgspec.json.decode(record.disclosed, type=Disclosed)


def write(observations: Path, disclosures: Disclosures) -> None:
    """Replace the file of each source that has something new, durably."""
    for source, disclosed in disclosures.items():
        file = observations / f"{source}{DISCLOSED}"
        text = msgspec.json.encode(disclosed)
        record = _Record(sha256=hashlib.sha256(text).hexdigest(), disclosed=msgspec.Raw(text))
        content = msgspec.json.encode(record) + b"\n"
        if not file.exists() or file.read_bytes() != content:
            replace_file(file, content, mode=0o600)
        (observations / f"{source}{WAS_PUBLIC}").unlink(missing_ok=True)


def checksum(disclosed: Disclosed) -> str:
    """A hash of what is published now, and of nothing else."""
    return hashlib.sha256(msgspec.json.encode(list(disclosed.rows()))).hexdigest()
