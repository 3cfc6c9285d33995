"""Find values that several objects share, as the tenant compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.lint.findings import COMPLETE, DUPLICATE, EDIT, REMOVE, Finding
from connector.values.addresses import ProxyAddress, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.model import StagedEntry


class _Use(NamedTuple):
    """One value of one object, with the facts that decide who may keep it."""

    dn: str
    object_type: str
    attribute: str
    value: str
    has_nickname: bool


class Duplicates:
    """Collects the unique values of all objects; ``findings`` yields the repeated ones.

    Memory grows with the number of addresses: about 300 bytes each.
    """

    def __init__(self) -> None:
        self._uses: dict[tuple[str, str], list[_Use]] = {}

    def collect(self, entry: StagedEntry) -> None:
        nickname = bool(entry.attributes.get("mailnickname"))
        for space, key, attribute, value in _unique_values(entry):
            use = _Use(entry.dn, entry.type.value, attribute, value, nickname)
            self._uses.setdefault((space, key), []).append(use)

    def findings(self) -> Iterator[Finding]:
        """Yield a finding for each use of a shared value, in collecting order."""
        for uses in self._uses.values():
            names = list(dict.fromkeys(use.dn for use in uses))
            if len(names) < 2:  # noqa: PLR2004 - one object may name its address twice
                continue
            for use in uses:
                others = ", ".join(name for name in names if name != use.dn)
                yield Finding(
                    use.dn,
                    use.object_type,
                    use.attribute,
                    DUPLICATE,
                    use.value,
                    None,
                    _action(use),
                    f"also on {others}",
                )


def _unique_values(entry: StagedEntry) -> Iterator[tuple[str, str, str, str]]:
    """Yield (namespace, key, attribute, value as given) for each value that must be unique."""
    attributes = entry.attributes
    upns = attributes.get("userprincipalname", ())
    for value in upns:
        yield "upn", fold(value.strip()), "userPrincipalName", value
    for value in attributes.get("proxyaddresses", ()):
        proxy = ProxyAddress.parse(value)
        if proxy.is_mailbox or (proxy.scheme and proxy.key and not proxy.is_smtp):
            yield proxy.kind, proxy.key, "proxyAddresses", value
    for name in ("mail", "mailNickname", "targetAddress"):
        for value in attributes.get(name.lower(), ()):
            yield name, fold(value.strip()), name, value
    if not upns:
        for value in attributes.get("samaccountname", ()):
            yield "sAMAccountName", fold(value.strip()), "sAMAccountName", value


def _action(use: _Use) -> str:
    """Suggest who keeps a value, as IdFix does: the object that uses it for mail."""
    if use.attribute != "proxyAddresses":
        return COMPLETE if use.has_nickname else EDIT
    if not use.has_nickname:
        return REMOVE
    return COMPLETE if ProxyAddress.parse(use.value).is_primary else EDIT
