"""Write `openapi.yaml` from the declarations of the endpoints. Each example is a real response of
the service, so none goes stale."""

import inspect
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import yaml
from litestar.testing import TestClient
from msgspec import Struct
from msgspec.structs import FieldInfo

from paycite import __version__
from paycite.batch.row import PATH
from paycite.dataset.published import Datasets
from paycite.model.problem import PROBLEM_TYPES, Problem
from paycite.questions.parameters import MAX_LENGTH, TEXT_PATTERN, is_repeatable, schemas
from paycite.web.app import ENDPOINTS, litestar_app
from paycite.web.endpoint import Endpoint
from paycite.web.openapi.answer_schemas import components, with_named_lists
from paycite.web.openapi.examples import ANSWERS, BATCHES, PROBLEMS
from paycite.web.problems import MEDIA_TYPE

Fragment = dict[str, Any]

_DESCRIPTION = (
    "Salary benchmarks for AI and technology roles in the United States, in which every figure "
    "carries its source. Money is whole U.S. dollars of base pay a year unless a field says "
    "otherwise."
)
_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}


def _header(description: str, schema: Fragment = _TEXT, *, is_required: bool = True) -> Fragment:
    """Describe a header, or a parameter that is not in the query."""
    return {"description": description, "required": is_required, "schema": schema}


# Headers of every answer.
_HEADERS = {
    "ETag": _header(
        "A hash of the body. Send it back as `If-None-Match` to get 304 and no body while the "
        "body is the same."
    ),
    "Cache-Control": _header("How long the answer may be cached."),
    "X-Dataset-Version": _header("The dataset that answered."),
    "X-Dataset-Generation": _header(
        "How often the current dataset changed; left out of answers from a named dataset.",
        _COUNT,
        is_required=False,
    ),
    "X-Service-Version": _header("The version of Paycite that answered."),
}
_RETRY_AFTER = _header("How many seconds to wait.", _COUNT)
_TEMPORARY = (429, 503)  # with Retry-After
_MIN_GENERATION = {"name": "Min-Generation", "in": "header"} | _header(
    "The highest `X-Dataset-Generation` seen. A server that is behind answers 503.",
    _COUNT,
    is_required=False,
)


def _object(properties: Mapping[str, Fragment], **optional: Fragment) -> Fragment:
    return {"type": "object", "properties": {**properties, **optional}, "required": [*properties]}


def _list(of: Fragment) -> Fragment:
    return {"type": "array", "items": of}


def _texts(*names: str) -> dict[str, Fragment]:
    return dict.fromkeys(names, _TEXT)


_TABLE_SCHEMA = {"$ref": "#/components/schemas/TableSchema"}
# What present/datapackage.py builds.
_DATA_PACKAGE = {
    "DataPackage": _object(
        {
            **_texts("name", "id", "title", "description", "version", "created"),
            "sources": _list(_object(_texts("title", "license", "id"), path=_TEXT)),
            "resources": _list(
                _object(
                    _texts("name", "title", "path", "format", "mediatype"),
                    schema=_TABLE_SCHEMA,
                    tables=_list(_object({**_texts("name", "title"), "schema": _TABLE_SCHEMA})),
                )
            ),
        }
    ),
    "TableSchema": _object({"fields": _list(_object(_texts("name", "type", "description")))}),
}
# Schemas of answers that are not structs: by media type, else by the handler's return type.
_SCHEMAS: Mapping[str | type, Fragment] = {
    "application/ld+json": {"type": "object", "additionalProperties": True},
    "image/svg+xml": {"type": "string"},
    dict[str, Any]: {"$ref": "#/components/schemas/DataPackage"},
    str: {"type": "string"},
    bytes: {"type": "string", "format": "binary"},
}
_ALWAYS_POSSIBLE = ("unauthorized", "too-many-requests", "overloaded", "not-ready")
DOCUMENTED = tuple(endpoint for endpoint in ENDPOINTS if endpoint.is_documented)


def write_document(datasets: Datasets) -> str:
    """Write the OpenAPI document as YAML, with examples from the current dataset."""
    document = with_named_lists(_document())
    _add_examples(document, datasets)
    return yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=120,
        default_flow_style=None,
    )


