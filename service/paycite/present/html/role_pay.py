"""The values of the page of what every role pays in a place."""

from collections.abc import Sequence
from typing import Any

from paycite.model.role_pay import RolePay, RolesPay
from paycite.model.vocabulary import describe_place
from paycite.present.chart.answer import to_bar
from paycite.present.chart.bars import fit_scale
from paycite.present.chart.fluid import draw_fluid_bar
from paycite.present.html.links import add_query, page_of
from paycite.present.html.records import Asked


def role_pay_values(asked: Asked, found: RolesPay) -> dict[str, Any]:
    """The values of `role_pay.html`; `asked` has the parameters of /pay."""
    scale = fit_scale([to_bar(one.estimate, "estimate") for one in found.items])
    numbers = {source.id: number for number, source in enumerate(found.sources, 1)}
    publishers = {source.id: source.publisher for source in found.sources}
    title = f"What roles pay in {describe_place(found.metro)}"
    return {
        "found": found,
        "title": f"{title}, {found.level.title.lower()}" if found.level else title,
        "rows": [
            {
                "one": one,
                "address": page_of(one.links.self),
                "bar": draw_fluid_bar(one.estimate, scale),
                "sources": [
                    (id_, numbers[id_], publishers[id_])
                    for id_ in sorted(set(one.source_ids), key=numbers.__getitem__)
                ],
            }
            for one in found.items
        ],
        "unpriced": found.total_roles - len(found.items),
        "doubts": _doubts(found.items),
        "json": add_query("/pay.json", asked),
    }


def _doubts(items: Sequence[RolePay]) -> list[tuple[str, list[str]]]:
    """Each reason of a fallback, with the roles that it applies to."""
    roles: dict[str, list[str]] = {}
    for one in items:
        for fallback in one.fallbacks:
            roles.setdefault(fallback.reason, []).append(one.role.title)
    return list(roles.items())
