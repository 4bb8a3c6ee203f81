"""Remake everything in seeds/ that is derived from the shared data, and show what changed.

    PAYCITE_SHARED_DATA=/path/to/data make evidence

Run it after roles, titles, places or official statistics change. It rewrites, in this order, the
percentiles by level (aijobs, infosec), the pooled filings, and the factors derived from both.

    python bench/evidence.py --held-out-into SEEDS

writes seeds without the employers that the judge holds out, instead, and leaves seeds/ alone.
"""

import csv
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import duckdb

from judge.observations import HELD_OUT
from paycite.dataset.build import build
from paycite.dataset.published import Datasets
from paycite.importers import factors, lca
from paycite.importers.aijobs import BOARDS, percentiles
from paycite.importers.common.fields import FieldParser
from paycite.importers.lca import pooled
from paycite.model.snapshot import Snapshot
from paycite.seeds.occupations import load_crosswalk
from paycite.settings import ROOT

SEEDS = ROOT / "seeds"
# The newest fiscal year at hand, without H-1B-dependent employers. bench/README.md has the reasons.
QUARTERS = ("FY2024_Q1", "FY2024_Q2", "FY2024_Q4")
_KEYS = ("part", "occupation", "role", "level", "geography")
_SHOWN = 12  # changes of a file, the largest

Rows = Mapping[tuple[str, ...], Mapping[str, str]]


@click.command()
@click.option("--held-out-into", type=click.Path(path_type=Path, exists=False))
def main(held_out_into: Path | None) -> None:
    shared = os.environ.get("PAYCITE_SHARED_DATA")
    if not shared or not Path(shared).is_dir():
        sys.exit("Set PAYCITE_SHARED_DATA to the directory with the shared data.")
    if held_out_into:
        shutil.copytree(SEEDS, held_out_into)
        delete_derived(held_out_into)
        with TemporaryDirectory(prefix="evidence-") as name:
            remake(Path(shared), held_out_into, Path(name), is_held_out=True)
        return
    before = {file: read_rows(SEEDS / file) for file in derived_files(SEEDS) if is_table(file)}
    with TemporaryDirectory(prefix="evidence-") as name:
        folder = Path(name)
        copy = Path(shutil.copytree(SEEDS, folder / "seeds"))
        delete_derived(copy)
        remake(Path(shared), copy, folder)
        delete_derived(SEEDS)
        for file in derived_files(copy):
            (SEEDS / file).parent.mkdir(exist_ok=True)
            shutil.copy(copy / file, SEEDS / file)
    after = {file: read_rows(SEEDS / file) for file in derived_files(SEEDS) if is_table(file)}
    for file in sorted({*before, *after}):
        show_changes(file, before.get(file, {}), after.get(file, {}))


def derived_files(seeds: Path) -> list[Path]:
    """The files that are remade, as paths in the seeds."""
    return [
        file.relative_to(seeds)
        for folder in ("distributions", "pools", "factors")
        for file in sorted((seeds / folder).glob("*"))
        if not file.stem.startswith("bls-oews-")
    ]


def is_table(file: Path) -> bool:
    return file.suffix == ".csv"


def delete_derived(seeds: Path) -> None:
    """They depend on what is remade first, and may name roles that are gone. Constants of the
    estimator cite the same source as the factors, so that one stays, without rows."""
    for file in derived_files(seeds):
        if file.parent.name != "factors":
            (seeds / file).unlink()
        elif is_table(file):
            header, *_ = (seeds / file).read_text(encoding="utf-8").splitlines()
            (seeds / file).write_text(f"{header}\n", encoding="utf-8")


def remake(shared: Path, seeds: Path, folder: Path, is_held_out: bool = False) -> None:
    for series, board in BOARDS.items():
        file = shared / f"{series}_salaries_2025-08.csv.gz"
        percentiles.import_release(board, file, seeds / "distributions", seeds, None)
    files = [shared / "dol_lca" / f"LCA_Disclosure_Data_{name}.parquet" for name in QUARTERS]
    filed = lca.build_source(files, None, None)
    filings = folder / "filings.parquet"
    dataset, snapshot = build_dataset(seeds, folder / "datasets")
    rows = lca.Filings(files, load_crosswalk(seeds)).read_observations(FieldParser(snapshot))
    if is_held_out:
        left_out = held_out_employers(files)
        rows = (row for row in rows if getattr(row, "employer", None) not in left_out)
    written = pooled.write_pooled_pay(filed, files, rows, dataset, seeds / "pools", seeds, filings)
    print(f"{filed.id}: {written.observations:,} filings of {written.employers:,} employers")
    advertised = [one for one in snapshot.sources.values() if one.series in BOARDS]
    factors.write_factors(dataset, filings, filed, advertised, seeds / "factors")
    dataset, snapshot = build_dataset(seeds, folder / "datasets")
    print(f"dataset {snapshot.version}: {dataset.stat().st_size / 1e6:.1f} MB")


def held_out_employers(files: Sequence[Path]) -> set[str]:
    """The employers that the judge asks about, by the hash of their names."""
    query = (
        "select distinct EMPLOYER_NAME from read_parquet($files) "
        "where md5_number_lower(upper(trim(EMPLOYER_NAME))) % $fold = 0"
    )
    found = duckdb.execute(query, {"files": [*map(str, files)], "fold": HELD_OUT}).fetchall()
    return {name for (name,) in found}


def build_dataset(seeds: Path, folder: Path) -> tuple[Path, Snapshot]:
    """Build a dataset of the seeds as they are now, and return its file and its snapshot."""
    version = build(seeds, folder, keep=2)
    with closing(Datasets(folder)) as datasets:
        return folder / f"{version}.duckdb", datasets.current.snapshot


def read_rows(file: Path) -> Rows:
    with file.open(encoding="utf-8", newline="") as opened:
        return {tuple(row.get(key, "") for key in _KEYS): row for row in csv.DictReader(opened)}


def show_changes(file: Path, before: Rows, after: Rows) -> None:
    """Print how many rows were added, removed and changed, and the largest changes."""
    changes = []
    for key in before.keys() & after.keys():
        for column, old in before[key].items():
            new = after[key].get(column, "")
            if old != new:
                changes.append((_share_of_change(old, new), key, column, old, new))
    changed = len({key for _, key, *_ in changes})
    added, removed = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    print(f"seeds/{file}: {added} rows added, {removed} removed, {changed} changed")
    for share, key, column, old, new in sorted(changes, reverse=True)[:_SHOWN]:
        print(f"  {' '.join(filter(None, key))} {column}: {old} -> {new} ({share:.1%})")


def _share_of_change(old: str, new: str) -> float:
    try:
        return abs(float(new) / float(old) - 1)
    except (ValueError, ZeroDivisionError):
        return 1.0


if __name__ == "__main__":
    main()
