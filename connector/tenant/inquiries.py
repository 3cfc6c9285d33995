"""What is asked of the store of a tenant besides the facts of a decision: a part of ``ports``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.model import ShadowObject
    from connector.tenant import delta
    from connector.tenant.objects import Claim, ProvisioningError, TenantObject
    from connector.tenant.provisioning_errors import ErrorQuery, ProvisioningErrorRecord, Summary
    from connector.tenant.quarantine import Waiter
    from connector.tenant.selection import Keys, Page, Selection


class ObjectCounts(NamedTuple):
    """The number of live objects of each type, and of quarantined values."""

    user: int
    group: int
    contact: int
    quarantined: int


class Delta(Protocol):
    """Reads the changes of a tenant."""

    def now(self) -> delta.Moment: ...

    def knows(self, moment: delta.Moment) -> bool:
        """Tell whether all that changed since a moment can be told."""

    def page(self, asked: delta.Round, place: delta.Place, limit: int) -> delta.Page:
        """Return the next changes of a round, at most ``limit``, in one reading transaction of the caller."""


class Questions(Protocol):
    """What is asked of the tenant, but for the facts of a decision."""

    def counts(self) -> ObjectCounts: ...

    def shadows(
        self, since: int | None, upto: int, client: int | None = None
    ) -> Iterator[ShadowObject]:
        """Yield what changed after version ``since``, up to ``upto``.

        First comes what was deleted, left the scope or was taken from the client, then what is there. With
        ``client`` only its own objects come, and those without an owner.
        """

    def objects(self, kind: str | None, *, deleted: bool) -> Iterator[dict[str, Any]]:
        """Stream objects as Graph JSON, by display name as people sort names, then cloud id."""

    def bytes_on_server(self) -> int | None: ...

    def is_synchronized(self) -> bool: ...

    def memberships(self) -> Iterator[dict[str, str]]:
        """Stream the members of all groups, in the order in which groups and members came."""

    def members(self, group: int) -> list[dict[str, str]]:
        """Return the members of a group, by display name as people sort names, then cloud id."""

    def manager(self, number: int) -> dict[str, str] | None:
        """Return the manager of an object, None where it has none."""

    def resolve(self, identity: str, *, deleted: bool) -> TenantObject | None:
        """Find the live object, or the soft-deleted user, that an identity names.

        The identity is tried in this order as: cloud id, source anchor, UPN, SMTP address, SIP
        address, DN. An address with its type prefix is tried among those of its type first.
        """

    def named(self, name: str, *, deleted: bool) -> list[TenantObject]:
        """Return the objects that people call so, whatever the case, by display name, then cloud id.

        A name is a display name, a sAMAccountName, or the uid or cn that a DN begins with.
        """

    def errors_of(self, numbers: Sequence[int]) -> dict[int, list[ProvisioningError]]:
        """Return the provisioning errors of objects, in a stable order."""

    def errors(
        self, query: ErrorQuery, *, one_namespace: bool = False
    ) -> Iterator[ProvisioningErrorRecord]:
        """Yield the provisioning errors that a query asks for.

        With ``one_namespace`` the holder may have the value as the other one of UPN and address. A
        user whose UPN is to stand among its addresses waits for both.
        """

    def with_errors(self, query: ErrorQuery) -> Iterator[dict[str, Any]]:
        """Stream objects as Graph JSON, with those provisioning errors alone that the query asks for.

        The limit of the query counts objects.
        """

    def holder_of(
        self, attribute: str, value: str, *, one_namespace: bool = False
    ) -> Summary | None:
        """Return the holder of a value, None if nobody holds it.

        ``attribute`` is ``UserPrincipalName`` or ``ProxyAddresses``; ``one_namespace`` as above.
        """

    def waiters_for_free_values(self) -> list[Waiter]:
        """Return the objects that wait for a value which nobody holds now."""

    def waiters_for(self, claims: Sequence[Claim]) -> list[Waiter]:
        """Return the objects that wait for these values."""


class Selections(Protocol):
    """Reads pages and counts of what is selected.

    A page starts after the keys of the last object before it, never at a position: what comes or goes
    between two pages moves no other object onto another page.
    """

    def page(self, wanted: Selection, limit: int, after: Keys = ()) -> Page:
        """Return a page of at most ``limit``; raises ValueError for keys of another order."""

    def count(self, wanted: Selection) -> int: ...

    def ids(self, wanted: Selection) -> list[str]:
        """Return the cloud ids of all objects of a selection, sorted."""

    def objects(self, numbers: Sequence[int]) -> dict[int, TenantObject]:
        """Return objects by number, those that are there."""
