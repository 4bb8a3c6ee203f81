"""`POST /salary/batch` over a socket, beside `paycite annotate` and single questions."""

import csv
import io
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from paycite.batch import columns
from paycite.model.parameters import SalaryParameters
from paycite.questions.parameters import is_repeatable
from support.commands import PAYCITE, environment
from support.hostile import PAYLOADS
from support.questions import ASKED

BATCH = "/salary/batch"
JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
PARAMETERS = columns.ASKED
Asked = dict[str, Any]


def batch(client: httpx.Client, rows: Sequence[object], query: str = "") -> list[dict[str, Any]]:
    answer = client.post(BATCH + query, json={"rows": rows}, timeout=60)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def table(rows: Iterable[Sequence[object]], delimiter: str = ",") -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


def annotated(client: httpx.Client, body: bytes, query: str = "") -> list[list[str]]:
    answer = client.post(BATCH + query, content=body, headers=CSV, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text, newline=""), strict=True))


# White space around a cell is no part of what it asks.
HOSTILE = [text for text in PAYLOADS if text == text.strip()]


def mostly(good: Sequence[object], bad: Sequence[object]) -> st.SearchStrategy[object]:
    """Something good, or left out, five times of six."""
    return st.one_of([st.sampled_from([None, *good])] * 5 + [st.sampled_from(bad)])


QUESTIONS = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["mlops", "Sr. MLOps Eng", "software-engineer"])
        | mostly(["Data Scientist"], ["15-1252", "astronaut", "x" * 201, *HOSTILE]),
        "level": mostly(["mid", "II"], ["boss", *HOSTILE]),
        "years": mostly(["3"], ["61", "many"]),
        "metro": mostly(["nyc", "Austin, TX", "Casper, WY"], ["Portland", "new-yrk", *HOSTILE]),
        "offer": mostly(["180000", "$150k-180k"], ["1", *HOSTILE]),
        "period": mostly(["year", "hour"], ["week"]),
        "source": mostly([["kore1-ai-jobs-2026"]], [["kore1", "bls"]]),
        "age": mostly(["true"], ["maybe"]),
        "strict": mostly(["false"], ["true", "maybe"]),
    }
).map(lambda asked: {name: asked[name] for name in PARAMETERS if asked[name] is not None})


