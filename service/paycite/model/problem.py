"""What can go wrong with a request, as data; drawn as RFC 9457 by `paycite.web.problems`."""

from collections.abc import Callable, Iterable
from typing import Annotated, ParamSpec, TypeVar

from msgspec import Meta, Struct

P = ParamSpec("P")
T = TypeVar("T")


class ProblemType(Struct, frozen=True):
    status: int
    title: str
    help: str


# The order is that of gravity: the first type among a request's faults names the problem.
PROBLEM_TYPES: dict[str, ProblemType] = {
    "missing-parameter": ProblemType(
        400, "A required parameter is missing", "Add the parameter that is named."
    ),
    "unknown-parameter": ProblemType(
        400,
        "The address has no such parameter",
        "Nothing is accepted and ignored: correct the name, or leave the parameter out.",
    ),
    "repeated-parameter": ProblemType(400, "A parameter is given more than once", "Give it once."),
    "invalid-value": ProblemType(
        400, "A value is not of the parameter's form", "The detail says which form it has."
    ),
    "conflicting-parameters": ProblemType(
        400, "Two parameters contradict each other", "Leave one of them out, or correct it."
    ),
    "unknown-role": ProblemType(404, "No such role", "GET /roles lists them."),
    "unknown-level": ProblemType(
        404, "No such level", "The levels are entry, mid, senior, staff and principal."
    ),
    "unknown-metro": ProblemType(
        404, "No such metro", "GET /metros finds them by how they begin; `us` is the nation."
    ),
    "unknown-source": ProblemType(404, "No such source", "GET /sources lists them."),
    "unknown-dataset": ProblemType(
        404, "No such dataset is kept", "Leave `dataset` out for the current one."
    ),
    "unknown-figure": ProblemType(404, "No such figure", "GET /figures finds them."),
    "no-figures": ProblemType(
        404,
        "Nothing is published for this question",
        "The detail says what there is instead.",
    ),
    "suppressed": ProblemType(
        404, "Too few observations to show", "Ask for a broader level or metro."
    ),
    "not-found": ProblemType(404, "No such address", "The README lists the addresses."),
    "method-not-allowed": ProblemType(
        405, "The address does not take this method", "The header `Allow` lists those it takes."
    ),
    "payload-too-large": ProblemType(413, "The body is too large", "Send less at a time."),
    "unsupported-media-type": ProblemType(
        415, "The body is of a type that is not read here", "The detail says which are."
    ),
    "ambiguous-title": ProblemType(
        422, "The role can be read in more than one way", "Ask with the id of the one you mean."
    ),
    "ambiguous-metro": ProblemType(
        422, "The metro can be read in more than one way", "Ask with the id of the one you mean."
    ),
    "fallback-refused": ProblemType(
        409,
        "Only a broader answer exists, and `strict` refuses it",
        "Leave `strict` out to get the broader answer, announced as such.",
    ),
    "internal-error": ProblemType(
        500, "Paycite failed", "The fault is ours. Please report what you asked."
    ),
    "not-ready": ProblemType(503, "The dataset cannot be read", "Try again shortly."),
}
_GRAVITY = {name: place for place, name in enumerate(PROBLEM_TYPES)}


class Fault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong: what, why and what to do."""

    type: str
    parameter: str | None = None
    detail: str
    suggestions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.type not in PROBLEM_TYPES:
            raise ValueError(f"no such problem type: {self.type}")


class Problem(Struct, frozen=True, kw_only=True):
    """Problem details, RFC 9457."""

    type: Annotated[str, Meta(description="A path that names the kind of problem.")]
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
    instance: str
    errors: Annotated[tuple[Fault, ...], Meta(description="All that is wrong, gravest first.")]


class Refusal(Exception):
    """A request that gets no answer, with every reason."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: _GRAVITY[fault.type]))
        super().__init__("; ".join(fault.detail for fault in self.faults))

    def problem(self, instance: str) -> Problem:
        gravest = self.faults[0]
        kind = PROBLEM_TYPES[gravest.type]
        return Problem(
            type=f"/problems/{gravest.type}",
            title=kind.title,
            status=kind.status,
            detail=gravest.detail,
            instance=instance,
            errors=self.faults,
        )


class Faults(list[Fault]):
    """Collects faults, so that a request is told all of them at once."""

    def attempt(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The result of `read`, or None with what it refuses collected."""
        try:
            return read(*args, **kwargs)
        except Refusal as refusal:
            self.extend(refusal.faults)
            return None

    def stop(self) -> None:
        """Refuse the request if anything was collected."""
        if self:
            raise Refusal(self)
