"""Answers in which every text is an attack, for the formats that carry them."""

import re
from typing import Any

import msgspec
from msgspec.inspect import StrType, StructType, Type, UnionType, VarTupleType, type_info
from msgspec.structs import replace

from paycite.model.answer import Answer, Interval, Requested
from paycite.model.comparison import Outcome, Refused
from paycite.model.problem import Fault, Refusal
from paycite.model.snapshot import Snapshot
from support.questions import ask

# What a spreadsheet might run, or a page; and what a reader of CSV or JSON might stumble over.
FORMULAS = (
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "+1",
    "-1",
    '=HYPERLINK("http://127.0.0.1","x")',
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\N{ZERO WIDTH SPACE}=1+1",
    "\N{FULLWIDTH EQUALS SIGN}1+1",
    "\N{FULLWIDTH PLUS SIGN}1",
    "a;=1+1;",
    "a\n=1+1",
    'a","=1+1","',
    '"=1+1"',
    "'=1+1",
)
MARKUP = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "&lt;",
    '","@type":"JobPosting","a":"',
    "\\u003c",
    "\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}",
)
HARMLESS = ('"quoted", and with a comma', "two\nlines", "\N{DUCK} crème brûlée", "a | b")
# What would end an attribute or an element of a page, and what a template would run.
BREAKING_OUT = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</textarea></title><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
)
PAYLOADS = (*FORMULAS, *MARKUP, *HARMLESS)


def hostile(payload: str, snapshot: Snapshot) -> list[Outcome]:
    """An answer of several chains, with a fallback and an offer, and a refusal: with the payload
    in every text in them that is not one of a closed list."""
    answer = ask(snapshot, "mlops", "staff", "guam", offer=Interval(min=150_000, max=180_000))
    asked = dict.fromkeys(Requested.__struct_fields__, "x")
    requested = msgspec.convert(asked | {"source": ["x"]}, Requested)
    fault = Fault(type="unknown-role", parameter="role", detail="No.", suggestions=("mlops",))
    problem = Refusal([fault]).problem("/salary")

    return [
        _changed(replace(answer, requested=requested), type_info(Answer), payload),
        _changed(Refused(requested=requested, problem=problem), type_info(Refused), payload),
    ]


def _changed(value: Any, type_: Type, payload: str) -> Any:
    if isinstance(type_, msgspec.inspect.Metadata):
        return _changed(value, type_.type, payload)
    if isinstance(type_, UnionType) and value is not None:
        (inner,) = [one for one in type_.types if not isinstance(one, msgspec.inspect.NoneType)]
        return _changed(value, inner, payload)
    if isinstance(type_, StructType):
        kept = {"sha256", "type"}  # checked by hand, where they are built
        return type(value)(
            **{
                field.name: getattr(value, field.name)
                if field.name in kept
                else _changed(getattr(value, field.name), field.type, payload)
                for field in type_.fields
            }
        )
    if isinstance(type_, VarTupleType):
        return tuple(_changed(one, type_.item_type, payload) for one in value)
    if isinstance(type_, StrType) and value is not None:
        changed = (payload + value, value + payload, value)
        return next(text for text in changed if re.search(type_.pattern or "", text))
    return value
