"""Read the OEWS time-series files: `oe.data`, and the three that explain its codes.

Layouts as in BLS's `oe.txt`: a header line, then columns separated by tabs and padded with spaces.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from paycite.importers import ImportRefused
from paycite.importers.common import limits
from paycite.importers.common.progress import Progress, with_progress
from paycite.importers.oews.estimates import AreaEstimates, find_cap, format_number
from paycite.model.distribution import MEASURES, PERCENTILES, Measure
from paycite.seeds.distributions import CAPPED, WITHHELD

# The columns used, by file.
_LAYOUTS = {
    "oe.data": ("series_id", "year", "period", "value", "footnote_codes"),
    "oe.area": ("areatype_code", "area_code", "area_name"),
    "oe.occupation": ("occupation_code", "occupation_name"),
    "oe.footnote": ("footnote_code", "footnote_text"),
}
# The pattern of each column of oe.data, and its description.
_COLUMNS = {
    "series_id": (
        r"OEU([NSM]\d{7})([0-9A-Z-]{6})(\d{6})(0[1-9]|1[0-7])",
        "OEU, area type N, S or M, area, industry, occupation and data type 01 to 17",
    ),
    "year": (r"(\d{4})", "a year"),
    "period": ("A01", "A01, the period of May releases"),
    "value": (r"(-|\d*\.?\d+)", "a number, or - for none"),
    "footnote_codes": (r"((?:\w(?:,\w)*)?)", "footnote codes"),
}
_LINE = re.compile("\t".join(f" *{pattern} *" for pattern, _ in _COLUMNS.values()) + r"\s*")
_MEASURE_OF: dict[str, Measure] = {kind.datatype: name for name, kind in MEASURES.items()}
_ALL_INDUSTRIES = "000000"
# The footnotes that affect a value. The others are remarks: on totals, on the 2,080 hours of a
# year, and on standard errors.
_HOURLY_ONLY, _CAPPED, _NOT_RELEASED = "4", "5", "8"
_KNOWN_FOOTNOTES = {"1", "2", "3", _HOURLY_ONLY, _CAPPED, _NOT_RELEASED}


def read_estimates(files: Sequence[Path], progress: Progress) -> Iterator[AreaEstimates]:
    """Yield the estimate of each line of oe.data for all industries together.

    Other data types (hourly pay, means, jobs per 1,000) and single industries are skipped.
    """
    by_layout = _by_layout(files)
    areas = {
        f"{type_}{code}": name for type_, code, name in _mapping(by_layout["oe.area"], "oe.area")
    }
    titles = dict(_mapping(by_layout["oe.occupation"], "oe.occupation"))
    footnotes = dict(_mapping(by_layout["oe.footnote"], "oe.footnote"))
    capped_at = find_cap(footnotes.get(_CAPPED, ""))
    if capped_at is None:
        raise ImportRefused(
            by_layout["oe.footnote"],
            f"code {_CAPPED} does not state the annual wage cap; download the file again",
        )
    data = by_layout["oe.data"]
    with data.open("rb") as file:
        lines = enumerate(_lines(file, data), start=1)
        next(lines)
        for count, line in with_progress(lines, file, progress):
            found = _LINE.fullmatch(line)
            if found is None:
                raise _fault(f"{data}, line {count}", line)
            area, industry, occupation, datatype, year, value, codes = found.groups()
            measure = _MEASURE_OF.get(datatype)
            if industry != _ALL_INDUSTRIES or measure is None:
                continue
            place = f"{data}, line {count}"
            yield AreaEstimates(
                place=place,
                year=int(year),
                area=area[1:],
                area_name=_named(area, areas, place, "oe.area"),
                occupation=f"{occupation[:2]}-{occupation[2:]}",
                title=_named(occupation, titles, place, "oe.occupation"),
                group="",
                cells={measure: _cell(place, measure, value, codes, capped_at)},
            )


def _by_layout(files: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for file in files:
        with file.open("rb") as opened:
            header = _header(next(_lines(opened, file)))
        layout = next((name for name, columns in _LAYOUTS.items() if {*columns} <= {*header}), None)
        if layout is None:
            raise ImportRefused(
                f"{file}, line 1",
                f"neither a workbook nor one of {', '.join(_LAYOUTS)} (columns found: "
                f"{header[:8]}); give only such files",
            )
        if layout in found:
            raise ImportRefused(
                file, f"a second {layout}, after {found[layout]}; give only one of them"
            )
        found[layout] = file
    for name in _LAYOUTS:
        if name not in found:
            raise ImportRefused(name, "missing; give all of " + ", ".join(_LAYOUTS))
    return found


def _lines(file: IO[bytes], name: Path) -> Iterator[str]:
    """Yield the lines, with no more than one in memory."""
    count = 0
    while line := file.readline(limits.RELEASE_LINE):
        count += 1
        if not line.endswith(b"\n"):
            reason = (
                "the line has no end: the file is truncated or of another kind; download it again"
            )
            raise ImportRefused(f"{name}, line {count}", reason)
        yield line.decode(errors="replace")


def _header(line: str) -> list[str]:
    return [name.strip() for name in line.split("\t")]


def _mapping(file: Path, layout: str) -> Iterator[list[str]]:
    """Yield the cells in the columns of the layout, line by line."""
    with file.open("rb") as opened:
        lines = _lines(opened, file)
        header = _header(next(lines))
        at = [header.index(column) for column in _LAYOUTS[layout]]
        for count, line in enumerate(lines, start=2):
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) < len(header) or any(cells[len(header) :]):
                reason = f"{len(cells)} cells for the {len(header)} columns {header}"
                raise ImportRefused(f"{file}, line {count}", reason)
            yield [cells[column] for column in at]


def _named(code: str, names: Mapping[str, str], place: str, layout: str) -> str:
    if code not in names:
        reason = f"{code} is not in {layout}; give files from one release"
        raise ImportRefused(f"{place}, column series_id", reason)
    return names[code]


def _fault(place: str, line: str) -> ImportRefused:
    cells = line.rstrip("\r\n").split("\t")
    if len(cells) != len(_COLUMNS):
        reason = f"{len(cells)} cells for the {len(_COLUMNS)} columns {list(_COLUMNS)}"
        return ImportRefused(place, reason)
    name, cell, words = next(  # one exists, because the line did not match
        (name, cell.strip(), words)
        for cell, (name, (pattern, words)) in zip(cells, _COLUMNS.items(), strict=True)
        if not re.fullmatch(f" *{pattern} *", cell)
    )
    return ImportRefused(f"{place}, column {name}", f"expected {words}, found {cell!r}")


def _cell(place: str, measure: Measure, value: str, footnotes: str, capped_at: str) -> str:
    codes = {*footnotes.split(",")} - {""}
    if unknown := codes - _KNOWN_FOOTNOTES:
        known = ", ".join(sorted(_KNOWN_FOOTNOTES))
        raise ImportRefused(
            f"{place}, column footnote_codes",
            f"unknown code {', '.join(sorted(unknown))}; known codes: {known}",
        )
    printed = None if value == "-" else format_number(value)
    if _CAPPED in codes and measure in PERCENTILES and printed in (None, capped_at):
        return f"{CAPPED}{capped_at}"
    if _NOT_RELEASED in codes and printed is None:
        return WITHHELD
    if _HOURLY_ONLY in codes and printed is None:
        return ""
    if printed is None or codes & {_CAPPED, _NOT_RELEASED}:
        raise ImportRefused(
            f"{place}, column value",
            f"{value} contradicts its footnotes ({footnotes or 'none'})",
        )
    return printed
