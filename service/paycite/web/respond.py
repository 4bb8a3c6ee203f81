"""Turn a request into a response: dataset, handler, encoding, headers."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import quote

from litestar import Request
from litestar.datastructures import State, UploadFile
from litestar.exceptions import HTTPException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.response.base import ASGIResponse
from msgspec import Struct, structs

from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.model.problem import Refusal
from paycite.questions.parameters import Texts, parse_query, printable
from paycite.web import metrics
from paycite.web.endpoint import FORM, Ask, Endpoint
from paycite.web.finished import CURRENT, FILE, NEVER_KEPT, PINNED, VIEW
from paycite.web.quotas import ACCOUNT, charge
from paycite.web.work import LARGE_ANSWERS, Bodies, Queue

ApiRequest = Request[Any, Any, State]

_IN_QUERIES = "%/:?#[]@!$&'()*+,;=~"


class Representation(Struct, frozen=True):
    """An encoded answer; `etag` is a hash of its body, weak because it is also that of the body
    compressed."""

    body: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, media_type: str) -> Self:
        return cls(body, media_type, f'W/"{hashlib.sha256(body).hexdigest()[:32]}"')


class Download(Struct, frozen=True):
    """An answer that is a file. Its `etag` is strong: parts of it can be asked for."""

    file: Path
    media_type: str
    etag: str


class Service:
    """State that all requests of a process share. Its methods run on the event loop."""

    def __init__(self, datasets: Datasets, url: str | None = None) -> None:
        self.datasets = datasets
        self._url = url
        self._openings = Queue(threads=1, most_waiting=20)  # of datasets
        self._threads = Queue(threads=4, most_waiting=200)
        self._batches = Queue(threads=1, most_waiting=20)  # each takes a whole processor
        self.agents = Queue(threads=8, most_waiting=40)
        self.bodies = Bodies(most_bytes=100_000_000)
        self.small_bodies = Bodies(most_bytes=20_000_000)  # which large ones must not shut out

    def base_url(self, request: ApiRequest) -> str:
        """The public URL of the service: the setting, or the host of this request."""
        return self._url or str(request.base_url).rstrip("/")

    def datasets_of(self, request: ApiRequest) -> Datasets:
        """The datasets as the caller may see them."""
        view: Datasets = request.scope.get(VIEW, self.datasets)  # type: ignore[assignment]
        return view

    async def choose_store(self, request: ApiRequest, texts: Texts) -> Store:
        """Open the requested dataset in a thread. Return the current one if none is requested, or
        if it is not available; parsing then reports that with any other faults. Refusal
        `overloaded` if too many requests wait for datasets to be opened."""
        version = texts.get("dataset", [""])[0]
        datasets = self.datasets_of(request)
        current = datasets.current
        if not version or version == current.snapshot.version or not datasets.is_kept(version):
            return current
        if store := datasets.find_open(version):
            return store
        return await self._openings.do(lambda _: datasets.choose(version), _stay)

    async def make(
        self, endpoint: Endpoint, request: ApiRequest, ask: Ask
    ) -> Representation | Download:
        if cast("dict[str, Any]", request.scope).get(ACCOUNT):
            await charge(request.scope, endpoint.cost(ask))
        if endpoint.runs == "inline" and not endpoint.asks:
            return _represent(endpoint, ask)
        is_long = endpoint.asks or endpoint.runs == "turn"
        queue = self._batches if is_long else self._threads
        return await queue.do(
            lambda go_on: _represent(endpoint, structs.replace(ask, go_on=go_on)), request.receive
        )

    def close(self) -> None:
        self.datasets.close()


async def _stay() -> Any:
    """Receive nothing: a body that is still to be read must not be taken for the client."""
    await asyncio.Event().wait()


def answering_store(request: ApiRequest) -> Store:
    """The dataset that answers the request; the current one before it is chosen."""
    store: Store = request.state.get("store") or service_of(request).datasets_of(request).current
    return store


def service_of(request: ApiRequest) -> Service:
    service: Service = request.app.state.service
    return service


async def respond(endpoint: Endpoint, request: ApiRequest) -> ASGIResponse:
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
) -> ASGIResponse:
    """Respond with the page that explains why there is no answer, with the parameters as far as
    they can be parsed."""
    texts: Texts = {}
    with suppress(Refusal):
        texts = parse_texts(endpoint, request.scope["query_string"])
    store = await service_of(request).choose_store(request, texts)
    form: Mapping[str, bytes] = {}
    with suppress(Refusal):
        form = await read_form(endpoint, request)
    ask = build_ask(endpoint, request, store, texts, form)
    problem = refusal.problem(ask.path)
    metrics.count_refusal(problem.type)
    status = problem.status
    return ASGIResponse(
        body=endpoint.encode(write(ask, refusal)),
        status_code=status,
        media_type="text/html",  # of a page, also in place of a file
        headers=common_headers(store, NEVER_KEPT, endpoint.policy) | status_headers(status),
    )


async def _answer(endpoint: Endpoint, request: ApiRequest) -> ASGIResponse:
    service = service_of(request)
    texts = parse_texts(endpoint, request.scope["query_string"])
    of_path = {"dataset": [request.path_params["id"]]} if endpoint.is_of_dataset else {}
    store = request.state.store = await service.choose_store(request, of_path or texts)
    ask = build_ask(endpoint, request, store, texts)
    if endpoint.asks:
        ask = structs.replace(
            ask,
            media_type=_media_type(endpoint, request),
            body=await _read_body(endpoint, request),
            form=await read_form(endpoint, request),
        )
    made = await service.make(endpoint, request, ask)
    kept = PINNED if {*texts, *of_path} >= {*endpoint.pinned_by} else CURRENT
    if endpoint.asks or not endpoint.is_kept:
        kept = NEVER_KEPT
    if isinstance(made, Download):
        cast("dict[str, Any]", request.scope)[FILE] = made.file
        made = Representation(b"", made.media_type, made.etag)
    if endpoint.asks:  # the others may be compressed, and are refused then
        LARGE_ANSWERS.refuse_more(len(made.body))
    return send(request, made, store, kept, endpoint.policy)


def redirect(page: Endpoint, request: ApiRequest) -> ASGIResponse:
    """Send a browser from an address of the API to its page, with its query."""
    store = service_of(request).datasets_of(request).current
    id_ = quote(request.path_params.get("id", ""), safe="", errors="surrogateescape")
    query = quote(request.scope["query_string"], safe=_IN_QUERIES)
    address = page.path.replace("{id}", id_) + (f"?{query}" if query else "")
    headers = common_headers(store, CURRENT) | {"Location": address, "Vary": "Accept"}
    return ASGIResponse(status_code=303, headers=headers)


def parse_texts(endpoint: Endpoint, query: bytes) -> dict[str, list[str]]:
    """Parse a query into texts, in the order of the endpoint's parameters, so that an answer does
    not depend on theirs; pages remove some."""
    texts: Texts = parse_query(query, endpoint.most_parameters)
    if endpoint.clean:
        texts = endpoint.clean(texts)
    order = {name: at for at, name in enumerate(endpoint.parameters.__struct_fields__)}
    return dict(sorted(texts.items(), key=lambda one: order.get(one[0], len(order))))


def build_ask(
    endpoint: Endpoint,
    request: ApiRequest,
    store: Store,
    texts: Texts,
    form: Mapping[str, bytes] = {},
) -> Ask:
    service = service_of(request)
    return Ask(
        path=request.scope["path"],
        texts=texts,
        parameters=endpoint.parameters,
        store=store,
        datasets=service.datasets_of(request),
        base_url=service.base_url(request),
        id=request.path_params.get("id", ""),
        is_of_dataset=endpoint.is_of_dataset,
        form=form,
    )


def _represent(endpoint: Endpoint, ask: Ask) -> Representation | Download:
    found = endpoint.handler(ask)
    if isinstance(found, Representation | Download):
        return found
    same = ask.media_type if ask.media_type in endpoint.answers else endpoint.media_type
    return Representation.of(endpoint.encode(found), same)


def refuse_coded_body(request: ApiRequest) -> None:
    """Refuse a body that is compressed."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        detail = f"Unsupported Content-Encoding {printable(coding)!r}. Send the body as it is."
        raise Refusal.of("unsupported-media-type", detail)


