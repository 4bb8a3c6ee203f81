"""`/datasets/{id}` and its files: a dataset to download, of public sources only."""

from functools import partial
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.dataset.export import MEDIA_TYPES, Kind, export, read_dictionary, read_rows
from paycite.dataset.store import DatasetError
from paycite.model.problem import Refusal
from paycite.present.csv import write_table
from paycite.present.datapackage import build_descriptor
from paycite.questions.question import match_words, vocabulary
from paycite.web.endpoint import JSON, REQUEST_PROBLEMS, Ask, endpoint
from paycite.web.handlers.formats import encode_text
from paycite.web.respond import Download

_PROBLEMS = (*REQUEST_PROBLEMS, "unknown-dataset", "not-ready")
_of_dataset = partial(endpoint, is_of_dataset=True)
_file = partial(_of_dataset, problems=_PROBLEMS, runs="turn")


class PayParameters(Struct, frozen=True, kw_only=True):
    role: Annotated[str, Meta(description="A role, as in /salary.")]
    level: Annotated[str, Meta(description="A level, as in /salary.")] | UnsetType = UNSET
    kind: (
        Annotated[
            Literal["metro", "state", "nonmetro", "region", "nation"],
            Meta(description="The kind of place. Default: all kinds."),
        ]
        | UnsetType
    ) = UNSET


@_of_dataset(
    "/datasets/{id}",
    "Describe a dataset",
    {JSON: dict[str, Any]},
    problems=_PROBLEMS,
    runs="thread",
)
def get_dataset(ask: Ask) -> dict[str, Any]:
    """Get the files of a dataset, its sources, and what each column means: a Data Package."""
    ask.parse().faults.stop()
    return build_descriptor(ask.store.snapshot, read_dictionary(ask.store))


@_file("/datasets/{id}.parquet", "Download the estimates", {MEDIA_TYPES["parquet"]: bytes})
def parquet(ask: Ask) -> Download:
    """Get every estimate of a dataset with its sources, as one flat table."""
    return _download(ask, "parquet")


@_file("/datasets/{id}.duckdb", "Download the database", {MEDIA_TYPES["duckdb"]: bytes})
def database(ask: Ask) -> Download:
    """Get the estimates, what each source says, and the figures with their citations."""
    return _download(ask, "duckdb")


@_of_dataset(
    "/datasets/{id}.csv",
    "Download the estimates of a role",
    {"text/csv": str},
    parameters=PayParameters,
    problems=(
        *("missing-parameter", *_PROBLEMS, "unknown-role", "unknown-level", "ambiguous-title"),
        *("conflicting-parameters", "no-figures"),
    ),
    encode=encode_text,
    runs="thread",
)
def csv(ask: Ask) -> str:
    """Get the rows of a role for a spreadsheet, the highest median first."""
    parsed = ask.parse()
    words = {**parsed.values, "metro": None}
    role, level, _ = match_words(words, vocabulary(ask.store), parsed.faults)
    parsed.faults.stop()
    assert role  # otherwise `stop` raised
    level_id = level[0].id if level else None
    rows = read_rows(ask.store, role[0].id, level_id, parsed["kind"])
    if not rows:
        detail = f"No source prices {role[0].title}. GET /roles/{role[0].id} lists its sources."
        raise Refusal.of("no-figures", detail, parameter="role")
    return write_table(rows)


def _download(ask: Ask, kind: Kind) -> Download:
    ask.parse().faults.stop()
    try:
        made = export(ask.datasets.folder, ask.store.snapshot.version, kind)
    except DatasetError as error:
        raise Refusal.of("not-ready", f"Cannot download: {error}.") from None
    return Download(made.file, MEDIA_TYPES[kind], f'"{made.sha256[:32]}"')


ENDPOINTS = (get_dataset, parquet, database, csv)
