"""What the chains of a source share: the levels it prices, envelopes of them, and notes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby
from operator import attrgetter
from typing import TypeVar

from paycite.model.answer import Interval
from paycite.model.distribution import Distribution
from paycite.model.figure import Figure
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Level

Stated = TypeVar("Stated", Figure, Distribution)

ENVELOPE = "All levels: from the lowest to the highest range of those the source prices ({})."


def may_answer(stated: Figure | Distribution, question: Question) -> bool:
    is_near = stated.geography in (NATION, question.metro.id)
    return is_near and question.allows(stated.source_id)


def by_table(stated: Iterable[Stated]) -> Iterator[tuple[Stated, ...]]:
    """What one source states of one place and pay element, together."""
    table = attrgetter("source_id", "geography", "component")
    for _, of_one in groupby(sorted(stated, key=table), key=table):
        yield tuple(of_one)


def levels_not_priced(
    by_level: Mapping[str | None, Figure | Distribution], snapshot: Snapshot
) -> int:
    levels = snapshot.levels.values()
    return sum(level_that_covers(level, by_level, snapshot) is None for level in levels)


def level_that_covers(
    asked: Level,
    by_level: Mapping[str | None, Figure | Distribution],
    snapshot: Snapshot,
) -> Level | None:
    """The level itself where it is priced, else the nearest lower one priced "and above"."""
    if asked.id in by_level:
        return asked
    lower = [
        level
        for level in snapshot.levels.values()
        if level.rank < asked.rank and level.id in by_level and by_level[level.id].and_above
    ]
    return max(lower, key=attrgetter("rank"), default=None)


def envelope_of(one: Interval, other: Interval) -> Interval:
    is_open_ended = one.max is None or other.max is None
    return Interval(
        min=min(one.min, other.min),
        max=None if is_open_ended else max(one.max or 0, other.max or 0),
    )


def sentences(notes: Iterable[str | None]) -> tuple[str, ...]:
    """What the notes say, each sentence once."""
    sentences = (re.split(r"(?<=\.) ", note) for note in notes if note)
    return tuple(dict.fromkeys(chain.from_iterable(sentences)))
