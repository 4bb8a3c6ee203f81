"""`/health` and `/ready`, for operators."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from paycite.model.problem import Fault, Refusal
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint


class Health(Struct, frozen=True, kw_only=True):
    status: Literal["ok"]


class Readiness(Struct, frozen=True, kw_only=True):
    status: Literal["ready"]
    dataset: str
    is_current: Annotated[bool, Meta(description="false: a newer one cannot be served.")]


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
        raise Refusal([Fault(type="not-ready", detail="The current dataset cannot be queried.")])
    # A bad publication leaves good answers: taking every instance out of service would lose them.
    return Readiness(status="ready", dataset=store.version, is_current=not ask.datasets.is_stale)
