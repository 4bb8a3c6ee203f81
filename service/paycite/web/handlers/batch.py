"""`POST /salary/batch`: many questions at once, as JSON or as CSV."""

from paycite.batch.body import ANSWERS, Batch, BatchQuestions
from paycite.batch.row import PATH
from paycite.questions.parameters import DatasetParameters
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint


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
)
def batch(ask: Ask) -> bytes:
    """Answer up to 1,000 questions of /salary, in JSON or CSV; the answers have the same format.
    Each row gets an answer or a problem of its own, independent of the other rows. In CSV, the
    header names the parameters; only `role` is required. `id` and all other columns are passed
    through, and columns with the answer are appended."""
    parsed = ask.parse()
    parsed.faults.stop()
    return ANSWERS[ask.media_type](ask.body, ask.store, parsed["dataset"], ask.go_on)
