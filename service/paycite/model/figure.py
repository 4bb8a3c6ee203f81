"""Sources, the figures they publish, and their rules about figures."""

import datetime
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

Currency = Literal["USD"]
Kind = Literal["published", "derived", "assumed"]
Component = Literal["base", "total_cash", "total_comp"]
COMPONENTS: dict[Component, str] = {
    "base": "base pay",
    "total_cash": "total cash",
    "total_comp": "total compensation",
}
Bound = Literal["exact", "about", "over", "under", "up-to", "projected"]
Period = Literal["year", "month", "week", "day", "hour", "deliverable", "project"]
Unit = Literal[
    "usd",
    "percent",
    "ratio",
    "count",
    "months",
    "weeks",
    "days",
    "hours",
    "seconds",
    "unquantified",
]
PayTopic = Literal[
    "band",
    "open-band",
    "offers",
    "percentile",
    "pooled-pay",
    "placement",
    "entrant-pay",
    "term-spread",
    "pay-claim",
    "rate",
]
Topic = Literal[
    PayTopic,
    "uplift",
    "premium",
    "growth",
    "share",
    "count",
    "employment",
    "standard-error",
    "location-quotient",
    "pooled-factor",
    "layoffs",
    "cost",
    "effort",
    "working-year",
    "wage-growth",
    "statement",
    "method",
]
Count = Annotated[int, Meta(gt=0)]
# A year, or a half, quarter, month or day of one.
AsOf = Annotated[
    str, Meta(pattern=r"^\d{4}(-H[12]|-Q[1-4]|-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")
]
PAY_TOPICS: frozenset[str] = frozenset(get_args(PayTopic))


