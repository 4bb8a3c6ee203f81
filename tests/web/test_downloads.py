"""`/datasets/{id}` and its files, over a real socket, as the tools of their users read them."""

import csv
import io
import json
import os
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import httpx
import pandas  # type: ignore[import-untyped]
import polars
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paycite.dataset.pointer import PUBLIC
from paycite.dataset.published import Datasets
from paycite.model.snapshot import Snapshot
from paycite.web.app import litestar_app
from paycite.web.finished import FinishedAnswers
from support.asgi import get, repeating
from support.servers import serving

SENIOR = "role = 'ai-ml-engineer' and level = 'senior' and metro_kind = 'metro'"
TYPES = {"string": "string", "double": "number", "date32[day]": "date"}


def rows(query: str) -> list[dict[str, Any]]:
    """What a stranger's DuckDB answers."""
    with duckdb.connect() as connection:
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def address(client: httpx.Client, snapshot: Snapshot) -> str:
    return f"/datasets/{snapshot.version}"


@pytest.fixture(scope="module")
def parquet(client: httpx.Client, address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("downloaded") / "paycite.parquet"
    file.write_bytes(client.get(f"{address}.parquet").content)
    return file


@pytest.fixture(scope="module")
def database(client: httpx.Client, address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("downloaded") / "paycite.duckdb"
    file.write_bytes(client.get(f"{address}.duckdb").content)
    return file


def test_a_row_is_what_the_api_answers_with_the_same_sources(
    client: httpx.Client, parquet: Path, snapshot: Snapshot
) -> None:
    for row in rows(f"from '{parquet}' using sample reservoir(25 rows) repeatable (7)"):
        asked = {name: row[name] for name in ("role", "level", "metro", "dataset") if row[name]}
        answer = client.get("/salary", params=asked | {"age": "false"}).json()
        estimate = answer["estimate"]
        assert (row["min"], row["max"]) == (estimate["range"]["min"], estimate["range"]["max"])
        for name in ("p10", "p25", "p50", "p75", "p90", "capped"):
            assert row[name] == estimate["percentiles"][name], (asked, name)
        for name in ("currency", "period", "component"):
            assert row[name] == estimate[name]
        assert row["confidence"] == estimate["confidence"]["label"]
        used = [chain for chain in answer["chains"] if chain["weight"]]
        assert dict(zip(row["source_ids"], row["weights"], strict=True)) == {
            chain["source_id"]: chain["weight"] for chain in used
        }
        assert row["sources"] == len(used) and sum(row["weights"]) == pytest.approx(1)
        for id_, publisher, url, terms in zip(
            *(row[name] for name in ("source_ids", "publishers", "urls", "licenses")), strict=True
        ):
            source = snapshot.sources[id_]
            assert (publisher, url, terms) == (source.publisher, source.url, source.license)
            assert source.citation in row["citation"]
        assert (row["as_of"], row["dataset"]) == (snapshot.as_of, snapshot.version)


def test_it_has_every_role_level_and_place_once(parquet: Path, snapshot: Snapshot) -> None:
    (found,) = rows(
        "select count(*), count(distinct (role, level, metro)), count(distinct role), "
        f"count(distinct metro) from '{parquet}'"
    )
    every, cells, roles, places = found.values()
    assert every == cells == roles * places * (len(snapshot.levels) + 1)
    assert roles == len(snapshot.weights_by_role) and places == len(snapshot.metros)


def test_duckdb_pandas_and_polars_give_the_same_answer(parquet: Path, database: Path) -> None:
    query = f"select metro, p50 from pay where {SENIOR} order by p50 desc limit 10"
    with duckdb.connect(database, read_only=True) as connection:
        expected = connection.execute(query).fetchall()
    found = rows(query.replace("pay", f"'{parquet}'"))
    assert [tuple(row.values()) for row in found] == expected
    with_pandas = pandas.read_parquet(parquet)
    with_pandas = with_pandas.query(SENIOR.replace(" = ", " == ")).nlargest(10, "p50")
    assert [*zip(with_pandas["metro"], with_pandas["p50"], strict=True)] == expected
    with_polars = polars.read_parquet(parquet).filter(
        role="ai-ml-engineer", level="senior", metro_kind="metro"
    )
    assert with_polars.top_k(10, by="p50")["p50"].to_list() == [pay for _, pay in expected]


def test_polars_asks_the_server_for_parts_of_the_file(client: httpx.Client, address: str) -> None:
    lazy = polars.scan_parquet(f"{client.base_url}{address}.parquet")
    (count,) = lazy.filter(role="mlops", level="mid", metro="nyc").select(polars.len()).collect()
    assert count.to_list() == [1]


@pytest.mark.skipif(
    "PAYCITE_HTTPFS" not in os.environ, reason="`make test-httpfs` has DuckDB ask a server"
)
def test_duckdb_asks_the_server_for_parts_of_the_file(client: httpx.Client, address: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("load httpfs")
        query = f"select p50 from '{client.base_url}{address}.parquet' where {SENIOR}"
        assert len(connection.execute(query).fetchall()) > 300


def test_the_database_explains_itself_and_has_no_number_without_a_citation(
    database: Path, snapshot: Snapshot
) -> None:
    with duckdb.connect(database, read_only=True) as connection:

        def one(query: str) -> Any:
            return connection.execute(query).fetchall()[0][0]

        assert one("select count(*) from duckdb_tables() where comment is null") == 0
        assert (
            one("select count(*) from duckdb_columns() where not internal and comment is null") == 0
        )
        assert one("select count(*) from figure where citation is null or license is null") == 0
        assert one("select count(*) from voice where source_id not in (select id from source)") == 0
        assert one("select count(*) from voice") == one("select sum(sources) from pay")
        assert {id_ for (id_,) in connection.execute("select id from source").fetchall()} == {
            *snapshot.sources
        }
        assert one("select version from dataset") == snapshot.version


def test_the_data_package_is_valid_and_describes_the_files(
    client: httpx.Client, address: str, parquet: Path, database: Path
) -> None:
    descriptor = client.get(address).json()
    limit = csv.field_size_limit()
    assert frictionless.Package.validate_descriptor(descriptor).valid
    csv.field_size_limit(limit)  # which it raises for the whole process
    flat, tables = descriptor["resources"]
    assert [one["path"] for one in (flat, tables)] == [
        f"{address.rpartition('/')[2]}.{suffix}" for suffix in ("parquet", "duckdb")
    ]
    schema = pyarrow.parquet.read_schema(parquet)
    stated = {field["name"]: field for field in flat["schema"]["fields"]}
    assert [*stated] == schema.names and all(one["description"] for one in stated.values())
    for column in schema:
        written = str(column.type)
        kind = "integer" if "int" in written else "array" if "list" in written else TYPES[written]
        assert stated[column.name]["type"] == kind
    meanings = json.loads(schema.metadata[b"dictionary"])
    assert meanings == {name: one["description"] for name, one in stated.items()}
    with duckdb.connect(database, read_only=True) as connection:
        comments = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where not internal"
        ).fetchall()
    assert sorted(comments) == sorted(
        (table["name"], field["name"], field["description"])
        for table in tables["tables"]
        for field in table["schema"]["fields"]
    )
    page = client.get(f"{address}.html").text
    for name in stated:
        assert f"<code>{name}</code>" in page
    assert client.get(f"{address}.json").json() == descriptor


def test_a_spreadsheet_gets_the_rows_of_a_role_the_highest_first(
    client: httpx.Client, address: str, parquet: Path
) -> None:
    asked = {"role": "Sr. ML Engineer", "kind": "metro"}
    answer = client.get(f"{address}.csv", params=asked)
    assert answer.headers["content-type"].startswith("text/csv")
    assert "immutable" in answer.headers["cache-control"]
    shown = [*csv.DictReader(io.StringIO(answer.text))]
    expected = rows(
        f"select metro, p50, citation from '{parquet}' where {SENIOR} order by p50 desc, metro"
    )
    assert [(row["metro"], int(row["p50"]), row["citation"]) for row in shown] == [
        tuple(row.values()) for row in expected
    ]
    assert shown[0]["publishers"].count(" | ") == int(shown[0]["sources"]) - 1
    for wrong, kind in (
        ({}, "missing-parameter"),
        ({"role": "astronaut"}, "unknown-role"),
        ({"role": "data-annotator"}, "no-figures"),
        ({"role": "Sr. ML Engineer", "level": "mid"}, "conflicting-parameters"),
        ({"role": "mlops", "kind": "city"}, "invalid-value"),
        ({"role": "mlops", "metro": "nyc"}, "unknown-parameter"),
    ):
        assert client.get(f"{address}.csv", params=wrong).json()["type"] == f"/problems/{kind}"


@pytest.mark.parametrize("suffix", ["parquet", "duckdb"])
def test_a_file_is_kept_by_caches_for_good(client: httpx.Client, address: str, suffix: str) -> None:
    whole = client.get(f"{address}.{suffix}", headers={"Accept-Encoding": "gzip, zstd"})
    assert "content-encoding" not in whole.headers and whole.headers["accept-ranges"] == "bytes"
    assert {"public", "immutable", "max-age=31536000"} == {
        *whole.headers["cache-control"].split(", ")
    }
    head = client.head(f"{address}.{suffix}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-length", "content-type", "cache-control", "x-dataset-version"):
        assert head.headers[name] == whole.headers[name]
    assert not whole.headers["etag"].startswith("W/")
    again = client.get(f"{address}.{suffix}", headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    start=st.none() | st.integers(0, 4_000_000),
    stop=st.none() | st.integers(0, 4_000_000),
    is_current=st.booleans(),
)
def test_a_part_is_those_bytes_of_the_file_and_any_other_range_is_not_answered_in_parts(
    client: httpx.Client,
    address: str,
    parquet: Path,
    start: int | None,
    stop: int | None,
    is_current: bool,
) -> None:
    content = parquet.read_bytes()
    tag = client.head(f"{address}.parquet").headers["etag"]
    said = {
        "Range": f"bytes={'' if start is None else start}-{'' if stop is None else stop}",
        "If-Range": tag if is_current else '"of another file"',
    }
    answer = client.get(f"{address}.parquet", headers=said)
    first = max(len(content) - (stop or 0), 0) if start is None else start
    last = len(content) - 1 if start is None or stop is None else min(stop, len(content) - 1)
    is_valid = (start is not None or stop is not None) and (
        start is None or stop is None or start <= stop
    )
    if not is_current or not is_valid:
        assert (answer.status_code, answer.content == content) == (200, True)
    elif first >= len(content):
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{len(content)}"
        assert answer.json()["type"] == "/problems/range-not-satisfiable"
    else:
        assert (answer.status_code, answer.content) == (206, content[first : last + 1])
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(content)}"


def test_the_server_reads_a_part_of_a_file_itself(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What passes through this process stays in its memory until its client has taken it."""
    monkeypatch.delattr("support.asgi._Protocol.response_stream")
    with closing(Datasets(data / "datasets", scope=PUBLIC)) as datasets:
        app = repeating(FinishedAnswers(litestar_app(datasets), datasets), datasets)
        address = f"/datasets/{datasets.current.version}.parquet"
        _, _, whole = get(app, address)
        status, told, part = get(app, address, {"range": "bytes=5-9"})
    assert (status, part, told["content-length"]) == (206, whole[5:10], "5")


def test_a_head_request_has_no_range(client: httpx.Client, address: str) -> None:
    whole, asked = (
        client.head(f"{address}.parquet", headers=headers)
        for headers in ({}, {"Range": "bytes=0-9"})
    )
    assert (asked.status_code, asked.headers["content-length"]) == (
        200,
        whole.headers["content-length"],
    )


@pytest.mark.parametrize(
    "range_", ["bytes=0-1,5-9", "lines=1-2", "bytes=", "bytes=-", "bytes=a-b", "0-5", "bytes=٣-٤"]
)
def test_what_is_no_range_gets_the_whole_file(
    client: httpx.Client, address: str, range_: str
) -> None:
    answer = client.get(f"{address}.parquet", headers={b"Range": range_.encode()})
    assert answer.status_code == 200


@pytest.mark.parametrize("suffix", ["", ".parquet", ".duckdb", ".csv?role=mlops", ".html", ".json"])
def test_a_dataset_that_is_not_kept_is_unknown(
    client: httpx.Client, snapshot: Snapshot, suffix: str
) -> None:
    for version in ("current", "2020-01-01-000000000000", "..%2f..%2fetc%2fpasswd", "'", "%00"):
        answer = client.get(f"/datasets/{version}{suffix}")
        assert answer.status_code in (400, 404), version
        if suffix != ".html" and answer.json()["type"] == "/problems/unknown-dataset":
            assert answer.json()["errors"][0]["suggestions"] == [snapshot.version]
    for query in ("dataset=x", f"dataset={snapshot.version}", "x=1"):
        mark = "&" if "?" in suffix else "?"
        assert client.get(f"/datasets/{snapshot.version}{suffix}{mark}{query}").status_code == 400


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        (".parquet?x=1", "Unknown parameter 'x'. This endpoint takes no parameters."),
        ("?dataset=V2", "Unknown parameter 'dataset'. This endpoint takes no parameters."),
        (".csv?role=mlops&x=1", "Unknown parameter 'x'. Valid parameters: role, level, kind."),
    ],
)
def test_a_refusal_names_only_parameters_that_are_accepted(
    client: httpx.Client, address: str, asked: str, detail: str
) -> None:
    assert client.get(address + asked).json()["detail"] == detail


def test_a_file_goes_with_its_dataset_and_is_made_again(data: Path, tmp_path: Path) -> None:
    """Also while a server has it among its finished answers."""
    folder = tmp_path / "datasets"
    folder.mkdir()
    for file in (data / "datasets").iterdir():
        if file.is_file():
            os.link(file, folder / file.name)
    version = (folder / "current").read_text().split()[0]
    with serving(tmp_path) as client:
        first = client.get(f"/datasets/{version}.parquet")
        (made,) = (folder / "downloads").glob("*.parquet")
        assert re.fullmatch(rf"{version}\.\w+\.parquet", made.name)
        made.unlink()
        second = client.get(f"/datasets/{version}.parquet")
        assert (second.status_code, second.headers["etag"]) == (200, first.headers["etag"])
        assert second.content == first.content
        made.chmod(0o600)
        os.truncate(made, 1_000)
        third = client.get(f"/datasets/{version}.parquet")
        assert (third.headers["etag"], third.content) == (first.headers["etag"], first.content)
        made.unlink()
        (folder / "downloads").rename(folder / "elsewhere")
        (folder / "downloads").write_text("in the way")
        answer = client.get(f"/datasets/{version}.parquet")
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
