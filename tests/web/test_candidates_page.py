"""`/candidates.html` over a socket: tables as people paste them get the answers of the batch."""

import csv
import io
from collections.abc import Sequence

import httpx
import msgspec
import pytest

from paycite.model.money import in_dollars
from paycite.model.problem import Fault
from paycite.present.html.words import describe_fault
from paycite.web.handlers.candidate_pages import PAGES
from support.hostile import PAYLOADS
from support.pages import Parsed

PAGE = "/candidates.html"
HEADER = ["Candidate Name", "Job Title", "City", "State", "Expected Salary (USD)", "Source", "Age"]
ROWS = [
    ["Ana Núñez", "Sr. ML Ops Engineer", "Brooklyn", "NY", "$185,000", "LinkedIn", "41"],
    ['Bo "B" Li', "data scientist", "Austin", "TX", "150-180k", "Referral", ""],
    ["Cy", "Data Engineer II", "Columbus", "OH", "$72.50/hr", "", "30"],
    ["Di", "Chief Vibes Officer", "Boston", "MA", "200k", "", ""],
    ["Ed", "Data Engineer", "Portland", "", "much", "", ""],
    ["Flo", "Data Analyst", "Denver", "CO", "", "", ""],
]
# The same questions as the batch takes them.
ASKED = [
    {"role": row[1], "metro": ", ".join(filter(None, row[2:4])), "offer": row[4] or None}
    for row in ROWS
]


def table(rows: Sequence[Sequence[str]] = (HEADER, *ROWS), delimiter: str = ",") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


def post(client: httpx.Client, text: str = "", path: str = PAGE, **fields: object) -> Parsed:
    answer = send(client, text, path, **fields)
    assert answer.status_code == 200, answer.text
    return Parsed(answer.text)


def send(
    client: httpx.Client, text: str = "", path: str = PAGE, **fields: object
) -> httpx.Response:
    """Post the form as a browser does: each field is a part."""
    parts = {name: (None, value) for name, value in ({"text": text} | fields).items()}
    files = {"file": ("c.csv", parts.pop("file")[1])} if "file" in parts else {}
    return client.post(path, files=parts | files, timeout=60)  # type: ignore[arg-type]


def test_candidates_get_the_answers_of_the_batch_in_place(client: httpx.Client) -> None:
    shown = post(client, table())
    batch = client.post("/salary/batch", json={"rows": ASKED}).json()
    for row, answer in zip(ROWS, batch["rows"], strict=True):
        assert row[0] in shown.said
        if problem := answer["problem"]:
            for fault in msgspec.convert(problem["errors"], list[Fault]):
                assert Parsed(str(describe_fault(fault, {}))).said in shown.said
            continue
        estimate = answer["estimate"]
        low, high = (in_dollars(estimate["range"][end]) for end in ("min", "max"))
        assert f"{low} to {high}" in shown.said and in_dollars(estimate["median"]) in shown.said
        assert answer["used"]["metro"]["name"] in shown.said
        page = answer["links"]["self"].replace("/salary?", "/salary.html?")
        assert shown.all("a", href=page) and client.get(page).status_code == 200
        for one in (answer["offer"] or {"positions": ()})["positions"]:
            assert one["verdict"] in shown.said and f"P{int(one['percentile'])}" in shown.said
    assert {one["id"] for one in batch["sources"] if one["id"] != "bls-eci"} >= {
        one["id"].removeprefix("source-") for one in shown.all("li") if "id" in one
    }
    assert "4 of 6 answered." in shown.said
    assert "Ana Núñez \N{MIDDLE DOT} Senior MLOps" in shown.said  # of a bar
    assert (
        "City, State: place" in shown.said and "Expected Salary (USD): expected pay" in shown.said
    )
    assert "Not part of the question: Candidate Name, Source, Age" in shown.said


