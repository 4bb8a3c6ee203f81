"""`GET /salary/compare`: the same question of several roles, levels and metros."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from anyio.to_thread import run_sync
from litestar import Response
from msgspec import Meta, Struct

from service.api.http import CURRENT, PINNED, ApiRequest, Representation, send, store_of
from service.api.operations import REQUEST_PROBLEMS, reading
from service.api.parameters import MAX_PARAMETERS, given, invalid, read
from service.api.question import SharedParameters, read_shared, requested
from service.api.salary import answered
from service.dataset.store import Store
from service.model.answer import (
    Answer,
    DatasetVersion,
    Estimate,
    Fallback,
    Links,
    Offer,
    Requested,
    Used,
    citations,
)
from service.model.figure import Citation, Source
from service.model.problem import Fault, Faults, Problem, Refusal

MOST_ROWS = 100
_COMPARED = ("role", "level", "metro")
_MOST_PARAMETERS = MOST_ROWS + MAX_PARAMETERS  # all rows in one of the dimensions, and the rest
_KEPT_COMPARISONS = 64


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


class Row(Struct, frozen=True, kw_only=True):
    """One question of the comparison, with its answer in short or its problem."""

    requested: Requested
    used: Used | None = None
    fallbacks: tuple[Fallback, ...] = ()
    estimate: Estimate | None = None
    citations: Annotated[
        tuple[Citation, ...], Meta(description="The figures that the estimate was made of.")
    ] = ()
    caveats: Annotated[tuple[str, ...], Meta(description="How Paycite read those figures.")] = ()
    offer: Offer | None = None
    links: Links | None = None
    problem: Problem | None = None

    def __post_init__(self) -> None:
        if (self.estimate is None) == (self.problem is None):
            raise ValueError("a row answers or carries its problem")
        if (self.estimate is None) != (not self.citations):
            raise ValueError("an estimate needs the citations of its figures")


class Comparison(Struct, frozen=True, kw_only=True):
    """The rows in the order asked: roles, of each the levels, of each the metros."""

    rows: Annotated[tuple[Row, ...], Meta(min_length=1, max_length=MOST_ROWS)]
    sources: tuple[Source, ...]
    dataset: DatasetVersion


@reading(
    "/salary/compare",
    summary="Compare what roles, levels and metros pay",
    answers=Comparison,
    parameters=CompareParameters,
    problems=("missing-parameter", *REQUEST_PROBLEMS, "unknown-source", "unknown-dataset"),
)
async def compare(request: ApiRequest) -> Response[bytes]:
    """A row for each role, level and metro, at most 100: its estimate, or its own problem, which
    leaves the other rows their answers."""
    query_string = request.scope["query_string"]
    texts = given(query_string, _MOST_PARAMETERS)
    store = await store_of(request, texts)
    # A hundred answers take longer than the event loop should wait.
    representation = await run_sync(represented, store, query_string)
    return send(request, representation, store, PINNED if "dataset" in texts else CURRENT)


@lru_cache(_KEPT_COMPARISONS)
def represented(store: Store, query_string: bytes) -> Representation:
    texts = given(query_string, _MOST_PARAMETERS)
    _refuse_request(texts, store)
    rows = tuple(_rows(texts, store))
    cited = {citation.source_id for row in rows for citation in row.citations}
    return Representation.of(
        Comparison(
            rows=rows,
            sources=tuple(store.snapshot.sources[id_] for id_ in sorted(cited)),
            dataset=DatasetVersion(version=store.snapshot.version),
        )
    )


def _refuse_request(texts: Mapping[str, list[str]], store: Store) -> None:
    """Refuse what is wrong with every row; what is wrong with one is told there."""
    faults = Faults()
    values = read(CompareParameters, texts, faults)
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


def _rows(texts: Mapping[str, list[str]], store: Store) -> Iterator[Row]:
    shared = {name: values for name, values in texts.items() if name not in _COMPARED}
    known: set[frozenset[tuple[str, str]]] = set()
    choices: list[Sequence[str | None]] = [texts.get(name) or [None] for name in _COMPARED]
    for compared in product(*choices):
        words = {name: [text] for name, text in zip(_COMPARED, compared, strict=True) if text}
        try:
            answer = answered(store, urlencode(words | shared, doseq=True).encode())
            meant = frozenset((match.dimension, match.id) for match in answer.matches)
            _refuse_known(meant, known)
            yield _row(answer)
        except Refusal as refusal:
            asked = requested(words | shared)
            query = urlencode(msgspec.to_builtins(asked), doseq=True)
            yield Row(requested=asked, problem=refusal.problem(f"/salary?{query}"))


def _refuse_known(
    meant: frozenset[tuple[str, str]], known: set[frozenset[tuple[str, str]]]
) -> None:
    """Two texts may mean the same; a comparison has no row twice."""
    if meant in known:
        ids = ", ".join(id_ for _, id_ in sorted(meant))
        detail = f"An earlier row means the same ({ids}): leave one of the two out."
        raise Refusal([Fault(type="repeated-parameter", detail=detail)])
    known.add(meant)


def _row(answer: Answer) -> Row:
    used = [chain for chain in answer.chains if chain.weight]
    return Row(
        requested=answer.requested,
        used=answer.used,
        fallbacks=answer.fallbacks,
        estimate=answer.estimate,
        citations=tuple(
            dict.fromkeys(
                msgspec.convert(citation, Citation, from_attributes=True)
                for citation in citations(used, (), None)
            )
        ),
        caveats=tuple(dict.fromkeys(caveat for chain in used for caveat in chain.caveats)),
        offer=answer.offer,
        links=answer.links,
    )
