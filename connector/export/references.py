"""Send what objects refer to: the members of groups, and the managers of objects.

They come after the objects, so that both ends are in the tenant. After a crash they are sent again, which
changes nothing where the tenant has them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from connector.model import (
    ManagerWork,
    MemberWork,
    ObjectType,
    SyncCode,
    SyncObject,
    SyncOperation,
    manager_property,
)
from connector.ports import TakesSoMuch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from connector.logs.log import Log
    from connector.ports import ExportQueue, Tenant
    from connector.run import Counts

LINKS = 15_000
"""Memberships or managers of one batch, as many as the real service takes at once."""


class References:
    """Sends the changes of one export, and counts those of objects that were not sent before."""

    def __init__(  # noqa: PLR0913 - what an export has
        self,
        queue: ExportQueue,
        tenant: Tenant,
        log: Log,
        counts: Counts,
        *,
        now: Callable[[], str],
        stop: Callable[[], bool],
    ) -> None:
        self._queue = queue
        self._tenant = tenant
        self._log = log
        self._counts = counts
        self._now = now
        self._stop = stop
        self._links = tenant.most_links if isinstance(tenant, TakesSoMuch) else LINKS
        self._groups: set[str] = set()

    def export(self, session: int, groups: Collection[str]) -> bool:
        """Send all that can be sent; return whether it came to the end.

        ``groups`` were counted and logged as objects already.
        """
        self._groups.update(groups)
        return self._export_members(session) and self._export_managers(session)

    # --- members ------------------------------------------------------------------------------

    def _export_members(self, session: int) -> bool:
        """Send memberships.

        While the tenant works on one batch, the one before is recorded and the one after is read.
        """
        is_stopped = False
        pages = enumerate(self._queue.members(self._links))
        with ThreadPoolExecutor(1, thread_name_prefix="export") as sender:
            works = next(pages, None)
            sent = sender.submit(self._send_members, session, *works) if works else None
            while sent is not None:
                works = next(pages, None)
                taken, position = sent.result()
                if self._stop():
                    is_stopped, works = True, None
                sent = sender.submit(self._send_members, session, *works) if works else None
                self._queue.record_members(taken, position=position)
                for work in taken:
                    self._note_members(work)
        return not is_stopped

    def _send_members(
        self, session: int, number: int, works: Sequence[MemberWork]
    ) -> tuple[list[MemberWork], str]:
        """Send memberships; return those that the tenant took, and its position afterwards."""
        objects = [
            SyncObject(ObjectType.GROUP, SyncOperation.SET, work.group, member_changes=work.changes)
            for work in works
        ]
        taken = self._taken(f"{self._now()}/{session}/members/{number}", objects)
        return [works[place] for place in taken], self._tenant.position()

    def _taken(self, batch: str, objects: Sequence[SyncObject]) -> list[int]:
        """Send a batch; return the places of the objects that the tenant took."""
        results = self._tenant.export(batch, objects)
        return [place for place, each in enumerate(results) if each.code == SyncCode.SUCCESS]

    def _note_members(self, work: MemberWork) -> None:
        """Count and log a group of which only the members changed; others were logged as objects."""
        if work.group in self._groups:
            return
        self._groups.add(work.group)
        self._counts.updates += 1
        added = sum(change.add for change in work.changes)
        self._log.info(
            "object.updated",
            anchor=work.group,
            type=ObjectType.GROUP.value,
            attributes=["members"],
            members_added=added,
            members_removed=len(work.changes) - added,
        )

    # --- managers -----------------------------------------------------------------------------

    def _export_managers(self, session: int) -> bool:
        for number, works in enumerate(self._queue.managers(self._links)):
            objects = [
                SyncObject(work.type, SyncOperation.SET, work.anchor, manager=work.manager or "")
                for work in works
            ]
            taken = self._taken(f"{self._now()}/{session}/managers/{number}", objects)
            done = [works[place] for place in taken]
            self._queue.record_managers(done, position=self._tenant.position())
            for work in done:
                self._note_manager(work)
            if self._stop():
                return False
        return True

    def _note_manager(self, work: ManagerWork) -> None:
        """Count and log an object of which only the manager changed; others were logged as objects."""
        if work.beside is not None or work.anchor in self._groups:
            return
        self._counts.updates += 1
        self._log.info(
            "object.updated",
            anchor=work.anchor,
            type=work.type.value,
            attributes=[manager_property(work.type)],
        )