@given(rows=st.lists(QUESTIONS, min_size=30, max_size=60))
@settings(
    max_examples=6,
    phases=[Phase.generate],  # each example starts a command: too slow to be made smaller
    suppress_health_check=list(HealthCheck),
)
def test_a_row_is_answered_as_alone_in_json_in_csv_and_offline(
    rows: list[Asked], client: httpx.Client, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    texts = [row | {"source": "|".join(row.get("source", ()))} for row in rows]
    body = table([PARAMETERS, *([text.get(name, "") for name in PARAMETERS] for text in texts)])
    file = tmp_path_factory.mktemp("offline") / "asked.csv"
    file.write_bytes(body)
    online = client.post(BATCH, content=body, headers=CSV).content
    command = (PAYCITE, "annotate", file)
    assert subprocess.run(command, env=environment(data), stdout=subprocess.PIPE).stdout == online

    header, *lines = annotated(client, body)
    for asked, row, line in zip(rows, batch(client, rows), lines, strict=True):
        cells = dict(zip(header, line, strict=True))
        in_order = {name: asked[name] for name in PARAMETERS if name in asked}
        single = client.get(f"/salary?{urlencode(in_order, doseq=True)}")
        if single.is_success:
            check_answer(single.json(), row, cells)
        else:
            check_problem(single.json(), row, cells)


def check_answer(alone: Asked, row: Asked, cells: dict[str, str]) -> None:
    assert row["problem"] is None
    for part in ("quote", "requested", "used", "matches", "fallbacks", "estimate", "links"):
        assert row[part] == alone[part]
    used = [chain for chain in alone["chains"] if chain["weight"]]
    cited = {msgspec.json.encode(figure) for one in used for figure in cited_by(one)}
    assert sorted(map(msgspec.json.encode, row["citations"])) == sorted(cited)
    assert row["caveats"] == list(dict.fromkeys(note for one in used for note in one["caveats"]))
    compared = [one["verdict"] for one in (row["offer"] or {"positions": []})["positions"]]
    positions = (alone["offer"] or {"positions": []})["positions"]
    assert compared == [one["verdict"] for one in positions if one["chain_index"] is None]
    for end in ("min", "midpoint", "max"):
        assert cells[f"paycite_{end}"] == str(alone["estimate"]["range"][end] or "")
    assert cells["paycite_metro"] == alone["used"]["metro"]["id"]
    for dimension in ("role", "level", "metro"):
        ways = [match for match in alone["matches"] if match["dimension"] == dimension]
        for part in ("method", "score"):  # of two for a level, the first answers
            way = str(ways[0][part]) if ways else ""
            assert cells[f"paycite_{dimension}_{part}"] == way
    assert cells["paycite_quote"] == alone["quote"]
    assert cells["paycite_permalink"] == alone["links"]["permalink"]
    assert cells["paycite_problem_type"] == ""
    cited_sources = {citation["source_id"] for citation in row["citations"]}
    assert set(cells["paycite_source_ids"].split(" | ")) == cited_sources
    assert all(one["locator"] in cells["paycite_locators"] for one in row["citations"])
    assert cells["paycite_citations"]


CITATION = ("figure_id", "source_id", "subject", "locator", "as_published")


def cited_by(chain: Asked) -> Iterator[Asked]:
    """Every citation in a chain, wherever it is."""
    within: list[Any] = [chain["steps"]]
    while within:
        match within.pop():
            case dict(part):
                within += part.values()
                if "figure_id" in part:
                    yield {name: part[name] for name in CITATION}
            case list(parts):
                within += parts


def check_problem(alone: Asked, row: Asked, cells: dict[str, str]) -> None:
    assert row["estimate"] is None
    # What no address can ask, such as too long a text, has none.
    instance = alone["instance"] if row["requested"] else BATCH
    assert row["problem"] == alone | {"instance": instance}
    assert cells["paycite_problem_type"] == alone["type"]
    told = cells["paycite_problem_detail"].replace("'", "")  # which guards formulas
    assert alone["detail"].replace("'", "").replace("|", "/") in told
    assert cells["paycite_min"] == cells["paycite_source_ids"] == ""


@pytest.fixture(scope="module")
def thousand(client: httpx.Client) -> list[Asked]:
    """Questions, of which 300 have no answer."""
    items = client.get("/roles").json()["items"]
    roles = [role["id"] for role in items if role["soc_codes"]]  # the others have no figures
    metros = [metro["id"] for metro in client.get("/metros?kind=metro").json()["items"]]
    good = ({"metro": metro, "role": role} for metro, role in product(metros, roles))
    bad = [{"role": "astronaut"}, {"role": "mlops", "metro": "Portland"}, {"metro": "us"}]
    return [
        {"id": f"row {number}"} | (bad[number % 3] if number % 10 < 3 else next(good))
        for number in range(1_000)
    ]


def test_bad_rows_leave_a_thousand_in_order_and_the_others_their_answers(
    client: httpx.Client, thousand: list[Asked]
) -> None:
    rows = batch(client, thousand)
    assert [row["id"] for row in rows] == [asked["id"] for asked in thousand]
    good = [place for place, row in enumerate(rows) if row["problem"] is None]
    assert len(good) == 700
    assert batch(client, [thousand[place] for place in good]) == [rows[place] for place in good]

    columns = ("id", "role", "metro")
    cells = [[asked.get(column, "") for column in columns] for asked in thousand]
    _, *lines = annotated(client, table([columns, *cells]))
    assert [line[:3] for line in lines] == cells
    _, *alone = annotated(client, table([columns, *(cells[place] for place in good)]))
    assert alone == [lines[place] for place in good]


def test_more_than_a_thousand_rows_or_five_million_bytes_are_refused(
    client: httpx.Client, thousand: list[Asked]
) -> None:
    rows = table([["role"], *[["mlops"]] * 1_001])
    blank = b"role\nmlops\n" + b"\n" * 1_001
    long = table([["role", "note"], ["mlops", "x" * 5_000_000]])
    for answer in (
        client.post(BATCH, json={"rows": [*thousand, {"role": "mlops"}]}),
        client.post(BATCH, content=rows, headers=CSV),
        client.post(BATCH, content=blank, headers=CSV),
        client.post(BATCH, content=long, headers=CSV),
        client.post(BATCH, content=iter([long]), headers=CSV),  # which says no length before
    ):
        assert answer.status_code == 413
        assert answer.json()["type"] == "/problems/payload-too-large"
        assert re.search("1,000|5,000,000 bytes", answer.json()["detail"])
    assert client.post(BATCH, content=blank[:-1], headers=CSV).status_code == 200


def test_other_questions_are_answered_while_a_batch_is(
    client: httpx.Client, thousand: list[Asked]
) -> None:
    sending = {"json": {"rows": thousand}, "timeout": 60}
    asking = threading.Thread(target=client.post, args=(BATCH,), kwargs=sending)
    answered_at = [time.monotonic()]
    with httpx.Client(base_url=client.base_url) as other:
        asking.start()
        while asking.is_alive():
            assert other.get("/health").status_code == 200
            answered_at.append(time.monotonic())
    longest_wait = max(later - earlier for earlier, later in pairwise(answered_at))
    assert longest_wait < (answered_at[-1] - answered_at[0]) / 3


def test_numbers_truth_and_nothing_are_read_as_text_would_be(client: httpx.Client) -> None:
    texts = {"role": "mlops", "years": "3.0", "offer": "180000", "strict": "true"}
    values = {"role": "mlops", "years": 3.0, "offer": 180_000, "strict": True}
    nothing: Asked = {"level": None, "metro": None, "source": [], "id": None}
    first, second = batch(client, [texts, values | nothing])
    assert first == second
    assert first["requested"] == texts


@pytest.mark.parametrize(
    "field",
    # `dataset` applies to all rows.
    [field for field in msgspec.structs.fields(SalaryParameters) if field.name != "dataset"],
    ids=lambda field: field.name,
)
def test_every_parameter_is_taken_as_json_as_text_and_from_a_cell(
    field: msgspec.structs.FieldInfo, client: httpx.Client
) -> None:
    given = ASKED[field.name]
    text = given if is_repeatable(field) else given[0]
    value = msgspec.convert(text, field.type, strict=False)  # such as a number or a boolean
    texts = {"role": ["mlops"], field.name: given}
    alone = client.get("/salary", params=texts).json()
    assert alone["requested"][field.name] == text
    header, line = annotated(client, table([[*texts], [*map("|".join, texts.values())]]))
    cells = dict(zip(header, line, strict=True))
    for row in batch(client, [{"role": "mlops", field.name: one} for one in (text, value)]):
        check_answer(alone, row, cells)


@pytest.mark.parametrize(
    ("row", "problems"),
    [
        ("5", {"": "invalid-value"}),
        ("[]", {"": "invalid-value"}),
        ("{}", {"role": "missing-parameter"}),
        ('{"role": 5}', {"role": "invalid-value"}),
        ('{"role": "mlops", "metro": 35620}', {"metro": "invalid-value"}),
        ('{"role": "mlops", "years": true}', {"years": "invalid-value"}),
        ('{"role": "mlops", "strict": 1}', {"strict": "invalid-value"}),
        ('{"role": "mlops", "source": "kore1-ai-jobs-2026"}', {}),
        ('{"role": "mlops", "source": ["kore1-ai-jobs-2026", 5]}', {"source": "invalid-value"}),
        ('{"role": "mlops", "level": ""}', {"level": "invalid-value"}),
        ('{"role": "mlops", "level": {"id": "mid"}}', {"level": "invalid-value"}),
        ('{"role": "mlops", "role": "mlops"}', {"role": "repeated-parameter"}),
        ('{"role": "mlops", "dataset": "x"}', {"dataset": "unknown-parameter"}),
        ('{"role": "mlops", "id": []}', {"id": "invalid-value"}),
        ('{"role": "mlops", "id": 1e400}', {"id": "invalid-value"}),
        ('{"role": "\\ud800"}', {"role": "invalid-value"}),
        ('{"role": "mlops", "\\ud800": 1}', {"\N{REPLACEMENT CHARACTER}": "unknown-parameter"}),
        (
            '{"role": 5, "levl": "mid", "years": "many", "metro": "Portland"}',
            {
                "levl": "unknown-parameter",
                "role": "invalid-value",
                "years": "invalid-value",
                "metro": "ambiguous-metro",
            },
        ),
    ],
)
def test_a_row_carries_all_that_is_wrong_with_it(
    client: httpx.Client, row: str, problems: dict[str, str]
) -> None:
    body = f'{{"rows": [{row}, {{"role": "mlops"}}]}}'
    answer = client.post(BATCH, content=body, headers=JSON)
    first, second = answer.json()["rows"]
    errors = first["problem"]["errors"] if first["problem"] else []
    assert {error["parameter"] or "": error["type"] for error in errors} == problems
    assert second["estimate"]


def test_an_unknown_name_in_a_row_lists_what_a_row_takes(client: httpx.Client) -> None:
    (row,) = batch(client, [{"role": "mlops", "view": "summary"}])
    (error,) = row["problem"]["errors"]
    assert (error["type"], error["parameter"]) == ("unknown-parameter", "view")
    listed = error["detail"].rpartition("Valid parameters: ")[2].rstrip(".").split(", ")
    assert "role" in listed and "dataset" not in listed
    assert error["suggestions"] == listed


def test_a_row_with_more_sources_than_an_address_takes_is_refused(client: httpx.Client) -> None:
    (row,) = batch(client, [{"role": "mlops", "source": ["kore1-ai-jobs-2026"] * 50}])
    assert "51 parameters in total; the limit is 50" in row["problem"]["detail"]


@pytest.mark.parametrize("number", ["1e+05", "1E5", "100000.0", "0.1e6", "100000"])
def test_a_number_means_the_same_however_json_writes_it(client: httpx.Client, number: str) -> None:
    body = f'{{"rows": [{{"role": "mlops", "offer": {number}}}]}}'
    (row,) = client.post(BATCH, content=body, headers=JSON).json()["rows"]
    assert row["offer"]["min"] == 100_000


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "0e999999999"])
def test_a_number_without_end_is_refused_at_once(client: httpx.Client, number: str) -> None:
    body = f'{{"rows": [{{"role": "mlops", "offer": {number}}}]}}'
    (row,) = client.post(BATCH, content=body, headers=JSON).json()["rows"]
    assert row["problem"]["errors"][0]["parameter"] == "offer"


