"""Results of pooled observations: central pay, factors, and the spread around them."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from paycite.model.figure import Citation, Component, Count
from paycite.model.observation import ObservationKind

Part = Literal["base", "metro", "role-metro"]
# Below so many employers a part of a source is not shown; where they are not named, below so many
# observations. The habit of pay surveys; the former safety zone of the U.S. antitrust agencies for
# exchanges of wage data (1996, withdrawn in 2023) asked for five.
FEWEST_EMPLOYERS = 5
FEWEST_ROWS = 30
# Groups with fewer employers use the percentiles of a broader group: of ten, one lies beyond P90.
FEWEST_FOR_SPREAD = 10
# All computer occupations: their official pay gives the prior for differences between places.
PRIOR_OCCUPATION = "15-0000"


class Pool(Struct, frozen=True, kw_only=True):
    """A source of observations."""

    source_id: str
    kind: ObservationKind
    component: Component
    as_of: str | None
    middle: Annotated[str | None, Meta(description="The median month of its observations.")]
    note: str
    n: Annotated[int, Meta(ge=0, description="Observations of roles.")]
    employers: Annotated[int, Meta(ge=0, description="Employers that are named.")]
    variance: Annotated[float, Meta(description="Of log pay within a cell, between employers.")]
    metro_k: float
    role_metro_k: float


class _Stated(Struct, frozen=True, kw_only=True):
    id: str
    source_id: str
    role: str | None
    n: Count | None
    employers: Count | None
    subject: str
    locator: str

    def _cited(self, figure_id: str, subject: str, as_published: str) -> Citation:
        return Citation(
            figure_id=figure_id,
            source_id=self.source_id,
            subject=subject,
            locator=self.locator,
            as_published=as_published,
        )


class PoolFactor(_Stated, frozen=True, kw_only=True):
    """Central pay in U.S. dollars a year (`base`), or a factor; `amount` is null if it rests on too
    few employers."""

    part: Part
    level: str | None
    geography: str | None
    amount: float | None
    effective_employers: float

    def citation(self) -> Citation:
        assert self.amount is not None  # what is not shown has no figure
        printed = f"{self.amount:.0f}" if self.part == "base" else f"{self.amount:.4f}"
        return self._cited(self.id, self.subject, printed)


class PoolSpread(_Stated, frozen=True, kw_only=True):
    """Percentiles over the pooled middle, of each stated level or of all levels together."""

    levels: Literal["stated", "all"]
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float

    def citations(self) -> tuple[Citation, ...]:
        """The citations of P25 to P75, of the median, and of P10 to P90, in this order."""
        return (
            self._measure("p25-p75", "25th to 75th percentile", self.p25, self.p75),
            self._measure("p50", "median", self.p50, self.p50),
            self._measure("p10-p90", "10th to 90th percentile", self.p10, self.p90),
        )

    def _measure(self, name: str, called: str, low: float, high: float) -> Citation:
        printed = f"{low:.4f}" if low == high else f"{low:.4f} to {high:.4f}"
        return self._cited(f"{self.id}-{name}", f"{self.subject}, {called}", printed)
