"""Load the seed files. A seed that breaks a rule is refused with file, line and reason."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from operator import attrgetter
from pathlib import Path

from msgspec import Struct

from paycite.model.distribution import Distribution
from paycite.model.figure import Figure, Rule, Source
from paycite.model.law import PayLaw
from paycite.model.observation import Observed
from paycite.model.place import MetroPoint, PlaceNames
from paycite.model.score import Score
from paycite.model.vocabulary import (
    BEYOND_METROS,
    Level,
    Metro,
    Occupation,
    Role,
    Word,
    normal,
)
from paycite.model.voice import LabelError
from paycite.seeds import distributions, factors, pools
from paycite.seeds.areas import add_former_names
from paycite.seeds.files import (
    Parsed,
    Row,
    Seed,
    SeedError,
    csv_rows,
    index_by_id,
    parse_rows,
    read_beside,
    sort_by_id,
    tables,
)
from paycite.seeds.laws import law_rows
from paycite.seeds.observations import observed as read_observed
from paycite.seeds.observations import scores
from paycite.seeds.places import metro_points, place_names, refuse_uncited_files
from paycite.seeds.quotations import refuse_other_units, refuse_unstated_numbers

__all__ = ["SeedError", "Seeds", "read"]

# The columns of figures typed by hand. Official statistics have an occupation as well.
FIGURE_COLUMNS = (
    "key",
    *(name for name in Figure.__struct_fields__ if name not in ("id", "occupation")),
)


class Seeds(Struct, frozen=True, kw_only=True):
    """All seeds, each kind sorted by id."""

    sources: tuple[Source, ...]
    occupations: tuple[Occupation, ...]
    roles: tuple[Role, ...]
    levels: tuple[Level, ...]
    metros: tuple[Metro, ...]
    places: tuple[PlaceNames, ...]
    points: tuple[MetroPoint, ...]
    words: tuple[Word, ...]
    figures: tuple[Figure, ...]
    distributions: tuple[Distribution, ...]
    rules: tuple[Rule, ...]
    observed: tuple[Observed, ...]  # sources of observations; only the build reads the rows
    scores: tuple[Score, ...]
    laws: tuple[PayLaw, ...]
    pools: tuple[pools.ShippedPool, ...]
    factors: factors.Factors
    label_errors: tuple[LabelError, ...]
    lines: dict[str, str]  # file and line of each figure, for messages


def read(
    directory: Path,
    imported: Path | None = None,
    observations: Path | None = None,
    is_stored_elsewhere: bool = False,
) -> Seeds:
    """Read all seeds in `directory`, the distributions in `imported`, and the sources of the files
    in `observations`, or of the files elsewhere that are described there. An import replaces the
    seed of its name. SeedError for the first broken rule.
    """
    observed = tuple(read_observed(observations, is_stored_elsewhere)) if observations else ()
    replaced = {one.source.id for one in observed}
    files = [
        file
        for file in distributions.files(directory / "distributions", imported)
        if file.stem not in replaced
    ]
    pooled = [file for file in pools.pool_files(directory / "pools") if file.stem not in replaced]
    stated = [
        *tables(directory / "sources.toml"),
        *(read_beside(file, distributions.TABLE)[0] for file in files),
        *(read_beside(file, pools.TABLE)[0] for file in pooled),
        *factors.source_rows(directory / "factors"),
    ]
    sources = parse_rows(stated, Source)
    _refuse_names_of_seeds(observed, sources, observations)
    refuse_uncited_files(directory)
    occupations, roles, levels, metros = _read_vocabularies(directory)
    _refuse_unknown_occupations(roles, occupations)
    words = parse_rows(_word_rows(directory / "words.csv"), Word)
    _refuse_shared_names(roles, lambda role: (role.id, role.title, *role.titles))
    _refuse_shared_names(
        levels, lambda level: (level.id, level.title, *level.aliases, *level.suffixes)
    )
    _refuse_shared_names(metros, lambda metro: metro.cbsa_codes if metro.kind == "metro" else ())
    _refuse_shared_names(metros, lambda metro: (metro.area_code,) if metro.area_code else ())
    metros = add_former_names(directory, metros)
    _refuse_shared_names(metros, lambda metro: (metro.id, metro.name, *metro.aliases))
    _refuse_shared_names(levels, lambda level: (str(level.rank),))
    _refuse_unknown_meanings(words, {"role": roles, "metro": metros})
    names = distributions.Names(
        *(index_by_id(kind) for kind in (occupations, roles, levels, metros))
    )
    figures = _figures(directory / "figures", sources, names)
    rules = parse_rows(_rule_rows(directory / "rules.toml", figures, metros), Rule)
    laws = parse_rows(law_rows(directory / "pay_transparency.csv", index_by_id(metros)), PayLaw)
    # Last, because there are thousands: errors in small files are reported at once.
    distributed = parse_rows(
        (row for file in files for row in distributions.distribution_rows(file, names)),
        Distribution,
    )
    every = _all_sources(sources, observed)
    derived = factors.load_factors(directory / "factors", names)
    _refuse_unknown_sources(derived, {source.id for source in every}, directory)
    return Seeds(
        sources=every,
        occupations=sort_by_id(occupations),
        roles=sort_by_id(roles),
        levels=sort_by_id(levels),
        metros=sort_by_id(metros),
        places=place_names(directory, sort_by_id(metros)),
        points=metro_points(directory, sort_by_id(metros)),
        words=sort_by_id(words),
        figures=sort_by_id(figures),
        distributions=sort_by_id(distributed),
        rules=sort_by_id(rules),
        observed=observed,
        scores=scores(directory / "scores", observations, observed, every),
        laws=sort_by_id(laws),
        pools=tuple(pools.load_pool(file, names) for file in pooled),
        factors=derived,
        label_errors=tuple(
            row.to(LabelError)
            for row in csv_rows(directory / "confidence.csv", LabelError.__struct_fields__)
        ),
        lines={id_: f"{row.file}:{row.line}" for id_, (row, _) in figures.items()},
    )


def check_pool(directory: Path, file: Path) -> None:
    """Check pooled pay against the vocabularies in the directory. SeedError if it breaks a rule."""
    names = distributions.Names(*(index_by_id(kind) for kind in _read_vocabularies(directory)))
    read_beside(file, pools.TABLE)[0].to(Source)
    pools.load_pool(file, names)


def _read_vocabularies(
    directory: Path,
) -> tuple[Parsed[Occupation], Parsed[Role], Parsed[Level], Parsed[Metro]]:
    occupations = csv_rows(directory / "occupations.csv", Occupation.__struct_fields__)
    return (
        parse_rows(occupations, Occupation),
        parse_rows(tables(directory / "roles.toml"), Role),
        parse_rows(tables(directory / "levels.toml"), Level),
        parse_rows(_metro_rows(directory / "metros.csv"), Metro),
    )


def _all_sources(sources: Parsed[Source], observed: Iterable[Observed]) -> tuple[Source, ...]:
    every = [*sort_by_id(sources), *(one.source for one in observed)]
    return tuple(sorted(every, key=attrgetter("id")))


def _refuse_unknown_sources(
    derived: factors.Factors, sources: Collection[str], directory: Path
) -> None:
    for one in (*derived.levels, *derived.roles):
        for source in one.computed_from:
            if source not in sources:
                raise SeedError(
                    directory / "factors" / "factors.toml",
                    1,
                    f"`computed_from` has the unknown source {source!r}; run `make evidence`",
                )


def _refuse_names_of_seeds(
    observed: Iterable[Observed], sources: Parsed[Source], folder: Path | None
) -> None:
    for one in observed:
        if one.source.id in sources:
            file = Path(folder or "", f"{one.source.id}.json")
            raise SeedError(
                file,
                1,
                f"{one.source.id!r} is already a source in the seeds; import it under another id",
            )


def _figures(
    directory: Path, sources: Parsed[Source], names: distributions.Names
) -> Parsed[Figure]:
    files = sorted(file for file in directory.rglob("*") if file.is_file())
    figures = parse_rows((row for file in files for row in _figure_rows(file)), Figure)
    _refuse_unknown(figures, "source_id", sources)
    _refuse_unknown(figures, "role", names.roles)
    _refuse_unknown(figures, "level", names.levels)
    _refuse_unknown(figures, "geography", names.metros.keys() | BEYOND_METROS.keys())
    _refuse_twice_stated(figures)
    refuse_unstated_numbers(figures)
    refuse_other_units(figures)
    return figures


def _metro_rows(file: Path) -> Iterator[Row]:
    """Cells with several values separate them with `;`."""
    for row in csv_rows(file, Metro.__struct_fields__):
        for key in ("cbsa_codes", "cities", "aliases"):
            row.values[key] = (row.values[key] or "").split(";") if row.values[key] else ()
        yield row


def _word_rows(file: Path) -> Iterator[Row]:
    for row in csv_rows(file, [name for name in Word.__struct_fields__ if name != "id"]):
        row.values["id"] = f"{row.values['dimension']}:{row.values['word']}"
        row.values["means"] = row.values["means"] or ""
        if row.values["word"] != normal(row.values["word"] or ""):
            raise row.refuse("`word` must be lower case without punctuation")
        yield row


def _figure_rows(file: Path) -> Iterator[Row]:
    for row in csv_rows(file, FIGURE_COLUMNS):
        source_id, key = row.values["source_id"], row.values.pop("key")
        if not source_id or not re.fullmatch(r"[a-z0-9-]+", key or ""):
            raise row.refuse("a figure needs a `source_id`, and a key of a-z, 0-9 and -")
        row.values["id"] = f"{source_id}:{key}"
        row.values["and_above"] = row.values["and_above"] or "false"
        yield row


def _rule_rows(file: Path, figures: Parsed[Figure], metros: Parsed[Metro]) -> Iterator[Row]:
    """A rule has a figure, the topic and metros it applies to, and Paycite's interpretation."""
    ruled: set[tuple[object, ...]] = set()
    for row in tables(file):
        if row.values.get("figure_id") not in figures:
            raise row.refuse(f"unknown `figure_id` {row.values.get('figure_id')!r}")
        uplift = figures[row.values["figure_id"]][1]
        if uplift.topic != "uplift" or uplift.low is None or uplift.high is None:
            raise row.refuse("`figure_id` must be an uplift with a low and a high")
        unknown = [metro for metro in row.values.get("metros", ()) if metro not in metros]
        if unknown:
            raise row.refuse(f"`metros` has the unknown metro {unknown[0]!r}")
        said_of = (uplift.source_id, row.values.get("topic"))
        if said_of not in {(f.source_id, f.topic) for _, f in figures.values()}:
            raise row.refuse("the source of `figure_id` has no figure of this `topic`")
        for metro in row.values.get("metros", ()):
            if (*said_of, metro) in ruled:
                raise row.refuse(f"`metros` {metro!r} already has a rule")
            ruled.add((*said_of, metro))
        row.values["source_id"] = uplift.source_id
        row.values["min_factor"] = float(1 + Decimal(str(uplift.low)) / 100)
        row.values["max_factor"] = float(1 + Decimal(str(uplift.high)) / 100)
        yield row


