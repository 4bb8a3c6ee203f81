"""What both formats of OEWS, workbooks and time-series files, have in common."""

import math
import re
from typing import NamedTuple

from paycite.model.distribution import Measure

_NUMBER = re.compile(r"\d*\.?\d+")


class AreaEstimates(NamedTuple):
    """Estimates for one occupation in one area, from one line or row.

    `area` is the 7-digit code. `group` tells apart the two rows of a workbook for an occupation
    that is both broad and detailed. Cells are formatted as in the seeds; an empty cell means that
    the number does not exist.
    """

    place: str
    year: int
    area: str
    area_name: str
    occupation: str
    title: str
    group: str
    cells: dict[Measure, str]


def format_number(cell: str | float) -> str | None:
    """Format a number as in the seeds, the same for both formats; None if it is not a number."""
    if isinstance(cell, str) and not _NUMBER.fullmatch(cell):
        return None
    value = float(cell)
    if not 0 <= value < math.inf:
        return None
    return str(int(value)) if value.is_integer() else str(value)


def find_cap(text: str) -> str | None:
    """Find the annual wage cap of the release in a text."""
    found = re.search(r"equal to or greater than .*\$([\d,]+)(?:\.\d+)? per year", text)
    return found[1].replace(",", "") if found else None
