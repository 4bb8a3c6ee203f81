"""The faults of a request in the words of forms: the API calls a parameter `metro`, its field is
"Place"."""

import re

from markupsafe import Markup

from paycite.model.problem import PROBLEM_TYPES, Fault, Problem
from paycite.present.html.records import Asked, Text, join_parts, link_lists

# The label of each parameter that forms share.
LABELS = {
    "role": "Role",
    "level": "Level",
    "metro": "Place",
    "years": "Years of experience",
    "offer": "Offer",
    "range": "Your pay range",
    "period": "Pay period",
    "source": "Only this source",
    "dataset": "Dataset",
    "age": "Aged to the present",
    "strict": "Exact scope only",
    "limit": "Rows",
}
_ENTERED = {"role": "a job title", "range": "your pay range"}
_NAMES = "|".join(LABELS)
_QUOTED = re.compile(r"""((?<!\w)'(?:[^'\\]|\\.)*'(?!\w)|(?<!\w)"(?:[^"\\]|\\.)*"(?!\w))""")
_REFERENCE = re.compile(
    rf"(?:the )?`(?P<field>{_NAMES})`(?: parameter)?|\b(?P<set>{_NAMES})=(?P<value>[^\s.,:;]+)"
)
_INVALID = re.compile(rf"^Invalid ({_NAMES}):")
_METRO = re.compile(r"^(Unknown|Ambiguous) metro\b")
_MEANINGS = re.compile(r"may mean .*\. Use one of these ids")
_NOTHING_HERE = Markup(
    'Nothing is here. See <a href="/">the form</a>, or <a href="/docs">the API</a>.'
)


def describe_title(problem: Problem) -> str:
    if problem.type == "/problems/missing-parameter":
        return "Something is missing"
    return _describe(problem.title, "")


def describe_fault(fault: Fault, asked: Asked) -> str:
    """The detail of a fault for a page, which lists its suggestions itself."""
    name = fault.parameter or ""
    if fault.detail == PROBLEM_TYPES["not-found"].help:
        return _NOTHING_HERE
    if name in LABELS and fault.detail == f"Missing parameter {name!r}.":
        return f"Enter {_ENTERED.get(name, f'“{LABELS[name]}”')}."
    detail = fault.detail.partition(" Did you mean ")[0] if fault.suggestions else fault.detail
    parts: Text = ()
    for place, part in enumerate(_QUOTED.split(detail)):  # every second one is quoted
        parts += (part,) if place % 2 else link_lists(_describe(part, name))
    return join_parts(asked, "", parts)


def _describe(text: str, name: str) -> str:
    text = _METRO.sub(r"\1 place", text)
    text = _INVALID.sub(lambda found: f"Invalid “{LABELS[found[1]]}”:", text)
    if name in LABELS:
        text = _MEANINGS.sub(f"may mean several {LABELS[name].lower()}s. Choose one", text)
    return _REFERENCE.sub(_write_reference, text)


def _write_reference(found: re.Match[str]) -> str:
    if found["field"]:
        return f"“{LABELS[found['field']]}”"
    return f"“{LABELS[found['set']]}: {found['value']}”"
