"""Count the users that a synchronization gives a UPN, by the domain that the UPN is in."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from connector.model import ObjectType, Operation
from connector.values.addresses import fold

if TYPE_CHECKING:
    from connector.model import PendingExport
    from connector.tenant.service import TenantService


class UpnSuffixes:
    """The users that get a UPN, or another one, by what stands behind its ``@``."""

    def __init__(self) -> None:
        self._users: Counter[str] = Counter()

    def note(self, export: PendingExport) -> None:
        """Count an export if it sets the UPN of a user."""
        if export.type is ObjectType.USER and (
            export.operation is Operation.ADD or "userPrincipalName" in export.changed
        ):
            upn = export.properties.get("userPrincipalName", "")
            self._users[upn.rpartition("@")[2]] += 1

    def count(self, upn_end: str, users: int) -> None:
        """Count users that get a UPN which ends so, from an ``@`` on."""
        self._users[upn_end.rpartition("@")[2]] += users

    def unverified(self, tenant: TenantService) -> dict[str, int]:
        """Return those in domains that the tenant has not verified, the most users first."""
        if not self._users:
            return {}
        verified = {fold(domain.name) for domain in tenant.administrator.domains()}
        users: Counter[str] = Counter()
        for suffix, count in self._users.items():
            if suffix and fold(suffix) not in verified:
                users[fold(suffix)] += count
        return dict(users.most_common())
