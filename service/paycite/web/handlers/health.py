"""`/health` and `/ready`, for whoever runs the service."""

from typing import Literal

from litestar import Response
from msgspec import Struct

from paycite.model.problem import Fault, Refusal
from paycite.questions.parameters import refuse_parameters
from paycite.web.endpoints import reading
from paycite.web.respond import NEVER_KEPT, ApiRequest, Representation, datasets, send


class Health(Struct, frozen=True, kw_only=True):
    status: Literal["ok"]


class Readiness(Struct, frozen=True, kw_only=True):
    status: Literal["ready"]
    dataset: str


@reading(
    "/health", summary="Is the process alive?", answers=Health, problems=("unknown-parameter",)
)
async def health(request: ApiRequest) -> Response[bytes]:
    """Answers while the process runs, whatever else is broken."""
    refuse_parameters(request.scope["query_string"])
    return send(
        request, Representation.of(Health(status="ok")), datasets(request).current, NEVER_KEPT
    )


@reading(
    "/ready",
    summary="Can it answer?",
    answers=Readiness,
    problems=("unknown-parameter", "not-ready"),
    sync_to_thread=True,
)
def ready(request: ApiRequest) -> Response[bytes]:
    """Answers while the current dataset can be queried."""
    refuse_parameters(request.scope["query_string"])
    store = datasets(request).current
    if not store.is_ready():
        raise Refusal([Fault(type="not-ready", detail="The current dataset cannot be queried.")])
    readiness = Readiness(status="ready", dataset=store.snapshot.version)
    return send(request, Representation.of(readiness), store, NEVER_KEPT)
