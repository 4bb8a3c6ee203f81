"""Tries inputs for a time, guided by the lines that they reach."""

import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, settings, strategies, target
from hypothesis import seed as seeded

import paycite
from fuzzing.inputs import Input, changed, shrink

BOUND = 2.0  # seconds of CPU
_INPUTS_A_ROUND = 100
_TRACED = 50  # calls of a function that reach no new line; then it is traced no more
_SHRINKING = 5.0  # seconds
_SERVICE = str(Path(paycite.__file__).parent)


class Target(NamedTuple):
    name: str
    examples: Sequence[Input]
    words: Sequence[str]
    run: Callable[[Input], object]
    declared: tuple[type[Exception], ...]  # what `run` may raise


class Crash(NamedTuple):
    why: str
    smallest: Input


class Report(NamedTuple):
    name: str
    tried: int
    slowest: float  # in seconds of CPU
    crashes: Sequence[Crash]


class _TooSlow(BaseException):
    """No handler of the service may take it for an error of its own."""


class _Trace:
    """Lines of the service that no earlier input reached, and calls of anything: how much work an
    input is, in a number that does not vary as time does."""

    def __init__(self) -> None:
        self._lines: set[tuple[CodeType, int]] = set()
        self._idle: Counter[CodeType] = Counter()
        self.new = self.calls = 0

    @contextmanager
    def measuring(self) -> Iterator[None]:
        self.new = self.calls = 0
        before = sys.gettrace()
        sys.settrace(self._call)
        try:
            yield
        finally:
            sys.settrace(before)

    def _call(self, frame: FrameType, _: str, __: Any) -> Any:
        self.calls += 1
        code = frame.f_code
        if self._idle[code] > _TRACED or not code.co_filename.startswith(_SERVICE):
            return None
        self._idle[code] += 1
        return self._line

    def _line(self, frame: FrameType, event: str, _: Any) -> Any:
        at = frame.f_code, frame.f_lineno
        if event == "line" and at not in self._lines:
            self._lines.add(at)
            self._idle[frame.f_code] = 0
            self.new += 1
        return self._line


def fuzz(of: Target, seconds: float, seed: int) -> Report:
    """Try inputs of one target. Rounds are seeded one by one, so that a seed gives the same inputs
    as far as the time reaches; each begins with those that reached new lines before."""
    trace = _Trace()
    examples = list(of.examples)
    crashes: dict[str, Input] = {}
    tried, slowest = 0, 0.0
    end = time.monotonic() + seconds

    def attempt(one: Input) -> int:
        """Try it, and return how many calls it made."""
        nonlocal tried, slowest
        if time.monotonic() > end:
            return 0
        tried += 1
        with trace.measuring():
            why, took = _run(of, one)
        if took > slowest:  # tracing takes time, too
            why_again, again = _run(of, one)
            why, took = why if why and why_again else why_again, min(took, again)
            slowest = max(slowest, took)
        if why:
            crashes.setdefault(why, one)
        elif trace.new:
            examples.append(one)
        return trace.calls

    for one in of.examples:
        attempt(one)
    number = 0
    while time.monotonic() < end:
        _round(changed(tuple(examples), of.words), attempt, seed * 1_000_003 + number)
        number += 1
    found = [Crash(why, _shrink(of, one, why)) for why, one in crashes.items()]
    return Report(of.name, tried, slowest, found)


def _round(
    inputs: strategies.SearchStrategy[Input], attempt: Callable[[Input], int], seed: int
) -> None:
    @seeded(seed)
    @settings(
        max_examples=_INPUTS_A_ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def one_round(one: Input) -> None:
        target(float(attempt(one)), label="calls")

    one_round()


def _shrink(of: Target, found: Input, why: str) -> Input:
    return shrink(found, lambda one: _run(of, one)[0] == why, _SHRINKING)


def _run(of: Target, one: Input) -> tuple[str, float]:
    """Why the input is a crash, or nothing, and the CPU seconds it took."""
    start = time.process_time()
    why = ""
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 10 * BOUND)
    try:
        of.run(one)
    except of.declared:
        pass
    except _TooSlow:
        pass
    except Exception as error:
        why = _describe(error)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    took = time.process_time() - start
    return why or (f"more than {BOUND:g} s of CPU" if took > BOUND else ""), took


def _stop(_: int, __: FrameType | None) -> None:
    raise _TooSlow


def _describe(error: Exception) -> str:
    """The kind of the error and where the service raised it: two inputs with the same are one."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(_SERVICE)] or frames
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}"
    return f"{type(error).__name__} at {place}"
