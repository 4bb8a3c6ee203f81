"""`POST /salary/batch`: many questions at once, as JSON or as CSV."""

from collections.abc import Callable
from io import BytesIO
from typing import Annotated

import msgspec
from anyio.to_thread import run_sync
from litestar import Response
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from msgspec import Meta, Raw, Struct

from paycite import __version__
from paycite.batch.columns import ASKED
from paycite.batch.csv_file import Annotation
from paycite.batch.json_rows import read_row, read_rows
from paycite.batch.row import PATH, outcome, unread
from paycite.dataset.store import Store
from paycite.model.answer import DatasetVersion
from paycite.model.comparison import Refused, Row, cited_in
from paycite.model.figure import Source
from paycite.model.problem import Fault, Refusal
from paycite.questions.parameters import DatasetParameters
from paycite.questions.question import OfferText, SalaryParameters
from paycite.web.endpoints import REQUEST_PROBLEMS, posting
from paycite.web.handlers.lists import asked
from paycite.web.respond import NEVER_KEPT, ApiRequest

MOST_ROWS = 1_000
MOST_BYTES = 5_000_000
_JSON, _CSV = "application/json", "text/csv"
_FIELDS = {field.name: field for field in msgspec.structs.fields(SalaryParameters)}

Id = Annotated[
    Raw,
    Meta(
        description="Anything that tells the row; it is given back unchanged.",
        extra_json_schema={"anyOf": [{"type": kind} for kind in ("string", "number", "null")]},
    ),
]
# As /salary is asked, but for the dataset. It documents what is read field by field, because each
# row has its own problem.
BatchQuestion = msgspec.defstruct(
    "BatchQuestion",
    [
        ("id", Id, None),
        *((name, _FIELDS[name].type, _FIELDS[name].default) for name in ASKED if name != "offer"),
        ("offer", OfferText | float, msgspec.UNSET),
    ],
    kw_only=True,
    forbid_unknown_fields=True,
)


class BatchQuestions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rows: Annotated[
        tuple[BatchQuestion, ...],  # type: ignore[valid-type]  # it is made, not written
        Meta(min_length=1, max_length=MOST_ROWS),
    ]


class BatchRow(Row, frozen=True, kw_only=True):
    id: Id


class Batch(Struct, frozen=True, kw_only=True):
    """The rows in the order asked."""

    rows: Annotated[tuple[BatchRow, ...], Meta(min_length=1, max_length=MOST_ROWS)]
    sources: tuple[Source, ...]
    dataset: DatasetVersion


@posting(
    PATH,
    summary="Ask many questions at once",
    asks={_JSON: BatchQuestions, _CSV: str},
    answers={_JSON: Batch, _CSV: str},
    parameters=DatasetParameters,
    problems=(
        *("missing-parameter", *REQUEST_PROBLEMS, "unknown-dataset"),
        *("payload-too-large", "unsupported-media-type"),
    ),
    request_max_body_size=MOST_BYTES,
)
async def batch(request: ApiRequest) -> Response[bytes]:
    """At most 1,000 questions of /salary, as JSON or as CSV, answered in the form they have. Each
    row answers or carries its own problem, which leaves the other rows their answers.

    Of CSV, the header names the parameters, of which `role` is needed; `id` and all other columns
    are passed on, and columns with the answer are appended."""
    media_type = _media_type(request)
    question = await asked(request, DatasetParameters)
    question.faults.stop()
    body = await run_sync(
        _ANSWERED[media_type],
        await _body(request),
        question.store,
        question.values["dataset"],
        limiter=request.app.state.batches,
    )
    headers = {
        "Cache-Control": NEVER_KEPT,
        "X-Dataset-Version": question.store.snapshot.version,
        "X-Service-Version": __version__,
    }
    return Response(body, media_type=media_type, headers=headers)


def _media_type(request: ApiRequest) -> str:
    media_type, options = request.content_type
    charset = options.get("charset", "utf-8").lower()
    if media_type not in _ANSWERED or charset not in ("utf-8", "utf8", "us-ascii"):
        detail = f"The body is read as {_JSON} or as {_CSV}, in UTF-8; `Content-Type` says which."
        raise Refusal([Fault(type="unsupported-media-type", detail=detail)])
    return media_type


async def _body(request: ApiRequest) -> bytes:
    try:
        return await request.body()
    except RequestEntityTooLarge:
        raise _too_large(f"The body has more than {MOST_BYTES:,} bytes.") from None
    except InternalServerException:  # the client went away, which is no fault of the service
        raise Refusal([Fault(type="invalid-value", detail="The body breaks off.")]) from None


def _as_csv(body: bytes, store: Store, dataset: str | None) -> bytes:
    rows = 0
    text = []
    for line in Annotation(BytesIO(body), store, dataset):
        rows += line.problem is not None
        _refuse_more(rows)
        text.append(line.text)
    _refuse_none(rows)
    return "".join(text).encode()


def _as_json(body: bytes, store: Store, dataset: str | None) -> bytes:
    read = read_rows(body)
    _refuse_none(len(read))
    _refuse_more(len(read))
    rows = tuple(_row(row, store, dataset) for row in read)
    return msgspec.json.encode(
        Batch(
            rows=rows,
            sources=tuple(store.snapshot.sources[id_] for id_ in cited_in(rows)),
            dataset=DatasetVersion(version=store.snapshot.version),
        )
    )


def _row(row: object, store: Store, dataset: str | None) -> BatchRow:
    read = read_row(row)
    found = outcome(store, read.texts, dataset)
    if read.faults:
        told = {fault.parameter for fault in read.faults}
        others = found.problem.errors if isinstance(found, Refused) and None not in told else ()
        faults = [*read.faults, *(fault for fault in others if fault.parameter not in told)]
        found = unread(Refusal(faults))
    return BatchRow.of(found, id=read.id)


_ANSWERED: dict[str, Callable[[bytes, Store, str | None], bytes]] = {
    _JSON: _as_json,
    _CSV: _as_csv,
}


def _refuse_none(rows: int) -> None:
    if not rows:
        raise Refusal([Fault(type="invalid-value", detail="There is no row to answer.")])


def _refuse_more(rows: int) -> None:
    if rows > MOST_ROWS:
        raise _too_large(f"More than {MOST_ROWS:,} rows are asked: ask in several requests.")


def _too_large(detail: str) -> Refusal:
    return Refusal([Fault(type="payload-too-large", detail=detail)])
