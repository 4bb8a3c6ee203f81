"""Confidence intervals of the ratio of two losses."""

from collections.abc import Mapping, Sequence

DRAWS = 1_000
SEED = 2026
# The most employers to draw from.
MOST = 200_000


def bootstrap_intervals(
    losses: Mapping[str, Sequence[float]], benchmark: str
) -> dict[str, tuple[float, float]]:
    """Compute the 95% interval of each method's loss relative to the benchmark, by a paired
    bootstrap over employers. All lists have the losses of the same employers in the same order."""
    import numpy as np

    methods = list(losses)
    of_methods = np.array(list(losses.values()))
    draw, employers = np.random.default_rng(SEED), of_methods.shape[1]
    sums = np.empty((DRAWS, len(methods)))
    for at in range(DRAWS):
        drawn = draw.integers(0, employers, employers)
        sums[at] = of_methods @ np.bincount(drawn, minlength=employers)
    ratios = sums / sums[:, [methods.index(benchmark)]]
    ends = np.quantile(ratios, [0.025, 0.975], axis=0).T.tolist()
    return {method: (low, high) for method, (low, high) in zip(methods, ends, strict=True)}