def test_an_id_comes_back_letter_for_letter(client: httpx.Client) -> None:
    ids = ["7", "7.50", "-0", "1e300", "1" * 30, '"7"', '"\\ud800"', '"a\\nb"', "null"]
    rows = ", ".join(f'{{"role": "astronaut", "id": {id_}}}' for id_ in ids)
    answer = client.post(BATCH, content=f'{{"rows": [{rows}]}}', headers=JSON)
    assert re.findall(r'"id":([^,}]*)}', answer.text) == ids


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", "invalid-value"),
        ("rows", "invalid-value"),
        ("[]", "invalid-value"),
        ('{"rows": {}}', "invalid-value"),
        ('{"rows": []}', "invalid-value"),
        ('{"rows": [NaN]}', "invalid-value"),
        ('{"rows": [1], "rows": [1]}', "invalid-value"),
        ('{"rows": ' + "[" * 100_000, "invalid-value"),
        ('{"rows": ["\N{LATIN SMALL LETTER E WITH ACUTE}"]}'.encode("latin-1"), "invalid-value"),
        ('{"rows": [1], "dataset": "x"}', "unknown-parameter"),
    ],
)
def test_a_body_that_is_not_of_the_form_is_refused(
    client: httpx.Client, body: str | bytes, problem: str
) -> None:
    answer = client.post(BATCH, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, f"/problems/{problem}")


