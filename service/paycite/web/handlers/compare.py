"""`GET /salary/compare`: the same question of several roles, levels and metros."""

from functools import partial

from litestar import Response

from paycite.dataset.store import Store
from paycite.model.answer import DatasetVersion
from paycite.model.comparison import Comparison, Row, cited_in
from paycite.questions.compare import MOST_PARAMETERS, CompareParameters, outcomes
from paycite.questions.parameters import given
from paycite.web.endpoints import REQUEST_PROBLEMS, reading
from paycite.web.respond import ApiRequest, Representation, asked_of, kept, send

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
