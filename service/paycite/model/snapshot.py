"""The part of a dataset that answers use, loaded once into immutable structs."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from operator import attrgetter
from typing import Any, ParamSpec, TypeVar, cast
from weakref import ref

from msgspec import structs

from paycite.model.distribution import Distribution
from paycite.model.factor import FACTORS, LevelFactor, RoleFactor
from paycite.model.figure import Figure, Rule, Source
from paycite.model.law import PayLaw
from paycite.model.place import MetroPoint, PlaceNames
from paycite.model.pool import PRIOR_OCCUPATION, FactorPart, Pool, PoolFactor, PoolSpread
from paycite.model.score import Score, ScoredSource
from paycite.model.vocabulary import NATION, Level, Metro, Occupation, Role, Word
from paycite.model.voice import Cell, LabelError, RegionShare, SourceWeight

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Snapshot:
    version: str
    as_of: datetime.date
    roles: Mapping[str, Role]
    levels: Mapping[str, Level]
    metros: Mapping[str, Metro]
    places: tuple[PlaceNames, ...]
    points: Mapping[str, MetroPoint]  # of metropolitan areas
    words: tuple[Word, ...]
    sources: Mapping[str, Source]
    occupations: Mapping[str, Occupation]
    figures: Mapping[str, Figure]  # without the figures of `distributions`
    # Of a role or an occupation (SOC code), loaded on demand.
    distributions: Callable[[str], tuple[Distribution, ...]]
    official_sources: frozenset[str]  # of official statistics by occupation
    rules: tuple[Rule, ...]
    pools: tuple[Pool, ...]
    pool_factors: tuple[PoolFactor, ...]
    pool_spreads: tuple[PoolSpread, ...]
    scores: tuple[Score, ...]
    laws: tuple[PayLaw, ...]
    level_factors: tuple[LevelFactor, ...]
    role_factors: tuple[RoleFactor, ...]
    source_weights: tuple[SourceWeight, ...]
    region_shares: tuple[RegionShare, ...]
    label_errors: tuple[LabelError, ...]
    cell: Callable[[str, str], Cell]  # by role and metro, loaded on demand

    def __repr__(self) -> str:
        return f"Snapshot({self.version})"

    @cached_property
    def figures_by_role(self) -> Mapping[str | None, tuple[Figure, ...]]:
        """The figures of each role in order of id; under None, those without a role."""
        by_role: defaultdict[str | None, list[Figure]] = defaultdict(list)
        for figure in self.figures.values():
            by_role[figure.role].append(figure)
        return {role: tuple(figures) for role, figures in by_role.items()}

    def official(self, occupation: str, place: str) -> Sequence[Distribution]:
        """The distributions of an occupation (SOC code) in a place, the newest first."""
        return _official_by_place(occupation, self).get(place, ())

    def read_official(self) -> None:
        """Read all official statistics, so that no question waits for them."""
        for occupation in self.occupations:
            _official_by_place(occupation, self)

    @cached_property
    def states(self) -> Mapping[str, Metro]:
        """The states by their postal codes."""
        states = (metro for metro in self.metros.values() if metro.kind == "state")
        return {metro.state: metro for metro in states if metro.state}

    @cached_property
    def factors(
        self,
    ) -> Mapping[tuple[str, FactorPart, str | None, str | None, str | None], PoolFactor]:
        """Pooled central pay and factors, by source, part, role, level and place."""
        return {
            (one.source_id, one.part, one.role, one.level, one.geography): one
            for one in self.pool_factors
        }

    @cached_property
    def spreads(self) -> Mapping[tuple[str, str | None, str], PoolSpread]:
        """Pooled spreads, by source, role and levels (stated or all)."""
        return {(one.source_id, one.role, one.levels): one for one in self.pool_spreads}

    @cached_property
    def pools_by_source(self) -> Mapping[str, Pool]:
        return {one.source_id: one for one in self.pools}

    @cached_property
    def weights_by_role(self) -> Mapping[str, tuple[SourceWeight, ...]]:
        """The sources that price each role, by descending weight."""
        by_role: defaultdict[str, list[SourceWeight]] = defaultdict(list)
        for one in sorted(self.source_weights, key=lambda one: (-one.weight, one.source_id)):
            by_role[one.role].append(one)
        return {role: tuple(weights) for role, weights in by_role.items()}

    @cached_property
    def shares_by_region(self) -> Mapping[tuple[str, str], tuple[RegionShare, ...]]:
        """The metros of each region with their shares, by role and region."""
        by_region: defaultdict[tuple[str, str], list[RegionShare]] = defaultdict(list)
        for one in self.region_shares:
            by_region[one.role, one.region].append(one)
        return {key: tuple(shares) for key, shares in by_region.items()}

    @cached_property
    def level_factor_of(self) -> Mapping[tuple[str | None, str], LevelFactor]:
        """Level factors by role (null: all roles) and level."""
        return {(one.role, one.level): one for one in self.level_factors}

    @cached_property
    def role_factor_of(self) -> Mapping[str, RoleFactor]:
        return {one.role: one for one in self.role_factors}

    def official_ratio(self, metro: Metro) -> float:
        """The median of all computer occupations in a place (or its state) over the nation."""
        state = self.states.get(metro.state or "")
        nation = self._official_median(NATION)
        there = self._official_median(metro.id) or (self._official_median(state.id) if state else 0)
        return there / nation if there and nation else 1

    def _official_median(self, place: str) -> float:
        cells = self.official(PRIOR_OCCUPATION, place)
        return next((cell.p50 for cell in cells if cell.p50), 0)

    def constant(self, name: str) -> Figure:
        """The figure that declares a constant of the estimator."""
        return self.figures[f"{FACTORS}:{name}"]

    @cached_property
    def working_year(self) -> Figure | None:
        """The figure for the hours of a work year, which converts annual to hourly pay."""
        stated = (figure for figure in self.figures.values() if figure.topic == "working-year")
        return min(stated, key=attrgetter("id"), default=None)

    @cached_property
    def wage_growth(self) -> Mapping[str, Figure]:
        """The growth of wages over a year, by its last month ("2026-04")."""
        stated = (figure for figure in self.figures.values() if figure.topic == "wage-growth")
        return {figure.as_of: figure for figure in stated if figure.as_of}

    def scored(self, source: Source) -> ScoredSource:
        """The source with its back-test scores."""
        scores = self.scores_by_source.get(source.id, ())
        return ScoredSource(**structs.asdict(source), scores=scores)

    @cached_property
    def scores_by_source(self) -> Mapping[str, tuple[Score, ...]]:
        by_source: defaultdict[str, list[Score]] = defaultdict(list)
        for score in self.scores:
            by_source[score.source_id].append(score)
        return {source: tuple(scores) for source, scores in by_source.items()}

    @cached_property
    def _caches(self) -> dict[Callable[..., Any], Callable[..., Any]]:
        return {}

    def cache_of(self, function: Callable[..., T], most: int) -> Callable[..., T]:
        """The function with this snapshot as its last argument, and a cache of `most` results."""
        kept = self._caches.get(function)
        if kept is None:
            of = ref(self)  # otherwise only the garbage collector could end it
            asked = lru_cache(most)(lambda *arguments: function(*arguments, of()))
            kept = self._caches.setdefault(function, asked)
        return kept


def kept(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Like `lru_cache`, for a function whose last argument is a snapshot. What is kept ends with
    it: a cache for all snapshots would keep each of them, and its dataset, in memory."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def ask(*arguments: P.args, **_: P.kwargs) -> T:
            *others, snapshot = arguments
            return cast("Snapshot", snapshot).cache_of(function, most)(*others)

        return ask

    return decorate


@kept(64)  # more than there are occupations
def _official_by_place(occupation: str, snapshot: Snapshot) -> Mapping[str, Sequence[Distribution]]:
    found: defaultdict[str, list[Distribution]] = defaultdict(list)
    newest_first = attrgetter("as_of")
    for one in sorted(snapshot.distributions(occupation), key=newest_first, reverse=True):
        found[one.geography].append(one)
    return dict(found)
