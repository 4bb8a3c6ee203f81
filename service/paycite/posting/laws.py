"""The pay-transparency laws of a place, and what they require beyond a pay sentence."""

from collections.abc import Iterable

from paycite.model.answer import Interval
from paycite.model.law import IN_ADVERTISEMENTS, MEANINGS, PayLaw, Requirement
from paycite.model.posting import Duty, PostingLaw
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import NATION, Metro, states_of


def find_laws(place: Metro, snapshot: Snapshot) -> tuple[PayLaw, ...]:
    """Find the laws of the states of a place, and of the cities and counties in it. For a state:
    all laws in it. For the nation, which also stands for remote work: all laws."""
    if place.id == NATION:
        return snapshot.laws
    return tuple(
        law
        for state in states_of(place)
        for law in snapshot.laws
        if law.state == state and (place.kind == "state" or _reaches(law, place, snapshot))
    )


def _reaches(law: PayLaw, place: Metro, snapshot: Snapshot) -> bool:
    """Whether a law in the state covers the whole state, or a city or county in the place."""
    if law.metro is None or law.metro == place.id:
        return True
    return not set(place.cbsa_codes).isdisjoint(snapshot.metros[law.metro].cbsa_codes)


def list_duties(law: PayLaw, pay: Interval) -> PostingLaw:
    """List what the law requires beyond a sentence that states the pay."""
    fulfilled = {"pay"} if pay.min == pay.max else {"pay", "pay-range"}
    left = [item for item in law.requires if item not in fulfilled]
    return PostingLaw(
        law=law,
        required_in_posting=_duties(item for item in left if item in IN_ADVERTISEMENTS),
        required_elsewhere=_duties(item for item in left if item not in IN_ADVERTISEMENTS),
    )


def list_fulfilled(one: PostingLaw) -> tuple[Duty, ...]:
    """List what the law requires that the sentence fulfills."""
    left = (*one.required_in_posting, *one.required_elsewhere)
    return tuple(duty for duty in _duties(one.law.requires) if duty not in left)


def _duties(items: Iterable[Requirement]) -> tuple[Duty, ...]:
    return tuple(Duty(item=item, meaning=MEANINGS[item]) for item in items)
