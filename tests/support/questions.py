"""Questions for tests, read as the service reads them."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import pytest

from paycite.estimate import build_answer
from paycite.model.answer import Answer, Interval, Links, PayPeriod, Requested
from paycite.model.pay import OfferedPay
from paycite.model.problem import Fault, Refusal
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot

_EVERY = 90  # of the places that no source singles out
LINKS = Links(self="/salary", permalink="/salary")
# A value of each parameter of /salary that has an answer and that no other parameter contradicts.
ASKED: dict[str, list[str]] = {
    "role": ["mlops"],
    "level": ["mid"],
    "metro": ["New York"],
    "years": ["3.5"],
    "offer": ["150k-180k"],
    "period": ["year"],
    "source": ["kore1-ai-jobs-2026", "bls-oews-2025-05"],
    "age": ["true"],
    "strict": ["true"],
}


def ask(
    snapshot: Snapshot,
    role: str,
    level: str | None = None,
    metro: str = "us",
    *,
    sources: tuple[str, ...] = (),
    offer: Interval | None = None,
    strict: bool = False,
    age: bool = False,
    period: PayPeriod = "year",
) -> Answer:
    question = Question(
        requested=Requested(role=role),
        matches=(),
        role=snapshot.roles[role],
        level=snapshot.levels[level] if level else None,
        metro=snapshot.metros[metro],
        offer=offered(offer, period) if offer else None,
        period=period,
        sources=frozenset(sources),
        strict=strict,
        age=age,
    )
    return build_answer(question, snapshot, LINKS)


def offered(pay: Interval, period: PayPeriod) -> OfferedPay:
    """Pay that is stated for the period of the question."""
    return OfferedPay(
        range=pay,
        period=period,
        stated=pay,
        stated_period=period,
        is_open=pay.max is None,
        notes=(),
    )


def every_scope(snapshot: Snapshot) -> list[tuple[str, str | None, str]]:
    """Every role that is priced, every level (and all levels), in every kind of place."""
    ruled = {metro for rule in snapshot.rules for metro in rule.metros}
    singled = [*sorted(ruled), "us", "research-triangle", "texas", "puerto-rico"]
    singled += ["district-of-columbia", "northwest-alabama-nonmetro"]
    others = [id_ for id_ in snapshot.metros if id_ not in singled][::_EVERY]
    return list(product(snapshot.weights_by_role, [*snapshot.levels, None], [*singled, *others]))


def read_faults(call: Callable[..., object], *arguments: Any, **more: Any) -> Sequence[Fault]:
    """The faults for which a call is refused."""
    with pytest.raises(Refusal) as refusal:
        call(*arguments, **more)
    return refusal.value.faults
