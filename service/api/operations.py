"""Handlers that document themselves: what they answer, their parameters, and their problems."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import get
from litestar.datastructures import ResponseHeader
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Operation, Parameter, Schema
from msgspec import Struct

from service.api.parameters import MAX_LENGTH, is_repeatable, schemas
from service.model.problem import PROBLEM_TYPES, Problem
from service.problems import MEDIA_TYPE

# What may be wrong with any request, whatever it asks for.
REQUEST_PROBLEMS = ("unknown-parameter", "repeated-parameter", "invalid-value")

_HEADERS = [
    ResponseHeader(name=name, description=description, documentation_only=True)
    for name, description in {
        "ETag": "A hash of the body.",
        "Cache-Control": "How long the answer may be kept.",
        "X-Dataset-Version": "The dataset that answered.",
        "X-Service-Version": "The version of Paycite that answered.",
    }.items()
]


def reading(
    path: str,
    summary: str,
    answers: type,
    problems: Iterable[str],
    parameters: type[Struct] | None = None,
    **options: Any,
) -> Callable[[Callable[..., Any]], Any]:
    """A GET handler, with its parameters read from a struct and the types of its problems."""
    responses = {
        200: ResponseSpec(answers, description="The answer", generate_examples=False),
        304: ResponseSpec(None, description="The answer is the one that the client has"),
    }
    kinds = [PROBLEM_TYPES[name] for name in (*problems, "internal-error")]
    for status in sorted({kind.status for kind in kinds}):
        titles = "; ".join(kind.title for kind in kinds if kind.status == status)
        responses[status] = ResponseSpec(
            Problem, description=titles, media_type=MEDIA_TYPE, generate_examples=False
        )

    def decorate(handler: Callable[..., Any]) -> Any:
        decorator = get(
            path,
            summary=summary,
            description=handler.__doc__,
            operation_id=handler.__name__,
            operation_class=_operation(parameters),
            responses=responses,
            response_headers=_HEADERS,
            opt={"answers": answers, "problems": tuple(problems)},
            **options,
        )
        return decorator(handler)

    return decorate


def _operation(parameters: type[Struct] | None) -> type[Operation]:
    """The class by which Litestar documents a handler, with the parameters of the struct."""
    if parameters is None:
        return Operation
    properties = schemas(parameters)
    documented = [
        Parameter(
            name=field.name,
            param_in="query",
            required=field.required,
            description=(schema := dict(properties[field.name])).pop("description"),
            schema=_schema(schema),
            explode=True if is_repeatable(field) else None,
        )
        for field in msgspec.structs.fields(parameters)
    ]

    @dataclass
    class DocumentedOperation(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*(self.parameters or ()), *documented]

    return DocumentedOperation


def _schema(schema: dict[str, Any]) -> Schema:
    """A JSON schema, as msgspec writes it, in Litestar's terms."""
    terms = {**schema, "items": _schema(schema["items"])} if "items" in schema else {**schema}
    if schema.get("type") == "string":
        terms |= {"min_length": 1, "max_length": MAX_LENGTH}
    return Schema(**terms)
