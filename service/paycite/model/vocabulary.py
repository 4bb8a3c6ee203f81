"""The three dimensions of a question, and how text was matched to them."""

import re
import unicodedata
from typing import Annotated, Literal, Protocol

from msgspec import Meta, Struct

NATION = "us"
# Geographies of figures other than metros.
BEYOND_METROS = {"world": "Worldwide", "unstated": "The source names no place"}

Dimension = Literal["role", "level", "metro"]
Method = Literal["id", "code", "alias", "fuzzy", "default", "years"]


MetroKind = Literal["nation", "region", "metro", "state", "nonmetro"]
WordKind = Literal[
    "abbreviation",
    "state",
    "noise",
    "job",
    "other",
    "ambiguous",
    "also",
    "whole",
    "general",
    "field",
    "unplaced",
    "tiered",
    "grade",
    "leader",
    "supervisor",
    "student",
    "subject",
    "tool",
    "open",
]
_KINDS_WITH_MEANING = ("abbreviation", "state", "ambiguous", "also", "subject")
SocCode = Annotated[str, Meta(pattern=r"^\d{2}-\d{4}$")]
Share = Annotated[float, Meta(gt=0, le=1)]
Years = Annotated[int, Meta(ge=0)]


class Occupation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An occupation, or a group of them, of the Standard Occupational Classification of 2018."""

    id: SocCode
    title: str


class Role(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    id: str
    title: str
    soc_codes: Annotated[
        tuple[SocCode, ...],
        Meta(description="Nearest occupations, SOC 2018; the first is nearest."),
    ]
    soc_shares: Annotated[
        tuple[Share, ...],
        Meta(description="The share of each occupation in the role; they add up to 1."),
    ]
    soc_reason: Annotated[str, Meta(description="Why these occupations, and these shares.")]
    is_occupation: Annotated[
        bool, Meta(description="Whether the occupation is the role itself, not just the closest.")
    ] = False
    titles: Annotated[tuple[str, ...], Meta(description="Other titles for it.")]

    def __post_init__(self) -> None:
        has_shares = len(self.soc_shares) == len(self.soc_codes)
        if not has_shares or (self.soc_codes and round(sum(self.soc_shares), 6) != 1):
            raise ValueError("a role needs `soc_shares` that add up to 1, one for each occupation")


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    id: str
    title: str
    rank: Annotated[int, Meta(description="Order of the levels, lowest first.")]
    min_years: Annotated[
        Years, Meta(description="Fewer years of experience point to another level.")
    ]
    aliases: Annotated[tuple[str, ...], Meta(description="Other names for it.")]
    suffixes: Annotated[
        tuple[str, ...], Meta(description="Suffixes of a title that mean this level.")
    ]


class Metro(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    id: str
    kind: MetroKind
    name: str
    area_code: Annotated[
        str | None,
        Meta(description="The area of BLS statistics, 7 digits; null for a region of several."),
    ]
    state: Annotated[
        str | None, Meta(description="Postal code of its first state; null for the nation.")
    ]
    cbsa_codes: tuple[str, ...]
    cities: Annotated[tuple[str, ...], Meta(description="The cities in its official name.")]
    aliases: tuple[str, ...]


class Word(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word with a special role when titles and places are parsed.

    By `kind`: an `abbreviation` is short for `means`, and so is a `state`, but only at the end of a
    place; `noise` is filler; `other` is a valid word, so neither a typo nor a level; `unplaced`
    states a level without a place among ours, and L1 to L5 beside a `tiered` job are tiers of
    support. A `job` is one that no role has, as are those of a
    `leader`, `supervisor` or `student`, which no role covers, and a `grade`, which is a job or a
    grade after a role's name. A `tool` ("Python") names no role, and a `subject` is one of AI, by
    the roles of its researchers and its software engineers in `means`. The other kinds are about
    whole names. `ambiguous` may mean any of the ids in `means` (separated by `;`); `also` sometimes
    means those instead of its own entry. An unknown word before a `whole` name makes it another
    job, and one may stand before the job of an `open` name. A `whole` or `general` name next to a
    `field` outside of computing belongs to another trade.
    """

    id: str
    dimension: Dimension
    word: str
    kind: WordKind
    means: str

    def __post_init__(self) -> None:
        if (self.kind in _KINDS_WITH_MEANING) != bool(self.means):
            raise ValueError(f"`means` goes with {', '.join(_KINDS_WITH_MEANING)} only")


class Match(Struct, frozen=True, kw_only=True):
    """How one part of the question was matched. What does not answer has a match of its own:
    `years` that point to another level than the stated one, and a place in a title without `metro`.
    """

    dimension: Dimension
    query: Annotated[str | None, Meta(description="The requested text; null if none was given.")]
    id: str
    method: Method
    score: Annotated[float, Meta(ge=0, le=100)]
    alternatives: tuple[str, ...]


def states_of(metro: Metro) -> tuple[str, ...]:
    """The postal codes of its states, in the order of its name; none for the nation.

    The name of a metropolitan area ends with all of them ("NY-NJ").
    """
    if metro.kind in ("metro", "region"):
        return tuple(metro.name.rpartition(", ")[2].split("-"))
    return (metro.state,) if metro.state else ()


class _Place(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


def describe_place(metro: _Place) -> str:
    """Name a place in a sentence: "the United States", "Austin-Round Rock-San Marcos, TX"."""
    return f"the {metro.name}" if metro.id == NATION else metro.name


def normal(text: str) -> str:
    """Normalize text to compare names: lower case, without accents and punctuation."""
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
