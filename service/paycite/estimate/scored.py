"""Add the back-test results of sources to the caveats of their chains."""

import msgspec

from paycite.estimate.derivation import Derivation
from paycite.model.score import Score
from paycite.model.snapshot import Snapshot


def with_scores(found: Derivation, snapshot: Snapshot) -> Derivation:
    """Add a caveat for each back-test of the source, in the place if available, else overall."""
    places = (None, found.metro.id)
    scores = snapshot.scores_by_source.get(found.source_id, ())
    fitting = [score for score in scores if score.geography in places]
    # A score of the place comes last, so that it replaces the overall score of the same test.
    nearest = {
        score.tested_on: score for score in sorted(fitting, key=lambda one: one.geography or "")
    }
    if not nearest or found.component != "base":
        return found
    caveats = tuple(_sentence(score, snapshot) for score in nearest.values())
    return msgspec.structs.replace(
        found, caveats=(*found.caveats, *caveats), tested_on=tuple(sorted(nearest))
    )


def _sentence(score: Score, snapshot: Snapshot) -> str:
    where = snapshot.metros[score.geography].name if score.geography else "all places"
    side = "below" if score.bias < 0 else "above"
    center = "median" if score.method == "pooling" else "midpoint"
    inside = "between P25 and P75" if score.method == "pooling" else "inside the range"
    return (
        f"Back-tested on {score.n:,} observations of {score.tested_on} in {where}, of all roles "
        f"that both have: the {center} is typically {abs(score.bias):.1%} {side} observed pay, "
        f"with a median absolute error of {score.median_absolute_error:.1%}; "
        f"{score.coverage_p25_p75:.0%} of observations fall {inside}."
    )
