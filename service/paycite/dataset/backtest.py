"""Back-tests, by `service/paycite/sql/backtest/`: observations predicted from the others."""

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
from paycite.dataset.rows import insert, rows
from paycite.dataset.sql import statement
from paycite.model.distribution import PERCENTILES, PROBABILITIES

T = TypeVar("T")
POOLING, AS_ANSWERED = "pooling", "pooling, as answered"
# How many observations a cell of role, level and place needs to be counted by itself.
COUNTED = {"nation": None, "cell of 5": 5, "cell of 30": 30}
# The level of what states none.
UNSTATED = "unstated"
# Employers to predict, and to predict them by.
FEWEST = 30


class NotTestable(Exception):
    """Why observations cannot be divided into what is known and what is predicted."""


class Part(Struct, frozen=True, kw_only=True):
    """Some of the observations: one of the parts that are predicted, or (null) what is known only.

    `units` are its employers; an observation that names none counts as one.
    """

    part: int | None
    n: int
    units: int


class Cell(Struct, frozen=True, kw_only=True):
    """A role, level and place that was observed; in numbers, too."""

    role: str
    level: str
    geography: str
    role_code: int
    level_code: int
    geography_code: int
    log_factor: float


class Measured(Struct, frozen=True, kw_only=True):
    """How far off the predictions of a method are: of one role, level or place, or over all."""

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
    """What a source says of the pay of a role and level in a place, in U.S. dollars a year;
    `is_local` where it says so of the place itself."""

    source_id: str
    role: str
    level: str
    geography: str
    is_local: bool
    low: float
    middle: float
    high: float


class Held(Struct, frozen=True, kw_only=True):
    """How far off the claims of a source are: in one place, or over all."""

    source_id: str
    geography: str | None
    n: int
    n_local: int
    employers: int
    median_absolute_error: float
    bias: float
    holds: float


@contextmanager
def backtesting(dataset: Path) -> Iterator["Backtest"]:
    """A back-test by the official statistics of a dataset; what memory does not hold is on disk."""
    with TemporaryDirectory(prefix="backtest-") as folder:
        config: dict[str, str | bool | int | float | list[str]] = {"temp_directory": folder}
        with duckdb.connect(dataset, read_only=True, config=config) as connection:
            yield Backtest(connection, Path(folder))


class Backtest:
    """Divide the observations, predict each part by the others, and measure: in this order."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection, self._folder = connection, folder
        pool.place(connection)
        for name in ("missed", "predicted", "claimed"):
            self._execute(name)

    def divide_by_employer(self, file: Path, folds: int) -> list[Part]:
        """All observations of an employer are in the same part; NotTestable for too few."""
        pool.observe(self._connection, file, with_occupations=True)
        self._execute("by_employer", folds=folds)
        return self._divided()

    def divide_by_day(self, file: Path, day: datetime.date) -> list[Part]:
        """What was observed from the day on is one part; what was before is known. What has no
        date is in neither. NotTestable for too few."""
        observations = self._connection.read_parquet(str(file))
        for name, when in (("earlier", f"date < '{day}'"), ("later", f"date >= '{day}'")):
            some = str(self._folder / f"{name}.parquet")
            observations.filter(when).write_parquet(some)
            pool.observe(self._connection, Path(some), with_occupations=True)
            self._connection.execute(f"create temp table {name} as from observed")
        self._execute("by_day")
        return self._divided()

    def _divided(self) -> list[Part]:
        self._execute("asked")
        parts = self._structs("parts", Part)
        predicted = [part.units for part in parts if part.part is not None]
        known = sum(part.units for part in parts) - max(predicted, default=0)
        for what, units in (("to predict", sum(predicted)), ("to predict them by", known)):
            if units < FEWEST:
                raise NotTestable(
                    f"fewer than {FEWEST} employers {what} (an observation that names none is one)"
                )
        return parts

    def predict(self, part: int) -> None:
        """Predict a part by the others, pooled and counted."""
        self._execute("known", part=part)
        pool.fit(self._connection)
        for method, as_answered in ((POOLING, False), (AS_ANSWERED, True)):
            self._execute("pooled", method=method, part=part, as_answered=as_answered)
        probabilities = list(PROBABILITIES.values())
        for method, fewest in COUNTED.items():
            parameters = {"method": method, "part": part, "fewest": fewest}
            self._execute("counted", **parameters, probabilities=probabilities)

    def known(self, most: int) -> list[tuple[Any, ...]]:
        """About `most` of the observations that the last part was predicted by: the numbers of
        their cells, and log pay."""
        return self._rows("training", most=most)

    def cells(self) -> list[Cell]:
        """What is predicted in every part."""
        return self._structs("cells", Cell)

    def add(
        self, method: str, part: int, quantiles: Iterable[tuple[Cell, Sequence[float]]]
    ) -> None:
        """Predict a part by a method of one's own: quantiles of log pay for each cell."""
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
        """How far off a method is; and its pinball loss on each employer, of `most` at most."""
        self._execute("scored", method=method)
        losses = [loss for (loss,) in self._rows("losses", most=most)]
        return self._structs("measured", Measured), losses

    def hold(self, claims: Iterable[Claim]) -> list[Held]:
        """How far off claims are from what is predicted."""
        insert(self._connection, "claimed", claims)
        return self._structs("held", Held)

    def _execute(self, name: str, **parameters: object) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(statement(f"backtest/{name}"), parameters)

    def _rows(self, name: str, **parameters: object) -> list[tuple[Any, ...]]:
        return self._execute(name, **parameters).fetchall()

    def _structs(self, name: str, struct: type[T]) -> list[T]:
        found = list(rows(self._execute(name)))
        return msgspec.convert(found, list[struct])  # type: ignore[valid-type]
