"""Published pay distributions: percentiles, and the employment they cover."""

from collections.abc import Iterator
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from paycite.model.figure import AsOf, Citation, Component, Count, Figure, Kind, Topic, Unit
from paycite.model.vocabulary import SocCode

Percentile = Literal["p10", "p25", "p50", "p75", "p90"]
Measure = Literal[Percentile, "employment", "employment_rse", "mean_rse", "location_quotient"]
PERCENTILES: tuple[Percentile, ...] = get_args(Percentile)
PROBABILITIES: dict[Percentile, float] = {name: int(name[1:]) / 100 for name in PERCENTILES}


class _Kind(Struct, frozen=True):
    """A measure: the last two digits of its BLS series id (`oe.datatype`), its topic, unit and
    name."""

    datatype: str
    topic: Topic
    unit: Unit
    called: str


MEASURES: dict[Measure, _Kind] = {
    "p10": _Kind("11", "percentile", "usd", "annual pay, 10th percentile"),
    "p25": _Kind("12", "percentile", "usd", "annual pay, 25th percentile"),
    "p50": _Kind("13", "percentile", "usd", "annual pay, median"),
    "p75": _Kind("14", "percentile", "usd", "annual pay, 75th percentile"),
    "p90": _Kind("15", "percentile", "usd", "annual pay, 90th percentile"),
    "employment": _Kind("01", "employment", "count", "employment"),
    "employment_rse": _Kind(
        "02", "standard-error", "percent", "relative standard error of employment"
    ),
    "mean_rse": _Kind(
        "05", "standard-error", "percent", "relative standard error of the mean wage"
    ),
    "location_quotient": _Kind("17", "location-quotient", "ratio", "location quotient"),
}


class Distribution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    """The percentiles of annual pay of an occupation or a role in one place, in U.S. dollars.

    A measure is null if the source has none. A percentile in `capped` is that much or more. A
    measure in `withheld` exists but was not released.
    """

    id: str
    source_id: str
    kind: Kind
    subject: Annotated[str, Meta(description="What it measures, as text.")]
    occupation: SocCode | None
    role: str | None
    level: str | None
    and_above: bool
    geography: str
    component: Component
    as_of: AsOf
    middle: Annotated[
        AsOf | None,
        Meta(description="The month in the middle of what it covers, if not of `as_of`."),
    ] = None
    n: Annotated[Count | None, Meta(description="Number of observations; never employment.")]
    p10: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p90: float | None
    employment: float | None
    employment_rse: Annotated[float | None, Meta(description="Percent, of employment.")]
    mean_rse: Annotated[float | None, Meta(description="Percent, of the mean wage.")]
    location_quotient: float | None
    capped: tuple[Percentile, ...]
    withheld: tuple[Measure, ...]
    series: Annotated[
        str | None, Meta(description="Prefix of its BLS series ids; null for other sources.")
    ]
    locator: Annotated[
        str, Meta(description="Where in the source it appears, or how it was computed.")
    ]
    note: str | None

    def __post_init__(self) -> None:
        if (self.occupation is None) == (self.role is None):
            raise ValueError("a distribution needs an occupation or a role, and not both")
        known = [getattr(self, name) for name in PERCENTILES if name not in self.capped]
        known = [value for value in known if value is not None]
        if known != sorted(known) or (known and known[0] <= 0):
            raise ValueError(f"percentiles must be above 0 and must not decrease: {known}")
        if any(getattr(self, name) is None for name in self.capped):
            raise ValueError("a percentile in `capped` needs a value")
        if any(getattr(self, name) is not None for name in self.withheld):
            raise ValueError("a measure in `withheld` has no value")

    def citation(self, measure: Measure) -> Citation | None:
        """Where the measure comes from; None if the source has none."""
        value = getattr(self, measure)
        if value is None and measure not in self.withheld:
            return None
        kind = MEASURES[measure]
        series = f"{self.series}{kind.datatype}" if self.series else None
        return Citation(
            figure_id=f"{self.source_id}:{series}" if series else f"{self.id}-{measure}",
            source_id=self.source_id,
            subject=f"{self.subject}: {kind.called}",
            locator=f"series {series}" if series else f"{self.locator}; {kind.called}",
            as_published=_as_published(value, measure in self.capped),
        )

    def citations(self) -> Iterator[Citation]:
        """A citation for each measure of the source."""
        return filter(None, map(self.citation, MEASURES))

    def figure(self, measure: Measure) -> Figure | None:
        """The measure as a figure with its citation; None if the source has none."""
        cited, value, kind = self.citation(measure), getattr(self, measure), MEASURES[measure]
        if cited is None:
            return None
        is_withheld, is_capped = measure in self.withheld, measure in self.capped
        is_pay = kind.unit == "usd" and not is_withheld
        return Figure(
            id=cited.figure_id,
            source_id=self.source_id,
            topic=kind.topic,
            kind=self.kind,
            subject=cited.subject,
            occupation=self.occupation,
            role=self.role,
            level=self.level,
            and_above=self.and_above,
            geography=self.geography,
            low=value,
            high=None if is_capped else value,
            bound="over" if is_capped else "exact",
            unit="unquantified" if is_withheld else kind.unit,
            currency="USD" if is_pay else None,
            period="year" if is_pay else None,
            component=self.component if is_pay else None,
            as_of=self.as_of,
            baseline=None,
            n=self.n,
            as_published=cited.as_published,
            locator=cited.locator,
            note=self.note,
        )

    def figures(self) -> Iterator[Figure]:
        """A figure for each measure of the source."""
        return filter(None, map(self.figure, MEASURES))


def _as_published(value: float | None, is_capped: bool) -> str:
    if value is None:
        return "not released"
    printed = str(int(value) if value.is_integer() else value)
    return f"{printed} or more" if is_capped else printed
