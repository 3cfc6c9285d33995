"""Let the connector of a connector space into its tenant, or ask whether it would be let in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from connector.settings.models import SPACE_FILE, TENANT_FILE
from connector.staging.space import client_of
from connector.tenant.clients import Comer
from connector.tenant.machine import host_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.logs.log import Log
    from connector.settings import Settings
    from connector.staging.space import ConnectorSpace
    from connector.tenant.clients import Client
    from connector.tenant.service import TenantService


def enter_tenant(
    tenant: TenantService,
    *,
    settings: Settings,
    space: ConnectorSpace,
    moved: bool = False,
    told: bool = False,
) -> None:
    """Let the connector of a connector space into the tenant; see ``tenant.membership``."""
    comer = _comer(settings, space.client())._replace(moved=moved)
    has_exported = space.knows(tenant.position())
    client = tenant.clients.enter(
        comer,
        partial(_is_there, comer),
        has_exported=has_exported,
    )
    if comer.id != client.id:
        space.be(client.id)
    tenant.client = client.number
    tenant.clients.tell_settings(settings.tenant, client, told=told)


def begin_work(tenant: TenantService, *, enter: Callable[[TenantService], None], log: Log) -> None:
    """Let the connector in and be seen at work by others; whom it has to wait for, the log tells.

    Raises what ``enter`` raises, and InstanceLocked while another connector needs the tenant for itself.
    """

    def told(held_by: str, seconds: float) -> None:
        log.info("tenant.waiting", held_by=held_by, seconds=round(seconds, 1))

    tenant.others.told = told
    enter(tenant)
    tenant.others.announce(tenant.client or 0)


def examine_entry(tenant: TenantService, settings: Settings) -> None:
    """Raise what ``enter_tenant`` would raise, and change nothing, neither here nor in the tenant."""
    comer = _comer(settings, client_of(settings.storage.path / SPACE_FILE))
    tenant.clients.examine(comer, partial(_is_there, comer))


def _comer(settings: Settings, client: str | None) -> Comer:
    path = settings.storage.path.absolute()
    file = settings.databases.get(TENANT_FILE)
    is_alone = file is not None and file.absolute().parent == path
    return Comer(client, host_name(), str(path), is_alone=is_alone)


def _is_there(comer: Comer, client: Client) -> bool:
    """Tell whether a client's storage folder is where it was, besides the one of the comer.

    A tenant in the comer's own folder is not that of a client with a tenant of its own: it was put there.
    """
    place = Path(client.place)
    if client.place == comer.place or client_of(place / SPACE_FILE) != client.id:
        return False
    return not (comer.is_alone and (place / TENANT_FILE).exists())
