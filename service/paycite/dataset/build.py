"""Write, audit and publish a dataset. A crash at any point leaves the previous one in service."""

import datetime
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb
import msgspec

from paycite import seeds
from paycite.dataset import SCHEMA_VERSION, disclosure, disclosure_record
from paycite.dataset.disclosure_record import Disclosures
from paycite.dataset.engine import EngineError, InDuckDB, MakeEngine
from paycite.dataset.estimate import estimate
from paycite.dataset.export import remove_orphans
from paycite.dataset.pointer import (
    NO_PARTS,
    PUBLIC,
    Scope,
    advance_pointer,
    find_last_pointer,
    find_pointer,
    sole_builder,
)
from paycite.dataset.pool import constants, pool
from paycite.dataset.published import check_version, list_published, make_last
from paycite.dataset.retention import prune, prune_private
from paycite.dataset.rows import insert
from paycite.dataset.scopes import (
    with_coarse_scores,
    with_published_pay,
    with_published_scores,
    within,
)
from paycite.dataset.sql import first_line, names, quote, statement
from paycite.dataset.store import DatasetError
from paycite.model.figure import Rule, Source
from paycite.model.observation import Observed
from paycite.model.pool import Thresholds
from paycite.model.vocabulary import BEYOND_METROS
from paycite.seeds import Seeds
from paycite.seeds.observations import observed

_ROW_GROUP = 8192
_SHOWN = 20  # rows of an audit
_METRO_LISTS = ("cbsa_codes", "cities", "aliases")


class AuditError(Exception):
    """An audit failed; the dataset is not published."""


class _Pooling(NamedTuple):
    """How a build pools observations."""

    engine: MakeEngine
    observations: Path | None
    thresholds: Thresholds
    stored: str | None


def build(
    seeds_directory: Path,
    datasets: Path,
    keep: int,
    as_of: datetime.date | None = None,
    imported: Path | None = None,
    observations: Path | None = None,
    thresholds: Thresholds = Thresholds(),  # noqa: B008
    keep_private: bool = False,
    engine: MakeEngine = InDuckDB,
    stored: str | None = None,
    scopes: Iterable[Scope] = (),
    say: Callable[[str], object] = lambda _: None,
) -> str:
    """Build a dataset from seeds and imports, make it current, and return its version. If there are
    private sources, a dataset without them is built first, and kept beside it; and one for each of
    the `scopes`, and of those that were built before.

    `as_of` defaults to the newest date among the sources, and may not be before the newest of the
    public ones. The newest `keep` datasets are kept, but none with other figures of a private
    source than the current one, unless `keep_private`, none with a private source that it lacks,
    and none in which a source is public that is private now; `say` gets a sentence for each that
    is deleted for such a reason.
    `stored` is the folder of the Parquet files as the engine reads them; without it, they are in
    `observations`.
    Raises SeedError or AuditError without changing anything.
    """
    loaded = with_coarse_scores(
        seeds.read(seeds_directory, imported, observations, stored is not None)
    )
    public = within(loaded, PUBLIC)
    if as_of:
        _check_date(as_of, public)
    datasets.mkdir(0o700, parents=True, exist_ok=True)
    pooling = _Pooling(engine, observations, thresholds, stored)
    with sole_builder(datasets):
        earlier = _list_to_current(datasets)
        if public == loaded:
            version = public_version = _write(datasets, public, as_of, pooling)
        else:
            public_version = _find_built(datasets, public, as_of) or _write(
                datasets, public, as_of, pooling
            )
            version = _write(datasets, loaded, as_of, pooling, public_version)
        private = Scope(source.id for source in loaded.sources if source.is_private)
        made = {PUBLIC: public_version, private: version}
        parts = {}
        for scope in (*scopes, *(part.scope for part in find_last_pointer(datasets).scoped)):
            there = scope & private
            if there not in made:
                part = with_published_pay(within(loaded, there), datasets / f"{version}.duckdb")
                made[there] = _write(datasets, part, as_of, pooling, public_version, is_scoped=True)
            parts[scope] = made[there]
        publish(datasets, version, public_version, parts)
        if public_version not in (version, *earlier):
            # By its time, a rollback knows that it was not published by itself before.
            make_last(datasets, public_version)
        prune_private(datasets, version, keep_private, say)
        prune(datasets, keep, {*made.values()})
        remove_orphans(datasets)
    return version


def _check_date(as_of: datetime.date, public: Seeds) -> None:
    """Refuse a date on which a public source was not published yet: answers cite it."""
    newest, id_ = max(
        ((day, one.id) for one in public.sources if (day := one.published.date)),
        default=(as_of, ""),
    )
    if as_of < newest:
        raise AuditError(
            f"--as-of {as_of} is before {newest}, when {id_} was published. Pass that day or a "
            "later one, or leave --as-of out."
        )


