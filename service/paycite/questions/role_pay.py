"""Answer the question of a place and a level for every role."""

from collections.abc import Iterator

from msgspec import convert

from paycite.dataset.store import Store
from paycite.model.answer import Answer, DatasetVersion, UsedLevel, UsedMetro
from paycite.model.problem import Refusal
from paycite.model.role_pay import RolePay, RolesPay, cited_ids
from paycite.model.vocabulary import NATION
from paycite.questions.answer import answer_question
from paycite.questions.parameters import Parsed
from paycite.questions.question import match_words, vocabulary


def price_roles(store: Store, parsed: Parsed) -> RolesPay:
    """Price every role that has an estimate, as /salary does. Refusal with every fault."""
    snapshot, faults = store.snapshot, parsed.faults
    words = {"role": None, "level": parsed["level"], "metro": parsed["metro"]}
    _, level, metro = match_words(words, vocabulary(store), faults)
    faults.stop()
    place = metro[0] if metro else snapshot.metros[NATION]
    texts = {"level": [level[0].id]} if level else {}
    texts |= {"metro": [place.id]} if metro else {}
    texts |= {"dataset": [parsed["dataset"]]} if parsed["dataset"] else {}
    answers = sorted(
        _answers(store, texts),
        key=lambda one: (-_middle(one), one.used.role.id),
    )
    middles = list(map(_middle, answers))
    items = tuple(
        RolePay(
            rank=middles.index(_middle(answer)) + 1,
            role=answer.used.role,
            quote=answer.quote,
            fallbacks=answer.fallbacks,
            estimate=answer.estimate,
            source_ids=tuple(chain.source_id for chain in answer.chains if chain.weight),
            links=answer.links,
        )
        for answer in answers
    )
    sources = {source.id: source for answer in answers for source in answer.sources}
    return RolesPay(
        matches=tuple(found[1] for found in (level, metro) if found),
        level=convert(level[0], UsedLevel, from_attributes=True) if level else None,
        metro=convert(place, UsedMetro, from_attributes=True),
        total_roles=len(snapshot.roles),
        items=items,
        next=None,
        sources=tuple(sources[id_] for id_ in sorted(cited_ids(items))),
        dataset=DatasetVersion(version=snapshot.version),
    )


def _answers(store: Store, texts: dict[str, list[str]]) -> Iterator[Answer]:
    """Answer for each role; nothing prices some of them."""
    for role in store.snapshot.roles:
        try:
            yield answer_question(store, {"role": [role], **texts})
        except Refusal as refusal:
            if any(fault.type not in ("no-figures", "suppressed") for fault in refusal.faults):
                raise


def _middle(answer: Answer) -> float:
    """The median; without one, the middle of the range, or its minimum."""
    estimate = answer.estimate
    return estimate.median or estimate.range.midpoint or estimate.range.min
