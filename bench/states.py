"""Write the borders of the states that maps draw, from the Census Bureau's cartographic boundaries.

`python bench/states.py states-10m.json`: the file of the npm package us-atlas 3.0.1, a TopoJSON.
Each border is there once, simplified by Douglas-Peucker and projected as on the map, as a path of
SVG in whole units. Small islands and the territories are left out. See seeds/geography.toml.
"""

import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from math import dist
from pathlib import Path
from typing import Any

from paycite.present.chart import map as chart
from paycite.present.chart.projection import project

_TOLERANCE, _LEAST_AREA = 0.0012, 0.00003  # in Earth radii
_TERRITORIES = ("60", "66", "69", "72", "78")

Point = tuple[float, float]


def read_borders(topology: dict[str, Any]) -> list[list[Point]]:
    """Project each border of a ring that is large enough, or the largest of its state."""
    arcs = list(map(list, _arcs(topology)))
    kept: set[int] = set()
    for state in topology["objects"]["states"]["geometries"]:
        if state["id"] in _TERRITORIES:
            continue
        polygons = [state["arcs"]] if state["type"] == "Polygon" else state["arcs"]
        rings = [ring for polygon in polygons for ring in polygon]
        areas = [_area([point for arc in ring for point in _arc(arcs, arc)]) for ring in rings]
        for ring, area in zip(rings, areas, strict=True):
            if area > _LEAST_AREA or area == max(areas):
                kept.update(arc if arc >= 0 else ~arc for arc in ring)
    return [arcs[arc] for arc in sorted(kept)]


def _arcs(topology: dict[str, Any]) -> Iterator[Iterator[Point]]:
    (wide, high), (left, low) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        found = []
        for right, up in arc:
            x, y = x + right, y + up
            found.append((x * wide + left, y * high + low))
        yield (project(*point) for point in found)


def _arc(arcs: list[list[Point]], number: int) -> list[Point]:
    return arcs[number] if number >= 0 else arcs[~number][::-1]


def _area(ring: list[Point]) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def simplify(line: list[Point]) -> list[Point]:
    """Leave out the points that are near the line between others."""
    first, last = line[0], line[-1]
    length = dist(first, last)

    def away(point: Point) -> float:
        if not length:
            return dist(first, point)
        across = (last[1] - first[1]) * (point[0] - first[0])
        return abs(across - (last[0] - first[0]) * (point[1] - first[1])) / length

    if len(line) < 3:
        return line
    farthest = max(range(1, len(line) - 1), key=lambda number: away(line[number]))
    if away(line[farthest]) <= _TOLERANCE:
        return [first, last]
    return simplify(line[: farthest + 1])[:-1] + simplify(line[farthest:])


def write_path(line: list[Point]) -> str:
    """Write a line as the steps from point to point; empty if it is only one point."""
    units = [(round(x * chart.OUTLINE_UNITS), round(y * chart.OUTLINE_UNITS)) for x, y in line]
    steps = [f"{b[0] - a[0]},{b[1] - a[1]}" for a, b in pairwise(units) if a != b]
    path = f"M{units[0][0]},{units[0][1]}l{' '.join(steps)}"
    return path.replace(",-", "-").replace(" -", "-") if steps else ""


if __name__ == "__main__":
    borders = read_borders(json.loads(Path(sys.argv[1]).read_text()))
    written = "".join(write_path(simplify(border)) for border in borders)
    Path(chart.__file__).with_name("states.txt").write_text(f"{written}\n")
