"""Units that were taken in a moving window, for each of many spenders.

The library `limits` was measured first: a hit on its storage in memory takes 55 to 120 µs, longer
with more clients, where a finished answer takes 50; it keeps an object for each unit, and its
sliding counter is an approximation. This takes about 1 µs.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

# Seconds in which units are kept as one number, so that a busy spender needs little memory. They
# come back together, when the last of them does.
_TOGETHER = 0.1
_MOST_SPENDERS = 50_000  # about 20 MB; beyond it, the one that was idle for longest is forgotten


class Taken(Struct, frozen=True, array_like=True):
    """What was granted. `wait` is the seconds until more units come back; after a refusal, until
    those that were needed do, and one more, which it costs to ask again. `slot` says where to give
    back what is not used."""

    granted: int
    left: int
    wait: float
    slot: float = 0


class Want(NamedTuple):
    """Units that a spender needs, `least` to `most` of them; and those of an earlier grant, in
    `slot`, that were not used."""

    who: str
    quota: int
    least: int
    most: int
    back: int = 0
    slot: float = 0


class _Slot:
    __slots__ = ("began", "last", "units")

    def __init__(self, now: float, units: int) -> None:
        self.began = self.last = now
        self.units = units


class _Spender:
    __slots__ = ("slots", "total")

    def __init__(self) -> None:
        self.slots: list[_Slot] = []  # oldest first
        self.total = 0


class Windows:
    """Never grants more than the quota in any window of so many seconds, and always grants what is
    left of it (to `_TOGETHER`), while no more than `_MOST_SPENDERS` spend within a window."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._spenders: OrderedDict[str, _Spender] = OrderedDict()  # last used last

    def __len__(self) -> int:
        return len(self._spenders)

    def take(
        self, who: str, quota: int, least: int, most: int, back: int = 0, back_slot: float = 0
    ) -> Taken:
        """Grant what a `Want` says: as many units as are left, if they are enough."""
        now, seconds = self._clock(), self._seconds
        spender = self._spenders.get(who)
        if spender is None:
            self._forget(now)
            spender = self._spenders[who] = _Spender()
        else:
            self._spenders.move_to_end(who)
        slots = spender.slots
        while slots and slots[0].last + seconds <= now:
            spender.total -= slots.pop(0).units
        if back:
            _give_back(spender, back, back_slot)
        left = quota - spender.total
        if not most:
            return Taken(0, left, 0)
        if left < least:
            return Taken(0, max(left, 0), self._wait(spender, least + 1 - left, now))
        granted = most if most < left else left
        spender.total += granted
        slot = slots[-1] if slots else None
        if slot and now < slot.began + _TOGETHER:
            slot.last = now
            slot.units += granted
        else:
            slot = _Slot(now, granted)
            slots.append(slot)
        return Taken(granted, left - granted, slots[0].last + seconds - now, slot.began)

    def _forget(self, now: float) -> None:
        """Remove those who have spent nothing in the window, and one more if there are too many."""
        spenders = self._spenders
        while spenders:
            slots = next(iter(spenders.values())).slots
            is_idle = not slots or slots[-1].last + self._seconds <= now
            if not is_idle and len(spenders) < _MOST_SPENDERS:
                return
            spenders.popitem(last=False)

    def _wait(self, spender: _Spender, missing: int, now: float) -> float:
        for slot in spender.slots:
            missing -= slot.units
            if missing <= 0:
                return slot.last + self._seconds - now
        return self._seconds  # that is more than the quota


def _give_back(spender: _Spender, units: int, began: float) -> None:
    for slot in reversed(spender.slots):
        if slot.began == began:
            units = min(units, slot.units)
            slot.units -= units
            spender.total -= units
            return
