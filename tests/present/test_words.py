"""Faults in the words of forms, over a socket."""

import re

import httpx
import pytest

from paycite.model.parameters import SalaryParameters
from paycite.present.html.words import LABELS
from support.pages import Parsed

SAID = {
    "/salary.html?role=": "Something is missing Enter a job title.",
    "/posting.html?role=mlops": "Something is missing Enter your pay range.",
    "/salary.html?role=mlops&offer=85": "For an hourly rate, add “Pay period: hour”.",
    "/salary.html?role=mlops&metro=Springfield": "Ambiguous place 'Springfield' may mean several "
    "places. Choose one, or add the state or a ZIP code. Did you mean: Eugene-Springfield, OR · ",
    "/salary.html?role=15-1252": "'15-1252' may mean several roles. Choose one. Did you mean: ",
    "/salary.html?role=mlops&metro=narnia": "Unknown place Unknown place 'narnia'. ",
    "/salary.html?role=mlops&metro=us&years=x": "Invalid “Years of experience”: expected a number",
    "/salary.html?role=senior+mlops&level=entry": "contradicts “Level: entry”. "
    "Did you mean: Senior · Entry-level",
    "/salary.html?role=MLOps+Engineer+VI": "Remove it and use “Level”.",
    "/salary.html?role=a+`level`+level=x": "Unknown role 'a `level` level=x'.",
    "/salary.html?role=mlops&level=staff&strict=true": "“Exact scope only: true” allows only",
    "/salary.html?role=mlops&source=x": "Unknown source 'x'. Sources lists all sources.",
    "/salary.html?role=xyzzy": "Unknown role 'xyzzy'. Roles lists all roles.",
    "/nowhere": "Not found Nothing is here. See the form, or the API.",
}


@pytest.mark.parametrize("address", SAID)
def test_a_page_names_the_fields_of_its_form(client: httpx.Client, address: str) -> None:
    answer = client.get(address, headers={"Accept": "text/html"})
    assert answer.status_code >= 400 and SAID[address] in Parsed(answer.text).said


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/salary.html?role=mlops&source=x", "/sources.html"),
        ("/salary.html?role=xyzzy", "/roles.html"),
        ("/salary.html?role=mlops&dataset=x", "/datasets.html"),
        ("/sources/xyzzy.html", "/sources.html"),
        ("/problems/unknown-source.html", "/sources.html"),
    ],
)
def test_a_page_links_the_list_of_what_is_unknown(
    client: httpx.Client, address: str, page: str
) -> None:
    main = client.get(address).text.partition('<main id="main"')[2].partition("</main>")[0]
    shown = Parsed(main)
    assert page in {one["href"].partition("?")[0] for one in shown.all("a")}
    assert "GET /" not in shown.said


def test_the_api_names_its_parameters(client: httpx.Client) -> None:
    assert client.get("/salary").json()["detail"] == "Missing parameter 'role'."
    ambiguous = client.get("/salary?role=mlops&metro=Springfield").json()
    assert all(one in ambiguous["detail"] for one in ambiguous["errors"][0]["suggestions"])


@pytest.mark.parametrize(
    "address", ["/", "/posting.html", "/ranking.html", "/pay.html", "/embed.html"]
)
def test_a_field_has_the_label_by_which_faults_name_it(client: httpx.Client, address: str) -> None:
    labels = re.findall(r'<label for="(\w+)">([^<]*)</label>', client.get(address).text)
    shared = {name: label for name, label in labels if name in LABELS}
    assert shared and shared == {name: LABELS[name] for name in shared}


def test_every_parameter_of_a_question_has_a_label() -> None:
    assert {*SalaryParameters.__struct_fields__, "range"} <= LABELS.keys()


def test_a_page_that_is_not_found_links_the_form_and_the_api(client: httpx.Client) -> None:
    page = Parsed(client.get("/nowhere", headers={"Accept": "text/html"}).text)
    assert len(page.all("a", href="/")) == 2 and len(page.all("a", href="/docs")) == 2


def test_a_field_that_must_be_filled_is_required(client: httpx.Client) -> None:
    for address, names in {"/": {"role"}, "/posting.html": {"role", "range"}}.items():
        page = Parsed(client.get(address).text)
        assert {one["name"] for one in page.all("input", required="")} == names
