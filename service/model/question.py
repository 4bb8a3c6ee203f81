"""A question that has been read: what was asked, and the scope it means."""

from msgspec import Struct

from service.model.answer import Interval, Requested
from service.model.vocabulary import Level, Match, Metro, Role


class Question(Struct, frozen=True, kw_only=True):
    requested: Requested
    matches: tuple[Match, ...]
    role: Role
    level: Level | None
    metro: Metro
    offer: Interval | None
    sources: frozenset[str]
    strict: bool
