"""`/health` and `/ready`, for operators."""

from typing import Literal

from msgspec import Struct

from paycite.model.problem import Fault, Refusal
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint


class Health(Struct, frozen=True, kw_only=True):
    status: Literal["ok"]


class Readiness(Struct, frozen=True, kw_only=True):
    status: Literal["ready"]
    dataset: str


@endpoint(
    "/health",
    "Is the process alive?",
    Health,
    problems=REQUEST_PROBLEMS[:1],
    is_kept=False,
)
def health(ask: Ask) -> Health:
    """Answers while the process runs, whatever else is broken."""
    ask.parse().faults.stop()
    return Health(status="ok")


@endpoint(
    "/ready",
    "Can it answer?",
    Readiness,
    problems=(*REQUEST_PROBLEMS[:1], "not-ready"),
    is_kept=False,
)
def ready(ask: Ask) -> Readiness:
    """Answers while the current dataset can be queried."""
    ask.parse().faults.stop()
    store = ask.datasets.current
    if not store.is_ready():
        raise Refusal([Fault(type="not-ready", detail="The current dataset cannot be queried.")])
    return Readiness(status="ready", dataset=store.snapshot.version)
