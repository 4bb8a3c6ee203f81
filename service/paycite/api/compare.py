"""`GET /salary/compare`: the same question of several roles, levels and metros."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from typing import Annotated

from litestar import Response
from msgspec import Meta

from paycite.api.http import ApiRequest, Representation, asked_of, kept, send
from paycite.api.operations import REQUEST_PROBLEMS, reading
from paycite.api.parameters import MAX_PARAMETERS, Texts, given, invalid, read
from paycite.api.question import SharedParameters, read_shared
from paycite.api.salary import answered, refused
from paycite.dataset.store import Store
from paycite.model.answer import DatasetVersion
from paycite.model.comparison import MOST_ROWS, Comparison, Outcome, Row, cited_in
from paycite.model.problem import Fault, Faults, Refusal

_COMPARED = ("role", "level", "metro")
MOST_PARAMETERS = MOST_ROWS + MAX_PARAMETERS  # all rows in one of the dimensions, and the rest


class CompareParameters(SharedParameters, frozen=True, kw_only=True):
    role: Annotated[
        tuple[str, ...],
        Meta(
            description="A role, as in /salary; repeat it.", examples=[["mlops", "data-scientist"]]
        ),
    ] = ()
    level: Annotated[
        tuple[str, ...],
        Meta(description="A level, as in /salary; repeat it.", examples=[["mid", "senior"]]),
    ] = ()
    metro: Annotated[
        tuple[str, ...],
        Meta(description="A metro, as in /salary; repeat it.", examples=[["nyc", "austin"]]),
    ] = ()


COMPARE_PROBLEMS = ("missing-parameter", *REQUEST_PROBLEMS, "unknown-source", "unknown-dataset")


@reading(
    "/salary/compare",
    summary="Compare what roles, levels and metros pay",
    answers=Comparison,
    parameters=CompareParameters,
    problems=COMPARE_PROBLEMS,
)
async def compare(request: ApiRequest) -> Response[bytes]:
    """A row for each role, level and metro, at most 100: its estimate, or its own problem, which
    leaves the other rows their answers."""
    asked = await asked_of(request, MOST_PARAMETERS)
    representation = await kept(
        request,
        (asked.store, "/salary/compare", asked.query_string),
        partial(_represented, asked.store, asked.query_string),
    )
    return send(request, representation, asked.store, asked.cache_control)


def _represented(store: Store, query_string: bytes) -> Representation:
    rows = tuple(map(Row.of, outcomes(store, given(query_string, MOST_PARAMETERS))))
    return Representation.of(
        Comparison(
            rows=rows,
            sources=tuple(store.snapshot.sources[id_] for id_ in cited_in(rows)),
            dataset=DatasetVersion(version=store.snapshot.version),
        )
    )


def outcomes(
    store: Store,
    texts: Texts,
    parameters: type[CompareParameters] = CompareParameters,
) -> list[Outcome]:
    """What becomes of each question, in the order asked; Refusal for what is wrong with all."""
    _refuse_request(store, texts, parameters)
    return list(_outcomes(texts, store))


def _refuse_request(store: Store, texts: Texts, parameters: type[CompareParameters]) -> None:
    """Refuse what is wrong with every row; what is wrong with one is told there."""
    faults = Faults()
    values = read(parameters, texts, faults)
    read_shared(values, store.snapshot, faults)
    if "role" not in texts:
        detail = "At least one role is needed: repeat `role` for more."
        faults.append(Fault(type="missing-parameter", parameter="role", detail=detail))
    for name in _COMPARED:
        for text, times in Counter(texts.get(name, ())).items():
            if times > 1:
                detail = f"{name}={text} is given {times} times; each row stands once."
                faults.append(Fault(type="repeated-parameter", parameter=name, detail=detail))
    sizes = [max(1, len(texts.get(name, ()))) for name in _COMPARED]
    if (rows := sizes[0] * sizes[1] * sizes[2]) > MOST_ROWS:
        reason = f"{sizes[0]} roles x {sizes[1]} levels x {sizes[2]} metros are {rows} rows"
        faults.extend(invalid("role", f"{reason}, and {MOST_ROWS} are answered").faults)
    faults.stop()


def _outcomes(texts: Texts, store: Store) -> Iterator[Outcome]:
    shared = {field: texts[field] for field in SharedParameters.__struct_fields__ if field in texts}
    known: set[frozenset[tuple[str, str]]] = set()
    choices: list[Sequence[str | None]] = [texts.get(name) or [None] for name in _COMPARED]
    for compared in product(*choices):
        words = {name: [text] for name, text in zip(_COMPARED, compared, strict=True) if text}
        try:
            answer = answered(store, words | shared)
            meant = frozenset((match.dimension, match.id) for match in answer.matches)
            _refuse_known(meant, known)
            yield answer
        except Refusal as refusal:
            yield refused(refusal, words | shared)


def _refuse_known(
    meant: frozenset[tuple[str, str]], known: set[frozenset[tuple[str, str]]]
) -> None:
    """Two texts may mean the same; a comparison has no row twice."""
    if meant in known:
        ids = ", ".join(id_ for _, id_ in sorted(meant))
        detail = f"An earlier row means the same ({ids}): leave one of the two out."
        raise Refusal([Fault(type="repeated-parameter", detail=detail)])
    known.add(meant)
