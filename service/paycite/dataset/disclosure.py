"""What is published of private sources. All builds together are one disclosure.

Two datasets with one placement between them would give that placement back, so a statistic keeps
its published value until at least five employers in it changed: not since the last value alone,
but since every value that was ever published, of any private source of the folder. Nor may it be
combined with others to compute what fewer than five contribute (`differencing.py`). What was
published is in `SOURCE.disclosed.json` beside the observations. That file is never served. Counts
are published in bands, and other numbers with three significant digits.
"""

import datetime
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import duckdb
import msgspec
from msgspec import Struct

from paycite.dataset.differencing import PublishedSets, employers_of
from paycite.dataset.engine import Engine, InDuckDB
from paycite.dataset.rows import insert, rows
from paycite.dataset.sql import statement
from paycite.files import replace_file
from paycite.match.employers import group_spellings
from paycite.model.observation import Observed
from paycite.model.pool import (
    FEWEST_AMOUNTS,
    FEWEST_CHANGES,
    FEWEST_EMPLOYERS,
    FEWEST_ROWS,
    Thresholds,
    count_band,
)
from paycite.model.score import Score

PartName = Literal["pool", "base", "metro", "role-metro", "spread"]
_PARTS: dict[str, PartName] = {"pool": "pool", "pool_factor": "base", "pool_spread": "spread"}
_ENDING = ".disclosed.json"
WAS_PUBLIC = ".public"
"""Of the rows of a source that was public, until the next build records them."""
_DECIMAL = re.compile(r"(k = )?(\d+\.\d+)")
_NO_COUNTS = {"n": 0, "employers": 0}


class Key(NamedTuple):
    """A statistic of any source; of a spread, `level` is `stated` or `all`."""

    part: PartName
    role: str | None
    level: str | None
    geography: str | None

    @property
    def is_sum(self) -> bool:
        """Whether it follows from sums of log pay, which can be added and subtracted."""
        return self.part in ("base", "metro", "role-metro")

    def scope(self) -> dict[str, str | None]:
        return {"role": self.role, "level": self.level, "geography": self.geography}


class Basis(Struct, frozen=True, kw_only=True):
    """What a statistic was computed from. The contributions are hashes, one for what each employer
    has in each role, level and place, with the employer in the upper half."""

    employers: int
    unnamed: int
    largest_share: float
    amounts: int
    contributions: tuple[int, ...]

    def is_enough(self, part: PartName, thresholds: Thresholds) -> bool:
        is_spread = part == "spread"
        fewest = thresholds.employers_for_spread if is_spread else thresholds.employers
        is_counted = self.employers >= fewest or self.unnamed >= thresholds.unnamed_rows
        is_shared = self.largest_share <= thresholds.largest_share
        return is_counted and is_shared and self.amounts >= FEWEST_AMOUNTS

    def count_changes(self, other: "Basis") -> int:
        """The least number of employers that joined, left or changed."""
        one, two = set(self.contributions), set(other.contributions)
        return max(len(employers_of(one - two)), len(employers_of(two - one)))


class Published(Struct, frozen=True, kw_only=True):
    """A statistic as it is published (null if it no longer is), and all that it was ever computed
    from, the newest last."""

    key: Key
    row: dict[str, Any] | None
    bases: tuple[Basis, ...]

    def can_stay(self, thresholds: Thresholds) -> bool:
        return bool(self.row) and self.bases[-1].is_enough(self.key.part, thresholds)


class Disclosed(Struct, frozen=True, kw_only=True):
    """All that was published of a source. `others` are rows without a statistic of its own, such as
    the official ratio of a place; they change with the pool as a whole. `hidden` are levels (role
    and level) that are large enough, but would show a smaller group by subtraction. `scores` are of
    the back-test of the source; they change with the pool, too."""

    published: list[Published]
    others: list[tuple[Key, dict[str, Any]]]
    hidden: list[tuple[str, str]] = []
    scores: list[Score] = []

    def rows(self) -> Iterator[tuple[Key, dict[str, Any]]]:
        """What is published now."""
        yield from self.others
        yield from ((one.key, one.row) for one in self.published if one.row)


class _Record(Struct, frozen=True, kw_only=True):
    """A file of what was published. `sha256` is that of the JSON text of `disclosed`."""

    sha256: str
    disclosed: msgspec.Raw


Disclosures = dict[str, Disclosed]  # by source


def read(observations: Path) -> Disclosures:
    """What was published of each source, including those that were removed. DecodeError if a file
    is not as it was written."""
    return {
        file.name.removesuffix(_ENDING): _read_record(file)
        for file in sorted(observations.glob(f"*{_ENDING}"))
    }


def _read_record(file: Path) -> Disclosed:
    record = msgspec.json.decode(file.read_bytes(), type=_Record)
    if hashlib.sha256(record.disclosed).hexdigest() != record.sha256:
        raise msgspec.DecodeError(f"{file.name} was changed")
    return msgspec.json.decode(record.disclosed, type=Disclosed)


