"""The HTTP service: handlers of a few lines."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.enums import ScopeType
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from paycite.dataset.store import Datasets
from paycite.questions.question import vocabulary
from paycite.settings import Settings
from paycite.web.handlers import (
    batch,
    compare,
    documents,
    figures,
    formats,
    health,
    market,
    mcp,
    pages,
    posting,
    ranking,
    salary,
    vocabularies,
)
from paycite.web.problems import draw
from paycite.web.respond import Kept

HANDLERS = (
    salary.salary,
    salary.offer,
    compare.compare,
    *formats.handlers(),
    batch.batch,
    posting.posting,
    pages.oembed,
    figures.list_figures,
    figures.get_figure,
    figures.list_sources,
    figures.get_source,
    vocabularies.list_roles,
    vocabularies.list_levels,
    vocabularies.list_metros,
    vocabularies.get_metro,
    vocabularies.match,
    market.demand,
    market.rates,
    ranking.ranking,
    ranking.ranking_svg,
    documents.list_datasets,
    documents.explain_problem,
    health.health,
    health.ready,
)
_SECONDS_BETWEEN_LOOKS = 1.0
_LOG = logging.getLogger("paycite")


def create_app() -> ASGIApp:
    """The service over the current dataset of the settings; DatasetError if there is none."""
    logging.basicConfig(level=logging.INFO, format="[%(levelname)s] %(message)s")
    # Gathering the names of all places takes longer than the event loop should wait.
    settings = Settings.from_environment()
    datasets = Datasets(settings.datasets, prepare=vocabulary)
    return head_as_get(litestar_app(datasets, url=settings.url))


def litestar_app(
    datasets: Datasets, openapi_config: OpenAPIConfig | None = None, url: str | None = None
) -> Litestar:
    return Litestar(
        [
            *HANDLERS,
            *pages.PAGES,
            documents.openapi_document,
            documents.docs,
            documents.docs_asset,
            mcp.mcp,
        ],
        state=State(
            {
                "datasets": datasets,
                "kept": Kept(),
                "drawing": formats.Drawing(),
                "batches": CapacityLimiter(1),
                "url": url,
            }
        ),
        lifespan=[_follow_publications],
        exception_handlers={Exception: draw},
        before_send=[_guard],
        cors_config=CORSConfig(
            expose_headers=["ETag", "X-Dataset-Version", "X-Service-Version"],
        ),
        openapi_config=openapi_config,
        logging_config=None,
    )


def head_as_get(app: ASGIApp) -> ASGIApp:
    """Answer HEAD wherever GET is answered: the server leaves the body out, and Litestar, which
    would want a second handler for each address, is not asked."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD":
            scope = cast("Scope", {**scope, "method": "GET"})
        await app(scope, receive, send)

    return wrapped


async def _guard(message: Message, _scope: Scope) -> None:
    """Whatever is answered, a browser frames none of it but what says otherwise, and takes it for
    no other type than it says."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
        headers.setdefault("X-Content-Type-Options", "nosniff")


@asynccontextmanager
async def _follow_publications(app: Litestar) -> AsyncIterator[None]:
    """Swap to a newly published dataset while the service runs."""
    task = asyncio.create_task(_follow(app))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        app.state.datasets.close()
        app.state.drawing.close()


async def _follow(app: Litestar) -> None:
    datasets = app.state.datasets
    complaint = ""
    while True:
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        try:
            if await run_sync(datasets.refresh):
                _LOG.info("serving dataset %s", datasets.current.snapshot.version)
                salary.represented.cache_clear()  # they are the earlier dataset's
                app.state.kept.clear()
        except Exception as error:  # nothing that is published may end the looking
            if complaint != str(error):
                complaint = str(error)
                _LOG.error("a published dataset cannot be served, the earlier one stays: %s", error)
