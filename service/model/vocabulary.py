"""The three dimensions of a question, and how text was read into them."""

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

NATION = "us"
# Where a figure may hold besides a metro.
BEYOND_METROS = {"world": "Worldwide", "unstated": "The source names no place"}

Dimension = Literal["role", "level", "metro"]
Method = Literal["id", "code", "alias", "fuzzy", "default", "years"]


class Role(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str
    soc_codes: Annotated[
        tuple[str, ...], Meta(description="Nearest occupations, SOC 2018; the first is nearest.")
    ]
    soc_reason: Annotated[str, Meta(description="Why these occupations.")]
    titles: Annotated[tuple[str, ...], Meta(description="What people call it.")]


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str
    rank: Annotated[int, Meta(description="Order of the levels, lowest first.")]
    min_years: Annotated[int, Meta(description="Years below which the level is contradicted.")]
    aliases: tuple[str, ...]


class Metro(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    kind: Literal["nation", "region", "metro"]
    name: str
    cbsa_codes: tuple[str, ...]
    aliases: tuple[str, ...]


class Match(Struct, frozen=True, kw_only=True):
    """How one part of the question was read."""

    dimension: Dimension
    query: Annotated[str | None, Meta(description="As asked; null where nothing was asked.")]
    id: str
    method: Method
    score: Annotated[float, Meta(ge=0, le=100)]
    alternatives: tuple[str, ...]


def normal(text: str) -> str:
    """Text as names are compared: in any case, with any white space and punctuation."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
