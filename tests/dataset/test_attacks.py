"""Attacks on a private source by someone who sees all its answers: none gives a person's pay back.

The attacker saves every number that is published of a role before and after a row is added, takes
a pair for statistics that differ by that row, and solves for it:
exp((n2 ln m2 - n1 ln m1) / (n2 - n1)), for every n within the published bands. Pairs are of the
same question before and after, which must not come within 5%; and any two, as a level and all
levels, or a place and the nation. Among so many guesses some hit any pay: chance is how many do
when only numbers are known that cannot depend on it, those published before the row existed.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import product
from math import exp, log
from pathlib import Path
from typing import NamedTuple

import duckdb
import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from paycite.dataset import disclosure_record
from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.importers.common.observations import import_observations
from paycite.model.answer import Answer
from paycite.model.observation import Observation, Observed
from paycite.model.pool import count_band
from paycite.model.problem import Refusal
from paycite.questions.answer import answer_question
from support.asgi import get, make_app
from support.observing import observation, pool_all, source
from support.releases import Installation, Lab

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


Numbers = dict[str, Number]


def numbers(lab: Lab, rows: Sequence[Observation], is_priced: bool = True) -> Numbers:
    """What a release with these rows publishes."""
    with closing(Store(lab.file(lab.release(rows, is_priced=is_priced)))) as store:
        return dict(collect(store))


@pytest.fixture
def lab(few_dataset: Path, tmp_path: Path) -> Lab:
    return Lab(few_dataset, tmp_path)


def questions() -> Iterator[dict[str, str]]:
    for level, place, more in product(LEVELS, PLACES, FILTERS):
        asked = {"role": "data-scientist", "level": level, "metro": place} | more
        yield {name: text for name, text in asked.items() if text}


def collect(store: Store) -> Iterator[tuple[str, Number]]:
    """Every number of the source, and every estimate, by question and what it is."""
    for asked in questions():
        try:
            answer = answer_question(store, {name: [text] for name, text in asked.items()})
        except Refusal:
            continue
        for name, number in _numbers(answer):
            yield f"{asked} {name}", number


def _numbers(answer: Answer) -> Iterator[tuple[str, Number]]:
    for chain in answer.chains:
        if chain.source_id != "ours":
            continue
        found = [("estimate", answer.estimate.median)]
        if chain.percentiles:
            found.append(("chain", chain.percentiles.p50))
        for at, step in enumerate(chain.steps):
            found.append((f"range {at}", step.range.min))
            if step.percentiles:
                found.append((f"step {at}", step.percentiles.p50))
        bands = {chain.n, *(step.n for step in chain.steps)}
        for band, (name, amount) in product(bands, found):
            if band and amount:
                yield f"{name} of {band}", Number(band, amount)


def guesses(pairs: Iterable[tuple[Number, Number]]) -> Iterator[float]:
    """The log pay of one row more in the second, if it has one row more."""
    for first, second in pairs:
        counts = set(second.counts())
        for n in first.counts():
            if n + 1 in counts:
                yield (n + 1) * log(second.amount) - n * log(first.amount)


def hits(found: Iterable[float], pay: float, within: float) -> int:
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
    before, after = numbers(lab, ROWS), numbers(lab, [*ROWS, VICTIM])
    assert len(before) > 100
    same = list(guesses((before[name], after[name]) for name in before.keys() & after.keys()))
    assert len(same) > 1_000
    assert hits(same, PAY, within=0.05) == 0
    early, late = set(before.values()), set(after.values())
    by_chance = hits(guesses(product(early, early)), PAY, within=0.01)
    assert hits(guesses(product(early, late)), PAY, within=0.01) <= by_chance


def test_rows_of_the_attacker_do_not_show_when_another_joins(lab: Lab) -> None:
    """He adds a row, another, and takes one away while someone joins: nothing moves."""
    own = [observation(8_000 + number, 90_000 + 200_000 * number) for number in range(3)]
    before = numbers(lab, ROWS, is_priced=False)
    assert before
    for more in (own[:1], [*own[:2], VICTIM], [*own[1:], VICTIM]):
        assert numbers(lab, [*ROWS, *more], is_priced=False) == before


ASKED = (
    *("/salary?role=data-scientist", "/salary?role=data-scientist&level=senior&metro=austin-tx"),
    *("/sources", "/figures?role=data-scientist&limit=50", "/ready", "/datasets", "/datasets.atom"),
    *("/datasets/changes?from=PUBLIC", "/datasets/PUBLIC"),
    *("/datasets/PUBLIC.parquet", "/datasets/PUBLIC.duckdb", "/ranking?role=data-scientist"),
    *("/datasets/PUBLIC.csv?role=data-scientist", "/pay.html?metro=nyc"),
)


def test_a_private_row_changes_nothing_for_those_without_a_key(
    few_seeds: Path, tmp_path: Path
) -> None:
    """Neither body nor header: tag, version, generation and size; though the private layer is new,
    because five more joined."""
    versions, answers = [], []
    for rows in (ROWS, [*ROWS, VICTIM, *placements(6, "senior", 500)]):
        versions.append(Installation(tmp_path, few_seeds).release(rows))
        with closing(Datasets(tmp_path / "datasets")) as datasets:
            public = str(datasets.current.public_version)
        app = make_app(tmp_path)
        said = {"x-request-id": "1"}
        answers.append([get(app, asked.replace("PUBLIC", public), said) for asked in ASKED])
    assert versions[0] != versions[1]
    assert {answer[0] for answer in answers[0]} == {200}
    for asked, first, second in zip(ASKED, *answers, strict=True):
        assert first == second, asked


class Release(NamedTuple):
    """Rows that are imported and built, in place of earlier ones of the source."""

    rows: list[Observation]
    source: str = "ours"
    is_private: bool = True

    def sums(self, dataset: Path, folder: Path) -> list[float]:
        """The log pay of all rows together, as it follows from what is published of the role, and
        from its levels: by someone who knows how many rows there are, and reads k."""
        file = Path(shutil.copy(dataset, folder / "release.duckdb"))
        file.chmod(0o644)
        one = source(self.source, is_private=self.is_private)
        import_observations(one, "Pay.", self.rows, folder)
        about = (folder / f"{self.source}.json").read_bytes()
        with duckdb.connect(file) as connection:
            observed = msgspec.json.decode(about, type=Observed)
            disclosure_record.write(folder, pool_all(connection, [observed], folder))
            found = connection.execute(
                "select level, amount, regexp_extract(locator, 'k = ([0-9.]+)', 1) "
                "from pool_factor where part = 'base' and source_id = ? and amount is not null",
                [self.source],
            ).fetchall()
        levels = [one.level for one in self.rows]
        parts = [
            (levels.count(level), log(amount), float(k)) for level, amount, k in found if level
        ]
        sums = [len(levels) * log(amount) for level, amount, _ in found if not level]
        if sum(n for n, _, _ in parts) == len(levels):
            for is_shrunk in (True, False):
                weights = [n + k * is_shrunk for n, _, k in parts]
                middle = sum(w * one for w, (_, one, _) in zip(weights, parts, strict=True))
                sums.append(len(levels) * middle / sum(weights))
        return sums


def list_releases(kind: str, first: int, second: int, victim: Observation) -> list[Release]:
    """The last has the rows of all others and one more; or one less, if a row is removed."""

    def at_level(level: str | None, count: int, start: int) -> list[Observation]:
        return [
            observation(start + number, 70_000 + 2_300 * number + 40 * start, level=level)
            for number in range(count)
        ]

    rows = at_level("entry", first, 0) + at_level("mid", 4, 100)  # a fifth would show both levels
    alone = at_level("mid", max(first, 6) + second, 200)
    cash = [msgspec.structs.replace(one, component="total_cash") for one in (*alone, victim)]
    match kind:
        case "parts of a whole":
            return [Release(rows), Release([*rows, victim])]
        case "a row is removed":
            without = msgspec.structs.replace(victim, level=None)
            return [Release([*alone, without]), Release(alone)]
        case "another pay element":
            return [Release(alone), Release(cash)]
        case "public before":
            return [Release(alone, is_private=False), Release([*alone, victim])]
    return [
        Release(alone, "one"),
        Release(at_level("mid", 10, 400), "two"),
        Release([*alone, *at_level("mid", 10, 400), victim], "both"),
    ]


@pytest.mark.parametrize(
    "kind",
    [
        "parts of a whole",
        "a row is removed",
        "another pay element",
        "public before",
        "sources are merged",
    ],
)
@given(first=st.integers(6, 9), second=st.integers(4, 8), pay=st.integers(132_000, 480_000))
@run_with(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sum_or_difference_of_releases_gives_a_row_back(
    few_dataset: Path,
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    first: int,
    second: int,
    pay: int,
) -> None:
    folder = tmp_path_factory.mktemp("releases")
    releases = list_releases(kind, first, second, observation(9_999, pay, level="mid"))
    sums = [one.sums(few_dataset, folder) for one in releases]
    assert sums[0]
    *before, after = reversed(sums) if kind == "a row is removed" else sums
    for combination in product(after, *before):
        guess = exp(combination[0] - sum(combination[1:]))
        assert abs(guess / pay - 1) > 0.05, (sums, guess)


AUSTIN, DENVER = ("senior", "austin-tx"), ("mid", "denver-co")


@pytest.mark.parametrize(
    "counts",
    [
        {AUSTIN: 5, DENVER: 6, ("senior", "denver-co"): 1},
        {AUSTIN: 7, DENVER: 5, ("mid", "austin-tx"): 2, ("senior", "nyc"): 6},
        {AUSTIN: 1, DENVER: 6, ("mid", "nyc"): 6, ("staff", "nyc"): 5},
    ],
)
def test_levels_and_places_together_do_not_leave_a_few_placements(
    lab: Lab, counts: dict[tuple[str, str], int]
) -> None:
    """Senior less Austin, or Denver less mid: by someone who knows how many rows there are, and
    removes rounding and shrinkage."""
    rows = [
        observation(100 * group + number, 110_000 + 1_900 * number, level=level, geography=place)
        for group, ((level, place), count) in enumerate(counts.items())
        for number in range(count)
    ]
    factors = lab.factors(lab.release(rows))
    shown = {(level, place) for (_, _, level, place), row in factors.items() if row["n"]}
    assert len(shown) >= 3
    for signs in product((-1, 0, 1), repeat=len(shown)):
        left = sum(
            count
            for (level, place), count in counts.items()
            if sum(
                sign
                for sign, (of_level, of_place) in zip(signs, shown, strict=True)
                if of_level in (None, level) and of_place in (None, place)
            )
        )
        assert not left or left >= 5, (signs, shown)
