"""Seeds with few places and distributions, which take most of the time of a build; for tests of
building, not of what is built."""

from pathlib import Path

from fewer_places import write_seeds_of_states

_STATES = {"CA", "CO", "ID", "MA", "NY", "OH", "TX", "WA"}
_LINES = 20  # of each file of distributions


def write_few_seeds(seeds: Path) -> None:
    write_seeds_of_states(seeds, _STATES)
    for file in (seeds / "distributions").glob("*.csv"):
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:_LINES]))
