"""An offer compared to the ranges and percentiles of an answer."""

from typing import get_args

import httpx
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from paycite.estimate.offer import offer
from paycite.model.answer import Interval, Offer, OfferPosition, Percentiles, Range, Verdict
from paycite.model.snapshot import Snapshot
from support.questions import ask

KEYS = ("p10", "p25", "p50", "p75", "p90")
AMOUNTS = st.integers(10_000, 1_000_000)


def placed(snapshot: Snapshot, amounts: Interval, stated: Percentiles | None) -> Offer:
    """The offer against one chain with these percentiles."""
    answer = ask(snapshot, "data-scientist", metro="austin-tx")
    estimate = replace(answer.estimate, percentiles=stated)
    if stated and stated.p25 and stated.p75:
        ends = Interval(min=stated.p25, max=None if "p75" in stated.capped else stated.p75)
        estimate = replace(estimate, range=Range.of(ends))
    return offer(amounts, estimate, ())


@st.composite
def percentiles(draw: st.DrawFn) -> Percentiles:
    """Any valid percentiles: rising, some withheld, capped from some point on."""
    values = sorted(draw(st.lists(AMOUNTS, min_size=5, max_size=5, unique=True)))
    capped_from = draw(st.integers(0, 5))
    capped = KEYS[capped_from:]
    stated: dict[str, int | None] = {
        key: values[min(place, capped_from)] for place, key in enumerate(KEYS)
    }
    for key in draw(st.sets(st.sampled_from(KEYS))) - set(capped):
        stated[key] = None
    return Percentiles(**stated, capped=capped)  # type: ignore[arg-type]


@given(stated=percentiles(), amount=AMOUNTS)
def test_no_percentile_and_no_side_is_claimed_that_no_source_states(
    snapshot: Snapshot, stated: Percentiles, amount: int
) -> None:
    (position,) = placed(snapshot, Interval(min=amount, max=amount), stated).positions
    exact = {key: getattr(stated, key) for key in KEYS if key not in stated.capped}
    known = {key: value for key, value in exact.items() if value is not None}
    below = f"below {min(known, key=lambda key: int(key[1:])).upper()}" if known else ""
    if position.verdict.startswith("at or above P"):
        assert amount >= known[position.verdict.removeprefix("at or above ").lower()]
        assert amount >= max(known.values())
    elif position.verdict == below:
        assert amount < min(known.values())
    elif known:
        low, high = position.verdict.removeprefix("between ").lower().split(" and ")
        assert known[low] <= amount < known[high]
        assert not [key for key in known if int(low[1:]) < int(key[1:]) < int(high[1:])]
    if position.percentile is not None:
        assert len(known) == 5 or min(getattr(stated, key) for key in stated.capped) > amount
        assert known["p10"] <= amount
        at = {key: value for key, value in known.items() if value <= amount}
        assert position.percentile >= max(int(key[1:]) for key in at)
    median = known.get("p50")
    assert position.market_ratio == (round(amount / median, 3) if median else None)


def test_every_verdict_by_percentiles_can_occur(snapshot: Snapshot) -> None:
    dollars = {key: 10_000 * place for place, key in enumerate(KEYS, 2)}
    band: dict[str, int | None] = {**dollars, "p10": None, "p90": None}
    stated = [Percentiles(**dollars, capped=KEYS[first:]) for first in range(1, 6)]  # type: ignore[arg-type]
    stated.append(Percentiles(**band))  # type: ignore[arg-type]
    found = {
        placed(snapshot, Interval(min=amount, max=amount), one).positions[0].verdict
        for one in stated
        for amount in (15_000, *dollars.values())
    }
    assert found == {verdict for verdict in get_args(Verdict) if "P" in verdict}


def test_an_offer_beyond_the_percentiles_has_none(snapshot: Snapshot) -> None:
    stated = ask(snapshot, "data-scientist", metro="austin-tx").estimate.percentiles
    assert stated and stated.p90
    at_p90 = placed(snapshot, Interval(min=stated.p90, max=stated.p90), stated).positions[0]
    assert (at_p90.verdict, at_p90.percentile) == ("at or above P90", 90)
    above = placed(snapshot, Interval(min=stated.p90 + 1, max=stated.p90 + 1), stated).positions[0]
    assert (above.verdict, above.percentile) == ("at or above P90", None)


@given(low=AMOUNTS, width=st.integers(1, 500_000), to=st.integers(1, 500_000), start=AMOUNTS)
def test_an_overlap_is_what_both_ranges_hold(
    snapshot: Snapshot, low: int, width: int, to: int, start: int
) -> None:
    answer = ask(snapshot, "mlops", "mid")
    estimate = replace(answer.estimate, range=Range.of(Interval(min=start, max=start + to)))
    (overlap,) = offer(Interval(min=low, max=low + width), estimate, ()).overlaps
    common = min(low + width, start + to) - max(low, start)
    assert (overlap.range is None) == (common < 0)
    assert overlap.share_of_offer == round(max(0, common) / width, 3)
    assert overlap.share_of_range == round(max(0, common) / to, 3)
    open_ended = replace(estimate, range=Range.of(Interval(min=start, max=None)))
    (overlap,) = offer(Interval(min=low, max=low + width), open_ended, ()).overlaps
    assert overlap.share_of_range is None
    assert overlap.range is None or overlap.range.max == low + width


