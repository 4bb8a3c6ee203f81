"""Read who asks from the headers of a request."""

from base64 import b64decode
from functools import lru_cache
from typing import Any, Self

from litestar.utils import normalize_path
from msgspec import Struct

from paycite.keys import PREFIX
from paycite.web.handlers.sign_in import COOKIE
from paycite.web.rsgi import UNREADABLE

# Scope key: what the request says about the caller.
ASKED = "paycite.asked"
# Other sites show these in frames and scripts, where a cookie must not count.
_ALWAYS_PUBLIC = ("/embed", "/embed.html", "/embed.js", "/embed.json", "/oembed")
# Files and lists below these paths get shared, so a key adds nothing to them.
_PUBLIC_FILES = ("/datasets/", "/datasets.atom")
# Asked whether the process runs, with whatever headers.
_LIVENESS = "/health"
# What a browser needs to sign in again after its key was revoked.
_WITHOUT_COOKIE = ("/login.html", "/logout", "/static/")
_MIN_GENERATION = b"min-generation"
_READ = (
    *(b"host", b"origin", b"authorization", b"cookie", b"x-api-key", b"x-forwarded-for"),
    _MIN_GENERATION,
)
normalize = lru_cache(1024)(normalize_path)


class Asked(Struct):
    """What a request says about who asks."""

    path: str
    is_public: bool  # whatever key it has
    hosts: list[bytes]
    forwarded: bytes = b""
    origin: bytes = b""
    key: str | None = None
    has_misplaced_key: bool = False  # in another scheme or header
    session: str | None = None
    has_unreadable_cookies: bool = False  # one may be of a session
    generations: list[bytes] = []

    @classmethod
    def of(cls, scope: Any) -> Self:
        path = normalize(scope["path"])
        asked = cls(path, _is_always_public(path), [])
        repeated = {b"host": asked.hosts, _MIN_GENERATION: asked.generations}
        read = (b"host",) if path == _LIVENESS else _READ
        has_session = not path.startswith(_WITHOUT_COOKIE)
        for name, value in scope["headers"]:
            if name not in read:
                continue
            if name in repeated:
                repeated[name].append(value)
            elif name == b"origin":
                asked.origin = value
            elif name == b"x-forwarded-for":
                asked.forwarded += b"," + value if asked.forwarded else value
            elif name in (b"authorization", b"x-api-key"):
                scheme, _, key = value.decode("latin-1").replace("\t", " ").partition(" ")
                is_bearer = scheme.lower() == "bearer" or value == UNREADABLE
                if is_bearer and name == b"authorization":
                    asked.key = key.strip()
                else:
                    asked.has_misplaced_key |= _has_key(value)
            elif has_session and value == UNREADABLE:
                asked.has_unreadable_cookies = True
            elif has_session and COOKIE.encode() in value:
                asked.session = _find_session(value, asked.session)
        return asked


def _is_always_public(path: str) -> bool:
    return path in _ALWAYS_PUBLIC or path.startswith(_PUBLIC_FILES)


def _has_key(value: bytes) -> bool:
    """Whether a header has a key in it, as it is or in Base64, as the scheme Basic sends it."""
    if PREFIX.encode() in value:
        return True
    try:
        return PREFIX.encode() in b64decode(value.rpartition(b" ")[2])
    except ValueError:
        return False


def _find_session(cookies: bytes, found: str | None) -> str | None:
    for one in cookies.decode("latin-1").split(";"):
        cookie, _, token = one.partition("=")
        if cookie.strip() == COOKIE:
            found = token.strip()
    return found
