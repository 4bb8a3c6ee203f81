"""Answers as CSV."""

import csv
import io
import re
from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from paycite.model.answer import Answer, Interval, Percentiles, Range, Requested
from paycite.model.comparison import Outcome, Refused
from paycite.model.problem import Fault, Refusal
from paycite.model.snapshot import Snapshot
from paycite.present.csv import COLUMNS, Cell, cell_text, estimate_row, write_csv, write_lines
from support.hostile import PAYLOADS, hostile
from support.questions import ask, every_scope

MOST_IN_A_CELL = 32_767  # characters that Excel takes
TEXTS = (  # the columns that text from outside can reach
    *("requested_role", "requested_level", "requested_years", "requested_metro"),
    *("requested_offer", "role", "level", "metro", "metro_name", "source_ids", "publishers"),
    *("as_of", "confidence_reason", "fallbacks", "steps", "figure_ids", "locators"),
    *("as_published", "citations", "licenses", "urls", "tested_on", "caveats"),
    *("problem_detail", "dataset", "permalink"),
)
UNSEEN = "\N{ZERO WIDTH SPACE}\N{SOFT HYPHEN}\N{ZERO WIDTH NO-BREAK SPACE}"
CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
TRICKY = st.text(st.sampled_from(f"=+-@＝＋－＠;\t\r\n '\"|,a1{UNSEEN}"))  # noqa: RUF001


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def refusal(*faults: Fault) -> Refused:
    return Refused(requested=Requested(role="mlops "), problem=Refusal(faults).problem("/salary"))


UNKNOWN = Fault(
    type="unknown-role", parameter="role", detail="No such role.", suggestions=("mlops", "ai")
)


def test_each_answer_has_a_row_and_one_for_each_of_its_chains(snapshot: Snapshot) -> None:
    answers = [ask(snapshot, "mlops", "senior", metro) for metro in ("austin-tx", "nyc")]
    rows = rows_of(write_csv([answers[0], refusal(UNKNOWN), answers[1]]))
    assert [row["row_type"] for row in rows] == [
        *("estimate", *["chain"] * len(answers[0].chains)),
        "problem",
        *("estimate", *["chain"] * len(answers[1].chains)),
    ]
    assert [row["weight"] for row in rows if row["row_type"] == "chain"] == [
        str(chain.weight) for answer in answers for chain in answer.chains
    ]
    assert all(tuple(row) == COLUMNS for row in rows)


def test_answers_and_problems_have_the_same_columns(snapshot: Snapshot) -> None:
    outcomes: list[Outcome] = [ask(snapshot, "mlops"), refusal(UNKNOWN)]
    for outcome in outcomes:
        assert tuple(estimate_row(outcome)) == COLUMNS
        (row, *_) = rows_of(write_csv([outcome]))
        assert list(row.values()) == [cell_text(cell) for cell in estimate_row(outcome).values()]


@pytest.mark.slow
def test_every_number_has_its_source_locator_and_unit(snapshot: Snapshot) -> None:
    stated = ("source_ids", "publishers", "citations", "figure_ids", "locators", "as_published")
    units = ("currency", "period", "component", "kind", "dataset", "permalink", "steps")
    alike = ((*stated[:3], "licenses", "urls"), stated[3:])
    for scope in every_scope(snapshot)[::3]:
        offer = Interval(min=150_000, max=180_000)
        for row in rows_of(write_csv([ask(snapshot, *scope, offer=offer)])):
            assert float(row["min"]) > 0
            assert all(row[name] for name in (*stated, *units))
            assert all(len(cell) <= MOST_IN_A_CELL for cell in row.values())
            for columns in alike:
                values = [row[name].split(" | ") for name in columns]
                assert len({len(of) for of in values}) == 1 or row["urls"] == ""
            cited = [snapshot.sources[id_].citation for id_ in row["source_ids"].split(" | ")]
            assert row["citations"] == " | ".join(cited)


def test_a_pooled_factor_says_whether_it_is_of_the_place_or_of_the_role_in_it(
    snapshot: Snapshot,
) -> None:
    source = "dol-lca-fy2024q1-fy2024q4"
    answer = ask(snapshot, "data-scientist", "senior", "nyc", sources=(source,))
    first, *_ = rows_of(write_csv([answer]))
    assert re.findall(r"times 1\.0[\d.]+, for [a-z ]+", first["steps"]) == [
        "times 1.0732, for the place",
        "times 1.0192, for the role in the place",
    ]


def test_the_request_is_repeated_exactly(snapshot: Snapshot) -> None:
    asked = Requested(role=' Sr. MLOps, "II"', metro="02139", years="05", offer="$150k - 180K")
    answer = replace(ask(snapshot, "mlops"), requested=asked)
    for row in rows_of(write_csv([answer])):
        for name, text in msgspec.to_builtins(asked).items():
            assert row[f"requested_{name}"] == text
        assert row["requested_level"] == ""