class Published(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a source was published: `date` is the day, or the first day of the month or year."""

    date: datetime.date | None = None
    precision: Literal["day", "month", "year", "none"]

    def __post_init__(self) -> None:
        date, precision = self.date, self.precision
        if (date is None) != (precision == "none"):
            raise ValueError("a date needs a precision other than 'none', and vice versa")
        if date and (date.day, date.month) != {
            "day": (date.day, date.month),
            "month": (1, date.month),
        }.get(precision, (1, 1)):
            raise ValueError("the date is the first day of its month or year")

    @property
    def iso(self) -> str | None:
        """The date as precisely as it is known, such as "2026-05"; None if it is not."""
        digits = {"day": 10, "month": 7, "year": 4}
        return str(self.date)[: digits[self.precision]] if self.date else None


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One published release."""

    id: str
    publisher: Annotated[str, Meta(description="Who published the document.")]
    originators: Annotated[
        tuple[str, ...], Meta(description="Who first published the figures in the document.")
    ]
    title: str
    published: Published
    citation: Annotated[str, Meta(description="How to cite it.")]
    license: str
    url: Annotated[str, Meta(pattern=r"^https?://")] | None = None
    series: Annotated[
        Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")] | None,
        Meta(description="The series it belongs to; a newer release replaces earlier ones."),
    ] = None
    sha256: Annotated[str, Meta(description="Checksum of the original document.")]
    is_private: Annotated[
        bool, Meta(description="Of this installation alone, and not in the public dataset.")
    ] = False
    weight: Annotated[
        Annotated[float, Meta(gt=0, le=100)] | None,
        Meta(
            description="Its weight before scaling, declared by its owner; null: by its kind and "
            "its number of employers."
        ),
    ] = None

    def __post_init__(self) -> None:
        stated = (self.id, self.publisher, self.title, self.citation, self.license)
        if not all(stated) or not self.originators or not all(self.originators):
            raise ValueError(
                "a source needs an id, publisher, originators, title, citation and license"
            )
        if len(self.sha256) != 64 or not set(self.sha256) <= set("0123456789abcdef"):
            raise ValueError("`sha256` is not 64 hexadecimal digits")


class Citation(Struct, frozen=True, kw_only=True):
    """Where a number comes from: enough to find it in the source."""

    figure_id: str
    source_id: str
    subject: Annotated[str, Meta(description="What the figure measures, as text.")]
    locator: Annotated[str, Meta(description="Where in the source the figure appears.")]
    as_published: Annotated[str, Meta(description="The figure exactly as the source prints it.")]

    def __post_init__(self) -> None:
        # Without a loop: an answer has a hundred citations.
        of, where = self.figure_id.strip() and self.source_id.strip(), self.locator.strip()
        if not (of and where and self.subject.strip() and self.as_published.strip()):
            raise ValueError("a citation needs figure, source, subject, locator and quotation")

    def citation(self) -> "Citation":
        """Itself, without what a subclass adds to it, such as the amounts of a step."""
        if type(self) is Citation:
            return self
        return Citation(
            figure_id=self.figure_id,
            source_id=self.source_id,
            subject=self.subject,
            locator=self.locator,
            as_published=self.as_published,
        )


class Figure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number, or one low-high pair, that a source publishes.

    For a single number, `low` equals `high`. Bound "over" is open-ended: it has no `high`
    ("over x"), or an open-ended one ("x to y+"). "under x" and "up to x" have no `low`.
    """

    id: str
    source_id: str
    topic: Annotated[Topic, Meta(description="What kind of statement it is.")]
    kind: Kind
    subject: Annotated[str, Meta(description="What the figure measures, as text.")]
    occupation: Annotated[str | None, Meta(description="SOC code, for official statistics.")] = None
    role: str | None
    level: str | None
    and_above: Annotated[bool, Meta(description='Also covers every higher level ("Senior+").')] = (
        False
    )
    geography: Annotated[
        str, Meta(description="A metro id, `world`, or `unstated` if the source names no place.")
    ]
    low: float | None
    high: float | None
    bound: Bound
    unit: Unit
    currency: Currency | None
    period: Period | None
    component: Component | None
    as_of: Annotated[AsOf | None, Meta(description="The date it refers to, as the source says.")]
    baseline: Annotated[AsOf | None, Meta(description="The date that a change is measured from.")]
    n: Annotated[Count | None, Meta(description="Number of observations; never employment.")]
    as_published: Annotated[str, Meta(description="The figure exactly as the source prints it.")]
    locator: Annotated[str, Meta(description="Where in the source the figure appears.")]
    note: Annotated[
        str | None, Meta(description="How Paycite interprets it, if that needs explaining.")
    ]

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            value = getattr(self, name)
            if isinstance(value, float) and value.is_integer():
                force_setattr(self, name, int(value))
        self.citation()
        if fault := _fault_of_numbers(self) or _fault_of_unit(self):
            raise ValueError(fault)

    def citation(self) -> Citation:
        return Citation(
            figure_id=self.id,
            source_id=self.source_id,
            subject=self.subject,
            locator=self.locator,
            as_published=self.as_published,
        )


def _fault_of_numbers(figure: Figure) -> str | None:
    low, high = figure.low, figure.high
    if figure.unit == "unquantified":
        return None if low is high is None else "an unquantified figure has no low and no high"
    if low is None and high is None:
        return "a figure needs a low or a high"
    if low is not None and high is not None and low > high:
        return f"low {low} is above high {high}"
    if high is None and figure.bound != "over":
        return "a figure without a high needs bound 'over'"
    if low is None and figure.bound not in ("under", "up-to"):
        return "a figure without a low needs bound 'under' or 'up-to'"
    return None


def _fault_of_unit(figure: Figure) -> str | None:
    is_money, is_pay = figure.unit == "usd", figure.topic in PAY_TOPICS
    if figure.topic == "percentile" and figure.unit == "unquantified":
        is_pay = False  # it was not released
    if is_pay and not is_money:
        return f"topic '{figure.topic}' needs unit 'usd', not '{figure.unit}'"
    if figure.topic in ("uplift", "premium", "share") and figure.unit != "percent":
        return f"topic '{figure.topic}' needs unit 'percent', not '{figure.unit}'"
    if is_money != (figure.currency is not None) or is_money != (figure.period is not None):
        return "currency and period are required for unit 'usd', and not allowed otherwise"
    if is_pay != (figure.component is not None):
        return "a pay element (component) is required for pay, and not allowed otherwise"
    if (figure.topic == "working-year") and (figure.unit != "hours" or not figure.low):
        return "topic 'working-year' needs unit 'hours'"
    if figure.topic in ("band", "open-band") and (figure.role is None or figure.level is None):
        return f"topic '{figure.topic}' needs a role and a level"
    if figure.topic == "offers" and (figure.role is None or figure.level is not None):
        return "topic 'offers' covers all levels of a role: it needs a role, and no level"
    return None


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source's rule for its own figures: in some metros, multiply the figure by a factor."""

    id: str
    figure_id: str
    source_id: str
    topic: Annotated[
        Literal["band", "open-band", "offers"],
        Meta(description="The figures that the rule covers."),
    ]
    metros: Annotated[tuple[str, ...], Meta(description="The metros that the rule covers.")]
    min_factor: float
    max_factor: float
    note: Annotated[str, Meta(description="How Paycite interprets it.")]

    def __post_init__(self) -> None:
        if not self.note or not self.metros:
            raise ValueError("a rule needs metros and a note on its interpretation")
        if not 0 < self.min_factor <= self.max_factor:
            raise ValueError("a rule needs 0 < min_factor <= max_factor")
