"""Record every change that the cloud took, by run and object: ``connector history --object`` shows it.

A change is written with the answer to its export, in one transaction, so that the history holds what
was done and nothing else. It is kept as long as its run.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.model import Operation, SyncAction, manager_property
from connector.storage.rows import insert
from connector.values import dn as dns
from connector.values.addresses import fold
from connector.values.canonical import compact, decode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from connector.model import ManagerWork, MemberWork, Outcome
    from connector.staging.projection import Told
    from connector.storage.database import Database

_NO_CHANGE = frozenset({SyncAction.UNCHANGED, SyncAction.FAILED})
_NOTHING = "{}"
_IDENTITIES = ("userPrincipalName", "mail", "displayName")


class CloudChange(NamedTuple):
    """One change of an object that the cloud took in one run.

    ``operation`` is added, updated, deleted, restored or quarantined; ``attributes`` maps a name to its
    values before and after. ``members`` has the number of members removed and added instead, a manager is named by DN; a
    quarantined attribute has the name of the holder and the quarantined value.
    """

    run: int
    started: str | None
    anchor: str
    operation: str
    attributes: dict[str, list[Any]]


def record(
    connection: sqlite3.Connection, outcomes: Sequence[Outcome], before: Mapping[str, Told]
) -> None:
    """Write down what became of a batch; ``before`` has what was told of those that are updated."""
    rows: list[tuple[str, str, str]] = []
    for export, result in outcomes:
        if result.action in _NO_CHANGE:
            continue
        rows.append((export.anchor, str(result.action), _NOTHING))
        if export.operation is Operation.UPDATE:
            told = before.get(export.anchor)
            exported = decode(told.properties) if told else {}
            changed = {n: [exported.get(n), export.properties.get(n)] for n in export.changed}
            rows[-1] = (*rows[-1][:2], compact(changed))
        elif export.operation is Operation.DELETE:
            deleted = {name: [value, None] for name, value in export.properties.items()}
            rows[-1] = (*rows[-1][:2], compact(deleted))
        rows += (
            (
                export.anchor,
                "quarantined",
                compact({conflict.attribute: [conflict.held_by.display_name, conflict.value]}),
            )
            for conflict in result.quarantined
        )
    _append(connection, rows)


def record_members(connection: sqlite3.Connection, work: Iterable[MemberWork]) -> None:
    """Write down how many members each group lost and got."""
    rows = []
    for each in work:
        added = sum(change.add for change in each.changes)
        members = compact({"members": [len(each.changes) - added, added]})
        rows.append((each.group, str(SyncAction.UPDATED), members))
    _append(connection, rows)


def record_managers(
    connection: sqlite3.Connection,
    work: Iterable[ManagerWork],
    names: Mapping[int, tuple[str | None, str | None]],
) -> None:
    """Write down the managers that objects lost and got, by DN; of an object that is new all is."""
    rows = [
        (each.anchor, str(SyncAction.UPDATED), compact({manager_property(each.type): found}))
        for each in work
        if each.beside != Operation.ADD and (found := names.get(each.number))
    ]
    _append(connection, rows)


def _append(connection: sqlite3.Connection, rows: Sequence[tuple[str, str, str]]) -> None:
    """Add rows to the current run, which is the newest."""
    if not rows:
        return
    (run,) = connection.execute("SELECT coalesce(max(number), 0) FROM run").fetchone()
    (last,) = connection.execute(
        "SELECT coalesce(max(id), 0) FROM change WHERE run = ?", (run,)
    ).fetchone()
    insert(connection, "change", [(run, number, *row) for number, row in enumerate(rows, last + 1)])


def forget(connection: sqlite3.Connection, runs: Iterable[int]) -> None:
    """Remove the changes of runs that are no longer remembered."""
    connection.executemany("DELETE FROM change WHERE run = ?", ((run,) for run in runs))


_SELECT = """SELECT c.run, r.started, c.anchor, c.operation, c.attributes
             FROM change c LEFT JOIN run r ON r.number = c.run"""


def of_object(database: Database, anchors: Iterable[str]) -> Iterator[CloudChange]:
    """List the changes of objects, newest first."""
    where = "WHERE c.anchor IN (SELECT value FROM json_each(?)) ORDER BY c.run DESC, c.id DESC"
    return _listed(database, where, json.dumps(list(anchors)))


def of_run(database: Database, run: int) -> Iterator[CloudChange]:
    """List the changes of a run, in the order in which the cloud took them."""
    return _listed(database, "WHERE c.run = ? ORDER BY c.id", run)


def _listed(database: Database, where: str, value: object) -> Iterator[CloudChange]:
    rows = database.conn.execute(f"{_SELECT} {where}", (value,))
    for run, started, anchor, operation, attributes in rows:
        yield CloudChange(run, started, anchor, operation, decode(attributes))


def deleted(database: Database) -> Iterator[tuple[str, tuple[str, str], set[str]]]:
    """Yield anchor, name and DN, and all folded names, of each object that was deleted, oldest first."""
    for anchor, text in database.conn.execute(
        "SELECT anchor, attributes FROM change WHERE operation = 'deleted' ORDER BY run, id"
    ):
        before = {name: values[0] for name, values in decode(text).items()}
        names = {fold(str(before[name])) for name in _IDENTITIES if before.get(name)}
        dn = str(before.get("onPremisesDistinguishedName") or "")
        yield anchor, (str(before.get("displayName") or ""), dn), names


def deleted_as(database: Database, identity: str) -> dict[str, tuple[str, str]]:
    """Return name and DN, by anchor, of deleted objects that had this DN, UPN, address or display name."""
    wanted, key = fold(identity), dns.key(identity)
    return {
        anchor: shown
        for anchor, shown, names in deleted(database)
        if anchor == identity or wanted in names or dns.key(shown[1] or "-") == key
    }
