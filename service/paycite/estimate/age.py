"""Age a source's figures: wages have grown between its time and the last month of a series."""

from msgspec.structs import replace

from paycite.estimate.derivation import Derivation, multiply
from paycite.model.figure import Figure
from paycite.model.snapshot import Snapshot

# Months from the start of what an `as_of` names to its middle.
_MIDDLE = {"": 6, "H1": 3, "H2": 9, "Q1": 1, "Q2": 4, "Q3": 7, "Q4": 10}
_CAVEAT = (
    "Aged from {start} to {end}, the last month of the wage series; later months are not aged, and "
    "the series covers all occupations."
)
_NOT_AGED = "Not aged: the wage series does not reach from its date to a later month."


def age(found: Derivation, snapshot: Snapshot) -> Derivation:
    """Add the product of the yearly growths from the middle of the source's time to the last month
    of the series; part of a year is that power of the growth. A caveat instead if the source has no
    time, or a later one, or starts before the series."""
    time = found.middle or found.as_of
    growth = snapshot.wage_growth
    if not time or not growth:
        return _as_it_is(found)
    start, end = _month(time), max(map(_month, growth))
    factor, cited = 1.0, list[Figure]()
    for last in range(end, start, -12):
        if (figure := growth.get(_written(last))) is None:
            return _as_it_is(found)
        factor *= (1 + (figure.low or 0)) ** (min(last - start, 12) / 12)
        cited.append(figure)
    if not cited:
        return _as_it_is(found)
    first, *others = [figure.citation() for figure in cited]
    step = multiply(found.steps[-1], "age", round(factor, 4), first, figures=tuple(others))
    caveat = _CAVEAT.format(start=_written(start), end=_written(end))
    return replace(found.add(step), caveats=(*found.caveats, caveat))


def _as_it_is(found: Derivation) -> Derivation:
    return replace(found, caveats=(*found.caveats, _NOT_AGED))


def _month(as_of: str) -> int:
    """The month in the middle of what an `as_of` names, counted from year 0."""
    year, _, part = as_of.partition("-")
    return int(year) * 12 + (_MIDDLE[part] if part in _MIDDLE else int(part[:2]) - 1)


def _written(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02}"
