"""The parameters of /salary, declared once: for parsing, for documents and for answers."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

PayPeriod = Literal["year", "hour"]
Version = Annotated[str, Meta(description="A dataset version. Left out: the current one.")]
OfferText = Annotated[
    str,
    Meta(
        description="An amount of base pay in dollars, or a range, to place in the ranges: by the "
        "year, or as `period` says.",
        examples=["180000", "150000-180000"],
    ),
]


class SharedParameters(Struct, frozen=True, kw_only=True):
    """What may be asked of every row of a comparison too."""

    years: (
        Annotated[
            float,
            Meta(
                ge=0,
                le=60,
                description="Years of experience instead of `level`: under 2 entry, under 5 mid, "
                "else senior; staff and principal need the word.",
            ),
        ]
        | UnsetType
    ) = UNSET
    offer: OfferText | UnsetType = UNSET
    period: Annotated[
        PayPeriod,
        Meta(
            description="`hour`: pay by the hour, converted by the hours of a full-time year, as a "
            "step that cites them; an offer is then by the hour too."
        ),
    ] = "year"
    source: Annotated[
        tuple[str, ...],
        Meta(description="Answer from these sources alone.", examples=[["kore1-ai-jobs-2026"]]),
    ] = ()
    dataset: Version | UnsetType = UNSET
    strict: Annotated[bool, Meta(description="Refuse rather than fall back.")] = False


class SalaryParameters(SharedParameters, frozen=True, kw_only=True):
    role: Annotated[str, Meta(description="A role: its id, title or SOC code.", examples=["mlops"])]
    level: (
        Annotated[
            str,
            Meta(
                description="A level, or what people write for it. Left out: all levels.",
                examples=["mid"],
            ),
        ]
        | UnsetType
    ) = UNSET
    metro: (
        Annotated[
            str,
            Meta(
                description="A place: its id or name, a city, county, ZIP, state or CBSA code. "
                "Left out: `us`.",
                examples=["nyc"],
            ),
        ]
        | UnsetType
    ) = UNSET


def _requested() -> type[Struct]:
    """Each parameter as text: required, or left out; several values of a repeatable one."""
    fields: list[Any] = []
    by_name = {field.name: field for field in msgspec.structs.fields(SalaryParameters)}
    for name in (*SalaryParameters.__annotations__, *SharedParameters.__annotations__):
        field = by_name[name]
        if field.required:
            fields.append((field.name, str))
        elif isinstance(field.default, tuple):
            fields.append((field.name, tuple[str, ...], ()))
        else:
            fields.append((field.name, str | None, None))
    return msgspec.defstruct(
        "Requested",
        fields,
        kw_only=True,
        frozen=True,
        omit_defaults=True,
        namespace={"__doc__": "What was asked, letter for letter."},
    )


if TYPE_CHECKING:

    class Requested(Struct):
        def __init__(self, **texts: str | tuple[str, ...] | None) -> None: ...
        def __getattr__(self, name: str) -> Any: ...

else:
    # Made of the parameters, so that no parameter can be accepted and left out of the answer.
    Requested = _requested()
