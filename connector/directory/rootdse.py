"""What a server says about itself in its root DSE (RFC 4512 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.directory.controls import SYNC_REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ATTRIBUTES = ("supportedControl", "supportedCapabilities", "vendorName", "namingContexts")

_ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"


class RootDse(NamedTuple):
    controls: frozenset[str] = frozenset()
    capabilities: frozenset[str] = frozenset()
    vendor: str = ""
    naming_contexts: tuple[str, ...] = ()

    @classmethod
    def of(cls, attributes: Mapping[str, Sequence[bytes]]) -> RootDse:
        def texts(name: str) -> tuple[str, ...]:
            return tuple(v.decode("utf-8", "backslashreplace") for v in attributes.get(name, ()))

        return cls(
            frozenset(texts("supportedcontrol")),
            frozenset(texts("supportedcapabilities")),
            "".join(texts("vendorname")),
            texts("namingcontexts"),
        )

    @property
    def has_sync(self) -> bool:
        return SYNC_REQUEST in self.controls

    @property
    def is_389(self) -> bool:
        return "389" in self.vendor or "red hat" in self.vendor.lower()

    @property
    def id_attribute(self) -> str:
        """The attribute by which an entry is known for life."""
        if _ACTIVE_DIRECTORY in self.capabilities:
            return "objectGUID"
        return "nsUniqueId" if self.is_389 else "entryUUID"