def test_a_client_that_goes_away_is_no_failure_of_the_service(
    client: httpx.Client, data: Path
) -> None:
    address = (client.base_url.host, client.base_url.port or 80)
    headers = (
        f"POST {BATCH} HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 99\r\n"
    )
    with socket.create_connection(address) as connection:
        connection.sendall(f"{headers}\r\nrole\n".encode())
        time.sleep(0.2)
    time.sleep(0.2)
    assert client.get("/health").status_code == 200
    (log,) = data.glob(f"serve-{address[1]}.log")
    assert f"POST {BATCH} failed" not in log.read_text()


def test_all_rows_are_answered_from_the_dataset_asked_for(client: httpx.Client) -> None:
    version = client.get("/health").headers["X-Dataset-Version"]
    pinned = f"?dataset={version}"
    (row,) = batch(client, [{"role": "mlops"}], pinned)
    address = f"/salary?role=mlops&dataset={version}"
    assert row["links"] == {"self": address, "permalink": address}
    header, line = annotated(client, b"role\nmlops\n", pinned)
    assert line[header.index("paycite_permalink")] == address
    for query, problem in (("?dataset=x", "unknown-dataset"), ("?role=mlops", "unknown-parameter")):
        answer = client.post(BATCH + query, json={"rows": [{"role": "mlops"}]})
        assert answer.json()["type"] == f"/problems/{problem}"


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "text/csv; charset=utf-16"],
)
def test_a_body_of_another_type_is_refused(client: httpx.Client, media_type: str) -> None:
    answer = client.post(BATCH, content="role\nmlops\n", headers={"Content-Type": media_type})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert "application/json or text/csv" in answer.json()["detail"]


