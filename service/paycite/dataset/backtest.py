"""The queries of back-tests, in `service/paycite/sql/backtest/`."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import duckdb
import msgspec
from msgspec import Struct

from paycite.dataset import pool
from paycite.dataset.engine import InDuckDB
from paycite.dataset.rows import insert, rows
from paycite.dataset.sql import as_pattern, quote, statement
from paycite.model.distribution import PERCENTILES, PROBABILITIES

T = TypeVar("T")
POOLING, AS_ANSWERED = "pooling", "pooling, as answered"
# The least number of observations for a cell of role, level and place to be used on its own.
COUNTED = {"nation": None, "cell of 5": 5, "cell of 30": 30}
# The level of observations without one.
UNSTATED = "unstated"
# The least number of employers to predict, and to predict them from.
FEWEST = 30


class NotTestable(Exception):
    """Why observations cannot be split into training and held-out ones."""


class Fold(Struct, frozen=True, kw_only=True):
    """A part of the observations: a held-out fold, or (null) those for training only.

    `units` counts its employers; an observation without one counts as an employer of its own.
    """

    part: int | None
    n: int
    units: int


class Cell(Struct, frozen=True, kw_only=True):
    """An observed role, level and place, with their codes."""

    role: str
    level: str
    geography: str
    role_code: int
    level_code: int
    geography_code: int
    log_factor: float


class Measured(Struct, frozen=True, kw_only=True):
    """The errors of a method: for one role, level or place, or overall."""

    role: str | None
    level: str | None
    geography: str | None
    n: int
    employers: int
    pinball: float
    median_absolute_error: float
    bias: float
    coverage_p25_p75: float
    coverage_p10_p90: float


class Claim(Struct, frozen=True, kw_only=True):
    """The pay range of a source for a role and level in a place, in U.S. dollars a year; `is_local`
    if the source prices the place itself."""

    source_id: str
    role: str
    level: str
    geography: str
    is_local: bool
    low: float
    middle: float
    high: float


class RangeErrors(Struct, frozen=True, kw_only=True):
    """The errors of the ranges of a source: in one place, or overall."""

    source_id: str
    geography: str | None
    n: int
    n_local: int
    employers: int
    median_absolute_error: float
    bias: float
    coverage: float


@contextmanager
def backtesting(dataset: Path) -> Iterator["Backtest"]:
    """Open a back-test with the official statistics of a dataset; data beyond memory is on disk."""
    with TemporaryDirectory(prefix="backtest-") as folder:
        config: dict[str, str | bool | int | float | list[str]] = {"temp_directory": folder}
        # Attached, not opened: other sources are asked of the same file, opened in another way.
        with duckdb.connect(config=config) as connection:
            connection.execute(f"attach {quote(dataset)} as dataset (read_only)")
            connection.execute("use dataset")
            yield Backtest(connection, Path(folder))


class Backtest:
    """Split the observations, predict each fold from the others, and measure: in this order."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection, self._folder = connection, folder
        self._engine = InDuckDB(connection)
        pool.create_official(connection)
        for name in ("pinball_loss", "predicted", "claimed"):
            self._execute(name)

    def divide_by_employer(
        self, file: Path, folds: int, newest: datetime.date | None = None
    ) -> list[Fold]:
        """Split by employer: all its observations are in one fold; those after the day `newest` are
        excluded. NotTestable if too few."""
        if newest:
            self._observe(file, f"date is null or date <= '{newest}'")
        else:
            pool.observe(self._engine, str(file), with_occupations=True)
        self._execute("by_employer", folds=folds)
        return self._divided()

    def divide_by_day(self, file: Path, day: datetime.date) -> list[Fold]:
        """Split by day: later observations are held out, earlier ones are known, and those without
        a date are excluded. NotTestable if too few."""
        for name, when in (("earlier", f"date < '{day}'"), ("later", f"date >= '{day}'")):
            self._observe(file, when)
            self._connection.execute(f"create temp table {name} as from observed")
        self._execute("by_day")
        return self._divided()

    def _observe(self, file: Path, when: str) -> None:
        """Read the observations for which the condition holds."""
        some = str(self._folder / "some.parquet")
        self._connection.read_parquet(as_pattern(file)).filter(when).write_parquet(some)
        pool.observe(self._engine, some, with_occupations=True)

    def _divided(self) -> list[Fold]:
        self._execute("asked")
        parts = self._structs("parts", Fold)
        predicted = [part.units for part in parts if part.part is not None]
        known = sum(part.units for part in parts) - max(predicted, default=0)
        for what, units in (("to predict", sum(predicted)), ("to predict them from", known)):
            if units < FEWEST:
                raise NotTestable(
                    f"fewer than {FEWEST} employers {what}: {units} (an observation without "
                    "one counts as an employer)"
                )
        return parts

    def predict(self, part: int) -> None:
        """Predict a fold from the others, by pooling and by cell quantiles."""
        self._execute("known", part=part)
        pool.fit(self._engine)
        for method, as_answered in ((POOLING, False), (AS_ANSWERED, True)):
            self._execute("pooled", method=method, part=part, as_answered=as_answered)
        probabilities = list(PROBABILITIES.values())
        for method, fewest in COUNTED.items():
            parameters = {"method": method, "part": part, "fewest": fewest}
            self._execute("counted", **parameters, probabilities=probabilities)

    def known(self, most: int) -> list[tuple[Any, ...]]:
        """About `most` of the observations that the last fold was predicted from: the codes of
        their cells, and log pay."""
        return self._rows("training", most=most)

    def cells(self) -> list[Cell]:
        """The cells to predict in every fold."""
        return self._structs("cells", Cell)

    def add(
        self, method: str, part: int, quantiles: Iterable[tuple[Cell, Sequence[float]]]
    ) -> None:
        """Add the predictions of another method for a fold: quantiles of log pay for each cell."""
        predicted = (
            {
                **{name: getattr(cell, name) for name in ("role", "level", "geography")},
                **dict(zip(PERCENTILES, values, strict=True)),
                "method": method,
                "part": part,
            }
            for cell, values in quantiles
        )
        insert(self._connection, "predicted", predicted)

    def measure(self, method: str, most: int) -> tuple[list[Measured], list[float]]:
        """The errors of a method, and its pinball loss by employer, for at most `most` of them."""
        self._execute("scored", method=method)
        losses = [loss for (loss,) in self._rows("losses", most=most)]
        return self._structs("measured", Measured), losses

    def measure_ranges(self, claims: Iterable[Claim]) -> list[RangeErrors]:
        """The errors of the ranges of other sources on the observations."""
        insert(self._connection, "claimed", claims)
        return self._structs("range_errors", RangeErrors)

    def _execute(self, name: str, **parameters: object) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(statement(f"backtest/{name}"), parameters)

    def _rows(self, name: str, **parameters: object) -> list[tuple[Any, ...]]:
        return self._execute(name, **parameters).fetchall()

    def _structs(self, name: str, struct: type[T]) -> list[T]:
        found = list(rows(self._execute(name)))
        return msgspec.convert(found, list[struct])  # type: ignore[valid-type]
