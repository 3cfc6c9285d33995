"""The export queue: what is pending for the tenant (port ``ports.ExportQueue``)."""

from __future__ import annotations

import json
from array import array
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from connector.model import (
    Batch,
    Event,
    MemberChange,
    MemberWork,
    ObjectType,
    Operation,
    PendingExport,
)
from connector.staging import managers, results
from connector.staging.readback import POSITION
from connector.staging.releases import FewReleases, ManyReleases
from connector.staging.state import State
from connector.storage.database import immediate
from connector.storage.rows import at_once
from connector.values.canonical import decode, read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from connector.model import ManagerWork, Outcome
    from connector.staging.managers import PendingManager
    from connector.storage.database import Database

_PAGE = 1000
# Characters of a page: of objects with hundreds of addresses fewer are read at a time. The first page is
# small because nothing is known yet.
_CHARACTERS = 4_000_000
_FIRST = 256
# Released values that are looked up in memory; more are, in a temporary table.
_IN_MEMORY = 50_000
# A look-up in a dict takes a quarter of the time of calling the enumeration.
_OPERATIONS = {operation.value: operation for operation in Operation}
_TYPES = {kind.value: kind for kind in ObjectType}
_SESSION = "export-session"
_BATCHES = "export-batches"
_LOG_PLACE = "log-place"
_COLUMNS = "p.id, p.anchor, p.operation, p.type, p.created, p.changed, p.releases"
_SELECT = """SELECT {}, t.properties
    FROM projection p CROSS JOIN text t ON t.id = p.wanted WHERE p.operation IS NOT NULL"""
_AT_ONCE = _SELECT.format(f"json_array({_COLUMNS})")

# The projections of the group and the member of a pending change.
_BOTH = """wanted_member m CROSS JOIN projection g ON g.id = m.grp
    CROSS JOIN projection o ON o.id = m.member"""
_SENDABLE = "g.told IS NOT NULL AND o.told IS NOT NULL"
_LOST = "m.adds = 0 AND g.operation IS NOT 'delete' AND o.operation IS NOT 'delete'"


