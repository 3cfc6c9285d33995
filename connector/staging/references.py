"""Keep what the entries refer to in step with an import: the members of groups, and the managers of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.staging import managers
from connector.staging.blocks import MANY, Blocks, Difference
from connector.staging.referrers import Referrers
from connector.staging.worklist import add_members, add_memberships, add_reports
from connector.values.references import is_manager_key, manager_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from connector.ports import Directory
    from connector.staging.known import Known
    from connector.staging.losses import Losses
    from connector.staging.referrers import Stage
    from connector.storage.rows import Behind
    from connector.values.staged import Staged


class References:
    """The references of the entries, within the transaction of one import.

    Most directories have groups, and many have no managers: nothing is asked about these where nobody names any.
    """

    def __init__(self, connection: Behind, losses: Losses) -> None:
        self._connection = connection
        self._losses = losses
        self._referrers = Referrers(connection)
        self._blocks = Blocks(connection)
        self._any_managers = managers.are_any(connection)

    def note_new(self, fresh: Sequence[Staged], first: int) -> None:
        """Take up new entries, of which the first one has this number; their references are written."""
        named: list[tuple[int]] = []
        for number, staged in enumerate(fresh, first):
            if staged.references:
                self._referrers.note_rewritten(number)
                if len(staged.references) >= MANY:
                    self._blocks.make(number, staged.references)
                # Those to managers come first.
                if is_manager_key(staged.references[0]):
                    named.append((number,))
        if named:
            self._any_managers = True
            self._connection.insert("dirty_manager", named, "ON CONFLICT DO NOTHING")

    def doubt(self, objects: Collection[tuple[str, str]]) -> None:
        """Put all references to objects, source anchor and folded DN, on the worklist."""
        if not objects:
            return
        add_memberships(self._connection, objects)
        if self._any_managers:
            add_reports(self._connection, (key for _, key in objects))

    def may_have(self, before: Known, staged: Staged) -> bool:
        """Tell whether an entry has or had references."""
        return bool(staged.references) or before.type == "group" or self._any_managers

    def believe(self, before: Known, staged: Staged) -> None:
        """Rewrite the references of an entry that is as it was, if it was read again for their sake."""
        if self._referrers.believes(before.id):
            self.rewrite(before, staged)

    def rewrite(self, before: Known, staged: Staged) -> None:
        """Write those of an entry's references that differ."""
        number = before.id
        shown = staged.references
        wanted = self._referrers.follow(number, shown)
        found = self._blocks.difference(number, shown) if wanted is shown else None
        if found is None:
            found = self._compare(number, wanted)
            if max(len(wanted), len(found.removed)) >= MANY:
                self._blocks.make(number, wanted if wanted is shown else sorted(wanted))
        removed, added = found
        if not removed and not added:
            return
        self._losses.compare_references(before, self._ends(number), wanted)
        self._any_managers = self._any_managers or any(map(is_manager_key, added))
        self._referrers.note_rewritten(number)
        self._connection.executemany(
            "DELETE FROM reference WHERE entry = ? AND target = ?",
            ((number, target) for target in removed),
        )
        self._connection.executemany(
            "INSERT INTO reference VALUES (?, ?)", ((number, target) for target in added)
        )
        add_members(self._connection, number, removed | added)

    def _compare(self, number: int, wanted: Collection[str]) -> Difference:
        """Compare all references of an entry with those that are kept."""
        rows = self._connection.execute("SELECT target FROM reference WHERE entry = ?", (number,))
        known = {target for (target,) in rows}
        return Difference(known.difference(wanted), set(wanted) - known)

    def _ends(self, number: int) -> list[str]:
        """Return the first and the last reference of an entry that are kept, none where it has none."""
        sql = "SELECT {}(target) FROM reference WHERE entry = ?"
        ends = (
            self._connection.execute(sql.format(end), (number,)).fetchone()[0]
            for end in ("min", "max")
        )
        return [end for end in ends if end is not None]

    def settle(
        self,
        directory: Directory,
        stage: Stage,
        *,
        moved: Mapping[str, str],
        arrived: Iterable[str],
    ) -> None:
        """Follow the entries that got another name; ``moved`` and ``arrived`` as in ``Referrers``."""
        after, names = dict(moved), list(arrived)
        if self._any_managers:
            after |= {manager_key(old): new and manager_key(new) for old, new in moved.items()}
            names += map(manager_key, names[:])
        self._referrers.settle(directory, stage, moved=after, arrived=names)
