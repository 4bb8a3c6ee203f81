"""`/datasets`, `/problems/{id}`, `/openapi.*` and `/docs`: the service describes itself."""

from pathlib import Path
from typing import Annotated

import msgspec
import openapi_ui_bundles.swagger_ui
from litestar.exceptions import NotFoundException
from msgspec import Meta, Struct

from paycite.match import nearest
from paycite.model.problem import PROBLEM_TYPES, Refusal
from paycite.present.html import pages
from paycite.questions.parameters import printable
from paycite.settings import ROOT
from paycite.web.endpoint import JSON, Ask, endpoint
from paycite.web.handlers.lists import Page
from paycite.web.page import FRAMED_NOWHERE, html_page, site
from paycite.web.respond import Representation


class KeptDataset(Struct, frozen=True, kw_only=True):
    version: Annotated[str, Meta(description="What `dataset` takes.")]
    is_current: Annotated[bool, Meta(description="The dataset used without `dataset`.")]
    is_public: Annotated[
        bool, Meta(description="It has no private sources, and can be downloaded.")
    ]


class KeptDatasets(Page[KeptDataset], frozen=True, kw_only=True):
    """The datasets that answers can be pinned to with `dataset`."""


class ProblemExplained(Struct, frozen=True, kw_only=True):
    type: str
    title: str
    status: int
    help: Annotated[str, Meta(description="What to do about it.")]


@endpoint(
    "/datasets",
    "List datasets",
    KeptDatasets,
    problems=("unknown-parameter",),
    is_kept=False,
)
def list_datasets(ask: Ask) -> KeptDatasets:
    """List the available datasets, newest first."""
    ask.parse().faults.stop()
    current = ask.datasets.current.version
    items = tuple(
        KeptDataset(
            version=version,
            is_current=version == current,
            is_public=ask.datasets.is_public_version(version),
        )
        for version in ask.datasets.kept()
    )
    return KeptDatasets(items=items, next=None)


@endpoint(
    "/problems/{id}",
    "Explain a problem",
    ProblemExplained,
    problems=("unknown-parameter", "not-found"),
)
def explain_problem(ask: Ask) -> ProblemExplained:
    """Explain what the `type` of a problem means, and what to do about it."""
    ask.parse().faults.stop()
    if ask.id not in PROBLEM_TYPES:
        shown = printable(ask.id)
        detail = f"Unknown problem type {shown!r}."
        raise Refusal.of("not-found", detail, "id", nearest(shown, PROBLEM_TYPES))
    kind = PROBLEM_TYPES[ask.id]
    return ProblemExplained(
        type=f"/problems/{ask.id}", title=kind.title, status=kind.status, help=kind.help
    )


STATIC = Path(__file__).parents[1] / "static"
_OPENAPI = ROOT / "openapi.yaml"
_SWAGGER_UI = Path(openapi_ui_bundles.swagger_ui.static_path)
_ASSETS = {
    "docs.js": (STATIC / "docs.js", "text/javascript"),
    "swagger-ui-bundle.js": (_SWAGGER_UI / "swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": (_SWAGGER_UI / "swagger-ui.css", "text/css"),
}


def serve_file(ask: Ask, file: Path, media_type: str) -> Representation:
    """Read a file that comes with the package."""
    ask.parse().faults.stop()
    return Representation.of(file.read_bytes(), media_type)


@endpoint("/openapi.yaml", "The OpenAPI document", {"application/yaml": bytes}, is_documented=False)
def openapi_document(ask: Ask) -> Representation:
    """Get the description of this API, in YAML."""
    return serve_file(ask, _OPENAPI, "application/yaml")


@endpoint(
    "/openapi.json",
    "The OpenAPI document as JSON",
    {JSON: bytes},
    is_documented=False,
    runs="thread",
)
def openapi_json(ask: Ask) -> Representation:
    """Get the description of this API, in JSON."""
    ask.parse().faults.stop()
    return Representation.of(msgspec.json.encode(msgspec.yaml.decode(_OPENAPI.read_bytes())), JSON)


@html_page(
    "/docs",
    "salary_form.html",
    # The pictures of its style sheet are in it.
    policy=FRAMED_NOWHERE.replace("img-src 'self'", "img-src 'self' data:"),
)
def docs(ask: Ask) -> str:
    """Read and try this API in a page, which loads nothing from other hosts."""
    ask.parse().faults.stop()
    return pages.docs_page(site(ask))


@endpoint("/docs/{id}", "A file of /docs", {"text/css": bytes}, is_documented=False)
def docs_asset(ask: Ask) -> Representation:
    """Get a file that /docs loads."""
    if ask.id not in _ASSETS:
        raise NotFoundException
    return serve_file(ask, *_ASSETS[ask.id])


FILES = (openapi_document, openapi_json, docs, docs_asset)