class ExportQueue:
    """The pending exports of a connector space."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection = database.conn
        self._state = State(database)

    def of(self, anchor: str) -> ExportQueue:
        """Return the part of the queue that is about one object."""
        return ExportOfOne(self._database, anchor)

    # --- session and batch --------------------------------------------------------------------

    def session(self) -> int | None:
        stored = self._state.get(_SESSION)
        return int(stored) if stored else None

    def open_session(self, number: int) -> None:
        with immediate(self._database):
            self._state.set(_SESSION, str(number))

    def close_session(self) -> None:
        with immediate(self._database):
            self._state.set(_SESSION, None)
            self._state.set(_BATCHES, None)

    def batches(self) -> list[Batch]:
        return [Batch(*batch) for batch in json.loads(self._state.get(_BATCHES) or "[]")]

    def note(self, batches: Sequence[Batch]) -> None:
        with immediate(self._database):
            self._note(batches)

    def _note(self, batches: Sequence[Batch]) -> None:
        self._state.set(_BATCHES, json.dumps(batches) if batches else None)

    # --- objects ------------------------------------------------------------------------------

    def in_order(self, session: int) -> Iterator[PendingExport]:
        """Yield page by page: rows may be removed while the iteration goes on."""
        numbers = array(
            "q",
            chain.from_iterable(
                self._connection.execute(
                    """SELECT id FROM projection WHERE operation IS NOT NULL AND tried IS NOT ?
                       ORDER BY operation <> 'delete', created, anchor""",
                    (session,),
                )
            ),
        )
        at, size = 0, min(_FIRST, _PAGE)
        while page := numbers[at : at + size]:
            at += len(page)
            rows = at_once(
                self._connection,
                f"{_AT_ONCE} AND p.id IN (SELECT value FROM json_each(?)) AND p.tried IS NOT ?",  # noqa: S608 - a constant
                (json.dumps(page.tolist()), session),
            )
            characters = sum(len(row[-1]) for row in rows) // (len(rows) or 1) or 1
            size = max(1, min(_PAGE, _CHARACTERS // characters))
            found = {row[0]: row for row in rows}
            for row in filter(None, map(found.get, page)):
                yield _pending(row)

    def look_up(self, anchor: str) -> PendingExport:
        sql = f"{_SELECT.format(_COLUMNS)} AND p.anchor = ?"
        row = self._connection.execute(sql, (anchor,)).fetchone()
        return _pending(row)

    def releases(self, session: int) -> FewReleases | ManyReleases:
        (number,) = self._connection.execute(
            "SELECT sum(json_array_length(releases)) FROM pending_export WHERE releases IS NOT NULL"
        ).fetchone()
        if (number or 0) > _IN_MEMORY:
            return ManyReleases(self._connection, session)
        rows = self._connection.execute(
            """SELECT anchor, releases FROM pending_export
               WHERE releases IS NOT NULL AND tried IS NOT ?""",
            (session,),
        )
        return FewReleases((key, anchor) for anchor, keys in rows for key in json.loads(keys))

    def deletes(self) -> list[str]:
        """Return the source anchors of the objects that are to be deleted."""
        rows = self._connection.execute(
            "SELECT anchor FROM projection WHERE operation = 'delete' ORDER BY anchor"
        )
        return [anchor for (anchor,) in rows]

    def deletes_by_type(self) -> dict[str, int]:
        return dict(
            self._connection.execute(
                "SELECT type, count(*) FROM projection WHERE operation = 'delete' GROUP BY type"
            ).fetchall()
        )

    def exported_by_type(self) -> dict[str, int]:
        """Count the exported objects by type."""
        rows = self._connection.execute("SELECT type, count(*) FROM cloud_entry GROUP BY type")
        return dict(rows.fetchall())

    def member_losses(self) -> dict[str, tuple[int, int]]:
        """Return for each group that stays and is to lose members: how many of how many.

        Members that are to be deleted themselves do not count: the guard of deletes sees them.
        """
        lost = self._connection.execute(
            f"""SELECT g.anchor, count(*), (SELECT count(*) FROM told_member WHERE grp = g.id)
                FROM {_BOTH} WHERE {_LOST} GROUP BY g.id ORDER BY g.anchor"""  # noqa: S608
        ).fetchall()
        return {group: (number, of) for group, number, of in lost}

    def lost_memberships(self, groups: Collection[str]) -> list[tuple[str, str]]:
        """Return the memberships that these groups are to lose: source anchors of group and member."""
        return self._connection.execute(
            f"""SELECT g.anchor, o.anchor FROM {_BOTH}
                WHERE g.anchor IN (SELECT value FROM json_each(?)) AND {_LOST} ORDER BY 1, 2""",  # noqa: S608
            (json.dumps(list(groups)),),
        ).fetchall()

    def exported(self) -> int:
        """Count the exported objects."""
        # Two small indexes, not a walk over the rows.
        sql = """SELECT (SELECT count(*) FROM projection)
                 - (SELECT count(*) FROM projection WHERE told IS NULL)"""
        return int(self._connection.execute(sql).fetchone()[0])

    def exported_properties(self, anchor: str) -> dict[str, Any]:
        """Return what was exported of an object, empty where nothing was."""
        sql = "SELECT properties FROM cloud_entry WHERE anchor = ?"
        row = self._connection.execute(sql, (anchor,)).fetchone()
        return dict(decode(row[0])) if row else {}

    def member_totals(self) -> dict[str, dict[str, int]]:
        """Count the pending membership changes of each group: ``{add, remove}``."""
        rows = self._connection.execute(
            """SELECT grp, sum(adds), count(*) - sum(adds) FROM pending_member GROUP BY grp ORDER BY grp"""
        )
        return {group: {"add": adds, "remove": removes} for group, adds, removes in rows}

    def member_changes(self) -> Iterator[tuple[str, str, bool]]:
        """Yield the pending membership changes: group, member, and whether it is an addition."""
        rows = self._connection.execute("SELECT grp, member, adds FROM pending_member")
        for group, member, adds in rows:
            yield group, member, bool(adds)

    def manager_changes(self) -> Iterator[PendingManager]:
        """List the pending changes of managers."""
        return managers.pending(self._connection)

    def count(self) -> int:
        """Count the objects with a change to send, those of memberships and managers included."""
        row = self._connection.execute(
            f"""SELECT (SELECT count(*) FROM projection WHERE operation IS NOT NULL) + (
                    SELECT count(*) FROM (SELECT DISTINCT grp FROM wanted_member) d
                    JOIN projection p ON p.id = d.grp WHERE p.operation IS NULL
                    AND EXISTS (SELECT 1 FROM {_BOTH} WHERE m.grp = d.grp AND {_SENDABLE}))"""  # noqa: S608
        ).fetchone()
        return int(row[0]) + managers.count_alone(self._connection)

    # --- answers ------------------------------------------------------------------------------

    def record(  # noqa: PLR0913 - all of it is written in one transaction
        self,
        outcomes: Sequence[Outcome],
        *,
        session: int,
        now: str,
        following: Sequence[Batch],
        position: str,
        place: str | None,
    ) -> list[Event]:
        with immediate(self._database) as connection:
            events = results.record(connection, outcomes, session=session, now=now)
            self._note(following)
            self._state.set(POSITION, position)
            if events:
                self._state.set(_LOG_PLACE, place)
        return events

    def unlogged(self, limit: int) -> list[Event]:
        rows = self._connection.execute(
            "SELECT id, event, fields FROM outbox ORDER BY id LIMIT ?", (limit,)
        )
        return [Event(number, name, json.loads(fields)) for number, name, fields in rows]

    def log_place(self) -> str | None:
        return self._state.get(_LOG_PLACE)

    def logged(self, events: Sequence[Event], *, place: str | None) -> None:
        with immediate(self._database) as connection:
            connection.execute("DELETE FROM outbox WHERE id <= ?", (events[-1].id,))
            self._state.set(_LOG_PLACE, place)

    # --- members ------------------------------------------------------------------------------

    def members(self, limit: int) -> Iterator[list[MemberWork]]:
        after = (0, 0)
        while rows := self._connection.execute(
            f"""SELECT m.grp, m.member, m.adds, g.anchor, o.anchor FROM {_BOTH}
                WHERE (m.grp, m.member) > (?, ?) AND {_SENDABLE} ORDER BY m.grp, m.member LIMIT ?""",  # noqa: S608
            (*after, limit),
        ).fetchall():
            after = rows[-1][:2]
            groups: dict[tuple[int, str], tuple[list[MemberChange], list[int]]] = {}
            for group, member, adds, anchor, member_anchor in rows:
                changes, numbers = groups.setdefault((group, anchor), ([], []))
                changes.append(MemberChange(member_anchor, bool(adds)))
                numbers.append(member)
            yield [
                MemberWork(anchor, changes, group, numbers)
                for (group, anchor), (changes, numbers) in groups.items()
            ]

    def record_members(self, work: Sequence[MemberWork], *, position: str) -> None:
        with immediate(self._database) as connection:
            results.record_members(connection, work)
            self._state.set(POSITION, position)

    # --- managers -----------------------------------------------------------------------------

    def managers(self, limit: int) -> Iterator[list[ManagerWork]]:
        return managers.work(self._connection, limit)

    def record_managers(self, work: Sequence[ManagerWork], *, position: str) -> None:
        with immediate(self._database) as connection:
            results.record_managers(connection, work)
            self._state.set(POSITION, position)


class ExportOfOne(ExportQueue):
    """The pending export of one object alone; what others give up for it is not waited for."""

    def __init__(self, database: Database, anchor: str) -> None:
        super().__init__(database)
        self._anchor = anchor

    def in_order(self, session: int) -> Iterator[PendingExport]:
        return (each for each in super().in_order(session) if each.anchor == self._anchor)

    def releases(self, session: int) -> FewReleases:  # noqa: ARG002 - as the queue has it
        return FewReleases()

    def members(self, limit: int) -> Iterator[list[MemberWork]]:
        for works in super().members(limit):
            if own := [work for work in works if work.group == self._anchor]:
                yield own

    def managers(self, limit: int) -> Iterator[list[ManagerWork]]:
        for works in super().managers(limit):
            if own := [work for work in works if work.anchor == self._anchor]:
                yield own


def _pending(row: Sequence[Any]) -> PendingExport:
    number, anchor, name, kind, created, changed, released, text = row
    operation, properties = _OPERATIONS[name], read(text)
    if changed is not None:
        names = _names(changed)
    else:
        # The keys of a canonical text are sorted.
        names = tuple(properties) if operation is Operation.ADD else ()
    return PendingExport(
        operation,
        anchor,
        _TYPES[kind],
        created,
        properties,
        names,
        tuple(json.loads(released)) if released else (),
        number,
    )


@lru_cache(maxsize=1024)
def _names(text: str) -> tuple[str, ...]:
    """Read the names of properties; cached, because added objects mostly have the same ones."""
    return tuple(json.loads(text))
