"""The root DSE, in which a server describes itself (RFC 4512 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.directory.controls import DIRSYNC, SYNC_REQUEST
from connector.values import dn as dns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ATTRIBUTES = (
    "supportedControl",
    "supportedCapabilities",
    "vendorName",
    "namingContexts",
    "dsServiceName",
    "dnsHostName",
    "highestCommittedUSN",
    "currentTime",
    "lastChangeNumber",
    "subschemaSubentry",
)

_ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"


class RootDse(NamedTuple):
    """The facts of a root DSE that matter here.

    ``service``, ``host``, ``usn`` and ``time`` are a domain controller's: the DN of its settings, its
    name, the number of its last change and its clock (generalized time).
    ``last_change`` is the number of the last change in a retro changelog, 0 where there is none;
    ``schema`` the DN of the entry that shows the schema.
    """

    controls: frozenset[str] = frozenset()
    capabilities: frozenset[str] = frozenset()
    vendor: str = ""
    naming_contexts: tuple[str, ...] = ()
    service: str = ""
    host: str = ""
    usn: int = 0
    time: str = ""
    last_change: int = 0
    schema: str = ""

    @classmethod
    def of(cls, attributes: Mapping[str, Sequence[bytes]]) -> RootDse:
        def texts(name: str) -> tuple[str, ...]:
            return tuple(v.decode("utf-8", "backslashreplace") for v in attributes.get(name, ()))

        def text(name: str) -> str:
            return "".join(texts(name)[:1])

        def number(name: str) -> int:
            return int(text(name)) if text(name).isdecimal() else 0

        return cls(
            frozenset(texts("supportedcontrol")),
            frozenset(texts("supportedcapabilities")),
            "".join(texts("vendorname")),
            texts("namingcontexts"),
            text("dsservicename"),
            text("dnshostname"),
            number("highestcommittedusn"),
            text("currenttime"),
            number("lastchangenumber"),
            text("subschemasubentry"),
        )

    @property
    def has_sync(self) -> bool:
        return SYNC_REQUEST in self.controls

    @property
    def has_dirsync(self) -> bool:
        return self.is_active_directory and DIRSYNC in self.controls

    @property
    def is_active_directory(self) -> bool:
        return _ACTIVE_DIRECTORY in self.capabilities

    @property
    def is_389(self) -> bool:
        return "389" in self.vendor or "red hat" in self.vendor.lower()

    @property
    def id_attribute(self) -> str:
        """The attribute by which an entry is known for life."""
        if self.is_active_directory:
            return "objectGUID"
        return "nsUniqueId" if self.is_389 else "entryUUID"

    @property
    def mark_attribute(self) -> str:
        """The attribute that is another one after each change and is read with every entry, if any."""
        if self.is_active_directory:
            return "uSNChanged"
        return "" if self.is_389 else "entryCSN"

    @property
    def parents_filter(self) -> str:
        """The filter that finds what has entries below it; empty where none does."""
        if self.is_active_directory:
            return ""
        return "(numSubordinates>=1)" if self.is_389 else "(hasSubordinates=TRUE)"

    @property
    def start(self) -> tuple[str, str]:
        """The entry and its attribute that say since when the server runs; empty where none does."""
        if self.is_active_directory:
            return "", ""
        if self.is_389:
            return "cn=monitor", "startTime"
        return "cn=Start,cn=Time,cn=Monitor", "monitorTimestamp"

    def context(self, base: str) -> str:
        """Return the naming context that the base is in, the base itself where none is shown."""
        base_key = dns.key(base)
        above = [name for name in self.naming_contexts if dns.is_below(base_key, dns.key(name))]
        return max(above, key=len, default=base)
