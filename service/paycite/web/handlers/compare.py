"""`/salary/compare`: the same question for several roles, levels and metros."""

from paycite.model.answer import DatasetVersion
from paycite.model.comparison import Comparison, ComparisonRow, cited_in
from paycite.questions import compare as questions
from paycite.questions.compare import MOST_PARAMETERS, CompareParameters
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint

COMPARE_PROBLEMS = (
    *("missing-parameter", *REQUEST_PROBLEMS, "conflicting-parameters"),
    *("unknown-source", "unknown-dataset"),
)


def count_units(ask: Ask) -> int:
    """One for each row. Refusal for faults that all rows share."""
    return questions.check_rows(ask.store, ask.texts, ask.parameters)  # type: ignore[arg-type]


@endpoint(
    "/salary/compare",
    "Compare pay by role, level and metro",
    Comparison,
    parameters=CompareParameters,
    problems=COMPARE_PROBLEMS,
    runs="thread",
    most_parameters=MOST_PARAMETERS,
    units=count_units,
)
def compare(ask: Ask) -> Comparison:
    """Answer a row for each combination of role, level and metro, at most 100. Each row has an
    estimate or a problem of its own, independent of the other rows."""
    rows = tuple(map(ComparisonRow.of, questions.compare(ask.store, ask.texts)))
    sources = ask.store.snapshot.sources
    return Comparison(
        rows=rows,
        sources=tuple(sources[id_] for id_ in cited_in(rows)),
        dataset=DatasetVersion(version=ask.store.snapshot.version),
    )
