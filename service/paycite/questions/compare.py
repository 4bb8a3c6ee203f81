"""Answer the same question for several roles, levels and metros."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Annotated

from msgspec import Meta

from paycite.dataset.store import Store
from paycite.model.comparison import MOST_ROWS, Outcome
from paycite.model.parameters import SharedParameters
from paycite.model.problem import Fault, Refusal
from paycite.questions.answer import answer_question, describe_refusal
from paycite.questions.parameters import MAX_PARAMETERS, Texts, invalid, parse
from paycite.questions.question import parse_offer

_COMPARED = ("role", "level", "metro")
MOST_PARAMETERS = MOST_ROWS + MAX_PARAMETERS  # all rows in one dimension, and the other parameters


class CompareParameters(SharedParameters, frozen=True, kw_only=True):
    role: Annotated[
        tuple[str, ...],
        Meta(
            description="A role, as in /salary. Repeatable.", examples=[["mlops", "data-scientist"]]
        ),
    ]
    level: Annotated[
        tuple[str, ...],
        Meta(description="A level, as in /salary. Repeatable.", examples=[["mid", "senior"]]),
    ] = ()
    metro: Annotated[
        tuple[str, ...],
        Meta(description="A metro, as in /salary. Repeatable.", examples=[["nyc", "austin"]]),
    ] = ()


def compare(
    store: Store, texts: Texts, parameters: type[CompareParameters] = CompareParameters
) -> list[Outcome]:
    """Answer each question, in request order. Refusal for faults that all rows share."""
    check_rows(store, texts, parameters)
    return list(_outcomes(texts, store))


def count_rows(texts: Texts) -> int:
    return prod(_sizes(texts).values())


def _sizes(texts: Texts) -> dict[str, int]:
    return {name: max(1, len(texts.get(name, ()))) for name in _COMPARED}


def check_rows(store: Store, texts: Texts, parameters: type[CompareParameters]) -> int:
    """Count the rows. Refusal for faults that all rows share; a fault of one row is reported
    there."""
    parsed = parse(parameters, texts, store.snapshot)
    parse_offer(parsed, "period" in texts)
    faults = parsed.faults
    for name in _COMPARED:
        for text, times in Counter(texts.get(name, ())).items():
            if times > 1:
                detail = f"{name}={text} was given {times} times. Give it once."
                faults.append(Fault(type="repeated-parameter", parameter=name, detail=detail))
    if (rows := count_rows(texts)) > MOST_ROWS:
        sizes = _sizes(texts)
        made_of = " x ".join(f"{size} {name}{'s' * (size > 1)}" for name, size in sizes.items())
        reason = f"{made_of} make {rows} rows; the limit is {MOST_ROWS}"
        faults.extend(invalid(max(sizes, key=sizes.__getitem__), reason).faults)
    faults.stop()
    return rows


def _outcomes(texts: Texts, store: Store) -> Iterator[Outcome]:
    shared = {field: texts[field] for field in SharedParameters.__struct_fields__ if field in texts}
    known: dict[frozenset[tuple[str, str]], Sequence[str | None]] = {}
    choices: list[Sequence[str | None]] = [texts.get(name) or [None] for name in _COMPARED]
    for compared in product(*choices):
        words = {name: [text] for name, text in zip(_COMPARED, compared, strict=True) if text}
        try:
            answer = answer_question(store, words | shared)
            meaning = frozenset((one.dimension, one.id) for one in answer.matches)
            _refuse_repeated(meaning, known.setdefault(meaning, compared), compared)
            yield answer
        except Refusal as refusal:
            yield describe_refusal(refusal, words | shared)


def _refuse_repeated(
    meaning: frozenset[tuple[str, str]],
    first: Sequence[str | None],
    compared: Sequence[str | None],
) -> None:
    """Refuse a row that means the same as an earlier one, in other words."""
    if compared != first:
        ids = ", ".join(id_ for _, id_ in sorted(meaning))
        detail = f"An earlier row means the same ({ids}). Remove one of the two."
        words = zip(_COMPARED, first, compared, strict=True)
        repeated = next(name for name, one, other in words if one != other)
        raise Refusal.of("repeated-parameter", detail, parameter=repeated)
