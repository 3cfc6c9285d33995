"""Open the tenant of another site. Nothing is loaded for it before settings name one."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from connector.settings.secrets import tenant_secret
from connector.tenant.machine import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connector.settings import TenantSettings
    from connector.tenant.service import TenantService

SECONDS_OF_A_READER = 5.0
"""For how long a command that only looks tries."""


def open_remote(  # noqa: PLR0913 - as ``open_tenant``
    settings: TenantSettings,
    *,
    clock: Callable[[], datetime] = utc_now,
    read_only: bool = False,
    rehearsed: bool = False,
    patient: bool = True,
    stop: Callable[[], bool] = lambda: False,
    enter: Callable[[TenantService], None] = lambda _: None,
) -> TenantService:
    """Open the tenant of ``settings.url``; ``enter`` is called before, else nothing is asked yet.

    ``rehearsed`` has the server undo all that is asked; unless ``patient``, ``enter`` is not tried again.

    Raises TenantUnavailable, and what ``enter`` raises.
    """
    from connector.tenant.remote.connection import (  # noqa: PLC0415 - few settings name one
        SECONDS_OF_TRYING,
        Connection,
        Credentials,
    )
    from connector.tenant.remote.tenant import RemoteTenant  # noqa: PLC0415 - as above

    connection = Connection(
        str(settings.url),
        Credentials(str(settings.client_id), partial(tenant_secret, settings)),
        ca_file=settings.ca_file,
        patience=SECONDS_OF_A_READER if read_only else SECONDS_OF_TRYING,
        stop=stop,
    )
    tenant = RemoteTenant(connection, settings, clock)
    try:
        if rehearsed:
            tenant.rehearse()
        if not read_only:
            with nullcontext() if patient else connection.hurried():
                enter(tenant)
    except BaseException:
        tenant.close()
        raise
    return tenant
