"""Results of pooling observations: central pay, factors, and spreads."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from paycite.model.figure import Citation, Component, Count
from paycite.model.observation import ObservationKind

FactorPart = Literal["base", "metro", "role-metro"]
# Minimum number of employers to publish a statistic, or of observations if employers are not named.
# Customary in pay surveys: the former antitrust safety zone of the U.S. agencies for exchanges of
# wage data (1996, withdrawn in 2023) required five.
FEWEST_EMPLOYERS = 5
FEWEST_ROWS = 30
# Of a private source: different amounts of pay in a statistic, and employers that must have changed
# before a published one is replaced. Then the difference between two releases reveals little about
# any one of the five.
FEWEST_AMOUNTS = 5
FEWEST_CHANGES = 5
# Groups with fewer employers use the spread of a broader group: with ten, one lies beyond P90.
FEWEST_FOR_SPREAD = 10
# All computer occupations: their official local-to-national ratio is the prior for a place.
PRIOR_OCCUPATION = "15-0000"


class Thresholds(Struct, frozen=True, kw_only=True):
    """When a statistic of a private source is published. By default those of the same safety zone:
    five employers, none with more than a quarter, pay at least three months old."""

    employers: int = FEWEST_EMPLOYERS
    largest_share: float = 0.25
    months: int = 3

    @property
    def unnamed_rows(self) -> int:
        """Rows that count as much as `employers` where employers are not named."""
        return self.employers * FEWEST_ROWS // FEWEST_EMPLOYERS

    @property
    def employers_for_spread(self) -> int:
        return self.employers * FEWEST_FOR_SPREAD // FEWEST_EMPLOYERS


def count_band(number: int) -> int:
    """The lower end of the band in which a count of a private source is published: 5 to 9, 10 to
    19, 20 to 49, 50 to 99, 100 to 199, and so on; 0 under 5."""
    ends = (step * 10**power for power in range(len(str(number))) for step in (1, 2, 5))
    return max((end for end in ends if 5 <= end <= number), default=0)


class Pool(Struct, frozen=True, kw_only=True):
    """A source of observations."""

    source_id: str
    kind: ObservationKind
    component: Component
    as_of: str | None
    middle: Annotated[str | None, Meta(description="The median month of its observations.")]
    note: str
    n: Annotated[int, Meta(ge=0, description="Observations with a role.")]
    employers: Annotated[int, Meta(ge=0, description="Distinct named employers.")]


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
    """Central pay in U.S. dollars a year (`base`), or a factor. `amount` is null if there are too
    few employers to publish it."""

    part: FactorPart
    level: str | None
    geography: str | None
    amount: float | None

    def citation(self) -> Citation:
        assert self.amount is not None  # suppressed amounts have no figure
        printed = f"{self.amount:.0f}" if self.part == "base" else f"{self.amount:.4f}"
        return self._cited(self.id, self.subject, printed)


class PoolSpread(_Stated, frozen=True, kw_only=True, cache_hash=True):
    """Percentiles over pooled central pay, for each stated level or for all levels together."""

    levels: Literal["stated", "all"]
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float

    def citations(self) -> tuple[Citation, ...]:
        """Cite P25 to P75, the median, and P10 to P90, in this order."""
        return (
            self._measure("p25-p75", "25th to 75th percentile", self.p25, self.p75),
            self._measure("p50", "median", self.p50, self.p50),
            self._measure("p10-p90", "10th to 90th percentile", self.p10, self.p90),
        )

    def _measure(self, name: str, called: str, low: float, high: float) -> Citation:
        printed = f"{low:.4f}" if low == high else f"{low:.4f} to {high:.4f}"
        return self._cited(f"{self.id}-{name}", f"{self.subject}, {called}", printed)
