"""What back-tests found of the sources of an answer, as caveats of their chains."""

import msgspec

from paycite.estimate.candidate import Candidate
from paycite.model.score import Score
from paycite.model.snapshot import Snapshot


def with_scores(candidate: Candidate, snapshot: Snapshot) -> Candidate:
    """The candidate, with a caveat for each back-test of its source: of its place, else overall."""
    places = (None, candidate.metro.id)
    scores = snapshot.scores_by_source.get(candidate.source_id, ())
    bearing = [score for score in scores if score.geography in places]
    # Of the place last, so that it stands for the test.
    nearest = {
        score.tested_on: score for score in sorted(bearing, key=lambda one: one.geography or "")
    }
    if not nearest or candidate.component != "base":
        return candidate
    said = tuple(_sentence(score, snapshot) for score in nearest.values())
    return msgspec.structs.replace(
        candidate, caveats=(*candidate.caveats, *said), tested_on=tuple(sorted(nearest))
    )


def _sentence(score: Score, snapshot: Snapshot) -> str:
    where = snapshot.metros[score.geography].name if score.geography else "all places"
    lies = "below" if score.bias < 0 else "above"
    middle = "median" if score.method == "pooling" else "midpoint"
    half = "P25 to P75 hold" if score.method == "pooling" else "its ranges hold"
    return (
        f"Back-tested on {score.n:,} observations of {score.tested_on} in {where}: the {middle} is "
        f"{abs(score.bias):.1%} {lies} what was observed, half of the time within "
        f"{score.median_absolute_error:.1%}, and {half} {score.coverage_p25_p75:.0%}."
    )
