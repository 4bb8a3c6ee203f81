"""Quotas: what is counted, for whom, and what clients are told."""

import asyncio
import json
import os
import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycite.keys import Keys
from paycite.web.quotas.clients import Clients
from paycite.web.quotas.leases import LEASE, Leases
from paycite.web.quotas.local_ledger import LocalLedger, running_ledger
from paycite.web.quotas.windows import Taken, Want, Windows
from support.asgi import Answer, get, make_app, send
from support.servers import QUESTION, burst, serving

QUOTA = 300
STEPS = st.sampled_from((0.0, 0.03, 0.07, 0.1, 0.5, 1.0, 7.0, 29.0, 59.0, 59.95, 60.0, 61.5))


def spent_since(spent: list[tuple[float, int]], since: float) -> int:
    return sum(units for at, units in spent if at > since)


def largest_window(spent: list[tuple[float, int]], seconds: float) -> int:
    """The most that was spent in any window; one of those begins with something spent."""
    return max(
        (sum(n for at, n in spent if first <= at < first + seconds) for first, _ in spent),
        default=0,
    )


@given(st.lists(st.tuples(STEPS, st.integers(1, 9)), max_size=120))
def test_a_window_never_has_more_than_the_quota_and_nobody_is_refused_below_it(
    asked: list[tuple[float, int]],
) -> None:
    now, quota = 1_000.0, 20
    windows = Windows(60, lambda: now)
    spent: list[tuple[float, int]] = []
    for step, units in asked:
        now += step
        taken = windows.take("one", quota, units, units)
        if taken.granted:
            spent.append((now, units))
            assert quota - spent_since(spent, now - 60.1) <= taken.left < quota
        else:
            assert spent_since(spent, now - 60.1) + units > quota
            now += taken.wait + 1e-6
            for again in (1, units):  # to ask, and to be answered
                assert windows.take("one", quota, again, again).granted
                spent.append((now, again))
    assert largest_window(spent, 60) <= quota


class Together:
    """The ledger of several processes, in this one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._windows = Windows(60 + LEASE, clock)

    async def take(self, wants: list[Want]) -> list[Taken]:
        return [self._windows.take(*want) for want in wants]

    async def close(self) -> None:
        pass


@given(
    st.lists(
        st.tuples(STEPS, st.integers(0, 2), st.lists(st.integers(1, 9), min_size=1, max_size=6)),
        max_size=60,
    )
)
def test_processes_that_share_a_ledger_share_the_quota(
    asked: list[tuple[float, int, list[int]]],
) -> None:
    """Beside what was spent, only a twentieth for each other process may be missing."""
    quota, elsewhere = 100, 2 * 5
    now = 1_000.0
    spent: list[tuple[float, int]] = []

    async def ask() -> None:
        nonlocal now
        ledger = Together(lambda: now)
        processes = [Leases(ledger, 60, lambda: now) for _ in range(3)]
        for step, process, requests in asked:
            now += step
            found = await asyncio.gather(
                *(processes[process].take("one", quota, units) for units in requests)
            )
            for units, taken in zip(requests, found, strict=True):
                if taken.granted:
                    spent.append((now, units))
            recently = spent_since(spent, now - 60 - 2 * LEASE - 0.2)
            for units, taken in zip(requests, found, strict=True):
                assert taken.granted in (0, units)
                assert taken.granted or recently + units + elsewhere > quota
        for process_ in processes:
            await process_.close()

    asyncio.run(ask())
    assert largest_window(spent, 60) <= quota


def test_what_is_not_used_is_given_back() -> None:
    """Otherwise who has moved to another process would miss it."""

    async def ask() -> None:
        ledger = Together(time.monotonic)
        here, there = (Leases(ledger, 60) for _ in range(2))
        for _ in range(2):  # the second leases in advance
            assert (await here.take("one", 100, 1)).granted
        assert not (await there.take("one", 100, 98)).granted
        await asyncio.sleep(LEASE + 1)
        assert (await there.take("one", 100, 98)).granted
        for one in (here, there):
            await one.close()

    asyncio.run(ask())


def test_what_is_left_is_granted_to_who_needs_less_than_was_refused() -> None:
    async def ask() -> None:
        leases = Leases(Together(time.monotonic), 60)
        found = [await leases.take("one", 100, units) for units in (95, 10, 10, 5)]
        assert [one.granted for one in found] == [95, 0, 0, 5]
        await leases.close()

    asyncio.run(ask())


class Broken(Together):
    is_broken = False

    async def take(self, wants: list[Want]) -> list[Taken]:
        if self.is_broken:
            raise ConnectionError("gone")
        return await super().take(wants)


def test_a_ledger_that_fails_costs_no_answer_and_is_used_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def ask() -> None:
        ledger = Broken(time.monotonic)
        leases = Leases(ledger, 60)

        async def burst() -> int:
            found = await asyncio.gather(*(leases.take(f"{n}", 200, 1) for n in range(1_500)))
            return sum(one.granted for one in found)

        for is_broken in (False, True, True, False):
            ledger.is_broken = is_broken
            if not is_broken:
                await asyncio.sleep(0.6)
            assert await burst() == 1_500
        await leases.close()

    with caplog.at_level("INFO"):
        asyncio.run(ask())
    told = [one.getMessage() for one in caplog.records if "quotas" in one.getMessage()]
    assert told == [
        "quotas are not shared, each process counts alone: gone",
        "quotas are shared again",
    ]


def test_the_ledger_of_the_workers_is_started_again_if_it_is_killed() -> None:
    async def ask() -> None:
        ledger = LocalLedger(address)
        assert await ledger.take([Want("one", 9, 4, 4)])
        (process,) = children() - before
        os.kill(int(process), signal.SIGKILL)
        for _ in range(100):
            await asyncio.sleep(0.1)
            with suppress(OSError, EOFError):
                (taken,) = await ledger.take([Want("one", 9, 1, 1)])
                assert (taken.granted, taken.left) == (1, 8)  # counted anew
                break
        else:
            pytest.fail("no new process within ten seconds")
        await ledger.close()

    before = children()
    with running_ledger(5) as address:
        asyncio.run(ask())
    assert children() <= before


def children() -> set[str]:
    """The processes that this one has started."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {child for task in tasks for child in task.read_text().split()}


