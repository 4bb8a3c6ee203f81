"""Say which levels of private sources a dataset hides so that no smaller group shows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from paycite.dataset import disclosure_record
from paycite.model.figure import Source
from paycite.settings import Settings


def describe_hidden(settings: Settings, sources: Iterable[Source]) -> Iterator[str]:
    """A sentence for each source with such levels, as of the last build."""
    disclosed = disclosure_record.read(settings.observations)
    for source in sources:
        levels = defaultdict(list)
        # What was private may be public since, and then hides nothing.
        is_hiding = source.is_private and source.id in disclosed
        for role, level in disclosed[source.id].hidden if is_hiding else ():
            levels[role].append(level)
        if levels:
            named = "; ".join(f"{role}: {', '.join(found)}" for role, found in levels.items())
            yield (
                f"Hidden in {source.id}, because a smaller group could be computed from the rest: "
                f"{named}. See docs/privacy.md, No remainder."
            )
