"""Pool filings by role, level and place, for the pool that ships with Paycite."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from paycite import seeds
from paycite.dataset.evidence import PooledPay, pool_pay
from paycite.dataset.observations import write
from paycite.files import sha256
from paycite.importers import ImportRefused
from paycite.importers.common.publish import publish_table
from paycite.importers.common.toml import source_table, write_tables
from paycite.model.figure import Source
from paycite.model.observation import Observation, Observed, RefusedRow
from paycite.seeds.pools import COLUMNS, SPREAD, STATED_LEVELS

NOTE = (
    "Wages filed for H-1B visas: the least that employers commit to pay, not what they pay. Only "
    "the lower end of each wage (WAGE_RATE_OF_PAY_FROM), which is 3 to 4% below the midpoint of "
    "the range, if one is given. About 15% below the official survey for the same occupations and "
    "places."
)
_NO_DEPENDENT = " Excludes H-1B-dependent employers, most of which are outsourcing firms."
_GAP = " Lacks the third quarter of fiscal year {year}, April to June, the largest."
_COMPUTED = (
    "computed by Paycite from certified filings for full-time H-1B positions with the role in the "
    "job title, at least five employers; each employer counted once per role, level and place, "
    "with its median; "
)
_LOCATORS = {
    "base": _COMPUTED + "geometric mean, shrunk toward that of the role (all levels: of all roles)",
    "metro": _COMPUTED + "geometric mean of the residuals after role and level, shrunk toward the "
    "square root of the official ratio to the nation (SOC 15-0000), or that root alone if fewer "
    "employers filed",
    "role-metro": _COMPUTED + "geometric mean of the residuals after role, level and place, shrunk "
    "toward 1",
    SPREAD: "computed by Paycite from the same filings, at least ten employers: quantiles of pay "
    "over cross-validated estimates (five folds of employers), shrunk toward all roles with "
    "k = 100",
}


class PooledImport(Struct, frozen=True, kw_only=True):
    """The number of statistics written, and their sample size."""

    rows: int
    observations: int
    employers: int


def write_pooled_pay(
    source: Source,
    files: Sequence[Path],
    rows: Iterable[Observation | RefusedRow],
    dataset: Path,
    into: Path,
    seeds_directory: Path,
    filings: Path | None = None,
    with_dependent: bool = False,
) -> PooledImport:
    """Pool filings, with the official statistics of a dataset as prior, and write the result into
    the directory.

    Keep the observations in `filings`, if given. Raises ImportRefused or SeedError, and then
    changes nothing.
    """
    with TemporaryDirectory(prefix="filings-") as folder:
        file = filings or Path(folder, "filings.parquet")
        written = write((row for row in rows if isinstance(row, Observation)), file)
        if not written.rows:
            raise ImportRefused(source.id, "no certified filing with a known role or SOC code")
        observed = Observed(
            source=source,
            kind="filed",
            component="base",
            as_of=written.newest,
            middle=written.middle,
            rows=written.rows,
            employers=written.employers,
            note=_write_note(source, with_dependent),
            sha256=sha256(file),
        )
        pooled = pool_pay(dataset, observed, file)
    table = _build_table(pooled)
    if not table:
        raise ImportRefused(source.id, "no role has filings from five employers")
    publish_table(
        files,
        into,
        source.id,
        (COLUMNS, table),
        _build_head(source, pooled),
        lambda folder: seeds.check_pool(seeds_directory, folder / f"{source.id}.csv"),
    )
    return PooledImport(
        rows=len(table), observations=pooled.pool["n"], employers=pooled.pool["employers"]
    )


def _write_note(source: Source, with_dependent: bool) -> str:
    years = {
        year
        for year in (word for word in source.title.split() if word.startswith("FY"))
        if f"{year} Q4" in source.title and f"{year} Q3" not in source.title
    }
    gaps = "".join(_GAP.format(year=year.removeprefix("FY")) for year in sorted(years))
    return NOTE + ("" if with_dependent else _NO_DEPENDENT) + gaps


def _build_head(source: Source, pooled: PooledPay) -> str:
    common = {
        name: pooled.pool[name]
        for name in ("kind", "component", "as_of", "middle", "n", "employers", "note")
    }
    pool = common | {"locators": _LOCATORS}
    return write_tables({"source": source_table(source), "pool": pool})


def _build_table(pooled: PooledPay) -> list[list[str]]:
    """Build the rows in a fixed order, so that the same filings give the same bytes."""
    spreads = [
        {**row, "part": SPREAD, "level": STATED_LEVELS if row["levels"] == "stated" else None}
        for row in pooled.spreads
    ]
    return [[_cell(row, name) for name in COLUMNS] for row in (*pooled.factors, *spreads)]


def _cell(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if isinstance(value, float) and value.is_integer() and name == "amount":
        return str(int(value))
    return "" if value is None else str(value)
