"""`/ranking`: metros or states ranked by official statistics for a role, and a map of them."""

from operator import attrgetter
from typing import Annotated

from msgspec import UNSET, Meta, structs

from paycite.estimate.ranking import rank_places
from paycite.model.ranking import RankedBy, RankedKind, Ranking
from paycite.present.chart.map import draw_map, mapped_points
from paycite.questions.parameters import DatasetParameters, Parsed
from paycite.questions.question import match_role, vocabulary
from paycite.web.endpoint import REQUEST_PROBLEMS, Ask, endpoint
from paycite.web.handlers.formats import Themed, encode_text
from paycite.web.handlers.lists import Page, PageParameters, build_page

_PROBLEMS = (
    *("missing-parameter", *REQUEST_PROBLEMS, "unknown-role", "unknown-level", "unknown-dataset"),
    "ambiguous-title",
)
_RoleText = Annotated[
    str,
    Meta(
        description="A role, as in /salary, without a level: official statistics have none.",
        examples=["mlops"],
    ),
]
_By = Annotated[
    RankedBy,
    Meta(
        description="What to rank by, highest first: a pay percentile, employment in the role's "
        "occupations, or the ratio of the median to the national one."
    ),
]
_MinEmployment = Annotated[
    int,
    Meta(
        ge=0,
        le=10_000_000,
        description="Rank only places where at least this many people work in the role's "
        "occupations; places that do not report employment only count with 0.",
    ),
]


class RankingParameters(PageParameters, frozen=True, kw_only=True):
    role: _RoleText
    by: _By = "median"
    min_employment: _MinEmployment = 0
    kind: Annotated[RankedKind, Meta(description="Rank metropolitan areas or states.")] = "metro"


class MapParameters(DatasetParameters, frozen=True, kw_only=True):
    role: _RoleText
    by: _By = "median"
    min_employment: _MinEmployment = 0
    theme: Themed = UNSET


@endpoint(
    "/ranking",
    "Rank metros or states for a role",
    Ranking,
    parameters=RankingParameters,
    problems=_PROBLEMS,
    runs="thread",
)
def ranking(ask: Ask) -> Ranking:
    """Rank places by official pay percentiles or employment of a role's occupations, for everyone
    in them: not the estimate of /salary. Only places for which all of them were released count."""
    return rank_for_page(ask)[0]


@endpoint(
    "/ranking.svg",
    "Map a ranking",
    {"image/svg+xml": str},
    parameters=MapParameters,
    problems=_PROBLEMS,
    encode=encode_text,
    runs="thread",
)
def ranking_svg(ask: Ask) -> str:
    """Draw all metros of /ranking as a map with its citation: an SVG, which follows the viewer's
    color scheme."""
    parsed = ask.parse()
    whole = _rank(ask, parsed)
    return draw_map(whole, mapped_points(ask.store.snapshot), parsed["theme"])


def rank_for_page(ask: Ask) -> tuple[Ranking, Ranking]:
    """Answer the ranking of a page, and the whole one for its map."""
    asked = structs.replace(ask, path="/ranking", parameters=RankingParameters)
    parsed = asked.parse()
    whole = _rank(asked, parsed)
    page = build_page(asked, parsed, Page, whole.items, attrgetter("metro.id"))
    return whole.page(page.items, page.next), whole


def _rank(ask: Ask, parsed: Parsed) -> Ranking:
    """Build the whole ranking. Refusal with every fault of the parameters."""
    snapshot, faults = ask.store.snapshot, parsed.faults
    matched = match_role(parsed["role"], vocabulary(ask.store), faults)
    faults.stop()
    assert matched  # otherwise `stop` raised
    kind = parsed.values.get("kind", "metro")
    return rank_places(*matched, kind, parsed["by"], snapshot, parsed["min_employment"])
