"""Choose the value that counts where LDAP has several and Active Directory one: it stands first."""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as quote
from typing import TYPE_CHECKING

from connector.values import dn as dns
from connector.values.canonical import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LISTS = frozenset(("proxyaddresses",))
"""All attributes that flow as a list, in lower case. Of any other one value counts."""


def choosing(attributes: str, preferred: Mapping[str, str], dn: str) -> str:
    """Put the value that counts first, in the attributes of a staged entry.

    It is that of the RDN, else the preferred one, if the entry has it; else the first stays so.
    """
    loaded: dict[str, list[str]] = decode(attributes)
    named = dns.rdn_values(dn)
    for name, values in loaded.items():
        if len(values) > 1 and name not in LISTS:
            wanted = [text for text in (named.get(name), preferred.get(name)) if text is not None]
            found = (value for text in wanted for value in _matching(values, text))
            if chosen := next(found, None):
                others = sorted(values, key=_octets)
                others.remove(chosen)
                loaded[name] = [chosen, *others]
    return _dump(loaded)


def unchosen(attributes: str) -> str:
    """Sort the values of each attribute of a staged entry by bytes, as if none were chosen."""
    loaded: dict[str, list[str]] = decode(attributes)
    return _dump({name: sorted(values, key=_octets) for name, values in loaded.items()})


def _matching(values: Iterable[str], wanted: str) -> list[str]:
    """Return the values that equal one; that which is spelled alike comes first."""
    key = dns.value_key(wanted)
    equal = [value for value in values if dns.value_key(value) == key]
    return sorted(equal, key=lambda value: value != wanted)


def _octets(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


def _dump(attributes: Mapping[str, Sequence[str]]) -> str:
    """Write attributes in the form in which they are staged."""
    members = (
        f"{quote(name)}:[{','.join(map(quote, values))}]" for name, values in attributes.items()
    )
    return "{" + ",".join(members) + "}"
