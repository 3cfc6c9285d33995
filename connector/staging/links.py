"""Take deleted objects out of what refers to them, where the directory does not report those entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.staging.worklist import add_reports
from connector.values.entries import staged_hash
from connector.values.references import manager_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence


def unlink(connection: sqlite3.Connection, targets: Sequence[str]) -> None:
    """Remove the members and managers with these folded DNs everywhere, within the caller's transaction.

    Another entry may get such a DN later, and must not inherit the references.
    """
    add_reports(connection, targets)
    keys = [(name,) for target in targets for name in (target, manager_key(target))]
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS unlinked (id INTEGER PRIMARY KEY)")
    connection.executemany(
        "INSERT OR IGNORE INTO temp.unlinked SELECT entry FROM reference WHERE target = ?", keys
    )
    connection.executemany(
        """INSERT OR IGNORE INTO dirty_member SELECT r.entry, e.anchor
           FROM reference r JOIN entry e ON e.dn_key = r.target WHERE r.target = ?""",
        keys,
    )
    connection.executemany("DELETE FROM reference WHERE target = ?", keys)
    connection.execute("DELETE FROM reference_block WHERE entry IN (SELECT id FROM temp.unlinked)")
    rows = connection.execute(
        """SELECT id, coalesce(wanted_anchor, anchor), type, attributes, dn FROM entry
           WHERE id IN (SELECT id FROM temp.unlinked)"""
    )
    for number, anchor, kind, attributes, dn in rows.fetchall():
        found = connection.execute(
            "SELECT target FROM reference WHERE entry = ? ORDER BY target", (number,)
        )
        left = [target for (target,) in found]
        connection.execute(
            "UPDATE entry SET hash = ? WHERE id = ?",
            (staged_hash(anchor, kind, attributes, dn, left), number),
        )
    connection.execute("DELETE FROM temp.unlinked")
