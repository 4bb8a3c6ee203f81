"""What a typed client is told by the server at the address given, as JSON."""

import json
import sys
from typing import TYPE_CHECKING, TypeVar

from paycite_client import Client
from paycite_client.api.batch import batch
from paycite_client.api.compare import compare
from paycite_client.api.figures import get_source
from paycite_client.api.formats import salary_csv, salary_jsonld, salary_png
from paycite_client.api.salary import offer, salary
from paycite_client.api.vocabularies import list_metros
from paycite_client.models import (
    Answer,
    Batch,
    BatchQuestion,
    BatchQuestions,
    BatchRow,
    Comparison,
    ComparisonRow,
    MetroKind,
    Metros,
    PayPeriod,
    Problem,
    SalaryJsonldResponse200,
    ScoredSource,
)
from paycite_client.types import File, Unset

T = TypeVar("T")


def answered(told: object, kind: type[T]) -> T:
    """What was answered; an error where it was a problem."""
    assert isinstance(told, kind), told
    return told


def stated(answer: Answer) -> dict[str, object]:
    estimate = answer.estimate
    return {
        "range": [estimate.range_.min_, estimate.range_.max_],
        "confidence": estimate.confidence.label,
        "steps": [
            [step.operation, step.figure_id, step.as_published]
            for chain in answer.chains
            for step in chain.steps
        ],
        "citations": [source.citation for source in answer.sources],
    }


def placed(answer: Answer) -> dict[str, object]:
    requested = answer.requested
    assert answer.offer
    return {
        "period": requested.period,
        "level": None if isinstance(requested.level, Unset) else requested.level,
        "positions": [
            [position.compared_to, position.verdict, position.percentile]
            for position in answer.offer.positions
        ],
    }


def told(row: ComparisonRow | BatchRow) -> list[object]:
    asked = row.requested
    return [
        asked and asked.role,
        (asked and asked.metro) or None,
        row.estimate and row.estimate.range_.midpoint,
        row.problem and row.problem.type_,
    ]


def main(client: Client, address: str) -> dict[str, object]:
    role, level, metro = "mlops", "mid", "nyc"
    answer = salary.sync(client=client, role=role, level=level, metro=metro)
    whole = salary.sync_detailed(client=client, role=role, min_generation=0)
    with Client(address, headers={"If-None-Match": whole.headers["ETag"]}) as holding:
        unchanged = salary.sync_detailed(client=holding, role=role)
    assert (unchanged.status_code, unchanged.parsed) == (304, None)
    csv = salary_csv.sync(client=client, role=role, level=level, metro=metro)
    linked = salary_jsonld.sync(client=client, role=role, level=level, metro=metro)
    png = salary_png.sync(client=client, role=role, level=level, metro=metro)
    by_the_hour = offer.sync(
        client=client, role="data-scientist", offer="70-95.50", period=PayPeriod.HOUR
    )
    compared = compare.sync(client=client, role=["mlops"], metro=["nyc", "Austin", "narnia"])
    comparison = answered(compared, Comparison)
    questions = [BatchQuestion(id=7, role="Sr. MLOps Eng", offer=185_000)]
    questions += [BatchQuestion(role="astronaut")]
    batched = answered(batch.sync(client=client, body=BatchQuestions(rows=questions)), Batch)
    metros = answered(list_metros.sync(client=client, kind=MetroKind.REGION, limit=2), Metros)
    source = answered(get_source.sync("kore1-ai-jobs-2026", client=client), ScoredSource)
    problem = salary.sync(client=client, role="mlosp")
    assert isinstance(problem, Problem)
    suggestions = [suggestion for fault in problem.errors for suggestion in fault.suggestions]
    date = source.published.date
    return {
        "salary": stated(answered(answer, Answer)),
        "offer": placed(answered(by_the_hour, Answer)),
        "comparison": [told(row) for row in comparison.rows],
        "batch": [[row.id, *told(row)] for row in batched.rows],
        "metros": [[metro.id for metro in metros.items], metros.next_],
        "published": date and date.isoformat(),
        "problem": [problem.status, suggestions],
        "unchanged": [whole.headers["X-Dataset-Generation"], unchanged.status_code],
        "csv": answered(csv, str),
        "linked": answered(linked, SalaryJsonldResponse200)["@type"],
        "png": len(answered(png, File).payload.read()),
    }


if TYPE_CHECKING:  # What the document does not allow is told by the type checker.
    _client, _answer = Client(""), answered(salary.sync(client=Client(""), role="mlops"), Answer)
    salary.sync(client=_client, level="mid")  # type: ignore[call-arg]
    salary.sync(client=_client, role="mlops", rol="mlops")  # type: ignore[call-arg]
    salary.sync(client=_client, role="mlops", period="month")  # type: ignore[arg-type]
    assert _answer.estimate.range_.max_ + 1  # type: ignore[operator]
    assert _answer.estimate.mean  # type: ignore[attr-defined]

if __name__ == "__main__":
    with Client(sys.argv[1], raise_on_unexpected_status=True) as client:
        print(json.dumps(main(client, sys.argv[1])))
