"""Observed pay: rows of title, place, pay, employer and date, from a file or a known set.

Every row carries the hash of its question (title and place). Answers are saved by that hash, so
that a file of answers holds no text, no pay and no employer.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb

# One employer in this many is held out of what is shipped, by the hash of its name.
HELD_OUT = 5

_FILINGS = """
with filing as (
    select
        *,
        map {'Year': 1, 'Month': 12, 'Bi-Weekly': 26, 'Week': 52, 'Hour': 2080} as per_year,
        WAGE_RATE_OF_PAY_FROM * per_year[WAGE_UNIT_OF_PAY] as wage,
        PREVAILING_WAGE * per_year[PW_UNIT_OF_PAY] as prevailing
    from read_parquet($shared || '/dol_lca/LCA_Disclosure_Data_FY2024_*.parquet')
    where
        CASE_STATUS = 'Certified'
        and FULL_TIME_POSITION = 'Y'
        and (starts_with(SOC_CODE, '15-') or starts_with(SOC_CODE, '11-3021'))
        and H_1B_DEPENDENT in ('Yes', 'No')
)
select
    JOB_TITLE as title,
    WORKSITE_CITY || ', ' || WORKSITE_STATE as place,
    wage as pay,
    EMPLOYER_NAME as employer,
    DECISION_DATE::timestamp::date as date,
    if(H_1B_DEPENDENT = 'Yes', 'H-1B-dependent', 'not H-1B-dependent') as extra
from filing
where wage between 0.8 * prevailing and 10 * prevailing
"""


class KnownSet(NamedTuple):
    """A set of the shared data; `query` gives title, place, pay, employer, date and extra."""

    description: str
    query: str
    unit: str = "employer"  # what weighs 1 in the second weighting, and what the bootstrap draws
    extra: str | None = None  # what the column `extra` groups by


SETS = {
    "advertisements-2023": KnownSet(
        "U.S. job advertisements for data work, 2023",
        """
        select job_title as title, location as place, annual_usd as pay, employer,
            posted as date, null as extra
        from read_parquet($shared || '/data_jobs_2023_us.parquet')
        """,
    ),
    "filings-fy2024": KnownSet(
        "H-1B filings of FY2024 for computer occupations and IT managers (SOC 15-*, 11-3021)",
        _FILINGS,
        extra="employer",
    ),
    "filings-fy2024-not-dependent": KnownSet(
        "H-1B filings of FY2024 for SOC 15-* and 11-3021, without H-1B-dependent employers",
        f"select * from ({_FILINGS}) where extra = 'not H-1B-dependent'",
    ),
    "filings-fy2025": KnownSet(
        "Wages of H-1B filings of FY2025, sampled by occupation and metro; asked by the "
        "occupation's title and the CBSA code",
        """
        select occupation_name as title, cbsa as place, annual_usd as pay,
            soc || ' ' || cbsa as employer, null::date as date, soc as extra
        from read_parquet($shared || '/dol_lca_fy2025_wage_samples.parquet')
        join (
            select soc, occupation_name
            from read_parquet($shared || '/bls_oews_may2025.parquet')
            where areatype = 'N'
        ) using (soc)
        """,
        unit="cell",
        extra="occupation",
    ),
}


class Selection(NamedTuple):
    """Which rows are judged."""

    source: str  # the name of a known set, or a CSV or Parquet file
    shared: Path | None = None  # directory of the shared data
    columns: Mapping[
        str, str
    ] = {}  # of a file: title, place, pay, low, high, employer, date, extra
    held_out: bool = False
    most: int | None = None

    @property
    def known(self) -> KnownSet:
        """The set, or a substitute for it if the source is a file."""
        return SETS.get(self.source) or KnownSet(
            Path(self.source).name, _file_query(self.columns), extra=self.columns.get("extra")
        )


def load(selection: Selection) -> duckdb.DuckDBPyConnection:
    """A connection with the table `observation`: question, title, place, pay, employer, date,
    extra. A row without employer counts as an employer of its own."""
    connection = duckdb.connect()
    parameters: dict[str, str | int] = {
        "held_out": selection.held_out,
        "modulus": HELD_OUT,
        "most": selection.most or (1 << 62),
    }
    query = selection.known.query
    if "$shared" in query:
        if selection.shared is None:
            raise ValueError(f"{selection.source} needs the directory of the shared data.")
        parameters["shared"] = str(selection.shared)
    else:
        file = Path(selection.source)
        if not file.is_file():
            raise ValueError(f"No such file or set: {file}. Known sets: {', '.join(SETS)}.")
        reader = "read_parquet" if file.suffix == ".parquet" else "read_csv"
        query = query.replace("$reader", reader)
        parameters["file"] = str(file)
    connection.execute(
        f"""
        create table observation as
        select
            md5_number_lower(title || chr(31) || coalesce(place, '')) as question,
            title::varchar as title,
            place::varchar as place,
            pay::double as pay,
            coalesce(employer::varchar, 'row ' || row_number() over ()) as employer,
            date,
            extra::varchar as extra
        from ({query})
        where
            trim(title) <> ''
            and pay > 0
            and (not $held_out or
                md5_number_lower(upper(trim(employer::varchar))) % $modulus = 0)
        order by md5(concat_ws(chr(31), title, place, employer, pay, date))
        limit $most
        """,
        parameters,
    )
    return connection


def _file_query(columns: Mapping[str, str]) -> str:
    names = {ours: '"' + name.replace('"', '""') + '"' for ours, name in columns.items()}
    names.setdefault("pay", "sqrt({low} * {high})".format_map(names) if "low" in names else "pay")
    asked = ("title", "place", "pay", "employer", "date", "extra")
    selected = ", ".join(f"{names.get(name, 'null')} as {name}" for name in asked)
    return f"select {selected} from $reader($file)"
