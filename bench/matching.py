"""What reading costs, in process: from a text as people write it to a role or a place.

Each row is one text, read again and again, and nothing is kept from one reading to the next. The
last rows are whole queries, because a text that is too long is refused before anything matches it;
there what was read is kept.
"""

import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple
from urllib.parse import quote

from paycite.dataset.build import build
from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.match import build_title_parser
from paycite.match.places import PlaceParser
from paycite.model.problem import Refusal
from paycite.model.vocabulary import Match
from paycite.questions.parameters import parse_query
from paycite.questions.question import parse_question
from paycite.settings import ROOT

REPETITIONS = 1_000
AN_ID = 100  # microseconds: the targets
FREE_TEXT = 2_000
TEN_KB = 10_240
LISTED = (
    "Marco Island / Sebastian and Pueblo / Auburn / Oklahoma City / Terre Haute / Youngstown or "
    "Roswell / Enid / Mankato, Lewiston - Kokomo; Fort Collins and Ocala or Bend / Yuma, Yakima; "
    "Santa Rosa / Ames"
)


class Case(NamedTuple):
    what: str
    text: str
    read: Callable[[str], Match]
    target: int


def cases(store: Store) -> list[Case]:
    snapshot = store.snapshot
    titles = build_title_parser(snapshot.roles, snapshot.levels, snapshot.words)
    places = PlaceParser(snapshot)

    def title(text: str) -> Match:
        return titles.parse(text)[0][1]

    def place(text: str) -> Match:
        return places.parse(text)[1]

    def query(text: str) -> Match:
        return parse_question(parse_query(text.encode()), store).matches[0]

    return [
        Case("role, id", "mlops", title, AN_ID),
        Case("role, alias", "ML Platform Engineer", title, AN_ID),
        Case("place, id", "nyc", place, AN_ID),
        Case("place, code", "35620", place, AN_ID),
        Case("place, alias", "New York City", place, AN_ID),
        Case("title", "Sr. ML Ops Eng", title, FREE_TEXT),
        Case("title", "LLM Prompt Engineer (Remote)", title, FREE_TEXT),
        Case("title", "Machine Learning Engineer III", title, FREE_TEXT),
        Case("title, typing error", "Machine Learnng Engineer", title, FREE_TEXT),
        Case("title, unknown", "Underwater Basket Weaver", title, FREE_TEXT),
        Case("title, 200 characters", "machne learnng engneer " * 8 + "x" * 16, title, FREE_TEXT),
        Case("place", "Brooklyn, New York", place, FREE_TEXT),
        Case("place", "San Francisco Bay Area", place, FREE_TEXT),
        Case("place, typing error", "San Fransisco", place, FREE_TEXT),
        Case("place, typing error", "Los Angelos, California", place, FREE_TEXT),
        Case("place, unknown", "Gotham Xyzzy", place, FREE_TEXT),
        Case("place, 200 characters", "sant fransisko " * 13 + "x" * 5, place, FREE_TEXT),
        Case("places, 200 characters", LISTED, place, FREE_TEXT),
        Case("query of ids", "role=mlops&level=mid&metro=nyc", query, AN_ID),
        Case("query, title of 10 KB", f"role={quote('engineer ' * 1_138)[:TEN_KB]}", query, AN_ID),
        Case("query, 10 KB of escapes", "role=" + "%65" * (TEN_KB // 3), query, AN_ID),
    ]


def outcome(case: Case) -> str:
    """What the text was read as, or why it was refused."""
    try:
        match = case.read(case.text)
    except Refusal as refusal:
        return refusal.faults[0].type
    return f"{match.id} ({match.method})"


def microseconds(case: Case) -> float:
    """The median of many readings."""
    took = []
    for _ in range(REPETITIONS):
        began = perf_counter()
        with suppress(Refusal):
            case.read(case.text)
        took.append(perf_counter() - began)
    return median(took) * 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        build(ROOT / "seeds", Path(folder), keep=1)
        with closing(Datasets(Path(folder))) as datasets:
            print("| what | text | read as | microseconds | of the target | within it |")
            print("|---|---|---|---:|---:|---|")
            for case in cases(datasets.current):
                text = case.text if len(case.text) <= 32 else f"{case.text[:31]}…"
                took = microseconds(case)
                within = "yes" if took <= case.target else "**no**"
                print(
                    f"| {case.what} | {text} | {outcome(case)} "
                    f"| {took:.1f} | {took / case.target:.3f} | {within} |"
                )


if __name__ == "__main__":
    main()
