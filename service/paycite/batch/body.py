"""Answer many questions in one body, in JSON or CSV; the answers have the same format."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from operator import attrgetter
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from paycite.batch.columns import ASKED, Columns
from paycite.batch.csv_file import Annotation
from paycite.batch.json_rows import parse_row, parse_rows
from paycite.batch.row import answer_row, reject_row
from paycite.dataset.store import Store
from paycite.model.answer import DatasetVersion
from paycite.model.comparison import ComparisonRow, Refused, cited_in
from paycite.model.figure import Source
from paycite.model.parameters import OfferText, SalaryParameters
from paycite.model.problem import Refusal
from paycite.questions.answer import answer_shortly

MOST_ROWS = 1_000
# Each row of an answer has all columns of the header, however short it is.
MOST_COLUMNS = 200
# Called between the parts of long work: Refusal if nobody waits for it any more.
GoOn = Callable[[], None]
T = TypeVar("T")
_FIELDS = {field.name: field for field in msgspec.structs.fields(SalaryParameters)}

Id = Annotated[
    Raw,
    Meta(
        description="Your id of the row, returned unchanged.",
        extra_json_schema={"anyOf": [{"type": kind} for kind in ("string", "number", "null")]},
    ),
]
# The parameters of /salary, except the dataset. For documentation only: rows are parsed field by
# field, because each row can have its own problem.
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
        tuple[BatchQuestion, ...],  # type: ignore[valid-type]  # built at run time
        Meta(min_length=1, max_length=MOST_ROWS),
    ]


class BatchRow(ComparisonRow, frozen=True, kw_only=True):
    id: Id


class Batch(Struct, frozen=True, kw_only=True):
    """The rows in request order."""

    rows: Annotated[tuple[BatchRow, ...], Meta(min_length=1, max_length=MOST_ROWS)]
    sources: tuple[Source, ...]
    dataset: DatasetVersion


def answer_csv(
    body: bytes,
    store: Store,
    dataset: str | None,
    go_on: GoOn = lambda: None,
    columns: Columns | None = None,
) -> bytes:
    """Answer a CSV body: append columns with the answers. Refusal for an invalid body."""
    annotation = Annotation(BytesIO(body), store, dataset, columns, MOST_COLUMNS)
    lines = iter(annotation)
    header = next(lines)
    rows = limit_rows(lines, attrgetter("is_row"), go_on)
    return "".join(line.text for line in (header, *rows)).encode()


def limit_rows(lines: Iterable[T], is_row: Callable[[T], bool], go_on: GoOn) -> Iterator[T]:
    """Yield the lines of a body. Refusal for one without rows, or with too many of them or of blank
    lines."""
    rows = blank = 0
    for line in lines:
        go_on()
        if is_row(line):
            rows += 1
        else:
            blank += 1
        _refuse_more_rows(rows, blank)
        yield line
    _refuse_no_rows(rows)


def answer_json(
    body: bytes, store: Store, dataset: str | None, go_on: GoOn = lambda: None
) -> bytes:
    """Answer a JSON body with an encoded `Batch`. Refusal for an invalid body."""
    asked = parse_rows(body)
    _refuse_no_rows(len(asked))
    _refuse_more_rows(len(asked))
    # Each row is encoded when it is answered: its structs take several times as much memory.
    rows: Any = []
    cited: set[str] = set()
    for row in asked:
        go_on()
        answered = _answer_row(row, store, dataset)
        cited.update(cited_in([answered]))
        rows.append(Raw(msgspec.json.encode(answered)))
    return msgspec.json.encode(
        Batch(
            rows=tuple(rows),
            sources=tuple(store.snapshot.sources[id_] for id_ in sorted(cited)),
            dataset=DatasetVersion(version=store.snapshot.version),
        )
    )


ANSWERS: Mapping[str, Callable[[bytes, Store, str | None, GoOn], bytes]] = {
    "application/json": answer_json,
    "text/csv": answer_csv,
}


def _answer_row(row: object, store: Store, dataset: str | None) -> BatchRow:
    parsed = parse_row(row)
    found = answer_row(answer_shortly, store, parsed.texts, dataset)
    if parsed.faults:
        reported = {fault.parameter for fault in parsed.faults}
        is_whole_row = None in reported
        others = found.problem.errors if isinstance(found, Refused) and not is_whole_row else ()
        faults = [*parsed.faults, *(one for one in others if one.parameter not in reported)]
        found = reject_row(Refusal(faults))
    return BatchRow.of(found, id=parsed.id)


def _refuse_no_rows(rows: int) -> None:
    if not rows:
        raise Refusal.of("invalid-value", "The body has no rows.")


def _refuse_more_rows(rows: int, blank: int = 0) -> None:
    """Refuse too many rows, or as many blank lines, which take time too."""
    if blank > MOST_ROWS:
        detail = f"Too many blank lines: the limit is {MOST_ROWS:,}. Remove them."
        raise Refusal.of("payload-too-large", detail)
    if rows > MOST_ROWS:
        detail = f"Too many rows: the limit is {MOST_ROWS:,}. Split them into several requests."
        raise Refusal.of("payload-too-large", detail)
