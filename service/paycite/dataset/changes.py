"""Compare two datasets: which estimates moved, by how much, and because of which source."""

from functools import lru_cache
from pathlib import Path
from threading import Lock

import duckdb
import msgspec

from paycite.dataset.rows import rows
from paycite.dataset.sql import attach, first_line, statement
from paycite.dataset.store import DatasetError
from paycite.model.change import Change, ChangeSummary

_KEPT = 2  # comparisons, of some ten MB each
_LIMITS = {"threads": "1", "memory_limit": "400MB", "autoload_known_extensions": "false"}
_LOCK = Lock()


class Comparison:
    """Two datasets side by side, opened read-only. DatasetError if one cannot be read."""

    def __init__(self, earlier: Path, later: Path) -> None:
        try:
            self._connection = duckdb.connect(config=dict(_LIMITS))
            attach(self._connection, earlier=earlier, later=later)
            self._connection.execute(statement("changes/moved"))
            self._connection.execute(statement("changes/cause"))
        except duckdb.Error as error:
            raise DatasetError(f"the datasets cannot be compared: {first_line(error)}") from None

    def summarize(self) -> ChangeSummary:
        with self._connection.cursor() as cursor:
            (counts,) = rows(cursor.execute(statement("changes/counts")))
            sources = list(rows(cursor.execute(statement("changes/sources"))))
        return msgspec.convert({**counts, "sources": sources}, ChangeSummary)

    def has(self, id_: str) -> bool:
        with self._connection.cursor() as cursor:
            return bool(cursor.execute("from moved where id = $id", {"id": id_}).fetchall())

    def read_page(self, after: str | None, limit: int) -> list[Change]:
        """At most `limit` changes, the largest first, starting after that of the id `after`."""
        with self._connection.cursor() as cursor:
            found = cursor.execute(statement("changes/page"), {"after": after, "limit": limit})
            return msgspec.convert(list(rows(found)), list[Change])


def compare(folder: Path, earlier: str, later: str) -> Comparison:
    """Compare two versions in a folder; the most recent comparisons are kept."""
    with _LOCK:  # so that each is made once
        return _compare(folder / f"{earlier}.duckdb", folder / f"{later}.duckdb")


@lru_cache(256)
def summarize(folder: Path, earlier: str, later: str) -> ChangeSummary:
    return compare(folder, earlier, later).summarize()


_compare = lru_cache(_KEPT)(Comparison)
