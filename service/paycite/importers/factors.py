"""Derive the level and role factors that ship with Paycite from filings and advertisements."""

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path

from paycite.dataset.evidence import measure_factors
from paycite.importers.common.publish import publishing
from paycite.importers.common.toml import source_table, write_tables
from paycite.model.factor import FACTORS, FEWEST_FILINGS, SHRINKAGE_K
from paycite.model.figure import Published, Source
from paycite.seeds.factors import LEVEL_COLUMNS, ROLE_COLUMNS

_SHRUNK = f"with k = {SHRINKAGE_K} employers (advertisements: ranges)"
_LEVELS = (
    "computed by Paycite: log pay at the level over senior pay, as the mean of filings (each "
    "employer counted once per role, level and place; levels compared within a place) and of "
    "advertised ranges (medians, for roles with entry, mid and senior); each role's own ratio "
    f"shrunk {_SHRUNK} toward that of all roles; isotonic over levels; times senior pay over pay "
    "at all levels; staff and principal share one ratio, except for a role's own"
)
_ROLES = (
    "computed by Paycite: log pay for the role over pay in its occupations, weighted by their "
    "shares, within a place; each employer counted once per role or occupation and place; shrunk "
    f"toward 1 with k = {SHRINKAGE_K} employers; only roles with at least {FEWEST_FILINGS} filings"
)
_LEVEL_NOTE = (
    "Titles without a level count toward pay at all levels. Wages as filed or advertised, not pay "
    "received."
)
_ROLE_NOTE = "Wages filed for H-1B visas, excluding H-1B-dependent employers."


def write_factors(
    dataset: Path, filings: Path, filed: Source, advertised: Sequence[Source], into: Path
) -> None:
    """Write both kinds of factors, and the file that cites them, into the directory.

    `filings` are the observations of the source `filed`; `advertised` are the sources of the
    percentiles by level in the dataset.
    """
    factors = measure_factors(dataset, filings)
    levels = _write_csv(LEVEL_COLUMNS, factors.levels)
    roles = _write_csv(ROLE_COLUMNS, factors.roles)
    inputs = [filed, *advertised]
    source = Source(
        id=FACTORS,
        publisher="Paycite",
        originators=tuple(dict.fromkeys(name for one in inputs for name in one.originators)),
        title="Level factors and role factors",
        published=Published(precision="none"),
        citation="Paycite, level factors and role factors, computed from: "
        + "; ".join(one.citation for one in inputs),
        license="CC0 1.0",
        sha256=hashlib.sha256((levels + roles).encode()).hexdigest(),
    )
    head = write_tables(
        {
            "source": source_table(source),
            "levels": {
                "computed_from": [one.id for one in inputs],
                "locator": _LEVELS,
                "note": _LEVEL_NOTE,
            },
            "roles": {"computed_from": [filed.id], "locator": _ROLES, "note": _ROLE_NOTE},
        }
    )
    with publishing(into) as folder:
        for name, content in (("levels.csv", levels), ("roles.csv", roles), ("factors.toml", head)):
            (folder / name).write_text(content, encoding="utf-8")
            (folder / name).replace(into / name)


def _write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow("" if row[name] is None else row[name] for name in columns)
    return text.getvalue()
