"""Derive the domain of a base DN."""

from __future__ import annotations

import re

from connector.values.dn import rdn_value

_COMPONENT = re.compile(r"(?:[^,\\]|\\.)+", re.DOTALL)


def domain_of(base_dn: str) -> str:
    """Return ``contoso.com`` for ``ou=staff,dc=contoso,dc=com`` (RFC 2247), empty without any dc."""
    components = [component.strip() for component in _COMPONENT.findall(base_dn)]
    return ".".join(
        rdn_value(component).strip().lower()
        for component in components
        if component.partition("=")[0].strip().lower() == "dc"
    )
