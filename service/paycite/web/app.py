"""The HTTP service: its endpoints, and the dataset that they answer from."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from anyio import create_task_group
from anyio.to_thread import run_sync
from litestar import Litestar, get, post
from litestar.config.app import AppConfig
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.plugins import PluginProtocol
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from paycite.dataset.published import Datasets, Views
from paycite.keys import Keys
from paycite.questions.question import vocabulary
from paycite.settings import Settings
from paycite.web import metrics, tracing
from paycite.web.access import Access
from paycite.web.endpoint import JSON, Endpoint
from paycite.web.finished import FinishedAnswers
from paycite.web.handlers import (
    batch,
    candidate_pages,
    changes,
    compare,
    confidence,
    documents,
    downloads,
    figures,
    formats,
    health,
    market,
    mcp,
    oembed,
    pages,
    posting,
    posting_pages,
    ranking,
    role_pay,
    salary,
    sign_in,
    vocabularies,
)
from paycite.web.handlers.record_pages import RECORD_PAGES
from paycite.web.logs import REQUEST_LOG
from paycite.web.logs import set_up as set_up_logs
from paycite.web.observe import Observed, Routes
from paycite.web.page import SUFFIX, is_wanted_by
from paycite.web.problems import draw_problem
from paycite.web.quotas import Quotas
from paycite.web.repeats import Repeats
from paycite.web.respond import ApiRequest, Service, redirect, respond

ENDPOINTS: tuple[Endpoint, ...] = (
    salary.salary,
    salary.offer,
    compare.compare,
    *formats.ENDPOINTS,
    batch.batch,
    posting.posting,
    oembed.oembed,
    figures.list_figures,
    figures.get_figure,
    figures.list_sources,
    figures.get_source,
    vocabularies.list_roles,
    vocabularies.get_role,
    vocabularies.list_levels,
    vocabularies.list_metros,
    vocabularies.get_metro,
    vocabularies.match,
    confidence.confidence,
    market.demand,
    market.rates,
    ranking.ranking,
    ranking.ranking_svg,
    role_pay.pay,
    documents.list_datasets,
    *changes.ENDPOINTS,
    *downloads.ENDPOINTS,
    documents.explain_problem,
    health.health,
    health.ready,
    *pages.PAGES,
    posting_pages.posting_page,
    *candidate_pages.PAGES,
    role_pay.pay_page,
    *RECORD_PAGES,
    *documents.FILES,
)
# The page of each address that answers JSON, and the other formats of an id. These have no route of
# their own: a parameter of a path is all that is between two slashes, with its suffix.
_OF_AN_ID = "{id}."
_BY_PATH = {one.path: one for one in ENDPOINTS if not one.asks}
_PAGES = {
    path: _BY_PATH[path + SUFFIX]
    for path, one in _BY_PATH.items()
    if one.media_type == JSON and path + SUFFIX in _BY_PATH
}
_PAGES["/offer"] = pages.salary_page
_FORMATS = {
    path: {
        one.path.removeprefix(path): one
        for one in ENDPOINTS
        if one.path.startswith(path + ".") and not one.path.endswith(SUFFIX)
    }
    for path in _BY_PATH
    if path.endswith("{id}")
}
_JSON = ".json"
_SECONDS_BETWEEN_LOOKS = 1.0
_LOG = logging.getLogger("paycite")


def create_app() -> Repeats:
    """Build the service from the current dataset of the settings. DatasetError if there is none."""
    settings = Settings.from_environment()
    set_up_logs(is_json=settings.logs_json)
    return build_app(settings)


def build_app(settings: Settings) -> Repeats:
    # Indexing the names of all places takes longer than the event loop should wait.
    views = Views(settings.datasets, prepare=vocabulary)
    datasets = views.open(settings.opened)
    keys = Keys(settings.data)
    quotas = Quotas(settings)
    framework = litestar_app(datasets, url=settings.url, views=views, keys=keys, quotas=quotas)
    finished = FinishedAnswers(framework, datasets)
    access = Access(finished, framework, views, keys, quotas, settings)
    app: ASGIApp = access
    if is_traced := tracing.is_wanted():
        try:
            app = tracing.traced(app)
        except ImportError:
            _LOG.error("no traces are sent: they need the extra otel, see docs/operating.md#extras")
    routes = Routes([*(one.path for one in ENDPOINTS), *(one.path for one in framework.routes)])
    observed = Observed(app, routes, logs_requests=settings.logs_json)
    return Repeats(observed, access.readmit, is_traced=is_traced)


class _Service(Litestar):
    """Litestar without its default plugins: they import pydantic, attrs and OpenTelemetry where
    these are installed, and take a second to start for what no handler here has."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return plugins

    @staticmethod
    def _patch_opentelemetry_middleware(config: AppConfig) -> AppConfig:
        return config


