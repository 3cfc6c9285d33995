"""Store what the tenant answered: one transaction a batch, with the events for the log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connector.model import Event, Failure, Operation, SyncCode, about
from connector.staging import changes, failures
from connector.staging.worklist import take_wanted_anchors
from connector.storage.rows import insert
from connector.values.canonical import canonical

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from connector.model import MemberWork, Outcome


def record(
    connection: sqlite3.Connection, outcomes: Sequence[Outcome], *, session: int, now: str
) -> list[Event]:
    """Store the answers to a batch in the caller's transaction; return the events to log.

    A failed object counts one attempt more. The events stay in the outbox until they are logged.
    """
    changes.record(connection, outcomes)
    done = [outcome for outcome in outcomes if outcome.result.code == SyncCode.SUCCESS]
    deletes = [o.export.anchor for o in done if o.export.operation is Operation.DELETE]
    _record_sets(connection, [o for o in done if o.export.operation is not Operation.DELETE])
    _record_deletes(connection, deletes)
    _forget_pending(connection, [outcome.export.anchor for outcome in done])
    events: list[Event] = []
    for outcome in outcomes:
        if outcome.result.code != SyncCode.SUCCESS:
            events.append(_record_failure(connection, outcome, session=session, now=now))
        elif outcome.result.quarantined:
            events += _record_quarantine(connection, outcome)
    return events


def _record_sets(connection: sqlite3.Connection, outcomes: Sequence[Outcome]) -> None:
    insert(
        connection,
        "cloud_entry (anchor, type, cloud_anchor, properties)",
        [
            (
                export.anchor,
                str(export.type),
                result.cloud_anchor or "",
                canonical(export.properties),
            )
            for export, result in outcomes
        ],
        """ON CONFLICT DO UPDATE SET type = excluded.type, cloud_anchor = excluded.cloud_anchor,
           properties = excluded.properties""",
    )


def _record_deletes(connection: sqlite3.Connection, anchors: Sequence[str]) -> None:
    """Forget what was exported of deleted objects; an entry that is still staged is decided on anew."""
    if not anchors:
        return
    for statement in (
        "DELETE FROM cloud_entry WHERE anchor = ?",
        "DELETE FROM cloud_member WHERE grp = ?",
        "DELETE FROM cloud_member WHERE member = ?",
        "DELETE FROM pending_member WHERE grp = ?",
        """INSERT OR IGNORE INTO dirty
           SELECT created, anchor FROM entry WHERE anchor = ? AND +type IS NOT NULL""",
    ):
        connection.executemany(statement, ((anchor,) for anchor in anchors))
    take_wanted_anchors(connection, anchors)
    # One statement for all of them: there is no index by member, which would slow every first sync.
    connection.execute(
        "DELETE FROM pending_member WHERE member IN (SELECT value FROM json_each(?))",
        (json.dumps(anchors),),
    )


def _forget_pending(connection: sqlite3.Connection, anchors: Sequence[str]) -> None:
    """Forget exports that the tenant took, and the failures of earlier attempts at them."""
    connection.execute(
        "DELETE FROM pending_export WHERE anchor IN (SELECT value FROM json_each(?))",
        (json.dumps(anchors),),
    )
    if connection.execute("SELECT 1 FROM error LIMIT 1").fetchone():
        connection.executemany(
            "DELETE FROM error WHERE anchor = ? AND stage = 'export'",
            ((anchor,) for anchor in anchors),
        )


def _record_failure(
    connection: sqlite3.Connection, outcome: Outcome, *, session: int, now: str
) -> Event:
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
        "UPDATE pending_export SET tried = ? WHERE anchor = ?", (session, export.anchor)
    )
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
    adds = [(w.group, change.anchor) for w in work for change in w.changes if change.add]
    removes = [(w.group, change.anchor) for w in work for change in w.changes if not change.add]
    connection.executemany("INSERT OR IGNORE INTO cloud_member VALUES (?, ?)", adds)
    connection.executemany("DELETE FROM cloud_member WHERE grp = ? AND member = ?", removes)
    connection.executemany(
        "DELETE FROM pending_member WHERE grp = ? AND member = ?", adds + removes
    )
