"""The answers of `/salary` and `/salary/compare` in other forms, by the suffix of the address."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from typing import Annotated, Any, ParamSpec, cast

from litestar import Response
from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.dataset.store import Store
from paycite.model.comparison import Outcome
from paycite.present.chart.answer import Theme, draw_png, draw_svg
from paycite.present.csv import write_csv
from paycite.present.jsonld import write_jsonld
from paycite.questions.answer import answered
from paycite.questions.compare import MOST_PARAMETERS, CompareParameters, outcomes
from paycite.questions.parameters import MAX_PARAMETERS, Texts, given
from paycite.questions.question import SalaryParameters
from paycite.web.endpoints import reading
from paycite.web.handlers.compare import COMPARE_PROBLEMS
from paycite.web.handlers.salary import SALARY_PROBLEMS
from paycite.web.respond import ApiRequest, Asked, Representation, asked_of, kept, send

P = ParamSpec("P")
Themed = (
    Annotated[
        Theme,
        Meta(description="The colours; left out, an SVG follows the viewer's, and a PNG is light."),
    ]
    | UnsetType
)


class SalaryPictureParameters(SalaryParameters, frozen=True, kw_only=True):
    theme: Themed = UNSET


class ComparePictureParameters(CompareParameters, frozen=True, kw_only=True):
    theme: Themed = UNSET


class Format(Struct, frozen=True):
    suffix: str
    media_type: str
    what: str
    write: Callable[[Sequence[Outcome], Theme | None], str | bytes]
    is_picture: bool = False


class Address(Struct, frozen=True):
    """What is answered in every format, and by which parameters."""

    path: str
    answers: Callable[[Store, Texts, Any], Sequence[Outcome]]
    parameters: type[Struct]
    pictured: type[Struct]
    most_parameters: int
    problems: tuple[str, ...]


FORMATS = (
    Format(
        "csv",
        "text/csv",
        "as CSV: a row for each answer and each of its chains, with the citations in columns.",
        lambda found, _theme: write_csv(found),
    ),
    Format(
        "jsonld",
        "application/ld+json",
        "as JSON-LD: a schema.org `Dataset` that is based on its sources.",
        lambda found, _theme: write_jsonld(found),
    ),
    Format(
        "svg",
        "image/svg+xml",
        "as a chart, with its citation: an SVG, which follows the viewer's colour scheme.",
        draw_svg,
        is_picture=True,
    ),
    Format("png", "image/png", "as a chart, with its citation: a PNG.", draw_png, is_picture=True),
)
ADDRESSES = (
    Address(
        "/salary",
        lambda store, texts, parameters: [answered(store, texts, parameters)],
        SalaryParameters,
        SalaryPictureParameters,
        MAX_PARAMETERS,
        SALARY_PROBLEMS,
    ),
    Address(
        "/salary/compare",
        outcomes,
        CompareParameters,
        ComparePictureParameters,
        MOST_PARAMETERS,
        COMPARE_PROBLEMS,
    ),
)


class Drawing:
    """Draws beside the service, in a process that the first picture starts: a library that draws
    lets nothing else run in its own."""

    def __init__(self) -> None:
        self._process = _process()

    def draw(self, picture: Callable[P, str | bytes], *of: P.args, **how: P.kwargs) -> str | bytes:
        try:
            return self._process.submit(picture, *of, **how).result()
        except BrokenProcessPool:  # it was killed
            self._process = _process()
            return self._process.submit(picture, *of, **how).result()

    def close(self) -> None:
        self._process.shutdown(cancel_futures=True)


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _handler(address: Address, format_: Format) -> Any:
    parameters = address.pictured if format_.is_picture else address.parameters

    async def handler(request: ApiRequest) -> Response[bytes]:
        asked = await asked_of(request, address.most_parameters)
        representation = await kept(
            request,
            (asked.store, address.path, format_.suffix, asked.query_string),
            partial(_represented, address, format_, parameters, asked, request.app.state.drawing),
            one_at_a_time=format_.is_picture,
        )
        return send(request, representation, asked.store, asked.cache_control)

    handler.__name__ = f"{address.path.rpartition('/')[2]}_{format_.suffix}"
    handler.__doc__ = f"The answer of {address.path} {format_.what}"
    return reading(
        f"{address.path}.{format_.suffix}",
        summary=f"{address.path} as {format_.suffix.upper()}",
        answers=bytes if format_.suffix == "png" else str,
        media_type=format_.media_type,
        parameters=parameters,
        problems=address.problems,
        same_problems_as=address.path,
    )(handler)


def _represented(
    address: Address,
    format_: Format,
    parameters: type[Struct],
    asked: Asked,
    drawing: Drawing,
) -> Representation:
    texts = given(asked.query_string, address.most_parameters)
    found = address.answers(asked.store, texts, parameters)
    (theme,) = cast("tuple[Theme | None]", texts.get("theme", [None]))  # the parameters were read
    if format_.is_picture:
        body = drawing.draw(format_.write, found, theme)
    else:
        body = format_.write(found, theme)
    return Representation.of_bytes(
        body.encode() if isinstance(body, str) else body, format_.media_type
    )


def handlers() -> Iterator[Any]:
    """A handler for each address in each format."""
    for address in ADDRESSES:
        for format_ in FORMATS:
            yield _handler(address, format_)
