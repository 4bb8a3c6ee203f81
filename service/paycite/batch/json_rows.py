"""The rows of a body of JSON, and what of /salary each of them asks."""

import json
from collections import Counter
from typing import Any, NamedTuple

from msgspec import Raw

from paycite.batch.columns import ASKED
from paycite.batch.row import PATH
from paycite.model.problem import Fault, Faults, Refusal
from paycite.questions.parameters import Texts, invalid, printable

_NULL = Raw(b"null")
_NUMBERS = ("years", "offer")
_FORMS = {
    "years": "a number",
    "offer": "a string or a number",
    "source": "a list of strings",
    "strict": "true or false",
}


class ReadRow(NamedTuple):
    """A row by its parameters, as texts, and what could not be read."""

    id: Raw
    texts: Texts
    faults: Faults


class _Number(NamedTuple):
    """A number of JSON, letter for letter."""

    text: str


class _Repeated(NamedTuple):
    """The value of a name that an object has more than once."""


def read_rows(body: bytes) -> list[Any]:
    """The rows, or Refusal. It is Python's own reader of JSON that tells repeated names, and leaves
    a number its letters."""
    try:
        read = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        raise _invalid(f"The body is not JSON in UTF-8: {error}.") from None
    if not isinstance(read, dict) or not isinstance(rows := read.pop("rows", None), list):
        raise _invalid('The body must be an object with a list of rows: {"rows": [...]}.')
    if read:
        raise Refusal([_unknown(name, "The body has `rows` and nothing else") for name in read])
    return rows


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    times = Counter(name for name, _ in pairs)
    return {name: value if times[name] == 1 else _Repeated() for name, value in pairs}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def read_row(row: Any) -> ReadRow:
    """What a row asks, as /salary is asked it."""
    faults = Faults()
    if not isinstance(row, dict):
        faults.extend(_invalid("The row is no JSON object.").faults)
        return ReadRow(_NULL, {}, faults)
    id_ = faults.attempt(_id, row.pop("id", None)) or _NULL
    texts: dict[str, list[str]] = {}
    for name, value in row.items():
        if name == "dataset":
            faults.append(_unknown(name, f"It is asked for all rows: {PATH}?dataset=VERSION"))
        elif name not in ASKED:
            texts[name] = []  # refused by its name
        elif read := faults.attempt(_texts, name, value):
            texts[name] = read
    return ReadRow(id_, texts, faults)


def _id(value: object) -> Raw:
    match value:
        case None:
            return _NULL
        case _Number(text):
            return Raw(text.encode())
        case str():
            return Raw(json.dumps(value).encode())
        case _:
            raise invalid("id", "it must be a string or a number")


def _texts(name: str, value: object) -> list[str]:
    """None of them where null says that it is left out."""
    match value:
        case None:
            return []
        case str():
            return [value]
        case _Number(text) if name in _NUMBERS:
            return [text]
        case bool() if name == "strict":
            return [str(value).lower()]
        case list() if name == "source" and all(isinstance(one, str) for one in value):
            return value
        case _Repeated():
            detail = f"The row has {name!r} more than once."
            raise Refusal([Fault(type="repeated-parameter", parameter=name, detail=detail)])
        case _:
            raise invalid(name, f"it must be {_FORMS.get(name, 'a string')}")


def _invalid(detail: str) -> Refusal:
    return Refusal([Fault(type="invalid-value", detail=detail)])


def _unknown(name: str, instead: str) -> Fault:
    shown = printable(name)
    detail = f"There is no {shown!r} here. {instead}."
    return Fault(type="unknown-parameter", parameter=shown, detail=detail)
