"""The percentiles of a mixture found numerically, and nothing of how Paycite finds them."""

from bisect import bisect
from collections.abc import Sequence
from functools import lru_cache
from math import exp, log

PROBABILITIES = (0.10, 0.25, 0.50, 0.75, 0.90)


def quantile(values: Sequence[float], u: float) -> float:
    """The pay at a probability: straight in log pay between the percentiles, and beyond them."""
    place = max(0, min(len(PROBABILITIES) - 2, bisect(PROBABILITIES, u) - 1))
    p, q = PROBABILITIES[place : place + 2]
    low, high = _logs(tuple(values))[place : place + 2]
    return exp(low + (high - low) * (u - p) / (q - p))


@lru_cache
def _logs(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(map(log, values))


def bisected(parts: Sequence[tuple[float, Sequence[float]]], probability: float) -> float:
    """The pay below which that much of the mixture lies, by bisection."""
    total = sum(share for share, _ in parts)
    low, high = 1_000.0, 10_000_000.0
    for _ in range(50):
        middle = (low * high) ** 0.5
        height = sum(share / total * reached(values, middle) for share, values in parts)
        low, high = (middle, high) if height < probability else (low, middle)
    return high


def reached(values: Sequence[float], pay: float) -> float:
    """The probability below a pay, by bisection of the quantiles."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if quantile(values, middle) < pay else (low, middle)
    return high
