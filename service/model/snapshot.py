"""What the hot question needs of a dataset, as immutable structs, read once."""

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from service.model.figure import Figure, Rule, Source
from service.model.vocabulary import Level, Metro, Role, Word


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Snapshot:
    version: str
    as_of: datetime.date
    roles: Mapping[str, Role]
    levels: Mapping[str, Level]
    metros: Mapping[str, Metro]
    words: tuple[Word, ...]
    sources: Mapping[str, Source]
    figures: Mapping[str, Figure]
    rules: tuple[Rule, ...]

    def __repr__(self) -> str:
        return f"Snapshot({self.version})"

    @cached_property
    def figures_by_role(self) -> Mapping[str | None, tuple[Figure, ...]]:
        """The figures of each role in order of id; under None, those of no one role."""
        by_role: defaultdict[str | None, list[Figure]] = defaultdict(list)
        for figure in self.figures.values():
            by_role[figure.role].append(figure)
        return {role: tuple(figures) for role, figures in by_role.items()}
