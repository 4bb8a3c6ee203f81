"""Generations: they go up with every publication of another version, and back with none."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from paycite.dataset import POINTER
from paycite.dataset.pointer import (
    NOWHERE,
    Scope,
    advance_pointer,
    find_pointer,
    read_pointer,
    write_pointer,
)

# Versions of the whole, each with that of its public part, and of that with some private sources.
PUBLICATIONS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from("rst")),
    min_size=1,
    max_size=8,
)
SCOPE = Scope(["acme-placements", "agency"])


@settings(max_examples=50)  # each write is to the disk
@given(publications=PUBLICATIONS, is_old=st.booleans())
def test_a_generation_goes_up_whenever_the_version_of_its_view_changes_and_only_then(
    publications: list[tuple[str, str, str]], is_old: bool
) -> None:
    """Also to an earlier version, and from a pointer that was written before generations."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        if is_old:
            (folder / POINTER).write_text("a")
        before = read_pointer(folder) or NOWHERE
        assert before.generation == before.public_generation == 0
        for version, public_version, scoped in publications:
            write_pointer(folder, before.advance(version, public_version, {SCOPE: scoped}))
            now = read_pointer(folder)
            assert now and (now.version, now.public_version) == (version, public_version)
            assert (folder / POINTER).read_text().splitlines()[0] == version
            if before.generation:
                assert now.generation - before.generation == (version != before.version)
                changed = public_version != before.public_version
                assert now.public_generation - before.public_generation == changed
                (was,), (part,) = before.scoped, now.scoped
                assert (part.scope, part.version) == (SCOPE, scoped)
                assert part.generation - was.generation == (scoped != was.version)
            else:
                assert (now.generation, now.public_generation) == (1, 1)
            before = now
    # What the public counts does not depend on the private part.
    alone = NOWHERE
    for _, public_version, _ in publications:
        alone = alone.advance(public_version, public_version)
    if not is_old:
        assert before.public_generation == alone.generation


@settings(max_examples=50)
@given(publications=PUBLICATIONS, data=st.data())
def test_a_generation_never_falls_when_the_pointer_is_lost_or_replaced_by_hand(
    publications: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        before = NOWHERE
        for version, public_version, scoped in publications:
            advance_pointer(folder, version, public_version, {SCOPE: scoped})
            now = find_pointer(folder)
            assert now == before.advance(version, public_version, {SCOPE: scoped})
            before = now
            match data.draw(st.sampled_from(["kept", "lost", "garbage", "a"])):
                case "lost":
                    (folder / POINTER).unlink()
                case ("garbage" | "a") as content:
                    (folder / POINTER).write_text(content + " x" * (content != "a"))
