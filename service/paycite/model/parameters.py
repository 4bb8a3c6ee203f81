"""The parameters of /salary, declared once for parsing, documentation and answers."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

PayPeriod = Literal["year", "hour"]
Version = Annotated[str, Meta(description="A dataset version. Default: the current one.")]
OfferText = Annotated[
    str,
    Meta(
        description="Base pay to compare, in U.S. dollars, as people write it: an amount, a range, "
        "or an amount with an open end (`$120k+`). A pay period in it sets `period`; without one, "
        "it is per `period`. Pay per month, half-month, two weeks, week or day is converted to a "
        "year.",
        examples=["180000", "150000-180000", "$72.50/hr"],
    ),
]

MetroText = Annotated[
    str,
    Meta(
        description="A place: its id or name, a city, county, ZIP code, state or CBSA code. "
        "Default: `us`.",
        examples=["nyc"],
    ),
]


# Of answers in JSON: /salary and /offer default to the full one, tools for agents to the summary.
View = Annotated[
    Literal["full", "summary"],
    Meta(description="`summary` leaves out steps, caveats, context and disagreement."),
]


class SharedParameters(Struct, frozen=True, kw_only=True):
    """The parameters that apply to every row of a comparison."""

    years: (
        Annotated[
            float,
            Meta(
                ge=0,
                le=60,
                description="Years of experience, instead of `level`: under 2 is entry, under 5 "
                "mid, otherwise senior; `5+` is 5. For staff or principal, use `level`, which "
                "overrides years.",
            ),
        ]
        | UnsetType
    ) = UNSET
    offer: OfferText | UnsetType = UNSET
    period: Annotated[
        PayPeriod,
        Meta(
            description="`hour`: hourly rates, converted from annual pay by the hours of a "
            "full-time year, in a cited step. An offer is then hourly too. An offer that states "
            "its own period (`$72.50/hr`) sets this one, and must not contradict it."
        ),
    ] = "year"
    source: Annotated[
        tuple[str, ...],
        Meta(description="Use only these sources.", examples=[["kore1-ai-jobs-2026"]]),
    ] = ()
    dataset: Version | UnsetType = UNSET
    age: Annotated[
        bool,
        Meta(
            description="Age each source's figures to the last month of a wage series, in a cited "
            "step."
        ),
    ] = False
    strict: Annotated[bool, Meta(description="Return an error instead of a broader answer.")] = (
        False
    )


class SalaryParameters(SharedParameters, frozen=True, kw_only=True):
    role: Annotated[str, Meta(description="A role: its id, title or SOC code.", examples=["mlops"])]
    level: (
        Annotated[
            str,
            Meta(
                description="A level: its id or name. Default: the level in the title, or all "
                "levels.",
                examples=["mid"],
            ),
        ]
        | UnsetType
    ) = UNSET
    metro: MetroText | UnsetType = UNSET


def _requested() -> type[Struct]:
    """Build the struct of the request: each parameter as text, a repeatable one as several."""
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
        namespace={"__doc__": "The parameters as given."},
    )


if TYPE_CHECKING:

    class Requested(Struct):
        def __init__(self, **texts: str | tuple[str, ...] | None) -> None: ...
        def __getattr__(self, name: str) -> Any: ...

else:
    # Built from the parameters, so that an answer repeats every parameter that was accepted.
    Requested = _requested()
