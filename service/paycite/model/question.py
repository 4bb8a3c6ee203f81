"""A parsed question: the request, and the scope it refers to."""

from msgspec import Struct

from paycite.model.answer import PayPeriod, Requested
from paycite.model.pay import OfferedPay
from paycite.model.vocabulary import Level, Match, Metro, Role


class Question(Struct, frozen=True, kw_only=True):
    requested: Requested
    matches: tuple[Match, ...]
    role: Role
    level: Level | None
    metro: Metro
    offer: OfferedPay | None
    period: PayPeriod = "year"
    sources: frozenset[str]
    strict: bool
    age: bool

    def allows(self, source_id: str) -> bool:
        """Whether the source may be used: any source, unless some are requested."""
        return not self.sources or source_id in self.sources
