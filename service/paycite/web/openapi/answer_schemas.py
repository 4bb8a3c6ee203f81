"""Write the schemas of the OpenAPI document, so that generated clients have exact types."""

import inspect
from collections.abc import Collection
from typing import Any, Literal, get_args, get_origin

import msgspec

from paycite.model import answer, figure, law, ranking, vocabulary
from paycite.model.answer import Requested
from paycite.present.chart import answer as chart

# Names of closed lists (`Literal`), and their members in order, by their members.
_LISTS = {
    frozenset(get_args(list_)): (name, list(get_args(list_)))
    for module in (answer, figure, law, ranking, vocabulary, chart)
    for name, list_ in vars(module).items()
    if get_origin(list_) is Literal
}


def components(answers: Collection[type], asked: Collection[type]) -> dict[str, Any]:
    """Write the schemas of answers and of request bodies, by name. msgspec describes what it can
    decode, so a field with a default is optional. But answers have every field, so all fields
    become required, except in `Requested`, which has only the given parameters, never null."""
    schemas = _described(answers)
    for schema in schemas.values():
        properties = schema["properties"]
        if schema["title"] != Requested.__name__:
            schema["required"] = list(properties)
        else:
            schema["properties"] = {
                name: property_["anyOf"][0] if "anyOf" in property_ else property_
                for name, property_ in properties.items()
            }
    return schemas | _described(asked)


def _described(types: Collection[type]) -> dict[str, Any]:
    """Write schemas without defaults: a generated client would send them with every request."""
    schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")[1]
    for schema in schemas.values():
        for property_ in schema["properties"].values():
            property_.pop("default", None)
    return schemas


def with_named_lists(document: dict[str, Any]) -> dict[str, Any]:
    """Move each closed list to a schema of its own, and simplify nullable types."""
    named: dict[str, Any] = {}
    simple: dict[str, Any] = _simple(document, named)
    simple["components"]["schemas"] |= dict(sorted(named.items()))
    return simple


def _simple(part: Any, named: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_simple(item, named) for item in part]
    if not isinstance(part, dict):
        return part
    simple = {key: _simple(value, named) for key, value in part.items()}
    match simple:
        case {"enum": [str(), *_] as members}:
            del simple["enum"]
            if listed := _LISTS.get(frozenset(members)):
                name, in_order = listed
                named[name] = {"title": name, "type": "string", "enum": in_order}
                simple["$ref"] = f"#/components/schemas/{name}"
            else:
                simple |= {"type": "string", "enum": members}
        case {"anyOf": [{"type": str(type_), **terms}, {"type": "null"}]} if "enum" not in terms:
            del simple["anyOf"]
            simple = {"type": [type_, "null"], **terms, **simple}
    if isinstance(text := simple.get("description"), str):
        simple["description"] = inspect.cleandoc(text)
    return simple
