"""Problems of requests as data; `paycite.web.problems` sends them as RFC 9457."""

from collections.abc import Callable, Iterable
from typing import Annotated, ParamSpec, Self, TypeVar

from msgspec import Meta, Struct

P = ParamSpec("P")
T = TypeVar("T")


class ProblemType(Struct, frozen=True):
    status: int
    title: str
    help: str


# In order of severity: the first type among the faults of a request is the type of its problem.
PROBLEM_TYPES: dict[str, ProblemType] = {
    "missing-parameter": ProblemType(
        400, "Missing parameter", "Add the parameter named in the detail."
    ),
    "unknown-parameter": ProblemType(
        400,
        "Unknown parameter",
        "Correct or remove the parameter. Paycite never ignores a parameter silently.",
    ),
    "repeated-parameter": ProblemType(400, "Repeated parameter", "Pass the parameter once."),
    "invalid-value": ProblemType(400, "Invalid value", "The detail says what is expected."),
    "conflicting-parameters": ProblemType(
        400, "Conflicting parameters", "Remove or correct one of them."
    ),
    "unauthorized": ProblemType(
        401,
        "API key not accepted",
        "Send a valid key as `Authorization: Bearer`, or sign in at /login.html.",
    ),
    "forbidden": ProblemType(
        403, "Not allowed", "The detail says what must be set for it to be allowed."
    ),
    "unknown-role": ProblemType(404, "Unknown role", "GET /roles lists all roles."),
    "unknown-level": ProblemType(
        404, "Unknown level", "The levels are entry, mid, senior, staff and principal."
    ),
    "unknown-metro": ProblemType(
        404, "Unknown metro", "GET /metros searches metros by prefix; `us` is the nation."
    ),
    "unknown-source": ProblemType(404, "Unknown source", "GET /sources lists all sources."),
    "unknown-dataset": ProblemType(404, "Unknown dataset", "GET /datasets lists all datasets."),
    "unknown-figure": ProblemType(404, "Unknown figure", "GET /figures lists and filters figures."),
    "no-figures": ProblemType(
        404,
        "No data for this question",
        "The detail says what is available.",
    ),
    "suppressed": ProblemType(
        404, "Too few observations to publish", "Ask for a broader level or metro."
    ),
    "not-found": ProblemType(
        404, "Not found", "Nothing is here. See /docs for the API, / for the pages."
    ),
    "method-not-allowed": ProblemType(
        405, "Method not allowed", "The `Allow` header lists the supported methods."
    ),
    "payload-too-large": ProblemType(
        413, "Request body too large", "Split it into several requests."
    ),
    "unsupported-media-type": ProblemType(
        415, "Unsupported media type", "The detail lists the supported types."
    ),
    "range-not-satisfiable": ProblemType(
        416, "No such part of the file", "Ask for a part that begins before the end of the file."
    ),
    "ambiguous-title": ProblemType(422, "Ambiguous role", "Use the id of the role you mean."),
    "ambiguous-metro": ProblemType(422, "Ambiguous metro", "Use the id of the metro you mean."),
    "fallback-refused": ProblemType(
        409,
        "Only a broader answer exists, and `strict` rejects it",
        "Leave out `strict` to get the broader answer with its fallbacks.",
    ),
    "too-many-requests": ProblemType(
        429,
        "Quota used up",
        "You have asked for more than your quota. Wait as many seconds as `Retry-After` says.",
    ),
    "internal-error": ProblemType(
        500, "Internal error", "This is a bug in Paycite. Please report the request."
    ),
    "overloaded": ProblemType(
        503,
        "Service busy",
        "Too many clients are waiting. Wait as many seconds as `Retry-After` says, and try again.",
    ),
    "not-ready": ProblemType(503, "Dataset not available", "Try again shortly."),
}
_SEVERITY = {name: place for place, name in enumerate(PROBLEM_TYPES)}


class Fault(Struct, frozen=True, kw_only=True):
    """One fault of a request: what happened, why, and what to do."""

    type: str
    parameter: str | None = None
    detail: str
    suggestions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.type not in PROBLEM_TYPES:
            raise ValueError(f"add the problem type {self.type!r} to PROBLEM_TYPES")


class Problem(Struct, frozen=True, kw_only=True):
    """Problem details, RFC 9457."""

    type: Annotated[str, Meta(description="A path that names the kind of problem.")]
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
    instance: str
    errors: Annotated[tuple[Fault, ...], Meta(description="Every fault, most severe first.")]


class Refusal(Exception):
    """A request that is rejected, with every fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: _SEVERITY[fault.type]))
        super().__init__("; ".join(fault.detail for fault in self.faults))

    @classmethod
    def of(
        cls, kind: str, detail: str, parameter: str | None = None, suggestions: Iterable[str] = ()
    ) -> Self:
        """Build the refusal of a single fault; `kind` is its type."""
        listed = tuple(suggestions)
        return cls([Fault(type=kind, parameter=parameter, detail=detail, suggestions=listed)])

    def problem(self, instance: str) -> Problem:
        first = self.faults[0]
        kind = PROBLEM_TYPES[first.type]
        return Problem(
            type=f"/problems/{first.type}",
            title=kind.title,
            status=kind.status,
            detail=first.detail,
            instance=instance,
            errors=self.faults,
        )


class Faults(list[Fault]):
    """Collect faults, so that a response reports all of them at once."""

    def attempt(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The result of `read`; if it raises `Refusal`, collect the faults and return None."""
        try:
            return read(*args, **kwargs)
        except Refusal as refusal:
            self.extend(refusal.faults)
            return None

    def stop(self) -> None:
        """Raise `Refusal` if anything was collected."""
        if self:
            raise Refusal(self)
