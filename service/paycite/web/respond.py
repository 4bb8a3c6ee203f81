"""Turn a request into a response: dataset, cache, handler, encoding, headers. Answers are cached by
dataset, path and query, because they depend on nothing else."""

import hashlib
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import partial
from typing import Any, Self
from urllib.parse import quote

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from cachetools import LRUCache
from litestar import Request, Response
from litestar.datastructures import CacheControlHeader, State
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from msgspec import Struct

from paycite import __version__
from paycite.dataset.store import Datasets, Store
from paycite.model.problem import Fault, Refusal
from paycite.questions.parameters import Texts, parse_query
from paycite.web.endpoint import Ask, Endpoint

ApiRequest = Request[Any, Any, State]

# A pinned answer changes only with the service; an answer from the current dataset, with the next.
CURRENT = CacheControlHeader(public=True, max_age=60).to_header()
PINNED = CacheControlHeader(public=True, max_age=86_400).to_header()
NEVER_KEPT = CacheControlHeader(no_store=True).to_header()
_KEPT_BYTES = 64_000_000
_IN_QUERIES = "%/:?#[]@!$&'()*+,;=~"


class Representation(Struct, frozen=True):
    """An encoded answer; `etag` is a hash of its body."""

    body: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, media_type: str) -> Self:
        return cls(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


class Service:
    """State that all requests of a process share. Its methods run on the event loop."""

    def __init__(self, datasets: Datasets, url: str | None = None) -> None:
        self.datasets = datasets
        self._url = url
        self._kept: LRUCache[Hashable, Representation] = LRUCache(
            _KEPT_BYTES, getsizeof=lambda representation: len(representation.body)
        )
        self._threads = CapacityLimiter(8)
        self._batches = CapacityLimiter(1)

    def base_url(self, request: ApiRequest) -> str:
        """The public URL of the service: the setting, or the host of this request."""
        return self._url or str(request.base_url).rstrip("/")

    async def choose_store(self, texts: Texts) -> Store:
        """Open the requested dataset in a thread. Return the current one if none is requested, or
        if it is not available; parsing then reports that with any other faults."""
        version = texts.get("dataset", [""])[0]
        current = self.datasets.current
        if not version or version == current.snapshot.version:
            return current
        return await run_sync(self.datasets.choose, version)

    async def find(
        self, endpoint: Endpoint, key: Hashable, make: Callable[[], Representation]
    ) -> Representation:
        """Return the cached representation, or make it."""
        found = self._kept.get(key)
        if found is None and endpoint.runs == "inline":
            found = self._keep(key, make())
        elif found is None:
            async with self._threads:
                found = self._kept.get(key)  # another request may have made it in the meantime
                if found is None:
                    found = self._keep(key, await run_sync(make))
        return found

    async def make_once(self, make: Callable[[], Representation]) -> Representation:
        """Make an answer that is not cached, one at a time: a batch uses a whole processor."""
        return await run_sync(make, limiter=self._batches)

    def _keep(self, key: Hashable, made: Representation) -> Representation:
        if len(made.body) <= _KEPT_BYTES:
            self._kept[key] = made
        return made

    def clear(self) -> None:
        """Drop the cached answers of the previous dataset."""
        self._kept.clear()

    def close(self) -> None:
        self.datasets.close()


def service_of(request: ApiRequest) -> Service:
    service: Service = request.app.state.service
    return service


async def respond(endpoint: Endpoint, request: ApiRequest) -> Response[bytes]:
    """Respond to a request. Refusal if it has no answer, unless the endpoint is a page, which
    explains it."""
    try:
        return await _answer(endpoint, request)
    except Refusal as refusal:
        if endpoint.refuse is None:
            raise
        return await _refuse(endpoint, endpoint.refuse, request, refusal)


async def _refuse(
    endpoint: Endpoint,
    write: Callable[[Ask, Refusal], str],
    request: ApiRequest,
    refusal: Refusal,
) -> Response[bytes]:
    """Respond with the page that explains why there is no answer, with the parameters as far as
    they can be parsed."""
    texts: Texts = {}
    with suppress(Refusal):
        texts = parse_texts(endpoint, request.scope["query_string"])
    store = await service_of(request).choose_store(texts)
    ask = build_ask(endpoint, request, store, texts=texts)
    return Response(
        endpoint.encode(write(ask, refusal)),
        status_code=refusal.problem(ask.path).status,
        media_type=endpoint.media_type,
        headers=common_headers(store, NEVER_KEPT, endpoint.policy),
    )


async def _answer(endpoint: Endpoint, request: ApiRequest) -> Response[bytes]:
    service = service_of(request)
    query: bytes = request.scope["query_string"]
    may_pin = b"dataset" in query or b"%" in query
    texts = parse_texts(endpoint, query) if may_pin else {}
    store = await service.choose_store(texts)
    ask = partial(build_ask, endpoint, request, store)
    if endpoint.asks:
        media_type = _media_type(endpoint, request)
        body = await _read_body(endpoint, request)
        make = partial(_represent, endpoint, ask, media_type=media_type, body=body)
        return send(request, await service.make_once(make), store, NEVER_KEPT)
    make = partial(_represent, endpoint, ask)
    if not endpoint.is_kept:
        return send(request, await run_sync(make), store, NEVER_KEPT)
    base_url = service.base_url(request) if endpoint.refuse else ""  # only pages contain it
    key = (store, request.scope["path"], query, base_url)
    made = await service.find(endpoint, key, make)
    return send(request, made, store, PINNED if "dataset" in texts else CURRENT, endpoint.policy)


def redirect(page: Endpoint, request: ApiRequest) -> Response[bytes]:
    """Send a browser from an address of the API to its page, with its query."""
    store = service_of(request).datasets.current
    id_ = quote(request.path_params.get("id", ""), safe="", errors="surrogateescape")
    query = quote(request.scope["query_string"], safe=_IN_QUERIES)
    address = page.path.replace("{id}", id_) + (f"?{query}" if query else "")
    headers = common_headers(store, CURRENT) | {"Location": address, "Vary": "Accept"}
    return Response(b"", status_code=303, headers=headers)


def parse_texts(endpoint: Endpoint, query: bytes) -> Texts:
    """Parse a query into texts; pages remove some parameters."""
    texts = parse_query(query, endpoint.most_parameters)
    return endpoint.clean(texts) if endpoint.clean else texts


def build_ask(
    endpoint: Endpoint,
    request: ApiRequest,
    store: Store,
    *,
    texts: Texts | None = None,
    media_type: str = "",
    body: bytes = b"",
) -> Ask:
    service = service_of(request)
    return Ask(
        path=request.scope["path"],
        texts=parse_texts(endpoint, request.scope["query_string"]) if texts is None else texts,
        parameters=endpoint.parameters,
        store=store,
        datasets=service.datasets,
        base_url=service.base_url(request),
        id=request.path_params.get("id", ""),
        body=body,
        media_type=media_type,
    )


def _represent(
    endpoint: Endpoint, build: Callable[..., Ask], media_type: str = "", body: bytes = b""
) -> Representation:
    ask = build(media_type=media_type, body=body)
    found = endpoint.handler(ask)
    if isinstance(found, Representation):
        return found
    return Representation.of(endpoint.encode(found), media_type or endpoint.media_type)


def _media_type(endpoint: Endpoint, request: ApiRequest) -> str:
    media_type, options = request.content_type
    charset = options.get("charset", "utf-8").lower()
    if media_type not in endpoint.asks or charset not in ("utf-8", "utf8", "us-ascii"):
        accepted = " or ".join(endpoint.asks)
        detail = f"Unsupported body. Send {accepted} in UTF-8, and set Content-Type."
        raise Refusal([Fault(type="unsupported-media-type", detail=detail)])
    return media_type


async def _read_body(endpoint: Endpoint, request: ApiRequest) -> bytes:
    try:
        return await request.body()
    except RequestEntityTooLarge:
        detail = f"The body is too large: the limit is {endpoint.most_bytes:,} bytes."
        raise Refusal([Fault(type="payload-too-large", detail=detail)]) from None
    except InternalServerException:  # the client disconnected, which is no error of the service
        raise Refusal([Fault(type="invalid-value", detail="The body is incomplete.")]) from None


def send(
    request: ApiRequest,
    representation: Representation,
    store: Store,
    cache_control: str,
    policy: str | None = None,
) -> Response[bytes]:
    """Send the representation, or 304 if the client has it already."""
    headers = common_headers(store, cache_control, policy)
    if request.method != "POST":
        headers["ETag"] = representation.etag
        if _has_it(request.headers.get("if-none-match", ""), representation.etag):
            return Response(b"", status_code=304, headers=headers)
    return Response(representation.body, media_type=representation.media_type, headers=headers)


def common_headers(store: Store, cache_control: str, policy: str | None = None) -> dict[str, str]:
    """Build the headers of every response, including errors. Deny framing and MIME sniffing, unless
    the endpoint sets its own framing policy."""
    return {
        "Cache-Control": cache_control,
        "X-Dataset-Version": store.snapshot.version,
        "X-Service-Version": __version__,
        "Content-Security-Policy": policy or "frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }


def _has_it(if_none_match: str, etag: str) -> bool:
    held = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in held or "*" in held
