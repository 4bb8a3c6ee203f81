"""Delete earlier datasets after a build: all but the newest, and those that show private pay."""

from collections.abc import Callable, Collection
from pathlib import Path

import duckdb

from paycite.dataset.published import list_published, read_headers
from paycite.dataset.store import LOCKED_DOWN


def prune_private(
    datasets: Path, version: str, keep_private: bool, say: Callable[[str], object]
) -> None:
    """Remove earlier datasets in which a source is public that is private in the current one; and,
    unless `keep_private`, those with figures of a private source that the current one has not."""
    _, current = _read_sources(datasets / f"{version}.duckdb")
    private = {id_ for id_, _ in current}
    for earlier in list_published(datasets):
        file = datasets / f"{earlier}.duckdb"
        public, others = _read_sources(file)
        if shown := ", ".join(sorted(public & private)):
            why = f"{shown} is private now, and was public in it"
        elif keep_private or others <= current:
            continue
        else:
            changed = ", ".join(sorted({id_ for id_, _ in others - current}))
            why = (
                f"it has private figures of {changed} that the new one has not "
                "(PAYCITE_KEEP_PRIVATE=yes keeps such datasets)"
            )
        file.unlink()
        say(f"Deleted the earlier dataset {earlier}: {why}.")


def _read_sources(file: Path) -> tuple[set[str], set[tuple[str, str]]]:
    """The public sources of a dataset, of any schema, and the private ones with checksums of their
    figures; none if it cannot be read, and so cannot answer either."""
    try:
        with duckdb.connect(file, read_only=True, config=LOCKED_DOWN) as connection:
            found = connection.execute("select id, sha256, is_private from source").fetchall()
    except duckdb.Error:
        return set(), set()
    return (
        {id_ for id_, _, is_private in found if not is_private},
        {(id_, sha256) for id_, sha256, is_private in found if is_private},
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
