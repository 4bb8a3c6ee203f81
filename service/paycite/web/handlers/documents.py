"""`/datasets`, `/problems/{type}`, `/openapi.yaml` and `/docs`: the service about itself."""

from functools import cache
from pathlib import Path
from typing import Annotated

import openapi_ui_bundles.swagger_ui
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta, Struct

from paycite.match import nearest
from paycite.model.problem import PROBLEM_TYPES, Fault, Refusal
from paycite.questions.parameters import printable, refuse_parameters
from paycite.settings import ROOT
from paycite.web.endpoints import reading
from paycite.web.handlers.lists import Page
from paycite.web.respond import ApiRequest, Representation, datasets, send


class KeptDataset(Struct, frozen=True, kw_only=True):
    version: Annotated[str, Meta(description="What `dataset` takes.")]
    is_current: Annotated[bool, Meta(description="What is answered from without `dataset`.")]


class KeptDatasets(Page[KeptDataset], frozen=True, kw_only=True):
    """The datasets that answers can be pinned to."""


class ProblemExplained(Struct, frozen=True, kw_only=True):
    type: str
    title: str
    status: int
    help: Annotated[str, Meta(description="What to do about it.")]


@reading(
    "/datasets",
    summary="List datasets",
    answers=KeptDatasets,
    problems=("unknown-parameter",),
)
async def list_datasets(request: ApiRequest) -> Response[bytes]:
    """The datasets that are kept, the newest first."""
    refuse_parameters(request.scope["query_string"])
    opened = datasets(request)
    current = opened.current.snapshot.version
    items = tuple(
        KeptDataset(version=version, is_current=version == current) for version in opened.kept()
    )
    return send(request, Representation.of(KeptDatasets(items=items, next=None)), opened.current)


@reading(
    "/problems/{type:str}",
    summary="Explain a problem",
    answers=ProblemExplained,
    problems=("unknown-parameter", "not-found"),
)
async def explain_problem(request: ApiRequest, type: FromPath[str]) -> Response[bytes]:  # noqa: A002
    """What the `type` of a problem means, and what to do about it."""
    refuse_parameters(request.scope["query_string"])
    if type not in PROBLEM_TYPES:
        shown = printable(type)
        raise Refusal(
            [
                Fault(
                    type="not-found",
                    parameter="type",
                    detail=f"There is no problem of type {shown!r}.",
                    suggestions=nearest(shown, PROBLEM_TYPES),
                )
            ]
        )
    kind = PROBLEM_TYPES[type]
    explained = ProblemExplained(
        type=f"/problems/{type}", title=kind.title, status=kind.status, help=kind.help
    )
    return send(request, Representation.of(explained), datasets(request).current)


@get("/openapi.yaml", include_in_schema=False)
async def openapi_document(request: ApiRequest) -> Response[bytes]:
    """The document of this API."""
    return sent_file(request, ROOT / "openapi.yaml", "application/yaml")


@get("/docs", include_in_schema=False)
async def docs(request: ApiRequest) -> Response[bytes]:
    """The document as a page to read and to try; nothing in it comes from elsewhere."""
    return sent_file(request, STATIC / "docs.html", "text/html")


@get("/docs/{name:str}", include_in_schema=False)
async def docs_asset(request: ApiRequest, name: FromPath[str]) -> Response[bytes]:
    """A file that the page loads."""
    if name not in _ASSETS:
        raise NotFoundException
    return sent_file(request, *_ASSETS[name])


STATIC = Path(__file__).parents[1] / "static"
_SWAGGER_UI = Path(openapi_ui_bundles.swagger_ui.static_path)
_ASSETS = {
    "docs.js": (STATIC / "docs.js", "text/javascript"),
    "swagger-ui-bundle.js": (_SWAGGER_UI / "swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": (_SWAGGER_UI / "swagger-ui.css", "text/css"),
}


def sent_file(request: ApiRequest, file: Path, media_type: str) -> Response[bytes]:
    refuse_parameters(request.scope["query_string"])
    return send(request, _file(file, media_type), datasets(request).current)


@cache
def _file(file: Path, media_type: str) -> Representation:
    """Read when it is asked for: the command that writes openapi.yaml starts without it."""
    return Representation.of_bytes(file.read_bytes(), media_type)
