"""Change the members and managers that a batch names, after its objects are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.model import SyncAction
from connector.tenant.intake import Claimant, MembersOnly
from connector.tenant.plain import Keeping

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from connector.model import SyncObject, SyncResult
    from connector.tenant.intake import Case
    from connector.tenant.ports import Store


def refers(item: SyncObject) -> bool:
    """Tell whether an object of a batch names members or a manager."""
    return bool(item.member_changes) or item.manager is not None


def relink(
    store: Store,
    objects: Sequence[SyncObject],
    cases: Sequence[Case],
    results: list[SyncResult],
    version: int,
) -> bool:
    """Change members and managers of the objects that did not fail; tell whether any did.

    An object that only this changes gets the action ``updated``.
    """
    named = {
        case.number: (position, item)
        for position, (item, case) in enumerate(zip(objects, cases, strict=True))
        if refers(item)
        and isinstance(case, Claimant | Keeping | MembersOnly)
        and results[position].action != SyncAction.FAILED
    }
    if not named:
        return False
    changed = _relink(store, [(number, item) for number, (_, item) in named.items()], version)
    for number in changed:
        position, _ = named[number]
        if results[position].action == SyncAction.UNCHANGED:
            results[position] = results[position]._replace(action=SyncAction.UPDATED)
    return bool(changed)


def _relink(store: Store, named: Collection[tuple[int, SyncObject]], version: int) -> set[int]:
    members = [(number, item.member_changes) for number, item in named if item.member_changes]
    managers = [(number, item.manager) for number, item in named if item.manager is not None]
    changed = store.change_members(members, version) if members else set()
    return changed | (store.change_managers(managers, version) if managers else set())