def write(observations: Path, disclosures: Disclosures) -> None:
    """Replace the file of each source that has something new, durably."""
    for source, disclosed in disclosures.items():
        file = observations / f"{source}{_ENDING}"
        text = msgspec.json.encode(disclosed)
        record = _Record(sha256=hashlib.sha256(text).hexdigest(), disclosed=msgspec.Raw(text))
        content = msgspec.json.encode(record) + b"\n"
        if not file.exists() or file.read_bytes() != content:
            replace_file(file, content, mode=0o600)
        (observations / f"{source}{WAS_PUBLIC}").unlink(missing_ok=True)


def checksum(disclosed: Disclosed) -> str:
    """A hash of what is published now, and of nothing else."""
    return hashlib.sha256(msgspec.json.encode(list(disclosed.rows()))).hexdigest()


def add_public(
    engine: Engine, source: str, observations: Path, earlier: Disclosures
) -> Disclosures:
    """Add what was published of a source while it was public, if its rows were kept."""
    file = observations / f"{source}{WAS_PUBLIC}"
    if not file.exists():
        return earlier
    local = InDuckDB(engine.connection)
    group_employers(local, str(file))
    local.create("disclosure/observed", {"newest": datetime.date.max})
    before = earlier.get(source, Disclosed(published=[], others=[]))
    published = {one.key: one for one in before.published}
    for key, basis in measure(local).items():
        one = published.get(key, Published(key=key, row=None, bases=()))
        is_public = basis.employers >= FEWEST_EMPLOYERS or basis.unnamed >= FEWEST_ROWS
        if is_public and basis not in one.bases:
            published[key] = msgspec.structs.replace(one, bases=(basis, *one.bases))
    return earlier | {source: msgspec.structs.replace(before, published=[*published.values()])}


_OF_ALL = Key("spread", None, "all", None)  # without it, a source prices nothing


class Decision(NamedTuple):
    """Which statistics stay as some source published them, which must not be published, and which
    are hidden only because others could be computed from them."""

    held: Mapping[Key, tuple[str, Published]]
    barred: Collection[Key]
    revealing: Collection[Key]


def measure(engine: Engine) -> dict[Key, Basis]:
    """What each statistic of the table `observed` rests on."""
    engine.collect("disclosure/contribution")
    found = engine.connection.execute(
        "select * replace (contributions::ubigint[] as contributions) "  # decimals, if from Spark
        "from contribution order by all"
    )
    return {
        Key(row["part"], row["role"], row["level"], row["geography"]): Basis(
            **{name: row[name] for name in Basis.__struct_fields__}
        )
        for row in rows(found)
    }


def decide(
    source: str, bases: Mapping[Key, Basis], earlier: Disclosures, thresholds: Thresholds
) -> Decision:
    """Decide what of a source is new, and what stays as it, or another source, published it."""
    known: defaultdict[Key, dict[str, Published]] = defaultdict(dict)
    for name, disclosed in earlier.items():
        for one in disclosed.published:
            known[one.key][name] = one
    held: dict[Key, tuple[str, Published]] = {}
    barred, revealing, free = set(), set(), {}
    for key, basis in bases.items():
        # This source first, then by how near they are.
        near = sorted(
            (name != source, changes, name)
            for name, one in known[key].items()
            for changes in (min(map(basis.count_changes, one.bases)),)
            if changes < FEWEST_CHANGES
        )
        fit = [
            name
            for is_other, changes, name in near
            if (changes or not is_other) and known[key][name].can_stay(thresholds)
        ]
        if fit:
            held[key] = (fit[0], known[key][fit[0]])
        elif any(changes for _, changes, _ in near) or not basis.is_enough(key.part, thresholds):
            barred.add(key)
        else:
            free[key] = basis
    for key in _find_revealing(free, earlier):
        last = known[key].get(source)
        if last and last.can_stay(thresholds):
            held[key] = (source, last)
        else:
            revealing.add(key)
    return Decision(held, barred, revealing)


def _find_revealing(free: Mapping[Key, Basis], earlier: Disclosures) -> Iterator[Key]:
    """Find the new statistics that, together with others, would give away what fewer than five
    employers contribute. The whole comes before its parts."""
    sets = PublishedSets()
    for disclosed in earlier.values():
        for one in disclosed.published:
            if one.key.is_sum:
                for basis in one.bases:
                    sets.add(basis.contributions)
    sums = [key for key in free if key.is_sum]
    for key in sorted(sums, key=lambda one: (-len(free[one].contributions), str(one))):
        contributions = free[key].contributions
        if sets.isolate(contributions):
            yield key
        else:
            sets.add(contributions)


def withhold(bases: Mapping[Key, Basis], decision: Decision) -> Decision:
    """Hide a source as a whole if no question is answered from it, for lack of a spread."""
    is_priced = _OF_ALL in bases and _OF_ALL not in decision.barred
    return decision if is_priced else Decision({}, bases, ())


def list_places(bases: Mapping[Key, Basis], decision: Decision) -> Iterator[dict[str, Any]]:
    """List the places that are published, with their counts as published."""
    held, *hidden = decision
    for key, basis in bases.items():
        if key.part == "metro" and not any(key in keys for keys in hidden):
            shown = held[key][1].bases[-1] if key in held else basis
            weight = count_band(shown.employers) or count_band(shown.unnamed)
            yield {"geography": key.geography, "weight": weight}


