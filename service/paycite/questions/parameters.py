"""Query parameters: read against a struct, every fault at once.

Litestar reads parameters one by one, takes the last of several and ignores those it does not
know; the contract promises that nothing is ignored, and that all faults are told together.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import FieldInfo

from paycite.match import nearest
from paycite.model.problem import Fault, Faults, Refusal

Schema = dict[str, Any]
Texts = Mapping[str, list[str]]  # parameters as they were given
Version = Annotated[str, Meta(description="A dataset version. Left out: the current one.")]

MAX_LENGTH = 200
MAX_PARAMETERS = 50
# Of bytes, before anything is decoded: a character is at most four, each three when escaped.
MAX_BYTES = 12 * MAX_LENGTH


class DatasetParameters(Struct, frozen=True, kw_only=True):
    dataset: Version | UnsetType = UNSET


def given(query_string: bytes, most: int = MAX_PARAMETERS) -> dict[str, list[str]]:
    """The parameters as text, in order; Refusal where there are more. Bytes that are not UTF-8
    stay as lone surrogates, which `read` refuses with the parameter that has them."""
    for pair in query_string.split(b"&"):
        raw_name, _, raw_value = pair.partition(b"=")
        if len(raw_value) > MAX_BYTES:
            shown = printable(raw_name.decode(errors="replace"))
            reason = f"it has {len(raw_value):,} bytes, and {MAX_LENGTH} characters are read"
            raise invalid(shown, reason)
    text = query_string.decode("utf-8", errors="surrogateescape")
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="surrogateescape", max_num_fields=most
        )
    except ValueError:
        detail = f"The query has more than {most} parameters."
        raise Refusal([Fault(type="invalid-value", detail=detail)]) from None
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        texts[name].append(value)
    return dict(texts)


def read(struct: type[Struct], texts: Texts, faults: Faults) -> dict[str, Any]:
    """The value of each field of `struct`: the text as the field's type where it is given, else
    the default (None where that is UNSET). What is at fault is None, and added to `faults`.

    An optional field is `T | UnsetType`, not `T | None`: "null" would be read as None, and so
    be accepted and ignored."""
    fields = _fields(struct)
    faults.extend(_unknown(name, fields) for name in texts if name not in fields)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in texts:
            values[name] = faults.attempt(_value, field, texts[name], schemas(struct)[name])
        elif field.required:
            values[name] = faults.attempt(_missing, name)
        else:
            values[name] = None if field.default is UNSET else field.default
    return values


@cache
def _fields(struct: type[Struct]) -> dict[str, FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(struct)}


def refuse_parameters(query_string: bytes) -> None:
    """For an address that takes none."""
    faults = Faults()
    read(Struct, given(query_string), faults)
    faults.stop()


@cache
def schemas(struct: type[Struct]) -> dict[str, Schema]:
    """The JSON schema of each field."""
    _, components = msgspec.json.schema_components([struct])
    properties: dict[str, Schema] = components[struct.__name__]["properties"]
    return properties


def is_repeatable(field: FieldInfo) -> bool:
    return isinstance(field.default, tuple)


def _unknown(name: str, known: Mapping[str, FieldInfo]) -> Fault:
    shown = printable(name)
    near = nearest(shown, known)
    instead = near or tuple(known)
    takes = "the nearest: " if near else "this address takes "
    there_is = takes + (", ".join(instead) or "none")
    return Fault(
        type="unknown-parameter",
        parameter=shown,
        detail=f"There is no parameter {shown!r} here; {there_is}.",
        suggestions=instead,
    )


def _missing(name: str) -> None:
    detail = f"The parameter {name!r} is missing."
    raise Refusal([Fault(type="missing-parameter", parameter=name, detail=detail)])


def _value(field: FieldInfo, texts: list[str], schema: Schema) -> Any:
    """The text as the field's type, or Refusal."""
    name = field.name
    if len(texts) > 1 and not is_repeatable(field):
        detail = f"The parameter {name!r} is given {len(texts)} times; give it once."
        raise Refusal([Fault(type="repeated-parameter", parameter=name, detail=detail)])
    for text in texts:
        refuse_unreadable(name, text, schema.get("maxLength", MAX_LENGTH))
    asked = texts if is_repeatable(field) else texts[0]
    try:
        return msgspec.convert(asked, field.type, strict=False)
    except msgspec.ValidationError:
        options = tuple(schema.get("enum", ()))
        suggestions = nearest(texts[0], options) or options
        raise invalid(name, f"it must be {_form(schema)}", suggestions) from None


def _form(schema: Schema) -> str:
    """What a value has to be, in words, from its JSON schema."""
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    if schema["type"] == "boolean":
        return "true or false"
    kind = "a whole number" if schema["type"] == "integer" else "a number"
    return f"{kind} from {schema['minimum']} to {schema['maximum']:,}"


def invalid(name: str, reason: str, suggestions: tuple[str, ...] = ()) -> Refusal:
    detail = f"The value of {name!r} cannot be read: {reason}."
    return Refusal(
        [Fault(type="invalid-value", parameter=name, detail=detail, suggestions=suggestions)]
    )


def refuse_unreadable(name: str, value: str, most: int = MAX_LENGTH) -> None:
    """Refuse text before anything reads it: what is empty, too long, or no text."""
    if not value.strip():
        raise invalid(name, "it is empty; leave the parameter out")
    if len(value) > most:
        raise invalid(name, f"it has {len(value)} characters, and {most:,} are read")
    # A byte that is not UTF-8 is a lone surrogate here (Cs). Other marks that do not print, such as
    # the spaces of a page that was pasted, are text.
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in value):
        raise invalid(
            name, "it has a control character, such as a line break, or a byte that is not UTF-8"
        )


def printable(text: str) -> str:
    """Text from outside, fit to be shown: short, and with what cannot be shown replaced."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