def _document() -> Fragment:
    parameters, responses = _shared_parameters(), _response_names()
    structs = {type_ for endpoint in DOCUMENTED for type_ in endpoint.answers.values()}
    asked = {type_ for endpoint in DOCUMENTED for type_ in endpoint.asks.values()}
    described = components(
        [*_sorted_structs(structs), Problem],
        _sorted_structs(asked),
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Paycite",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"key": []}],  # public without a key
        "paths": {
            endpoint.path: {
                "post" if endpoint.asks else "get": _operation(endpoint, parameters, responses)
            }
            for endpoint in DOCUMENTED
        },
        "components": {
            "headers": {**_HEADERS, "Retry-After": _RETRY_AFTER},
            "parameters": {name: _parameter(field, of) for name, (field, of) in parameters.items()}
            | {"id": _id_in_path(), "Min-Generation": _MIN_GENERATION},
            "responses": {name: _answer(one) for one in DOCUMENTED if (name := _shared_answer(one))}
            | {"304": {"description": "Unchanged", "headers": _references(_HEADERS)}}
            | {name: _problem_response(of) for of, name in responses.items()}
            | {"Problem": _problem_response(("internal-error",))},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "Shows private sources."}
            },
            "schemas": described | _DATA_PACKAGE,
        },
    }


def _sorted_structs(types: Iterable[type]) -> list[type[Struct]]:
    return sorted(set(types) - {str, bytes}, key=lambda struct: struct.__name__)


def _operation(
    endpoint: Endpoint,
    shared: Mapping[str, tuple[FieldInfo, type[Struct]]],
    responses: Mapping[tuple[str, ...], str],
) -> Fragment:
    fields = sorted(msgspec.structs.fields(endpoint.parameters), key=lambda one: not one.required)
    names = {_parameter_key(field, of): name for name, (field, of) in shared.items()}
    keys = [_parameter_key(field, endpoint.parameters) for field in fields]
    operation: Fragment = {
        "tags": [endpoint.tag],
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": inspect.cleandoc(endpoint.description),
    }
    parameters: list[Fragment] = [{"$ref": f"#/components/parameters/{names[key]}"} for key in keys]
    if "{id}" in endpoint.path:
        parameters.insert(0, {"$ref": "#/components/parameters/id"})
    operation["parameters"] = [*parameters, {"$ref": "#/components/parameters/Min-Generation"}]
    if endpoint.asks:
        media_type, *others = endpoint.asks
        operation["requestBody"] = {
            # Mention types other than JSON only in words: client generators warn about them.
            "description": f"{media_type}, or {', '.join(others)}.",
            "required": True,
            "content": _content({media_type: endpoint.asks[media_type]}),
        }
    answer = _answer(endpoint)
    if name := _shared_answer(endpoint):
        answer = {"$ref": f"#/components/responses/{name}"}
    named = {} if endpoint.asks else {"304": "304"}
    named |= {str(at): responses[which] for at, which in _problems_by_status(endpoint).items()}
    operation["responses"] = {"200": answer} | {
        status: {"$ref": f"#/components/responses/{name}"}
        for status, name in (named | {"default": "Problem"}).items()
    }
    return operation


def _answer(endpoint: Endpoint) -> Fragment:
    headers = [name for name in _HEADERS if not endpoint.asks or name != "ETag"]
    return {
        "description": "The answer",
        "headers": _references(headers),
        "content": _content(endpoint.answers),
    }


def _references(headers: Iterable[str]) -> Fragment:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in headers}


def _shared_answer(endpoint: Endpoint) -> str | None:
    """Name the answer of an endpoint that is text or bytes of one media type: "csv", "svg"."""
    (media_type, *others) = endpoint.answers
    is_plain = endpoint.answers[media_type] in (str, bytes) and not others
    return media_type.partition("/")[2].partition("+")[0] if is_plain else None


def _content(types: Mapping[str, type]) -> Fragment:
    return {
        media_type: {
            "schema": _SCHEMAS.get(media_type)
            or _SCHEMAS.get(type_)
            or {"$ref": f"#/components/schemas/{type_.__name__}"}
        }
        for media_type, type_ in types.items()
    }


def _problems_by_status(endpoint: Endpoint) -> dict[int, tuple[str, ...]]:
    possible = {*endpoint.problems, *_ALWAYS_POSSIBLE}
    statuses = sorted({PROBLEM_TYPES[name].status for name in possible})
    return {
        status: tuple(
            name
            for name, kind in PROBLEM_TYPES.items()
            if name in possible and kind.status == status
        )
        for status in statuses
    }