def test_the_download_is_the_batch_of_the_same_table(client: httpx.Client) -> None:
    answer = send(client, table(), "/candidates.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    batch = client.post("/salary/batch", json={"rows": ASKED}).json()["rows"]
    assert [row["Candidate Name"] for row in rows] == [row[0] for row in ROWS]
    for row, one in zip(rows, batch, strict=True):
        estimate = one["estimate"]
        assert row["paycite_median"] == (f"{estimate['median']:g}" if estimate else "")
        assert (row["paycite_problem_type"] == "") == (one["problem"] is None)


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), ("|", "utf-8-sig")]
)
def test_a_file_is_read_like_the_text_and_shown_in_its_place(
    client: httpx.Client, delimiter: str, encoding: str
) -> None:
    file = table(delimiter=delimiter)
    from_file = send(client, "replaced", file=file.encode(encoding))
    assert from_file.text == send(client, file).text
    assert "Ana Núñez" in from_file.text and "replaced" not in from_file.text


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("Position,Location,Base Salary", "mlops,Austin TX,180000", "$180,000 a year"),
        ("jobTitle,metro,hourly_rate", "mlops,austin,72.50", "$72.50 an hour"),
        ("ROLE;Work City;Desired pay per month", "mlops;Austin;15k", "$180,000 a year"),
        ("Title,Salary,Expected Salary", "mlops,1,180000", "$180,000 a year"),
        ("Title,Offer,Salary", "mlops,$72.50/hr,1", "$72.50 an hour"),
    ],
)
def test_common_headers_are_read(
    client: httpx.Client, header: str, row: str, expected: str
) -> None:
    assert expected in post(client, f"{header}\n{row}\n").said


def test_years_are_read_as_in_a_question(client: httpx.Client) -> None:
    shown = post(client, "title,YOE\nmlops,5+\nmlops,3-5 years\n").said
    assert "Senior MLOps Engineer" in shown and "Give one number, such as 3." in shown


def test_amounts_are_sorted_by_the_year_whatever_their_period(client: httpx.Client) -> None:
    shown = post(client, "title,offer\nmlops,$85/hr\nmlops,150k\nmlops,$100/hr\n")
    for label in ("Expects", "Market range", "Median"):
        cells = shown.all("td", **{"data-label": label})
        orders = [float(cell["data-order"] or 0) for cell in cells]
        if label == "Expects":
            assert orders == [85 * 2080, 150_000, 100 * 2080]
        else:
            assert max(orders) - min(orders) < 100  # the same pay, to the cent of an hour
    assert len(shown.all("td", **{"data-label": "In the market"})) == 3


@pytest.mark.parametrize(
    ("own", "expected", "result"),
    [
        ("160-200k", "180k", "inside"),
        ("160-200k", "210k", "$10,000 above"),
        ("160-200k", "150k", "$10,000 below"),
        ("160-200k", "150-170k", "partly inside"),
        ("160-200k", "$80/hr", "other pay period"),
        ("$70 - $90/hr", "$95/hr", "$5 above"),
    ],
)
def test_an_own_range_is_shown_beside_each_candidate(
    client: httpx.Client, own: str, expected: str, result: str
) -> None:
    shown = post(client, f"title,offer\nmlops,{expected}\n", range=own)
    assert "In your range" in shown.said and result in shown.said
    assert shown.all("input", name="range", value=own)


@pytest.mark.parametrize(
    ("text", "own", "status", "why"),
    [
        ("", "", 400, "Name it 'Job Title'"),
        ("title\n", "", 400, "The body has no rows."),
        ("city,pay\nAustin,1\n", "", 400, "The file has: city, pay."),
        ("Job Title,Position\na,b\n", "", 400, "may both be the role. Rename one to 'role'."),
        ("title,levl\nmlops,mid\n", "", 400, "Rename it to 'level'"),
        ('title\n"mlops', "", 400, "not valid CSV"),
        ("title\nmlops\n", "much", 400, "Invalid “Your pay range”"),
        ("title\nmlops\n", "100k+", 400, "Invalid “Your pay range”"),
        ("title\n" + "mlops\n" * 1_001, "", 413, "the limit is 1,000"),
        ("title\n" + "\n" * 1_001 + "mlops\n", "", 413, "Too many blank lines"),
        ("title\n" + "x" * 5_000_000, "", 413, "the limit is 5,000,000 bytes"),
    ],
)
def test_what_cannot_be_read_is_a_page_that_keeps_the_text(
    client: httpx.Client, text: str, own: str, status: int, why: str
) -> None:
    for path in (PAGE, "/candidates.csv") if not own else (PAGE,):
        answer = send(client, text, path, range=own)
        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "text/html; charset=utf-8",
        )
        assert why in Parsed(answer.text).said
        assert answer.headers["cache-control"] == "no-store"
        if len(text) < 5_000_000:
            assert text.split("\n")[0] in Parsed(answer.text).text


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"PK\x03\x04\x14 workbook", "The file is an Excel workbook. In Excel, choose File"),
        (b"\xd0\xcf\x11\xe0 workbook", "The file is an Excel workbook."),
        (b"title\nmlops\nwork\0book\n", "line 3 is not text: it has a zero byte."),
        (b"title\nmlops\nwork\x81book\n", "line 3 is neither UTF-8 nor Windows-1252."),
    ],
)
def test_a_file_that_is_not_text_is_not_put_into_the_form(
    client: httpx.Client, file: bytes, why: str
) -> None:
    for path in (PAGE, "/candidates.csv"):
        answer = send(client, path=path, file=file)
        assert answer.status_code == 400
        assert why in Parsed(answer.text).said and "book\n" not in answer.text
        assert "PK" not in answer.text and "\0" not in answer.text


