"""Follow the references that a directory rewrites in its groups without a change mark.

An overlay of OpenLDAP (refint, memberof) rewrites the members of a group when one of them is renamed,
moved or deleted: in a task of its own, a moment after the change, and without touching the change mark
of the group. So no delta ever reports that group, and what is read of it at once may be too early.

Here is what an import does about it. A reference to an entry follows that entry to its new name, and
one to an entry that is gone counts for nothing, even if another entry gets its name next. The groups concerned are
read again by identity, in this import and in the next: what the second read shows is believed. Then a
group that really names nobody (a server without such an overlay) loses the member. The groups of members that are
merely gone are read in the next import alone: the member counts for nothing whatever the first read would show. A
big group is read once in some imports, whatever happens to its members: see ``_BIG``.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from connector.staging.blocks import forget
from connector.staging.known import BATCH
from connector.values.references import named_by

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from connector.model import DirectoryEntry
    from connector.ports import Directory
    from connector.storage.rows import Behind

    Stage = Callable[[Iterator[DirectoryEntry]], object]

# A group of more references than this is read again once in so many imports: reading all its members
# for the sake of one, at every change of one, would cost more than all else that a delta does.
_BIG = 2000
_IMPORTS_OF_BIG = 4

_GONE = ""


class Referrers:
    """The groups whose references an import doubts, within the transaction of that import."""

    def __init__(self, connection: Behind) -> None:
        self._connection = connection
        self._awaits = connection.execute("SELECT 1 FROM awaited LIMIT 1").fetchone() is not None
        self._due: list[int] = []
        self._rewritten: set[int] = set()
        self._reading_again = False
        if self._awaits:
            connection.execute("UPDATE awaited SET imports = imports - 1")
            rows = connection.execute("SELECT DISTINCT entry FROM awaited WHERE imports <= 0")
            self._due = [number for (number,) in rows]

    def note_rewritten(self, number: int) -> None:
        """Note a group of which the directory showed other references in this import."""
        self._rewritten.add(number)

    def believes(self, number: int) -> bool:
        """Tell whether what is read of a group is now to replace what was held for it."""
        return self._reading_again and number in self._due

    def follow(self, number: int, shown: Collection[str]) -> Collection[str]:
        """Return what the references that a group shows stand for, folded DNs: mostly themselves."""
        if not self._awaits:
            return shown
        rows = self._connection.execute(
            "SELECT named, target FROM awaited WHERE entry = ? AND imports > 0 AND named <> target",
            (number,),
        ).fetchall()
        if not rows:
            return shown
        there = frozenset(shown)
        missing = [(named, target) for named, target in rows if named not in there]
        # Where the old name is gone, the new one is the directory's own word.
        final = {target for _, target in missing}
        targets = dict(rows)
        followed = {one if one in final else targets.get(one, one) for one in shown}
        if self._reading_again:
            # The group was not changed, so a member that is missing is on its way to a later name.
            followed |= final
        else:
            self._connection.executemany(
                "DELETE FROM awaited WHERE entry = ? AND named = ?",
                ((number, named) for named, _ in missing),
            )
        return followed - {_GONE}

    def settle(
        self,
        directory: Directory,
        stage: Stage,
        *,
        moved: Mapping[str, str],
        arrived: Iterable[str],
    ) -> None:
        """Follow the entries that got another name, and read their groups again.

        ``moved`` maps a folded DN that an entry had before the import to the one it has now, empty for
        one that is gone; ``arrived`` are those that got an entry. All entries are staged by now.
        """
        doubted = self._doubt_arrivals(arrived) | self._follow_moves(moved)
        if doubted:
            self._await(doubted)
        now = dict.fromkeys(number for (number, _), new in doubted.items() if new != _GONE)
        again = dict.fromkeys([*filter(self._is_small, now), *self._due])
        if again:
            self._reading_again = True
            stage(directory.read(self._identities(again)))
        if self._due:
            self._connection.execute("DELETE FROM awaited WHERE imports <= 0")

    def _doubt_arrivals(self, arrived: Iterable[str]) -> dict[tuple[int, str], str]:
        """Return references, shown before this import, to a name that has an entry only now."""
        return {
            (number, name): name
            for name in arrived
            for number in self._naming(name)
            if number not in self._rewritten
        }

    def _follow_moves(self, moved: Mapping[str, str]) -> dict[tuple[int, str], str]:
        """Rewrite the references to names that an entry gave up; return them with what they now are.

        Where another entry has the name by now, a group that was changed in this import means that one.
        """
        doubted: dict[tuple[int, str], str] = {}
        rewritten: list[tuple[int, str, str]] = []
        for old, new in moved.items():
            numbers = self._naming(old)
            is_taken = bool(numbers) and self._has_entry(old)
            for number in numbers:
                if is_taken and number in self._rewritten:
                    doubted[number, old] = old
                else:
                    doubted[number, old] = new
                    rewritten.append((number, old, new))
        forget(self._connection, {number for number, _, _ in rewritten})
        # All go before the first comes: two members may have swapped their names.
        self._connection.executemany(
            "DELETE FROM reference WHERE entry = ? AND target = ?",
            ((number, old) for number, old, _ in rewritten),
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO reference VALUES (?, ?)",
            ((number, new) for number, _, new in rewritten if new != _GONE),
        )
        if self._awaits:
            self._connection.executemany(
                "UPDATE awaited SET target = ? WHERE entry = ? AND target = ? AND named <> target",
                ((new, number, old) for number, old, new in rewritten),
            )
        return doubted

    def _await(self, doubted: Mapping[tuple[int, str], str]) -> None:
        """Note what is to be read again; a big group is not put off beyond the time it has."""
        left = {number: self._imports_left(number) for number in {number for number, _ in doubted}}
        self._connection.executemany(
            "INSERT OR REPLACE INTO awaited VALUES (?, ?, ?, ?)",
            ((number, named, new, left[number]) for (number, named), new in doubted.items()),
        )
        self._awaits = True

    def _imports_left(self, number: int) -> int:
        if self._is_small(number):
            return 1
        (soonest,) = self._connection.execute(
            "SELECT min(imports) FROM awaited WHERE entry = ? AND imports > 0", (number,)
        ).fetchone()
        return soonest or _IMPORTS_OF_BIG

    def _naming(self, name: str) -> list[int]:
        rows = self._connection.execute("SELECT entry FROM reference WHERE target = ?", (name,))
        return [number for (number,) in rows]

    def _has_entry(self, name: str) -> bool:
        key = named_by(name)
        row = self._connection.execute("SELECT 1 FROM entry WHERE dn_key = ?", (key,)).fetchone()
        return row is not None

    def _is_small(self, number: int) -> bool:
        sql = "SELECT count(*) FROM reference WHERE entry = ?"
        return bool(self._connection.execute(sql, (number,)).fetchone()[0] <= _BIG)

    def _identities(self, numbers: Collection[int]) -> Sequence[bytes]:
        listed = list(numbers)
        chunks = (listed[at : at + BATCH] for at in range(0, len(listed), BATCH))
        rows = chain.from_iterable(
            self._connection.execute(
                f"SELECT uuid FROM entry WHERE id IN ({','.join('?' * len(chunk))})",  # noqa: S608
                chunk,
            ).fetchall()
            for chunk in chunks
        )
        return [uuid for (uuid,) in rows]
