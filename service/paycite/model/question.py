"""A question that has been read: what was asked, and the scope it means."""

from msgspec import Struct

from paycite.model.answer import Interval, PayPeriod, Requested
from paycite.model.vocabulary import Level, Match, Metro, Role


class Question(Struct, frozen=True, kw_only=True):
    requested: Requested
    matches: tuple[Match, ...]
    role: Role
    level: Level | None
    metro: Metro
    offer: Interval | None
    period: PayPeriod = "year"
    sources: frozenset[str]
    strict: bool

    def allows(self, source_id: str) -> bool:
        """Whether the source may answer: any may where none is named."""
        return not self.sources or source_id in self.sources
