"""The JSON schemas of the arguments and answers of tools."""

from functools import cache

import msgspec
from msgspec import Struct

from paycite.model.problem import Problem
from paycite.questions.parameters import MAX_LENGTH, Schema, schemas


@cache
def input_schema(parameters: type[Struct]) -> Schema:
    properties = {name: _property(name, schema) for name, schema in schemas(parameters).items()}
    # `role` is required even where it is a list, as in a comparison.
    needed = {field.name for field in msgspec.structs.fields(parameters) if field.required}
    needed |= properties.keys() & {"role"}
    return {
        "type": "object",
        "properties": dict(sorted(properties.items(), key=lambda one: one[0] not in needed)),
        "required": sorted(needed),
        "additionalProperties": False,
    }


def _property(name: str, schema: Schema) -> Schema:
    match schema:
        case {"enum": _}:
            return {"type": "string", **schema}
        case {"type": "string"}:
            type_ = ["string", "number"] if name == "offer" else "string"
            return {**schema, "type": type_, "minLength": 1, "maxLength": MAX_LENGTH}
        case {"type": "array", "items": items}:
            return {**schema, "items": _property("", items)}
        case _:
            return schema


@cache
def output_schema(answers: type[Struct]) -> Schema:
    """The schema of an answer, or of the problem in place of one."""
    any_of, components = msgspec.json.schema_components(
        [answers, Problem], ref_template="#/$defs/{name}"
    )
    return {"type": "object", "anyOf": list(any_of), "$defs": components}
