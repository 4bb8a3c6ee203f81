"""Each source's estimate for a role and place, level by level, as computed by the build."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from paycite.model.distribution import Percentile
from paycite.model.figure import Count

VoiceKind = Literal["distribution", "official", "pool", "band"]
Basis = Literal["released", "state", "nation"]
Label = Literal["high", "medium", "low"]


class SourceWeight(Struct, frozen=True, kw_only=True, cache_hash=True):
    """The weight of a source for a role, the same at every level and place."""

    source_id: str
    role: str
    kind: VoiceKind
    is_proxy: bool
    alone: float
    weight: float


class RegionShare(Struct, frozen=True, kw_only=True):
    """The share of a metro in its region."""

    role: str
    region: str
    metro: str
    share: float


class Voice(Struct, frozen=True, kw_only=True, array_like=True):
    """A source's estimate for a level and place, and how it was adjusted to them. In a region, the
    adjustments are null, because the estimate is the mean of the metros."""

    level: str | None
    source_id: str
    priced_level: str | None
    priced_metro: str
    level_factor: float | None
    power: float | None
    level_weight: float | None
    is_ordered: bool | None
    p10: int | None
    p25: int
    p50: int
    p75: int
    p90: int | None
    capped: tuple[Percentile, ...]


class GridRow(Struct, frozen=True, kw_only=True, array_like=True):
    """The estimate of a level in a place."""

    level: str | None
    p10: int | None
    p25: int
    p50: int
    p75: int
    p90: int | None
    confidence: Label
    capped: tuple[Percentile, ...]


class OccupationPart(Struct, frozen=True, kw_only=True, array_like=True):
    """How the official pay of an occupation in a place was derived."""

    occupation: str
    basis: Basis
    factor: float


class Cell(Struct, frozen=True):
    """A role in a place: each source's estimate by level, and the combined estimate by level."""

    voices: dict[tuple[str, str | None], Voice]
    estimates: dict[str | None, GridRow]
    occupations: dict[str, OccupationPart]


class CellRows(Struct, frozen=True, array_like=True):
    """A cell as the dataset stores it."""

    voices: tuple[Voice, ...]
    estimates: tuple[GridRow, ...]
    occupations: tuple[OccupationPart, ...]


class LabelError(Struct, frozen=True, kw_only=True):
    """The error of estimates with one confidence label, on observed pay."""

    id: str
    tested_on: Annotated[str, Meta(description="The pay data; not used in the estimates.")]
    label: Label
    weighting: Annotated[
        Literal["row", "employer"],
        Meta(description="row: each observation counts once; employer: each employer counts once."),
    ]
    n: Annotated[Count, Meta(description="Observations.")]
    employers: Count
    median_absolute_error: Annotated[
        float, Meta(ge=0, le=1, description="Median of |median of the estimate / observed - 1|.")
    ]
