"""Tell what changed since a moment of the tenant."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from connector.tenant.delta import Changed, Member, Moment, Page, Place, Round
from connector.tenant.objects import TenantObject
from connector.tenant.sqlite.columns import COLUMNS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence


class Delta:
    """Reads the changes of a tenant."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def now(self) -> Moment:
        """Return the moment of the tenant now."""
        row = self._connection.execute(
            "SELECT (SELECT value FROM state WHERE name = 'identity'), "
            "(SELECT value FROM state WHERE name = 'timeline'), number, mark "
            "FROM change ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return Moment._make(row)

    def knows(self, moment: Moment) -> bool:
        """Tell whether all that changed since a moment can be told."""
        now = self.now()
        if (moment.tenant, moment.timeline) != (now.tenant, now.timeline):
            return False
        row = self._connection.execute(
            "SELECT 1 FROM change WHERE number = ? AND mark = ?", (moment.number, moment.mark)
        ).fetchone()
        return row is not None

    def page(self, asked: Round, place: Place, limit: int) -> Page:
        """Return the next changes of a round, at most ``limit``, in one reading transaction of the caller."""
        found = list(islice(self._after(asked, place, limit + 1), limit + 1))
        rest = found[limit - 1][0] if len(found) > limit else None
        changes = (self._changed(asked, row) for _, row in found[:limit])
        return Page([change for change in changes if change is not None], rest)

    # --- reading ------------------------------------------------------------------------------

    def _after(
        self, asked: Round, place: Place, limit: int
    ) -> Iterator[tuple[Place, str | TenantObject]]:
        """Yield what changed, an id or an object, after a place, each with its own place."""
        found: list[tuple[Place, str | TenantObject]] = []
        found += self._gone(asked, place, limit)
        found += self._objects(asked, place, limit)
        yield from sorted(found, key=lambda each: _order(each[0]))

    def _gone(self, asked: Round, place: Place, limit: int) -> list[tuple[Place, str]]:
        after = place
        if place.changed <= asked.began:
            after = Place(asked.began + 1)
        elif place.object:
            after = Place(place.changed + 1)
        rows = self._connection.execute(
            "SELECT changed, id FROM gone WHERE type = ? AND (changed, id) > (?, ?) "  # noqa: S608
            f"{_among('id', asked.ids)} ORDER BY changed, id LIMIT ?",
            (asked.type, after.changed, after.gone, *asked.ids, limit),
        )
        return [(Place(changed, gone=name), name) for changed, name in rows]

    def _objects(
        self, asked: Round, place: Place, limit: int
    ) -> Iterator[tuple[Place, TenantObject]]:
        # A few ids are looked up one by one: a plus keeps SQLite from the index over changes.
        by_id = "+" if asked.ids else ""
        for condition, values in (
            ("changed = ? AND number > ?", (place.changed, place.object)),
            ("changed > ?", (place.changed,)),
        ):
            rows = self._connection.execute(
                f"SELECT {COLUMNS}, changed FROM object WHERE {by_id}type = ? AND {condition} "  # noqa: S608
                "AND (deleted IS NULL OR changed > ?) AND (? OR own_changed > ?) "
                f"{_among('id', asked.ids)} ORDER BY changed, number LIMIT ?",
                (
                    asked.type,
                    *values,
                    asked.began,
                    asked.members,
                    asked.after,
                    *asked.ids,
                    limit,
                ),
            ).fetchall()
            for *row, changed in rows:
                item = TenantObject._make(row)
                yield Place(changed, object=item.number), item
            limit -= len(rows)

    def _changed(self, asked: Round, found: str | TenantObject) -> Changed | None:
        """Return a change with its members; None for a group whose members did not change after all."""
        if isinstance(found, str):
            return Changed(found, None)
        if not asked.members or found.deleted is not None:
            return Changed(found.id, found)
        members = self._members(found.number, asked.after)
        if not members and not asked.own and asked.since is not None:
            return None
        return Changed(found.id, found, members)

    def _members(self, group: int, since: int) -> list[Member]:
        rows = self._connection.execute(
            "SELECT id, type, 0 FROM link JOIN object ON object.number = member "
            "WHERE parent = ?1 AND link.changed > ?2 UNION ALL "
            "SELECT member, type, 1 FROM unlinked WHERE parent = ?1 AND changed > ?2 AND ?2 >= 0 "
            "AND NOT EXISTS (SELECT 1 FROM object JOIN link ON link.member = object.number "
            "WHERE object.id = unlinked.member AND parent = ?1)",
            (group, since),
        )
        return [Member(name, kind, bool(removed)) for name, kind, removed in rows]


def _order(place: Place) -> tuple[int, bool, str, int]:
    """Put those that are gone before the objects of the same change."""
    return place.changed, place.object > 0, place.gone, place.object


def _among(column: str, ids: Sequence[str]) -> str:
    return f"AND {column} IN ({','.join('?' * len(ids))})" if ids else ""
