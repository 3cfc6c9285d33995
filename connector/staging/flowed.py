"""The properties that an import works out of entries: rows of the table ``text`` that entries name.

The state ``flow-version`` names the rules by which all of them were worked out. An entry without such a text
is unusual, or was staged by other rules: its synchronization works out the properties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.staging import texts
from connector.staging.state import State

if TYPE_CHECKING:
    from connector.staging.known import Known
    from connector.storage.database import Database
    from connector.storage.rows import Behind
    from connector.values.staged import Staged

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
        self._released: list[tuple[int, str]] = []

    def add(self, staged: Staged) -> int | None:
        """Return the number of the text of an entry that is new or changed, None where it has none."""
        if staged.properties is None:
            return None
        number = self._next
        self._next += 1
        self._rows.append((number, staged.properties))
        return number

    def drop(self, before: Known) -> None:
        """Let an entry that changes, or is removed, name its text no more."""
        if before.text is not None:
            self._released.append((before.text, before.anchor))

    def write(self) -> None:
        """Write the texts that were added."""
        self._connection.insert("text", self._rows)
        self._rows = []

    def release(self) -> None:
        """Remove the texts that entries no longer name, when these are written.

        One stays that the cloud was told, or is to be.
        """
        self._connection.later(len(self._released), texts.release, self._released)
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
