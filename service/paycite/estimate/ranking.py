"""Rank the places of a kind by the official statistics of a role."""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

from msgspec import convert
from msgspec.structs import asdict

from paycite.estimate.distributed import MixturePart, mix
from paycite.estimate.official import caveats, released
from paycite.model.answer import DatasetVersion, Percentiles, UsedMetro, UsedRole
from paycite.model.pool import PRIOR_OCCUPATION
from paycite.model.ranking import OfficialPay, RankedBy, RankedKind, RankedPlace, Ranking, cited
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Match, Metro, Role

_VALUES = {
    "median": "percentiles.p50",
    "employment": "employment",
    "ratio_to_nation": "ratio_to_nation",
}
_PEOPLE = "Employment is everyone in the occupations, regardless of their share in the role."


def rank_places(
    role: Role,
    match: Match,
    kind: RankedKind,
    by: RankedBy,
    snapshot: Snapshot,
    min_employment: int = 0,
) -> Ranking:
    """Rank the places of a kind where at least `min_employment` people work in the occupations of
    the role, which `match` found. Only figures released for the place itself count, without a
    fallback."""
    everywhere = snapshot.metros[NATION]
    parts = released(role, everywhere, snapshot)
    nation = _pay(everywhere, parts, None) if parts else None
    places = [metro for metro in snapshot.metros.values() if metro.kind == kind]
    found = [
        _pay(metro, there, nation) for metro in places if (there := released(role, metro, snapshot))
    ]
    value = attrgetter(_VALUES.get(by, f"percentiles.{by}"))
    valued = [place for place in found if value(place) is not None]
    ranked = _ranked([one for one in valued if (one.employment or 0) >= min_employment], value)
    return Ranking(
        matches=(match,),
        role=convert(role, UsedRole, from_attributes=True),
        kind=kind,
        by=by,
        min_employment=min_employment,
        total_places=len(places),
        ranked_places=len(ranked),
        hidden_places=len(valued) - len(ranked),
        nation=nation,
        items=ranked,
        next=None,
        caveats=(*_caveats(role, parts), _PEOPLE),
        sources=tuple(snapshot.sources[id_] for id_ in sorted(cited(ranked, nation))),
        dataset=DatasetVersion(version=snapshot.version),
    )


def list_unreleased(role: Role, kind: RankedKind, snapshot: Snapshot) -> list[Metro]:
    """List the places of a kind where figures of an occupation of the role were withheld, those
    with most computer occupations first."""

    def employed(metro: Metro) -> float:
        cells = snapshot.official(PRIOR_OCCUPATION, metro.id)
        return next((cell.employment or 0 for cell in cells), 0)

    places = (metro for metro in snapshot.metros.values() if metro.kind == kind)
    missing = [metro for metro in places if role.soc_codes and not released(role, metro, snapshot)]
    return sorted(missing, key=lambda metro: (-employed(metro), metro.id))


def _caveats(role: Role, parts: Sequence[MixturePart]) -> Iterator[str]:
    if not role.soc_codes:  # so nothing is ranked
        yield f"The role {role.soc_reason}."
    elif parts:
        yield from caveats(role, parts)


def _pay(metro: Metro, parts: Sequence[MixturePart], nation: OfficialPay | None) -> OfficialPay:
    steps = mix(parts)
    percentiles = steps[-1].percentiles
    assert percentiles is not None
    people = [part.distribution.employment for part in parts]
    known = [employed for employed in people if employed is not None]
    return OfficialPay(
        metro=convert(metro, UsedMetro, from_attributes=True),
        as_of=min(part.distribution.as_of for part in parts),
        percentiles=percentiles,
        employment=int(sum(known)) if len(known) == len(people) else None,
        ratio_to_nation=_ratio(percentiles, nation.percentiles) if nation else None,
        steps=steps,
    )


def _ratio(there: Percentiles, nation: Percentiles) -> float | None:
    if not there.p50 or not nation.p50 or "p50" in (*there.capped, *nation.capped):
        return None
    return round(there.p50 / nation.p50, 3)


def _ranked(
    places: Sequence[OfficialPay], value: Callable[[OfficialPay], float]
) -> tuple[RankedPlace, ...]:
    """Rank the places, the highest first."""
    valued = sorted(places, key=lambda place: (-value(place), place.metro.id))
    above: dict[float, int] = {}
    for before, place in enumerate(valued):
        above.setdefault(value(place), before)
    return tuple(RankedPlace(rank=above[value(place)] + 1, **asdict(place)) for place in valued)
