"""`POST /salary/batch`: many questions at once, as JSON or as CSV."""

from paycite.batch.body import ANSWERS, MOST_ROWS, Batch, BatchQuestions
from paycite.batch.row import PATH
from paycite.questions.parameters import DatasetParameters
from paycite.web.endpoint import JSON, REQUEST_PROBLEMS, Ask, endpoint


def count_units(body: bytes, media_type: str) -> int:
    """One for each row, of those that are answered. They are counted by what begins one, because
    reading them is already work."""
    if media_type == JSON:
        return min(max(body.count(b"{") - 1, 1), MOST_ROWS)
    lines = max(body.count(b"\n"), body.count(b"\r"))
    return min(max(lines - 1, 1), MOST_ROWS)


@endpoint(
    PATH,
    "Answer many questions at once",
    {"application/json": Batch, "text/csv": str},
    asks={"application/json": BatchQuestions, "text/csv": str},
    parameters=DatasetParameters,
    problems=(
        *("missing-parameter", *REQUEST_PROBLEMS, "unknown-dataset"),
        *("payload-too-large", "unsupported-media-type"),
    ),
    encode=bytes,
    most_bytes=5_000_000,
    units=lambda ask: count_units(ask.body, ask.media_type),
)
def batch(ask: Ask) -> bytes:
    """Answer up to 1,000 questions of /salary, in JSON or CSV; the answers have the same format.
    Each row gets an answer or a problem of its own, independent of the other rows. In CSV, the
    header names the parameters; only `role` is required. `id` and all other columns are passed
    through, and columns with the answer are appended."""
    parsed = ask.parse()
    parsed.faults.stop()
    return ANSWERS[ask.media_type](ask.body, ask.store, parsed["dataset"], ask.go_on)
