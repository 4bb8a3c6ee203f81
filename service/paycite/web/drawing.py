"""Draw charts in a separate process."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import ParamSpec

P = ParamSpec("P")


class Drawing:
    """The drawing process, started by the first chart: the drawing library blocks its whole
    process."""

    def __init__(self) -> None:
        self._process = _start()

    def draw(self, chart: Callable[P, str | bytes], *of: P.args, **how: P.kwargs) -> str | bytes:
        try:
            return self._process.submit(chart, *of, **how).result()
        except BrokenProcessPool:  # it was killed
            self._process = _start()
            return self._process.submit(chart, *of, **how).result()

    def close(self) -> None:
        self._process.shutdown(cancel_futures=True)


def _start() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))
