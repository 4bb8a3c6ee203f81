"""Say which rows of private sources are too recent for a dataset."""

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path

from paycite.dataset.observations import add_months, find_recent
from paycite.model.figure import Source
from paycite.settings import Settings


def find_newest_used(file: Path, as_of: datetime.date, months: int) -> datetime.date | None:
    """The newest date in a file of private rows that a dataset of this date uses."""
    return find_recent(file, add_months(as_of, -months)).newest_used


def describe_recent(
    settings: Settings, sources: Iterable[Source], as_of: datetime.date
) -> Iterator[str]:
    """A sentence for each source with rows that a dataset of this date does not use yet."""
    months = settings.months_of_age
    last_used = add_months(as_of, -months)
    for source in sources:
        file = settings.observations / f"{source.id}.parquet"
        # With --engine spark, it may be elsewhere.
        if not source.is_private or not file.exists():
            continue
        recent = find_recent(file, last_used)
        if recent.newest:
            needed = add_months(recent.newest, months)
            if add_months(needed, -months) < recent.newest:  # a shorter month
                needed += datetime.timedelta(days=1)
            rows = "row" if recent.rows == 1 else "rows"
            yield (
                f"Not used yet: {recent.rows:,} {rows} of {source.id} dated after {last_used}, "
                f"{months} months before the date of the dataset ({as_of}). A dataset dated "
                f"{needed} or later uses all of them: see `paycite build --as-of`."
            )
