"""What the source documents say, item by item, and the query that finds it."""

import httpx
import pytest

KORE1 = "source=kore1-ai-jobs-2026"
NEWS = "source=upwork-skills-2026-news"
DIGEST = "source=upwork-skills-2026-digest"
VIDEO = "source=ai-video-freelancing-2026"
BLOG = "source=upwork-2023-earnings-blog"

ROLES = (
    "ai-ml-engineer",
    "mlops",
    "prompt-engineer",
    "ai-governance-specialist",
    "forward-deployed-engineer",
)
DOCUMENTS = (KORE1, NEWS, DIGEST, VIDEO, BLOG)
UPWORK_SKILLS = {(109, 109), (178, 178), (154, 154), (95, 95)}

# item of the inventory, the query of /figures, what must be among the answers as (low, high)
INVENTORY: list[tuple[str, str, set[tuple[float | None, float | None]]]] = [
    ("1 bands", f"{KORE1}&topic=band&role=ai-ml-engineer", {(90_000, 135_000), (140_000, 210_000), (180_000, 280_000)}),
    ("1 bands", f"{KORE1}&topic=band&role=mlops", {(100_000, 130_000), (140_000, 180_000), (170_000, 220_000)}),
    ("1 bands", f"{KORE1}&topic=band&role=prompt-engineer", {(85_000, 110_000), (120_000, 155_000), (155_000, 180_000)}),
    ("1 bands", f"{KORE1}&topic=band&role=ai-governance-specialist", {(95_000, 125_000), (130_000, 170_000), (170_000, 200_000)}),
    ("1 bands", f"{KORE1}&topic=band&role=forward-deployed-engineer", {(105_000, 135_000), (145_000, 190_000), (190_000, 230_000)}),
    ("1 growth", f"{KORE1}&topic=growth&role=ai-ml-engineer", {(143, 143)}),
    ("1 growth", f"{KORE1}&topic=growth&role=mlops", {(None, None)}),
    ("1 growth", f"{KORE1}&topic=growth&role=prompt-engineer", {(777, 777)}),
    ("1 growth", f"{KORE1}&topic=growth&role=ai-governance-specialist", {(1257, 1257)}),
    ("1 growth", f"{KORE1}&topic=growth&role=forward-deployed-engineer", {(None, None)}),
    ("2 rule", f"{KORE1}&topic=uplift", {(15, 25)}),
    ("3 staff", f"{KORE1}&topic=open-band&level=staff", {(300_000, None)}),
    ("3 principal", f"{KORE1}&topic=open-band&level=principal", {(300_000, None)}),
    ("4 offers", f"{KORE1}&topic=offers", {(150_000, 220_000), (120_000, 180_000), (140_000, 200_000), (155_000, 230_000)}),
    ("5 placement", f"{KORE1}&topic=placement&metro=san-diego-ca", {(195_000, 195_000)}),
    ("5 its search", f"{KORE1}&topic=effort&metro=san-diego-ca", {(67, 67), (14, 14)}),
    ("6 the term", f"{KORE1}&topic=term-spread", {(95_000, 400_000)}),
    ("7 entrants", f"{KORE1}&topic=entrant-pay", {(120_000, 150_000)}),
    ("8 premium", f"{KORE1}&topic=premium", {(56, 56), (25, 25)}),
    ("9 demand", f"{KORE1}&topic=growth", {(163, 163), (92, 92), (143, 143), (777, 777), (1257, 1257), (50, 50), (30, 30)}),
    ("9 demand", f"{KORE1}&topic=count", {(121_000, 121_000), (1_300_000, None), (650_000, 650_000), (501_000, 501_000)}),
    ("9 demand", f"{KORE1}&topic=share", {(45, 45), (75, None)}),
    ("10 layoffs", f"{KORE1}&topic=layoffs", {(45_000, None), (16_000, 16_000), (10, 10), (40, 40)}),
    ("11 inquiries", f"{KORE1}&topic=share", {(70, 80)}),
    ("11 two weeks", f"{KORE1}&topic=effort", {(None, 2)}),
    ("12 skills", f"{KORE1}&topic=statement", {(None, None)}),
    ("000 skills", f"{NEWS}&topic=growth", {*UPWORK_SKILLS, (300, None), (71, 71)}),
    ("000 leaders", f"{NEWS}&topic=share", {(77, 77)}),
    ("001 skills", f"{DIGEST}&topic=growth", {*UPWORK_SKILLS, (329, None), (329, 329), (71, 71), (23, 23)}),
    ("001 shares", f"{DIGEST}&topic=share", {(77, 77), (47, 47), (45, 45), (39, 39)}),
    ("001 spending", f"{DIGEST}&topic=cost", {(650e9, 650e9)}),
    ("002 skills", f"{VIDEO}&topic=growth", {*UPWORK_SKILLS, (329, 329)}),
    ("002 leaders", f"{VIDEO}&topic=share", {(77, 77)}),
    ("002 rates", f"{VIDEO}&topic=rate", {(50, 300), (500, 3_000), (5_000, 50_000)}),
    ("002 effort", f"{VIDEO}&topic=effort", {(15, 90), (24, 72), (60, 300), (1, 2), (15, 40), (20, 40), (3, 4), (6, 9)}),
    ("002 tools", f"{VIDEO}&topic=cost", {(0, 200), (200, 200)}),
    ("003 growth", f"{BLOG}&topic=growth", {(1_000, None), (600, None), (33, 33), (22, 22)}),
    ("003 categories", f"{BLOG}&topic=count", {(125, None)}),
    ("003 projects", f"{BLOG}&topic=share", {(85, 85)}),
    ("003 claim", f"{BLOG}&topic=pay-claim", {(500_000, None)}),
]  # fmt: skip