def litestar_app(
    datasets: Datasets,
    url: str | None = None,
    *,
    views: Views | None = None,
    keys: Keys | None = None,
    quotas: Quotas | None = None,
) -> Litestar:
    """The service without what is in front of it: the datasets are those of every request that
    has no view of its own."""
    return _Service(
        [
            *(_route(one) for one in ENDPOINTS if _OF_AN_ID not in one.path),
            mcp.mcp,
            *sign_in.HANDLERS,
        ],
        state=State({"service": Service(datasets, url), "api_keys": keys}),
        lifespan=[partial(_follow_publications, views=views)],
        on_shutdown=[quotas.close] if quotas else [],
        exception_handlers={Exception: draw_problem},
        cors_config=_build_cors(),
        openapi_config=None,
        logging_config=None,
    )


def _build_cors() -> CORSConfig:
    cors = CORSConfig(
        expose_headers=[
            *("ETag", "X-Dataset-Generation", "X-Dataset-Version", "X-Request-Id"),
            *(
                "Accept-Ranges",
                "Content-Range",
                "X-Service-Version",
                "RateLimit",
                "RateLimit-Policy",
                "Retry-After",
            ),
        ],
    )
    # With `allow_methods`, Litestar would refuse another method without problem details.
    cors.preflight_headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS, POST"
    return cors


def _route(endpoint: Endpoint) -> Any:
    page, formats_of = _PAGES.get(endpoint.path), _FORMATS.get(endpoint.path, {})

    async def handle(request: ApiRequest) -> ASGIResponse:
        path = request.scope["path"]
        for suffix, format_ in formats_of.items():
            if path.endswith(suffix):
                return await respond(format_, _without_suffix(request, suffix))
        if page is None:
            return await respond(endpoint, request)
        if path.endswith(SUFFIX):
            return await respond(page, _without_suffix(request, SUFFIX))
        if path.endswith(_JSON):  # for browsers too
            return await respond(endpoint, _without_suffix(request, _JSON))
        if is_wanted_by(request):
            return redirect(page, request)
        response = await respond(endpoint, request)
        response.headers["Vary"] = "Accept"
        return response

    handle.__name__ = endpoint.name
    path, opt = endpoint.path.replace("{id}", "{id:str}"), {"endpoint": endpoint}
    if page and "{id}" not in endpoint.path:
        return get([path, f"{path}{_JSON}"], opt=opt)(handle)
    if endpoint.asks:
        return post(path, status_code=200, opt=opt, request_max_body_size=endpoint.most_bytes)(
            handle
        )
    return get(path, opt=opt)(handle)


def _without_suffix(request: ApiRequest, suffix: str) -> ApiRequest:
    """Take the suffix off the id. The parameters are Litestar's, who keeps them for other requests,
    so they are replaced, not changed."""
    given = request.path_params.items()
    request.scope["path_params"] = {name: text.removesuffix(suffix) for name, text in given}
    return request


@asynccontextmanager
async def _follow_publications(app: Litestar, views: Views | None) -> AsyncIterator[None]:
    """Switch to a newly published dataset while the service runs."""
    service: Service = app.state.service
    try:
        # Its end waits for a thread that reads: a dataset must not be closed under it.
        async with create_task_group() as following:
            following.start_soon(_follow, service, views)
            yield
            following.cancel_scope.cancel()
    finally:
        REQUEST_LOG.flush()
        with suppress(OSError):
            metrics.publish()
        (views or service).close()


async def _read_ahead(datasets: Datasets) -> None:
    with suppress(Exception):  # whatever it is, it must not stop the watcher: a question reports it
        await run_sync(datasets.current.snapshot.read_official)


async def _follow(service: Service, views: Views | None) -> None:
    await _read_ahead(service.datasets)
    while True:
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        opened = [*views.opened.values()] if views else [service.datasets]
        for one in opened:
            known = one.trouble
            try:
                if await run_sync(one.refresh):
                    version = one.current.version
                    _LOG.info("serving dataset %s, generation %d", version, one.generation)
                    await _read_ahead(one)
            except Exception as error:  # a bad dataset must not stop the watcher
                if str(error) != known:
                    _LOG.error(
                        "cannot serve the published dataset, keeping the earlier one: %s", error
                    )
        metrics.NUMBERS.is_stale = any(one.trouble for one in opened)
        try:
            await run_sync(metrics.publish)
        except OSError as error:  # such as of a full disk
            _LOG.error("cannot publish metrics: %s", error)