def _media_type(endpoint: Endpoint, request: ApiRequest) -> str:
    refuse_coded_body(request)
    media_type, options = request.content_type
    charset = options.get("charset", "utf-8").lower()
    if media_type not in endpoint.asks or charset not in ("utf-8", "utf8", "us-ascii"):
        accepted = " or ".join(endpoint.asks)
        detail = f"Unsupported body. Send {accepted} in UTF-8, and set Content-Type."
        raise Refusal.of("unsupported-media-type", detail)
    return media_type


async def _read_body(endpoint: Endpoint, request: ApiRequest) -> bytes:
    try:
        return await service_of(request).bodies.read(request)
    except RequestEntityTooLarge:
        detail = f"The body is too large: the limit is {endpoint.most_bytes:,} bytes."
        raise Refusal.of("payload-too-large", detail) from None


async def read_form(endpoint: Endpoint, request: ApiRequest) -> dict[str, bytes]:
    """Read the fields of a form, files too; none of another body. Refusal for an invalid form,
    and for a field that is given twice."""
    if FORM not in endpoint.asks or request.content_type[0] != FORM:
        return {}
    await _read_body(endpoint, request)
    try:
        fields = (await request.form()).multi_items()
    except (HTTPException, ValueError, LookupError):  # also of text in an unknown encoding
        raise Refusal.of("invalid-value", "The form is not valid.") from None
    form: dict[str, bytes] = {}
    for name, value in fields:
        if name in form:
            detail = f"The form has {printable(name)!r} more than once. Give it once."
            raise Refusal.of("repeated-parameter", detail)
        if isinstance(value, UploadFile):
            await value.seek(0)
            form[name] = await value.read()
        else:
            form[name] = str(value).encode(errors="replace")
    return form


def send(
    request: ApiRequest,
    representation: Representation,
    store: Store,
    cache_control: str,
    policy: str | None = None,
) -> ASGIResponse:
    headers = common_headers(store, cache_control, policy)
    if request.method != "POST":
        headers["ETag"] = representation.etag
    return ASGIResponse(
        body=representation.body, media_type=representation.media_type, headers=headers
    )


def common_headers(store: Store, cache_control: str, policy: str | None = None) -> dict[str, str]:
    """Build the headers of every response, including errors. A policy is for pages; web/access.py
    adds what browsers are told of all."""
    headers = {
        "Cache-Control": cache_control,
        "X-Dataset-Version": store.snapshot.version,
    }
    return headers | {"Content-Security-Policy": policy} if policy else headers


def status_headers(status: int) -> dict[str, str]:
    """The header that says how to ask again: with a key, or in so many seconds."""
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="Paycite"'}
    return {"Retry-After": "1"} if status == 503 else {}
