"""Tell what the name of a host or a domain is, by the name alone: nobody is asked."""

from __future__ import annotations

import re
from ipaddress import ip_address

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")


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


def is_domain(name: str) -> bool:
    """Tell whether a text is a domain name that a tenant can have."""
    return _DOMAIN.fullmatch(name) is not None
