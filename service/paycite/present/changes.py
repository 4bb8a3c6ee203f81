"""What changed between two datasets, in words and as CSV."""

from collections.abc import Iterator, Sequence

from paycite.model.change import Cause, Change, ChangeSummary, SourceChange
from paycite.present.csv import Cell, write_lines

_COLUMNS = (
    *("id", "role", "role_title", "level", "metro", "metro_name"),
    *("p25_before", "p50_before", "p75_before", "p25_after", "p50_after", "p75_after"),
    *("change", "causes", "from_version", "to_version"),
)


def describe_changes(summary: ChangeSummary, earlier: str) -> tuple[str, ...]:
    """Describe a summary in sentences: how many estimates changed, then each source."""
    counts = [f"{summary.moved:,} of {summary.estimates:,} estimates changed since {earlier}"]
    if summary.median_change:
        counts.append(f"typically by {summary.median_change:+.1%}")
    if summary.added:
        counts.append(f"{summary.added:,} are new")
    if summary.removed:
        counts.append(f"{summary.removed:,} are gone")
    return (f"{', '.join(counts)}.", *map(_describe_source, summary.sources))


def _describe_source(one: SourceChange) -> str:
    what = {
        "added": f"New source {one.source_id}",
        "removed": f"Source {one.source_id} was removed",
        "replaced": f"{one.source_id} replaced {one.replaced_id}",
        "revised": f"{one.source_id} has other figures",
        "reweighted": f"{one.source_id} has another weight",
    }[one.kind]
    if one.factor is None:
        return f"{what}."
    estimates = f"{one.estimates:,} estimate{'s' if one.estimates > 1 else ''}"
    return f"{what}: {estimates}, typically {one.factor - 1:+.1%}."


def describe_cause(cause: Cause) -> str:
    """Describe why a median moved: "aijobs-2025-08 revised, +1.2%"."""
    of = f" {cause.replaced_id}" if cause.replaced_id else ""
    return f"{cause.source_id} {cause.kind}{of}, {cause.factor - 1:+.1%}"


def describe_change(change: float | None, *, is_new: bool) -> str:
    return f"{change:+.1%}" if change is not None else "new" if is_new else "removed"


def write_changes_csv(changes: Sequence[Change], earlier: str, later: str) -> str:
    return "".join(write_lines([_COLUMNS, *(_cells(one, earlier, later) for one in changes)]))


def _cells(one: Change, earlier: str, later: str) -> Iterator[Cell]:
    yield from (one.id, one.role, one.role_title, one.level, one.metro, one.metro_name)
    for side in (one.before, one.after):
        yield from (side.p25, side.p50, side.p75) if side else (None, None, None)
    yield one.change
    yield " | ".join(map(describe_cause, one.causes)) or None
    yield from (earlier, later)
