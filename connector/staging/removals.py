"""Remove the entries that left the directory: confirmed first, judged by a guard, then taken out.

The worst that a sync can do is to delete what is still there. So an entry is removed only when the
directory reported it as gone or, where the answer merely did not mention it, did not return it when
asked for it by id; and a guard sees all removals before they are committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.staging.flowed import Texts
from connector.staging.known import Known, count_objects, look_below, look_up
from connector.staging.worklist import add_memberships, add_reports
from connector.values import dn as dns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from connector.model import DirectoryEntry
    from connector.ports import Directory
    from connector.staging.accounts import Accounts
    from connector.staging.branches import Branch
    from connector.staging.losses import Losses
    from connector.storage.rows import Behind

    Stage = Callable[[Iterator[DirectoryEntry]], set[bytes]]


@dataclass(frozen=True, slots=True)
class Removal:
    """What an import is about to remove, for the guard.

    ``anchors`` are those of the objects to remove, ``staged`` counts the objects that were there
    before the import, ``left`` those that would be there after it. ``losses`` are the attributes that
    the import would take from objects that stay.
    """

    anchors: Sequence[str]
    staged: int
    left: int
    losses: Losses


class Removals:
    """The entries that an import is to remove, listed while it reads.

    ``stage`` stages the entries that the directory returns, and gives their ids; it takes each of them
    off this list (``keep``).
    """

    def __init__(
        self, connection: Behind, directory: Directory, stage: Stage, accounts: Accounts
    ) -> None:
        self._connection = connection
        self._directory = directory
        self._stage = stage
        self._accounts = accounts
        self._listed: dict[bytes, Known | None] = {}

    def add(self, uuids: Iterable[bytes]) -> None:
        """List entries that are gone; ids that were never staged do no harm."""
        self._listed.update(dict.fromkeys(uuids))

    def keep(self, uuids: Iterable[bytes]) -> None:
        """Take entries off the list: the directory has them after all."""
        for uuid in uuids:
            self._listed.pop(uuid, None)

    def look_up(self, uuids: Iterable[bytes]) -> list[Known]:
        """Return those of these listed entries that are staged.

        Each is looked up once: while it is listed nothing changes it.
        """
        wanted = list(uuids)
        new = (uuid for uuid in wanted if self._listed[uuid] is None)
        for known in look_up(self._connection, new):
            self._listed[known.uuid] = known
        return [found for uuid in wanted if (found := self._listed[uuid]) is not None]

    def add_unmentioned(self) -> int:
        """List what the answer did not mention and the directory does not return when asked.

        Returns how many that are.
        """
        rows = self._connection.execute(
            "SELECT uuid FROM entry WHERE uuid NOT IN (SELECT uuid FROM temp.seen)"
        )
        return self._add_confirmed([uuid for (uuid,) in rows])

    def add_below(self, branches: Sequence[Branch]) -> None:
        """Stage what is below these branches; list what is gone from there, or below what goes.

        slapd reports the branch alone (``docs/decisions.md``, "Renamed containers"), so what
        stands below its new name is read, and the rest asked for by id. ``branches`` grows on the way:
        a container below another one is found to have moved when it is staged.
        """
        suspects: dict[bytes, None] = {}
        searched: set[str] = set()
        read: list[str] = []
        for branch in branches:
            if branch.old_key and searched.isdisjoint(dns.ancestors(branch.old_key)):
                searched.add(branch.old_key)
                suspects.update(dict.fromkeys(look_below(self._connection, [branch.old_key])))
            if any(dns.is_below(branch.dn_key, above) for above in read):
                continue
            read.append(branch.dn_key)
            for uuid in self._stage(self._directory.read_below(branch.dn)):
                suspects.pop(uuid, None)
        gone = {known.dn_key for known in self.look_up(self._listed) if known.type is None}
        suspects.update(dict.fromkeys(look_below(self._connection, gone)))
        self._add_confirmed([uuid for uuid in suspects if uuid not in self._listed])

    def _add_confirmed(self, suspects: Sequence[bytes]) -> int:
        """List the suspects that the directory does not return when asked for them; count them."""
        if not suspects:
            return 0
        found = self._stage(self._directory.read(suspects))
        gone = [uuid for uuid in suspects if uuid not in found]
        self.add(gone)
        return len(gone)

    def carry_out(
        self, guard: Callable[[Removal], None], *, added: int, losses: Losses
    ) -> list[Known]:
        """Remove what is listed, and return the objects among it.

        ``added`` counts the objects that the import staged anew. Raises whatever the guard raises.
        """
        if not self._listed and not losses.anchors:
            return []
        removed = self.look_up(self._listed)
        objects = [known for known in removed if known.type is not None]
        there = count_objects(self._connection)
        guard(
            Removal(
                [known.anchor for known in objects],
                staged=there - added,
                left=there - len(objects),
                losses=losses,
            )
        )
        add_memberships(self._connection, ((known.anchor, known.dn_key) for known in objects))
        add_reports(self._connection, (known.dn_key for known in objects))
        self._accounts.leave(known.id for known in objects)
        self._connection.executemany(
            "INSERT OR IGNORE INTO dirty VALUES ('', ?)", ((known.anchor,) for known in objects)
        )
        texts = Texts(self._connection)
        self._connection.executemany(
            "DELETE FROM entry WHERE id = ?", ((known.id,) for known in removed)
        )
        for known in objects:
            texts.drop(known)
        texts.release()
        return objects
