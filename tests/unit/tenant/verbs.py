"""Verbs that read as the seed does: objects to export, and a tenant to export them to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector.model import MemberChange, ObjectType, SyncObject, SyncOperation, SyncResult
from connector.settings import TenantSettings
from connector.tenant.service import TenantService, open_tenant
from connector.tenant.sqlite.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from connector.tenant.postgresql.server import Server

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def user(name: str, upn: str | None = None, *proxies: str, **more: Any) -> SyncObject:
    properties = {"displayName": name.title(), "userPrincipalName": upn or f"{name}@contoso.com"}
    return _set(ObjectType.USER, name, properties, proxies, more)


def group(name: str, *proxies: str, **more: Any) -> SyncObject:
    return _set(ObjectType.GROUP, name, {"displayName": name.title()}, proxies, more)


def contact(name: str, *proxies: str, **more: Any) -> SyncObject:
    return _set(ObjectType.CONTACT, name, {"displayName": name.title()}, proxies, more)


def delete(item: SyncObject) -> SyncObject:
    return SyncObject(item.object_type, SyncOperation.DELETE, item.source_anchor)


def members(
    item: SyncObject, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()
) -> SyncObject:
    changes = [MemberChange(name, add=True) for name in add]
    changes += [MemberChange(name, add=False) for name in remove]
    return SyncObject(item.object_type, SyncOperation.SET, item.source_anchor, None, tuple(changes))


def led(item: SyncObject, manager: str) -> SyncObject:
    """Give an object a manager, or with an empty one none."""
    return SyncObject(item.object_type, SyncOperation.SET, item.source_anchor, manager=manager)


def _set(
    kind: ObjectType,
    name: str,
    properties: dict[str, Any],
    proxies: tuple[str, ...],
    more: dict[str, Any],
) -> SyncObject:
    if proxies:
        properties["proxyAddresses"] = list(proxies)
    return SyncObject(kind, SyncOperation.SET, name, properties | more)


def sqlite_store(tenant: TenantService) -> Store:
    """Return the store of a tenant that lies in SQLite, for a look at its tables."""
    store = tenant._store
    assert isinstance(store, Store)
    return store


class World:
    """A tenant, its clock, and a count of the batches sent to it."""

    def __init__(self, place: Path | Server, **settings: Any) -> None:
        self.place = place
        usual: dict[str, Any] = {
            "initial_domain": "contoso.onmicrosoft.com",
            "verified_domains": ("contoso.com", "fabrikam.com"),
            "random_seed": 1,
        }
        self.settings = TenantSettings(**usual | settings)
        self.time = START
        self.batches = 0
        self.tenant = self.open()

    def open(self) -> TenantService:
        return open_tenant(self.place, self.settings, clock=lambda: self.time)

    def switch(self, **settings: Any) -> None:
        """Go on with other settings."""
        self.tenant.close()
        self.settings = self.settings.model_copy(update=settings)
        self.tenant = self.open()

    def export(self, *objects: SyncObject) -> list[SyncResult]:
        self.batches += 1
        self.time += timedelta(minutes=1)
        return self.tenant.export(f"batch {self.batches}", objects)

    def sweep(self) -> list[tuple[str, str]]:
        """Sweep; return whose value came back, and which."""
        self.time += timedelta(hours=1)
        return [(item.name, item.value) for item in self.tenant.sweep().released]

    def upns(self) -> dict[str, str]:
        return {
            item["displayName"]: item["userPrincipalName"] for item in self.tenant.objects("user")
        }

    def proxies(self) -> dict[str, list[str]]:
        return {item["displayName"]: item["proxyAddresses"] for item in self.tenant.objects()}

    def errors(self) -> list[tuple[str, str, str]]:
        """Return every provisioning error: whose, which attribute, which value."""
        return sorted(
            (record.object.display_name, record.property, record.value)
            for record in self.tenant.provisioning_errors()
        )

    def close(self) -> None:
        self.tenant.close()
