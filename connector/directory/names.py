"""Refuse entries in an answer that cannot be what was asked for, by their names.

A server that answers with what lies outside the base, or with what is not a name, is not the directory
of the settings: something rewrites its answers, or another search is answered. Pure.
"""

from __future__ import annotations

import re

from connector.errors import MalformedAnswer
from connector.values import dn as dns

_KEPT = 8192
_SHOWN = 200
_RDN = re.compile(r"\s*[A-Za-z0-9][A-Za-z0-9.;-]*\s*=")
_COMMA = re.compile(r"(?<!\\)(?:\\\\)*,")
_TYPE = re.compile(r"(^|(?<!\\)[,+])([a-z0-9.-]+)=")
# RFC 4519: the long names and the OIDs of the types that names are made of.
_SHORT = {
    "commonname": "cn",
    "2.5.4.3": "cn",
    "countryname": "c",
    "2.5.4.6": "c",
    "localityname": "l",
    "2.5.4.7": "l",
    "stateorprovincename": "st",
    "2.5.4.8": "st",
    "organizationname": "o",
    "2.5.4.10": "o",
    "organizationalunitname": "ou",
    "2.5.4.11": "ou",
    "domaincomponent": "dc",
    "0.9.2342.19200300.100.1.25": "dc",
    "userid": "uid",
    "0.9.2342.19200300.100.1.1": "uid",
}


class Expected:
    """The names that the answer to one search may hold: the base, and with ``below`` all below it."""

    def __init__(self, base: str, *, below: bool) -> None:
        self._base = base
        self._key = _key(base)
        self._below = below
        # The parents of entries that were looked at: nearly every entry has one that is known.
        self._parents: set[str] = set()

    def check(self, dn: str) -> None:
        """Raise MalformedAnswer for a name that does not belong into the answer."""
        rdn, _, parent = dn.partition(",")
        if parent in self._parents and "=" in rdn and rdn[0] != "=":
            return
        key = _key(dn)
        if key == self._key:
            return
        if not _is_name(dn):
            raise MalformedAnswer(f"an entry with the name {dn[:_SHOWN]!r}, which is not a DN")
        if not self._below or not dns.is_below(key, self._key):
            raise MalformedAnswer(
                f"the entry {dn[:_SHOWN]!r}, which a search of {self._base!r} cannot find"
            )
        if _is_name(parent) and dns.is_below(_key(parent), self._key):
            if len(self._parents) >= _KEPT:
                self._parents.clear()
            self._parents.add(parent)


def _is_name(dn: str) -> bool:
    """Tell whether every component of a DN has a type; the empty DN has none."""
    return all(_RDN.match(part) for part in _COMMA.split(dn))


def _key(dn: str) -> str:
    """Fold a DN; the long names and the OIDs of types count as the short names."""
    return _TYPE.sub(lambda found: f"{found[1]}{_SHORT.get(found[2], found[2])}=", dns.key(dn))
