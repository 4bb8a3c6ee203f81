"""Ask a running Paycite every question once, and save what it answers by the question's hash."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import httpx
import msgspec
from msgspec import Struct

PERCENTILES = ("p10", "p25", "p50", "p75", "p90")
ROWS = 1_000  # of a request, at most
TIMEOUT = 300  # seconds
OFFICIAL = re.compile(r"bls-oews-\d{4}-\d{2}")  # ids of the releases of official statistics
COLUMNS = {
    "question": "ubigint",
    "problem": "varchar",
    "role": "varchar",
    "level": "varchar",
    "place": "varchar",
    "kind": "varchar",
    "label": "varchar",
    **dict.fromkeys(PERCENTILES, "integer"),
    **dict.fromkeys([f"official_{name}" for name in PERCENTILES], "integer"),
}
BAY_AREA = {"41860", "41940"}
NEW_YORK = {"35620"}
SEATTLE = {"42660"}
# The other metros with at least one million employees in all occupations, BLS OEWS May 2025.
# fmt: off
LARGE = {
    "31080", "16980", "19100", "26420", "47900", "37980", "12060", "33100", "14460", "38060",
    "33460", "19820", "40140", "19740", "41740", "45300", "36740", "16740", "12580", "41180",
    "12420", "38900", "29820", "41700", "38300", "18140", "26900", "17140", "34980", "28140",
    "40900", "17410",
}
# fmt: on


class _Metro(Struct):
    id: str
    kind: str
    cbsa_codes: list[str]


class _Match(Struct):
    dimension: str
    id: str


class _Range(Struct):
    min: float | None
    max: float | None
    open_ended: bool = False


class _Confidence(Struct):
    label: str


class _Estimate(Struct):
    range: _Range
    median: float | None
    percentiles: dict[str, Any] | None
    confidence: _Confidence


class _Problem(Struct):
    type: str


class _Row(Struct):
    id: Any
    matches: list[_Match]
    estimate: _Estimate | None
    problem: _Problem | None


class _Batch(Struct):
    rows: list[_Row]


Answer = dict[str, Any]


def kind_of_place(kind: str, cbsa_codes: Iterable[str]) -> str:
    """Bay Area, New York, Seattle, other large, smaller, state or nation."""
    if kind in ("nation", "beyond"):  # "worldwide" is answered for the nation
        return "nation"
    if kind == "state":
        return kind
    codes = set(cbsa_codes)
    for name, metros in (("Bay Area", BAY_AREA), ("New York", NEW_YORK), ("Seattle", SEATTLE)):
        if codes & metros:
            return name
    return "other large" if codes & LARGE else "smaller"


def percentiles(
    low: float | None,
    high: float | None,
    is_open_ended: bool,
    median: float | None,
    given: Mapping[str, Any] | None,
) -> dict[str, int]:
    """P25 and P75 are the ends of the range where no percentiles are given, and P10 and P90 are
    then missing. P50 is the median, else the geometric middle of the range; an open-ended range
    has no middle."""
    found = {"p25": low, "p75": high} | dict(given or {})
    found["p50"] = median
    if median is None and low and high and not is_open_ended:
        found["p50"] = math.sqrt(low * high)
    return {name: round(amount) for name in PERCENTILES if (amount := found.get(name))}


def ask(
    client: httpx.Client, questions: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Any, Answer]]:
    """The id of each question with its answer, in order."""

    def post(rows: Sequence[Mapping[str, Any]]) -> list[_Row]:
        response = client.post("/salary/batch", json={"rows": rows}).raise_for_status()
        return msgspec.json.decode(response.content, type=_Batch).rows

    batches = [questions[at : at + ROWS] for at in range(0, len(questions), ROWS)]
    with ThreadPoolExecutor(2) as pool:  # one batch is read while the next is answered
        for found in pool.map(post, batches):
            for row in found:
                yield row.id, _answer(row)


def _answer(row: _Row) -> Answer:
    """Role, level and place are as the question was read, whatever the answer fell back to."""
    if row.problem or not row.estimate:
        return {"problem": row.problem.type.rpartition("/")[2] if row.problem else "no-estimate"}
    read = {match.dimension: match.id for match in row.matches}
    estimate = row.estimate
    range_ = estimate.range
    return {
        "role": read["role"],
        "level": read.get("level", "not stated"),
        "place": read["metro"],
        "label": estimate.confidence.label,
        **percentiles(
            range_.min, range_.max, range_.open_ended, estimate.median, estimate.percentiles
        ),
    }


def save_answers(connection: duckdb.DuckDBPyConnection, url: str, file: Path) -> str:
    """Ask every question of the table `observation`, and the official statistics of every role and
    place that was answered; write Parquet, and return the version of the dataset."""
    asked = connection.execute(
        "select distinct on (question) question, title, place from observation order by question"
    ).fetchall()
    questions = [
        {"id": str(id_), "role": title} | ({"metro": place} if place else {})
        for id_, title, place in asked
    ]
    with httpx.Client(base_url=url, timeout=TIMEOUT) as client, TemporaryDirectory() as folder:
        version = client.get("/ready").raise_for_status().headers["X-Dataset-Version"]
        answers = dict(ask(client, questions))
        official = _official(client, answers.values())
        kinds = {metro.id: kind_of_place(metro.kind, metro.cbsa_codes) for metro in _metros(client)}
        lines = Path(folder) / "answers.jsonl"
        with lines.open("w") as output:
            for id_, answer in answers.items():
                found = official.get((answer.get("role"), answer.get("place")), {})
                row = {"question": int(id_), "kind": kinds.get(answer.get("place", ""))} | answer
                row |= {f"official_{name}": amount for name, amount in found.items()}
                output.write(json.dumps(row) + "\n")
        file.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"""
            copy (
                select * from read_json($lines, format = 'newline_delimited', columns = {COLUMNS})
                order by question
            ) to '{str(file).replace("'", "''")}'
            (format parquet, compression zstd, compression_level 19, kv_metadata {{
                dataset: '{version.replace("'", "")}'
            }})
            """,
            {"lines": str(lines)},
        )
    return str(version)


def _metros(client: httpx.Client) -> Iterator[_Metro]:
    page: str | None = "/metros?limit=1000"
    while page:
        found = client.get(page).raise_for_status().json()
        yield from msgspec.convert(found["items"], list[_Metro])
        page = found["next"]


def _official(
    client: httpx.Client, answers: Iterable[Answer]
) -> dict[tuple[str | None, str | None], dict[str, int]]:
    """Percentiles of the official statistics by role and place, whatever the level."""
    sources = client.get("/sources", params={"limit": 1000}).raise_for_status().json()
    releases = [one["id"] for one in sources["items"] if OFFICIAL.fullmatch(one["id"])]
    cells = sorted({(one["role"], one["place"]) for one in answers if "role" in one})
    questions = [
        {"id": f"{role} {place}", "role": role, "metro": place, "source": [max(releases)]}
        for role, place in cells
    ]
    found = dict(ask(client, questions)) if releases else {}
    return {
        cell: {name: answer[name] for name in PERCENTILES if name in answer}
        for cell in cells
        if "problem" not in (answer := found.get(" ".join(cell), {}))
    }