def _response_names() -> dict[tuple[str, ...], str]:
    """Name each set of problems that share a status at some endpoint."""
    sets = dict.fromkeys(
        names for endpoint in DOCUMENTED for names in _problems_by_status(endpoint).values()
    )
    times: Counter[int] = Counter()
    names: dict[tuple[str, ...], str] = {}
    for problems in sets:
        status = PROBLEM_TYPES[problems[0]].status
        times[status] += 1
        names[problems] = str(status) + (f"-{times[status]}" if times[status] > 1 else "")
    return names


def _problem_response(problems: tuple[str, ...]) -> Fragment:
    """Build a response with an example of each problem."""
    content: Fragment = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if shown := [name for name in problems if name in PROBLEMS]:
        content["examples"] = {name: {"$ref": f"#/components/examples/{name}"} for name in shown}
    description = "; ".join(PROBLEM_TYPES[name].title for name in problems)
    response = {"description": description, "content": {MEDIA_TYPE: content}}
    if PROBLEM_TYPES[problems[0]].status in _TEMPORARY:
        response["headers"] = _references(["Retry-After"])
    return response


def _shared_parameters() -> dict[str, tuple[FieldInfo, type[Struct]]]:
    """Name every parameter once. If it differs between endpoints, its name starts with the
    endpoint's struct."""
    found: dict[str, tuple[FieldInfo, type[Struct]]] = {}
    known: set[str] = set()
    for endpoint in DOCUMENTED:
        for field in msgspec.structs.fields(endpoint.parameters):
            if (key := _parameter_key(field, endpoint.parameters)) not in known:
                known.add(key)
                owner = endpoint.parameters.__name__.removesuffix("Parameters")
                name = field.name if field.name not in found else f"{owner}.{field.name}"
                found[name] = (field, endpoint.parameters)
    return found


def _parameter_key(field: FieldInfo, of: type[Struct]) -> str:
    return msgspec.json.encode(_parameter(field, of)).decode()


def _parameter(field: FieldInfo, of: type[Struct]) -> Fragment:
    """Build a parameter. A default is mentioned only in words: a generated client would send it
    with every request."""
    schema = dict(schemas(of)[field.name])
    description, default = schema.pop("description"), schema.pop("default", None)
    if default not in (None, [], ()):
        description += f" Default: {str(default).lower()}."
    parameter: Fragment = {
        "name": field.name,
        "in": "query",
        "description": description,
        "required": field.required,
        "schema": _text_schema(schema),
    }
    return parameter | ({"explode": True} if is_repeatable(field) else {})


def _id_in_path() -> Fragment:
    schema = _text_schema({"type": "string"})
    return {"name": "id", "in": "path"} | _header("The id, as lists have it.", schema)


def _text_schema(schema: Fragment) -> Fragment:
    """Add the limits that every text has."""
    if "items" in schema:
        schema = schema | {"items": _text_schema(schema["items"])}
    if schema.get("type") == "string":
        schema = {"minLength": 1, "maxLength": MAX_LENGTH, "pattern": TEXT_PATTERN} | schema
    return schema


def _add_examples(document: Fragment, datasets: Datasets) -> None:
    """Request an example of each answer and each problem from the service."""
    with TestClient(litestar_app(datasets)) as client:
        for path, address in ANSWERS.items():
            answer = client.get(address)
            (operation,) = document["paths"][path].values()
            content = operation["responses"][str(answer.status_code)]["content"]
            media_type = next(iter(content))
            content[media_type]["examples"] = {"answer": _example(f"GET {address}", answer)}
        batch = document["paths"][PATH]["post"]
        for body in BATCHES:
            answer = client.post(PATH, content=body.text, headers={"Content-Type": body.media_type})
            example = _example(f"POST {PATH}", answer)
            batch["responses"]["200"]["content"][body.media_type]["examples"] = {"answer": example}
            if asked := batch["requestBody"]["content"].get(body.media_type):
                value = msgspec.json.decode(body.text)
                asked["examples"] = {"rows": {"summary": "Two rows", "value": value}}
        document["components"]["examples"] = {
            name: _example(request.summary, request.send(client))
            for name, request in PROBLEMS.items()
        }


class _Value(dict[str, Any]):
    """The value of an example, written in flow style: block style takes more bytes."""


def _example(summary: str, answer: Any) -> Fragment:
    is_json = answer.headers["content-type"].split(";")[0].endswith("json")
    return {
        "summary": summary,
        "value": _Value(msgspec.json.decode(answer.text)) if is_json else answer.text,
    }


class _Dumper(yaml.SafeDumper):
    """Quotes text that YAML 1.2 reads as a number, such as the area code 0019780: PyYAML implements
    YAML 1.1, in which it is text. Writes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    _Value,
    lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True),
)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$"), None
)
