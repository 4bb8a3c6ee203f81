"""What the port for metrics says."""

import time
from collections.abc import Callable

import httpx
from prometheus_client.parser import text_string_to_metric_families

Key = tuple[str, frozenset[tuple[str, str]]]


class Metrics(dict[Key, float]):
    """Values by name and labels."""

    def value(self, name: str, **labels: str) -> float:
        return self.get((name, frozenset(labels.items())), 0.0)

    def names(self) -> set[str]:
        return {name for name, _ in self}

    def labels(self, name: str, label: str) -> set[str]:
        return {dict(labels)[label] for one, labels in self if one == name}


def read_metrics(port: int) -> Metrics:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=20).raise_for_status().text
    return Metrics(
        {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
    )


def wait_for(port: int, holds: Callable[[Metrics], bool]) -> Metrics:
    """Workers write their numbers once a second."""
    patience = time.monotonic() + 60
    while not holds(found := read_metrics(port)):
        assert time.monotonic() < patience, dict(found)
        time.sleep(0.2)
    return found