def test_a_capped_or_withheld_percentile_is_no_number(snapshot: Snapshot) -> None:
    answer = ask(snapshot, "software-engineer", None, "nyc")
    stated = Percentiles(
        p10=None, p25=90_000, p50=120_000, p75=239_200, p90=239_200, capped=("p75", "p90")
    )
    ends = Range.of(Interval(min=90_000, max=None))
    row = estimate_row(
        replace(answer, estimate=replace(answer.estimate, percentiles=stated, range=ends))
    )
    assert [row[name] for name in ("p10", "p25", "median", "p75", "p90")] == [
        *(None, 90_000, 120_000),
        *(None, None),
    ]
    assert row["capped"] == "p75: $239,200 or more | p90: $239,200 or more"
    assert (row["min"], row["max"], row["midpoint"], row["open_ended"]) == (
        90_000,
        None,
        None,
        True,
    )


@pytest.mark.parametrize("ends", [(150_000, 180_000), (150_000, 150_000), (900_000, 1_000_000)])
def test_both_ends_of_an_offer_are_in_each_row(snapshot: Snapshot, ends: tuple[int, int]) -> None:
    answer = ask(snapshot, "mlops", "senior", "nyc", offer=Interval(min=ends[0], max=ends[1]))
    assert answer.offer
    first, *chains = rows_of(write_csv([answer]))
    for place, row in enumerate([first, *chains]):
        chain = place - 1 if place else None
        low, *_, high = [p for p in answer.offer.positions if p.chain_index == chain] * 2
        for end, position in (("offer_min", low), ("offer_max", high)):
            assert row[end] == str(position.amount)
            for name in ("position", "compa_ratio", "market_ratio", "percentile", "verdict"):
                assert row[f"{end}_{name}"] == cell_text(getattr(position, name))
        overlaps = [overlap for overlap in answer.offer.overlaps if overlap.chain_index == chain]
        assert [str(overlap.share_of_offer) for overlap in overlaps or ()] == [
            row["overlap_share_of_offer"] for _ in overlaps
        ]
        assert bool(row["overlap_share_of_offer"]) == (ends[0] != ends[1])
        assert bool(row["overlap_min"]) == any(overlap.range for overlap in overlaps)


def test_a_problem_lists_every_fault_and_its_suggestions() -> None:
    contradiction = Fault(
        type="conflicting-parameters", detail="Say mlops or ai.", suggestions=("mlops", "ai")
    )
    row = estimate_row(refusal(UNKNOWN, contradiction))
    assert row["problem_type"] == "/problems/conflicting-parameters"
    assert row["problem_detail"] == "Say mlops or ai. | No such role. (mlops, ai)"
    assert row["requested_role"] == "mlops "
    unreadable = msgspec.structs.replace(refusal(UNKNOWN), requested=None)
    assert estimate_row(unreadable)["requested_role"] is None


@given(st.lists(st.lists(CELLS | TRICKY, min_size=2), min_size=1))
def test_written_rows_are_read_back_unchanged(rows: list[list[Cell]]) -> None:
    text = "".join(write_lines(rows))
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == [
        [cell_text(cell) for cell in row] for row in rows
    ]
    assert text.endswith("\r\n")


@given(TRICKY)
def test_no_text_begins_as_a_formula_and_only_apostrophes_are_added(text: str) -> None:
    safe = cell_text(text)
    if re.fullmatch(r"[+-]?[0-9]+", text):  # a number, not a formula
        assert safe == text
        return
    begins = re.compile(rf"[\s{UNSEEN}]*[=+\-@＝＋－＠]")  # noqa: RUF001
    assert not any(begins.match(part) for part in re.split(r"[;\t\r\n]", safe))
    assert not safe.startswith(("\t", "\r"))
    assert safe.replace("'", "") == text.replace("'", "")


def test_cells_that_are_not_text_are_not_quoted() -> None:
    cells: list[Cell] = [-1, -0.5, 161000, 77.4, 1e-06, True, False, None, "", "plain", "a-b"]
    assert list(write_lines([cells])) == [
        '-1,-0.5,161000,77.4,1e-06,true,false,,"","plain","a-b"\r\n'
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_an_answer_can_be_a_formula_or_break_its_row(
    snapshot: Snapshot, payload: str
) -> None:
    outcomes = hostile(payload, snapshot)
    assert isinstance(outcomes[0], Answer)
    rows = rows_of(write_csv(outcomes))
    assert len(rows) == 1 + len(outcomes[0].chains) + 1
    for row, name in product(rows, COLUMNS):
        cell = row[name]
        assert cell_text(cell) == cell or re.fullmatch(r"-?[\d.]+", cell), name
    reached = [name for row, name in product(rows, COLUMNS) if bare(payload) in bare(row[name])]
    assert set(TEXTS) <= set(reached)


def bare(text: str) -> str:
    """The text without characters that are escaped."""
    return text.replace("'", "").replace("|", "/")
