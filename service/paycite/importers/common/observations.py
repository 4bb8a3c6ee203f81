"""Write observations to `data/observations/`: the numbers, their citation, the refused rows."""

import csv
import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import msgspec
from msgspec import Struct

from paycite.dataset.disclosure_record import WAS_PUBLIC
from paycite.dataset.observations import Written, employers, parquet_rows, write
from paycite.files import sha256
from paycite.importers import ImportRefused
from paycite.importers.common.publish import publishing, remove, replace
from paycite.match.employers import group_spellings
from paycite.model.figure import Source
from paycite.model.observation import Observation, Observed, RefusedRow
from paycite.present.csv import cell_text

# Of the files of a source; the numbers come first.
ENDINGS = (".parquet", ".json", ".refused.csv", ".scores.json")
APPENDED = ("reason", "suggestions")
"""The columns that a report in the layout of a file appends to those of the file."""


class ObservationsImport(Struct, frozen=True, kw_only=True):
    """What was imported, how many rows were refused and why, and the file that lists them."""

    written: Written
    refused: dict[str, int]
    report: Path


def import_observations(
    source: Source,
    note: str,
    rows: Iterable[Observation | RefusedRow],
    into: Path,
    is_appending: bool = False,
    in_layout_of_file: bool = False,
    is_by_id: bool = False,
) -> ObservationsImport:
    """Write the observations of a source to the directory, and replace its earlier ones, or add to
    them. `in_layout_of_file` reports refused rows as they are in their file. `is_by_id` keeps rows
    with different ids, though they have the same content.

    Raises ImportRefused if there is none, or if they differ in kind or pay element, and then
    changes nothing.
    """
    with publishing(into, mode=0o700) as folder:
        numbers, about = folder / f"{source.id}.parquet", folder / f"{source.id}.json"
        report = _Report(folder / f"{source.id}.refused.csv", in_layout_of_file)
        earlier: Iterable[Observation] = ()
        if is_appending:
            source, earlier = _read_earlier(source, into)
        written = write(chain(earlier, report.take_refused(rows)), numbers, is_by_id)
        if source.is_private:  # as the build counts them
            count = len({*group_spellings(employers(numbers)).values()})
            written = msgspec.structs.replace(written, employers=count)
        report.write()
        _refuse_none(source, written, report)
        _refuse_several(source, written)
        about.write_bytes(_build_citation(source, note, written, sha256(numbers)))
        files = [numbers, about, report.file]
        if source.is_private:
            files += _keep_public(source.id, into, folder)
            for file in files:
                file.chmod(0o600)
        replace(files, into)
    return ObservationsImport(
        written=written,
        refused=dict(report.counts.most_common()),
        report=into / report.file.name,
    )


def remove_observations(source_id: str, folder: Path) -> bool:
    """Delete what was imported of a source from the directory, with its scores; return whether
    there was anything."""
    return remove([f"{source_id}{ending}" for ending in ENDINGS], folder)


def _keep_public(source_id: str, into: Path, folder: Path) -> list[Path]:
    """Copy the earlier rows of a source if it was public: the next build records what they gave
    away."""
    about, numbers = into / f"{source_id}.json", into / f"{source_id}.parquet"
    try:
        before = msgspec.json.decode(about.read_bytes(), type=Observed)
    except (OSError, msgspec.DecodeError):
        return []
    if before.source.is_private or not numbers.exists():
        return []
    return [shutil.copyfile(numbers, folder / f"{source_id}{WAS_PUBLIC}")]


def _read_earlier(source: Source, into: Path) -> tuple[Source, Iterator[Observation]]:
    """The source with a checksum of all its files, and its earlier observations."""
    about, numbers = into / f"{source.id}.json", into / f"{source.id}.parquet"
    if not numbers.exists():
        raise ImportRefused(source.id, "there are no rows to add to. Leave --append out")
    before = msgspec.json.decode(about.read_bytes(), type=Observed).source
    if before.is_private != source.is_private:
        was = "private. Leave --public out" if before.is_private else "public. Add --public"
        raise ImportRefused(source.id, f"what was imported before is {was}")
    both = hashlib.sha256(f"{before.sha256}\n{source.sha256}\n".encode()).hexdigest()
    rows = (msgspec.convert(row, Observation) for row in parquet_rows(numbers))
    return msgspec.structs.replace(source, sha256=both), rows


class _Report:
    """Collects refused rows on disk, because there may be millions, and writes them as CSV."""

    def __init__(self, file: Path, in_layout_of_file: bool) -> None:
        self.file = file
        self.counts: Counter[str] = Counter()
        self.first: dict[str, str] = {}
        self._lines = file.with_suffix(".jsonl")
        self._in_layout_of_file = in_layout_of_file
        self._columns: dict[str, None] = {}

    def take_refused(self, rows: Iterable[Observation | RefusedRow]) -> Iterator[Observation]:
        """Yield the observations."""
        with self._lines.open("wb") as lines:
            for row in rows:
                if isinstance(row, Observation):
                    yield row
                    continue
                self.counts[row.reason] += 1
                self.first.setdefault(row.reason, f"{row.place}: {row.value!r}")
                self._columns |= dict.fromkeys(row.cells or ())
                lines.write(msgspec.json.encode(row) + b"\n")

    def write(self) -> None:
        if not self._in_layout_of_file:
            self._write(("place", "reason", "value"), lambda row: msgspec.structs.asdict(row))
            return
        columns = (*(one for one in self._columns if one not in APPENDED), *APPENDED)
        self._write(columns, _in_layout_of_file)

    def _write(self, columns: Sequence[str], cells: Callable[[RefusedRow], dict[str, str]]) -> None:
        # With a byte order mark, by which spreadsheets recognize UTF-8.
        encoding = "utf-8-sig" if self._in_layout_of_file else "utf-8"
        with (
            self._lines.open("rb") as lines,
            self.file.open("w", encoding=encoding, newline="") as file,
        ):
            writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            for line in lines:
                row = cells(msgspec.json.decode(line, type=RefusedRow))
                writer.writerow({column: cell_text(cell) for column, cell in row.items()})


def _in_layout_of_file(row: RefusedRow) -> dict[str, str]:
    reasons = [f"{fault.reason}: {fault.value}".removesuffix(": ") for fault in row.faults]
    suggestions = [" | ".join(fault.suggestions) for fault in row.faults if fault.suggestions]
    appended = dict(zip(APPENDED, ("; ".join(reasons), "; ".join(suggestions)), strict=True))
    return (row.cells or {}) | appended


def _refuse_none(source: Source, written: Written, report: _Report) -> None:
    if written.rows:
        return
    reasons = "; ".join(
        f"{why}: {rows:,} ({report.first[why]})" for why, rows in report.counts.most_common()
    )
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