def group_employers(engine: Engine, file: str) -> None:
    """Read a file into the table `observation`, and create the table `spelling`: the key of each
    name of an employer in it."""
    connection = engine.connection
    engine.read(file)
    engine.collect("pool/spelled")
    names = connection.execute("select name from spelled order by name").fetchall()
    found = group_spellings([name for (name,) in names])
    connection.execute("create or replace temp table spelling (name varchar, key varchar)")
    insert(connection, "spelling", [{"name": name, "key": key} for name, key in found.items()])
    engine.share("spelling")


def find_dates(engine: Engine, newest: datetime.date) -> dict[str, str | None]:
    """Find `as_of` and `middle` of the rows of the table `observation` that are used: those up to
    the day `newest`. Dates of later ones would say more than what is published."""
    engine.collect("disclosure/dated")
    (found,) = rows(engine.connection.execute(statement("disclosure/dates"), {"newest": newest}))
    return found


def add_scores(disclosed: Disclosed, scores: Iterable[Score]) -> Disclosed:
    """Publish the scores of a back-test, unless those of the same pool are published already."""
    is_published = any(one.row for one in disclosed.published if one.key.part == "pool")
    if disclosed.scores or not is_published:
        return disclosed
    return msgspec.structs.replace(disclosed, scores=[*scores])


def take_rows(connection: duckdb.DuckDBPyConnection) -> dict[Key, dict[str, Any]]:
    """The rows in the temporary tables that hide those of the dataset, which are dropped."""
    found = {}
    for table in _PARTS:
        for row in rows(connection.execute(f"from temp.{table} order by all")):
            part: PartName = row.get("part") or _PARTS[table]
            level = row.get("levels") or row.get("level")
            found[Key(part, row.get("role"), level, row.get("geography"))] = row
        connection.execute(f"drop table temp.{table}")
    return found


def disclose(
    source: str,
    fresh: Mapping[Key, dict[str, Any]],
    bases: Mapping[Key, Basis],
    decision: Decision,
    earlier: Disclosures,
) -> Disclosed:
    """Put together what is published of a source now: rows that stay, and rows that are new."""
    held, barred, _ = decision
    before = earlier.get(source, Disclosed(published=[], others=[]))
    published = {
        one.key: Published(key=one.key, row=None, bases=one.bases) for one in before.published
    }
    others = {}
    for key, row in fresh.items():
        if key in held:
            continue
        if key in bases and key not in barred and row["n"] is not None:
            past = published[key].bases if key in published else ()
            published[key] = Published(key=key, row=_coarsen(row), bases=(*past, bases[key]))
        elif key.part != "spread":
            others[key] = _coarsen(row if key.part != "pool" else row | _NO_COUNTS)
    for key, (name, one) in held.items():
        past = published[key].bases if key in published else ()
        added = () if one.bases[-1] in past else one.bases[-1:]
        row = _rename(one.row, name, source)
        published[key] = Published(key=key, row=row, bases=(*past, *added))
    scores: list[Score] = []
    for name in (held[key][0] for key in held if key.part == "pool"):
        others = {key: _rename(row, name, source) for key, row in earlier[name].others}
        scores = [_rename_score(one, name, source) for one in earlier[name].scores]
    return Disclosed(
        published=sorted(published.values(), key=lambda one: str(one.key)),
        others=[pair for pair in others.items() if not (p := published.get(pair[0])) or not p.row],
        scores=scores,
    )


def by_table(disclosed: Disclosed, one: Observed) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What is published now of a source as rows of the dataset; what an import says of the source
    as a whole is always of its newest import."""
    found = list(disclosed.rows())
    about = {name: getattr(one, name) for name in ("kind", "component", "note")}
    yield "pool", [row | about for key, row in found if key.part == "pool"]
    yield "pool_factor", [row for key, row in found if key.part not in ("pool", "spread")]
    yield "pool_spread", [row for key, row in found if key.part == "spread"]


def _rename(row: dict[str, Any] | None, name: str, source: str) -> dict[str, Any]:
    """The row of one source as that of another."""
    assert row is not None  # only what is published stays published
    renamed = row | {"source_id": source}
    return renamed | {"id": source + row["id"].removeprefix(name)} if "id" in row else renamed


def _rename_score(score: Score, name: str, source: str) -> Score:
    scored = source if score.source_id == name else score.source_id
    return msgspec.structs.replace(score, source_id=scored, tested_on=source)


def _coarsen(row: dict[str, Any]) -> dict[str, Any]:
    """Counts in bands; other numbers with three significant digits, in the locator too, and k, from
    which counts could be computed, with one."""
    coarse = {
        name: _round(value, 3) if isinstance(value, float) else value for name, value in row.items()
    }
    for name in ("n", "employers"):
        coarse[name] = None if row[name] is None else count_band(row[name])
    if "locator" in row:
        coarse["locator"] = _DECIMAL.sub(
            lambda found: f"{found[1] or ''}{_round(float(found[2]), 1 if found[1] else 3):g}",
            row["locator"],
        )
    return coarse


def _round(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
