"""Declare an endpoint once: its parameters, answers and problems. `respond` parses requests by the
declaration, `app` registers it, and `openapi` documents it. A handler is a pure function from an
`Ask` to a value."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from paycite.batch.body import GoOn
from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.model.problem import Refusal
from paycite.questions.parameters import MAX_PARAMETERS, Parsed, Texts, check_download, parse

JSON = "application/json"
FORM = "multipart/form-data"
# Problems that any request can have.
REQUEST_PROBLEMS = ("unknown-parameter", "repeated-parameter", "invalid-value")


class NoParameters(Struct, frozen=True):
    """The parameters of an endpoint without any."""


class Ask(Struct, frozen=True, kw_only=True):
    """A request as a handler sees it: everything that its answer may depend on."""

    path: str
    texts: Texts
    parameters: type[Struct]
    store: Store  # the requested dataset, or the current one
    datasets: Datasets
    base_url: str  # where clients reach the service
    id: str = ""  # the last part of a path such as /figures/{id}
    is_of_dataset: bool = False  # whether `id` is the requested dataset
    body: bytes = b""
    media_type: str = ""  # of the body
    go_on: GoOn = lambda: None  # for long work
    form: Mapping[str, bytes] = {}  # the fields of a body that is a form

    def parse(self) -> Parsed:
        """Parse the parameters, and collect their faults."""
        parsed = parse(self.parameters, self.texts, self.store.snapshot)
        if self.is_of_dataset:
            parsed.faults.attempt(check_download, self.id, self.store.snapshot)
        return parsed


class Endpoint(Struct, frozen=True, kw_only=True):
    name: str
    path: str
    summary: str
    description: str
    tag: str
    handler: Callable[[Ask], Any]
    answers: Mapping[str, type]  # by media type
    parameters: type[Struct] = NoParameters
    problems: tuple[str, ...] = ()
    asks: Mapping[str, type] = {}  # the body of a POST, by media type
    encode: Callable[[Any], bytes] = msgspec.json.encode
    # Where the handler runs: on the event loop, in a thread, or in one after the other.
    runs: Literal["inline", "thread", "turn"] = "inline"
    is_kept: bool = True  # cached; the answer depends on dataset, path and query only
    # The parameters that pin an answer: with all of them it never changes. With `is_of_dataset`,
    # the id of the path is a dataset, which pins it too.
    pinned_by: tuple[str, ...] = ("dataset",)
    is_of_dataset: bool = False
    is_documented: bool = True
    most_parameters: int = MAX_PARAMETERS
    most_bytes: int = 0
    # Quota units the answer costs. May raise the same Refusal as the handler.
    units: Callable[[Ask], int] = lambda ask: 1
    # For pages: clean the parameters, write the page of a refusal, and set who may frame it.
    clean: Callable[[Texts], Texts] | None = None
    refuse: Callable[[Ask, Refusal], str] | None = None
    policy: str | None = None

    @property
    def media_type(self) -> str:
        return next(iter(self.answers))

    def cost(self, ask: Ask) -> int:
        """Count the units that making the answer takes; none if its parameters are refused."""
        try:
            return 0 if ask.parse().faults else self.units(ask)
        except Refusal:
            return 0


def endpoint(
    path: str, summary: str, answers: type | Mapping[str, type], **options: Any
) -> Callable[[Callable[[Ask], Any]], Endpoint]:
    """Declare the decorated handler as an endpoint; its docstring becomes the description."""

    def declare(handler: Callable[[Ask], Any]) -> Endpoint:
        return Endpoint(
            name=handler.__name__,
            path=path,
            summary=summary,
            description=handler.__doc__ or "",
            handler=handler,
            answers=answers if isinstance(answers, Mapping) else {JSON: answers},
            **{"tag": handler.__module__.rpartition(".")[2], **options},
        )

    return declare
