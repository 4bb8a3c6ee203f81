"""Back-test results from `paycite backtest`, which the next build includes."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from paycite.model.figure import Count, Source

Method = Literal["pooling", "published"]
Share = Annotated[float, Meta(ge=0, le=1)]


class Score(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The error of a source on observations that it was not fitted to.

    `pooling`: its own observations, each predicted from those of other employers. `published`: its
    figures, compared to the observations of another source.
    """

    source_id: Annotated[str, Meta(description="The scored source.")]
    method: Method
    tested_on: Annotated[str, Meta(description="The source of the observations.")]
    geography: Annotated[str | None, Meta(description="Null: all places.")]
    n: Annotated[Count, Meta(description="Observations.")]
    employers: Annotated[int, Meta(ge=0, description="Distinct known employers.")]
    bias: Annotated[float, Meta(description="Median of predicted / observed - 1.")]
    median_absolute_error: Annotated[
        float, Meta(ge=0, description="Median of |predicted / observed - 1|.")
    ]
    coverage_p25_p75: Annotated[
        Share,
        Meta(description="Share of observations from P25 to P75; for `published`, min to max."),
    ]
    coverage_p10_p90: Annotated[
        Share | None, Meta(description="Share of observations from P10 to P90.")
    ]
    pinball_ratio: Annotated[
        float | None, Meta(description="Pinball loss relative to LightGBM; null if not measured.")
    ]
    folds: Annotated[
        int | None, Meta(description="Folds of employers, each predicted from the others.")
    ]


class Scores(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The JSON file of scores next to a Parquet file of observations."""

    sha256: Annotated[str, Meta(description="Of the Parquet file that was scored.")]
    scores: tuple[Score, ...]


class ScoredSource(Source, frozen=True, kw_only=True):
    """A source with its back-test scores."""

    scores: tuple[Score, ...]
