"""The JSON schemas of the arguments and answers of tools: plain, as some clients take no others.

A property has one type, and no reference or alternatives.
"""

from functools import cache
from inspect import cleandoc

import msgspec
from msgspec import Struct

from paycite.model.problem import Problem
from paycite.questions.parameters import MAX_LENGTH, Schema, schemas


@cache
def input_schema(parameters: type[Struct]) -> Schema:
    properties = {name: _property(schema) for name, schema in schemas(parameters).items()}
    # `role` is required even where it is a list, as in a comparison.
    needed = {field.name for field in msgspec.structs.fields(parameters) if field.required}
    needed |= properties.keys() & {"role"}
    return {
        "type": "object",
        "properties": dict(sorted(properties.items(), key=lambda one: one[0] not in needed)),
        "required": sorted(needed),
        "additionalProperties": False,
    }


def _property(schema: Schema) -> Schema:
    """Build a property; clients that know no `examples` get them in the description."""
    plain = {name: part for name, part in schema.items() if name != "examples" and part != []}
    if examples := schema.get("examples"):
        plain["description"] += f" Example: {_join(examples[0])}."
    if "enum" in plain:
        return {"type": "string", **plain}
    if "items" in plain:
        plain["items"] = _property(plain["items"])
    if plain["type"] == "string":
        return {"minLength": 1, "maxLength": MAX_LENGTH} | plain
    return plain


def _join(example: str | list[str]) -> str:
    return example if isinstance(example, str) else ", ".join(example)


@cache
def output_schema(answers: tuple[type[Struct], ...]) -> Schema:
    """Describe the fields of the possible answers, and of the problem in place of one, without the
    parts of objects: openapi.yaml has those."""
    types: tuple[type[Struct], ...] = (*answers, Problem)
    _, components = msgspec.json.schema_components(types)
    return {
        "type": "object",
        "properties": {
            name: _describe(schema, components)
            for type_ in reversed(types)
            for name, schema in components[type_.__name__]["properties"].items()
        },
    }


def _describe(schema: Schema, components: Schema) -> Schema:
    """Keep the type, if there is only one, and the description."""
    part = schema.get("anyOf", [schema])[0]  # the other is null
    named = components.get(part.get("$ref", "").rpartition("/")[2], {})
    whole = {"description": cleandoc(named.get("description", ""))} | schema
    type_ = {} if "anyOf" in schema else {"type": named.get("type") or schema.get("type")}
    return type_ | ({"description": whole["description"]} if whole["description"] else {})
