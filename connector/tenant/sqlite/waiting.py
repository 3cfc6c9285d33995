"""Find the objects that wait for a value in quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.tenant.objects import ProvisioningError
from connector.tenant.quarantine import Waiter

if TYPE_CHECKING:
    import sqlite3

    from connector.tenant.objects import Claim


def waiters_for_free_values(connection: sqlite3.Connection) -> list[Waiter]:
    """Return the objects that wait for a value which nobody holds now."""
    return _waiters(
        connection,
        "NOT EXISTS (SELECT 1 FROM claim WHERE claim.key = e.key AND claim.namespace = "
        "CASE e.property WHEN 'UserPrincipalName' THEN 'upn' ELSE 'proxy' END)",
    )


def waiters_for(connection: sqlite3.Connection, claim: Claim) -> list[Waiter]:
    """Return the objects that wait for this value."""
    name = "UserPrincipalName" if claim[0] == "upn" else "ProxyAddresses"
    return _waiters(connection, "e.property = ? AND e.key = ?", (name, claim[1]))


def _waiters(
    connection: sqlite3.Connection, condition: str, parameters: tuple[str, ...] = ()
) -> list[Waiter]:
    sql = (
        "SELECT e.occurred, o.anchor, e.object, e.property, e.key, e.value "  # noqa: S608
        f"FROM provisioning_error e JOIN object o ON o.number = e.object WHERE {condition}"
    )
    return [
        Waiter(
            occurred=occurred,
            anchor=anchor or "",
            number=number,
            error=ProvisioningError(attribute, key, value, occurred),
        )
        for occurred, anchor, number, attribute, key, value in connection.execute(sql, parameters)
    ]
