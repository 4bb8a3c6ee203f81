"""How well pay is predicted: what `paycite backtest` measured, for the next build to serve."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from paycite.model.figure import Count, Source

Method = Literal["pooling", "published"]
Share = Annotated[float, Meta(ge=0, le=1)]


class Score(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far what a source says lies from observations that it was not made of.

    `pooling`: its own observations, each predicted by those of other employers. `published`: its
    figures, against the observations of another source.
    """

    source_id: Annotated[str, Meta(description="Whose pay was scored.")]
    method: Method
    tested_on: Annotated[str, Meta(description="The source of the observations.")]
    geography: Annotated[str | None, Meta(description="Null: over all places.")]
    n: Annotated[Count, Meta(description="Observations.")]
    employers: Annotated[int, Meta(ge=0, description="Known ones, each once.")]
    bias: Annotated[float, Meta(description="The median of middle / observed - 1.")]
    median_absolute_error: Annotated[
        float, Meta(ge=0, description="The median of |middle / observed - 1|.")
    ]
    coverage_p25_p75: Annotated[
        Share, Meta(description="Observed from P25 to P75; of `published`, from min to max.")
    ]
    coverage_p10_p90: Annotated[Share | None, Meta(description="Observed from P10 to P90.")]
    pinball_ratio: Annotated[
        float | None, Meta(description="Pinball loss over that of LightGBM; null if not measured.")
    ]
    folds: Annotated[
        int | None, Meta(description="Parts of the employers, each predicted by the others.")
    ]


class Scores(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands beside a Parquet file of observations, as JSON."""

    sha256: Annotated[str, Meta(description="Of the Parquet file that was scored.")]
    scores: tuple[Score, ...]


class ScoredSource(Source, frozen=True, kw_only=True):
    """A source, and what back-tests found of it."""

    scores: tuple[Score, ...]
