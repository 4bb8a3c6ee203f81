"""Which host names the service answers to, and which websites may read it.

A page of another site can point a name of its own at 127.0.0.1 and then read a local service as if
it were that site (DNS rebinding), so requests by unknown names are refused.
"""

import re
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from paycite.hosts import is_loopback
from paycite.model.problem import Refusal
from paycite.settings import ANY_HOST, Settings

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d{1,5})?", re.ASCII)
# Those who check on a process ask by its address, which is not known before.
PROBES = ("/health", "/ready")


class Borders:
    def __init__(self, settings: Settings) -> None:
        ours = {urlsplit(settings.url).hostname or ""} if settings.url else set()
        self._hosts = {*settings.hosts, *ours}
        self._origins = {*settings.origins, *((settings.url,) if settings.url else ())}

    def check_host(self, hosts: list[bytes], path: str) -> None:
        """Refusal for a `Host` that is not one, or not one of this service. A client that sends
        none is not a browser."""
        names = [_name(host) for host in hosts]
        if len(names) > 1 or None in names:
            raise Refusal.of("invalid-value", "Invalid Host header: expected a name and a port.")
        if path in PROBES or ANY_HOST in self._hosts:
            return
        for name in names:
            if name is not None and name not in self._hosts and not is_loopback(name):
                raise Refusal.of(
                    "invalid-value",
                    f"This service is not known as {name!r}. If it should be, set PAYCITE_HOSTS to "
                    "that name, or PAYCITE_URL to its public address, and start it again.",
                )

    def may_read(self, origin: bytes) -> bool:
        """Whether pages of an origin may read private sources."""
        return origin.decode("latin-1") in self._origins

    def check_agent(self, origin: bytes) -> None:
        """Refusal if a page of this origin may not use `/mcp`."""
        if not self.may_read(origin) and not _is_local(origin):
            raise Refusal.of(
                "forbidden",
                "Pages of this origin may not use /mcp. If they should, add it to PAYCITE_ORIGINS.",
            )


@lru_cache(256)
def _name(host: bytes) -> str | None:
    """The name of a `Host` header; None if it is not valid."""
    found = _HOST.fullmatch(host.decode("latin-1"))
    if found is None or int((found[2] or ":0")[1:]) > 65_535:
        return None
    name = found[1].strip("[]")
    if name != found[1]:
        try:
            IPv6Address(name)
        except ValueError:
            return None
    return name.rstrip(".").lower()


def _is_local(origin: bytes) -> bool:
    try:
        return is_loopback(urlsplit(origin.decode("latin-1")).hostname or "")
    except ValueError:
        return False
