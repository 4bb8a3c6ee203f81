"""Delete earlier datasets after a build: all but the newest, and those that show private pay."""

from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import duckdb

from paycite.dataset.published import list_published, read_headers
from paycite.dataset.store import LOCKED_DOWN, DatasetError, unreadable


class Sources(NamedTuple):
    """The ids of the sources of a dataset, and checksums of the private ones' figures."""

    public: set[str]
    private: dict[str, str]


def prune_private(
    datasets: Path, version: str, keep_private: bool, say: Callable[[str], object]
) -> None:
    """Remove earlier datasets in which a source is public that is private in the current one, and
    those with a private source that the current one lacks; and, unless `keep_private`, those with
    other figures of a private source."""
    current = read_sources(datasets / f"{version}.duckdb")
    for earlier in list_published(datasets):
        file = datasets / f"{earlier}.duckdb"
        with suppress(DatasetError):  # one that cannot be read cannot answer either
            if why := _find_difference(read_sources(file), current, keep_private):
                file.unlink()
                say(f"Deleted the earlier dataset {earlier}: {why}.")


def _find_difference(earlier: Sources, current: Sources, keep_private: bool) -> str:
    """Why an earlier dataset must not be kept; empty if it may be."""
    if shown := earlier.public & {*current.private}:
        return f"{', '.join(sorted(shown))} is private now, and was public in it"
    if gone := {*earlier.private} - {*current.public, *current.private}:
        return f"it has the private source {', '.join(sorted(gone))}, which the new one lacks"
    changed = {id_ for id_, _ in earlier.private.items() - current.private.items()}
    if keep_private or not changed:
        return ""
    return (
        f"it has private figures of {', '.join(sorted(changed))} that the new one has not "
        "(PAYCITE_KEEP_PRIVATE=yes keeps such datasets)"
    )


def read_sources(file: Path) -> Sources:
    """The sources of a dataset of any schema; DatasetError if it cannot be read."""
    try:
        with duckdb.connect(file, read_only=True, config=LOCKED_DOWN) as connection:
            found = connection.execute("select id, sha256, is_private from source").fetchall()
    except duckdb.Error as error:
        raise unreadable(file, error) from None
    return Sources(
        {id_ for id_, _, is_private in found if not is_private},
        {id_: sha256 for id_, sha256, is_private in found if is_private},
    )


def prune(datasets: Path, keep: int, current: Collection[str]) -> None:
    """Remove all but the datasets that were published last, with their public parts; the current
    ones count as last, whatever the clock."""
    headers = read_headers(datasets)
    parts = {version: one.public_version if one else None for version, one in headers.items()}
    earlier = [one for one in headers if one not in {*current, *parts.values()}][: keep - 1]
    kept = {*current, *earlier, *map(parts.get, earlier)}
    for version in headers:
        if version not in kept:
            (datasets / f"{version}.duckdb").unlink()
