"""Open the tenant of the server, to write what sync clients send: one request at a time.

The databases of the server's own connector stay as they are; a daemon may be at work on the same tenant beside
it, as connectors are that share one.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import InvalidSettings, TenantMoved
from connector.storage.instance import share_tenant
from connector.tenant.opening import place_of
from connector.tenant.service import open_tenant
from connector.web.sync import refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.settings import Settings
    from connector.tenant.opening import Place
    from connector.tenant.service import TenantService

WAITING = 4
"""Requests that wait for each other; more are told to come again, so that Graph has threads left."""

_SECONDS_TO_WAIT = 30.0


class ServedTenant:
    """The tenant of the settings; any thread may ask for it.

    A file is opened for each request, because it may be exchanged in between; the connection to a server stays.
    """

    def __init__(self, settings: Settings, broken: Callable[[InvalidSettings], None]) -> None:
        """Take the settings, and who is told where they are others than those of the tenant."""
        self._settings = settings
        self._broken = broken
        self._turns = threading.Lock()
        self._places = threading.BoundedSemaphore(WAITING)
        self._on_server: TenantService | None = None

    @contextmanager
    def at_work(self) -> Iterator[TenantService]:
        """Lend the tenant to write; raises Refused where too many wait, StorageUnusable."""
        with ExitStack() as stack:
            if not self._places.acquire(blocking=False):
                raise refusals.BUSY
            stack.callback(self._places.release)
            if not self._turns.acquire(timeout=_SECONDS_TO_WAIT):
                raise refusals.BUSY
            stack.callback(self._turns.release)
            yield self._opened(stack, place_of(self._settings))

    def opened_to_read(self) -> TenantService:
        """Open the tenant for a reader that lives on after its request; the caller closes it."""
        return open_tenant(place_of(self._settings), self._settings.tenant, read_only=True)

    def close(self) -> None:
        """Close the connection to a server."""
        if self._on_server is not None:
            self._on_server.close()
            self._on_server = None

    def _opened(self, stack: ExitStack, place: Place) -> TenantService:
        try:
            if isinstance(place, Path):
                stack.enter_context(share_tenant(place))
                tenant = open_tenant(place, self._settings.tenant, enter=self._compare)
                stack.callback(tenant.close)
                return tenant
            if self._on_server is None:
                self._on_server = open_tenant(place, self._settings.tenant, enter=self._compare)
            else:
                self._on_server.refuse_moved()
        except TenantMoved:
            raise refusals.MOVED from None
        return self._on_server

    def _compare(self, tenant: TenantService) -> None:
        """Refuse to write by other settings than the clients of the tenant were told of."""
        try:
            tenant.clients.refuse_other_settings(self._settings.tenant)
        except InvalidSettings as error:
            self._broken(error)
            raise refusals.OTHER_SETTINGS from None
