"""Store what the tenant answered: one transaction a batch, with the events for the log."""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from connector.model import Event, Failure, Operation, SyncCode, about
from connector.staging import changes, failures, foreign, managers, projection, texts
from connector.staging.projection import NOTHING_PENDING
from connector.staging.worklist import take_wanted_anchors
from connector.storage.rows import insert

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from connector.model import ManagerWork, MemberWork, Outcome

_ROWS = 1000


def record(
    connection: sqlite3.Connection, outcomes: Sequence[Outcome], *, session: int, now: str
) -> list[Event]:
    """Store the answers to a batch in the caller's transaction; return the events to log.

    A failed object counts one attempt more. The events stay in the outbox until they are logged.
    """
    before = projection.told(connection, _updated(outcomes))
    changes.record(connection, outcomes, before)
    done = [outcome for outcome in outcomes if outcome.result.code == SyncCode.SUCCESS]
    deletes = [o.export.anchor for o in done if o.export.operation is Operation.DELETE]
    _record_sets(connection, [o for o in done if o.export.operation is not Operation.DELETE])
    texts.release(connection, [(before[a].text, a) for a in _updated(done) if a in before])
    _record_deletes(connection, deletes)
    _forget_failures(connection, [outcome.export.anchor for outcome in done])
    foreign.accept(connection, done)
    events: list[Event] = []
    for outcome in outcomes:
        if outcome.result.code != SyncCode.SUCCESS:
            event = _record_failure(connection, outcome, session=session, now=now)
            events += [event] if event else []
        elif outcome.result.quarantined:
            events += _record_quarantine(connection, outcome)
    return events


def _record_sets(connection: sqlite3.Connection, outcomes: Sequence[Outcome]) -> None:
    """Note that the cloud was told what is pending of these objects; nothing is pending of them then."""
    names = [(export.number, result.cloud_anchor or "") for export, result in outcomes]
    for at in range(0, len(names), _ROWS):
        some = names[at : at + _ROWS]
        connection.execute(_told(len(some)), list(chain.from_iterable(some)))


@lru_cache(maxsize=16)
def _told(rows: int) -> str:
    """Return the statement that tells so many rows, each by its number and the name that the cloud gave.

    An error takes the whole transaction back, so SQLite need not keep a copy of what it changes (OR FAIL).
    """
    return f"""UPDATE OR FAIL projection AS p
        SET told = p.wanted, told_type = p.type, cloud_anchor = a.column2, {NOTHING_PENDING}
        FROM (VALUES {",".join(["(?, ?)"] * rows)}) a
        WHERE p.id = a.column1 AND p.operation IS NOT NULL"""  # noqa: S608 - only marks


def _updated(outcomes: Sequence[Outcome]) -> list[str]:
    return [o.export.anchor for o in outcomes if o.export.operation is Operation.UPDATE]


def _record_deletes(connection: sqlite3.Connection, anchors: Sequence[str]) -> None:
    """Forget what was exported of deleted objects; an entry that is still staged is decided on anew."""
    if not anchors:
        return
    named = connection.execute(
        """SELECT t.id, p.anchor FROM json_each(?) a CROSS JOIN projection p ON p.anchor = a.value
           JOIN text t ON t.id IN (p.told, p.wanted)""",
        (json.dumps(anchors),),
    ).fetchall()
    for statement in (
        "DELETE FROM told_member WHERE grp = (SELECT id FROM projection WHERE anchor = ?)",
        "DELETE FROM told_member WHERE member = (SELECT id FROM projection WHERE anchor = ?)",
        "DELETE FROM wanted_member WHERE grp = (SELECT id FROM projection WHERE anchor = ?)",
        """INSERT OR IGNORE INTO dirty
           SELECT created, anchor FROM entry WHERE anchor = ? AND +type IS NOT NULL""",
    ):
        connection.executemany(statement, ((anchor,) for anchor in anchors))
    projection.forget_managers(connection, projection.find(connection, anchors).values())
    take_wanted_anchors(connection, anchors)
    # One statement for all of them: there is no index by member, which would slow every first sync.
    connection.execute(
        """DELETE FROM wanted_member WHERE member IN
           (SELECT id FROM projection WHERE anchor IN (SELECT value FROM json_each(?)))""",
        (json.dumps(anchors),),
    )
    connection.executemany(
        "DELETE FROM projection WHERE anchor = ?", ((anchor,) for anchor in anchors)
    )
    texts.release(connection, named)


def _forget_failures(connection: sqlite3.Connection, anchors: Sequence[str]) -> None:
    """Forget the failures of earlier attempts at exports that the tenant took."""
    if connection.execute("SELECT 1 FROM error LIMIT 1").fetchone():
        connection.executemany(
            "DELETE FROM error WHERE anchor = ? AND stage = 'export'",
            ((anchor,) for anchor in anchors),
        )


def _record_failure(
    connection: sqlite3.Connection, outcome: Outcome, *, session: int, now: str
) -> Event | None:
    """Store a failure; return the event to log, None for one that is logged for all objects together."""
    export, result = outcome
    failure = Failure(
        export.anchor,
        result.code,
        result.attribute,
        result.value,
        result.description or result.code,
    )
    attempt = failures.record(connection, failure, stage="export", now=now)
    connection.execute(
        "UPDATE projection SET tried = ? WHERE anchor = ? AND operation IS NOT NULL",
        (session, export.anchor),
    )
    if result.code == SyncCode.ANCHOR_OWNED_BY_ANOTHER_CLIENT:
        foreign.refuse(connection, outcome)
        return None
    fields = about(export) | {
        "error": result.code,
        "attribute": result.attribute,
        "value": result.value,
        "attempt": attempt,
        "message": result.description,
    }
    return _post(connection, "export.failed", fields)


def _record_quarantine(connection: sqlite3.Connection, outcome: Outcome) -> list[Event]:
    whom = about(outcome.export)
    return [
        _post(
            connection,
            "export.quarantined",
            whom
            | {
                "attribute": conflict.attribute,
                "value": conflict.value,
                "held_by": conflict.held_by.display_name,
            },
        )
        for conflict in outcome.result.quarantined
    ]


def _post(connection: sqlite3.Connection, event: str, fields: dict[str, Any]) -> Event:
    cursor = connection.execute(
        "INSERT INTO outbox (event, fields) VALUES (?, ?)", (event, json.dumps(fields))
    )
    return Event(int(cursor.lastrowid or 0), event, fields)


def record_members(connection: sqlite3.Connection, work: Sequence[MemberWork]) -> None:
    """Store that the tenant took these membership changes."""
    changes.record_members(connection, work)
    pairs = [(w.number, *each) for w in work for each in zip(w.numbers, w.changes, strict=True)]
    added = [(group, member) for group, member, change in pairs if change.add]
    removed = [(group, member) for group, member, change in pairs if not change.add]
    insert(connection, "told_member", added, "ON CONFLICT DO NOTHING")
    connection.executemany("DELETE FROM told_member WHERE grp = ? AND member = ?", removed)
    connection.executemany(
        "DELETE FROM wanted_member WHERE grp = ? AND member = ?", added + removed
    )


def record_managers(connection: sqlite3.Connection, work: Sequence[ManagerWork]) -> None:
    """Store that the tenant took these changes of managers."""
    changes.record_managers(connection, work, managers.names(connection, work))
    managers.record(connection, work)
