"""Import Occupational Employment and Wage Statistics (OEWS) of the Bureau of Labor Statistics."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from msgspec import Struct

from paycite.importers import ImportRefused
from paycite.importers.common.checksum import checksum
from paycite.importers.common.progress import Progress
from paycite.importers.common.publish import publish_distributions
from paycite.importers.common.spreadsheet import is_workbook
from paycite.importers.oews import time_series as flat
from paycite.importers.oews import workbook
from paycite.importers.oews.estimates import AreaEstimates
from paycite.model.distribution import MEASURES, PERCENTILES, Measure
from paycite.model.figure import Published, Source
from paycite.model.vocabulary import Metro, Occupation, normal
from paycite.seeds.distributions import COLUMNS
from paycite.seeds.files import csv_rows

_PUBLISHER = "U.S. Bureau of Labor Statistics"
_TITLE = "Occupational Employment and Wage Statistics"
_URL = "https://www.bls.gov/oes/"
_NOTE = (
    "Straight-time gross pay: base rate, cost-of-living allowances, commissions, production "
    "bonuses and tips; no overtime, nonproduction bonuses or stock. All levels of the occupation "
    "together. One survey over three years, not a time series."
)
# oe.data has a line for each of these if it has a line for any measure.
_ALWAYS_STATED: tuple[Measure, ...] = (*PERCENTILES, "employment")

Rows = Mapping[tuple[str, str], AreaEstimates]


class ReleaseImport(Struct, frozen=True, kw_only=True):
    """What was imported; the number of rows by area that is not in metros.csv; and the occupations
    that are not in the release."""

    name: str
    rows: int
    areas: int
    left_out: dict[str, int]
    absent: tuple[str, ...]


def import_release(
    files: Sequence[Path],
    into: Path,
    seeds_directory: Path,
    published: datetime.date | None,
    progress: Progress = lambda _: None,
) -> ReleaseImport:
    """Write the rows of one release for the occupations and areas in the seeds to the directory.

    Raises ImportRefused or SeedError, and then changes nothing.
    """
    ours = _column(seeds_directory / "occupations.csv", Occupation, "id", "title")
    found = merge_rows(part for part in read_estimates(files, progress) if part.occupation in ours)
    _refuse_other_titles(found.values(), ours)
    geographies = _column(seeds_directory / "metros.csv", Metro, "area_code", "id")
    kept = {key: part for key, part in found.items() if part.area in geographies}
    if not kept:
        raise ImportRefused(
            ", ".join(map(str, files)),
            f"nothing to import: no rows for the {len(ours)} occupations in occupations.csv and "
            "the areas in metros.csv",
        )
    year = next(iter(kept.values())).year
    if published and published <= datetime.date(year, 5, 31):
        raise ImportRefused(published, f"the May {year} release was published later than that")
    source = _build_source(year, published, checksum(files))
    table = _build_table(kept, geographies)
    publish_distributions(files, into, source, _describe(year), table, seeds_directory)
    return _summarize(source.id, found, kept, ours)


def _column(file: Path, struct: type[Struct], key: str, value: str) -> dict[str, str]:
    """Map one column of a seed file to another."""
    stated = (row.values for row in csv_rows(file, struct.__struct_fields__))
    return {values[key]: values[value] for values in stated if values[key]}


def read_estimates(
    files: Sequence[Path], progress: Progress = lambda _: None
) -> Iterator[AreaEstimates]:
    """Yield the estimates in each line or row of a release. ImportRefused at the first error."""
    are_workbooks = [is_workbook(file) for file in files]
    if any(are_workbooks) and not all(are_workbooks):
        raise ImportRefused(
            files[are_workbooks.index(False)],
            "workbooks and time-series files are two copies of the same release: import only one",
        )
    first: AreaEstimates | None = None
    for part in (workbook if all(are_workbooks) else flat).read_estimates(files, progress):
        first = first or part
        if part.year != first.year:
            raise ImportRefused(
                part.place,
                f"May {part.year}, but {first.place} is May {first.year}; "
                "import one release at a time",
            )
        yield part


def merge_rows(stated: Iterable[AreaEstimates]) -> Rows:
    """Merge the estimates of each occupation and area."""
    found: dict[tuple[str, str], AreaEstimates] = {}
    for part in stated:
        row = found.setdefault((part.occupation, part.area), part)
        if row is not part:
            _add(row, part)
    for row in found.values():
        _refuse_falling(row)
        for measure in _ALWAYS_STATED:
            if measure not in row.cells:
                raise ImportRefused(
                    row.place,
                    f"{row.occupation} in {row.area_name} has no {MEASURES[measure].called}; "
                    "if the file is truncated, download it again",
                )
    return found


def _add(row: AreaEstimates, part: AreaEstimates) -> None:
    for measure, cell in part.cells.items():
        is_stated = measure in row.cells
        if is_stated and (row.group == part.group or row.cells[measure] != cell):
            raise ImportRefused(
                part.place,
                f"{MEASURES[measure].called} of {part.occupation} in {part.area_name} appears "
                f"twice, first at {row.place}",
            )
        row.cells[measure] = cell


def _refuse_falling(row: AreaEstimates) -> None:
    """Refuse decreasing percentiles. Capped ones are skipped: others may exceed the cap."""
    stated = [(row.cells.get(name, ""), name) for name in PERCENTILES]
    known = [(float(cell), name) for cell, name in stated if cell[:1].isdecimal()]
    for (lower, below), (higher, above) in pairwise(known):
        if lower > higher:
            raise ImportRefused(
                row.place,
                f"{row.occupation} in {row.area_name}: {above} {higher:.0f} is below "
                f"{below} {lower:.0f}; percentiles must not decrease",
            )


def _refuse_other_titles(found: Iterable[AreaEstimates], ours: Mapping[str, str]) -> None:
    for part in found:
        if normal(part.title) != normal(ours[part.occupation]):
            raise ImportRefused(
                part.place,
                f"{part.occupation} is {part.title!r} here, but {ours[part.occupation]!r} in "
                "occupations.csv; the release uses a different classification of occupations",
            )


def _build_source(year: int, published: datetime.date | None, sha256: str) -> Source:
    released = f" (released {published})" if published else ""
    return Source(
        id=f"bls-oews-{year}-05",
        publisher=_PUBLISHER,
        originators=(_PUBLISHER,),
        title=f"{_TITLE}, May {year}",
        series="oews",
        published=Published(date=published, precision="day" if published else "none"),
        citation=f"{_PUBLISHER}, {_TITLE} (OEWS), May {year}, {_URL}{released}",
        license="public domain (work of the U.S. government)",
        url=_URL,
        sha256=sha256,
    )


def _describe(year: int) -> dict[str, object]:
    return {
        "kind": "published",
        "component": "base",
        "as_of": f"{year}-05",
        "has_series": True,
        "locator": f"OEWS May {year} estimates",
        "note": _NOTE,
    }


def _build_table(kept: Rows, geographies: Mapping[str, str]) -> list[list[str]]:
    """Build the rows in a fixed order, so that the same release gives the same bytes."""
    table = []
    for (occupation, area), part in kept.items():
        cells: dict[str, str] = {str(measure): cell for measure, cell in part.cells.items()}
        cells |= {"occupation": occupation, "geography": geographies[area]}
        table.append([cells.get(column, "") for column in COLUMNS])
    return sorted(table)


def _summarize(name: str, found: Rows, kept: Rows, ours: Mapping[str, str]) -> ReleaseImport:
    have = {occupation for occupation, _ in found}
    return ReleaseImport(
        name=name,
        rows=len(kept),
        areas=len({area for _, area in kept}),
        left_out=dict(
            Counter(
                f"{part.area_name} ({part.area})" for key, part in found.items() if key not in kept
            )
        ),
        absent=tuple(
            f"{title} ({occupation})"
            for occupation, title in ours.items()
            if occupation not in have
        ),
    )
