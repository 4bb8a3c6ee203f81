"""`/health` and `/ready`, for operators."""

from typing import Literal

from msgspec import Struct

from paycite.model.problem import Refusal
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint
from paycite.web.problems import NOT_READY

_NOT_SERVED = "The newly published dataset cannot be served; the log says why."


class Health(Struct, frozen=True, kw_only=True):
    status: Literal["ok"]


class Readiness(Struct, frozen=True, kw_only=True):
    status: Literal["ready"]
    dataset: str
    published_problem: str | None


@endpoint(
    "/health",
    "Check that the process is alive",
    Health,
    problems=REQUEST_PROBLEMS[:1],
    is_kept=False,
)
def health(ask: Ask) -> Health:
    """Succeed while the process runs, even without a usable dataset."""
    ask.parse().faults.stop()
    return Health(status="ok")


@endpoint(
    "/ready",
    "Check that it can answer",
    Readiness,
    problems=(*REQUEST_PROBLEMS[:1], "not-ready"),
    is_kept=False,
)
def ready(ask: Ask) -> Readiness:
    """Succeed while the current dataset can be queried."""
    ask.parse().faults.stop()
    store = ask.datasets.current
    if not store.is_ready():
        raise Refusal([NOT_READY])
    # The reason, which may name files and private versions, is only for those who can read the log.
    problem = _NOT_SERVED if ask.datasets.trouble else None
    return Readiness(status="ready", dataset=store.snapshot.version, published_problem=problem)
