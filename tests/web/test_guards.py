"""What browsers are told of every answer, so that a page that is tricked can do little."""

from pathlib import Path
from typing import Any

import pytest

from paycite.keys import Keys
from paycite.model.snapshot import Snapshot
from paycite.web.app import ENDPOINTS
from support.asgi import get, make_app, send
from support.pages import Parsed

PATHS = ("/mcp", "/login.html", "/logout", "/nothing", *(one.path for one in ENDPOINTS))
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
OF_PAGES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For keys."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def app(folder: Path, data: Path) -> Any:
    return make_app(folder, datasets=data / "datasets")


def policy(headers: dict[str, str]) -> dict[str, str]:
    parts = (one.strip().partition(" ") for one in headers["content-security-policy"].split(";"))
    found: dict[str, str] = {}
    for name, _, value in parts:
        found.setdefault(name, value)  # browsers ignore what follows
    return found


@pytest.mark.parametrize("path", PATHS)
def test_every_address_guards_its_answer(app: Any, snapshot: Snapshot, path: str) -> None:
    ids = {"roles": "mlops", "metros": "nyc", "sources": "bls-oews-2025-05"}
    ids |= {"figures": next(iter(snapshot.figures)), "problems": "not-found"}
    ids |= {"static": "page.css", "docs": "docs.js"}
    id_ = ids.get(path.split("/")[1], "x")
    browser = {"accept": "text/html"}
    for address in (path.replace("{id}", id_), f"{path}?role=mlops", f"{path}?x=%3Cscript%3E"):
        for headers in (browser, {}):
            status, told, body = get(app, address, headers)
            assert status < 500
            assert told.items() >= EVERYWHERE.items()
            assert "geolocation=()" in told["permissions-policy"]
            found = policy(told)
            is_embedded = path == "/embed"
            assert found["frame-ancestors"] == ("*" if is_embedded else "'none'")
            assert "unsafe" not in told["content-security-policy"]
            is_page = told.get("content-type", "").startswith("text/html")
            use = "same-origin" if is_page and not is_embedded else "cross-origin"
            assert told["cross-origin-resource-policy"] == use
            if is_page:
                assert found.items() >= OF_PAGES.items()
                page = Parsed(body.decode())
                assert not page.all("style")
                assert all(one["src"] for one in page.all("script"))
                named = {name for _, attributes in page.elements for name in attributes}
                assert not [one for one in named if one == "style" or one.startswith("on")]
            else:
                assert "'none'" in (found.get("script-src"), found.get("default-src"))


def test_other_sites_do_not_load_what_only_a_key_shows(app: Any, folder: Path) -> None:
    key = Keys(folder).add("one")
    used_by = "cross-origin-resource-policy"
    for address in ("/salary.svg?role=mlops", "/salary?role=mlops"):
        assert get(app, address)[1][used_by] == "cross-origin"
        assert get(app, address, {"authorization": f"Bearer {key}"})[1][used_by] == "same-origin"


def test_what_is_answered_to_other_methods_is_guarded_too(app: Any) -> None:
    for method in ("POST", "PUT", "OPTIONS", "DELETE", "NONSENSE"):
        for address in ("/", "/salary", "/mcp", "/nothing"):
            headers = send(app, method, address)[1]
            assert headers.items() >= EVERYWHERE.items()
            assert "x-service-version" in headers


def test_options_say_which_methods_are_answered_and_by_which_dataset(app: Any) -> None:
    _, plain, _ = send(app, "OPTIONS", "/salary")
    assert plain["allow"] == send(app, "POST", "/salary")[1]["allow"] == "GET, HEAD, OPTIONS"
    asked = {"origin": "https://elsewhere.example", "access-control-request-method": "GET"}
    status, preflight, _ = send(app, "OPTIONS", "/salary", asked)
    assert status == 204
    assert preflight["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST"
    version = get(app, "/salary?role=mlops")[1]["x-dataset-version"]
    assert plain["x-dataset-version"] == preflight["x-dataset-version"] == version
