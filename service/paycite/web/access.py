"""Who sees what. Each request is given one view of the datasets, in front of everything that
answers; without a valid key that is the public one, in which private sources do not exist. It also
reports and checks the generation."""

import logging
import re
from functools import lru_cache
from typing import Any, cast
from urllib.parse import parse_qs

import msgspec
from anyio.to_thread import run_sync
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from paycite import __version__
from paycite.dataset.pointer import PUBLIC
from paycite.dataset.pointer import Scope as Sources
from paycite.dataset.published import Datasets, Views
from paycite.dataset.store import DatasetError
from paycite.keys import Key, Keys
from paycite.model.problem import Refusal
from paycite.settings import Settings
from paycite.web.asked import ASKED, Asked, normalize
from paycite.web.borders import Borders
from paycite.web.finished import DATASET_VERSION, NEVER_KEPT, VIEW
from paycite.web.metrics import count_refusal
from paycite.web.problems import MEDIA_TYPE, NOT_READY, draw_problem
from paycite.web.quotas import ACCOUNT, REQUEST, WRONG_KEY, Account, Quotas
from paycite.web.respond import status_headers
from paycite.web.rsgi import split_address

_UNREADABLE_COOKIES = (
    "The cookies of this site have characters that are not ASCII, so none of them can be read. "
    "Delete them in the browser, or send a key in the header Authorization."
)
_LOG = logging.getLogger("paycite")
_DIFFERS_BY = b"Authorization, Cookie, X-API-Key"
_GENERATION = re.compile(r"[0-9]{1,18}", re.ASCII)
_OF_DATASETS = re.compile(r"/datasets/([^/.]+)(\.\w+)?")
_MOST_OF_A_HEADER = 8_192  # bytes, and of the path
Header = tuple[bytes, bytes]
# For browsers, unless an answer says otherwise. Data runs no script; a picture may style itself.
_GUARDS = {
    b"content-security-policy": b"script-src 'none'; connect-src 'none'; object-src 'none'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Addresses have questions in them; other sites need not know them.
    b"referrer-policy": b"same-origin",
    b"x-content-type-options": b"nosniff",
    b"x-service-version": __version__.encode(),
}
Headers = tuple[Header, ...]
Shown = Sources | None  # all private sources if None


