"""What the cloud was told of each object, and what is pending: rows of the table ``projection``.

Those who only read ask the views ``cloud_entry`` and ``pending_export``, by source anchor. A writer does
it here, or in ``pending`` and ``results`` for many objects at a time.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from connector.model import Operation
from connector.staging import texts
from connector.storage.rows import at_once
from connector.values.canonical import compact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from connector.model import PendingExport
    from connector.storage.rows import Behind

NEXT = "SELECT coalesce(max(id), 0) + 1 FROM projection"
"""The number of the next object."""

NOTHING_PENDING = """operation = NULL, wanted = NULL, type = NULL, created = NULL,
    changed = NULL, releases = NULL, tried = NULL"""

IS_WANTED = """CASE WHEN {0}.told IS NOT NULL THEN {0}.operation IS NOT 'delete'
    ELSE {0}.operation IS NOT NULL END"""
"""The object of the projection ``{0}`` is exported and not to be deleted, or is to be added."""

CAN_BE_NAMED = f"""({IS_WANTED} OR EXISTS
    (SELECT 1 FROM foreign_anchor f WHERE f.anchor = {{0}}.anchor AND f.wanted))"""  # noqa: S608
"""Groups may have the object ``{0}`` as a member: it is wanted, and this client's or another one's."""

IS_THERE = """({0}.told IS NOT NULL OR EXISTS
    (SELECT 1 FROM foreign_anchor f WHERE f.anchor = {0}.anchor AND f.there))"""
"""The cloud has the object ``{0}``, of this client or of another one."""


class Projected(NamedTuple):
    """An object as it was projected before; ``told`` and ``wanted`` are texts by number.

    The fields from ``operation`` are None where nothing is pending.
    """

    id: int
    anchor: str
    told: int | None
    told_type: str | None
    told_properties: str | None
    operation: str | None
    wanted: int | None
    type: str | None
    wanted_properties: str | None


def look_up(connection: Behind, anchors: Sequence[str]) -> dict[str, Projected]:
    """Return by source anchor what was projected of these objects, no more than a statement takes."""
    rows = connection.execute(
        f"""SELECT p.id, p.anchor, p.told, p.told_type, t.properties, p.operation, p.wanted, p.type,
                   CASE WHEN p.wanted IS p.told THEN t.properties
                   ELSE (SELECT properties FROM text WHERE id = p.wanted) END
            FROM projection p LEFT JOIN text t ON t.id = p.told
            WHERE p.anchor IN ({",".join("?" * len(anchors))})""",  # noqa: S608 - only marks
        anchors,
    )
    return {row[1]: Projected._make(row) for row in rows}


class Told(NamedTuple):
    """What the cloud was told of an object: a text by its number, and its properties."""

    text: int
    properties: str


def told(connection: sqlite3.Connection, anchors: Sequence[str]) -> dict[str, Told]:
    """Return by source anchor what the cloud was told of these objects."""
    if not anchors:
        return {}
    rows = at_once(
        connection,
        """SELECT json_array(p.anchor, t.id), t.properties FROM json_each(?) a
           CROSS JOIN projection p ON p.anchor = a.value CROSS JOIN text t ON t.id = p.told""",
        (compact(anchors),),
    )
    return {anchor: Told(text, properties) for anchor, text, properties in rows}


def tell(
    connection: sqlite3.Connection, anchor: str, kind: str, cloud_anchor: str, properties: str
) -> None:
    """Note what the cloud has of one object, whatever is pending."""
    number = find(connection, [anchor])[anchor]
    told, wanted = connection.execute(
        "SELECT told, wanted FROM projection WHERE id = ?", (number,)
    ).fetchone()
    connection.execute(
        "UPDATE projection SET told = ?, told_type = ?, cloud_anchor = ? WHERE id = ?",
        (texts.add(connection, properties), kind, cloud_anchor, number),
    )
    if told not in {None, wanted}:
        texts.release(connection, [(told, anchor)])


def forget(connection: sqlite3.Connection, anchor: str, *, named: bool = False) -> None:
    """Forget what the cloud was told of one object, its memberships and its manager too; what is pending stays.

    With ``named`` the object stays a member of groups, and the manager of objects: another client has it.
    """
    row = connection.execute(
        "SELECT id, told, wanted FROM projection WHERE anchor = ?", (anchor,)
    ).fetchone()
    if row is None:
        return
    number, told, wanted = row
    connection.execute(
        "UPDATE projection SET told = NULL, told_type = NULL, cloud_anchor = NULL WHERE id = ?",
        (number,),
    )
    if named:
        connection.execute("DELETE FROM told_member WHERE grp = ?", (number,))
        connection.execute("DELETE FROM told_manager WHERE object = ?", (number,))
        connection.execute("DELETE FROM wanted_manager WHERE object = ?", (number,))
    else:
        connection.execute("DELETE FROM told_member WHERE grp = ?1 OR member = ?1", (number,))
        forget_managers(connection, [number])
    if told not in {None, wanted}:
        texts.release(connection, [(told, anchor)])


def forget_managers(connection: sqlite3.Connection, numbers: Collection[int]) -> None:
    """Forget the managers of objects that left the cloud, and them as managers: the cloud dropped both."""
    rows = [(number,) for number in numbers]
    for statement in (
        # Their reports have no manager any more, which is what was pending of some of these.
        """DELETE FROM wanted_manager WHERE manager IS NULL
           AND object IN (SELECT object FROM told_manager WHERE manager = ?)""",
        "DELETE FROM wanted_manager WHERE object = ?",
        "DELETE FROM told_manager WHERE object = ?1 OR manager = ?1",
    ):
        connection.executemany(statement, rows)


def find(connection: sqlite3.Connection, anchors: Collection[str]) -> dict[str, int]:
    """Return the numbers of these objects by source anchor; one that is not known gets its number now."""
    found: dict[str, int] = {}
    for anchor in anchors:
        row = (
            connection.execute("SELECT id FROM projection WHERE anchor = ?", (anchor,)).fetchone()
            or connection.execute(
                "INSERT INTO projection (anchor) VALUES (?) RETURNING id", (anchor,)
            ).fetchone()
        )
        found[anchor] = row[0]
    return found


def remove_empty(connection: Behind) -> None:
    """Remove the objects that neither the cloud has nor anything is pending of.

    One that the cloud calls a member of a group, or a manager, stays known for that, and one that may become such.
    """
    rows = connection.execute(
        """SELECT id FROM projection p WHERE operation IS NULL AND told IS NULL
           AND NOT EXISTS (SELECT 1 FROM told_member WHERE grp = p.id)
           AND NOT EXISTS (SELECT 1 FROM told_member WHERE member = p.id)
           AND NOT EXISTS (SELECT 1 FROM told_manager WHERE object = p.id)
           AND NOT EXISTS (SELECT 1 FROM told_manager WHERE manager = p.id)
           AND NOT EXISTS (SELECT 1 FROM foreign_anchor WHERE anchor = p.anchor AND wanted)"""
    ).fetchall()
    if rows:
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS empty (id INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO temp.empty VALUES (?)", rows)
        for statement in (
            "DELETE FROM wanted_member WHERE grp IN (SELECT id FROM temp.empty)",
            "DELETE FROM wanted_member WHERE member IN (SELECT id FROM temp.empty)",
            "DELETE FROM wanted_manager WHERE object IN (SELECT id FROM temp.empty)",
            "DELETE FROM wanted_manager WHERE manager IN (SELECT id FROM temp.empty)",
            "DELETE FROM projection WHERE id IN (SELECT id FROM temp.empty)",
            "DELETE FROM temp.empty",
        ):
            connection.execute(statement)


def is_pending(before: Projected, export: PendingExport, properties: str) -> bool:
    """Tell whether just this is pending already: what was tried in this session stays tried."""
    return (before.operation, before.type, before.wanted_properties) == (
        export.operation,
        export.type,
        properties,
    )


def pending_columns(export: PendingExport, text: int | None) -> tuple[object, ...]:
    """Return what is pending, from ``operation`` to ``releases``."""
    return (
        str(export.operation),
        text,
        str(export.type),
        export.created,
        names_text(export.changed) if export.operation is Operation.UPDATE else None,
        json.dumps(export.releases) if export.releases else None,
    )


@lru_cache(maxsize=1024)
def names_text(names: tuple[str, ...]) -> str:
    """Write the names of properties; cached, because added objects mostly have the same ones."""
    return json.dumps(names)
