"""The entries that are not synced, and why: counted, listed, and written as imports and rules decide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from connector.model import OBJECT_CLASS, ExcludedEntry, LeftOut

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from connector.storage.database import Database
    from connector.storage.rows import Behind

_INTO = "excluded (entry, reason, what, sentence)"


class Excluded:
    """The table ``excluded``, and the counts that its triggers keep."""

    def __init__(self, database: Database) -> None:
        self._connection = database.conn

    def counts(self) -> list[LeftOut]:
        """Count the entries by reason and by what they are, the most first of each reason."""
        rows = self._connection.execute(
            """SELECT reason, what, count FROM excluded_count WHERE count > 0
               ORDER BY reason, count DESC, what"""
        )
        return [LeftOut(*row) for row in rows]

    def entries(self) -> Iterator[ExcludedEntry]:
        """Stream the entries by reason, then by DN."""
        rows = self._connection.execute(
            """SELECT e.anchor, e.dn, x.reason, x.what, x.sentence
               FROM excluded x JOIN entry e ON e.id = x.entry ORDER BY x.reason, e.dn_key"""
        )
        return (ExcludedEntry(*row) for row in rows)

    def at(self, anchor: str) -> ExcludedEntry | None:
        """Return why the entry with a source anchor is not synced; None for one that is, or is not there."""
        sql = """SELECT e.anchor, e.dn, x.reason, x.what, x.sentence
                 FROM excluded x JOIN entry e ON e.id = x.entry WHERE e.anchor = ?"""
        row = self._connection.execute(sql, (anchor,)).fetchone()
        return ExcludedEntry(*row) if row else None

    def nothing_is_synced(self) -> bool:
        """Tell whether there are entries, and none became an object, will become one or failed."""
        sql = """SELECT EXISTS (SELECT 1 FROM entry) AND NOT EXISTS (SELECT 1 FROM cloud_entry)
                 AND NOT EXISTS (SELECT 1 FROM pending_export) AND NOT EXISTS (SELECT 1 FROM error)"""
        return bool(self._connection.execute(sql).fetchone()[0])


def note_classes(
    connection: Behind, entries: Sequence[tuple[int, str]], stale: Sequence[int]
) -> None:
    """Write down which entries, by id, are not users, groups or contacts, and what they are instead.

    ``stale`` are the entries that what was written before no longer describes.
    """
    if stale:
        connection.executemany("DELETE FROM excluded WHERE entry = ?", ((n,) for n in stale))
    sentence = "is not a user, group or contact; its class is "
    connection.insert(_INTO, [(n, OBJECT_CLASS, what, sentence + what) for n, what in entries])


def are_any_ruled_out(connection: Behind) -> bool:
    """Tell whether rules left out any entry so far."""
    # Two looks into the index on reasons, whatever number of entries have the reason between them.
    sql = """SELECT EXISTS (SELECT 1 FROM excluded WHERE reason < :reason)
             OR EXISTS (SELECT 1 FROM excluded WHERE reason > :reason)"""
    return bool(connection.execute(sql, {"reason": OBJECT_CLASS}).fetchone()[0])


def note_rules(
    connection: Behind, excluded: Iterable[ExcludedEntry], decided: Collection[str]
) -> None:
    """Write down what the rules leave out of the ``decided`` source anchors; the rest of these is in."""
    if decided:
        connection.execute(
            """DELETE FROM excluded WHERE entry IN (SELECT id FROM entry
               WHERE anchor IN (SELECT value FROM json_each(?)) AND +type IS NOT NULL)""",
            (json.dumps(list(decided)),),
        )
    connection.executemany(
        """INSERT OR IGNORE INTO excluded
           SELECT id, ?, ?, ? FROM entry WHERE anchor = ? AND dn = ? AND +type IS NOT NULL""",
        ((e.reason, e.what, e.sentence, e.anchor, e.dn) for e in excluded),
    )
