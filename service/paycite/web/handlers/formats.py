"""The answers of `/salary` and `/salary/compare` in other formats, by the suffix of the path."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.model.comparison import Outcome
from paycite.model.parameters import SalaryParameters
from paycite.present.chart.answer import Theme
from paycite.present.formats import FORMATS, Format
from paycite.questions.answer import answer_question
from paycite.questions.compare import MOST_PARAMETERS, CompareParameters, compare
from paycite.questions.parameters import MAX_PARAMETERS
from paycite.questions.question import parse_question
from paycite.web.endpoint import Ask, Endpoint
from paycite.web.handlers.compare import COMPARE_PROBLEMS, count_units
from paycite.web.handlers.salary import SALARY_PROBLEMS

Size = Literal["chart", "share"]
Themed = (
    Annotated[
        Theme,
        Meta(
            description="Colors. Default: an SVG follows the viewer's color scheme, and a PNG is "
            "light."
        ),
    ]
    | UnsetType
)
Sized = Annotated[
    Size,
    Meta(description="`share`: a picture of 1,200 by 630 pixels for previews of links."),
]


_PNG = 48


class SalaryChartParameters(SalaryParameters, frozen=True, kw_only=True):
    theme: Themed = UNSET
    size: Sized = "chart"


class CompareChartParameters(CompareParameters, frozen=True, kw_only=True):
    theme: Themed = UNSET
    size: Sized = "chart"


class Address(Struct, frozen=True):
    """An endpoint that has every format, and its parameters."""

    path: str
    answer: Callable[[Ask], Sequence[Outcome]]
    parameters: type[Struct]
    chart_parameters: type[Struct]
    most_parameters: int
    problems: tuple[str, ...]
    units: Callable[[Ask], int]  # Refusal for faults of the parameters


def _count_question(ask: Ask) -> int:
    parse_question(ask.texts, ask.store, ask.parameters)
    return 1


ADDRESSES = (
    Address(
        "/salary",
        lambda ask: [answer_question(ask.store, ask.texts, ask.parameters)],  # type: ignore[arg-type]
        SalaryParameters,
        SalaryChartParameters,
        MAX_PARAMETERS,
        SALARY_PROBLEMS,
        _count_question,
    ),
    Address(
        "/salary/compare",
        lambda ask: compare(ask.store, ask.texts, ask.parameters),  # type: ignore[arg-type]
        CompareParameters,
        CompareChartParameters,
        MOST_PARAMETERS,
        COMPARE_PROBLEMS,
        count_units,
    ),
)


def encode_text(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _answer(address: Address, format_: Format, ask: Ask) -> str | bytes:
    found = address.answer(ask)
    if format_.write:
        return format_.write(found)
    parsed = ask.parse()
    draw = format_.share if parsed["size"] == "share" else format_.draw
    assert draw
    return draw(found, parsed["theme"])


def _count_units(address: Address, format_: Format, ask: Ask) -> int:
    """A PNG takes as long as fifty answers."""
    return address.units(ask) + (_PNG if format_.suffix == "png" else 0)


def _endpoints() -> Iterator[Endpoint]:
    """Build an endpoint for each path in each format."""
    for address in ADDRESSES:
        for format_ in FORMATS:
            answers: dict[str, Any] = {format_.media_type: str if format_.write else bytes}
            yield Endpoint(
                name=f"{address.path.rpartition('/')[2]}_{format_.suffix}",
                path=f"{address.path}.{format_.suffix}",
                summary=f"{address.path} as {format_.name}",
                description=f"Get the answer of {address.path} {format_.what}",
                tag="formats",
                handler=partial(_answer, address, format_),
                answers=answers,
                parameters=address.chart_parameters if format_.draw else address.parameters,
                problems=address.problems,
                encode=encode_text,
                runs="thread",
                most_parameters=address.most_parameters,
                units=partial(_count_units, address, format_),
            )


ENDPOINTS = tuple(_endpoints())
