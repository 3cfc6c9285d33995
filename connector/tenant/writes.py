"""What a decision changes in the tables of the tenant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.tenant.objects import claims_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.tenant.objects import Claim, Errors, TenantObject


@dataclass(slots=True)
class Writes:
    """Everything to write for a decision.

    Claims are given up before others are granted. ``given_up`` and ``granted`` are rows of the
    table ``claim``: namespace, key, holder. ``deleted`` objects go for good. ``renamed`` has objects as
    they were before their source anchor changed. ``errors`` has the provisioning errors of every
    object that had or has some, ``failed_first`` the anchors of groups whose first attempt failed.
    """

    inserted: list[TenantObject] = field(default_factory=list)
    updated: list[TenantObject] = field(default_factory=list)
    deleted: list[TenantObject] = field(default_factory=list)
    soft_deleted: list[TenantObject] = field(default_factory=list)
    renamed: list[TenantObject] = field(default_factory=list)
    given_up: list[tuple[str, str, int]] = field(default_factory=list)
    granted: list[tuple[str, str, int]] = field(default_factory=list)
    errors: list[tuple[TenantObject, Errors]] = field(default_factory=list)
    failed_first: list[str] = field(default_factory=list)

    def change_objects(self) -> bool:
        """Tell whether any object changes."""
        return bool(self.inserted or self.updated or self.deleted or self.soft_deleted)

    def came_or_went(self, before: Mapping[int, TenantObject]) -> list[str]:
        """Return the source anchors of what sync clients have from now on, or no longer have.

        ``before`` has objects by number as they were; one that it does not have may be among them.
        """
        some = self.inserted + self.deleted + self.soft_deleted
        some += [item for item in self.updated if not _is_there(before.get(item.number))]
        return [item.anchor for item in some if item.anchor is not None]

    def give_up(self, claims: Iterable[Claim], holder: int) -> None:
        self.given_up += [(namespace, key, holder) for namespace, key in claims]

    def grant(self, claims: Iterable[Claim], holder: int) -> None:
        self.granted += [(namespace, key, holder) for namespace, key in claims]

    def update(self, before: TenantObject, after: TenantObject, errors: Errors) -> None:
        """Change an object with its claims and its provisioning errors."""
        held, wanted = claims_of(before), claims_of(after)
        self.updated.append(after)
        self.errors.append((after, errors))
        self.give_up(held - wanted, after.number)
        self.grant(wanted - held, after.number)


def _is_there(item: TenantObject | None) -> bool:
    return item is not None and item.synced == 1 and item.deleted is None
