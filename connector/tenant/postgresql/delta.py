"""Tell what changed since a moment of the tenant."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from connector.tenant.delta import Changed, Member, Moment, Page, Place, Round
from connector.tenant.objects import TenantObject
from connector.tenant.postgresql.columns import COLUMNS, kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.tenant.postgresql.session import Session


class Delta:
    """Implements ``ports.Delta``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def now(self) -> Moment:
        row = self._session.row(
            "SELECT (SELECT value FROM state WHERE name = 'identity'), "
            "(SELECT value FROM state WHERE name = 'timeline'), number, mark "
            "FROM change ORDER BY number DESC LIMIT 1"
        )
        return Moment._make(row or ())

    def knows(self, moment: Moment) -> bool:
        now = self.now()
        if (moment.tenant, moment.timeline) != (now.tenant, now.timeline):
            return False
        if not kept([moment.mark]):
            return False
        sql = "SELECT 1 FROM change WHERE number = %s AND mark = %s"
        return self._session.row(sql, (moment.number, moment.mark)) is not None

    def page(self, asked: Round, place: Place, limit: int) -> Page:
        with self._session.one_state():
            found = list(islice(self._after(asked, place, limit + 1), limit + 1))
            rest = found[limit - 1][0] if len(found) > limit else None
            shown = [each for _, each in found[:limit]]
            members = self._members(asked, shown)
            changes = [_changed(asked, each, members) for each in shown]
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
        among, ids = _among(asked.ids)
        rows = self._session.rows(
            "SELECT changed, id FROM gone WHERE type = %s AND (changed, id) > (%s, %s) "  # noqa: S608
            f"{among} ORDER BY changed, id LIMIT %s",
            (asked.type, after.changed, after.gone, *ids, limit),
        )
        return [(Place(changed, gone=name), name) for changed, name in rows]

    def _objects(
        self, asked: Round, place: Place, limit: int
    ) -> Iterator[tuple[Place, TenantObject]]:
        among, ids = _among(asked.ids)
        own = "" if asked.members else "AND own_changed > %s "
        rows = self._session.rows(
            f"SELECT {COLUMNS}, changed FROM object WHERE type = %s "  # noqa: S608
            "AND (changed, number) > (%s, %s) AND (deleted IS NULL OR changed > %s) "
            f"{own}{among} ORDER BY changed, number LIMIT %s",
            (
                asked.type,
                place.changed,
                place.object,
                asked.began,
                *([] if asked.members else [asked.after]),
                *ids,
                limit,
            ),
        )
        for *row, changed in rows:
            item = TenantObject._make(row)
            yield Place(changed, object=item.number), item

    def _members(self, asked: Round, some: Sequence[str | TenantObject]) -> dict[int, list[Member]]:
        """Return the memberships that changed, of all groups of a page."""
        found: dict[int, list[Member]] = {}
        groups = [each.number for each in some if not isinstance(each, str)]
        if not asked.members or not groups:
            return found
        since = asked.after
        rows = self._session.rows(
            "SELECT parent, id, object.type, FALSE AS removed, number AS place FROM link "
            "JOIN object ON object.number = member WHERE parent = ANY(%s) AND link.changed > %s "
            "UNION ALL SELECT parent, member, type, TRUE, 0 FROM unlinked "
            "WHERE parent = ANY(%s) AND changed > %s AND %s >= 0 AND NOT EXISTS (SELECT 1 FROM object "
            "JOIN link ON link.member = object.number "
            "WHERE object.id = unlinked.member AND link.parent = unlinked.parent) "
            "ORDER BY parent, removed, place, id",
            (groups, since, groups, since, since),
        )
        for parent, name, kind, removed, _ in rows:
            found.setdefault(parent, []).append(Member(name, kind, removed))
        return found


def _changed(
    asked: Round, found: str | TenantObject, members: dict[int, list[Member]]
) -> Changed | None:
    """Return a change with its members; None for a group whose members did not change after all."""
    if isinstance(found, str):
        return Changed(found, None)
    if not asked.members or found.deleted is not None:
        return Changed(found.id, found)
    its = members.get(found.number, [])
    if not its and not asked.own and asked.since is not None:
        return None
    return Changed(found.id, found, its)


def _order(place: Place) -> tuple[int, bool, str, int]:
    """Put those that are gone before the objects of the same change."""
    return place.changed, place.object > 0, place.gone, place.object


def _among(ids: Sequence[str]) -> tuple[str, list[list[str]]]:
    return ("AND id = ANY(%s)", [kept(ids)]) if ids else ("", [])
