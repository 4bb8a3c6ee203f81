"""Write observations to `data/observations/`: the numbers, their citation, the refused rows."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from paycite.dataset.observations import Written, write
from paycite.importers import ImportRefused
from paycite.importers.common.publish import publishing, replace
from paycite.model.figure import Source
from paycite.model.observation import Observation, Observed, RefusedRow
from paycite.seeds.files import sha256


class ObservationsImport(Struct, frozen=True, kw_only=True):
    """What was imported, how many rows were refused and why, and the file that lists them."""

    written: Written
    refused: dict[str, int]
    report: Path


def import_observations(
    source: Source, note: str, rows: Iterable[Observation | RefusedRow], into: Path
) -> ObservationsImport:
    """Write the observations of a source to the directory, and replace its earlier ones.

    Raises ImportRefused if there is none, or if they differ in kind or pay element, and then
    changes nothing.
    """
    with publishing(into) as folder:
        numbers, about = folder / f"{source.id}.parquet", folder / f"{source.id}.json"
        report = folder / f"{source.id}.refused.csv"
        refused: Counter[str] = Counter()
        written = write(_write_report(rows, report, refused), numbers)
        _refuse_none(source, written, refused, report)
        _refuse_several(source, written)
        about.write_bytes(_build_citation(source, note, written, sha256(numbers)))
        report = report.replace(into / report.name)
        replace(numbers, about, into)
    return ObservationsImport(written=written, refused=dict(refused.most_common()), report=report)


def _write_report(
    rows: Iterable[Observation | RefusedRow], report: Path, refused: Counter[str]
) -> Iterator[Observation]:
    """Yield the observations, and write the other rows to the report."""
    with report.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(RefusedRow.__struct_fields__)
        for row in rows:
            if isinstance(row, Observation):
                yield row
            else:
                refused[row.reason] += 1
                writer.writerow(msgspec.structs.astuple(row))


def _refuse_none(source: Source, written: Written, refused: Counter[str], report: Path) -> None:
    if written.rows:
        return
    first: dict[str, str] = {}
    with report.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            first.setdefault(row["reason"], f"{row['place']}: {row['value']!r}")
    reasons = "; ".join(f"{why}: {rows:,} ({first[why]})" for why, rows in refused.most_common())
    raise ImportRefused(
        source.id, f"no row is an observation. {reasons or 'The files have no rows.'}"
    )


def _refuse_several(source: Source, written: Written) -> None:
    """Refuse rows of two kinds: each kind is pooled as its own source."""
    for what, found in (("kind", written.kinds), ("component", written.components)):
        if len(found) > 1:
            raise ImportRefused(
                source.id,
                f"the rows have more than one {what}: {', '.join(found)}. Import each as its own "
                f"source, with `--{what}`",
            )


def _build_citation(source: Source, note: str, written: Written, sha256: str) -> bytes:
    observed = Observed(
        source=source,
        kind=written.kinds[0],
        component=written.components[0],
        as_of=written.newest,
        middle=written.middle,
        rows=written.rows,
        employers=written.employers,
        note=note,
        sha256=sha256,
    )
    return msgspec.json.format(msgspec.json.encode(observed)) + b"\n"
