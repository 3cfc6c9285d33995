"""Tell whether the host of an address is this machine, by its name alone: nobody is asked."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Tell whether traffic to a host stays on this machine.

    Only ``localhost`` and a whole loopback address count. A name that begins like one may be anybody's,
    and what a resolver makes of a short form such as ``127.1`` is not known here.
    """
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
