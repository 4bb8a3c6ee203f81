"""Handlers that document themselves: what they answer, their parameters, and their problems."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec
from litestar import get, post
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)
from msgspec import Struct
from msgspec.structs import FieldInfo

from paycite.model.problem import PROBLEM_TYPES, Problem
from paycite.questions.parameters import MAX_LENGTH, is_repeatable, schemas
from paycite.web.problems import MEDIA_TYPE

# What may be wrong with any request, whatever it asks for.
REQUEST_PROBLEMS = ("unknown-parameter", "repeated-parameter", "invalid-value")

# Of every answer.
HEADERS: dict[str, OpenAPIHeader | Reference] = {
    name: OpenAPIHeader(
        description=description, schema=Schema(type=OpenAPIType.STRING), required=True
    )
    for name, description in {
        "ETag": "A hash of the body. Sent back as `If-None-Match`, it is answered with 304 and no "
        "body for as long as the body is the same.",
        "Cache-Control": "How long the answer may be kept.",
        "X-Dataset-Version": "The dataset that answered.",
        "X-Service-Version": "The version of Paycite that answered.",
    }.items()
}
# What no struct describes, by its media type.
_SCHEMAS = {
    "application/ld+json": Schema(type=OpenAPIType.OBJECT, additional_properties=True),
    "image/svg+xml": Schema(type=OpenAPIType.STRING),
    "text/csv": Schema(type=OpenAPIType.STRING),
    "image/png": Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY),
}


def reading(
    path: str,
    summary: str,
    answers: type,
    problems: Iterable[str],
    parameters: type[Struct] | None = None,
    media_type: str = "application/json",
    **options: Any,
) -> Callable[[Callable[..., Any]], Any]:
    """A GET handler, with its parameters read from a struct and the types of its problems."""
    types = {media_type: answers}
    return _documented(get, path, summary, types, problems, parameters or Struct, **options)


def posting(
    path: str,
    summary: str,
    asks: Mapping[str, type],
    answers: Mapping[str, type],
    problems: Iterable[str],
    parameters: type[Struct],
    **options: Any,
) -> Callable[[Callable[..., Any]], Any]:
    """A POST handler, with the types of its body and of its answer by media type."""
    return _documented(post, path, summary, answers, problems, parameters, asks, **options)


def _documented(
    method: Callable[..., Any],
    path: str,
    summary: str,
    answers: Mapping[str, type],
    problems: Iterable[str],
    parameters: type[Struct],
    asks: Mapping[str, type] = MappingProxyType({}),
    same_problems_as: str | None = None,
    **options: Any,
) -> Callable[[Callable[..., Any]], Any]:
    """A handler; the examples of its problems may stand at another address."""
    media_type = next(iter(answers))
    responses = {
        200: ResponseSpec(
            answers[media_type],
            description="The answer",
            media_type=media_type,
            generate_examples=False,
        ),
    }
    kinds = [PROBLEM_TYPES[name] for name in (*problems, "internal-error")]
    for status in sorted({kind.status for kind in kinds}):
        titles = "; ".join(kind.title for kind in kinds if kind.status == status)
        responses[status] = ResponseSpec(
            Problem, description=titles, media_type=MEDIA_TYPE, generate_examples=False
        )

    def decorate(handler: Callable[..., Any]) -> Any:
        decorator = method(
            path,
            status_code=200,
            summary=summary,
            description=handler.__doc__,
            operation_id=handler.__name__,
            tags=[group_of(handler.__module__)],
            operation_class=_operation(parameters, answers, asks),
            responses=responses,
            opt={
                "answers": tuple(answers.values()),
                "asks": tuple(asks.values()),
                "problems": tuple(problems),
                "same_problems_as": same_problems_as,
            },
            **options,
        )
        return decorator(handler)

    return decorate


def group_of(module: str) -> str:
    """The tag of the operations of a module."""
    return module.rpartition(".")[2]


def _operation(
    parameters: type[Struct], answers: Mapping[str, type], asks: Mapping[str, type]
) -> type[Operation]:
    """The class by which Litestar documents a handler, with the parameters of the struct, those
    that are required first, its body, and what Litestar leaves out of an answer."""
    fields = sorted(msgspec.structs.fields(parameters), key=lambda field: not field.required)
    documented = [_parameter(field, schemas(parameters)[field.name]) for field in fields]

    @dataclass
    class DocumentedOperation(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*(self.parameters or ()), *documented]
            answer = (self.responses or {})["200"]
            assert isinstance(answer, OpenAPIResponse) and answer.content
            answer.headers = {
                name: Reference(f"#/components/headers/{name}")
                for name in HEADERS
                if not asks or name != "ETag"
            }
            answer.content = _content(answers)
            if asks:
                # Others than JSON are told in words: generators of clients warn of them.
                media_type, *others = asks
                self.request_body = RequestBody(
                    _content({media_type: asks[media_type]}),
                    description=f"As {media_type}; it may be {', '.join(others)} as well.",
                    required=True,
                )

    return DocumentedOperation


def _content(types: Mapping[str, type]) -> dict[str, OpenAPIMediaType]:
    return {
        media_type: OpenAPIMediaType(
            _SCHEMAS.get(media_type) or Reference(f"#/components/schemas/{struct.__name__}")
        )
        for media_type, struct in types.items()
    }


def _parameter(field: FieldInfo, described: dict[str, Any]) -> Parameter:
    """A default is told in words: a generated client would send it with every request."""
    schema = dict(described)
    description, default = schema.pop("description"), schema.pop("default", None)
    if default not in (None, []):
        description += f" Left out: {str(default).lower()}."
    return Parameter(
        name=field.name,
        param_in="query",
        required=field.required,
        description=description,
        schema=_schema(schema),
        explode=True if is_repeatable(field) else None,
    )


def _schema(schema: dict[str, Any]) -> Schema:
    """A JSON schema, as msgspec writes it, in Litestar's terms."""
    terms = {**schema, "items": _schema(schema["items"])} if "items" in schema else {**schema}
    if schema.get("type") == "string":
        terms |= {"min_length": 1, "max_length": terms.pop("maxLength", MAX_LENGTH)}
    return Schema(**terms)
