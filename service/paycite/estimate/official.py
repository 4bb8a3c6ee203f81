"""Official statistics for the occupations of a role, all levels together: in the requested place,
else in its state, else in the nation."""

from collections.abc import Iterator

from paycite.estimate.candidate import ALL_LEVELS, Candidate, Scope, metro_gap, oldest
from paycite.estimate.distributed import Part, is_priced, mix
from paycite.model.distribution import Distribution
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Metro, describe_place

_ALL_LEVELS = "Includes every level of the occupation, from entry to principal."
_SHARES = (
    "The role is modeled as a mixture of occupations, with shares assumed by Paycite: {}. "
    "Percentiles are those of the mixture, interpolated in log pay."
)
_REGION = "The region combines its metropolitan areas, weighted by employment."


def official(question: Question, snapshot: Snapshot) -> Candidate | None:
    """The chain from official statistics; None if none were released, not even for the nation."""
    withheld: list[Metro] = []
    for metro in _places(question.metro, snapshot):
        parts = released(question, metro, snapshot)
        if parts:
            return _candidate(question, metro, parts, withheld)
        withheld.append(metro)
    return None


def _places(metro: Metro, snapshot: Snapshot) -> Iterator[Metro]:
    yield metro
    state = snapshot.states.get(metro.state or "")
    if state and metro.kind != "state":
        yield state
    if metro.id != NATION:
        yield snapshot.metros[NATION]


def nearest_parts(question: Question, snapshot: Snapshot) -> Iterator[tuple[Part, Metro]]:
    """Each occupation by itself, in the nearest place for which it was released."""
    for occupation, share in zip(question.role.soc_codes, question.role.soc_shares, strict=True):
        for metro in _places(question.metro, snapshot):
            if parts := _occupation_parts(question, occupation, share, metro, snapshot):
                yield from ((part, metro) for part in parts)
                break


def released(question: Question, metro: Metro, snapshot: Snapshot) -> tuple[Part, ...]:
    """Every occupation in the place; empty unless all of them were released, because leaving one
    out changes the mixture."""
    role = question.role
    found = [
        _occupation_parts(question, occupation, share, metro, snapshot)
        for occupation, share in zip(role.soc_codes, role.soc_shares, strict=True)
    ]
    return tuple(part for parts in found for part in parts) if all(found) else ()


def _occupation_parts(
    question: Question, occupation: str, share: float, metro: Metro, snapshot: Snapshot
) -> list[Part]:
    """The distribution in every area of the place, by their employment; none unless all of them
    are released."""
    areas = _areas(metro, snapshot)
    cells = [newest(question, occupation, area, snapshot) for area in areas]
    released = [cell for cell in cells if cell and is_priced(cell)]
    people = [cell.employment or 0 for cell in released]
    if len(released) < len(areas) or (len(areas) > 1 and not all(people)):
        return []
    nation = newest(question, occupation, NATION, snapshot)
    parts = [employed / sum(people) for employed in people] if len(areas) > 1 else [1.0]
    return [
        Part(cell, round(share * part, 6), nation)
        for cell, part in zip(released, parts, strict=True)
    ]


def _areas(metro: Metro, snapshot: Snapshot) -> list[str]:
    """The ids of the areas with statistics that make up a place."""
    if metro.kind != "region":
        return [metro.id]
    return [snapshot.geography_of_area[f"00{code}"] for code in metro.cbsa_codes]


def newest(
    question: Question, occupation: str, area: str, snapshot: Snapshot
) -> Distribution | None:
    """The distribution of the newest release, among the sources that may be used."""
    cells = snapshot.official.get((occupation, area), ())
    return next((cell for cell in cells if question.allows(cell.source_id)), None)


def _candidate(
    question: Question, metro: Metro, parts: tuple[Part, ...], withheld: list[Metro]
) -> Candidate:
    steps, percentiles = mix(parts)
    first = parts[0].distribution
    return Candidate(
        scope=Scope(ALL_LEVELS if question.level else 0, metro_gap(question.metro, metro)),
        source_id=first.source_id,
        kind=first.kind if len(parts) == 1 else "derived",
        component=first.component,
        level=None,
        metro=metro,
        steps=steps,
        caveats=tuple(caveats(question, metro, parts)),
        as_of=oldest(part.distribution.as_of for part in parts),
        percentiles=percentiles,
        why_there=_why_there(withheld, metro) if withheld else None,
    )


def caveats(question: Question, metro: Metro, parts: tuple[Part, ...]) -> Iterator[str]:
    role = question.role
    yield _ALL_LEVELS
    if len(role.soc_codes) > 1:
        shares = zip(role.soc_codes, role.soc_shares, strict=True)
        yield _SHARES.format(", ".join(f"{code} {share:.0%}" for code, share in shares))
    yield f"Why these occupations: {role.soc_reason}."
    if metro.kind == "region":
        yield _REGION
    if note := parts[0].distribution.note:
        yield note


def _why_there(withheld: list[Metro], metro: Metro) -> str:
    places = " and ".join(describe_place(place) for place in withheld)
    return (
        f"Not every percentile of its occupations was released (or imported) for {places}; "
        f"figures for {describe_place(metro)} are used instead."
    )
