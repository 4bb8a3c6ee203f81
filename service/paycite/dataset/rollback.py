"""Make an earlier dataset the current one."""

from contextlib import closing, suppress
from pathlib import Path

from paycite.dataset.pointer import advance_pointer, find_pointer, sole_builder
from paycite.dataset.store import DatasetError, Store


def roll_back(datasets: Path, version: str | None = None) -> str:
    """Make the version current, or the one that was published before the current one, and return
    it. Nothing is deleted, and the order of publication stays, so that a further step goes further
    back. DatasetError, which changes nothing, if that dataset or its public part cannot be read
    whole or none is kept.
    """
    if not datasets.is_dir():
        raise DatasetError(f"no dataset in {datasets}: run `paycite build`")
    with sole_builder(datasets):
        kept = _published_before(datasets)
        version = version or _find_earlier(datasets, kept, find_pointer(datasets).version)
        if version not in kept:
            raise DatasetError(f"no dataset {version!r} is kept. Kept: {', '.join(kept) or 'none'}")
        public = check(datasets, version)
        if public:
            check(datasets, public)
        advance_pointer(datasets, version, public or version)
    return version


def check(datasets: Path, version: str) -> str | None:
    """Read the whole dataset of a version, and return that of its public part, if it has another.
    DatasetError if it cannot be served."""
    with closing(Store(datasets / f"{version}.duckdb")) as store:
        store.check()
        _ = store.snapshot
        return store.public_version


def _published_before(datasets: Path) -> list[str]:
    """The versions that are kept, the last published first."""
    files = sorted(datasets.glob("*.duckdb"), key=lambda file: file.stat().st_mtime_ns)
    return [file.stem for file in reversed(files)]


def _find_earlier(datasets: Path, kept: list[str], current: str) -> str:
    """The version that was published before the current one; the last one if the pointer, which
    a rollback mends, names none. The public part of a version was not published by itself."""
    parts = {_public_part(datasets, version) for version in kept} - {None}
    published = [version for version in kept if version not in parts]
    earlier = published[published.index(current) + 1 :] if current in published else published
    if not earlier:
        more = ", ".join(version for version in kept if version != current)
        hint = f" Kept: {more}. Name one to go there." if more else ""
        raise DatasetError(f"no dataset was published before {current or 'this one'}.{hint}")
    return earlier[0]


def _public_part(datasets: Path, version: str) -> str | None:
    with suppress(DatasetError), closing(Store(datasets / f"{version}.duckdb")) as store:
        return store.public_version
    return None
