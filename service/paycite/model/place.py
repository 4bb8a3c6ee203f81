"""Cities, counties and ZIP codes, by which a place is found."""

from typing import Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["zip", "city", "county"]


class PlaceNames(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lies in one geography and one state, and has there as many ZIP codes as the others.

    A city that spans two geographies is named in both, with the ZIP codes that it has in each.
    """

    kind: Kind
    state: str
    geography: str
    zips: int
    names: tuple[str, ...]


class MetroPoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a metropolitan area lies on a map, in degrees: no figure, and cited by none."""

    id: str
    latitude: float
    longitude: float
