"""Which client a request comes from, through the proxies that are trusted."""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from paycite.web.rsgi import UNREADABLE

UNKNOWN = "unknown"  # all such clients share one account
_IPV6_BITS = 64  # the least that a customer gets, who can use any address in it
_MOST_BYTES = 500  # of X-Forwarded-For, from its end
# Some proxies add a port.
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([\d.]+):\d+")


class Clients:
    """`proxies` are the addresses or networks whose `X-Forwarded-For` is believed."""

    def __init__(self, proxies: Iterable[str]) -> None:
        self._trusted = [ip_network(one, strict=False) for one in proxies]
        self._find = lru_cache(4096)(self._follow)

    def find(self, peer: str, forwarded: bytes) -> str:
        """The address of the client, or its network with IPv6."""
        return self._find(peer, forwarded[-_MOST_BYTES:] if self._trusted else b"")

    def _follow(self, peer: str, forwarded: bytes) -> str:
        """From right to left: each proxy appends the address that it was asked from, so what an
        address says that is not trusted is only what it likes to say."""
        address = _parse(peer)
        hops = forwarded.decode("latin-1").split(",")
        while address and hops and self._is_trusted(address):
            before = _parse(hops.pop().strip())
            if forwarded == UNREADABLE:
                return UNKNOWN
            if before is None:
                break
            address = before
        return _name(address)

    def _is_trusted(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    if found := _WITH_PORT.fullmatch(text):
        text = found[1] or found[2] or ""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _name(address: IPv4Address | IPv6Address | None) -> str:
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), _IPV6_BITS), strict=False))
    return str(address)
