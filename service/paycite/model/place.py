"""Cities, counties and ZIP codes, for finding a place."""

from typing import Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["zip", "city", "county"]


class PlaceNames(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Places in one geography and state with the same number of ZIP codes there.

    A city that spans two geographies is listed in both, with the number of its ZIP codes in each: 0
    if it only has a part of some.
    """

    kind: Kind
    state: str
    geography: str
    zips: int
    names: tuple[str, ...]


class MetroPoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The position of a metropolitan area on a map, in degrees; not a figure."""

    id: str
    latitude: float
    longitude: float
