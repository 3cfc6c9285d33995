"""Answer the questions about a tenant from its connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.tenant.sqlite import errors, queries, waiting

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from connector.model import ShadowObject
    from connector.tenant.objects import Claim, ProvisioningError, TenantObject
    from connector.tenant.ports import ObjectCounts
    from connector.tenant.provisioning_errors import ErrorQuery, ProvisioningErrorRecord, Summary
    from connector.tenant.quarantine import Waiter


class Questions:
    """Implements ``ports.Questions``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def counts(self) -> ObjectCounts:
        return queries.counts(self._connection)

    def shadows(
        self, since: int | None, upto: int, client: int | None = None
    ) -> Iterator[ShadowObject]:
        return queries.shadows(self._connection, since, upto, client)

    def objects(self, kind: str | None, *, deleted: bool) -> Iterator[dict[str, Any]]:
        return queries.objects(self._connection, kind, deleted=deleted)

    def bytes_on_server(self) -> None:
        """Have no server."""

    def is_synchronized(self) -> bool:
        return queries.is_synchronized(self._connection)

    def memberships(self) -> Iterator[dict[str, str]]:
        return queries.memberships(self._connection)

    def members(self, group: int) -> list[dict[str, str]]:
        return queries.members(self._connection, group)

    def manager(self, number: int) -> dict[str, str] | None:
        return queries.manager(self._connection, number)

    def resolve(self, identity: str, *, deleted: bool) -> TenantObject | None:
        return queries.resolve(self._connection, identity, deleted=deleted)

    def named(self, name: str, *, deleted: bool) -> list[TenantObject]:
        return queries.named(self._connection, name, deleted=deleted)

    def errors_of(self, numbers: Sequence[int]) -> dict[int, list[ProvisioningError]]:
        return queries.errors_of(self._connection, numbers)

    def errors(
        self, query: ErrorQuery, *, one_namespace: bool = False
    ) -> Iterator[ProvisioningErrorRecord]:
        return errors.provisioning_errors(self._connection, query, one_namespace=one_namespace)

    def with_errors(self, query: ErrorQuery) -> Iterator[dict[str, Any]]:
        return queries.with_errors(self._connection, query)

    def holder_of(
        self, attribute: str, value: str, *, one_namespace: bool = False
    ) -> Summary | None:
        return errors.holder_of(self._connection, attribute, value, one_namespace=one_namespace)

    def waiters_for_free_values(self) -> list[Waiter]:
        return waiting.waiters_for_free_values(self._connection)

    def waiters_for(self, claims: Sequence[Claim]) -> list[Waiter]:
        return [one for claim in claims for one in waiting.waiters_for(self._connection, claim)]
