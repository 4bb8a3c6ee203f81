"""What changed between two datasets."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

CauseKind = Literal["added", "removed", "replaced", "revised", "reweighted"]


class MedianAndRange(Struct, frozen=True, kw_only=True):
    p25: int
    p50: int
    p75: int


class Cause(Struct, frozen=True, kw_only=True):
    """How a source moved a median."""

    kind: Annotated[
        CauseKind,
        Meta(
            description="added, removed: only one dataset has the source; replaced: by a newer "
            "release; revised: it has other figures; reweighted: it has another weight."
        ),
    ]
    source_id: str
    replaced_id: Annotated[str | None, Meta(description="The earlier release.")]
    weight_before: float | None
    weight_after: float | None
    p50_before: Annotated[int | None, Meta(description="The median of this source alone.")]
    p50_after: int | None
    factor: Annotated[
        float, Meta(description="What it multiplies the median by; all factors give the change.")
    ]


class Change(Struct, frozen=True, kw_only=True):
    """An estimate that is not the same in both datasets, in U.S. dollars of base pay a year."""

    id: str
    role: str
    role_title: str
    level: Annotated[str | None, Meta(description="Null: all levels.")]
    metro: str
    metro_name: str
    before: Annotated[MedianAndRange | None, Meta(description="Null if it is new.")]
    after: Annotated[MedianAndRange | None, Meta(description="Null if it is gone.")]
    change: Annotated[float | None, Meta(description="The change of the median; 0.05 is 5% more.")]
    causes: Annotated[tuple[Cause, ...], Meta(description="The largest effect first.")]


class SourceChange(Struct, frozen=True, kw_only=True):
    """A source that moved estimates, or that only one dataset has."""

    kind: CauseKind
    source_id: str
    replaced_id: str | None
    estimates: Annotated[int, Meta(description="The estimates that it moved.")]
    factor: Annotated[
        float | None, Meta(description="The median of its factors; null if it moved none.")
    ]


class ChangeSummary(Struct, frozen=True, kw_only=True):
    estimates: Annotated[int, Meta(description="Estimates in the later dataset.")]
    moved: int
    added: int
    removed: int
    median_change: Annotated[
        float | None, Meta(description="Of those that moved; 0.05 is 5% more.")
    ]
    sources: tuple[SourceChange, ...]
