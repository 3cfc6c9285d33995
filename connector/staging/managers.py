"""Work out the manager of each object, and keep what the cloud was told of it.

A manager is a reference as a membership is: it names an entry by DN, and counts while the object of that entry is
in the cloud, or about to be. But an object has one at most. Of several that an entry names, the one that the
cloud has stays as long as it counts; else it is the first by its DN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.model import ManagerWork, ObjectType
from connector.staging.projection import CAN_BE_NAMED, IS_THERE, IS_WANTED
from connector.values.canonical import compact
from connector.values.references import MANAGER_REFERENCES, manager_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence

    from connector.storage.rows import Behind

_TYPES = {kind.value: kind for kind in ObjectType}
_FIRST, _BEYOND = MANAGER_REFERENCES
_REFERS = f"r.target >= '{_FIRST}' AND r.target < '{_BEYOND}'"
# The reference to an entry with the folded DN {0}.
_KEY = f"'{manager_key('')}' || {{0}}"

# The objects m that the entry of the object o names as its manager, and that count.
_NAMED = f"""SELECT m.id FROM reference r
    CROSS JOIN entry e ON e.dn_key = substr(r.target, {len(_FIRST) + 1})
    CROSS JOIN projection m ON m.anchor = e.anchor
    WHERE r.entry = o.entry AND NOT o.is_unmanaged AND {_REFERS} AND e.type IS NOT NULL AND {CAN_BE_NAMED.format("m")}"""  # noqa: S608

_COMPARE = f"""WITH objects AS MATERIALIZED (
        SELECT p.id, d.entry, p.operation, t.manager AS told,
            o.type IN (SELECT value FROM json_each(:unmanaged)) AS is_unmanaged
        FROM dirty_manager d CROSS JOIN entry o ON o.id = d.entry
        CROSS JOIN projection p ON p.anchor = o.anchor
        LEFT JOIN told_manager t ON t.object = p.id WHERE {IS_WANTED.format("p")}),
    found AS MATERIALIZED (
        SELECT o.id, o.operation, o.told, coalesce(
            ({_NAMED} AND m.id = o.told LIMIT 1),
            ({_NAMED} ORDER BY r.target LIMIT 1)) AS manager
        FROM objects o)
    INSERT OR REPLACE INTO wanted_manager
    SELECT id, manager, operation FROM found WHERE manager IS NOT told"""  # noqa: S608 - constants

# The object, and its manager where it is to have one.
_BOTH = """wanted_manager w CROSS JOIN projection o ON o.id = w.object
    LEFT JOIN projection m ON m.id = w.manager"""
_SENDABLE = f"o.told IS NOT NULL AND (w.manager IS NULL OR {IS_THERE.format('m')})"
# Of what another client has nothing is told or wanted: its entry has the name.
_DN = """coalesce((SELECT properties ->> 'onPremisesDistinguishedName' FROM text
    WHERE id = coalesce({0}.told, {0}.wanted)), (SELECT dn FROM entry WHERE anchor = {0}.anchor))"""


class PendingManager(NamedTuple):
    """A change of a manager that is pending: ``before`` and ``after`` are DNs, None for no manager.

    The rest is about the object. ``is_alone`` says that nothing else of it was to be exported.
    """

    type: ObjectType
    anchor: str
    dn: str
    before: str | None
    after: str | None
    is_alone: bool


def are_any(connection: Behind | sqlite3.Connection) -> bool:
    """Tell whether any object names a manager, or has one in the cloud."""
    row = connection.execute(
        f"""SELECT EXISTS (SELECT 1 FROM reference r WHERE {_REFERS})
            OR EXISTS (SELECT 1 FROM told_manager) OR EXISTS (SELECT 1 FROM dirty_manager)"""  # noqa: S608
    ).fetchone()
    return bool(row[0])


def are_all_dirty(connection: Behind) -> bool:
    """Tell whether every object that names a manager is on the worklist, as in a first synchronization."""
    row = connection.execute(
        f"""SELECT EXISTS (SELECT 1 FROM reference r WHERE {_REFERS}
            AND r.entry NOT IN (SELECT entry FROM dirty_manager))"""  # noqa: S608
    ).fetchone()
    return not row[0]


def are_in_doubt(connection: Behind) -> bool:
    """Tell whether any object has a manager without being on the worklist for that."""
    return are_any(connection) and not are_all_dirty(connection)


def add_everything(connection: sqlite3.Connection) -> None:
    """Put every object that names a manager, or has one in the cloud, on the worklist."""
    connection.execute(
        f"""INSERT OR IGNORE INTO dirty_manager
            SELECT r.entry FROM reference r WHERE {_REFERS}
            UNION SELECT e.id FROM told_manager t JOIN projection p ON p.id = t.object
            JOIN entry e ON e.anchor = p.anchor"""  # noqa: S608
    )


def add_around(connection: Behind, anchors: Sequence[str]) -> None:
    """Put objects that come or go on the worklist, and those that name them as their manager."""
    rows = [(anchor,) for anchor in anchors]
    connection.executemany(
        f"""INSERT OR IGNORE INTO dirty_manager SELECT r.entry FROM entry e
            JOIN reference r ON r.target = {_KEY.format("e.dn_key")} WHERE e.anchor = ?""",  # noqa: S608
        rows,
    )
    connection.executemany(
        """INSERT OR IGNORE INTO dirty_manager
           SELECT id FROM entry WHERE anchor = ? AND +type IS NOT NULL""",
        rows,
    )


def compute(connection: Behind, unmanaged: Collection[str] = ()) -> None:
    """Write the pending changes of the managers that are on the worklist.

    Objects of the types ``unmanaged`` are to have none.
    """
    connection.execute(
        """DELETE FROM wanted_manager WHERE object IN (
            SELECT p.id FROM dirty_manager d CROSS JOIN entry o ON o.id = d.entry
            CROSS JOIN projection p ON p.anchor = o.anchor)"""
    )
    connection.execute(_COMPARE, {"unmanaged": compact(sorted(unmanaged))})


# --- what is pending ------------------------------------------------------------------------------


def pending(connection: sqlite3.Connection) -> Iterator[PendingManager]:
    """List the pending changes, by source anchor."""
    rows = connection.execute(
        f"""SELECT coalesce(o.told_type, o.type), o.anchor, coalesce({_DN.format("o")}, ''),
                (SELECT {_DN.format("b")} FROM told_manager t JOIN projection b ON b.id = t.manager
                 WHERE t.object = o.id), {_DN.format("m")}, w.beside IS NULL
            FROM {_BOTH} WHERE o.operation IS NOT 'delete' AND NOT EXISTS
                (SELECT 1 FROM foreign_anchor f WHERE f.anchor = m.anchor AND NOT f.there)
            ORDER BY o.anchor"""  # noqa: S608
    )
    for kind, anchor, dn, before, after, is_alone in rows:
        yield PendingManager(_TYPES[kind], anchor, dn, before, after, bool(is_alone))


def count_alone(connection: sqlite3.Connection) -> int:
    """Count the objects of which only the manager is to be sent, and can be."""
    row = connection.execute(
        f"SELECT count(*) FROM {_BOTH} WHERE o.operation IS NULL AND {_SENDABLE}"  # noqa: S608
    ).fetchone()
    return int(row[0])


def work(connection: sqlite3.Connection, limit: int) -> Iterator[list[ManagerWork]]:
    """Yield the changes that can be sent, at most ``limit`` at a time."""
    after = 0
    while rows := connection.execute(
        f"""SELECT o.anchor, o.told_type, m.anchor, w.object, w.manager, w.beside FROM {_BOTH}
            WHERE w.object > ? AND {_SENDABLE} ORDER BY w.object LIMIT ?""",  # noqa: S608
        (after, limit),
    ).fetchall():
        after = rows[-1][3]
        yield [ManagerWork(anchor, _TYPES[kind], *rest) for anchor, kind, *rest in rows]


def names(
    connection: sqlite3.Connection, some: Sequence[ManagerWork]
) -> dict[int, tuple[str | None, str | None]]:
    """Return by object the DNs of its manager before and after a change that is pending still."""
    rows = connection.execute(
        f"""SELECT w.object, (SELECT {_DN.format("b")} FROM told_manager t
                JOIN projection b ON b.id = t.manager WHERE t.object = w.object), {_DN.format("m")}
            FROM json_each(?) a CROSS JOIN wanted_manager w ON w.object = a.value
            LEFT JOIN projection m ON m.id = w.manager""",  # noqa: S608
        (compact([each.number for each in some]),),
    )
    return {number: (before, after) for number, before, after in rows}


def record(connection: sqlite3.Connection, some: Sequence[ManagerWork]) -> None:
    """Store that the cloud took these changes."""
    for each in some:
        if each.manager_number is None:
            connection.execute("DELETE FROM told_manager WHERE object = ?", (each.number,))
        else:
            connection.execute(
                "INSERT OR REPLACE INTO told_manager VALUES (?, ?)",
                (each.number, each.manager_number),
            )
    connection.executemany(
        "DELETE FROM wanted_manager WHERE object = ?", ((each.number,) for each in some)
    )


class NamedManager(NamedTuple):
    """An entry that another one names as its manager.

    ``dn`` is folded, and ``anchor`` None, where no such entry is staged. ``is_told`` says that the cloud has
    it as the manager, ``is_pending`` that this is to be exported.
    """

    dn: str
    anchor: str | None
    is_told: bool
    is_pending: bool


def named(connection: sqlite3.Connection, entry: int) -> Iterator[NamedManager]:
    """List the managers that a staged entry names, by its number; several are in the order of their DNs."""
    rows = connection.execute(
        f"""SELECT coalesce(m.dn, substr(r.target, {len(_FIRST) + 1})), m.anchor,
                t.manager IS NOT NULL, w.manager IS NOT NULL
            FROM reference r JOIN entry o ON o.id = r.entry
            LEFT JOIN projection p ON p.anchor = o.anchor
            LEFT JOIN entry m ON m.dn_key = substr(r.target, {len(_FIRST) + 1})
            LEFT JOIN projection q ON q.anchor = m.anchor
            LEFT JOIN told_manager t ON t.object = p.id AND t.manager = q.id
            LEFT JOIN wanted_manager w ON w.object = p.id AND w.manager = q.id
            WHERE r.entry = ? AND {_REFERS} ORDER BY r.target""",  # noqa: S608
        (entry,),
    )
    for dn, anchor, is_told, is_pending in rows.fetchall():
        yield NamedManager(dn, anchor, bool(is_told), bool(is_pending))


# --- what the cloud was told ----------------------------------------------------------------------


def are_told(connection: sqlite3.Connection) -> bool:
    """Tell whether the cloud has a manager of any object."""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM told_manager)").fetchone()[0])


def told(connection: sqlite3.Connection, anchors: Sequence[str]) -> dict[str, str]:
    """Return by source anchor the managers, by theirs, that the cloud was told of these objects."""
    rows = connection.execute(
        """SELECT o.anchor, m.anchor FROM json_each(?) a CROSS JOIN projection o ON o.anchor = a.value
           CROSS JOIN told_manager t ON t.object = o.id CROSS JOIN projection m ON m.id = t.manager""",
        (compact(anchors),),
    )
    return dict(rows.fetchall())


def tell(connection: sqlite3.Connection, numbers: tuple[int, int | None], anchor: str) -> None:
    """Note what the cloud has of the manager of one object, and put it on the worklist.

    ``numbers`` are those of the object, which has this source anchor, and of its manager.
    """
    connection.execute("DELETE FROM told_manager WHERE object = ?", (numbers[0],))
    if numbers[1] is not None:
        connection.execute("INSERT INTO told_manager VALUES (?, ?)", numbers)
    connection.execute(
        "INSERT OR IGNORE INTO dirty_manager SELECT id FROM entry WHERE anchor = ? AND +type IS NOT NULL",
        (anchor,),
    )
