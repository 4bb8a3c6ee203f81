"""Project places of the United States to a plane: conic equal-area (Albers), with Alaska and Hawaii
below the southwest."""

from math import cos, radians, sin, sqrt
from typing import NamedTuple


class _Cone(NamedTuple):
    """An Albers projection: Snyder, Map Projections (USGS Professional Paper 1395), page 100.

    Angles are in degrees. `left` and `top` place its middle, and `scale` enlarges it, relative to
    the contiguous states.
    """

    south: float  # standard parallels
    north: float
    longitude: float  # of the middle
    latitude: float
    left: float = 0
    top: float = 0
    scale: float = 1

    def project(self, longitude: float, latitude: float) -> tuple[float, float]:
        south, north = radians(self.south), radians(self.north)
        n = (sin(south) + sin(north)) / 2
        c = cos(south) ** 2 + 2 * n * sin(south)

        def radius(at: float) -> float:
            return sqrt(c - 2 * n * sin(radians(at))) / n

        turned = n * radians((longitude - self.longitude + 180) % 360 - 180)
        here, middle = radius(latitude), radius(self.latitude)
        x, y = here * sin(turned), here * cos(turned) - middle
        return self.left + self.scale * x, self.top + self.scale * y


_CONTIGUOUS = _Cone(29.5, 45.5, -96, 38)
_ALASKA = _Cone(55, 65, -154, 58.5, left=-0.307, top=0.201, scale=0.35)
_HAWAII = _Cone(8, 18, -157, 20.9, left=-0.205, top=0.212)


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """Right and down from the middle of the contiguous states, in Earth radii."""
    if latitude > 50:
        return _ALASKA.project(longitude, latitude)
    if longitude < -130:
        return _HAWAII.project(longitude, latitude)
    return _CONTIGUOUS.project(longitude, latitude)
