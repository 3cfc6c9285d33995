"""Write a decision down: a statement a table, over rows that one parameter gives as JSON.

No statement waits for the answer to the one before, and all go out with the end of the transaction. COPY would cost
the server a third less, and two round trips a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.tenant.objects import TenantObject
from connector.tenant.postgresql.columns import given, kept, one_of
from connector.values.addresses import fold
from connector.values.canonical import compact
from connector.values.collation import name_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from connector.model import MemberChange
    from connector.tenant.objects import Errors
    from connector.tenant.postgresql.changes import Changes
    from connector.tenant.postgresql.session import Question, Session
    from connector.tenant.writes import Writes

_NUMBERS = frozenset({"number", "version", "members_version", "owner", "changed", "own_changed"})
_SMALL = frozenset({"synced", "exchange", "upn_proxy", "admin_role"})
_WRITTEN = (*TenantObject._fields, "changed", "own_changed", "name_key")
# What never changes; of an object that is soft-deleted the source anchor does not either.
_FIXED = frozenset({"number", "id", "type", "created"})


def _type(column: str) -> str:
    if column in _NUMBERS:
        return "bigint"
    return "integer" if column in _SMALL else "text"


_NEW = given("new", **{name: _type(name) for name in _WRITTEN})
_CHANGES = ", ".join(f"{name} = new.{name}" for name in _WRITTEN if name not in _FIXED)
_UPDATE = f"UPDATE object SET {_CHANGES} FROM {_NEW} WHERE object.number = new.number"  # noqa: S608
_COLUMNS = ", ".join(_WRITTEN)
_INSERT = f"INSERT INTO object ({_COLUMNS}) SELECT {_COLUMNS} FROM {_NEW}"  # noqa: S608
_PAIR = {"parent": "bigint", "member": "bigint"}
_CLAIM = {"namespace": "text", "key": "text", "holder": "bigint"}
_GRANT = f"INSERT INTO claim (namespace, key, holder) SELECT * FROM {given('new', **_CLAIM)}"  # noqa: S608
_GIVE_UP = (
    f"DELETE FROM claim USING {given('old', **_CLAIM)} "  # noqa: S608
    "WHERE claim.namespace = old.namespace AND claim.key = old.key AND claim.holder = old.holder"
)
_REMOVED = (
    "INSERT INTO removed (anchor, type, id, version) "
    "SELECT DISTINCT ON (anchor, type) anchor, type, id, %s::bigint "
    "FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS gone (anchor, type, id, place) "
    "ORDER BY anchor, type, place DESC "
    "ON CONFLICT (anchor, type) DO UPDATE SET id = excluded.id, version = excluded.version"
)
_UNLINKED = (
    "INSERT INTO unlinked (parent, member, type, changed) "
    "SELECT link.parent, object.id, object.type, %s::bigint FROM link "
    "JOIN object ON object.number = link.member {gone} "
    "ON CONFLICT (parent, member) DO UPDATE SET type = excluded.type, changed = excluded.changed"
)
_GONE = f"JOIN {given('gone', **_PAIR)} ON gone.parent = link.parent AND gone.member = link.member"
_REMOVE = (
    f"DELETE FROM link USING {given('gone', **_PAIR)} "  # noqa: S608
    "WHERE link.parent = gone.parent AND link.member = gone.member RETURNING link.parent"
)
_ADD = (
    f"INSERT INTO link (parent, member, changed) SELECT parent, member, %s::bigint FROM {given('new', **_PAIR)} "  # noqa: S608
    "ON CONFLICT DO NOTHING RETURNING parent"
)
_LEAD = (
    f"INSERT INTO manager (object, manager) SELECT * FROM {given('new', object='bigint', manager='bigint')} "  # noqa: S608
    "ON CONFLICT (object) DO UPDATE SET manager = excluded.manager "
    "WHERE manager.manager <> excluded.manager RETURNING object"
)
_LEAVE = f"DELETE FROM manager WHERE object {one_of('bigint')} RETURNING object"  # noqa: S608
_CHANGED = "UPDATE object SET version = %s, changed = %s, own_changed = %s WHERE number = ANY(%s)"
_TEXTS = (
    "property",
    "key",
    "value",
    "occurred",
    "type",
    "name",
    "upn",
    "search",
    "name_key",
    "upn_key",
)
_ERROR = {"object": "bigint", **dict.fromkeys(_TEXTS, "text")}
_ERRORS = (
    f"INSERT INTO provisioning_error ({', '.join(_ERROR)}) SELECT * FROM {given('new', **_ERROR)}"  # noqa: S608
)
# Rows of one statement; the server takes JSON of 256 MB at most.
_MOST = 10_000


class Writer:
    """Writes to the tables of a tenant, within a transaction of the caller."""

    def __init__(self, session: Session, changes: Changes) -> None:
        self._session = session
        self._changes = changes

    def write(self, writes: Writes, version: int, before: Mapping[int, TenantObject]) -> None:
        """Write a decision down; claims are given up before others are granted."""
        changed = writes.updated + writes.soft_deleted
        errors = writes.errors
        touched = bool(writes.inserted or changed or writes.deleted or errors)
        now = self._changes.number() if touched else 0
        self._run_over(_GIVE_UP, writes.given_up)
        self._run_over(_UPDATE, [_row(item, now) for item in changed])
        self._run_over(_INSERT, [_row(item, now) for item in writes.inserted])
        self._run_over(_GRANT, sorted(writes.granted))
        self._unlink(writes, version, now)
        self._delete(writes, now)
        self._report_gone(writes.deleted + writes.renamed, version)
        if moved := kept(writes.came_or_went(before)):
            self._run("UPDATE taken SET version = %s WHERE anchor = ANY(%s)", version, moved)
        self._forget_errors(writes, now)
        self._note_failures(writes)
        self._run_over(_ERRORS, [row for item, its in errors for row in _error_rows(item, its)])

    def change_members(
        self, groups: Collection[tuple[int, Sequence[MemberChange]]], version: int
    ) -> set[int]:
        """Add and remove memberships; return the numbers of the groups that this changed."""
        numbers = self._live_numbers({change.anchor for _, some in groups for change in some})
        added: dict[tuple[int, int], None] = {}
        removed: dict[tuple[int, int], None] = {}
        for group, changes in groups:
            known = [(numbers[one.anchor], one.add) for one in changes if one.anchor in numbers]
            removed.update(dict.fromkeys((group, member) for member, add in known if not add))
            added.update(dict.fromkeys((group, member) for member, add in known if add))
        if removed:
            self._run(_UNLINKED.format(gone=_GONE), self._changes.number(), compact(list(removed)))
        asked: list[Question] = [(_REMOVE, (compact(list(removed)),))] if removed else []
        if added:
            asked.append((_ADD, (self._changes.number(), compact(list(added)))))
        rows = self._session.answers(*asked) if asked else []
        changed = {parent for some in rows for (parent,) in some}
        if changed:
            self._session.run(
                "UPDATE object SET members_version = %s, version = %s, changed = %s "
                "WHERE number = ANY(%s)",
                (version, version, self._changes.number(), sorted(changed)),
            )
        return changed

    def change_managers(self, changes: Collection[tuple[int, str]], version: int) -> set[int]:
        """Give objects a manager by source anchor, or none; return the numbers of those that this changed."""
        numbers = self._live_numbers({anchor for _, anchor in changes if anchor})
        led = {number: numbers[anchor] for number, anchor in changes if anchor in numbers}
        lost = [number for number, anchor in changes if not anchor]
        rows, gone = self._session.answers(
            (_LEAD, (compact(list(led.items())),)), (_LEAVE, (compact(lost),))
        )
        changed = {number for (number,) in (*rows, *gone)}
        self._session.run(_CHANGED, (version, *(self._changes.number(),) * 2, sorted(changed)))
        return changed

    def _live_numbers(self, anchors: Collection[str]) -> dict[str, int]:
        sql = (
            f"SELECT anchor, number FROM object WHERE deleted IS NULL AND anchor {one_of('text')} "  # noqa: S608
            "ORDER BY type, number"
        )
        return dict(self._session.rows(sql, (compact(kept(anchors)),)))

    # --- the parts of a decision --------------------------------------------------------------

    def _unlink(self, writes: Writes, version: int, now: int) -> None:
        """Remove the memberships of deleted objects, on either end, and their managers and reports."""
        numbers = [item.number for item in writes.deleted + writes.soft_deleted]
        if not numbers:
            return
        self._run(
            "UPDATE object SET members_version = %s, version = %s, changed = %s "
            "WHERE number IN (SELECT parent FROM link WHERE member = ANY(%s))",
            version,
            version,
            now,
            numbers,
        )
        self._run(_UNLINKED.format(gone="WHERE link.member = ANY(%s)"), now, numbers)
        self._run("DELETE FROM link WHERE parent = ANY(%s) OR member = ANY(%s)", numbers, numbers)
        self._run(
            "UPDATE object SET version = %s, changed = %s, own_changed = %s WHERE number IN "
            "(SELECT object FROM manager WHERE manager = ANY(%s) AND object <> manager)",
            version,
            now,
            now,
            numbers,
        )
        self._run(
            "DELETE FROM manager WHERE object = ANY(%s) OR manager = ANY(%s)", numbers, numbers
        )

    def _delete(self, writes: Writes, now: int) -> None:
        """Delete objects for good."""
        if not writes.deleted:
            return
        numbers = [item.number for item in writes.deleted]
        self._run("DELETE FROM object WHERE number = ANY(%s)", numbers)
        self._run("DELETE FROM provisioning_error WHERE object = ANY(%s)", numbers)
        self._run("DELETE FROM unlinked WHERE parent = ANY(%s)", numbers)
        self._run(
            "INSERT INTO gone (type, changed, id) SELECT type, %s::bigint, id "
            "FROM unnest(%s::text[], %s::text[]) AS gone (type, id) ON CONFLICT DO NOTHING",
            now,
            *_columns([(item.type, item.id) for item in writes.deleted], 2),
        )

    def _report_gone(self, items: Sequence[TenantObject], version: int) -> None:
        """Let the read-back report the source anchors of these objects as gone."""
        some = [(item.anchor, item.type, item.id) for item in items if item.anchor]
        if some:
            self._run(_REMOVED, version, *_columns(some, 3))

    def _forget_errors(self, writes: Writes, now: int) -> None:
        """Drop the errors that are written anew; their objects count as changed."""
        numbers = [item.number for item, _ in writes.errors]
        if not numbers:
            return
        self._run("DELETE FROM provisioning_error WHERE object = ANY(%s)", numbers)
        written = {item.number for item in (*writes.inserted, *writes.updated)}
        if others := sorted(set(numbers) - written):
            sql = "UPDATE object SET changed = %s, own_changed = %s WHERE number = ANY(%s)"
            self._run(sql, now, now, others)

    def _note_failures(self, writes: Writes) -> None:
        if writes.failed_first:
            self._run(
                "INSERT INTO first_failure (anchor) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING",
                writes.failed_first,
            )
        if added := [item.anchor for item in writes.inserted if item.type == "group"]:
            self._run("DELETE FROM first_failure WHERE anchor = ANY(%s)", added)

    # --- how ----------------------------------------------------------------------------------

    def _run(self, sql: str, *values: Any) -> None:
        self._session.run(sql, values)

    def _run_over(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        for start in range(0, len(rows), _MOST):
            self._run(sql, compact(rows[start : start + _MOST]))


def _row(item: TenantObject, now: int) -> tuple[Any, ...]:
    return (*item, now, now, name_key(item.display_name))


def _columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Turn rows into one array a column."""
    found = [list(column) for column in zip(*rows, strict=True)]
    return found or [[] for _ in range(width)]


def _error_rows(item: TenantObject, errors: Errors) -> Iterable[tuple[Any, ...]]:
    for error in errors.values():
        text = fold(f"{item.display_name}\n{item.upn or ''}\n{error.value}")
        keys = (name_key(item.display_name), name_key(item.upn or ""))
        yield (item.number, *error, item.type, item.display_name, item.upn, text, *keys)
