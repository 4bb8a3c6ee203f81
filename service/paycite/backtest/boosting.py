"""LightGBM: what a machine makes of the same observations, for the others to be measured by."""

from collections.abc import Sequence
from typing import Any

from paycite.dataset.backtest import Cell
from paycite.model.distribution import PROBABILITIES

METHOD = "LightGBM"
# Observations that it learns from at most, because it takes long.
MOST = 200_000
TREES = 200
SETTINGS = {
    "objective": "quantile",
    "num_leaves": 15,
    "min_data_in_leaf": 30,
    "learning_rate": 0.05,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 1,  # more wait for each other where the machine is busy
    "seed": 0,
    "verbose": -1,
}


def is_installed() -> bool:
    try:
        import lightgbm  # noqa: F401
    except ImportError:
        return False
    return True


def quantiles(
    known: Sequence[tuple[Any, ...]], cells: Sequence[Cell]
) -> list[tuple[Cell, Sequence[float]]]:
    """Quantiles of log pay of each cell, by a model for each; `known` are the numbers of cells
    with log pay. Models that cross are sorted."""
    import lightgbm
    import numpy as np

    table = np.array(known, dtype=np.float64)
    learnt = lightgbm.Dataset(
        table[:, :-1], table[:, -1], categorical_feature=[0, 1, 2], params={"verbose": -1}
    )
    asked = np.array([(c.role_code, c.level_code, c.geography_code, c.log_factor) for c in cells])
    found = [
        lightgbm.train(SETTINGS | {"alpha": probability}, learnt, TREES).predict(asked)
        for probability in PROBABILITIES.values()
    ]
    return list(zip(cells, np.sort(np.array(found).T, axis=1).tolist(), strict=True))
