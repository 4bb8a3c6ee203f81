"""What the workbooks and the time-series files of OEWS have in common."""

import math
import re
from typing import NamedTuple

from paycite.model.distribution import Measure

_NUMBER = re.compile(r"\d*\.?\d+")


class AreaEstimates(NamedTuple):
    """The estimates of one occupation in one area that one line or row has.

    `area` is the 7-digit code. `group` separates the two rows of a workbook that list an
    occupation once as broad and once as detailed. Cells are written as in the seeds; an empty cell
    means that the number does not exist.
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
    """Write a number as in the seeds, the same from either format; None if it is not a number."""
    if isinstance(cell, str) and not _NUMBER.fullmatch(cell):
        return None
    value = float(cell)
    if not 0 <= value < math.inf:
        return None
    return str(int(value)) if value.is_integer() else str(value)


def find_cap(text: str) -> str | None:
    """Find the annual wage at and above which the release publishes none, if the text says it."""
    found = re.search(r"equal to or greater than .*\$([\d,]+)(?:\.\d+)? per year", text)
    return found[1].replace(",", "") if found else None
