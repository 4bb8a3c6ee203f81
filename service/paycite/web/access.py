"""Who sees what. Each request is given one view of the datasets, in front of everything that
answers; without a valid key that is the public one, in which private sources do not exist."""

from http.cookies import CookieError, SimpleCookie
from typing import Any, cast

from anyio.to_thread import run_sync
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils import normalize_path

from paycite.dataset.store import Datasets, Views
from paycite.keys import Keys
from paycite.model.problem import Fault, Refusal
from paycite.web.finished import VIEW
from paycite.web.handlers.sign_in import COOKIE
from paycite.web.problems import draw_problem

# Other sites show these in frames and scripts, where a cookie must not count.
_ALWAYS_PUBLIC = ("/embed", "/embed.html", "/embed.js", "/oembed")
# What a browser needs to sign in again after its key was revoked.
_WITHOUT_COOKIE = ("/login.html", "/logout", "/static/")
_DIFFERS_BY = b"Authorization, Cookie"


class Access:
    """An ASGI application in front of the finished answers `app` of `framework`."""

    def __init__(
        self, app: ASGIApp, framework: Litestar, views: Views, keys: Keys, *, is_open: bool = False
    ) -> None:
        self._app = app
        self._framework = framework
        self._views = views
        self._keys = keys
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        try:
            is_public = self._is_public(scope)
        except Refusal as refusal:
            await self._refuse(refusal, scope, receive, send)
            return
        await self._choose(scope, is_public=is_public)
        send = _by_viewer(send, is_public=is_public, is_open=self._is_open)
        await self._app(scope, receive, send)

    async def _choose(self, scope: Scope, *, is_public: bool) -> None:
        view: Datasets | None = self._views.opened.get(is_public)
        if view is None:
            view = await run_sync(lambda: self._views.open(is_public=is_public))
        cast("dict[str, Any]", scope)[VIEW] = view

    def _is_public(self, scope: Scope) -> bool:
        """Refusal for a key that does not work: its holder must not take the public answer for
        the whole one."""
        path = normalize_path(scope["path"])
        if path in _ALWAYS_PUBLIC:
            return True
        if self._is_open:
            return False
        bearer = cookies = b""
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:7].lower() == b"bearer ":
                bearer = value[7:].strip() or b"?"
            elif name == b"cookie":
                cookies = cookies + b"; " + value if cookies else value
        if bearer:
            return self._check(bearer.decode("latin-1"), is_session=False)
        if COOKIE.encode() in cookies and not path.startswith(_WITHOUT_COOKIE):
            token = _read_cookie(cookies.decode("latin-1"))
            return self._check(token, is_session=True) if token else True
        return True

    def _check(self, secret: str, *, is_session: bool) -> bool:
        keys = self._keys
        key = keys.find_session(secret) if is_session else keys.find(secret)
        if key:
            keys.note_use(key.name)
            return False
        raise Refusal(
            [
                Fault(
                    type="unauthorized",
                    detail="The API key is wrong, expired or revoked. Ask for a new one, "
                    "or leave it out to see public sources only.",
                )
            ]
        )

    async def _refuse(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        await self._choose(scope, is_public=True)
        scope["app"] = scope["litestar_app"] = self._framework
        request: Request[Any, Any, State] = Request(scope, receive)
        response = draw_problem(request, refusal)
        await response.to_asgi_response(None, request)(
            scope, receive, _by_viewer(send, is_public=True, is_open=self._is_open)
        )


def _by_viewer(send: Send, *, is_public: bool, is_open: bool) -> Send:
    """Tell caches that an answer depends on who asks, and that one with private sources is not
    theirs to keep."""

    async def send_marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = []
            vary = b""
            for name, value in message["headers"]:
                if name == b"vary":
                    vary = vary + b", " + value if vary else value
                elif name == b"cache-control" and not is_public:
                    headers.append((name, value.replace(b"public", b"private")))
                else:
                    headers.append((name, value))
            if not is_open:
                vary = vary + b", " + _DIFFERS_BY if vary else _DIFFERS_BY
            if vary:
                headers.append((b"vary", vary))
            message = {**message, "headers": headers}
        await send(message)

    return send_marked


def _read_cookie(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return "?"
    return found.value if found else "?"
