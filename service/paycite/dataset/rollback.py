"""Make an earlier dataset the current one."""

from collections.abc import Callable, Mapping
from pathlib import Path

from paycite.dataset.pointer import (
    NOWHERE,
    Scope,
    advance_pointer,
    find_last_pointer,
    find_pointer,
    sole_builder,
)
from paycite.dataset.published import check_version, read_headers
from paycite.dataset.store import DatasetError, Header


def roll_back(
    datasets: Path, version: str | None = None, say: Callable[[str], object] = lambda _: None
) -> str:
    """Make the version current, or the one that was published before the current one, and return
    it. Nothing is deleted, and the order of publication stays, so that a further step goes further
    back. `say` gets a sentence for what else must be done. DatasetError, which changes nothing, if
    that dataset or its public part cannot be read whole or none is kept.
    """
    if not datasets.is_dir():
        raise DatasetError(f"no dataset in {datasets}: run `paycite build`")
    with sole_builder(datasets):
        kept, pointer = read_headers(datasets), find_pointer(datasets)
        version = version or _find_earlier(kept, pointer.version)
        if version not in kept:
            raise DatasetError(f"no dataset {version!r} is kept. Kept: {', '.join(kept) or 'none'}")
        whole = check_version(datasets, version)
        if whole.public_version:
            check_version(datasets, whole.public_version)
        last = find_last_pointer(datasets)
        scopes = [one.scope for one in last.scoped]
        parts = {scope: part for scope in scopes if (part := _find_part(kept, whole, scope))}
        advance_pointer(datasets, version, whole.version_for_public, parts)
    if last == NOWHERE:
        say(
            "What was published before is not known, so generations start at 1 again: restart "
            "clients that send Min-Generation. Keys with --source get 503 until `paycite build`."
        )
    elif missing := sorted(", ".join(sorted(scope)) for scope in scopes if scope not in parts):
        say(f"Keys for {' or for '.join(missing)} alone get 503 until `paycite build`.")
    return version


def _find_part(kept: Mapping[str, Header | None], whole: Header, scope: Scope) -> str | None:
    """The kept dataset with the private sources of a scope as in the whole one. None for a scope
    that came later: the next build makes one."""
    private = frozenset(one for one in whole.private if one.id in scope)
    wanted = (private, whole.version_for_public)
    for version, one in kept.items():
        if one and (one.private, one.version_for_public) == wanted:
            return version
    return None


def _find_earlier(kept: Mapping[str, Header | None], current: str) -> str:
    """The version that was published before the current one; the last one if the pointer, which
    a rollback replaces, names none. Parts of a version that were not published before it, by their
    place in the order, were not published by themselves."""
    order = list(kept)
    parts = {one.version for one in kept.values() if one and one.is_scoped}
    for version, one in kept.items():
        if one and one.public_version in order[: order.index(version)]:
            parts.add(one.public_version)
    published = [version for version in order if version not in parts]
    earlier = published[published.index(current) + 1 :] if current in published else published
    if not earlier:
        more = ", ".join(version for version in kept if version != current)
        hint = f" Kept: {more}. Name one to go there." if more else ""
        raise DatasetError(f"no dataset was published before {current or 'this one'}.{hint}")
    return earlier[0]
