"""Objects of JSON, as Python's own parser gives them: it can tell that a name is repeated."""

from collections import Counter
from collections.abc import Iterable


def repeated_names(pairs: Iterable[tuple[str, object]]) -> dict[str, int]:
    """The names that an object has more than once, with how many times. For `object_pairs_hook`."""
    times = Counter(name for name, _ in pairs)
    return {name: count for name, count in times.items() if count > 1}
