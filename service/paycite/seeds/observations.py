"""Read what `paycite import` wrote beside each Parquet file of observations."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from paycite.files import sha256
from paycite.model.figure import Source
from paycite.model.observation import Observed
from paycite.model.score import Score, Scores
from paycite.seeds.files import SeedError


def observed(folder: Path, is_stored_elsewhere: bool = False) -> Iterator[Observed]:
    """Yield every source that has a file of numbers. SeedError if a file was changed since the
    import. If they are stored elsewhere, yield every source that is described in the folder; those
    files are not checked."""
    described = (
        file.with_suffix(".parquet") for file in folder.glob("*.json") if "." not in file.stem
    )
    for numbers in sorted({*folder.glob("*.parquet"), *(described if is_stored_elsewhere else ())}):
        file = numbers.with_suffix(".json")
        try:
            found = msgspec.json.decode(file.read_bytes(), type=Observed)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
            raise SeedError(file, 1, f"cannot be read ({error}); import it again") from None
        if found.source.id != numbers.stem or not (
            is_stored_elsewhere or (numbers.exists() and sha256(numbers) == found.sha256)
        ):
            raise SeedError(numbers, 1, "was changed since the import; import it again")
        yield found


def scores(
    shipped: Path,
    observations: Path | None,
    observed: Iterable[Observed],
    sources: Sequence[Source],
) -> tuple[Score, ...]:
    """The scores of back-tests: those that are shipped, and those of the present observations. A
    test of other observations of the same name is ignored."""
    found = {file.stem: _scores(file) for file in sorted(shipped.glob("*.json"))}
    for one in observed:
        assert observations is not None  # where they were read from
        file = observations / f"{one.source.id}.scores.json"
        tested = _scores(file) if file.exists() else None
        if tested and tested.sha256 == one.sha256:
            found[one.source.id] = tested
        else:
            found.pop(one.source.id, None)
    known = {source.id for source in sources}
    stated = (score for name in sorted(found) for score in found[name].scores)
    return tuple(score for score in stated if {score.source_id, score.tested_on} <= known)


def _scores(file: Path) -> Scores:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Scores)
    except (OSError, msgspec.DecodeError) as error:
        raise SeedError(file, 1, f"cannot be read ({error}); run the back-test again") from None
