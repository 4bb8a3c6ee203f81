"""`/figures` and `/sources`, `/health` and `/ready`, over a real socket."""

import httpx
import pytest

from paycite.dataset.store import Filters, Store
from paycite.model.figure import Figure
from paycite.model.snapshot import Snapshot
from support.servers import follow_pages


def test_every_figure_and_source_resolves(client: httpx.Client, snapshot: Snapshot) -> None:
    for id_, figure in snapshot.figures.items():
        answer = client.get(f"/figures/{id_}").json()
        assert (answer["id"], answer["locator"]) == (id_, figure.locator)
        assert client.get(f"/sources/{figure.source_id}").status_code == 200


@pytest.mark.parametrize(
    "address", ["/figures?source=kore1-ai-jobs-2026&", "/figures?topic=growth&", "/sources?"]
)
@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_add_up_to_the_whole(client: httpx.Client, address: str, limit: int) -> None:
    whole = client.get(f"{address}limit=1000").json()
    assert whole["next"] is None
    items = []
    for page in follow_pages(client, f"{address}limit={limit}"):
        assert len(page["items"]) <= limit
        items += page["items"]
    assert items == whole["items"]


@pytest.fixture(scope="module")
def everything(store: Store) -> list[Figure]:
    return store.figures(Filters(), None, 1_000_000)


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("source=kore1-ai-jobs-2026", {"source_id": "kore1-ai-jobs-2026"}),
        ("topic=layoffs", {"topic": "layoffs"}),
        ("role=ML-Ops&topic=band", {"role": "mlops", "topic": "band"}),
        ("level=Sr&topic=band", {"level": "senior", "topic": "band"}),
        ("metro=World", {"geography": "world"}),
        (
            "metro=San Diego, CA&topic=placement",
            {"geography": "san-diego-ca", "topic": "placement"},
        ),
        ("occupation=151252&metro=austin", {"occupation": "15-1252", "geography": "austin-tx"}),
        ("occupation=15-2051&topic=employment", {"occupation": "15-2051", "topic": "employment"}),
        ("metro=unstated", {"geography": "unstated"}),
    ],
)
def test_filters_give_what_has_the_values_and_all_of_it(
    client: httpx.Client, everything: list[Figure], query: str, columns: dict[str, str]
) -> None:
    found = client.get(f"/figures?limit=1000&{query}").json()["items"]
    wanted = [f for f in everything if all(getattr(f, k) == v for k, v in columns.items())]
    assert [figure["id"] for figure in found] == [figure.id for figure in wanted] != []


def test_the_level_that_a_title_says_is_a_filter_too(client: httpx.Client) -> None:
    said = client.get("/figures", params={"role": "Sr. ML Ops Eng", "topic": "band"}).json()
    assert said == client.get("/figures?role=mlops&level=senior&topic=band").json()
    assert [figure["id"] for figure in said["items"]] == ["kore1-ai-jobs-2026:mlops-senior"]


@pytest.mark.parametrize(
    ("address", "status", "type_"),
    [
        ("/figures?limit=0", 400, "invalid-value"),
        ("/figures?limit=1001", 400, "invalid-value"),
        ("/figures?limit=ten", 400, "invalid-value"),
        ("/figures?topic=gossip", 400, "invalid-value"),
        ("/figures?page=2", 400, "unknown-parameter"),
        ("/figures?role=astronaut", 404, "unknown-role"),
        ("/figures?level=boss", 404, "unknown-level"),
        ("/figures?metro=narnia", 404, "unknown-metro"),
        ("/figures?source=nobody", 404, "unknown-source"),
        ("/figures?role=15-1252", 422, "ambiguous-title"),
        ("/figures?role=Senior+MLOps&level=entry", 400, "conflicting-parameters"),
        ("/demand?role=Senior+MLOps+Engineer", 400, "invalid-value"),
        ("/figures/nothing", 404, "unknown-figure"),
        ("/figures/kore1-ai-jobs-2026:mlops-mid?role=mlops", 400, "unknown-parameter"),
        ("/sources?limit=0", 400, "invalid-value"),
        ("/sources/nobody", 404, "unknown-source"),
        ("/health?verbose=1", 400, "unknown-parameter"),
        ("/ready?verbose=1", 400, "unknown-parameter"),
    ],
)
def test_faults_of_the_lists(client: httpx.Client, address: str, status: int, type_: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{type_}")


def test_the_service_is_alive_and_ready(client: httpx.Client, snapshot: Snapshot) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    expected = {"status": "ready", "dataset": snapshot.version, "published_problem": None}
    assert client.get("/ready").json() == expected
