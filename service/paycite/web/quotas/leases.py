"""Quotas that several processes share: each takes units from a ledger on lease, a few at a time.

A spender that asks once gets what it needs; one that asks again within a second gets a twentieth of
its quota in advance, so that a busy one costs one round trip for many requests. All requests that
come while one is under way share the next. What is not used within a second is given back.

The ledger counts a unit for a second longer than the window, because a unit can be used a second
after it was taken: so all processes together never grant more than the quota in any window. What is
on lease elsewhere may be refused: a twentieth of the quota for each other process, for two seconds.

While the ledger does not answer, each process counts for itself.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple, Protocol

from paycite.web.quotas.windows import Taken, Want, Windows

LEASE = 1.0  # seconds
_PART = 20
_MOST_SECONDS_TO_ANSWER = 0.25
_SECONDS_BETWEEN_LOOKS = 0.5  # for leases to give back, and for a ledger that was away
_MOST_AT_ONCE = 1_000
_LOG = logging.getLogger("paycite")


class Ledger(Protocol):
    """Where the units of all processes are counted. Any error means that it is away."""

    async def take(self, wants: list[Want]) -> list[Taken]: ...

    async def close(self) -> None: ...


class _Request(NamedTuple):
    units: int
    future: asyncio.Future[Taken]


class _Lease:
    """The units that a spender has here, and its requests that wait for more."""

    __slots__ = ("left", "quota", "refused", "rest", "returns", "slot", "until", "waiting")

    def __init__(self, quota: int) -> None:
        self.quota = quota
        self.left = 0
        self.slot = self.until = 0.0
        self.rest = 0  # what the ledger had left
        self.returns = 0.0  # when more units come back, or those that were refused
        self.refused = 0  # so many units and more, until then; 0 if none were
        self.waiting: list[_Request] = []

    def use(self, units: int, now: float) -> Taken:
        self.left -= units
        return Taken(units, self.left + self.rest, max(self.returns - now, 0.0))

    def refuses(self, units: int) -> bool:
        return 0 < self.refused <= units

    def refuse(self, now: float) -> Taken:
        return Taken(0, self.left + self.rest, max(self.returns - now, 0.0))

    def build_want(self, who: str) -> Want:
        """Want what the waiting requests need, and give back the rest, so that a lease has one
        slot."""
        units = [request.units for request in self.waiting]
        is_busy = units and self.until
        advance = self.quota // _PART if is_busy else 0
        least, most = units[0] if units else 0, sum(units) + advance
        want = Want(who, self.quota, least, most, self.left, self.slot)
        self.left = 0
        return want

    def note(self, taken: Taken, least: int, until: float, now: float) -> None:
        self.left, self.rest, self.slot = taken.granted, taken.left, taken.slot
        self.returns = now + taken.wait
        self.refused = 0 if taken.granted else least
        self.until = min(until, self.returns) if self.refused else until


class Leases:
    """Its methods run on the event loop."""

    def __init__(
        self, ledger: Ledger, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._alone = Windows(seconds, clock)
        self._is_away = False
        self._leases: dict[str, _Lease] = {}
        self._asking: dict[str, None] = {}  # those with requests that wait, in order
        self._looked = 0.0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def take_now(self, who: str, quota: int, units: int) -> Taken | None:
        """What is granted; None, and nothing is taken, if that is for the ledger to say."""
        if self._is_away:
            return self._alone.take(who, quota, units, units)
        now = self._clock()
        lease = self._leases.get(who)
        if lease and now < lease.until:
            if lease.left >= units:
                return lease.use(units, now)
            if lease.refuses(units):  # repeated requests cost no round trips
                return lease.refuse(now)
        return None

    async def take(self, who: str, quota: int, units: int) -> Taken:
        """What is granted, once the ledger has answered if it must be asked."""
        if (taken := self.take_now(who, quota, units)) is not None:
            return taken
        lease = self._leases.setdefault(who, _Lease(quota))
        future: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        lease.waiting.append(_Request(units, future))
        self._ask(who)
        return await future

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._ledger.close()

    def _ask(self, who: str) -> None:
        self._asking[who] = None
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        """Talk to the ledger while there is something to say."""
        while self._leases or self._is_away:
            with suppress(TimeoutError):
                async with asyncio.timeout(_SECONDS_BETWEEN_LOOKS):
                    await self._wake.wait()
            self._wake.clear()
            await self._exchange()

    async def _exchange(self) -> None:
        sent = self._clock()
        returned = self._end_leases(sent)
        asking = [(who, self._leases[who]) for who in [*self._asking][:_MOST_AT_ONCE]]
        wants = [lease.build_want(who) for who, lease in asking]
        requests = [lease.waiting for _, lease in asking]
        for who, lease in asking:
            del self._asking[who]
            lease.waiting = []
        if self._asking:
            self._wake.set()
        if not wants and not returned and not self._is_away:
            return
        try:
            async with asyncio.timeout(_MOST_SECONDS_TO_ANSWER):
                found = await self._ledger.take(returned + wants)
            if len(found) != len(returned + wants):
                raise ValueError("it answers something else")
        except Exception as error:  # whatever is wrong there must not be an outage here
            self._count_alone(error, zip(asking, requests, strict=True))
            return
        if self._is_away:
            self._is_away = False
            _LOG.info("quotas are shared again")
        now = self._clock()
        for (who, lease), taken, waited in zip(
            asking, found[len(returned) :], requests, strict=True
        ):
            lease.note(taken, waited[0].units, sent + LEASE, now)
            self._answer(who, lease, waited, now)

    def _end_leases(self, now: float) -> list[Want]:
        """Forget the spenders that are idle, and give back what they did not use."""
        if now < self._looked + _SECONDS_BETWEEN_LOOKS:
            return []
        self._looked = now
        ended = [
            who for who, one in self._leases.items() if one.until <= now and who not in self._asking
        ]
        wants = [self._leases.pop(who).build_want(who) for who in ended]
        return [want for want in wants if want.back]

    def _answer(self, who: str, lease: _Lease, waited: list[_Request], now: float) -> None:
        for request in waited:
            if request.future.done():  # the client has left
                continue
            if lease.left >= request.units:
                request.future.set_result(lease.use(request.units, now))
            elif lease.refuses(request.units):
                request.future.set_result(lease.refuse(now))
            else:  # only the ledger knows how long it must wait
                lease.waiting.append(request)
                self._asking[who] = None
                self._wake.set()

    def _count_alone(
        self, error: Exception, asked: Iterable[tuple[tuple[str, _Lease], list[_Request]]]
    ) -> None:
        if not self._is_away:
            self._is_away = True
            why = str(error) or type(error).__name__
            _LOG.warning("quotas are not shared, each process counts alone: %s", why)
        waiting = [(who, lease, waited) for (who, lease), waited in asked]
        waiting += [(who, lease, lease.waiting) for who, lease in self._leases.items()]
        for who, lease, waited in waiting:
            for request in waited:
                if not request.future.done():
                    units = request.units
                    request.future.set_result(self._alone.take(who, lease.quota, units, units))
        self._leases.clear()
        self._asking.clear()