@pytest.mark.parametrize(("item", "query", "expected"), INVENTORY)
def test_every_item_of_the_inventory_is_found(
    client: httpx.Client, item: str, query: str, expected: set[tuple[float | None, float | None]]
) -> None:
    found = client.get(f"/figures?{query}").json()["items"]
    assert {(figure["low"], figure["high"]) for figure in found} >= expected, item


def test_no_document_has_a_figure_that_the_inventory_does_not_find(client: httpx.Client) -> None:
    found = {
        figure["id"]
        for _, query, _ in INVENTORY
        for figure in client.get(f"/figures?limit=1000&{query}").json()["items"]
    }
    everything = {
        figure["id"]
        for source in DOCUMENTS
        for figure in client.get(f"/figures?limit=1000&{source}").json()["items"]
    }
    assert found == everything


def test_the_figures_keep_their_bounds_places_and_originators(client: httpx.Client) -> None:
    def bound(key: str) -> str:
        return str(client.get(f"/figures/{key}").json()["bound"])

    video = [
        bound("upwork-skills-2026-news:growth-ai-video"),
        bound("upwork-skills-2026-digest:growth-ai-video-over"),
        bound("upwork-skills-2026-digest:growth-ai-video-about"),
        bound("ai-video-freelancing-2026:growth-ai-video"),
    ]
    assert video == ["over", "over", "about", "exact"]
    assert bound("ai-video-freelancing-2026:rate-enterprise") == "over"
    assert bound("kore1-ai-jobs-2026:count-data-center-jobs-2026") == "projected"
    rates = client.get(f"/figures?{VIDEO}&topic=rate").json()["items"]
    assert {figure["geography"] for figure in rates} == {"unstated"}
    for id_ in DOCUMENTS:
        source = client.get(f"/sources/{id_.removeprefix('source=')}").json()
        assert source["originators"]
        assert (source["url"], source["publisher"]) in [
            (None, "KORE1"),
            (None, "not named in the copy"),
        ]
