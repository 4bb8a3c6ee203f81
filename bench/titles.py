"""How many job titles of visa filings and of advertisements are answered, and by what role.

    PAYCITE_SHARED_DATA=... python bench/titles.py [--roles] [--refused N]

Takes the 6,000 most frequent titles of certified labor condition applications (`dol_lca/`) with a
majority of filings in computer occupations (SOC 15-* or 11-3021), weighted by filings, and the
titles of the 2023 advertisements (`data_jobs_2023_us.parquet`). An answer agrees if the title's
most frequent SOC 2018 code is among the role's. `--roles` prints the SOC codes of the filings that
name each role, which are the evidence for `soc_shares`; `--refused N` the most frequent refusals.
"""

import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import duckdb

from paycite import seeds
from paycite.match import build_title_parser
from paycite.model.problem import Refusal
from paycite.settings import ROOT

SHARED = Path(os.environ["PAYCITE_SHARED_DATA"])
# Codes of SOC 2010 that SOC 2018 does not have; a third of the filings of fiscal 2022 use them.
SOC_2010 = {f"15-{n}" for n in (1111, 1121, 1122, *range(1131, 1135), *range(1141, 1144))} | {
    f"15-{n}" for n in (1151, 1152, 1199)
}
TITLES = """
    with filing as (
        select upper(trim(regexp_replace(job_title, '\\s+', ' ', 'g'))) as title,
               left(soc_code, 7) as soc
        from read_parquet(?) where case_status = 'Certified'
    ), frequent as (
        select title, count(*) as n from filing where title is not null group by title
        having avg((soc like '15-%' or soc = '11-3021')::int) > 0.5
        order by n desc, title limit 6000
    )
    select title, frequent.n, soc, count(*) from filing join frequent using (title) group by all
    order by all"""
KINDS = {
    "managers": r"\b(?:manager|mgr)s?\b",
    "directors and executives": r"\b(?:director|president|vp|avp|chief|head)\b",
    "consultants": r"\bconsultants?\b",
    "one word": r"\S+",
}

loaded = seeds.read(ROOT / "seeds")
roles = {role.id: role for role in loaded.roles}
parser = build_title_parser(roles, {level.id: level for level in loaded.levels}, loaded.words)


def parse(title: str) -> str | None:
    try:
        return parser.parse(title)[0][0].id
    except Refusal:
        return None


def classify(title: str) -> str:
    for kind, pattern in KINDS.items():
        if re.fullmatch(pattern, title, re.I) or (
            kind != "one word" and re.search(pattern, title, re.I)
        ):
            return kind
    return "others"


def report(name: str, answered: Counter[str], total: Counter[str]) -> None:
    for kind in (None, *total) if len(total) > 1 else (None,):
        n = total[kind] if kind else total.total()
        k = answered[kind] if kind else answered.total()
        print(f"{name}, {kind or 'all'}: {k:,} of {n:,}, {k / n:.1%} answered")


def measure_filings() -> tuple[dict[str, Counter[str]], list[tuple[int, str]]]:
    codes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    frequency: dict[str, int] = {}
    pattern = str(SHARED / "dol_lca" / "*.parquet")
    for title, n, soc, filings in duckdb.execute(TITLES, [pattern]).fetchall():
        frequency[title] = n
        codes[title][soc] += filings
    total, answered, agrees, judged = Counter[str](), Counter[str](), 0, 0
    mix: defaultdict[str, Counter[str]] = defaultdict(Counter)
    refused, differs = [], []
    for title, n in frequency.items():
        kind, role = classify(title), parse(title)
        total[kind] += n
        if role is None:
            refused.append((n, title))
            continue
        answered[kind] += n
        known = Counter({soc: k for soc, k in codes[title].items() if soc not in SOC_2010})
        mix[role] += known
        if known:
            main = max(known, key=lambda soc: (known[soc], soc))
            judged += n
            agrees += n * (main in roles[role].soc_codes)
            if main not in roles[role].soc_codes:
                differs.append((n, f"{title}: {role}, {main}"))
    report("filings", answered, total)
    print(f"main occupation among the role's codes: {agrees / judged:.1%} of {judged:,}")
    for n, text in sorted(differs, reverse=True)[:15]:
        print(f"  {n:,} {text}")
    return mix, sorted(refused, reverse=True)


def measure_advertisements() -> None:
    path = str(SHARED / "data_jobs_2023_us.parquet")
    rows = duckdb.execute("select job_title from read_parquet(?)", [path]).fetchall()
    report("advertisements of 2023", *_count(title for (title,) in rows))


def _count(titles: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    total, answered = Counter[str](), Counter[str]()
    for title in titles:
        total["titles"] += 1
        answered["titles"] += parse(title) is not None
    return answered, total


def main() -> None:
    mix, refused = measure_filings()
    measure_advertisements()
    for role in roles if "--roles" in sys.argv else ():
        n = mix[role].total()
        shares = ", ".join(f"{soc} {k / n:.3f}" for soc, k in mix[role].most_common(7))
        print(f"{role}: n={n:,}: {shares}")
    most = int(sys.argv[sys.argv.index("--refused") + 1]) if "--refused" in sys.argv else 0
    for n, title in refused[:most]:
        print(f"{n:,} {title}")


if __name__ == "__main__":
    main()
