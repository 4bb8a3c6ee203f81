"""Parse parameters into a question, or report all of their faults at once."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from paycite.dataset.store import Store
from paycite.match import (
    Vocabulary,
    find_years,
    level_of_years,
    nearest,
    unknown,
    years_beside_level,
)
from paycite.match.amounts import AmountError, parse_amounts, parse_pay
from paycite.model.answer import PayPeriod, Requested
from paycite.model.figure import Figure
from paycite.model.parameters import SalaryParameters
from paycite.model.pay import OfferedPay
from paycite.model.problem import Fault, Faults, Refusal
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot, kept
from paycite.model.vocabulary import NATION, Level, Match, Metro, Role
from paycite.questions.parameters import (
    Parsed,
    Texts,
    invalid,
    is_repeatable,
    parse,
    printable,
)

_OFFERS = ("offer", "range")  # the name of the parameter, by endpoint
_REPEATABLE = {field.name for field in fields(SalaryParameters) if is_repeatable(field)}


def vocabulary(store: Store) -> Vocabulary:
    """The indexed vocabulary of a dataset."""
    return _index(store.snapshot)


@kept(1)
def _index(snapshot: Snapshot) -> Vocabulary:
    return Vocabulary(snapshot)


class Draft(Struct, frozen=True, kw_only=True):
    """What was read of a question, and all its faults. A faulty part is None."""

    values: Mapping[str, Any]
    faults: Faults
    matches: tuple[Match, ...]
    role: Role | None
    level: Level | None
    metro: Metro | None
    offer: OfferedPay | None


def parse_question(
    texts: Texts, store: Store, parameters: type[Struct] = SalaryParameters
) -> Question:
    """Parse the parameters into a question. Refusal with all faults."""
    draft = draft_question(texts, store, parameters)
    draft.faults.stop()
    assert draft.role and draft.metro  # otherwise `stop` raised
    return Question(
        requested=requested(texts),
        matches=draft.matches,
        role=draft.role,
        level=draft.level,
        metro=draft.metro,
        offer=draft.offer,
        period=draft.offer.period if draft.offer else draft.values["period"],
        sources=frozenset(draft.values["source"]),
        strict=draft.values["strict"],
        age=draft.values["age"],
    )


def draft_question(texts: Texts, store: Store, parameters: type[Struct]) -> Draft:
    """Parse the parameters of a question as far as possible."""
    snapshot = store.snapshot
    parsed = parse(parameters, texts, snapshot)
    values, faults = parsed.values, parsed.faults
    role, level, metro = match_words(values, vocabulary(store), faults)
    if role and (found := vocabulary(store).find_other_work(values["role"])):
        reason = f"all figures are for full-time employees. Remove {found!r} from the title"
        faults.extend(invalid("role", reason, (role[0].id,)).faults)
    experience = None  # the level that the years point to, if another one was stated
    if values["years"] is not None:
        years = values["years"], texts["years"][0]
        if level:
            experience = years_beside_level(*years, level[0], snapshot.levels)
        else:
            level = level_of_years(*years, snapshot.levels)
    elif level and (stated := find_years(values["role"] or "")):
        experience = years_beside_level(stated[1], stated[0], level[0], snapshot.levels)
    in_title = None  # the place in the title, which does not answer
    if not values["metro"]:
        metro = _nation(snapshot)
        in_title = vocabulary(store).find_place(values["role"]) if role else None
    return Draft(
        values=values,
        offer=parse_offer(parsed, "period" in texts),
        faults=faults,
        matches=tuple(found[1] for found in (role, level, experience, metro, in_title) if found),
        role=role[0] if role else None,
        level=level[0] if level else None,
        metro=metro[0] if metro else None,
    )


def parse_offer(parsed: Parsed, has_period: bool) -> OfferedPay | None:
    """Parse the offer (an amount or a range), and add its faults to the others. A period that the
    offer states must not contradict the parameter, if that is given (`has_period`)."""
    for name in _OFFERS:
        if text := parsed.values.get(name):
            period = parsed["period"] if has_period else None
            is_invalid = has_period and period is None
            return parsed.faults.attempt(_parse_offer, name, text, period, is_invalid)
    return None


def requested(texts: Texts) -> Requested:
    """Collect the parameters as given."""
    asked = {name: found if name in _REPEATABLE else found[0] for name, found in texts.items()}
    return msgspec.convert(asked, Requested)


def match_words(
    values: Mapping[str, Any], names: Vocabulary, faults: Faults
) -> tuple[tuple[Role, Match] | None, tuple[Level, Match] | None, tuple[Metro, Match] | None]:
    """Match the role, level and metro of the parameters; None for one left out or invalid."""
    title = faults.attempt(names.parse_title, values["role"]) if values["role"] else None
    role, in_title = title or (None, None)
    level = _match_level(values["level"], in_title, names, faults)
    metro = faults.attempt(names.parse_metro, values["metro"]) if values["metro"] else None
    return role, level, metro


def match_role(texts: str | None, names: Vocabulary, faults: Faults) -> tuple[Role, Match] | None:
    """Match a title that must not state a level: official statistics and growth have no levels."""
    title = faults.attempt(names.parse_title, texts) if texts else None
    if title and title[1]:
        faults.extend(invalid("role", "these figures have no levels. Remove the level").faults)
    return title[0] if title else None


def _match_level(
    text: str | None, in_title: tuple[Level, Match] | None, names: Vocabulary, faults: Faults
) -> tuple[Level, Match] | None:
    """Return the level of the parameter or of the title, which must not contradict each other."""
    level = faults.attempt(names.parse_level, text) if text else in_title
    if level and in_title and in_title[0] != level[0]:
        detail = f"The title says {in_title[1].query!r}, which contradicts level={text}."
        faults.append(
            Fault(
                type="conflicting-parameters",
                parameter="level",
                detail=detail,
                suggestions=(in_title[0].id, level[0].id),
            )
        )
    return level


def _nation(snapshot: Snapshot) -> tuple[Metro, Match]:
    nation = snapshot.metros[NATION]
    return nation, Match(
        dimension="metro", query=None, id=NATION, method="default", score=100, alternatives=()
    )


def _parse_offer(
    name: str, text: str, period: PayPeriod | None, has_invalid_period: bool
) -> OfferedPay | None:
    try:
        if has_invalid_period:
            parse_pay(text)
            return None
        pay = parse_amounts(text, period)
        if name == "range" and pay.is_open:
            raise AmountError(
                "a posting needs both ends of the range, or one amount",
                (f"{pay.range.min:g}",),
            )
        return pay
    except AmountError as error:
        if error.problem == "conflicting-parameters":
            detail = f"The {name} {text!r} contradicts period={period}: {error}."
            raise Refusal.of(error.problem, detail, "period", error.suggestions) from None
        raise invalid(name, str(error), error.suggestions) from None


def find_figure(figure_id: str, store: Store, parameter: str) -> Figure:
    """Find a figure by its id, with a query of DuckDB. Refusal with the nearest ids."""
    figure = store.figure(figure_id)
    if figure is not None:
        return figure
    shown = printable(figure_id)
    raise unknown("figure", parameter, shown, nearest(shown, store.snapshot.figures))
