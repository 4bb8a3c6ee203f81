"""The part of a dataset that answers need, as immutable structs that are loaded once."""

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from msgspec import structs

from paycite.model.distribution import Distribution
from paycite.model.figure import Differential, Figure, Rule, Source
from paycite.model.law import PayLaw
from paycite.model.place import MetroPoint, PlaceNames
from paycite.model.pool import Part, Pool, PoolFactor, PoolSpread
from paycite.model.score import Score, ScoredSource
from paycite.model.vocabulary import Level, Metro, Occupation, Role, Word


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
    distributions: tuple[Distribution, ...]
    differentials: Mapping[str, Differential]  # by role
    rules: tuple[Rule, ...]
    pools: tuple[Pool, ...]
    pool_factors: tuple[PoolFactor, ...]
    pool_spreads: tuple[PoolSpread, ...]
    scores: tuple[Score, ...]
    laws: tuple[PayLaw, ...]

    def __repr__(self) -> str:
        return f"Snapshot({self.version})"

    @cached_property
    def figures_by_role(self) -> Mapping[str | None, tuple[Figure, ...]]:
        """The figures of each role in order of id; under None, those of no particular role."""
        by_role: defaultdict[str | None, list[Figure]] = defaultdict(list)
        for figure in self.figures.values():
            by_role[figure.role].append(figure)
        return {role: tuple(figures) for role, figures in by_role.items()}

    @cached_property
    def distributions_by_role(self) -> Mapping[str, tuple[Distribution, ...]]:
        by_role: defaultdict[str, list[Distribution]] = defaultdict(list)
        for distribution in self.distributions:
            if distribution.role:
                by_role[distribution.role].append(distribution)
        return {role: tuple(distributions) for role, distributions in by_role.items()}

    @cached_property
    def official(self) -> Mapping[tuple[str, str], tuple[Distribution, ...]]:
        """The distributions of each occupation (SOC code) and place, the newest first."""
        by_cell: defaultdict[tuple[str, str], list[Distribution]] = defaultdict(list)
        for distribution in sorted(self.distributions, key=attrgetter("as_of"), reverse=True):
            if distribution.occupation:
                by_cell[distribution.occupation, distribution.geography].append(distribution)
        return {cell: tuple(distributions) for cell, distributions in by_cell.items()}

    @cached_property
    def geography_of_area(self) -> Mapping[str, str]:
        """The metro id of each BLS area code."""
        return {metro.area_code: id_ for id_, metro in self.metros.items() if metro.area_code}

    @cached_property
    def states(self) -> Mapping[str, Metro]:
        """The states by their postal codes."""
        states = (metro for metro in self.metros.values() if metro.kind == "state")
        return {metro.state: metro for metro in states if metro.state}

    @cached_property
    def factors(self) -> Mapping[tuple[str, Part, str | None, str | None, str | None], PoolFactor]:
        """Pooled values by source, part, role, level and place."""
        return {
            (one.source_id, one.part, one.role, one.level, one.geography): one
            for one in self.pool_factors
        }

    @cached_property
    def spreads(self) -> Mapping[tuple[str, str | None, str | None, str | None], PoolSpread]:
        """Pooled spreads by source, role, level and place."""
        return {
            (one.source_id, one.role, one.level, one.geography): one for one in self.pool_spreads
        }

    @cached_property
    def working_year(self) -> Figure | None:
        """The figure for the hours of a work year, which converts annual to hourly pay."""
        stated = (figure for figure in self.figures.values() if figure.topic == "working-year")
        return min(stated, key=attrgetter("id"), default=None)

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