def test_a_body_in_a_content_encoding_is_refused(client: httpx.Client) -> None:
    for address, type_ in ((BATCH, "text/csv"), ("/mcp", "application/json")):
        for coding in ("gzip", "br, gzip", "rot13"):
            headers = {"Content-Type": type_, "Content-Encoding": coding}
            answer = client.post(address, content=b"role\nmlops\n", headers=headers)
            assert (answer.status_code, coding in answer.json()["detail"]) == (415, True)
    plain = client.post(
        BATCH, content="role\nmlops\n", headers=CSV | {"Content-Encoding": "identity"}
    )
    assert plain.status_code == 200


def test_a_batch_is_posted_and_never_kept(client: httpx.Client) -> None:
    answer = client.post(BATCH, json={"rows": [{"role": "mlops"}]})
    assert answer.headers["Cache-Control"] == "no-store"
    got = client.get(BATCH)
    assert (got.status_code, got.headers["Allow"]) == (405, "POST, OPTIONS")
    assert "HEAD" in client.post("/salary").headers["Allow"]


CELLS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(PAYLOADS)


@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=20))
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_no_cell_is_lost_or_moved_or_a_formula(rows: list[list[str]], client: httpx.Client) -> None:
    columns = ["id", "role", "first note", "second note"]
    header, *lines = annotated(client, table([columns, *rows]))
    width = len(columns)
    for row, line in zip(rows, lines, strict=True):
        cells = [*row, *[""] * (width - len(row))][:width]
        assert [cell.replace("'", "") for cell in line[:width]] == [
            cell.replace("'", "") for cell in cells
        ]
        assert not [cell for cell in line if re.match(r"[=@\t\r]|[+-](?![0-9.,]+%?$)", cell)]
        appended = dict(zip(header[width:], line[width:], strict=True))
        if len(row) != width:
            assert appended["paycite_problem_type"] == "/problems/invalid-value"
        # Guards of formulas and separators are changed in every cell.
        surplus = ", ".join(row[width:]).replace("'", "").replace("|", "/")
        assert surplus in appended["paycite_problem_detail"].replace("'", "")


