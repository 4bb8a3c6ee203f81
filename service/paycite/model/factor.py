"""Level factors and role factors, which Paycite derives from several sources."""

from typing import Annotated

from msgspec import Meta, Struct

from paycite.model.figure import Figure
from paycite.model.vocabulary import NATION

# With fewer employers or advertised ranges, a role gets no factor of its own.
FEWEST_FOR_FACTOR = 5
FEWEST_RANGES = 30
# With fewer filings a role has no role factor: its occupations are only a proxy.
FEWEST_FILINGS = 30
SHRINKAGE_K = 50
"""Shrinkage constant, in employers."""

ABOVE_SENIOR = ("staff", "principal")
"""Levels whose pay is senior pay times one constant, `staff-over-senior`."""

FACTORS = "paycite-factors"
"""The source that publishes factors, and the constants of the estimator."""

_Ratio = Annotated[float, Meta(gt=0, lt=10)]
_Counted = Annotated[int, Meta(ge=0)]


class _Factor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    source_id: str
    computed_from: Annotated[tuple[str, ...], Meta(min_length=1, description="Source ids.")]
    locator: str
    note: str
    filings: Annotated[_Counted, Meta(description="Filings of the role and level.")]
    employers: Annotated[_Counted, Meta(description="Employers that filed them.")]
    role: str | None
    factor: _Ratio
    subject: str

    def _figure(self, level: str | None, n: int) -> Figure:
        return Figure(
            id=self.id,
            source_id=self.source_id,
            topic="pooled-factor",
            kind="derived",
            subject=self.subject,
            role=self.role,
            level=level,
            geography=NATION,
            low=self.factor,
            high=self.factor,
            bound="exact",
            unit="ratio",
            currency=None,
            period=None,
            component=None,
            as_of=None,
            baseline=None,
            n=n or None,
            as_published=f"{self.factor:.4f}",
            locator=self.locator,
            note=self.note,
        )


class LevelFactor(_Factor, frozen=True, kw_only=True):
    """Pay at a level over pay at all levels, for a role or (null) for all roles."""

    level: str
    over_senior: Annotated[_Ratio, Meta(description="Pay at the level over senior pay.")]
    ranges: Annotated[_Counted, Meta(description="Advertised ranges of the role and level.")]

    def figure(self) -> Figure:
        """The factor as a figure with its citation."""
        return self._figure(self.level, self.filings + self.ranges)


class RoleFactor(_Factor, frozen=True, kw_only=True):
    """Pay for a role over pay in its occupations, in the same filings and places."""

    role: str
    measured: Annotated[_Ratio, Meta(description="Before it was shrunk toward 1.")]

    def figure(self) -> Figure:
        """The factor as a figure with its citation."""
        return self._figure(None, self.filings)