def _refuse_unknown_occupations(roles: Parsed[Role], occupations: Parsed[Occupation]) -> None:
    for row, role in roles.values():
        for code in role.soc_codes:
            if code not in occupations:
                raise row.refuse(f"`soc_codes` {code!r} is not in occupations.csv")


def _refuse_shared_names(parsed: Parsed[Seed], names: Callable[[Seed], Iterable[str]]) -> None:
    """Refuse a name of two ids: it could mean either."""
    owners: dict[str, str] = {}
    for row, seed in parsed.values():
        for name in map(normal, names(seed)):
            if not name:
                raise row.refuse("a name needs a letter or a digit")
            owner = owners.setdefault(name, seed.id)
            if owner != seed.id:
                raise row.refuse(f"{name!r} names both {owner!r} and {seed.id!r}")


def _refuse_unknown_meanings(words: Parsed[Word], known: Mapping[str, Collection[str]]) -> None:
    for row, word in words.values():
        for id_ in word.means.split(";") if word.kind in ("ambiguous", "also", "subject") else ():
            if id_ not in known.get(word.dimension, ()):
                raise row.refuse(f"`means` {id_!r} is not a {word.dimension}")


def _refuse_unknown(figures: Parsed[Figure], field: str, known: Collection[str]) -> None:
    for row, figure in figures.values():
        value = getattr(figure, field)
        if value is not None and value not in known:
            raise row.refuse(f"unknown `{field}` {value!r}")


def _refuse_twice_stated(figures: Parsed[Figure]) -> None:
    """Refuse a second figure for the same statement at the same place in a source."""
    seen: dict[tuple[object, ...], str] = {}
    for row, figure in figures.values():
        statement = (
            *(figure.source_id, figure.topic, figure.subject, figure.role, figure.level),
            *(figure.geography, figure.component, figure.as_of, figure.baseline, figure.locator),
        )
        if (first := seen.setdefault(statement, figure.id)) != figure.id:
            raise row.refuse(f"duplicate of {first!r}")
