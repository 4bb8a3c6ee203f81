"""The pointer of a folder of datasets: which one is current, and its generation.

A generation counts how often the version changed, also back to an earlier one, so a client that has
seen a generation can ask for no older one. The public view has a count of its own: that of the
whole would tell the public when private data was published.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from paycite.dataset import POINTER
from paycite.files import locked, refuse_directory, replace_file

COPY = "current.copy"
RECORD = "replica.json"  # in a folder that follows a place: what was published there last

# What one machine writes and another reads: a version becomes the name of a file.
Version = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]+\Z")]
_Id = Annotated[str, Meta(pattern=r"^[a-z0-9-]+\Z")]
_Generation = Annotated[int, Meta(ge=0, lt=10**18)]  # as many digits as Min-Generation may have

Scope = frozenset[str]
"""The private sources that someone may see."""
PUBLIC: Scope = frozenset()
NO_PARTS: Mapping[Scope, str] = {}


class Scoped(Struct, frozen=True):
    """The current dataset with the private sources of a scope only."""

    scope: Annotated[frozenset[_Id], Meta(min_length=1)]
    version: Version
    generation: _Generation


class Pointer(Struct, frozen=True, kw_only=True):
    """The current dataset, and its part without private sources: the same one if it has none.
    `scoped` are for those who may see some private sources, and not all."""

    version: Version
    generation: _Generation = 0
    public_version: Version = ""  # not known of pointers that were written before generations
    public_generation: _Generation = 0
    scoped: tuple[Scoped, ...] = ()

    @property
    def versions(self) -> set[str]:
        """Everything that is in service."""
        return {self.version, self.public_version, *(one.version for one in self.scoped)}

    def part(self, scope: Scope) -> Scoped | None:
        return next((one for one in self.scoped if one.scope == scope), None)

    def advance(
        self, version: str, public_version: str, parts: Mapping[Scope, str] = NO_PARTS
    ) -> "Pointer":
        """Point to a version; a generation goes up if its version changes."""
        return Pointer(
            version=version,
            generation=_advance(self.version, self.generation, version),
            public_version=public_version,
            public_generation=_advance(self.public_version, self.public_generation, public_version),
            scoped=tuple(
                Scoped(scope, made, _advance(one.version, one.generation, made))
                for scope, made in parts.items()
                for one in [self.part(scope) or Scoped(scope, "", 0)]
            ),
        )


def _advance(before: str, generation: int, version: str) -> int:
    return max(1, generation + (version != before))


NOWHERE = Pointer(version="")


def read_pointer(folder: Path, name: str = POINTER) -> Pointer | None:
    """None if nothing was published. ValueError if the file is not a pointer."""
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    if pointer := _parse(text):
        return pointer
    raise ValueError(f"{folder / name} is not a pointer to a dataset. Run `paycite build`")


def _parse(text: str) -> Pointer | None:
    match text.split():
        case [version]:
            return Pointer(version=version)
        case [version, generation, public_version, public_generation, *parts]:
            return Pointer(
                version=version,
                generation=int(generation),
                public_version=public_version,
                public_generation=int(public_generation),
                scoped=tuple(
                    Scoped(Scope(scope.split(",")), version, int(generation))
                    for scope, version, generation in zip(
                        parts[::3], parts[1::3], parts[2::3], strict=True
                    )
                ),
            )
    return None


def write_pointer(folder: Path, pointer: Pointer) -> None:
    """Four lines, and three for each scope; the first is all that there was before generations. A
    copy beside it, which is written first, keeps generations from falling if it is lost. ValueError
    if the pointer could not be read back; nothing is written then."""
    lines = [
        *(pointer.version, pointer.generation),
        *(pointer.public_version, pointer.public_generation),
    ]
    for part in pointer.scoped:
        lines += [",".join(sorted(part.scope)), part.version, part.generation]
    text = "".join(f"{line}\n" for line in lines)
    if _parse(text) != pointer:
        raise ValueError(f"{pointer} cannot be written as a pointer")
    for name in (COPY, POINTER):
        replace_file(folder / name, text.encode())


def find_pointer(folder: Path, name: str = POINTER) -> Pointer:
    """The pointer; NOWHERE if nothing was published, or if it cannot be read."""
    try:
        return read_pointer(folder, name) or NOWHERE
    except (OSError, ValueError):
        return NOWHERE


def find_last_pointer(folder: Path) -> Pointer:
    """The pointer with the highest generations that is known: its copy if it was lost, or was
    written by hand. NOWHERE if there is neither."""
    known = (find_pointer(folder, name) for name in (POINTER, COPY))
    return max(known, key=lambda one: (one.generation, one.public_generation))


def advance_pointer(
    folder: Path, version: str, public_version: str, parts: Mapping[Scope, str] = NO_PARTS
) -> None:
    """Point to a version in the folder. A pointer that cannot be read is replaced."""
    write_pointer(folder, find_last_pointer(folder).advance(version, public_version, parts))


def is_follower(folder: Path) -> bool:
    """Whether the datasets in a folder are those of a place that it follows."""
    return (folder / RECORD).exists()


@contextmanager
def sole_builder(datasets: Path) -> Iterator[None]:
    """Allow one build or download at a time; remove the leftovers of a killed one.
    IsADirectoryError, before any work, if the pointer could not be written."""
    with locked(datasets / ".lock"):
        for name in (POINTER, COPY):
            refuse_directory(datasets / name)
        for leftover in datasets.glob("building-*"):
            shutil.rmtree(leftover)
        yield
