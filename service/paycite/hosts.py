"""Names of this machine that no other machine can use."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether a name or address, without a port, is of the loopback."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