class Access:
    """An ASGI application in front of the finished answers `app` of `framework`."""

    def __init__(
        self,
        app: ASGIApp,
        framework: Litestar,
        views: Views,
        keys: Keys,
        quotas: Quotas,
        settings: Settings,
    ) -> None:
        self._app = app
        self._framework = framework
        self._views = views
        self._keys = keys
        self._quotas = quotas
        self._borders = Borders(settings)
        self._open_sources = settings.opened
        self._is_open = settings.is_open
        self._has_quotas = settings.has_quotas

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        try:
            _check_head(scope)
        except Refusal as refusal:
            bare = {**scope, "path": "/", "raw_path": b"/", "query_string": b"", "headers": []}
            await self._refuse(refusal, cast("Scope", bare), receive, send)
            return
        asked = cast("dict[str, Any]", scope)[ASKED] = Asked.of(scope)
        try:
            self._borders.check_host(asked.hosts, asked.path)
        except Refusal as refusal:
            named = [one for one in scope["headers"] if one[0] != b"host"]
            await self._refuse(refusal, cast("Scope", {**scope, "headers": named}), receive, send)
            return
        try:
            key, wrong = self._find_key(asked), None
        except Refusal as refusal:
            key, wrong = None, refusal
        peer = scope["client"][0] if scope["client"] else ""
        account = cast("dict[str, Any]", scope)[ACCOUNT] = self._open_account(peer, asked, key)
        view = None
        try:
            # A browser sends no key before it may, so its preflight costs nothing.
            if account and (wrong or scope["method"] != "OPTIONS"):
                await account.charge(WRONG_KEY if wrong else REQUEST)
            if asked.origin and asked.path == "/mcp":
                self._borders.check_agent(asked.origin)
            if wrong:
                raise wrong
            view = await self._choose(scope, self._find_shown(asked, key))
            if asked.generations:
                await _check_generation(view, asked.generations, _find_pinned(scope))
        except Refusal as refusal:
            # In the public view where the private one cannot be opened.
            await self._refuse(refusal, scope, receive, send, view.scope if view else PUBLIC)
            return
        marked = self._marked(send, scope, view, asked.origin)
        await self._app(scope, receive, marked)

    def readmit(self, client: str, asked: Asked) -> tuple[Datasets | None, Account | None]:
        """What a request sees whose headers were admitted before, and the account that it is
        charged to; `client` is the address and port that it comes from. No view if it is to be
        looked at again."""
        try:
            key = self._find_key(asked)
        except Refusal:
            return None, None
        account = None
        if self._has_quotas:
            account = self._open_account(split_address(client)[0], asked, key)
        if account and not account.charge_now(REQUEST):
            return None, None
        return self._views.opened.get(self._find_shown(asked, key)), account

    def _find_shown(self, asked: Asked, key: Key | None) -> Shown:
        if asked.is_public:
            return PUBLIC
        return self._open_sources if key is None else key.scope

    def _open_account(self, peer: str, asked: Asked, key: Key | None) -> Account | None:
        return self._quotas.open(peer, asked.path, asked.forwarded, key.name if key else None)

    async def _choose(self, scope: Scope, shown: Shown) -> Datasets:
        view: Datasets | None = self._views.opened.get(shown)
        if view is None:
            try:
                view = await run_sync(self._views.open, shown)
            except DatasetError as error:
                _LOG.error("cannot serve the published dataset: %s", error)
                raise Refusal([NOT_READY]) from None
        cast("dict[str, Any]", scope)[VIEW] = view
        return view

    def _find_key(self, asked: Asked) -> Key | None:
        """Refusal for a key that does not work: its holder must not take the public answer for
        the whole one."""
        if self._is_open or asked.is_public:
            return None
        if asked.key is not None:
            return self._check(asked.key, is_session=False)
        if asked.has_misplaced_key:
            raise Refusal.of("unauthorized", "Send an API key as `Authorization: Bearer KEY`.")
        if asked.has_unreadable_cookies and self._keys.exist():
            raise Refusal.of("invalid-value", _UNREADABLE_COOKIES)
        if asked.session is not None:
            return self._check(asked.session, is_session=True)
        return None

    def _check(self, secret: str, *, is_session: bool) -> Key:
        keys = self._keys
        if key := keys.find_session(secret) if is_session else keys.find(secret):
            return key
        raise Refusal.of(
            "unauthorized",
            "The API key is wrong, expired or revoked. Ask for a new one, or leave it out to see "
            "public sources only.",
        )

    async def _refuse(
        self,
        refusal: Refusal,
        scope: Scope,
        receive: Receive,
        send: Send,
        shown: Shown = PUBLIC,
    ) -> None:
        try:
            view = await self._choose(scope, shown)
        except Refusal as unavailable:
            await self._refuse_without_dataset(unavailable, scope, receive, send)
            return
        scope["app"] = scope["litestar_app"] = self._framework
        request: Request[Any, Any, State] = Request(scope, receive)
        response = draw_problem(request, refusal)
        if cors := "origin" in request.headers and self._framework.cors_config:
            response.headers.update(cors.simple_headers)
        marked = self._marked(send, scope, view, b"")
        await response.to_asgi_response(None, request)(scope, receive, marked)

    async def _refuse_without_dataset(
        self, refusal: Refusal, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send a problem that names no dataset, because none can be opened for who asks."""
        problem = refusal.problem(scope["path"])
        count_refusal(problem.type)
        response = ASGIResponse(
            body=msgspec.json.encode(problem),
            status_code=problem.status,
            media_type=MEDIA_TYPE,
            headers={"Cache-Control": NEVER_KEPT, **status_headers(problem.status)},
        )
        await response(scope, receive, self._marked(send, scope, None, b""))

    def _marked(self, send: Send, scope: Scope, view: Datasets | None, origin: bytes) -> Send:
        """Tell browsers what an answer must not do, and caches that it depends on who asks and
        that they must not store an answer with private sources. Pages of other sites may read
        these only if they are set to.

        The generation is that of the dataset that answered. A pinned answer has none: it is the
        same in all of them."""
        is_public = not view or view.is_public
        is_secret = not is_public and not (origin and self._borders.may_read(origin))
        generations = view.generations if view and not _find_pinned(scope) else {}

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = tuple(message["headers"])
                if view and scope.get("method") == "OPTIONS":
                    headers += ((DATASET_VERSION, view.current.version.encode()),)
                versions = (value for name, value in headers if name == DATASET_VERSION)
                generation = next((generations.get(one.decode()) for one in versions), None)
                marked = _mark(headers, generation, self._is_open, is_public, is_secret)
                message = {**message, "headers": marked}
            await send(message)

        return send_marked


def _check_head(scope: HTTPScope) -> None:
    """Refuse what no client sends, before anything that is looked at is kept."""
    texts = [("path", scope["path"].encode())]
    texts += [(f"header {name.decode('latin-1')}", value) for name, value in scope["headers"]]
    for name, value in texts:
        if len(value) > _MOST_OF_A_HEADER:
            detail = f"The {name} has {len(value):,} bytes: the limit is {_MOST_OF_A_HEADER:,}."
            raise Refusal.of("invalid-value", detail)


def _find_pinned(scope: Scope) -> set[str]:
    """The versions that a request names, if its answer is the same in every generation."""
    path, query = normalize(scope["path"]), scope["query_string"]
    if not (path.startswith("/datasets/") or b"dataset" in query or b"%" in query):
        return set()  # usually, and faster: kept answers come here too
    found = _OF_DATASETS.fullmatch(path)
    if found and found[1] != "changes":
        return {found[1]}
    named = parse_qs(query.decode("latin-1"))
    names = ("from", "to") if found else ("dataset",)
    return {one for name in names for one in named[name]} if {*names} <= {*named} else set()


async def _check_generation(view: Datasets, wanted: list[bytes], pinned: set[str]) -> None:
    """Refusal if the view is behind the generation that a client has seen elsewhere, unless it has
    the datasets that the request is pinned to."""
    text = b", ".join(wanted).decode("latin-1")
    if not _GENERATION.fullmatch(text):
        detail = f"Invalid Min-Generation {text[:50]!r}: expected a whole number, such as 3."
        raise Refusal.of("invalid-value", detail)
    is_behind = view.generation < int(text)
    if is_behind and not (pinned and pinned <= {*await run_sync(view.kept)}):
        detail = (
            f"This server is at generation {view.generation} of the dataset, behind {int(text)}. "
            "Ask again, or without Min-Generation."
        )
        raise Refusal.of("not-ready", detail)


@lru_cache(1024)  # the headers of a kept answer are the same each time
def _mark(
    headers: Headers, generation: int | None, is_open: bool, is_public: bool, is_secret: bool
) -> list[Header]:
    named = dict(headers)
    marked = [(name, value) for name, value in _GUARDS.items() if name not in named]
    used_by = b"same-origin" if _is_page(named) or not is_public else b"cross-origin"
    marked.append((b"cross-origin-resource-policy", used_by))
    varied = []
    for name, value in headers:
        if name == b"vary":
            varied.append(value)
        elif name == b"allow":  # GET endpoints also answer HEAD
            marked.append((name, value.replace(b"GET", b"GET, HEAD")))
        elif name == b"cache-control" and not is_public:
            marked.append((name, value.replace(b"public", b"private")))
        elif name != b"access-control-allow-origin" or not is_secret:
            marked.append((name, value))
    if generation is not None:
        marked.append((b"x-dataset-generation", b"%d" % generation))
        varied.append(b"Min-Generation")
    varied.append(b"Origin")  # without it, an answer does not say which pages may read it
    if not is_open:
        varied.append(_DIFFERS_BY)
    marked.append((b"vary", b", ".join(varied)))
    return marked


def _is_page(headers: dict[bytes, bytes]) -> bool:
    """Whether it is a page that other sites do not show in a frame."""
    is_framed = headers.get(b"content-security-policy", b"").endswith(b"frame-ancestors *")
    return headers.get(b"content-type", b"").startswith(b"text/html") and not is_framed
