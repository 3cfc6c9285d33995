"""Read pages and counts of a collection from the tenant.

A page starts after the keys of the last object before it, never at a position: what comes or goes between
two pages moves no other object onto another page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.tenant.objects import UPN, TenantObject
from connector.tenant.provisioning_errors import holder_of
from connector.tenant.queries import errors_of
from connector.tenant.store import COLUMNS
from connector.web.graph.filter import sql
from connector.web.graph.filter.tree import And, Compare
from connector.web.graph.wire import row_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from connector.web.graph.filter.tree import Node
    from connector.web.graph.options import Options
    from connector.web.graph.properties import Row

Values = tuple[str | int, ...]
_BY_NAME = ("display_name",)
_NAMES = frozenset({"displayName"})
_ORDERS = {
    "displayName": sql.folded("display_name"),
    "userPrincipalName": f"coalesce({sql.folded('upn')}, '')",
    "createdDateTime": "created",
}


@dataclass(frozen=True, slots=True)
class Collection:
    """Rows of the table ``object``: ``source`` follows FROM, ``condition`` WHERE.

    ``values`` are the parameters of both, in their order. ``keys`` give the order where a request
    asks for none; the number of the object comes last. ``hint`` is a condition that all of the rows
    meet, and that tells SQLite which of two indexes has all that is needed: the one over the names.
    """

    condition: str
    values: Values = ()
    source: str = "object"
    keys: tuple[str, ...] = _BY_NAME
    hint: str = ""


class Page(NamedTuple):
    """Numbers of objects, and the keys of the last one where there are more after it."""

    numbers: list[int]
    last: Values | None


NOTHING = Collection("FALSE")


def live(kind: str) -> Collection:
    return Collection("type = ? AND deleted IS NULL", (kind,), hint="display_name >= ''")


def deleted(kind: str | None) -> Collection:
    """Return the soft-deleted objects of a type, or all."""
    if kind is None:
        return Collection("deleted IS NOT NULL")
    return Collection("deleted IS NOT NULL AND type = ?", (kind,))


def linked(number: int, *, up: bool, transitive: bool) -> Collection:
    """Return the groups that an object is a member of (``up``), or the members of a group.

    The order is that in which the objects came: it is the order of the table of memberships.
    """
    to, start = ("parent", "member") if up else ("member", "parent")
    if not transitive:
        source = f"link CROSS JOIN object ON number = {to}"
        return Collection(f"link.{start} = ?", (number,), source, ())
    reached = (
        f"WITH RECURSIVE reached (number) AS (SELECT {to} FROM link WHERE {start} = ? UNION "  # noqa: S608
        f"SELECT {to} FROM link JOIN reached ON {start} = reached.number) SELECT number FROM reached"
    )
    return Collection(f"number IN ({reached}) AND number <> ?", (number, number), keys=())


def manager(connection: sqlite3.Connection, number: int) -> int | None:
    """Return the manager of an object by number, None where it has none."""
    sql_text = "SELECT manager FROM manager WHERE object = ?"
    row = connection.execute(sql_text, (number,)).fetchone()
    return None if row is None else int(row[0])


def reports(number: int) -> Collection:
    """Return the users and contacts whose manager an object is; who manages a group is not among these."""
    source = "manager CROSS JOIN object ON number = manager.object"
    return Collection("manager.manager = ? AND type <> 'group'", (number,), source, ())


def page(
    connection: sqlite3.Connection, among: Collection, options: Options, after: Values = ()
) -> Page:
    """Return one page of a collection, from the keys ``after`` on; raises ValueError for other keys."""
    order = [(_ORDERS[name], falls) for name, falls in options.order]
    keys = order or [(key, False) for key in among.keys]
    if after and len(after) != len(keys) + 1:
        raise ValueError("keys of another order")
    conditions, values = _conditions(connection, among, options)
    if among.hint and options.asks_for_all and {name for name, _ in options.order} <= _NAMES:
        conditions.append(among.hint)
    if after:
        condition, more = _beyond([*keys, ("number", False)], after)
        conditions.append(condition)
        values += more
    columns = ", ".join(["number", *(key for key, _ in keys)])
    ways = ", ".join([*(f"{key} DESC" if falls else key for key, falls in keys), "number"])
    rows = connection.execute(
        f"SELECT {columns} FROM {among.source} WHERE {' AND '.join(conditions)} "  # noqa: S608
        f"ORDER BY {ways} LIMIT ?",
        (*values, options.top + 1),
    ).fetchall()
    shown = rows[: options.top]
    last = (*shown[-1][1:], shown[-1][0]) if len(rows) > len(shown) else None
    return Page([row[0] for row in shown], last)


def count(connection: sqlite3.Connection, among: Collection, options: Options) -> int:
    """Return how many objects of a collection meet the filter and the search."""
    conditions, values = _conditions(connection, among, options)
    if among.hint and options.asks_for_all:
        conditions.append(among.hint)
    query = f"SELECT count(*) FROM {among.source} WHERE {' AND '.join(conditions)}"  # noqa: S608
    return int(connection.execute(query, values).fetchone()[0])


def rows(
    connection: sqlite3.Connection, numbers: Sequence[int], *, with_errors: bool = True
) -> list[Row]:
    """Return objects in the order of their numbers; those that are gone are left out."""
    sql_text = f"SELECT {COLUMNS} FROM object WHERE number IN (SELECT value FROM json_each(?))"  # noqa: S608
    found = connection.execute(sql_text, (json.dumps(list(numbers)),))
    items = {row[0]: TenantObject._make(row) for row in found}
    errors = errors_of(connection, list(numbers)) if with_errors and numbers else {}
    return [row_of(items[each], errors.get(each, ())) for each in numbers if each in items]


def ids(connection: sqlite3.Connection, among: Collection, *, only_security: bool) -> list[str]:
    """Return the ids of all groups of a collection, or of those alone that give rights."""
    security = " AND shadow ->> 'securityEnabled' = 1" if only_security else ""
    query = f"SELECT id FROM {among.source} WHERE {among.condition}{security} ORDER BY id"  # noqa: S608
    return [found for (found,) in connection.execute(query, among.values)]


def _conditions(
    connection: sqlite3.Connection, among: Collection, options: Options
) -> tuple[list[str], list[Any]]:
    conditions, values = [among.condition], list[Any](among.values)
    if options.filter is not None:
        if (upn := _required_upn(options.filter.node)) is not None:
            # Every live user holds its UPN, and the index over these is found in no time.
            holder = holder_of(connection, UPN, upn)
            conditions.append("object.id = ?")
            values.append("" if holder is None else holder.id)
        condition, more = sql.condition(options.filter)
        conditions.append(condition)
        values += more
    if options.search is not None:
        conditions.append(options.search.sql)
        values += options.search.values
    return conditions, values


def _required_upn(node: Node) -> str | None:
    """Return the UPN that every object has which meets a filter, if there is one."""
    match node:
        case Compare(("userPrincipalName",), "eq", str(upn)):
            return upn
        case And(conditions):
            return next(filter(None, map(_required_upn, conditions)), None)
    return None


def _beyond(keys: Iterable[tuple[str, bool]], after: Values) -> tuple[str, list[Any]]:
    """Write the condition that an object stands behind the keys of another one."""
    (key, falls), *rest = keys
    first, *others = after
    sign = "<" if falls else ">"
    if not rest:
        return f"{key} {sign} ?", [first]
    condition, values = _beyond(rest, tuple(others))
    # The first part lets an index find the place.
    return (
        f"({key} {sign}= ? AND ({key} {sign} ? OR {condition}))",
        [first, first, *values],
    )
