"""Pay-transparency laws: what an advertisement of a job has to tell, and who says so."""

import datetime
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

# What stands in the advertisement, and what is owed outside it.
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
    "pay": "The pay: one figure, or its lowest and highest where it is a range.",
    "pay-range": "The lowest and the highest pay; it was not read that one figure is enough.",
    "benefits": "A general description of the benefits.",
    "other-compensation": "A general description of bonus, commission, equity and the like.",
    "deadline": "The day on which applications are expected to close, or that there is none.",
    "how-to-apply": "How to apply.",
    "job-description": "The job description, if there is one.",
    "commission-statement": "If it is paid by commission: that it is, in place of the pay.",
    "tip-statement": "If it is paid by tips: that it is, and the base wage.",
    "benefits-before-interview": "The health benefits, before the first interview.",
    "pay-range-on-request": "The range of pay, to an applicant who asks.",
    "pay-range-before-pay-discussion": "The range of pay, before pay is talked about.",
    "pay-range-after-interview": "The range of pay, to an applicant who was interviewed.",
    "pay-range-on-request-after-offer": "The range of pay, to one who has an offer and asks.",
}
# As much of a source as shows that it says so, and no more.
_QUOTED = 120


class PayLaw(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A law of a state, or of a city or county, as it was read in a source."""

    id: Annotated[str, Meta(pattern=r"^us-[a-z]{2}(-[a-z]+)*$")]
    name: Annotated[str, Meta(description="The state, city or county.")]
    state: Annotated[str, Meta(pattern=r"^[A-Z]{2}$", description="Postal code.")]
    metro: Annotated[
        str | None, Meta(description="Where the city or county lies; null for a whole state.")
    ]
    statute: str
    effective: Annotated[
        datetime.date, Meta(description="The day since which all that it requires is owed.")
    ]
    applies_to: Annotated[str, Meta(description="The employers that it binds.")]
    requires: tuple[Requirement, ...]
    note: str | None
    source_title: str
    source_publisher: str
    source_url: Annotated[str, Meta(pattern=r"^https?://")]
    excerpt: Annotated[
        str, Meta(max_length=_QUOTED, description="What the source says, in its own words.")
    ]
    checked_on: Annotated[datetime.date, Meta(description="The day on which it was read.")]

    def __post_init__(self) -> None:
        stated = (self.name, self.statute, self.applies_to)
        cited = (self.source_title, self.source_publisher, self.source_url, self.excerpt)
        if not all(text.strip() for text in (*stated, *cited)):
            raise ValueError(
                "a law needs a name, a statute, whom it binds, and its source: title, publisher, "
                "address and quotation"
            )
        if not self.requires or len(set(self.requires)) < len(self.requires):
            raise ValueError("`requires` names at least one item, and each once")
        if {"pay", "pay-range"} <= set(self.requires):
            raise ValueError("`requires` has either 'pay' or 'pay-range'")
