"""Private sources exist for those who may see them, and for nobody else."""

import datetime
import json
import re
import time
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest

from paycite.dataset.published import Datasets
from paycite.keys import FILE, LOG, Keys, KeysError
from paycite.web.metrics_port import PublicDataset
from support.asgi import bearer, get, send
from support.observing import observe, simulated
from support.releases import Installation

ROLES, PLACES = ("data-scientist", "data-engineer"), ("austin-tx", "nyc", "denver-co")
DAY = datetime.date(2026, 6, 1)


def simulate(folder: Path, seeds: Path, *, is_private: bool) -> Installation:
    """An installation with one dataset that is current and one that is kept from before."""
    made = Installation(folder, seeds)
    observe(made.observations, "everyones", simulated(1, ROLES, ("mid",), PLACES, employers=12)[0])
    for seed in (2, 3):
        if is_private:
            rows, _ = simulated(seed, ROLES, ("mid", "senior"), PLACES, employers=12)
            observe(made.observations, "secret-placements", rows, is_private=True)
        made.build(as_of=DAY, keep_private=True)
    return made


@pytest.fixture(scope="module")
def ours(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return simulate(tmp_path_factory.mktemp("ours"), few_seeds, is_private=True)


@pytest.fixture(scope="module")
def theirs(few_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What never had the private source."""
    return simulate(tmp_path_factory.mktemp("theirs"), few_seeds, is_private=False)


@pytest.fixture(scope="module")
def named(ours: Installation) -> dict[str, str]:
    """Versions that only one installation has, and one that both have."""
    with closing(Datasets(ours.datasets)) as datasets:
        version, public = datasets.current.snapshot.version, str(datasets.current.public_version)
    (earlier,) = ours.kept() - {version, public}
    return {"VERSION": version, "PUBLIC": public, "EARLIER": earlier}


@pytest.fixture(scope="module")
def key(ours: Installation) -> str:
    return ours.keys.add("recruiting")


@pytest.fixture(scope="module")
def closed(ours: Installation) -> Any:
    return ours.app()


@pytest.fixture(scope="module")
def opened(ours: Installation) -> Any:
    return ours.app(None)


@pytest.fixture(scope="module")
def never(theirs: Installation) -> Any:
    return theirs.app()


PATHS = (
    *("/", "/salary", "/salary.html", "/salary.csv", "/salary.jsonld", "/salary/compare", "/offer"),
    *("/sources", "/sources.html", "/sources/secret-placements", "/sources/everyones"),
    *("/sources/secret-placements.html", "/figures", "/figures.html", "/pay.html"),
    *("/datasets/changes", "/datasets/changes.csv", "/datasets/changes.html", "/datasets.atom"),
    *("/datasets/VERSION", "/datasets/PUBLIC", "/datasets/PUBLIC.html", "/datasets/EARLIER.csv"),
    *("/datasets/PUBLIC.csv", "/datasets/VERSION.parquet", "/datasets/PUBLIC.parquet"),
    *(
        "/datasets/VERSION.duckdb",
        "/datasets",
        "/datasets.html",
        "/metros",
        "/metros/nyc.html",
        "/roles",
        "/match",
        "/ranking",
    ),
    *("/roles/data-scientist", "/confidence", "/posting", "/candidates.html", "/embed", "/oembed"),
    "/embed.json",
    *("/ready", "/health", "/openapi.json", "/login.html", "/logout", "/mcp", "/docs", "//embed/"),
    *("/problems/unauthorized", "/figures/secret-placements:1", "/static/page.css", "/\u00e9"),
)
SECRET = st.sampled_from(
    ("secret-placements", "secret-placement", "everyones", "VERSION", "EARLIER", "PUBLIC")
)
TEXTS = st.one_of(
    SECRET,
    st.sampled_from(
        (*ROLES, *PLACES, "senior", "150k", "Sr. Data Scientist II", "true", "summary")
    ),
    st.text(max_size=20),
)
NAMES = st.sampled_from(
    (
        *("role", "metro", "level", "source", "dataset", "offer", "view", "strict", "key", "limit"),
        *("from", "to", "after", "kind"),
    )
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "accept": st.sampled_from(("*/*", "text/html", "application/json")),
        "accept-encoding": st.sampled_from(("gzip", "zstd", "identity")),
        "origin": st.sampled_from(("https://x.example", "null")),
        "authorization": st.sampled_from(("Basic YTpi", "Bearer wrong", "bearer", "Bearer ", "")),
        "cookie": st.sampled_from(("a=b", "paycite_session=wrong", "paycite_session", "=;;")),
        "if-none-match": st.sampled_from(("*", 'W/"0"')),
    },
)

SAME_ID = {"x-request-id": "1"}  # else each has its own


@st.composite
def addresses(draw: st.DrawFn) -> str:
    path = draw(st.sampled_from(PATHS))
    asked = draw(st.lists(st.tuples(NAMES, TEXTS), max_size=4))
    if draw(st.booleans()):
        asked = [("role", draw(st.sampled_from(ROLES))), *asked]
    query = "&".join(f"{name}={quote(text, errors='replace')}" for name, text in asked)
    return f"{path}?{query}" if query else path


def fill(address: str, named: dict[str, str]) -> str:
    for name, version in named.items():
        address = address.replace(name, version)
    return address


@settings(max_examples=150)
@given(address=addresses(), headers=HEADERS, is_post=st.booleans())
def test_an_answer_without_a_key_is_that_of_an_installation_without_private_sources(
    closed: Any,
    never: Any,
    named: dict[str, str],
    key: str,
    address: str,
    headers: Any,
    is_post: bool,
) -> None:
    """Byte for byte with all headers, also after a holder of a key asked the same."""
    headers = headers | SAME_ID
    asked, method = fill(address, named), "POST" if is_post else "GET"
    get(closed, asked, headers | {"authorization": f"Bearer {key}"})
    assert send(closed, method, asked, headers) == send(never, method, asked, headers)


@settings(max_examples=80)
@given(address=addresses(), headers=HEADERS)
def test_an_answer_with_a_key_is_that_of_an_open_server(
    closed: Any, opened: Any, named: dict[str, str], key: str, address: str, headers: Any
) -> None:
    asked, headers = fill(address, named), headers | SAME_ID
    plain = {
        name: value for name, value in headers.items() if name not in ("authorization", "cookie")
    }
    get(closed, asked, plain)
    status, told, body = get(closed, asked, plain | {"authorization": f"Bearer {key}"})
    expected = get(opened, asked, plain)
    assert told.pop("vary").endswith("Authorization, Cookie, X-API-Key")
    is_for_all = "embed" in asked or asked.startswith(("/datasets/", "/datasets.atom"))
    assert "public" not in told.get("cache-control", "") or is_for_all
    expected[1].pop("vary", None)
    assert (status, told, body) == expected


def test_a_key_opens_private_sources_until_it_is_revoked_or_expires(
    closed: Any, ours: Installation
) -> None:
    asked = "/sources/secret-placements"
    key = ours.keys.add("passing", DAY.replace(year=9000))
    assert get(closed, asked)[0] == 404
    assert get(closed, asked, bearer(key))[0] == 200
    ours.keys.revoke("passing")
    time.sleep(0.002)  # a server looks at the keys once a millisecond
    status, told, body = get(closed, asked, bearer(key))
    assert (status, told["www-authenticate"]) == (401, 'Bearer realm="Paycite"')
    assert json.loads(body)["type"] == "/problems/unauthorized"
    expired = ours.keys.add("expired")
    kept = json.loads((ours.folder / FILE).read_text())
    kept[-1]["expires"] = "2020-01-01"
    (ours.folder / FILE).write_text(json.dumps(kept))
    assert get(closed, asked, bearer(expired))[0] == 401
    assert get(closed, f"{asked}?key={key}")[0] == 400


@pytest.mark.parametrize("sent", ["{}", "Token {}", "Basic {}", "Bearer: {}"])
def test_a_key_that_is_sent_in_another_way_is_refused_and_not_ignored(
    closed: Any, key: str, sent: str
) -> None:
    status, told, body = get(closed, "/sources", {"authorization": sent.format(key)})
    assert (status, told["www-authenticate"]) == (401, 'Bearer realm="Paycite"')
    assert "Authorization: Bearer KEY" in json.loads(body)["detail"]
    assert get(closed, "/sources", {"authorization": f"bearer\t{key}"})[0] == 200
    assert get(closed, "/sources", {"authorization": "Basic dTpw"})[0] == 200  # of a proxy


@pytest.mark.parametrize("user", ["{}:", "user:{}"])
def test_a_key_as_a_user_or_password_or_in_x_api_key_is_refused(
    closed: Any, key: str, user: str
) -> None:
    basic = b64encode(user.format(key).encode()).decode()
    for headers in ({"authorization": f"Basic {basic}"}, {"x-api-key": key}):
        status, _, body = get(closed, "/sources", headers)
        assert (status, "Bearer KEY" in json.loads(body)["detail"]) == (401, True)
        assert get(closed, "/sources", headers | bearer(key))[0] == 200
    assert get(closed, "/sources", {"x-api-key": "of another service"})[0] == 200


@pytest.mark.parametrize("address", ["/login.html", "/logout"])
def test_signing_in_takes_no_parameter_and_no_invalid_origin(closed: Any, address: str) -> None:
    assert send(closed, "POST", f"{address}?key=x")[0] == 400
    assert send(closed, "POST", address, {"origin": "http://["})[0] == 400


def test_a_head_that_no_client_sends_is_refused(closed: Any) -> None:
    for address, headers in (
        (f"/sources/{'x' * 9_000}", {}),
        ("/sources", {"accept": "x" * 9_000}),
        (f"/sources?{'x' * 9_000}=1", {}),
    ):
        status, _, body = get(closed, address, headers)
        assert (status, json.loads(body)["type"]) == (400, "/problems/invalid-value")


def test_a_browser_signs_in_with_a_cookie_that_is_not_the_key(
    closed: Any, ours: Installation, key: str
) -> None:
    page, asked = {"accept": "text/html"}, "/sources/secret-placements.html"
    status, told, _ = send(closed, "POST", "/login.html", page, f"key={key}".encode())
    cookie = told["set-cookie"]
    assert (status, told["location"], key in cookie) == (303, "/", False)
    assert {"HttpOnly", "SameSite=lax"} <= {*cookie.split("; ")}
    signed_in = {"cookie": cookie.partition(";")[0]}
    assert get(closed, asked, page | signed_in)[0] == 200
    assert get(closed, asked, page)[0] == 404
    token = signed_in["cookie"].partition("=")[2]
    assert get(closed, asked, bearer(token))[0] == 401
    wrong = send(closed, "POST", "/login.html", page, b"key=wrong")
    assert (wrong[0], "set-cookie" in wrong[1]) == (401, False)
    other = page | {"origin": "https://x.example"}
    assert send(closed, "POST", "/login.html", other, f"key={key}".encode())[0] == 400
    out = send(closed, "POST", "/logout", page | signed_in)
    assert (out[0], "Max-Age=0" in out[1]["set-cookie"]) == (303, True)
    shown = "/embed?role=data-scientist&source=secret-placements"
    assert get(closed, shown, signed_in)[0] == get(closed, shown)[0] == 404


def test_what_other_sites_embed_is_public_on_an_open_server_too(opened: Any, never: Any) -> None:
    site, question = {"origin": "https://x.example"}, "role=data-scientist&metro=nyc"
    script = get(opened, "/embed.js")[2].decode()
    (read,) = re.findall(r"fetch\(new URL\(`(.+?)\?", script)
    status, told, body = get(opened, f"/{read}?{question}", site)
    assert (status, told["access-control-allow-origin"]) == (200, "*")
    assert body == get(never, f"/salary?{question}")[2] != get(opened, f"/salary?{question}")[2]
    secret = f"/{read}?{question}&source=secret-placements"
    assert get(opened, secret, site)[0] == 404


def test_metrics_are_those_of_an_installation_without_private_sources(
    ours: Installation, theirs: Installation
) -> None:
    told = []
    for one in (ours, theirs):
        registry = CollectorRegistry()
        registry.register(PublicDataset(one.datasets))
        told.append(generate_latest(registry))
    assert b'source="everyones"' in told[0]
    assert told[0] == told[1]


def test_agents_see_private_sources_only_with_a_key(closed: Any, key: str) -> None:
    call = {"name": "salary_range", "arguments": {"role": "data-scientist", "metro": "nyc"}}
    sent = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    listed = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    kind = {"content-type": "application/json", "host": "127.0.0.1"}
    for message in (sent, listed):
        asked = json.dumps(message).encode()
        without = send(closed, "POST", "/mcp", kind, asked)
        with_key = send(closed, "POST", "/mcp", kind | bearer(key), asked)
        assert without[0] == with_key[0] == 200
        assert b"secret-placements" not in without[2]
    assert (
        b"secret" in send(closed, "POST", "/mcp", kind | bearer(key), json.dumps(sent).encode())[2]
    )


def test_downloads_changes_and_the_feed_are_public_with_a_key_and_on_an_open_server(
    closed: Any, opened: Any, named: dict[str, str], key: str
) -> None:
    private, public = named["VERSION"], named["PUBLIC"]
    for app, headers in ((closed, bearer(key)), (opened, {})):
        for suffix in ("", ".parquet", ".duckdb", ".csv?role=data-scientist", ".html"):
            status, _, body = get(app, f"/datasets/{private}{suffix}", headers)
            assert (status, b"Downloads have public sources only" in body) == (404, True), suffix
        for query in (f"from={private}", f"from={public}&to={private}"):
            assert get(app, f"/datasets/changes?{query}", headers)[0] == 404
        for shown in (f"/datasets/{public}", f"/datasets/changes?from={public}", "/datasets.atom"):
            status, told, body = get(app, shown, headers)
            assert (status, told["x-dataset-version"]) == (200, public)
            assert b"secret" not in body and private.encode() not in body


@pytest.mark.parametrize(
    "host", ["localhost:8000", "127.0.0.1", "[::1]:80", "LOCALHOST", "127.9.9.9"]
)
def test_a_local_service_is_reached_by_names_of_the_loopback(closed: Any, host: str) -> None:
    assert get(closed, "/sources", {"host": host})[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        *("localhost:abc", "localhost:99999", "", "a b", "[", "x:1:2", "a@b"),
        *("[abc]", "[:.:]", "[::::]", "[1.2.3.4]:80"),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_what_is_no_host_is_a_bad_request(closed: Any, host: str, accept: str) -> None:
    for path in ("/sources", "/none", "/health"):
        status, _, body = get(closed, path, {"host": host, "accept": accept})
        assert (status, b"Invalid Host" in body) == (400, True)


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1", "2130706433"]
)
def test_no_other_name_leads_to_a_local_service_unless_it_is_set(
    ours: Installation, opened: Any, host: str
) -> None:
    status, _, body = get(opened, "/sources", {"host": host})
    assert (status, b"set PAYCITE_HOSTS" in body, b"secret" in body) == (400, True, False)
    assert get(opened, "/ready", {"host": host})[0] == 200  # for probes
    for said in ({"hosts": (host,)}, {"url": f"https://{host}"}, {"hosts": ("*",)}):
        assert get(ours.app(**said), "/sources", {"host": f"{host}:8443"})[0] == 200


def test_other_sites_read_private_sources_only_if_they_are_set(
    ours: Installation, opened: Any, closed: Any, key: str
) -> None:
    allow, asked = "access-control-allow-origin", "/salary?role=data-scientist"
    site = {"origin": "https://app.example"}
    assert get(closed, asked, site)[1][allow] == "*"
    assert allow not in get(closed, asked, site | bearer(key))[1]
    assert allow not in get(opened, asked, site)[1]
    assert get(opened, "/embed?role=data-scientist", site)[1][allow] == "*"
    trusting = ours.app(None, origins=("https://app.example",))
    assert get(trusting, asked, site)[1][allow] == "*"
    assert "Origin" in get(trusting, asked)[1]["vary"].split(", ")
    assert allow not in get(trusting, asked, {"origin": "https://app.example.evil"})[1]


def test_a_private_dataset_that_is_damaged_stops_only_those_with_a_key(
    ours: Installation, named: dict[str, str], tmp_path: Path
) -> None:
    damaged = ours.copy(tmp_path / "copy")
    app, key = damaged.app(), damaged.keys.add("new")
    damaged.file(named["VERSION"]).unlink()
    status, _, body = get(app, "/sources", bearer(key))
    assert (status, json.loads(body)["type"]) == (503, "/problems/not-ready")
    assert get(app, "/sources")[0] == 200


def test_a_private_dataset_that_is_kept_from_before_is_for_those_with_a_key(
    ours: Installation, named: dict[str, str], tmp_path: Path
) -> None:
    """The current dataset is the same for all then, and so is the question."""
    later = ours.copy(tmp_path / "copy")
    (later.datasets / "current").write_text(named["PUBLIC"])
    app, key = later.app(), later.keys.add("new")
    asked = f"/salary?role=data-scientist&dataset={named['VERSION']}"
    assert get(app, asked, bearer(key))[0] == 200
    assert get(app, asked)[0] == 404


def test_neither_the_file_nor_the_log_has_a_key(ours: Installation, closed: Any, key: str) -> None:
    get(closed, "/sources", bearer(key))
    for name in (FILE, LOG):
        file = ours.folder / name
        assert file.stat().st_mode & 0o777 == 0o600
        assert key not in file.read_text()
    lines = [json.loads(line) for line in (ours.folder / LOG).read_text().splitlines()]
    assert {line.keys() >= {"when", "what", "key"} for line in lines} == {True}
    assert {"added", "used"} <= {line["what"] for line in lines if line["key"] == "recruiting"}


def test_a_damaged_file_of_keys_shuts_private_sources(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    key = keys.add("one")
    assert keys.find(key)
    (tmp_path / FILE).write_text("{")
    time.sleep(0.01)  # it is looked at once a millisecond
    assert keys.find(key) is None
    assert keys.exist()
    with pytest.raises(KeysError, match="array"):
        keys.all()
