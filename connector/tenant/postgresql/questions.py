"""Answer questions about the tenant: read-back, listings, identities, counts."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from connector.model import ObjectType, ShadowObject
from connector.tenant.finding import distinguished_name
from connector.tenant.objects import ProvisioningError, TenantObject, cloud_anchor
from connector.tenant.ports import ObjectCounts
from connector.tenant.postgresql.columns import COLUMNS
from connector.tenant.postgresql.errors import ErrorQuestions
from connector.tenant.shape import graph_json
from connector.values import dn
from connector.values.addresses import ProxyAddress, fold
from connector.values.canonical import canonical, decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.tenant.postgresql.session import Question
    from connector.tenant.provisioning_errors import ErrorQuery

_SELECT = f"SELECT {COLUMNS} FROM object "  # noqa: S608
_BY_NAME = "name_key, display_name, id"
_PAGE = 500
_NAMING = ("displayName", "onPremisesDistinguishedName")
_STATES = {True: "deleted IS NOT NULL", False: "deleted IS NULL"}


class Questions(ErrorQuestions):
    """Implements ``ports.Questions``."""

    def counts(self) -> ObjectCounts:
        [row] = self._session.rows(
            "SELECT (SELECT count(*) FROM object WHERE type = 'user' AND deleted IS NULL), "
            "(SELECT count(*) FROM object WHERE type = 'group' AND deleted IS NULL), "
            "(SELECT count(*) FROM object WHERE type = 'contact' AND deleted IS NULL), "
            "(SELECT count(*) FROM provisioning_error)"
        )
        return ObjectCounts(*row)

    # --- read-back ----------------------------------------------------------------------------

    def shadows(
        self, since: int | None, upto: int, client: int | None = None
    ) -> Iterator[ShadowObject]:
        with self._session.one_state():
            yield from self._gone(since, upto, client)
            rows = self._session.stream(
                "SELECT number, anchor, id, type, members_version, shadow, owner, "  # noqa: S608
                "(SELECT m.anchor FROM manager JOIN object m ON m.number = manager.manager "
                "WHERE manager.object = object.number AND m.synced = 1) FROM object "
                f"WHERE version > %s AND version <= %s AND synced = 1 AND deleted IS NULL {_own(client)}"
                "ORDER BY version, number",
                (since or 0, upto),
            )
            while page := list(islice(rows, _PAGE)):
                members = self._member_anchors(
                    [row[0] for row in page if row[3] == "group" and row[4] > (since or 0)]
                )
                for number, anchor, cloud_id, kind, _, shadow, owner, manager in page:
                    others: list[str] | None = [] if kind == "group" and since is None else None
                    yield ShadowObject(
                        source_anchor=anchor,
                        cloud_anchor=cloud_anchor(kind, cloud_id),
                        type=ObjectType(kind),
                        properties=shadow,
                        members=members.get(number, others),
                        owned=client is None or owner is not None,
                        manager=manager,
                    )

    def _gone(self, since: int | None, upto: int, client: int | None) -> Iterator[ShadowObject]:
        """Yield what was taken from a client, and what is no longer synchronized since a version."""
        taken = None if client is None else self._taken(client, since or 0, upto)
        left = None if since is None else self._no_longer_synced(since, upto, client)
        asked = [one for one in (taken, left) if one is not None]
        rows = iter(self._session.answers(*asked) if asked else [])
        if taken is not None:
            for anchor, cloud_id, kind, there in next(rows):
                name = cloud_anchor(kind, cloud_id)
                yield ShadowObject(
                    anchor, name, ObjectType(kind), None, None, taken=True, there=there
                )
        if left is not None:
            for anchor, cloud_id, kind, shadow in next(rows):
                yield ShadowObject(
                    source_anchor=anchor,
                    cloud_anchor=cloud_anchor(kind, cloud_id),
                    type=ObjectType(kind),
                    properties=None,
                    members=None,
                    restored=None if shadow is None else _named(shadow),
                )

    def _taken(self, client: int, since: int, upto: int) -> Question:
        sql = (
            "SELECT anchor, id, type, EXISTS (SELECT 1 FROM object WHERE anchor = taken.anchor "
            "AND synced = 1 AND deleted IS NULL) FROM taken "
            "WHERE client = %s AND version > %s AND version <= %s ORDER BY anchor, type"
        )
        return sql, (client, since, upto)

    def _no_longer_synced(self, since: int, upto: int, client: int | None) -> Question:
        sql = (
            "SELECT anchor, id, type, shadow FROM ("  # noqa: S608
            "SELECT anchor, id, type, NULL AS shadow FROM removed WHERE version > %s AND version <= %s "
            "UNION ALL SELECT anchor, id, type, CASE WHEN deleted IS NULL THEN shadow END FROM object "
            f"WHERE version > %s AND version <= %s AND synced = 0 AND anchor IS NOT NULL {_own(client)}"
            ") AS gone "
            "WHERE NOT EXISTS (SELECT 1 FROM object AS o WHERE o.anchor = gone.anchor AND o.synced = 1 "
            "AND o.deleted IS NULL) ORDER BY anchor, type, id"
        )
        return sql, (since, upto) * 2

    def _member_anchors(self, groups: Sequence[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {group: [] for group in groups}
        if groups:
            sql = (
                "SELECT parent, anchor FROM link JOIN object ON number = member "
                "WHERE parent = ANY(%s) AND synced = 1 ORDER BY parent, anchor, number"
            )
            for group, anchor in self._session.rows(sql, (list(groups),)):
                found[group].append(anchor)
        return found

    # --- objects ------------------------------------------------------------------------------

    def objects(self, kind: str | None, *, deleted: bool) -> Iterator[dict[str, Any]]:
        kinds = (
            [ObjectType(kind).value] if kind is not None else [each.value for each in ObjectType]
        )
        sql = f"{_SELECT} WHERE {_STATES[deleted]} AND type = ANY(%s) ORDER BY {_BY_NAME}"
        with self._session.one_state():
            rows = self._session.stream(sql, (kinds,))
            while items := [TenantObject._make(row) for row in islice(rows, _PAGE)]:
                errors = self.errors_of([item.number for item in items])
                for item in items:
                    yield graph_json(item, errors.get(item.number, ()))

    def errors_of(self, numbers: Sequence[int]) -> dict[int, list[ProvisioningError]]:
        found: dict[int, list[ProvisioningError]] = {}
        if not numbers:
            return found
        sql = (
            "SELECT object, property, key, value, occurred FROM provisioning_error "
            "WHERE object = ANY(%s) ORDER BY object, property DESC, key"
        )
        for number, *fields in self._session.rows(sql, (list(numbers),)):
            found.setdefault(number, []).append(ProvisioningError._make(fields))
        return found

    def with_errors(self, query: ErrorQuery) -> Iterator[dict[str, Any]]:
        with self._session.one_state():
            some = iter(self.objects_with_errors(query))
            while page := dict(islice(some, _PAGE)):
                sql = f"{_SELECT} WHERE number = ANY(%s)"
                rows = self._session.rows(sql, (list(page),))
                items = {row[0]: TenantObject._make(row) for row in rows}
                for number, errors in page.items():
                    yield graph_json(items[number], errors)

    def bytes_on_server(self) -> int:
        row = self._session.row(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class AS c "
            "JOIN pg_namespace AS n ON n.oid = c.relnamespace "
            "WHERE n.nspname = current_schema() AND c.relkind = 'r'"
        )
        return int(row[0]) if row else 0

    def is_synchronized(self) -> bool:
        return self._session.row("SELECT 1 FROM object WHERE synced = 1 LIMIT 1") is not None

    def memberships(self) -> Iterator[dict[str, str]]:
        rows = self._session.stream(
            "SELECT g.id, m.id, m.type FROM link JOIN object g ON g.number = parent "
            "JOIN object m ON m.number = member ORDER BY parent, member"
        )
        for group, member, kind in rows:
            yield {"group": group, "member": member, "objectType": kind}

    def members(self, group: int) -> list[dict[str, str]]:
        rows = self._session.rows(
            "SELECT id, type, display_name FROM link JOIN object ON number = member "  # noqa: S608
            f"WHERE parent = %s ORDER BY {_BY_NAME}",
            (group,),
        )
        return [
            {"id": cloud_id, "objectType": kind, "displayName": name}
            for cloud_id, kind, name in rows
        ]

    def manager(self, number: int) -> dict[str, str] | None:
        row = self._session.row(
            "SELECT o.id, o.type, o.display_name FROM manager m JOIN object o ON o.number = m.manager "
            "WHERE m.object = %s",
            (number,),
        )
        if row is None:
            return None
        return dict(zip(("id", "objectType", "displayName"), row, strict=True))

    # --- identities ---------------------------------------------------------------------------

    def resolve(self, identity: str, *, deleted: bool) -> TenantObject | None:
        if not identity or not _is_text(identity):
            return None
        state = _STATES[deleted]
        address = ProxyAddress.parse(identity)
        key = address.key if address.namespace else fold(identity)
        namespaces = sorted(("upn", "proxy", "sip"), key=lambda name: name != address.namespace)
        held = "number = (SELECT holder FROM claim WHERE namespace = %s AND key = %s)"
        for condition, *values in (
            ("id = %s", identity.lower()),
            ("anchor = %s", identity),
            *((held, namespace, key) for namespace in namespaces),
        ):
            sql = f"{_SELECT} WHERE {condition} AND {state} ORDER BY type, number LIMIT 1"
            row = self._session.row(sql, values)
            if row is not None:
                return TenantObject._make(row)
        return self._search(identity, key, state)

    def _search(self, identity: str, key: str, state: str) -> TenantObject | None:
        """Search all objects for what no index has.

        These are DNs, and UPNs and mail addresses that the object has but does not hold.
        """
        dn_key = dn.key(identity) if "=" in identity else None
        with self._session.one_state():
            for row in self._session.stream(f"{_SELECT} WHERE {state} ORDER BY number"):
                item = TenantObject._make(row)
                if key in (fold(item.upn or ""), fold(item.mail or "")):
                    return item
                if dn_key is not None and dn.key(distinguished_name(item) or "") == dn_key:
                    return item
        return None

    def named(self, name: str, *, deleted: bool) -> list[TenantObject]:
        wanted = fold(name)
        if not wanted or not _is_text(name):
            return []
        # Of text that is not ASCII the server does not know the lower case.
        part = wanted if wanted.isascii() and wanted.isalnum() else ""
        rows = self._session.stream(
            f"{_SELECT} WHERE {_STATES[deleted]} AND (strpos(lower(display_name), %s) > 0 "
            f"OR strpos(lower(shadow), %s) > 0) ORDER BY {_BY_NAME}",
            (part, part),
        )
        items = map(TenantObject._make, rows)
        return [item for item in items if wanted in map(fold, _names(item))]


def _own(client: int | None) -> str:
    """Return the condition of what a client reads back; what has no owner is anybody's."""
    return "" if client is None else f"AND (owner = {client:d} OR owner IS NULL) "


def _named(shadow: str) -> str:
    """Return what a shadow calls its object, as canonical JSON."""
    properties = decode(shadow)
    return canonical({name: properties[name] for name in _NAMING if name in properties})


def _names(item: TenantObject) -> Iterator[str]:
    yield item.display_name
    shadow = json.loads(item.shadow)
    yield str(shadow.get("onPremisesSamAccountName") or "")
    first = dn.rdn_values(str(shadow.get("onPremisesDistinguishedName") or ""))
    yield from (first.get(attribute, "") for attribute in ("uid", "cn"))


def _is_text(identity: str) -> bool:
    """Tell whether an identity is text that a server takes: neither a lone surrogate nor NUL is."""
    try:
        identity.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in identity
