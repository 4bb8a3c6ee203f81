"""Write TOML: only tables of strings, numbers, booleans, lists and inline tables."""

import datetime
import json
from collections.abc import Mapping

from paycite.model.figure import Source


def write_tables(tables: Mapping[str, Mapping[str, object]]) -> str:
    """Write tables, in order, separated by blank lines."""
    return "\n".join(
        "".join([f"[{name}]\n", *(f"{key} = {_value(value)}\n" for key, value in table.items())])
        for name, table in tables.items()
    )


def source_table(source: Source) -> dict[str, object]:
    """The table [source], as the seeds have it; the id is the name of the file."""
    published = source.published
    date = {"date": published.date} if published.date else {}
    fields = {
        name: getattr(source, name)
        for name in ("publisher", "originators", "title", "series", "citation", "license", "url")
    }
    stated: dict[str, object] = {
        **fields,
        "published": date | {"precision": published.precision},
        "sha256": source.sha256,
    }
    return {name: value for name, value in stated.items() if value is not None}


def _value(value: object) -> str:
    match value:
        case datetime.date():
            return value.isoformat()
        case Mapping():
            inner = ", ".join(f"{key} = {_value(one)}" for key, one in value.items())
            return f"{{ {inner} }}"
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)  # the same for what is used here
