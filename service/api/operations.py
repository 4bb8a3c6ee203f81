"""Handlers that document themselves: what they answer, their parameters, and their problems."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import get
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Operation, Parameter, Schema
from msgspec import Struct

from service.api.parameters import MAX_LENGTH, is_repeatable, schemas
from service.model.problem import PROBLEM_TYPES, Problem
from service.problems import MEDIA_TYPE


def reading(
    path: str,
    summary: str,
    answers: type,
    problems: Iterable[int],
    parameters: type[Struct] | None = None,
    **options: Any,
) -> Callable[[Callable[..., Any]], Any]:
    """A GET handler, with its parameters read from a struct and the statuses of its problems."""
    responses = {200: ResponseSpec(answers, description="The answer", generate_examples=False)}
    for status in (*problems, 500):
        titles = [kind.title for kind in PROBLEM_TYPES.values() if kind.status == status]
        responses[status] = ResponseSpec(
            Problem, description="; ".join(titles), media_type=MEDIA_TYPE, generate_examples=False
        )

    def decorate(handler: Callable[..., Any]) -> Any:
        decorator = get(
            path,
            summary=summary,
            description=handler.__doc__,
            operation_id=handler.__name__,
            operation_class=_operation(parameters),
            responses=responses,
            opt={"answers": answers},
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
