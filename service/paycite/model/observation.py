"""Observed pay: one job, offer, placement or filing. Input to a build, never in a dataset."""

import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from paycite.model.figure import AsOf, Component, Count, Source
from paycite.model.vocabulary import SocCode

ObservationKind = Literal["advertised", "filed", "placement", "offer", "survey"]


class Observation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pay of a role, or of an occupation without a role, in U.S. dollars a year.

    A single amount has `low` equal to `high`; a range counts as its geometric midpoint.
    """

    id: Annotated[str, Meta(min_length=1, description="Unique within its source.")]
    role: str | None
    occupation: SocCode | None
    level: Annotated[str | None, Meta(description="Null if the source gives none.")]
    geography: Annotated[
        str, Meta(description="A metro id; the nation if the source gives no place.")
    ]
    title: Annotated[str | None, Meta(description="As in the source.")]
    place: Annotated[str | None, Meta(description="As in the source.")]
    employer: Annotated[str | None, Meta(description="As in the source; null if unknown.")]
    low: Annotated[float, Meta(gt=0)]
    high: Annotated[float, Meta(gt=0)]
    component: Component
    kind: ObservationKind
    date: datetime.date | None

    def __post_init__(self) -> None:
        if self.role is None and self.occupation is None:
            raise ValueError("an observation needs a role or an occupation")
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")


class RowFault(Struct, frozen=True, kw_only=True):
    """Why a row is rejected. Rows with the same kind of fault share the same `reason`."""

    reason: str
    value: Annotated[str, Meta(description="The rejected value.")]
    suggestions: Annotated[
        tuple[str, ...], Meta(description="Values that may be meant instead.")
    ] = ()


class RefusedRow(RowFault, frozen=True, kw_only=True):
    """A rejected row, with its first fault."""

    place: Annotated[str, Meta(description="The file, and the line, row or object in it.")]
    others: Annotated[tuple[RowFault, ...], Meta(description="Its other faults.")] = ()
    cells: Annotated[
        dict[str, str] | None,
        Meta(description="The row as in its file, if it is reported in the layout of the file."),
    ] = None

    @property
    def faults(self) -> tuple[RowFault, ...]:
        return (self, *self.others)


class Observed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source of observations: the JSON file next to its Parquet file."""

    source: Source
    kind: ObservationKind
    component: Component
    as_of: Annotated[AsOf | None, Meta(description="The newest date among its observations.")]
    middle: Annotated[AsOf | None, Meta(description="The median month of its observations.")] = None
    rows: Count
    employers: Annotated[int, Meta(ge=0, description="Distinct known employers.")]
    note: Annotated[
        str, Meta(min_length=1, description="What kind of pay it is, and how it was interpreted.")
    ]
    sha256: Annotated[
        str, Meta(pattern=r"^[0-9a-f]{64}$", description="Checksum of the Parquet file.")
    ]
