"""Derive pay of a role from official statistics: the mixture of its occupations in a place."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from paycite.estimate.derivation import Derivation, cite_factor, multiply, oldest
from paycite.estimate.distributed import MixturePart, is_priced, median, mix
from paycite.model.distribution import Distribution
from paycite.model.figure import Citation
from paycite.model.money import in_percent
from paycite.model.pool import PRIOR_OCCUPATION
from paycite.model.snapshot import Snapshot, kept
from paycite.model.vocabulary import NATION, Metro, Role, describe_place

_KEPT = 256  # questions about other levels of a role in a place follow
_ALL_LEVELS = "Includes every level of the occupation, from entry to principal."
_SHARES = (
    "The role is modeled as a mixture of occupations, with shares assumed by Paycite: {}. "
    "Percentiles are those of the mixture, with linear interpolation in log pay."
)
_CARRIED = (
    "Not released for {}: {}. The figures for {} are used instead, adjusted by official pay in all "
    "computer occupations."
)


@kept(_KEPT)
def from_statistics(
    role: Role, source_id: str, metro: Metro, has_factor: bool, snapshot: Snapshot
) -> Derivation | None:
    """Derive pay from the occupations of the role, as released for the place or adjusted to it, and
    apply the role factor, if there is one."""
    parts = _parts(role, source_id, metro, snapshot)
    if not parts:
        return None
    first = parts[0].distribution
    found = Derivation(
        source_id=source_id,
        kind=first.kind if len(parts) == 1 else "derived",
        component=first.component,
        level=None,
        metro=metro,
        steps=mix(parts),
        caveats=(*caveats(role, parts), *_carried(metro, parts, snapshot)),
        as_of=oldest(part.distribution.as_of for part in parts),
        speaks_of_place=any(part.factor is None for part in parts),
    )
    factor = snapshot.role_factor_of.get(role.id) if has_factor else None
    if factor is None:
        return found
    cited = cite_factor(factor)
    return found.add(
        multiply(
            found.steps[-1],
            "role",
            factor.factor,
            cited,
            n=factor.filings,
            employers=factor.employers,
        )
    )


def _parts(role: Role, source_id: str, metro: Metro, snapshot: Snapshot) -> list[MixturePart]:
    """List every occupation in the place; empty unless all of them are known, because the mixture
    is different without one."""
    carried = snapshot.cell(role.id, metro.id).occupations
    parts = []
    for occupation, share in zip(role.soc_codes, role.soc_shares, strict=True):
        nation = _of_release(source_id, occupation, NATION, snapshot)
        there = _of_release(source_id, occupation, metro.id, snapshot)
        if there:
            parts.append(MixturePart(there, share, nation))
        elif nation and occupation in carried and metro.id != NATION:
            part = carried[occupation]
            state = snapshot.states.get(metro.state or "")
            base = state.id if part.basis == "state" and state else NATION
            figures = tuple(_ratio(source_id, metro, base, snapshot))
            used = _of_release(source_id, occupation, base, snapshot)
            assert used
            parts.append(MixturePart(used, share, None, part.factor, figures))
        else:
            return []
    return parts


def _ratio(source_id: str, metro: Metro, base: str, snapshot: Snapshot) -> Iterator[Citation]:
    """Cite what the adjustment from a broader place was computed from: medians of all computer
    occupations (of the state, if none was released for the place itself), and the power."""
    state = snapshot.states.get(metro.state or "")
    there, of_state, broad = (
        _of_release(source_id, PRIOR_OCCUPATION, place, snapshot)
        for place in (metro.id, state.id if state else "", base)
    )
    there = there or of_state
    if there and broad and there != broad:
        yield median(there)
        yield median(broad)
    yield snapshot.constant("place-power").citation()


def released(role: Role, metro: Metro, snapshot: Snapshot) -> tuple[MixturePart, ...]:
    """List every occupation as released for the place; empty unless all of them were."""
    found = []
    for occupation, share in zip(role.soc_codes, role.soc_shares, strict=True):
        there, nation = (_newest(occupation, place, snapshot) for place in (metro.id, NATION))
        if there is None:
            return ()
        found.append(MixturePart(there, share, nation))
    return tuple(found)


def _newest(occupation: str, place: str, snapshot: Snapshot) -> Distribution | None:
    cells = snapshot.official(occupation, place)
    return next((cell for cell in cells if is_priced(cell)), None)


def _of_release(
    source_id: str, occupation: str, place: str, snapshot: Snapshot
) -> Distribution | None:
    cells = snapshot.official(occupation, place)
    return next((cell for cell in cells if cell.source_id == source_id and is_priced(cell)), None)


def caveats(role: Role, parts: Sequence[MixturePart]) -> Iterator[str]:
    yield _ALL_LEVELS
    if len(role.soc_codes) > 1:
        shares = zip(role.soc_codes, role.soc_shares, strict=True)
        yield _SHARES.format(", ".join(f"{code} {in_percent(share)}" for code, share in shares))
    yield f"Why these occupations: {role.soc_reason}."
    if note := parts[0].distribution.note:
        yield note


def _carried(metro: Metro, parts: Sequence[MixturePart], snapshot: Snapshot) -> Iterator[str]:
    carried: defaultdict[str, list[str]] = defaultdict(list)
    for part in parts:
        if part.factor is not None:
            carried[part.distribution.geography].append(part.distribution.occupation or "")
    for base, occupations in carried.items():
        broad = describe_place(snapshot.metros[base])
        yield _CARRIED.format(describe_place(metro), ", ".join(occupations), broad)