def _newest(loaded: Seeds) -> datetime.date:
    dates = [source.published.date for source in loaded.sources if source.published.date]
    if not dates:
        raise AuditError("no source has a date: pass the date that ages are counted from (--as-of)")
    return max(dates)


def _version(loaded: Seeds, as_of: datetime.date, disclosures: Disclosures) -> str:
    """A hash of the inputs, because two DuckDB files with the same rows differ in bytes. Of private
    sources it is a hash of what is published, so that it neither confirms a guess of a row nor
    changes with one."""
    said = msgspec.structs.replace(
        loaded,
        lines={},
        sources=tuple(
            msgspec.structs.replace(one, sha256=disclosure_record.checksum(disclosures[one.id]))
            if one.id in disclosures
            else one
            for one in loaded.sources
        ),
        observed=tuple(one for one in loaded.observed if one.source.id not in disclosures),
    )
    how = (*constants(), *map(statement, names("estimate")))
    inputs = msgspec.json.encode((SCHEMA_VERSION, statement("schema"), how, as_of, said))
    return f"{as_of}-{hashlib.sha256(inputs).hexdigest()[:12]}"


def _find_built(datasets: Path, public: Seeds, as_of: datetime.date | None) -> str | None:
    """The version of the public dataset if it can be read whole: only private rows changed since it
    was built."""
    version = _version(public, as_of or _newest(public), {})
    with suppress(DatasetError):
        return check_version(datasets, version).version
    return None


def _write(
    datasets: Path,
    loaded: Seeds,
    as_of: datetime.date | None,
    pooling: _Pooling,
    public_version: str | None = None,
    *,
    is_scoped: bool = False,
) -> str:
    """Write a dataset into the directory, and return its version. An existing file of this version
    is replaced, in case it was damaged; processes that have it open keep the old file, which has
    the same content."""
    dataset = {
        "schema_version": SCHEMA_VERSION,
        "as_of": as_of or _newest(loaded),
        "public_version": public_version,
        "is_scoped": is_scoped,
    }
    with TemporaryDirectory(prefix="building-", dir=datasets) as building:
        unpublished = Path(building, "unpublished.duckdb")
        version, disclosures = _fill(unpublished, loaded, dataset, pooling)
        _refuse_changed(loaded.observed, pooling)
        # Opening it for writing fails; private sources are for this user.
        unpublished.chmod(0o400 if any(one.is_private for one in loaded.sources) else 0o444)
        if pooling.observations and disclosures:
            # First: if the build is killed between the two, more is held back than was published.
            disclosure_record.write(pooling.observations, disclosures)
        file = datasets / f"{version}.duckdb"
        if file.exists():  # it keeps its place in the order of publication
            when = file.stat().st_mtime_ns
            os.utime(unpublished, ns=(when, when))
        unpublished.replace(file)
    return version


def _refuse_changed(read: Iterable[Observed], pooling: _Pooling) -> None:
    """Refuse observations that were imported again or removed since they were read: their numbers
    would have the citation of others."""
    if not pooling.observations:
        return
    now = {*observed(pooling.observations, bool(pooling.stored))}
    if changed := [one.source.id for one in read if one not in now]:
        raise AuditError(
            f"{', '.join(changed)} was imported again or removed during the build: build again."
        )


def _fill(
    file: Path, loaded: Seeds, dataset: dict[str, Any], pooling: _Pooling
) -> tuple[str, Disclosures]:
    with duckdb.connect() as connection:
        # Small row groups, so that a question reads only those of its role and place.
        connection.execute(f"attach {quote(file)} as dataset (row_group_size {_ROW_GROUP})")
        connection.execute("use dataset")
        connection.begin()  # otherwise each statement of the schema is written to disk by itself
        connection.execute(statement("schema"))
        _insert_all(connection, loaded)
        disclosures = _pool(connection, loaded, dataset["as_of"], pooling)
        published = {source: disclosed.scores for source, disclosed in disclosures.items()}
        loaded = with_published_scores(loaded, published)
        insert(connection, "score", loaded.scores)
        version = _version(loaded, dataset["as_of"], disclosures)
        insert(connection, "dataset", [dataset | {"version": version}])
        estimate(connection)
        connection.commit()
        for audit in names("audits"):
            _refuse_rows(connection, audit, loaded)
    return version, disclosures


def _insert_all(connection: duckdb.DuckDBPyConnection, loaded: Seeds) -> None:
    try:
        for table, rows in _rows_by_table(loaded).items():
            insert(connection, table, rows)
    except duckdb.Error as error:
        raise AuditError(f"the database rejects a seed: {error}") from None


