"""LightGBM trained on the observed rows themselves, each predicted by models of other employers."""

import numpy as np

from judge.scores import PROBABILITIES, SEED, Floats, Ints, Rows
from paycite.backtest.boosting import SETTINGS, TREES

FOLDS = 5


def predict(rows: Rows, categories: Ints, numbers: Floats) -> Rows:
    """The rows with held-out quantiles. `categories` (n, k) are codes; `numbers` (n, m) may be
    NaN. Units are divided into folds at random, with a fixed seed."""
    import lightgbm

    features = np.column_stack([categories.astype(np.float64), numbers])
    _, units = np.unique(rows.units, return_inverse=True)
    fold = np.random.default_rng(SEED).permutation(int(units.max()) + 1)[units] % FOLDS
    found = np.full((len(rows.pay), len(PROBABILITIES)), np.nan)
    for held in range(FOLDS):
        is_held = fold == held
        known = lightgbm.Dataset(
            features[~is_held],
            rows.pay[~is_held],
            categorical_feature=list(range(categories.shape[1])),
            params={"verbose": -1},
            free_raw_data=False,
        )
        for at, probability in enumerate(PROBABILITIES):
            model = lightgbm.train(SETTINGS | {"alpha": float(probability)}, known, TREES)
            found[is_held, at] = model.predict(features[is_held])
    return rows._replace(quantiles=np.sort(found, axis=1))
