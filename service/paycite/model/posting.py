"""The answer to `GET /posting`: an employer's own range, in the forms a job posting needs."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from paycite.model.answer import Amount, DatasetVersion, Interval, Links, PayPeriod, UsedMetro
from paycite.model.comparison import ComparisonRow, cited_in
from paycite.model.figure import Source
from paycite.model.law import PayLaw, Requirement
from paycite.model.vocabulary import Match


class PayValue(
    Struct, frozen=True, kw_only=True, rename="camel", tag_field="@type", tag="QuantitativeValue"
):
    min_value: Amount
    max_value: Amount
    unit_text: Literal["YEAR", "HOUR"]


class BaseSalary(Struct, frozen=True, kw_only=True, tag_field="@type", tag="MonetaryAmount"):
    currency: Literal["USD"]
    value: PayValue


class JobPostingFields(Struct, frozen=True, kw_only=True, rename="camel"):
    """Of a schema.org `JobPosting`."""

    base_salary: BaseSalary


class GreenhouseRange(Struct, frozen=True, kw_only=True):
    min_cents: int
    max_cents: int
    currency_type: Literal["USD"]
    title: str
    blurb: Annotated[
        str, Meta(description="The sentence, because there is no field for the period.")
    ]


class GreenhouseFields(Struct, frozen=True, kw_only=True):
    """As Greenhouse's job board shows a job with `pay_transparency=true`."""

    pay_input_ranges: tuple[GreenhouseRange, ...]


class LeverRange(Struct, frozen=True, kw_only=True):
    currency: Literal["USD"]
    interval: Annotated[
        Literal["per-year-salary", "per-hour-wage"],
        Meta(description="As in Lever's postings; its documentation does not list the values."),
    ]
    min: Amount
    max: Amount


class LeverFields(Struct, frozen=True, kw_only=True, rename="camel"):
    """As in Lever's postings."""

    salary_range: LeverRange
    salary_description_plain: str


class AshbyComponent(Struct, frozen=True, kw_only=True, rename="camel"):
    summary: str
    compensation_type: Literal["Salary"]
    interval: Annotated[
        Literal["1 YEAR", "1 HOUR"],
        Meta(description="`1 HOUR` as in Ashby's postings; not found in its documentation."),
    ]
    currency_code: Literal["USD"]
    min_value: Amount
    max_value: Amount


class AshbyTier(Struct, frozen=True, kw_only=True, rename="camel"):
    tier_summary: str
    components: tuple[AshbyComponent, ...]


class AshbyCompensation(Struct, frozen=True, kw_only=True, rename="camel"):
    compensation_tier_summary: str
    scrapeable_compensation_salary_summary: str
    compensation_tiers: tuple[AshbyTier, ...]


class AshbyFields(Struct, frozen=True, kw_only=True):
    """As Ashby's job board shows a job with `includeCompensation=true`."""

    compensation: AshbyCompensation


class PostingFields(Struct, frozen=True, kw_only=True):
    """The employer's range in the fields of each system."""

    job_posting: JobPostingFields
    greenhouse: GreenhouseFields
    lever: LeverFields
    ashby: AshbyFields


class Duty(Struct, frozen=True, kw_only=True):
    item: Requirement
    meaning: str


class PostingLaw(Struct, frozen=True, kw_only=True):
    """A law of the place, and what it requires beyond the sentence."""

    law: PayLaw
    required_in_posting: Annotated[
        tuple[Duty, ...],
        Meta(description="What the posting must disclose in addition to the sentence."),
    ]
    required_elsewhere: Annotated[
        tuple[Duty, ...], Meta(description="What must be disclosed outside the posting.")
    ]


class Posting(Struct, frozen=True, kw_only=True):
    """The employer's own range as a sentence and as fields, the market range, and the laws."""

    sentence: Annotated[str, Meta(description="The employer's range, for use in the posting.")]
    range: Annotated[
        Interval,
        Meta(description="The employer's own range; both ends are equal for a single amount."),
    ]
    period: PayPeriod
    currency: Literal["USD"]
    fields: PostingFields
    market: Annotated[
        ComparisonRow,
        Meta(
            description="The answer of /salary with the employer's range as its `offer`, or its "
            "problem. It is not the employer's range."
        ),
    ]
    matches: tuple[Match, ...]
    place: Annotated[
        UsedMetro, Meta(description="The place of the laws; the market may cover a broader one.")
    ]
    laws: Annotated[
        tuple[PostingLaw, ...], Meta(description="The known laws; there may be others.")
    ]
    notices: Annotated[tuple[str, ...], Meta(min_length=1, description="Notices to show with it.")]
    sources: Annotated[tuple[Source, ...], Meta(description="The sources of the market's figures.")]
    dataset: DatasetVersion
    links: Links

    def __post_init__(self) -> None:
        if [source.id for source in self.sources] != cited_in([self.market]):
            raise ValueError("the sources of a posting must be exactly those its market cites")
