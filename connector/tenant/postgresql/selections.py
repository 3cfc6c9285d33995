"""Read pages and counts of a selection.

A page starts after the keys of the last object before it, never at a position: what comes or goes between
two pages moves no other object onto another page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connector.tenant.objects import UPN, TenantObject
from connector.tenant.postgresql import conditions
from connector.tenant.postgresql.columns import COLUMNS
from connector.tenant.postgresql.errors import ErrorQuestions
from connector.tenant.selection import Deleted, Led, Linked, Live, Nobody, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connector.tenant.postgresql.session import Session
    from connector.tenant.selection import Among, Keys, Order, Selection

_BY_NAME = ("display_name",)
_ORDERS: dict[Order, str] = {
    "display_name": conditions.folded("display_name"),
    "upn": f"coalesce({conditions.folded('upn')}, '')",
    "created": "created",
}


class _Rows(NamedTuple):
    """Rows of the table ``object``: ``source`` follows FROM, ``condition`` WHERE.

    ``values`` are the parameters of both, in their order. ``keys`` give the order where none is asked
    for.
    """

    condition: str
    values: tuple[str | int, ...] = ()
    source: str = "object"
    keys: tuple[str, ...] = _BY_NAME


class Selections:
    """Implements ``ports.Selections``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(self, wanted: Selection, limit: int, after: Keys = ()) -> Page:
        some = _rows(wanted.among)
        order = [(_ORDERS[name], falls) for name, falls in wanted.order]
        keys = order or [(key, False) for key in some.keys]
        if after and len(after) != len(keys) + 1:
            raise ValueError("keys of another order")
        met, values = self._conditions(wanted, some)
        if after:
            condition, more = _beyond([*keys, ("number", False)], after)
            met.append(condition)
            values += more
        columns = ", ".join(["number", *(key for key, _ in keys)])
        ways = ", ".join([*(f"{key} DESC" if falls else key for key, falls in keys), "number"])
        rows = self._session.rows(
            f"SELECT {columns} FROM {some.source} WHERE {' AND '.join(met)} "  # noqa: S608
            f"ORDER BY {ways} LIMIT %s",
            (*values, limit + 1),
        )
        shown = rows[:limit]
        last = (*shown[-1][1:], shown[-1][0]) if len(rows) > len(shown) else None
        return Page([row[0] for row in shown], last)

    def count(self, wanted: Selection) -> int:
        some = _rows(wanted.among)
        met, values = self._conditions(wanted, some)
        query = f"SELECT count(*) FROM {some.source} WHERE {' AND '.join(met)}"  # noqa: S608
        [(found,)] = self._session.rows(query, values)
        return int(found)

    def ids(self, wanted: Selection) -> list[str]:
        some = _rows(wanted.among)
        met, values = self._conditions(wanted, some)
        query = f"SELECT id FROM {some.source} WHERE {' AND '.join(met)} ORDER BY id"  # noqa: S608
        return [found for (found,) in self._session.rows(query, values)]

    def objects(self, numbers: Sequence[int]) -> dict[int, TenantObject]:
        query = f"SELECT {COLUMNS} FROM object WHERE number = ANY(%s)"  # noqa: S608
        found = self._session.rows(query, (list(numbers),))
        return {row[0]: TenantObject._make(row) for row in found}

    def _conditions(self, wanted: Selection, some: _Rows) -> tuple[list[str], list[Any]]:
        met, values = [some.condition], list[Any](some.values)
        if wanted.upn is not None:
            # Every live user holds its UPN, and the index over these is found in no time.
            holder = ErrorQuestions(self._session).holder_of(UPN, wanted.upn)
            met.append("object.id = %s")
            values.append("" if holder is None else holder.id)
        if wanted.condition is not None:
            condition, more = conditions.written(wanted.condition)
            met.append(condition)
            values += more
        return met, values


def _rows(among: Among) -> _Rows:
    match among:
        case Nobody():
            return _Rows("FALSE")
        case Live():
            found = _Rows("deleted IS NULL")
        case Deleted():
            found = _Rows("deleted IS NOT NULL")
        case Linked():
            found = _linked(among)
        case Led():
            found = _led(among)
    if among.type is None:
        return found
    condition = f"object.type = %s AND {found.condition}"
    return found._replace(condition=condition, values=(among.type, *found.values))


def _linked(among: Linked) -> _Rows:
    """Return memberships in the order of their table, which is that in which the objects came."""
    to, start = ("parent", "member") if among.up else ("member", "parent")
    if not among.transitive:
        source = f"link JOIN object ON number = {to}"
        return _Rows(f"link.{start} = %s", (among.number,), source, ())
    reached = (
        f"WITH RECURSIVE reached (number) AS (SELECT {to} FROM link WHERE {start} = %s UNION "  # noqa: S608
        f"SELECT {to} FROM link JOIN reached ON {start} = reached.number) SELECT number FROM reached"
    )
    both = (among.number, among.number)
    return _Rows(f"number IN ({reached}) AND number <> %s", both, keys=())


def _led(among: Led) -> _Rows:
    to, start = ("manager", "object") if among.up else ("object", "manager")
    condition = f"manager.{start} = %s" if among.up else f"manager.{start} = %s AND type <> 'group'"
    return _Rows(condition, (among.number,), f"manager JOIN object ON number = manager.{to}", ())


def _beyond(keys: Iterable[tuple[str, bool]], after: Keys) -> tuple[str, list[Any]]:
    """Write the condition that an object stands behind the keys of another one."""
    (key, falls), *rest = keys
    first, *others = after
    sign = "<" if falls else ">"
    if not rest:
        return f"{key} {sign} %s", [first]
    condition, values = _beyond(rest, tuple(others))
    # The first part lets an index find the place.
    return (
        f"({key} {sign}= %s AND ({key} {sign} %s OR {condition}))",
        [first, first, *values],
    )
