"""The worklist: what the next synchronization decides on, and the memberships that it compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.staging import managers, texts
from connector.storage.database import immediate
from connector.values.entries import is_uid_key
from connector.values.references import is_manager_key, manager_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable

    from connector.storage.database import Database
    from connector.storage.rows import Behind


class Worklist:
    """What is in doubt, by table.

    ``dirty`` has objects by source anchor, ``dirty_group`` groups by entry of which all memberships
    are, ``dirty_member`` single memberships: the entry of the group, the source anchor of the member.
    ``dirty_manager`` has the objects, by entry, whose manager is in doubt.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_empty(self) -> bool:
        row = self._database.conn.execute(
            """SELECT EXISTS (SELECT 1 FROM dirty) OR EXISTS (SELECT 1 FROM dirty_group)
               OR EXISTS (SELECT 1 FROM dirty_member) OR EXISTS (SELECT 1 FROM dirty_manager)"""
        ).fetchone()
        return not row[0]

    def add_everything(self) -> None:
        """Make the next synchronization a full one."""
        with immediate(self._database) as connection:
            connection.execute(
                """INSERT OR IGNORE INTO dirty
                   SELECT created, anchor FROM entry WHERE type IS NOT NULL
                   UNION SELECT '', anchor FROM cloud_entry c
                   WHERE NOT EXISTS
                       (SELECT 1 FROM entry WHERE anchor = c.anchor AND +type IS NOT NULL)
                   UNION SELECT '', anchor FROM pending_export p
                   WHERE NOT EXISTS
                       (SELECT 1 FROM entry WHERE anchor = p.anchor AND +type IS NOT NULL)"""
            )
            connection.execute(
                "INSERT OR IGNORE INTO dirty_group SELECT id FROM entry WHERE type = 'group'"
            )
            managers.add_everything(connection)


def add_object(connection: sqlite3.Connection, anchor: str) -> None:
    """Put one object on the worklist, within the caller's transaction."""
    row = connection.execute(
        "SELECT created FROM entry WHERE anchor = ? AND +type IS NOT NULL", (anchor,)
    ).fetchone()
    created = row[0] if row else ""
    connection.execute("INSERT OR IGNORE INTO dirty VALUES (?, ?)", (created, anchor))


def take_wanted_anchors(connection: sqlite3.Connection, anchors: Iterable[str]) -> None:
    """Let the entries of objects that left the cloud have the source anchors that they carry now.

    Nothing is exported under the old one any more. Both are put on the worklist. The properties belong to
    the old one, and are worked out anew.
    """
    wanting = [
        row
        for anchor in anchors
        for row in connection.execute(
            """SELECT id, created, anchor, wanted_anchor, text FROM entry
               WHERE anchor = ? AND wanted_anchor IS NOT NULL""",
            (anchor,),
        )
    ]
    for number, created, before, wanted, text in wanting:
        connection.execute(
            "UPDATE entry SET anchor = ?, wanted_anchor = NULL, text = NULL WHERE id = ?",
            (wanted, number),
        )
        texts.release(connection, [] if text is None else [(text, before)])
        connection.executemany(
            "INSERT OR IGNORE INTO dirty VALUES (?, ?)", [(created, before), (created, wanted)]
        )


def add_referring_groups(connection: Behind, names: Iterable[str]) -> None:
    """Put the groups that have these references, folded DNs or uids, on the worklist as a whole."""
    connection.executemany(
        "INSERT OR IGNORE INTO dirty_group SELECT entry FROM reference WHERE target = ?",
        ((name,) for name in names),
    )


def add_memberships(connection: Behind, members: Iterable[tuple[str, str]]) -> None:
    """Put the memberships of objects, source anchor and folded DN, in all groups on the worklist.

    To be called while the groups still refer to that DN.
    """
    connection.executemany(
        "INSERT OR IGNORE INTO dirty_member SELECT entry, ? FROM reference WHERE target = ?",
        members,
    )


def add_reports(connection: Behind | sqlite3.Connection, names: Iterable[str]) -> None:
    """Put the objects on the worklist that name one of these folded DNs as their manager.

    To be called while they still do.
    """
    connection.executemany(
        "INSERT OR IGNORE INTO dirty_manager SELECT entry FROM reference WHERE target = ?",
        ((manager_key(name),) for name in names),
    )


def add_members(connection: Behind, group: int, references: Collection[str]) -> None:
    """Put what some references of an entry mean on the worklist; the whole group where one is a uid.

    To be called while the objects still have these names.
    """
    names = [name for name in references if not is_manager_key(name)]
    if len(names) < len(references):
        connection.execute("INSERT OR IGNORE INTO dirty_manager VALUES (?)", (group,))
    if any(map(is_uid_key, names)):
        connection.execute("INSERT OR IGNORE INTO dirty_group VALUES (?)", (group,))
        return
    connection.executemany(
        "INSERT OR IGNORE INTO dirty_member SELECT ?, anchor FROM entry WHERE dn_key = ?",
        ((group, name) for name in names),
    )