def _rows_by_table(loaded: Seeds) -> dict[str, Iterable[object]]:
    """The rows of each table, after those that they refer to."""
    beyond = (
        {"id": id_, "kind": "beyond", "name": name, **dict.fromkeys(_METRO_LISTS, ())}
        for id_, name in BEYOND_METROS.items()
    )
    # Every number of a distribution is a figure with its own citation. The distributions are also
    # stored as such, so that a dataset opens without loading all of these figures.
    figures = chain(
        loaded.figures,
        (one.figure() for one in loaded.factors.levels),
        (one.figure() for one in loaded.factors.roles),
        chain.from_iterable(one.figures() for one in loaded.distributions),
    )
    return {
        "source": map(_source_row, loaded.sources),
        "occupation": loaded.occupations,
        "role": loaded.roles,
        "level": loaded.levels,
        "geography": chain(loaded.metros, beyond),
        "place": loaded.places,
        "metro_point": loaded.points,
        "word": loaded.words,
        "distribution": loaded.distributions,
        "figure": figures,
        "level_factor": loaded.factors.levels,
        "role_factor": loaded.factors.roles,
        "pool": (one.pool for one in loaded.pools),
        "pool_factor": chain.from_iterable(one.factors for one in loaded.pools),
        "pool_spread": chain.from_iterable(one.spreads for one in loaded.pools),
        "label_error": loaded.label_errors,
        "pay_law": loaded.laws,
        "uplift_rule": chain.from_iterable(map(_rule_rows, loaded.rules)),
    }


def _pool(
    connection: duckdb.DuckDBPyConnection, loaded: Seeds, as_of: datetime.date, pooling: _Pooling
) -> Disclosures:
    folder, engine = pooling.observations, pooling.engine(connection)
    try:
        disclosures = pool(
            engine, loaded.observed, folder, as_of, pooling.thresholds, pooling.stored
        )
        for source, disclosed in disclosures.items():
            tested = [one for one in loaded.scores if one.tested_on == source]
            disclosures[source] = disclosure.add_scores(disclosed, tested)
            # The checksum of the file would confirm a guess of its only unknown row.
            parameters = {"id": source, "sha256": disclosure_record.checksum(disclosed)}
            connection.execute("update source set sha256 = $sha256 where id = $id", parameters)
    except msgspec.DecodeError as error:
        raise AuditError(
            f"what was published of private sources cannot be read ({error}): restore the files "
            f"*.disclosed.json in {folder} from a backup, or start anew (`paycite forget SOURCE`)"
        ) from None
    except duckdb.ConstraintException as error:
        raise AuditError(
            f"observations refer to something that is not in the seeds (any more): {error}\n"
            "Import them again, or remove their source with `paycite remove`."
        ) from None
    except duckdb.Error as error:
        raise AuditError(
            f"pooling failed in the database; build again: {first_line(error)}"
        ) from None
    except EngineError as error:
        raise AuditError(f"pooling failed, and the dataset in service stays. {error}") from None
    return disclosures


def _refuse_rows(connection: duckdb.DuckDBPyConnection, audit: str, loaded: Seeds) -> None:
    """Reject the dataset if the audit finds rows. The error has the first line of the audit, which
    states the rule, and the file and line of the first figures in the rows."""
    query = statement(audit)
    if found := connection.execute(query).fetchall():
        promise = query.partition("\n")[0].removeprefix("-- ")
        cells = [cell for row in found for cell in row]
        ids = [id_ for cell in cells for id_ in (cell if isinstance(cell, list) else [cell])]
        places = [f"{loaded.lines[id_]}: {id_}" for id_ in ids if id_ in loaded.lines]
        lines = places or [*map(str, found)]
        more = [f"and {len(lines) - _SHOWN:,} more"] if len(lines) > _SHOWN else []
        raise AuditError("\n".join([f"{audit}: {promise}", *lines[:_SHOWN], *more]))


def _source_row(source: Source) -> dict[str, Any]:
    row = msgspec.structs.asdict(source)
    return row | {"published": source.published.date, "precision": source.published.precision}


def _rule_rows(rule: Rule) -> Iterator[dict[str, Any]]:
    row = msgspec.structs.asdict(rule)
    for metro in row.pop("metros"):
        yield row | {"metro": metro}


def publish(
    datasets: Path, version: str, public_version: str, parts: Mapping[Scope, str] = NO_PARTS
) -> None:
    """Make a dataset in the folder current, and the last in the order of publication. The caller is
    its sole builder."""
    make_last(datasets, version)
    advance_pointer(datasets, version, public_version, parts)


def _list_to_current(datasets: Path) -> list[str]:
    """The versions that were published up to the current one."""
    kept, current = list_published(datasets), find_pointer(datasets).version
    return kept[kept.index(current) :] if current in kept else []
