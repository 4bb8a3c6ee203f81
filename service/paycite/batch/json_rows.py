"""Parse the rows of a JSON body into parameters of /salary."""

import json
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple

from msgspec import Raw

from paycite.batch.columns import ASKED, TYPES
from paycite.batch.row import PATH
from paycite.model.problem import Fault, Faults, Refusal
from paycite.questions.parameters import (
    MAX_PARAMETERS,
    Texts,
    invalid,
    printable,
    unknown_parameter,
)
from paycite.tables.json_objects import has_more_values, repeated_names

# Of a body: four times those of a thousand rows with all parameters.
_MOST_VALUES = 200_000
_NULL = Raw(b"null")
_NUMBERS = {"number": "a number", "integer": "a whole number"}
_KINDS = {**_NUMBERS, "boolean": "true or false", "array": "a list of strings"}
_STRING_OR_NUMBER = "offer"  # an amount is a number, a range is a string


class ParsedRow(NamedTuple):
    """The parameters of a row as text, and their faults."""

    id: Raw
    texts: Texts
    faults: Faults


class _Number(NamedTuple):
    """A JSON number, as written in the body."""

    text: str


class _Repeated(NamedTuple):
    """Marks the value of a name that appears more than once in an object."""


def parse_rows(body: bytes) -> list[Any]:
    """Parse the rows; Refusal for an invalid body. Python's own JSON parser can detect repeated
    names and keep numbers as written, but takes seconds for millions of values."""
    if has_more_values(body, _MOST_VALUES):
        detail = f"Too many values: the limit is {_MOST_VALUES:,}. Split the rows into several "
        raise Refusal.of("payload-too-large", f"{detail}requests.")
    try:
        parsed = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        raise _invalid(f"The body is not valid JSON in UTF-8: {error}.") from None
    if not isinstance(parsed, dict) or not isinstance(rows := parsed.pop("rows", None), list):
        raise _invalid('Expected an object with a list of rows: {"rows": [...]}.')
    if parsed:
        raise Refusal([_unknown(name, "The only valid field is `rows`") for name in parsed])
    return rows


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(pairs) | dict.fromkeys(repeated_names(pairs), _Repeated())


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def parse_row(row: Any) -> ParsedRow:
    """Parse a row into the parameters of /salary."""
    faults = Faults()
    if not isinstance(row, dict):
        faults.extend(_invalid("The row is not a JSON object.").faults)
        return ParsedRow(_NULL, {}, faults)
    if len(row) > MAX_PARAMETERS:
        faults.extend(_invalid(f"Too many fields: the limit is {MAX_PARAMETERS}.").faults)
        return ParsedRow(_NULL, {}, faults)
    id_ = faults.attempt(_id, row.pop("id", None)) or _NULL
    texts: dict[str, list[str]] = {}
    for name, value in row.items():
        if name == "dataset":
            faults.append(_unknown(name, f"Set it for all rows: {PATH}?dataset=VERSION"))
        elif name not in ASKED:
            faults.append(unknown_parameter(name, ASKED))
        elif value_texts := faults.attempt(_texts, name, value):
            texts[name] = value_texts
    return ParsedRow(id_, texts, faults)


def _id(value: object) -> Raw:
    match value:
        case None:
            return _NULL
        case _Number(text) if isfinite(float(text)):  # others are infinite where they are read
            return Raw(text.encode())
        case str():
            return Raw(json.dumps(value).encode())
        case _:
            raise invalid("id", "expected a string or a finite number")


def _texts(name: str, value: object) -> list[str]:
    """Convert a value to texts; null becomes none, as if left out."""
    type_ = TYPES[name]
    match value:
        case None:
            return []
        case str():
            return [value]
        case _Number(text) if type_ in _NUMBERS or name == _STRING_OR_NUMBER:
            return [_write_plain(text)]
        case bool() if type_ == "boolean":
            return [str(value).lower()]
        case list() if type_ == "array" and all(isinstance(one, str) for one in value):
            return value
        case _Repeated():
            detail = f"The row has {name!r} more than once. Give it once."
            raise Refusal.of("repeated-parameter", detail, parameter=name)
        case _:
            also = " or a number" if name == _STRING_OR_NUMBER else ""
            raise invalid(name, f"expected {_KINDS.get(type_, 'a string')}{also}")


def _write_plain(number: str) -> str:
    """Write 1e+05 as 100000, as parameters are written; not a number of hundreds of digits."""
    is_short = 1e-9 < abs(float(number)) < 1e15
    return f"{Decimal(number):f}" if is_short else number


def _invalid(detail: str) -> Refusal:
    return Refusal.of("invalid-value", detail)


def _unknown(name: str, instead: str) -> Fault:
    shown = printable(name)
    detail = f"Unknown parameter {shown!r}. {instead}."
    return Fault(type="unknown-parameter", parameter=shown, detail=detail)