def test_a_table_keeps_its_mark_its_blank_lines_and_its_numbers(client: httpx.Client) -> None:
    body = b'\xef\xbb\xbfROLE , Note\r\nmlops,-5.10\n\n"mlops","a ""b""\nc"\r\n,+1 555\n'
    answer = client.post(BATCH, content=body, headers=CSV)
    assert answer.content.startswith(b'\xef\xbb\xbf"ROLE "," Note","paycite_role"')
    assert b'\r\n"mlops","-5.10","mlops",' in answer.content
    assert b'\r\n\r\n"mlops","a ""b""\nc","mlops",' in answer.content
    assert b'\r\n,"\'+1 555",' in answer.content


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_columns_parted_otherwise_are_told_by_the_role(
    client: httpx.Client, delimiter: str
) -> None:
    rows = [["metro", "Role", "note"], ["Austin, TX", "mlops", "a;b\tc,d"]]
    assert annotated(client, table(rows, delimiter)) == annotated(client, table(rows))


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (b"", ["missing-parameter"]),
        (b"title\nmlops\n", ["missing-parameter"]),
        (b"role\n", ["invalid-value"]),
        (b"role\n\n\n", ["invalid-value"]),
        (b"role,levl\nmlops,mid\n", ["unknown-parameter"]),
        (b"Role,role \nmlops,mlops\n", ["repeated-parameter"]),
        (b"role,dataset\nmlops,x\n", ["unknown-parameter"]),
        (b"role,year,paycite_min,paycite_max\n", ["unknown-parameter", "invalid-value"]),
        (b'role\nmlops\n"mlops\n', ["invalid-value"]),
        (b'role\n"mlops"s\n', ["invalid-value"]),
        (b"role,note\nmlops," + b"x" * 200_000, ["invalid-value"]),
        (b"role\rmlops\r", ["invalid-value"]),
        ("role\nmlops".encode("utf-16") + b"x", ["invalid-value"]),
        (b"role\nmlops\ncaf\x81\n", ["invalid-value"]),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(
    client: httpx.Client, body: bytes, problems: list[str]
) -> None:
    answer = client.post(BATCH, content=body, headers=CSV)
    assert answer.status_code == 400
    assert [error["type"] for error in answer.json()["errors"]] == problems


def test_a_table_is_refused_with_the_line_and_the_reason(client: httpx.Client) -> None:
    for body, told in (
        (b'role\nmlops\n"mlops\nx\n', "begins on line 3 is not valid CSV: unexpected end of data"),
        (b"role\nmlops\ncaf\x81\n", "line 3 is neither UTF-8 nor Windows-1252"),
        (b"PK\x03\x04\x14\n", "The file is an Excel workbook. In Excel, choose File > Save As"),
        (b"role,x\0y\nmlops,mid\n", "line 1 is not text: it has a zero byte"),
        (b"role,levl\nmlops,mid\n", "'levl' is too close to 'level'. Rename it to 'level'"),
        (b"title,city\nmlops,nyc\n", "The file has: title, city"),
    ):
        answer = client.post(BATCH, content=body, headers=CSV)
        assert told in answer.json()["detail"]


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("location", "metro"),
        ("City", "metro"),
        ("zip", "metro"),
        ("salary", "offer"),
        ("yoe", "years"),
    ],
)
def test_a_column_that_means_a_parameter_which_the_file_lacks_is_refused(
    client: httpx.Client, column: str, name: str
) -> None:
    def post(header: str) -> httpx.Response:
        body = f"role,{header}\nmlops,3,3\n".encode()
        return client.post("/salary/batch", content=body, headers={"Content-Type": "text/csv"})

    (fault,) = post(f"{column},note").json()["errors"]
    assert (fault["parameter"], fault["suggestions"]) == (column, [name])
    assert f"Rename it to {name!r}, or leave it out" in fault["detail"]
    assert post(f"{column},{name}").status_code == 200  # it is other data then


def test_columns_that_are_only_somewhat_like_a_parameter_are_passed_on(
    client: httpx.Client,
) -> None:
    columns = ["role", "Offer date", "Lead source", "office", "score", "metric", "profile"]
    header, line = annotated(client, table([columns, ["mlops", *"abcdef"]]))
    assert (header[:7], line[:7]) == (columns, ["mlops", *"abcdef"])
