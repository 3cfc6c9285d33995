"""A call of a sync client, and the tenant that answers it: the tenant itself, or a rehearsal of which nothing is kept."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.web.sync import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.tenant.clients import Client
    from connector.tenant.service import TenantService
    from connector.web.context import Context
    from connector.web.exchange import Call

REHEARSAL = "sync-rehearsal"
"""The header that names a rehearsal."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call of a sync client: what came, what answers, and the client id of its application."""

    call: Call
    context: Context
    app: str

    def rehearsal(self) -> str | None:
        """Return the id of the rehearsal that the call belongs to, None where it is meant."""
        return self.call.headers.get(REHEARSAL)

    @contextmanager
    def at_work(self) -> Iterator[TenantService]:
        """Lend the tenant to write; raises Refused, StorageUnusable."""
        if (identity := self.rehearsal()) is not None:
            with self.context.rehearsals.at_work(identity, self.app) as tenant:
                yield tenant
        else:
            with self.context.sync.at_work() as tenant:
                yield tenant

    @contextmanager
    def reading(self) -> Iterator[TenantService]:
        """Lend the tenant to read; raises Refused, StorageUnusable, QueryTooLong."""
        if (identity := self.rehearsal()) is not None:
            with self.context.rehearsals.at_work(identity, self.app) as tenant:
                yield tenant
        else:
            with self.context.reading() as readers:
                yield readers.tenant

    def client(self, tenant: TenantService) -> Client:
        """Return the client that comes by the application, and let the tenant serve it; raises Refused."""
        found = tenant.clients.of_app(self.app)
        if found is None:
            raise refusals.NOT_ENTERED
        tenant.client = found.number
        return found