def test_an_offer_is_placed_against_the_estimate_and_every_chain(client: httpx.Client) -> None:
    asked = {"role": "mlops", "level": "mid", "metro": "nyc", "offer": "150-200k"}
    answer = client.get("/offer", params=asked).json()
    assert answer == client.get("/salary", params=asked).json()
    chains = [chain["source_id"] for chain in answer["chains"]]
    ranges = [answer["estimate"], *answer["chains"]]
    of = ["estimate", *chains]
    assert [position["compared_to"] for position in answer["offer"]["positions"]] == [
        one for one in of for _ in range(2)
    ]
    for place, overlap in enumerate(answer["offer"]["overlaps"]):
        assert overlap["compared_to"] == of[place]
        low = max(150_000, ranges[place]["range"]["min"])
        assert overlap["range"]["min"] == low
    verdicts = [position["verdict"] for position in answer["offer"]["positions"][:2]]
    assert verdicts == ["between P25 and P50", "at or above P90"]


def test_an_invalid_offer_is_rejected_with_the_reason(client: httpx.Client) -> None:
    missing = client.get("/offer?role=mlops").json()
    assert [(fault["type"], fault["parameter"]) for fault in missing["errors"]] == [
        ("missing-parameter", "offer")
    ]
    by_the_hour = client.get("/offer?role=mlops&offer=85").json()
    assert "period=hour" in by_the_hour["detail"]
    by_the_year = client.get("/offer?role=mlops&offer=180000&period=hour").json()
    assert "add period=year" in by_the_year["detail"]
    both = client.get("/offer?role=mlops&offer=85&period=hourly").json()
    assert [fault["parameter"] for fault in both["errors"]] == ["period"]
    assert "hour" in both["errors"][0]["suggestions"]


def test_the_period_of_an_offer_sets_the_period_of_the_answer(client: httpx.Client) -> None:
    asked = {"role": "mlops", "level": "mid"}
    said = client.get("/offer", params=asked | {"offer": "$85.25/hr"}).json()
    given = client.get("/offer", params=asked | {"offer": "85.25", "period": "hour"}).json()
    assert said["estimate"] == given["estimate"] and said["offer"] == given["offer"]
    for text, period, meant in (("$85/hr", "year", "hour"), ("$90k a year", "hour", "year")):
        wrong = client.get("/offer", params=asked | {"offer": text, "period": period})
        assert wrong.status_code == 400
        (error,) = wrong.json()["errors"]
        assert (error["type"], error["parameter"]) == ("conflicting-parameters", "period")
        assert error["suggestions"] == [meant]


def test_an_offer_for_another_period_is_converted_and_says_how(client: httpx.Client) -> None:
    answer = client.get("/offer?role=mlops&level=mid&offer=$13,500.50 per month").json()
    assert (answer["offer"]["min"], answer["offer"]["period"]) == (162_006, "year")
    (note,) = answer["offer"]["notes"]
    assert note == ("$13,500.50 a month is $162,006 a year, at 12 months a year (29 CFR 778.113).")
    assert note in answer["quote"]


def test_an_open_ended_offer_is_compared_by_its_low_end(client: httpx.Client) -> None:
    opened = client.get("/offer", params={"role": "mlops", "offer": "$160k+"}).json()
    single = client.get("/offer", params={"role": "mlops", "offer": "160000"}).json()
    assert opened["offer"]["positions"] == single["offer"]["positions"]
    assert opened["offer"]["max"] is None and opened["offer"]["overlaps"] == []
    assert "compared by its low end" in opened["quote"]
    for form in ("html", "svg", "csv", "jsonld"):
        shown = client.get(f"/salary.{form}", params={"role": "mlops", "offer": "$160k+"})
        assert shown.status_code == 200, form


def test_an_offer_by_the_hour_is_placed_in_ranges_by_the_hour(client: httpx.Client) -> None:
    answer = client.get(
        "/offer?role=mlops&level=mid&offer=$72.50-90&period=hour&source=kore1-ai-jobs-2026"
    ).json()
    assert answer["estimate"]["range"] == {
        "min": 67.31,
        "midpoint": 76.925,
        "max": 86.54,
        "spread": 0.286,
        "open_ended": False,
    }
    low, high = (OfferPosition(**one) for one in answer["offer"]["positions"][:2])
    assert (low.amount, low.verdict, low.position) == (72.5, "within the range", 0.27)
    assert (high.amount, high.verdict, high.compa_ratio) == (90, "above the range", 1.17)
    assert answer["offer"]["period"] == "hour"
