"""Query parameters, parsed against a struct, with every fault reported at once.

Litestar parses parameters one by one, takes the last of several values and ignores unknown
parameters; this API ignores nothing and reports all faults together.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import FieldInfo

from paycite.match import nearest, unknown
from paycite.model.figure import Source
from paycite.model.parameters import Version
from paycite.model.problem import PROBLEM_TYPES, Fault, Faults, Refusal
from paycite.model.snapshot import Snapshot
from paycite.questions.parameter_names import suggest_parameters

Schema = dict[str, Any]
Texts = Mapping[str, list[str]]  # the parameters as given

MAX_LENGTH = 200
MAX_PARAMETERS = 50
# In bytes, before decoding: a character has at most four bytes, each three characters if escaped.
MAX_BYTES = 12 * MAX_LENGTH
_KEPT = 256  # values: the same few ids and titles are asked for again and again


class DatasetParameters(Struct, frozen=True, kw_only=True):
    dataset: Version | UnsetType = UNSET


class Parsed(Struct, frozen=True):
    """The value of each parameter (None if left out or invalid), and the faults."""

    values: Mapping[str, Any]
    faults: Faults

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def parse_query(query_string: bytes, most: int = MAX_PARAMETERS) -> dict[str, list[str]]:
    """Split a query into texts by parameter, in order. Refusal for more than `most`. Bytes that are
    not UTF-8 become lone surrogates, for which `parse` refuses the parameter."""
    for pair in query_string.split(b"&"):
        raw_name, _, raw_value = pair.partition(b"=")
        shown = printable(raw_name[:MAX_BYTES].decode(errors="replace"))
        if len(raw_name) > MAX_BYTES:
            raise invalid(shown, f"its name has {len(raw_name):,} bytes")
        if len(raw_value) > MAX_BYTES:
            raise invalid(
                shown, f"it has {len(raw_value):,} bytes; the limit is {MAX_LENGTH} characters"
            )
    text = query_string.decode("utf-8", errors="surrogateescape")
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="surrogateescape", max_num_fields=most
        )
    except ValueError:
        detail = f"Too many parameters: the limit is {most}."
        raise Refusal.of("invalid-value", detail) from None
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        texts[name].append(value)
    return dict(texts)


def parse(parameters: type[Struct], texts: Texts, snapshot: Snapshot | None = None) -> Parsed:
    """Parse each field of `parameters` from its text, or take its default (None for UNSET).
    `dataset` must be the snapshot's version and each `source` one of its sources.

    An optional field must be `T | UnsetType`, not `T | None`: otherwise the text "null" would be
    parsed as None and ignored.
    """
    faults, fields = Faults(), _fields(parameters)
    faults.extend(unknown_parameter(name, fields) for name in texts if name not in fields)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in texts:
            values[name] = faults.attempt(_parse_value, parameters, name, tuple(texts[name]))
        elif field.required:
            values[name] = faults.attempt(_reject_missing, name)
        else:
            values[name] = None if field.default is UNSET else field.default
    if snapshot is not None:
        sources = values.get("source") or ()
        for source_id in [sources] if isinstance(sources, str) else sources:
            faults.attempt(find_source, source_id, snapshot, "source")
        if version := values.get("dataset"):
            faults.attempt(_check_dataset, version, snapshot)
    return Parsed(values, faults)


@cache
def _fields(parameters: type[Struct]) -> dict[str, FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(parameters)}


@cache
def schemas(parameters: type[Struct]) -> dict[str, Schema]:
    """Return the JSON schema of each field."""
    _, components = msgspec.json.schema_components([parameters])
    properties: dict[str, Schema] = components[parameters.__name__]["properties"]
    return properties


def is_repeatable(field: FieldInfo) -> bool:
    """Whether it is a tuple, in `Annotated`."""
    return any(get_origin(one) is tuple for one in get_args(field.type)[:1])


def find_source(source_id: str, snapshot: Snapshot, parameter: str) -> Source:
    """Find a source by its id. Refusal with the nearest ids."""
    if source_id in snapshot.sources:
        return snapshot.sources[source_id]
    shown = printable(source_id)
    raise unknown("source", parameter, shown, nearest(shown, snapshot.sources))


def _check_dataset(version: str, snapshot: Snapshot) -> None:
    """Refuse a version that is not available (the current dataset was opened instead)."""
    if version != snapshot.version:
        hint = f"The current one is {snapshot.version!r}. {PROBLEM_TYPES['unknown-dataset'].help}"
        raise _unknown_dataset(f"Dataset {version!r} is not available. {hint}", snapshot)


def check_download(version: str, snapshot: Snapshot) -> None:
    """Refuse a version, from a path, that cannot be downloaded: who may not know whether it is
    private is told the same."""
    check_text("dataset", version)
    if version != snapshot.version:
        detail = (
            f"Dataset {version!r} cannot be downloaded. Downloads have public sources only: take a "
            f"version with `is_public` from GET /datasets, such as {snapshot.version!r}."
        )
        raise _unknown_dataset(detail, snapshot)


def _unknown_dataset(detail: str, snapshot: Snapshot) -> Refusal:
    return Refusal.of("unknown-dataset", detail, "dataset", (snapshot.version,))


def unknown_parameter(name: str, known: Collection[str]) -> Fault:
    """Build the fault of a parameter that is not in `known`, with those that it may mean."""
    shown = printable(name)
    near = suggest_parameters(shown, known)
    if near:
        hint = f"Did you mean {' or '.join(map(repr, near))}?"
    elif known:
        hint = f"Valid parameters: {', '.join(known)}."
    else:
        hint = "This endpoint takes no parameters."
    return Fault(
        type="unknown-parameter",
        parameter=shown,
        detail=f"Unknown parameter {shown!r}. {hint}",
        suggestions=near or tuple(known),
    )


def _reject_missing(name: str) -> None:
    detail = f"Missing parameter {name!r}."
    raise Refusal.of("missing-parameter", detail, parameter=name)


@lru_cache(_KEPT)
def _parse_value(parameters: type[Struct], name: str, texts: tuple[str, ...]) -> Any:
    """Convert the text to the field's type, or raise Refusal."""
    field, schema = _fields(parameters)[name], schemas(parameters)[name]
    if len(texts) > 1 and not is_repeatable(field):
        detail = f"Parameter {name!r} was given {len(texts)} times. Give it once."
        raise Refusal.of("repeated-parameter", detail, parameter=name)
    for text in texts:
        check_text(name, text, schema.get("maxLength", MAX_LENGTH))
    if name == "years":
        texts = (read_years(texts[0]),)
    asked = texts if is_repeatable(field) else texts[0]
    try:
        return msgspec.convert(asked, field.type, strict=False)
    except msgspec.ValidationError:
        options = tuple(schema.get("enum", ()))
        suggestions = nearest(texts[0], options) or options
        raise invalid(name, f"expected {_expectation(schema)}", suggestions) from None


