"""Pay-transparency laws: what a job posting must disclose, with the source of each law."""

import datetime
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

# What must be in the posting, and what must be disclosed outside it.
AdvertisedItem = Literal[
    "pay",
    "pay-range",
    "benefits",
    "other-compensation",
    "deadline",
    "how-to-apply",
    "job-description",
    "commission-statement",
    "tip-statement",
]
OtherDuty = Literal[
    "benefits-before-interview",
    "pay-range-on-request",
    "pay-range-before-pay-discussion",
    "pay-range-after-interview",
    "pay-range-on-request-after-offer",
]
Requirement = Literal[AdvertisedItem, OtherDuty]

IN_ADVERTISEMENTS: frozenset[str] = frozenset(get_args(AdvertisedItem))
MEANINGS: dict[Requirement, str] = {
    "pay": "The pay: one figure, or the minimum and maximum of a range.",
    "pay-range": "The minimum and maximum pay; no source says that a single figure is enough.",
    "benefits": "A general description of the benefits.",
    "other-compensation": "A general description of bonuses, commissions, equity and other pay.",
    "deadline": "The expected application deadline, or a statement that there is none.",
    "how-to-apply": "How to apply.",
    "job-description": "The job description, if one exists.",
    "commission-statement": "For pay by commission: a statement that it is, instead of the amount.",
    "tip-statement": "For tipped jobs: a statement that they are tipped, and the base wage.",
    "benefits-before-interview": "The health benefits, before the first interview.",
    "pay-range-on-request": "The pay range, to an applicant who asks.",
    "pay-range-before-pay-discussion": "The pay range, before any discussion of pay.",
    "pay-range-after-interview": "The pay range, to an applicant who was interviewed.",
    "pay-range-on-request-after-offer": "The pay range, to an applicant with an offer who asks.",
}
# Long enough to document the law, and no longer.
_QUOTED = 120


class PayLaw(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A law of a state, city or county, as described in its source."""

    id: Annotated[str, Meta(pattern=r"^us-[a-z]{2}(-[a-z]+)*$")]
    name: Annotated[str, Meta(description="The state, city or county.")]
    state: Annotated[str, Meta(pattern=r"^[A-Z]{2}$", description="Postal code.")]
    metro: Annotated[
        str | None, Meta(description="The metro of the city or county; null for a state law.")
    ]
    statute: str
    effective: Annotated[
        datetime.date, Meta(description="The day from which all of its requirements apply.")
    ]
    applies_to: Annotated[str, Meta(description="The employers it applies to.")]
    requires: tuple[Requirement, ...]
    note: str | None
    source_title: str
    source_publisher: str
    source_url: Annotated[str, Meta(pattern=r"^https?://")]
    excerpt: Annotated[
        str, Meta(max_length=_QUOTED, description="A short quotation from the source.")
    ]
    checked_on: Annotated[datetime.date, Meta(description="The day the source was last checked.")]

    def __post_init__(self) -> None:
        stated = (self.name, self.statute, self.applies_to)
        cited = (self.source_title, self.source_publisher, self.source_url, self.excerpt)
        if not all(text.strip() for text in (*stated, *cited)):
            raise ValueError(
                "a law needs a name, a statute, the employers it applies to, and its source: "
                "title, publisher, URL and excerpt"
            )
        if not self.requires or len(set(self.requires)) < len(self.requires):
            raise ValueError("`requires` needs at least one item, and none twice")
        if {"pay", "pay-range"} <= set(self.requires):
            raise ValueError("`requires` has either 'pay' or 'pay-range', not both")
