"""The properties that an import works out of entries: rows of the table ``text`` that entries name.

The state ``flow-version`` names the rules by which all of them were worked out. An entry without such a text
is unusual, or was staged by other rules: its synchronization works out the properties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.staging import texts
from connector.staging.state import State
from connector.values.canonical import compact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.staging.known import Known
    from connector.storage.database import Database
    from connector.storage.rows import Behind
    from connector.values.entries import Staged

VERSION = "flow-version"


class Flowed(NamedTuple):
    """The text that an entry names, by number."""

    id: int
    properties: str


class Texts:
    """The texts of the entries that an import stages, within its transaction."""

    def __init__(self, connection: Behind) -> None:
        self._connection = connection
        self._next = int(connection.execute(texts.NEXT).fetchone()[0])
        self._rows: list[tuple[int, str]] = []
        self._before: dict[int, Flowed] = {}
        self._released: list[tuple[int, str]] = []

    def look_up(self, entries: Sequence[Known]) -> None:
        """Look up the texts of entries that are about to be changed or removed."""
        if entries:
            rows = self._connection.execute(
                """SELECT e.id, t.id, t.properties FROM entry e JOIN text t ON t.id = e.text
                   WHERE e.id IN (SELECT value FROM json_each(?))""",
                (compact([known.id for known in entries]),),
            )
            self._before = {entry: Flowed(*text) for entry, *text in rows}

    def add(self, staged: Staged) -> int | None:
        """Return the number of the text of a new entry."""
        if staged.properties is None:
            return None
        number = self._next
        self._next += 1
        self._rows.append((number, staged.properties))
        return number

    def replace(self, before: Known, anchor: str, staged: Staged) -> int | None:
        """Return the number of the text of a changed entry, which has this source anchor now.

        It is that of before where it says the same: of the same object, for a text belongs to one.
        """
        known = self._before.get(before.id)
        if known and (known.properties, before.anchor) == (staged.properties, anchor):
            return known.id
        self.drop(before)
        return self.add(staged)

    def drop(self, before: Known) -> None:
        """Let an entry name no text any more."""
        if known := self._before.get(before.id):
            self._released.append((known.id, before.anchor))

    def write(self) -> None:
        """Write the texts that were added."""
        self._connection.insert("text", self._rows)
        self._rows = []

    def release(self) -> None:
        """Remove the texts that entries no longer name, when these are written.

        One stays that the cloud was told, or is to be.
        """
        texts.release(self._connection, self._released)
        self._released = []


def keep_version(database: Database, version: str | None) -> None:
    """Forget the texts of all entries if they were worked out by other rules than ``version`` names."""
    state, connection = State(database), database.conn
    if state.get(VERSION) == version:
        return
    connection.execute("UPDATE entry SET text = NULL WHERE text IS NOT NULL")
    connection.execute(
        """DELETE FROM text WHERE id NOT IN (SELECT told FROM projection WHERE told IS NOT NULL
           UNION SELECT wanted FROM projection WHERE wanted IS NOT NULL)"""
    )
    state.set(VERSION, version)