_YEARS = re.compile(r"([\d.]+) ?\+?(?: ?(?:years?|yrs?))?", re.IGNORECASE)
_RANGE = re.compile(r" ?(?:[-\u2013\u2014]|\bto\b) ?")


def read_years(text: str) -> str:
    """Read the number of "5+" and "5 years". Refusal for a range: it may have several levels."""
    low, *others = (_YEARS.fullmatch(end) for end in _RANGE.split(" ".join(text.split())))
    if low and others and all(others):
        reason = f"a range may have several levels. Give one number, such as {low[1]}"
        raise invalid("years", reason, (low[1],))
    return low[1] if low and not others else text


def _expectation(schema: Schema) -> str:
    """Describe the valid values of a JSON schema."""
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    if schema["type"] == "boolean":
        return "true or false"
    kind = "a whole number" if schema["type"] == "integer" else "a number"
    return f"{kind} from {schema['minimum']} to {schema['maximum']:,}"


def invalid(name: str, reason: str, suggestions: tuple[str, ...] = ()) -> Refusal:
    """Build the refusal of a value; `reason` completes "Invalid NAME: "."""
    return Refusal.of("invalid-value", f"Invalid {name}: {reason}.", name, suggestions)


# What `check_text` accepts, for documents: not blank, and no control characters.
_NO_CONTROL = r"[^\u0000-\u001f\u007f-\u009f]*"
TEXT_PATTERN = rf"^{_NO_CONTROL}[^\s\u0000-\u001f\u007f-\u009f]{_NO_CONTROL}$"


def check_text(name: str, value: str, most: int = MAX_LENGTH) -> None:
    """Refuse a value that is empty, too long or not text, before it is parsed."""
    if not value.strip():
        raise invalid(name, "it is empty. Remove the parameter instead")
    if len(value) > most:
        raise invalid(name, f"it has {len(value):,} characters; the limit is {most:,}")
    # A byte that is not UTF-8 is a lone surrogate here (Cs). Other unprintable characters, such as
    # special spaces pasted from a page, are valid text.
    if not value.isprintable() and any(unicodedata.category(one) in ("Cc", "Cs") for one in value):
        raise invalid(
            name, "it has a control character, such as a line break, or a byte that is not UTF-8"
        )


def printable(text: str) -> str:
    """Make text from outside safe to show: shorten it, and replace unprintable characters."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
