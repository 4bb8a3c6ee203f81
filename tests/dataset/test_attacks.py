"""Attacks on a private source by someone who sees all its answers: none gives a person's pay back.

The attacker saves every number that is published of a role before and after a row is added, takes
each pair (and, within a dataset, each whole with two of its parts) for statistics that differ by
one row, and solves for it: exp((n2 ln m2 - n1 ln m1) / (n2 - n1)), for every n within the published
bands. So many guesses hit any pay now and then. Chance is how many of them hit the same pay when
the attacker knows only numbers that cannot depend on it: those published before the row existed, or
those of a source in which the person earns something else.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import combinations, product
from math import exp, log
from pathlib import Path
from typing import NamedTuple

import duckdb
import msgspec
import pytest

from paycite.batch.body import answer_json
from paycite.dataset import disclosure
from paycite.dataset.build import build
from paycite.dataset.estimate import estimate
from paycite.dataset.pool import pool
from paycite.dataset.rows import insert
from paycite.dataset.store import Store
from paycite.model.answer import Answer
from paycite.model.observation import Observation
from paycite.model.pool import count_band
from paycite.model.problem import Refusal
from paycite.questions.answer import answer_question
from support.observing import FILLED, observation, observe

PAY = 423_000
LEVELS = ("", "entry", "mid", "senior", "staff")
PLACES = ("", "austin-tx", "nyc", "denver-co", "texas", "new-york", "us")
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"source": "ours"},
    {"strict": "true"},
    {"source": "ours", "age": "true"},
)


class Number(NamedTuple):
    """A published amount, with the lower end of the band of its count."""

    band: int
    amount: float

    def counts(self) -> Iterator[int]:
        count = self.band
        while count_band(count) == self.band and count < self.band + 60:
            yield count
            count += 1


class Lab:
    """A private source, and what each of its releases publishes."""

    def __init__(self, folder: Path, dataset: Path) -> None:
        self.folder, self._dataset = folder, dataset
        self._releases = 0

    @contextmanager
    def release(self, rows: Sequence[Observation]) -> Iterator[Store]:
        """The dataset with these rows in place of the earlier ones, after all that was published:
        what a build does to it."""
        self._releases += 1
        file = Path(shutil.copy(self._dataset, self.folder / f"{self._releases}.duckdb"))
        file.chmod(0o644)
        one = observe(self.folder, "ours", rows, is_private=True)
        with duckdb.connect(file) as connection:
            row = msgspec.structs.asdict(one.source)
            insert(connection, "source", [row | {"published": None, "precision": "none"}])
            disclosure.write(self.folder, pool(connection, [one], self.folder))
            for table in FILLED:
                connection.execute(f"delete from {table}")
            estimate(connection)
        with closing(Store(file)) as store:
            yield store

    def numbers(self, rows: Sequence[Observation]) -> frozenset[Number]:
        with self.release(rows) as store:
            return frozenset(collect(store))


@pytest.fixture(scope="module")
def dataset(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds-only")
    return folder / f"{build(few_seeds, folder, 1)}.duckdb"


@pytest.fixture
def lab(dataset: Path, tmp_path: Path) -> Lab:
    return Lab(tmp_path, dataset)


def questions() -> Iterator[dict[str, str]]:
    for level, place, more in product(LEVELS, PLACES, FILTERS):
        asked = {"role": "data-scientist", "level": level, "metro": place} | more
        yield {name: text for name, text in asked.items() if text}


def collect(store: Store) -> Iterator[Number]:
    """Every number of the source, and every estimate, over all scopes and filters."""
    for asked in questions():
        try:
            answer = answer_question(store, {name: [text] for name, text in asked.items()})
        except Refusal:
            continue
        yield from _numbers(answer)


def _numbers(answer: Answer) -> Iterator[Number]:
    for chain in answer.chains:
        if chain.source_id == "ours" and chain.percentiles and chain.percentiles.p50:
            bands = {chain.n, *(step.n for step in chain.steps)} - {None, 0}
            medians = {chain.percentiles.p50}
            medians |= {step.percentiles.p50 for step in chain.steps if step.percentiles}
            medians |= {step.range.min for step in chain.steps if step.range.min == step.range.max}
            for band, median in product(bands, medians):
                if band and median:
                    yield Number(band, median)
            if answer.estimate.median:
                yield from (Number(band, answer.estimate.median) for band in bands if band)


def guesses(pairs: Iterable[tuple[Number, Number]]) -> Iterator[float]:
    """What one row more in the second must be, if it has one row more."""
    for first, second in pairs:
        counts = set(second.counts())
        for n in first.counts():
            if n + 1 in counts:
                yield (n + 1) * log(second.amount) - n * log(first.amount)


def remainders(numbers: Iterable[Number]) -> Iterator[float]:
    """What one row beside two parts must be, if the whole has it."""
    for whole, *parts in (
        (whole, *parts)
        for parts in combinations(sorted(numbers), 2)
        for whole in numbers
        if whole not in parts
    ):
        for n, m in product(*(part.counts() for part in parts)):
            if count_band(n + m + 1) == whole.band:
                logs = (n + m + 1) * log(whole.amount)
                yield logs - n * log(parts[0].amount) - m * log(parts[1].amount)


def hits(found: Iterable[float], pay: float, within: float = 0.01) -> int:
    return sum(abs(one - log(pay)) <= within for one in found)


def placements(employers: int, level: str, first: int) -> list[Observation]:
    return [
        observation(
            first + number,
            110_000 + 1_900 * (7 * number % 31),
            level=level,
            geography=("austin-tx", "nyc", "denver-co")[number % 3],
        )
        for number in range(employers)
    ]


ROWS = [*placements(24, "senior", 0), *placements(14, "mid", 100)]
VICTIM = observation(9_999, PAY)


def test_no_pair_of_answers_from_before_and_after_a_row_gives_it_back(lab: Lab) -> None:
    before, after = lab.numbers(ROWS), lab.numbers([*ROWS, VICTIM])
    assert len(before) > 20
    known = list(guesses(product(before, after)))
    assert len(known) > 1_000
    assert hits(known, PAY) <= hits(guesses(product(before, before)), PAY)
