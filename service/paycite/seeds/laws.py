"""Pay-transparency laws: one row per law, with its source."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from paycite.model.law import MEANINGS, PayLaw
from paycite.model.vocabulary import Metro, states_of
from paycite.seeds.files import Row, csv_rows


def law_rows(file: Path, metros: Mapping[str, Metro]) -> Iterator[Row]:
    """Requirements are separated by `;`. The law of a city or county names its metro."""
    states = {metro.state for metro in metros.values() if metro.kind == "state"}
    for row in csv_rows(file, PayLaw.__struct_fields__):
        state, metro = row.values["state"], row.values["metro"]
        if state not in states:
            raise row.refuse(f"unknown `state` {state!r}")
        if metro is not None and (metro not in metros or state not in states_of(metros[metro])):
            raise row.refuse(f"`metro` {metro!r} is not a metro of {state}")
        required = (row.values["requires"] or "").split(";")
        for item in required:
            if item not in MEANINGS:
                raise row.refuse(f"`requires` {item!r} is not one of {', '.join(MEANINGS)}")
        row.values["requires"] = required
        yield row
