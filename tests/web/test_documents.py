"""`/datasets`, `/problems/{type}`, `/openapi.*` and `/docs`, over a real socket."""

import re

import httpx
import yaml

from paycite.model.problem import PROBLEM_TYPES
from paycite.model.snapshot import Snapshot
from paycite.settings import ROOT
from support.pages import parsed


def test_the_kept_datasets_are_listed_and_can_be_asked(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    (kept,) = client.get("/datasets").json()["items"]
    assert kept == {"version": snapshot.version, "is_current": True, "is_public": True}
    assert client.get("/roles", params={"dataset": kept["version"]}).status_code == 200


def test_every_problem_explains_itself_when_its_type_is_opened(client: httpx.Client) -> None:
    for name, kind in PROBLEM_TYPES.items():
        explained = client.get(f"/problems/{name}").json()
        assert (explained["type"], explained["status"]) == (f"/problems/{name}", kind.status)
        assert explained["help"]
    told = client.get("/salary").json()
    assert client.get(told["type"]).json()["title"] == told["title"]
    unheard_of = client.get("/problems/unknown-rule")
    assert unheard_of.status_code == 404
    assert "unknown-role" in unheard_of.json()["errors"][0]["suggestions"]


def test_the_docs_need_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    loaded = {*re.findall(r'(?:src|href)="(.*?)"', page.text)} - {"#main"}
    assert {f"/docs/{name}" for name in ("swagger-ui-bundle.js", "docs.js")} < loaded
    for address in loaded:
        assert address.startswith(("/", "data:")), address
        if address.startswith("/"):
            assert client.get(address).status_code == 200, address
    document = client.get("/openapi.yaml")
    assert document.content == (ROOT / "openapi.yaml").read_bytes()
    assert '"/openapi.yaml"' in client.get("/docs/docs.js").text
    for nothing in ("nothing.js", "%00", "a" * 5_000, "..%2fproblem.py"):
        assert client.get(f"/docs/{nothing}").json()["type"] == "/problems/not-found"
    assert client.get("/docs?theme=dark").status_code == 400


def test_the_docs_are_a_page_of_the_site(client: httpx.Client) -> None:
    shown, methods = (parsed(client, address) for address in ("/docs", "/methods.html"))
    for tag in ("header", "nav", "main", "h1", "footer"):
        assert len(shown.all(tag)) == 1 and shown.all(tag) == methods.all(tag), tag
    assert shown.all("a", **{"class": "skip"}) == methods.all("a", **{"class": "skip"})
    assert shown.all("a", href="/openapi.yaml")


def test_openapi_json_is_the_document_of_openapi_yaml(client: httpx.Client) -> None:
    as_yaml, as_json = client.get("/openapi.yaml"), client.get("/openapi.json")
    assert as_json.headers["content-type"] == "application/json"
    assert as_json.json() == yaml.safe_load(as_yaml.text)
    assert len(as_json.content) < 200_000
    assert as_json.headers["cache-control"] == as_yaml.headers["cache-control"]
    again = client.get("/openapi.json", headers={"If-None-Match": as_json.headers["etag"]})
    assert again.status_code == 304
