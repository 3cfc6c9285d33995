"""Read single facts from the attributes of a staged entry: shared by scope and flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.values.addresses import ProxyAddress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Attributes = Mapping[str, Sequence[str]]

_SECURITY_GROUP = 0x80000000


def text(attributes: Attributes, names: Iterable[str]) -> str | None:
    """Return the first value, trimmed, of the first of these attributes that is not blank."""
    for name in names:
        if name in attributes:
            for value in attributes[name]:
                if trimmed := value.strip():
                    return trimmed
    return None


def one(attributes: Attributes, name: str) -> str:
    """Return the first value of an attribute, trimmed; empty for none."""
    return text(attributes, (name,)) or ""


def number(attributes: Attributes, name: str) -> int:
    """Return a whole number; 0 when the attribute is absent or is not a number."""
    try:
        return int(attributes[name][0])
    except (KeyError, IndexError, ValueError):
        return 0


def mail_enabled(attributes: Attributes) -> bool:
    """Tell whether a group or contact can receive mail: an SMTP proxy address, or a mail with ``@``.

    The default rules look for an upper-case ``SMTP:``; the article on users, groups and contacts
    says that a group with nothing but ``smtp:`` is mail-enabled too, and is followed here.
    """
    proxies = map(ProxyAddress.parse, attributes.get("proxyaddresses", ()))
    if any(proxy.is_smtp and "@" in proxy.address for proxy in proxies):
        return True
    return any("@" in mail for mail in attributes.get("mail", ()))


def security_enabled(attributes: Attributes) -> bool:
    """Tell whether a group grants access: the sign bit of groupType; groups of plain LDAP do."""
    return "grouptype" not in attributes or bool(number(attributes, "grouptype") & _SECURITY_GROUP)
