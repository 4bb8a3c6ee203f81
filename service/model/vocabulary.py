"""The three dimensions of a question, and how text was read into them."""

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

NATION = "us"
# Where a figure may hold besides a metro.
BEYOND_METROS = {"world": "Worldwide", "unstated": "The source names no place"}

Dimension = Literal["role", "level", "metro"]
Method = Literal["id", "code", "alias", "fuzzy", "default", "years"]


SocCode = Annotated[str, Meta(pattern=r"^\d{2}-\d{4}$")]
Years = Annotated[int, Meta(ge=0)]


class Role(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str
    soc_codes: Annotated[
        tuple[SocCode, ...],
        Meta(description="Nearest occupations, SOC 2018; the first is nearest."),
    ]
    soc_reason: Annotated[str, Meta(description="Why these occupations.")]
    titles: Annotated[tuple[str, ...], Meta(description="What people call it.")]


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str
    rank: Annotated[int, Meta(description="Order of the levels, lowest first.")]
    min_years: Annotated[Years, Meta(description="Years below which the level is contradicted.")]
    aliases: Annotated[tuple[str, ...], Meta(description="What people write for it.")]
    suffixes: Annotated[
        tuple[str, ...], Meta(description="What says it at the end of a title, and only there.")
    ]


class Metro(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    kind: Literal["nation", "region", "metro"]
    name: str
    cbsa_codes: tuple[str, ...]
    cities: Annotated[tuple[str, ...], Meta(description="The cities in its official name.")]
    aliases: tuple[str, ...]


class Word(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word by which names are read.

    An `abbreviation` stands for what it `means`, a `state` for that at the end of a place;
    `noise` says nothing; `other` makes a title one that the vocabulary does not have.
    """

    id: str
    dimension: Dimension
    word: str
    kind: Literal["abbreviation", "state", "noise", "other"]
    means: str

    def __post_init__(self) -> None:
        if (self.kind in ("abbreviation", "state")) != bool(self.means):
            raise ValueError("`means` goes with an abbreviation or a state, and only with them")


class Match(Struct, frozen=True, kw_only=True):
    """How one part of the question was read."""

    dimension: Dimension
    query: Annotated[str | None, Meta(description="As asked; null where nothing was asked.")]
    id: str
    method: Method
    score: Annotated[float, Meta(ge=0, le=100)]
    alternatives: tuple[str, ...]


def in_words(metro: Metro) -> str:
    """The metro as it stands in a sentence."""
    return f"the {metro.name}" if metro.id == NATION else metro.name


def normal(text: str) -> str:
    """Text as names are compared: in any case, with any white space and punctuation."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
