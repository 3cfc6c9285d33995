"""Know users by uid where groups name their members so (``memberUid``, RFC 2307).

A directory without such groups has nothing of this: the table ``account`` is filled when the first of
them comes, kept up to date by every import after that, and emptied when the last of them is gone.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from connector.staging.worklist import add_referring_groups
from connector.values.canonical import decode
from connector.values.entries import load, uid_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from connector.storage.rows import Behind
    from connector.values.staged import Staged

_BATCH = 1024
_FIRST = uid_key("")
_BEYOND = _FIRST[:-1] + chr(ord(_FIRST[-1]) + 1)


class Accounts:
    """The users by uid, within one import: the table is right whenever a group refers to any."""

    def __init__(self, connection: Behind) -> None:
        self._connection = connection
        self._were_named = self._are_named()

    def note(self, entries: Iterable[tuple[int, Staged]]) -> None:
        """Take up entries, by row, that are new or changed."""
        if self._were_named:
            for number, staged in entries:
                attributes = staged.attributes if staged.type == "user" else "{}"
                self._replace(number, _names(attributes))

    def leave(self, numbers: Iterable[int]) -> None:
        """Put on the worklist the groups that name entries that are about to be removed."""
        if self._were_named:
            for number in numbers:
                add_referring_groups(self._connection, self._known(number))

    def finish(self) -> None:
        """Fill the table when the first group came that names its members so; or empty it."""
        are_named = self._are_named()
        if are_named and not self._were_named:
            rows = self._connection.execute(
                "SELECT id, attributes FROM entry WHERE type = 'user'"
            ).fetchall()
            names = ((name, number) for number, text in rows for name in _names(text))
            while batch := list(islice(names, _BATCH)):
                self._connection.insert("account", batch)
        elif self._were_named and not are_named:
            self._connection.execute("DELETE FROM account")

    def _are_named(self) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM reference WHERE target >= ? AND target < ? LIMIT 1", (_FIRST, _BEYOND)
        ).fetchone()
        return row is not None

    def _known(self, number: int) -> set[str]:
        rows = self._connection.execute("SELECT name FROM account WHERE entry = ?", (number,))
        return {name for (name,) in rows}

    def _replace(self, number: int, names: set[str]) -> None:
        known = self._known(number)
        if known == names:
            return
        self._connection.execute("DELETE FROM account WHERE entry = ?", (number,))
        self._connection.insert("account", [(name, number) for name in sorted(names)])
        add_referring_groups(self._connection, known ^ names)


class Ambiguous(NamedTuple):
    """A uid that a group names as a member and that several users have; ``dns`` are theirs."""

    anchor: str
    group: str
    uid: str
    dns: Sequence[str]

    def message(self) -> str:
        """Say what is wrong, and how to mend it."""
        return (
            f"{self.group}: memberUid {self.uid} names {' and '.join(self.dns)}, so neither becomes "
            "a member by it; give one of them another uid"
        )


def ambiguous_members(connection: Behind, wanted: str) -> Iterator[Ambiguous]:
    """Yield the uids that mean several users to the groups of the worklist.

    ``wanted`` is a condition on an anchor ``{0}`` that tells which objects count.
    """
    rows = connection.execute(
        f"""SELECT g.anchor, g.dn, r.target, json_group_array(e.dn)
            FROM dirty_group d CROSS JOIN entry g ON g.id = d.entry
            CROSS JOIN reference r ON r.entry = g.id
            CROSS JOIN account a ON a.name = r.target
            CROSS JOIN entry e ON e.id = a.entry
            WHERE {wanted.format("g.anchor")} AND {wanted.format("e.anchor")}
            GROUP BY g.id, r.target HAVING count(DISTINCT e.anchor) > 1"""  # noqa: S608
    )
    for anchor, group, target, dns in rows.fetchall():
        yield Ambiguous(anchor, group, target.removeprefix(_FIRST), sorted(decode(dns)))


def _names(attributes: str) -> set[str]:
    return {uid_key(uid) for uid in load(attributes).get("uid", ())} - {_FIRST}