def test_a_million_addresses_need_little_memory() -> None:
    now = 0.0
    windows = Windows(60, lambda: now)

    def ask(numbers: range) -> None:
        for number in numbers:
            windows.take(f"address:{number}", QUOTA, 1, 1)

    tracemalloc.start()
    ask(range(60_000))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 40e6
    most = len(windows)
    ask(range(60_000, 1_000_000))
    assert len(windows) == most < 60_000
    now += 60
    windows.take("later", QUOTA, 1, 1)
    assert len(windows) == 1


def test_who_is_busy_for_long_needs_little_memory() -> None:
    now = 0.0
    windows = Windows(60, lambda: now)
    tracemalloc.start()
    for _ in range(20_000):
        now += 0.01
        windows.take("one", 10**9, 1, 1)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 150_000


# Who it is counted for.


def client_of(clients: Clients, peer: str, forwarded: str = "") -> str:
    return clients.find(peer, forwarded.encode("latin-1"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # no proxy of ours
        ("10.0.0.7", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.7", "1.1.1.1, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.7", "10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("10.0.0.7", "", "10.0.0.7"),
        ("10.0.0.7", "198.51.100.1, unknown", "10.0.0.7"),
        ("10.0.0.7", "198.51.100.1:1234", "198.51.100.1"),
        ("2001:db8::7", "[2001:db8:1:2:3::4]:1234", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:5:6:7:8:9:a", "", "2001:db8:5:6::/64"),
        ("fe80::1%eth0", "", "fe80::/64"),
        ("::1", "", "::/64"),
        ("", "198.51.100.1", "unknown"),
        # Of what is not ASCII the server gives no value: such clients share an account.
        ("10.0.0.7", "\xff", "unknown"),
        ("203.0.113.9", "\xff", "203.0.113.9"),
    ],
)
def test_a_client_is_found_behind_trusted_proxies_only(
    peer: str, forwarded: str, client: str
) -> None:
    assert client_of(Clients(["10.0.0.0/8", "2001:db8::7"]), peer, forwarded) == client


@given(st.text(st.characters(max_codepoint=255), max_size=600))
def test_nothing_that_a_client_invents_makes_it_another(invented: str) -> None:
    clients = Clients(["10.0.0.0/8"])
    assert client_of(clients, "203.0.113.9", invented) == "203.0.113.9"
    assert client_of(clients, "10.0.0.7", f"{invented}, 203.0.113.9, 10.1.1.1") == "203.0.113.9"


# What it costs, and what clients are told.


def build(data: Path, **said: Any) -> Any:
    """An application whose callers say who they are."""
    return make_app(data, proxies=("127.0.0.1",), **said)


class Service:
    """An application as a client sees it that has not asked before."""

    clients = 0

    def __init__(self, app: Any) -> None:
        Service.clients += 1
        self._app = app
        self._client = f"192.0.2.{Service.clients}"

    def get(self, address: str, client: str = "", **headers: str) -> Answer:
        return get(self._app, address, {"x-forwarded-for": client or self._client, **headers})

    def preflight(self, address: str) -> Answer:
        headers = {"origin": "https://ats.example", "access-control-request-method": "GET"}
        return send(self._app, "OPTIONS", address, {"x-forwarded-for": self._client, **headers})

    def post(self, address: str, kind: str, body: bytes, client: str = "") -> Answer:
        headers = {"x-forwarded-for": client or self._client, "content-type": kind}
        return send(self._app, "POST", address, headers, body)


@pytest.fixture(scope="module")
def folder(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with keys of its own."""
    folder = tmp_path_factory.mktemp("quotas")
    (folder / "datasets").symlink_to(data / "datasets")
    return folder


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    return Keys(folder).add("acme")


@pytest.fixture(scope="module")
def app(folder: Path) -> Any:
    return build(folder, quota=QUOTA, key_quota=2 * QUOTA)


@pytest.fixture
def service(app: Any) -> Service:
    return Service(app)


def left(answer: Answer) -> int:
    """What is left, of headers that are as the draft says."""
    name, left, seconds = answer[1]["ratelimit"].split(";")
    assert (name, left[:2], seconds[:2]) == ('"default"', "r=", "t=")
    assert 0 < int(seconds[2:]) <= 60
    policy = answer[1]["ratelimit-policy"]
    assert policy in (f'"default";q={QUOTA};w=60', f'"default";q={2 * QUOTA};w=60')
    return int(left[2:])


CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ROWS = {"rows": [{"role": "mlops"}, {"role": "astronaut"}, {"role": "mlops", "metro": "nyc"}]}
PARTS = "\r\n".join(
    ("--x", 'Content-Disposition: form-data; name="text"', "", "role\nmlops\nsre\n", "--x--", "")
)


COMPARED = {
    "method": "tools/call",
    "params": {
        "name": "compare_salaries",
        "arguments": {"role": ["mlops", "sre"], "level": ["mid", "senior"], "metro": "nyc"},
    },
}
LEVELS = "level=entry&level=mid&level=senior&level=staff&level=principal"
METROS = "".join(f"&metro={zip_code}" for zip_code in range(90001, 90021))


def post_form(service: Service, path: str, rows: int) -> Answer:
    form = PARTS.replace("sre\n", "sre\n" * (rows - 1)).encode()
    return service.post(path, "multipart/form-data; boundary=x", form)


@pytest.mark.parametrize(
    ("units", "ask"),
    [
        (2, lambda service: service.get("/salary?role=mlops")),
        (2, lambda service: service.get("/salary.svg?role=mlops")),
        (50, lambda service: service.get("/salary.png?role=mlops")),
        (6, lambda service: service.get(f"/salary/compare?role=mlops&{LEVELS}")),
        (101, lambda service: service.get(f"/salary/compare?role=mlops&{LEVELS}{METROS}")),
        (3, lambda service: service.get("/salary/compare.html?role=mlops&role=sre")),
        (51, lambda service: service.get("/salary/compare.png?role=mlops&role=sre")),
        (4, lambda service: service.post("/salary/batch", "application/json", encode(ROWS))),
        (3, lambda service: service.post("/salary/batch", "text/csv", b"role\nmlops\nsre\n")),
        (
            3,
            lambda service: service.post(
                "/candidates.csv", "multipart/form-data; boundary=x", PARTS.encode()
            ),
        ),
        (61, lambda service: post_form(service, "/candidates.csv", 60)),
        (51, lambda service: post_form(service, "/candidates.html", 60)),
        (4, lambda service: post_form(service, "/candidates.html", 3)),
        (9, lambda service: service.post("/mcp", "application/json", encode(CALL | COMPARED))),
        (5, lambda service: service.post("/mcp", "application/json", encode(CALL))),
        (10, lambda service: service.post("/login.html", "text/plain", b"key=guess")),
        (10, lambda service: service.get("/roles", authorization="Bearer guess")),
        (1, lambda service: service.get("/nowhere")),
    ],
)
def test_each_kind_of_work_has_its_cost(
    service: Service, units: int, ask: Callable[[Service], Answer]
) -> None:
    """Each question is asked once: a finished answer would cost less."""
    assert left(ask(service)) == QUOTA - units


@pytest.mark.parametrize(
    "refused",
    [
        *("/salary?rol=x", "/salary.png?rol=x", "/salary.png?role=mlosp", "/salary.png?theme=neon"),
        *("/salary/compare?role=mlops&rol=x", "/salary/compare.png?role=mlops&size=tiny"),
        f"/salary/compare?role=mlops&{'level=mid&' * 6}",
        f"/salary/compare?{'role=mlops&' * 101}",
        *("/pay?place=nyc", "/pay.html?place=nyc"),
    ],
)
def test_refused_parameters_cost_one_unit(service: Service, refused: str) -> None:
    answer = service.get(refused)
    assert answer[0] in (400, 404)
    assert left(answer) == QUOTA - 1


def test_pay_by_role_costs_one_unit_more_for_each_role(service: Service) -> None:
    roles = json.loads(service.get("/pay?limit=1", "198.51.100.40")[2])["total_roles"]
    assert left(service.get("/pay?metro=nyc")) == QUOTA - 1 - roles
    assert left(service.get("/pay.html?metro=nyc", "198.51.100.41")) == QUOTA - 1 - roles


def encode(message: Any) -> bytes:
    return json.dumps(message).encode()


def test_a_finished_answer_costs_one_unit(service: Service) -> None:
    question = f"{QUESTION}&offer=150000"
    first = service.get(question)
    again = service.get(question)
    held = service.get(question, **{"if-none-match": first[1]["etag"]})
    assert held[0] == 304
    assert [left(one) for one in (first, again, held)] == [QUOTA - 2, QUOTA - 3, QUOTA - 4]


def test_probes_and_files_of_pages_are_never_counted(service: Service) -> None:
    while service.get(QUESTION)[0] == 200:
        pass
    for path in ("/health", "/ready", "/static/page.css"):
        status, told, _ = service.get(path)
        assert (status, "ratelimit" in told) == (200, False)


def test_a_preflight_costs_nothing_because_it_never_has_a_key(service: Service) -> None:
    assert service.preflight(QUESTION)[0] == 204
    while service.get(QUESTION)[0] == 200:
        pass
    assert service.preflight(QUESTION)[0] == 204


def test_who_has_used_up_a_quota_is_told_when_to_ask_again(service: Service, key: str) -> None:
    service.get(QUESTION)
    answers = [service.get(QUESTION) for _ in range(QUOTA)]
    assert {one[0] for one in answers[: QUOTA - 2]} == {200}
    assert answers[-1][0] == 429
    _, told, body = answers[-1]
    problem = json.loads(body)
    assert (problem["type"], problem["status"]) == ("/problems/too-many-requests", 429)
    assert told["cache-control"] == "no-store"
    assert 50 < int(told["retry-after"]) <= 60
    assert f"Try again in {told['retry-after']} s." in problem["detail"]
    assert told["ratelimit"] == f'"default";r=0;t={told["retry-after"]}'
    elsewhere = service.get(QUESTION, origin="https://ats.example")[1]
    assert elsewhere["access-control-allow-origin"] == "*"
    assert "RateLimit" in elsewhere["access-control-expose-headers"]
    page = service.get("/salary.html?role=mlops", accept="text/html")
    assert (page[0], b"Quota used up" in page[2], "retry-after" in page[1]) == (429, True, True)
    assert (
        json.loads(service.get("/problems/too-many-requests", "198.51.100.9")[2])["status"] == 429
    )
    # Others are not touched: another address, and a key at the same one.
    assert service.get(QUESTION, "198.51.100.2")[0] == 200
    assert service.get(QUESTION, authorization=f"Bearer {key}")[0] == 200
    # Guesses are refused, too.
    assert service.get(QUESTION, authorization="Bearer guess")[0] == 429


def test_work_that_would_exceed_the_quota_is_not_done(service: Service) -> None:
    while left(service.get(QUESTION)) > 49:
        pass
    picture = "/salary.png?role=mlops&offer=150000"
    assert service.get(picture)[0] == 429
    assert service.get(picture, "198.51.100.2")[0] == 200
    assert service.get(picture)[0] == 200  # it is finished now


def test_a_batch_that_no_quota_allows_must_be_split(service: Service) -> None:
    rows = b"role\n" + b"mlops\n" * QUOTA
    status, told, body = service.post("/salary/batch", "text/csv", rows)
    assert (status, "retry-after" in told) == (413, False)
    assert b"Split it" in body
    fitting = b"role\n" + b"mlops\n" * (QUOTA - 1)
    assert service.post("/salary/batch", "text/csv", fitting, "198.51.100.3")[0] == 200


def test_a_key_has_a_quota_of_its_own_that_nobody_else_sees(service: Service, key: str) -> None:
    bearer = f"Bearer {key}"
    service.get(QUESTION)
    first = service.get(QUESTION)
    by_key = [service.get(QUESTION, client, authorization=bearer) for client in ("1.1.1.1", "::1")]
    assert left(by_key[1]) == left(by_key[0]) - 1 > QUOTA
    assert left(service.get(QUESTION)) == left(first) - 1


def test_answers_are_the_same_with_quotas_and_without(folder: Path, service: Service) -> None:
    without = Service(build(folder))
    for address in (QUESTION, "/salary?role=nobody", "/", "/sources", "/static/page.css"):
        for _ in range(2):
            status, told, body = service.get(address)
            expected = without.get(address)
            assert not {"ratelimit", "ratelimit-policy"} & expected[1].keys()
            for name in ("ratelimit", "ratelimit-policy", "x-request-id"):
                told.pop(name, None)
                expected[1].pop(name, None)
            assert (status, told, body) == expected


def test_a_key_is_unlimited_unless_keys_have_a_quota(folder: Path, key: str) -> None:
    only_addresses = Service(build(folder, quota=QUOTA))
    assert "ratelimit" not in only_addresses.get("/", authorization=f"Bearer {key}")[1]
    only_keys = Service(build(folder, key_quota=2 * QUOTA))
    assert "ratelimit" not in only_keys.get("/")[1]
    assert left(only_keys.get("/", authorization=f"Bearer {key}")) == 2 * QUOTA - 2


# On sockets.


@pytest.fixture(scope="module")
def servers(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[httpx.Client]]:
    """One with a worker, and one with three."""
    folders = [tmp_path_factory.mktemp("served") for _ in range(2)]
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                serving(data, "--workers", workers, folder=folder, PAYCITE_QUOTA=QUOTA)
            )
            for workers, folder in zip((1, 3), folders, strict=True)
        ]


def test_the_workers_of_a_server_share_a_quota_and_who_waits_as_told_is_answered(
    servers: list[httpx.Client],
) -> None:
    waits = []
    for client in servers:
        answers = burst(client, QUOTA + 100)
        granted = [one for one in answers if one.status_code == 200]
        refused = [one for one in answers if one.status_code == 429]
        assert len(granted) + len(refused) == len(answers)
        # Each worker that made the answer spent a unit more, and two may have leased a twentieth.
        assert QUOTA - 3 - 2 * QUOTA // 20 <= len(granted) < QUOTA
        waits.append(max(int(one.headers["retry-after"]) for one in refused))
        assert 55 < waits[-1] <= 61
    time.sleep(max(waits))
    for client in servers:
        assert client.get(QUESTION).status_code == 200
