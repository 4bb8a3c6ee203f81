"""Names of this machine that no other machine can use."""

import ipaddress
from functools import lru_cache


@lru_cache(256)  # the few names by which a service is reached
def is_loopback(host: str) -> bool:
    """Whether a name or address, without a port, is of the loopback."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