@pytest.mark.parametrize("path", [PAGE, "/candidates.csv"])
def test_fields_are_refused_like_parameters(client: httpx.Client, path: str) -> None:
    text = ("text", (None, "title\nmlops\n"))
    for fields, why in (
        ([text, ("rang", (None, "100k-120k"))], "Unknown parameter 'rang'."),
        ([text, text], "The form has 'text' more than once. Give it once."),
        ([text, ("range", (None, "1")), ("range", (None, "2"))], "has 'range' more than once"),
        ([text, ("range", (None, "zzz"))], "Invalid “Your pay range”"),
        ([text, ("range", ("r.txt", b"\xff"))], "a byte that is not UTF-8"),
    ):
        answer = client.post(path, files=fields)  # type: ignore[arg-type]
        assert (answer.status_code, why in Parsed(answer.text).said) == (400, True), why
    empty = [text, ("rang", (None, "")), ("range", (None, " "))]
    assert client.post(path, files=empty).status_code == 200


def test_another_body_is_a_page_too(client: httpx.Client) -> None:
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    for body, headers, status in (
        (b"text=title", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"title\nmlops", {"Content-Type": "text/csv"}, 415),
        (b"no form", multipart, 400),
        (b"--x\r\nContent-Disposition: form-data; name=range\r\n\r\n\xff\r\n--x--", multipart, 400),
        (b"", {"Content-Type": "multipart/form-data"}, 400),
    ):
        answer = client.post(PAGE, content=body, headers=headers)
        assert answer.status_code == status, body
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
    text = "/candidates.html?text=title"
    assert (
        client.get(text).status_code == client.post(text, files={"text": (None, "x")}).status_code
    )
    assert client.get("/candidates.csv").status_code == 405


def test_candidates_are_not_kept_and_the_policy_is_that_of_every_page(
    client: httpx.Client,
) -> None:
    page = client.get(PAGE).headers["content-security-policy"]
    assert "form-action 'self'" in page and "unsafe" not in page
    for path in (PAGE, "/candidates.csv"):
        for text in (table(), "broken"):
            answer = send(client, text, path)
            assert answer.headers["content-security-policy"] == page
            assert answer.headers["cache-control"] == "no-store"
            assert "etag" not in answer.headers
    shown = post(client, table())
    for link in (one["href"] for one in shown.all("a")):
        assert "N%C3%BA" not in link and "candidates.html?" not in link
    for form in shown.all("form"):
        assert form["action"].startswith("/")


def test_the_list_with_answers_is_declared_and_sent_as_csv(client: httpx.Client) -> None:
    (declared,) = (one for one in PAGES if one.path == "/candidates.csv")
    assert declared.media_type == "text/csv"
    sent = send(client, table(), "/candidates.csv")
    assert sent.headers["content-type"].startswith("text/csv")


def test_a_long_list_is_shown_in_part_and_downloaded_whole(client: httpx.Client) -> None:
    rows = [["title", "name"], *([["Data Analyst", f"No. {number}"] for number in range(1_000)])]
    answer = send(client, table(rows))
    shown = Parsed(answer.text)
    assert "These are the first 50 of 1,000 rows" in shown.said
    assert "Drawn: 10 of 50 answers" in shown.said
    assert len(shown.all("tr")) == 51
    page_itself = len(answer.content) - len(table(rows))
    assert page_itself < 60_000
    assert len(send(client, table(rows), "/candidates.csv").text.splitlines()) == 1_001


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_becomes_markup(client: httpx.Client, payload: str) -> None:
    def tags(text: str) -> list[str]:
        rows = [[f"n{text}", "mlops", "nyc", "180k"], ["x", f"r{text}", f"m{text}", f"o{text}"]]
        answer = send(client, table([["name", "title", "place", f"pay{text}"], *rows]))
        header_only = send(client, table([["name", "title", "place", "offer"], *rows]), range=text)
        assert answer.status_code < 500 and header_only.status_code < 500
        return [tag for tag, _ in Parsed(answer.text).elements if tag in ("script", "img", "form")]

    assert tags(payload) == tags("harmless")
