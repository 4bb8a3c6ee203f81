"""What is published of private sources. All builds together are one disclosure.

Two datasets with one placement between them would give that placement back, so a statistic keeps
its published value until at least five employers in it changed: not since the last value alone,
but since every value that was ever published, of any private source of the folder. Nor may it be
combined with others to compute what fewer than five contribute (`differencing.py`). What was
published is kept (`disclosure_record.py`). Counts are published in bands, and other numbers with
three significant digits.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec

from paycite.dataset.differencing import PublishedSets
from paycite.dataset.disclosure_record import (
    WAS_PUBLIC,
    Basis,
    Disclosed,
    Disclosures,
    Key,
    PartName,
    Published,
)
from paycite.dataset.engine import Engine, InDuckDB
from paycite.dataset.rows import insert, rows
from paycite.dataset.sql import statement
from paycite.match.employers import group_spellings
from paycite.model.observation import Observed
from paycite.model.pool import (
    FEWEST_CHANGES,
    FEWEST_EMPLOYERS,
    FEWEST_ROWS,
    Thresholds,
    count_band,
)
from paycite.model.score import Score

_PARTS: dict[str, PartName] = {"pool": "pool", "pool_factor": "base", "pool_spread": "spread"}
_DECIMAL = re.compile(r"(k = )?(\d+\.\d+)")
_NO_COUNTS = {"n": 0, "employers": 0}
_OF_ALL = Key("spread", None, "all", None)  # without it, a source prices nothing


class Decision(NamedTuple):
    """Which statistics stay as some source published them, which must not be published, and which
    are hidden only because others could be computed from them."""

    held: Mapping[Key, tuple[str, Published]]
    barred: Collection[Key]
    revealing: Collection[Key]


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
