"""Where things are; each setting is an environment variable, listed in docs/operating.md."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import IPv6Address, ip_network
from math import inf
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from msgspec import Struct
from platformdirs import user_data_path

_PACKAGE = Path(__file__).parent
_SHIPPED = _PACKAGE / "shipped"  # only in an installed package; a checkout has these files itself
IS_CHECKOUT = not _SHIPPED.is_dir()
ROOT = _PACKAGE.parents[1] if IS_CHECKOUT else _SHIPPED

ANY_HOST = "*"


class Setting(Struct, frozen=True):
    """An environment variable: what is accepted, as a pattern and in words."""

    pattern: str
    expected: str
    is_list: bool = False  # separated by commas
    parse: Callable[[str], object] = str  # ValueError if the text is not valid

    def accepts(self, text: str) -> bool:
        with suppress(ValueError):
            self.parse(text)
            return bool(re.fullmatch(self.pattern, text))
        return False


def _whole_number(least: int, most: float = inf) -> Setting:
    def check(text: str) -> None:
        if not least <= int(text) <= most:
            raise ValueError

    ends = f"from {least}" if most == inf else f"from {least} to {most}"
    return Setting("0|[1-9][0-9]*", f"a whole number {ends}", parse=check)


def _parse_network(text: str) -> object:
    return ip_network(text, strict=False)


def _parse_name(text: str) -> object:
    return IPv6Address(text) if ":" in text else text


def _parse_address(text: str) -> object:
    return urlsplit(text).port  # also of a name in brackets, which must be an IPv6 address


_ADDRESS = r"https?://[^/?#,:\s\"<>][^/?#,\s\"<>]*"
_PATH = Setting(r"[^\0]+", "a path")
# The costliest answer that is no batch takes less than the smallest quota.
_QUOTA = _whole_number(200, 999_999_999)
SETTINGS = {
    "PAYCITE_DATA": _PATH,
    "PAYCITE_SEEDS": _PATH,
    "PAYCITE_KEEP": _whole_number(1),
    "PAYCITE_FEWEST_EMPLOYERS": _whole_number(5, 1_000),
    "PAYCITE_LARGEST_SHARE": _whole_number(1, 100),
    "PAYCITE_MONTHS_OF_AGE": _whole_number(0, 120),
    "PAYCITE_KEEP_PRIVATE": Setting("yes|no", "yes or no"),
    "PAYCITE_URL": Setting(
        _ADDRESS, "an address such as https://pay.example", parse=_parse_address
    ),
    "PAYCITE_OPEN": Setting("[a-z0-9-]+", "all, or private sources", is_list=True),
    "PAYCITE_HOSTS": Setting(
        r"\*|[A-Za-z0-9_.:-]+",
        "names such as pay.example, without a port",
        is_list=True,
        parse=_parse_name,
    ),
    "PAYCITE_ORIGINS": Setting(
        _ADDRESS, "addresses such as https://app.example", is_list=True, parse=_parse_address
    ),
    "PAYCITE_LOG": Setting("text|json", "text or json"),
    "PAYCITE_QUOTA": _QUOTA,
    "PAYCITE_KEY_QUOTA": _QUOTA,
    "PAYCITE_QUOTA_SERVER": Setting(
        r"(rediss?|valkeys?|unix|paycite-workers)://\S+",
        "an address such as redis://localhost:6379",
    ),
    "PAYCITE_PROXIES": Setting(
        ".+", "addresses or networks such as 10.0.0.0/8", is_list=True, parse=_parse_network
    ),
}
_PREFIX = "PAYCITE_"
# Switches of the tests, without the prefix.
_OF_TESTS = (
    *("BROWSER", "CEPH", "CLIENTS", "HTTPFS", "LOAD", "OFFICE", "PYTHONS", "REDIS"),
    *("RENEW", "SHARED_DATA", "SPARK"),
)
# What Kubernetes and Docker set beside a service that is called paycite.
_OF_CLUSTERS = re.compile(r"PAYCITE_(SERVICE_(HOST|PORT)|PORT)(_\w+)?")


class Settings(Struct, frozen=True, kw_only=True):
    seeds: Path
    data: Path
    datasets: Path
    imported: Path
    observations: Path
    keep: int
    url: str | None
    fewest_employers: int
    largest_share: float
    months_of_age: int
    keep_private: bool
    opened: frozenset[str] | None  # the private sources that every caller sees; all if None
    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    logs_json: bool
    quota: int | None  # units a minute, for an address
    key_quota: int | None
    quota_server: str | None
    proxies: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return self.opened is None or bool(self.opened)

    @property
    def has_quotas(self) -> bool:
        return self.quota is not None or self.key_quota is not None

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment variables; ValueError with every one that is unknown or bad."""
        given = {name: text for name, text in os.environ.items() if name.startswith(_PREFIX)}
        if faults := [fault for name, text in given.items() for fault in _find_faults(name, text)]:
            raise ValueError("\n".join(faults))
        opened = _split(given.get("PAYCITE_OPEN", ""))
        own = ROOT / "data" if IS_CHECKOUT else user_data_path("paycite", appauthor=False)
        data = Path(given.get("PAYCITE_DATA") or own)
        return cls(
            seeds=Path(given.get("PAYCITE_SEEDS") or ROOT / "seeds"),
            data=data,
            datasets=data / "datasets",
            imported=data / "distributions",
            observations=data / "observations",
            keep=int(given.get("PAYCITE_KEEP") or 5),
            url=given.get("PAYCITE_URL") or None,
            fewest_employers=int(given.get("PAYCITE_FEWEST_EMPLOYERS") or 5),
            largest_share=int(given.get("PAYCITE_LARGEST_SHARE") or 25) / 100,
            months_of_age=int(given.get("PAYCITE_MONTHS_OF_AGE") or 3),
            keep_private=given.get("PAYCITE_KEEP_PRIVATE") == "yes",
            opened=None if "all" in opened else frozenset(opened),
            hosts=_split(given.get("PAYCITE_HOSTS", "")),
            origins=_split(given.get("PAYCITE_ORIGINS", "")),
            logs_json=given.get("PAYCITE_LOG") == "json",
            quota=int(given.get("PAYCITE_QUOTA") or 0) or None,
            key_quota=int(given.get("PAYCITE_KEY_QUOTA") or 0) or None,
            quota_server=given.get("PAYCITE_QUOTA_SERVER") or None,
            proxies=_split(given.get("PAYCITE_PROXIES", "")),
        )


def _find_faults(name: str, text: str) -> Iterator[str]:
    """Say what is wrong with a variable; an empty one is as good as none."""
    setting = SETTINGS.get(name)
    if setting is None:
        if name.removeprefix(_PREFIX) not in _OF_TESTS and not _OF_CLUSTERS.fullmatch(name):
            near = get_close_matches(name, SETTINGS, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Settings: {', '.join(SETTINGS)}."
            yield f"Unknown setting {name}. {hint}"
        return
    for one in _split(text) if setting.is_list else filter(None, [text]):
        if not setting.accepts(one):
            yield f"Invalid {name} {one!r}: expected {setting.expected}."


def _split(text: str) -> tuple[str, ...]:
    return tuple(one.strip().lower() for one in text.split(",") if one.strip())
