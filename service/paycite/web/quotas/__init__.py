"""How much a client may ask for: units in a minute, for each API key and each client address.

Requests spend from an account. One unit is spent in front of everything, what an answer costs to
make is spent when it is made; a finished answer costs nothing more. Answers say what is left, as in
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/ ("RateLimit header fields
for HTTP").
"""

from functools import lru_cache
from math import ceil
from typing import Any

from msgspec import Struct

from paycite.model.problem import Refusal
from paycite.settings import Settings
from paycite.web.borders import PROBES
from paycite.web.quotas.clients import Clients
from paycite.web.quotas.leases import LEASE, Leases, Ledger
from paycite.web.quotas.local_ledger import SCHEME, LocalLedger
from paycite.web.quotas.windows import Taken, Windows

WINDOW = 60  # seconds
LEDGER_WINDOW = WINDOW + LEASE  # units may be used up to LEASE seconds after they are taken
# In units; docs/quotas.md explains them.
REQUEST = 1
SIGN_IN = 9
WRONG_KEY = 10
AGENT = 4
# Scope key: the account of the request.
ACCOUNT = "paycite.account"

_FREE_FOLDER = "/static/"
Headers = list[tuple[bytes, bytes]]


class Account(Struct):
    """What a request spends from."""

    _quotas: "Quotas"
    _who: str
    _quota: int
    _whose: str
    _taken: Taken | None = None

    async def charge(self, units: int) -> None:
        """Refusal if there are not so many units left."""
        if units >= self._quota:  # with the request's own, more than there can be
            detail = (
                f"This takes {units:,} units, and the quota of {self._whose} is {self._quota:,} "
                "a minute. Split it into several requests."
            )
            raise Refusal.of("payload-too-large", detail)
        self._taken = taken = await self._quotas.take(self._who, self._quota, units)
        if not taken.granted:
            detail = (
                f"The quota of {self._whose} is used up: {self._quota:,} units a minute. "
                f"Try again in {_seconds(taken)} s."
            )
            raise Refusal.of("too-many-requests", detail)

    def charge_now(self, units: int) -> bool:
        """Charge if this process can grant it without waiting; return whether it did."""
        self._taken = self._quotas.take_now(self._who, self._quota, units)
        return self._taken is not None and self._taken.granted > 0

    def headers(self, status: int) -> Headers:
        """What is left, and when more units come back."""
        taken = self._taken or Taken(0, self._quota, 0)
        seconds = _seconds(taken)
        left = b'"default";r=%d;t=%d' % (taken.left, seconds)
        headers = [_policy(self._quota), (b"ratelimit", left)]
        return headers if status != 429 else [*headers, (b"retry-after", b"%d" % seconds)]


class Quotas:
    """The accounts of all clients. None for those without a quota."""

    def __init__(self, settings: Settings) -> None:
        self._of_address = settings.quota
        self._of_key = settings.key_quota
        self._clients = Clients(settings.proxies)
        self._leases: Leases | None = None
        self._windows = Windows(WINDOW)
        if settings.has_quotas and settings.quota_server:
            self._leases = Leases(open_ledger(settings.quota_server), WINDOW)

    def open(self, peer: str, path: str, forwarded: bytes, key: str | None) -> Account | None:
        """The account of the key with that name, or of the client at the address `peer`."""
        quota = self._of_address if key is None else self._of_key
        if not quota or path in PROBES or path.startswith(_FREE_FOLDER):
            return None
        if key is None:
            who = self._clients.find(peer, forwarded)
            return Account(self, who, quota, "your address")
        return Account(self, "key:" + key, quota, "this key")

    def take_now(self, who: str, quota: int, units: int) -> Taken | None:
        """What is granted, as `Leases.take_now` says."""
        if self._leases:
            return self._leases.take_now(who, quota, units)
        return self._windows.take(who, quota, units, units)

    async def take(self, who: str, quota: int, units: int) -> Taken:
        if self._leases:
            return await self._leases.take(who, quota, units)
        return self._windows.take(who, quota, units, units)

    async def close(self) -> None:
        if self._leases:
            await self._leases.close()


async def charge(scope: Any, units: int) -> None:
    """Spend units of the account of a request, if it has one. Refusal if they are not left."""
    account: Account | None = scope.get(ACCOUNT)
    if account and units:
        await account.charge(units)


def open_ledger(address: str) -> Ledger:
    """ImportError without the package redis; TypeError or ValueError for an invalid address."""
    if address.startswith(SCHEME):
        return LocalLedger(address)
    from paycite.web.quotas.redis_ledger import RedisLedger  # an extra

    return RedisLedger(address, LEDGER_WINDOW)


def _seconds(taken: Taken) -> int:
    return max(1, ceil(taken.wait))


@lru_cache(16)
def _policy(quota: int) -> tuple[bytes, bytes]:
    return b"ratelimit-policy", b'"default";q=%d;w=%d' % (quota, WINDOW)
