"""LightGBM on the same observations, as a benchmark for the other methods."""

from collections.abc import Sequence
from typing import Any

from paycite.dataset.backtest import Cell
from paycite.model.distribution import PROBABILITIES

METHOD = "LightGBM"
# The most observations to learn from, because training is slow.
MOST = 200_000
TREES = 200
SETTINGS = {
    "objective": "quantile",
    "num_leaves": 15,
    "min_data_in_leaf": 30,
    "learning_rate": 0.05,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 1,  # on a busy machine, more threads wait for each other
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
    """Predict quantiles of log pay for each cell, with one model per quantile. Each row of `known`
    has the codes of a cell and log pay. Crossing quantiles are sorted."""
    import lightgbm
    import numpy as np

    table = np.array(known, dtype=np.float64)
    training = lightgbm.Dataset(
        table[:, :-1], table[:, -1], categorical_feature=[0, 1, 2], params={"verbose": -1}
    )
    asked = np.array([(c.role_code, c.level_code, c.geography_code, c.log_factor) for c in cells])
    found = [
        lightgbm.train(SETTINGS | {"alpha": probability}, training, TREES).predict(asked)
        for probability in PROBABILITIES.values()
    ]
    return list(zip(cells, np.sort(np.array(found).T, axis=1).tolist(), strict=True))
