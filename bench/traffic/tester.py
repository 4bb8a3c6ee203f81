"""One process of the load: draw exchanges, send them side by side, check what comes back."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from traffic.expected import Reference
from traffic.promises import Wrong, find_wrong
from traffic.requests import Exchange, Words, exchanges, smaller
from traffic.sending import Got, Pace, curl, send

_PATIENCE = 60  # seconds for an answer
_TIMES = 3  # that each burst is sent: answers are kept, and there are several workers
_EXAMPLES = 1_000_000_000  # the time ends the load, not their number


class Plan(NamedTuple):
    base_url: str
    words: Words
    datasets: Path | None  # the folder with the same datasets, if it can be read
    connections: int
    seconds: float
    rate: float  # requests a second; 0 for no limit
    has_posts: bool
    seed: int


class Failure(NamedTuple):
    why: str
    curl: str
    is_alone: bool  # whether the request is answered wrongly without others beside it


class Report(NamedTuple):
    seconds: list[float]  # of each answer
    statuses: Counter[str]
    lasted: float  # until the end, or the first wrong answer
    failure: Failure | None


class _Enough(BaseException):  # not an Exception: Hypothesis must not take it for a failure
    pass


def run_tester(plan: Plan, is_stopped: Callable[[], bool]) -> Report:
    """Send traffic until the time is over, or an answer is wrong."""
    return _Tester(plan, is_stopped).run()


class _Tester:
    def __init__(self, plan: Plan, is_stopped: Callable[[], bool]) -> None:
        self._plan = plan
        self._is_stopped = is_stopped
        self._reference = Reference(plan.datasets, plan.base_url) if plan.datasets else None
        self._pace = Pace(plan.rate)
        self._seconds: list[float] = []
        self._statuses: Counter[str] = Counter()
        self._failure: Failure | None = None

    def run(self) -> Report:
        exchange = exchanges(self._plan.words, self._plan.has_posts)
        most = self._plan.connections
        began = time.monotonic()
        with asyncio.Runner() as runner:
            client = httpx.AsyncClient(
                base_url=self._plan.base_url,
                timeout=_PATIENCE,
                limits=httpx.Limits(max_connections=most),
            )

            @seed(self._plan.seed)
            @settings(
                max_examples=_EXAMPLES,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(st.lists(exchange, min_size=most // 2, max_size=most))
            def load(burst: list[Exchange]) -> None:
                if self._is_stopped() or time.monotonic() > began + self._plan.seconds:
                    raise _Enough
                for _ in range(_TIMES):
                    runner.run(self._send_and_check(client, burst))

            try:
                load()
            except _Enough:
                pass
            finally:
                runner.run(client.aclose())
        return Report(self._seconds, self._statuses, time.monotonic() - began, self._failure)

    async def _send_and_check(self, client: httpx.AsyncClient, burst: list[Exchange]) -> None:
        answers = await asyncio.gather(*(send(client, one, self._pace) for one in burst))
        for exchange, found in zip(burst, answers, strict=True):
            self._seconds += [got.seconds for got in found]
            self._statuses.update(str(got.status) for got in found)
            if wrong := self._find_wrong(found):
                self._failure = await self._shrink(client, exchange, wrong[0])
                raise _Enough

    async def _shrink(self, client: httpx.AsyncClient, exchange: Exchange, wrong: Wrong) -> Failure:
        """Drop what can be dropped from the exchange while an answer to it is wrong."""
        candidates: Iterator[Exchange] = iter([exchange])
        is_alone = False
        while candidate := next(candidates, None):
            if found := self._find_wrong(await send(client, candidate, self._pace)):
                wrong, is_alone = found[0], True
                candidates = smaller(candidate)
        return Failure(wrong.why, curl(self._plan.base_url, wrong.got), is_alone)

    def _find_wrong(self, answers: list[Got]) -> list[Wrong]:
        found = list(find_wrong(answers))
        if self._reference and not found:
            for got in answers:
                try:
                    found += self._reference.find_wrong(got)
                except (msgspec.MsgspecError, ValueError) as error:
                    found.append(Wrong(got, f"cannot be read: {error}"))
        return found
