"""View a directory, a tenant and a connector space as plain values, for the properties."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import UUID

from tests.fakes import SUFFIX
from tests.folding import address as key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from connector.assembly import Parts, Readers
    from connector.model import DirectoryEntry
    from connector.staging.space import ConnectorSpace
    from tests.fakes import MemoryDirectory
    from tests.world import World


class Viewed(Protocol):
    """What has the two databases to look at: a world, or the readers of a connector's."""

    @property
    def parts(self) -> Parts | Readers: ...

    @property
    def tenant(self) -> Any: ...


_OWN_TO_A_TENANT = {
    "id",
    "createdDateTime",
    "deletedDateTime",
    "onPremisesLastSyncDateTime",
    "onPremisesProvisioningErrors",
    "members",
    "manager",
}
_MANAGERS = {"user": "manager", "contact": "manager", "group": "managedby"}
_KINDS = {b"inetOrgPerson": "user", b"groupOfNames": "group", b"contact": "contact"}


def smtp_keys(proxies: Iterable[str]) -> list[str]:
    """Return the keys of the SMTP addresses among these."""
    return [key(text) for text in proxies if text.lower().startswith("smtp:") and "@" in text]


# --- the directory --------------------------------------------------------------------------------


class Wanted(NamedTuple):
    """An object of the directory as the tenant should have it."""

    type: str
    name: str
    upn: str | None
    proxies: frozenset[str]
    members: tuple[str, ...]
    manager: str | None


def wanted(directory: MemoryDirectory) -> dict[str, Wanted]:
    """Return the objects of a directory by source anchor, members and managers as DNs."""
    found = {}
    for entry in directory.read_below(SUFFIX):
        kind = next((_KINDS[c] for c in entry.attributes["objectclass"] if c in _KINDS), None)
        if kind is None:
            continue
        proxies = smtp_keys(_texts(entry, "proxyaddresses"))
        if not proxies and (mail := _texts(entry, "mail")):
            proxies = [key(mail[0])]
        upn = _texts(entry, "userprincipalname")[0] if kind == "user" else None
        found[anchor(entry)] = Wanted(
            kind,
            _texts(entry, "displayname")[0],
            upn,
            frozenset(proxies),
            tuple(_texts(entry, "member")),
            next(iter(_texts(entry, _MANAGERS[kind])), None),
        )
    return found


def others(directory: MemoryDirectory, anchors: Collection[str]) -> list[bytes]:
    """Return the ids of the objects that have none of these source anchors."""
    objects = wanted(directory).keys() - anchors
    return [entry.uuid for entry in directory.read_below(SUFFIX) if anchor(entry) in objects]


def anchor(entry: DirectoryEntry) -> str:
    given = entry.attributes.get("ms-ds-consistencyguid")
    return b64encode(given[0] if given else UUID(bytes=entry.uuid).bytes_le).decode()


def anchors_by_dn(directory: MemoryDirectory) -> dict[str, str]:
    return {entry.dn.lower(): anchor(entry) for entry in directory.read_below(SUFFIX)}


def _texts(entry: DirectoryEntry, name: str) -> list[str]:
    return [value.decode() for value in entry.attributes.get(name, ())]


# --- the tenant -----------------------------------------------------------------------------------


def tenant(world: Viewed) -> dict[str, dict[str, Any]]:
    """Return the live objects by source anchor as the Graph shows them, members and managers as anchors."""
    shown = {item["onPremisesImmutableId"]: dict(item) for item in world.tenant.objects()}
    anchors = {item["id"]: name for name, item in shown.items()}
    for item in shown.values():
        whole = world.tenant.show(item["id"])
        if item["objectType"] == "group":
            item["members"] = sorted(anchors[member["id"]] for member in whole["members"])
        manager = whole["managedBy" if item["objectType"] == "group" else "manager"]
        item["manager"] = manager and anchors[manager["id"]]
    return shown


def quarantine(world: Viewed) -> set[tuple[str, str, str]]:
    """Return every quarantined value: source anchor, attribute, key."""
    return {
        (name, error["propertyCausingError"], key(error["value"]))
        for name, item in tenant(world).items()
        for error in item["onPremisesProvisioningErrors"]
    }


def quarantined(item: dict[str, Any], attribute: str) -> set[str]:
    """Return the keys that one object waits for."""
    return {
        key(error["value"])
        for error in item["onPremisesProvisioningErrors"]
        if error["propertyCausingError"] == attribute
    }


def claims(item: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the unique values that an object shows."""
    found = {("ProxyAddresses", address) for address in smtp_keys(item["proxyAddresses"])}
    found |= {("SIP", key(text)) for text in item["proxyAddresses"] if text[:4].lower() == "sip:"}
    if item.get("userPrincipalName"):
        found.add(("UserPrincipalName", key(item["userPrincipalName"])))
    return found


def everything(world: Viewed) -> dict[str, Any]:
    """Return everything that two worlds of one story share: all but cloud ids and times."""
    live = tenant(world)
    deleted = {item["onPremisesImmutableId"]: item for item in world.tenant.objects(deleted=True)}
    return {
        "live": {name: _comparable(item) for name, item in live.items()},
        "members": {name: item["members"] for name, item in live.items() if "members" in item},
        "managers": {name: item["manager"] for name, item in live.items()},
        "deleted": {name: _comparable(item) for name, item in deleted.items()},
        "quarantine": quarantine(world),
        "pending": {export.anchor for export in pending(world)},
        "failures": {record.failure for record in world.parts.space.failures.all()},
    }


def _comparable(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in _OWN_TO_A_TENANT}


# --- the connector --------------------------------------------------------------------------------


def pending(world: Viewed) -> list[Any]:
    """Return the pending exports."""
    return list(world.parts.space.queue.in_order(session=-1))


_LOOSE = {
    "a text that nothing names": """SELECT id FROM text
        EXCEPT SELECT told FROM projection EXCEPT SELECT wanted FROM projection
        EXCEPT SELECT text FROM entry""",
    "a text that is named and gone": """SELECT id FROM (
        SELECT told AS id FROM projection UNION SELECT wanted FROM projection
        UNION SELECT text FROM entry) WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM text)""",
    "half a state": """SELECT id FROM projection
        WHERE (told IS NULL) <> (told_type IS NULL) OR (operation IS NULL) <> (wanted IS NULL)
        OR (operation IS NULL AND coalesce(type, created, changed, releases, tried) IS NOT NULL)""",
    "a member of nothing": """SELECT number FROM (
        SELECT grp AS number FROM told_member UNION SELECT member FROM told_member
        UNION SELECT grp FROM wanted_member UNION SELECT member FROM wanted_member)
        WHERE number NOT IN (SELECT id FROM projection)""",
    "a manager of nothing": """SELECT number FROM (
        SELECT object AS number FROM told_manager UNION SELECT manager FROM told_manager
        UNION SELECT object FROM wanted_manager UNION SELECT manager FROM wanted_manager)
        WHERE number IS NOT NULL AND number NOT IN (SELECT id FROM projection)""",
}


def loose_ends(space: ConnectorSpace) -> dict[str, list[int]]:
    """Return what no row of the projection should leave behind, by what it is; nothing, that is."""
    found = {
        what: [number for (number,) in space._database.conn.execute(sql)]
        for what, sql in _LOOSE.items()
    }
    return {what: numbers for what, numbers in found.items() if numbers}


def failing(world: Viewed) -> set[str]:
    """Return the source anchors of the objects that the tenant refused."""
    return {record.failure.anchor for record in world.parts.space.failures.all()}


def reports(world: World, since: int) -> Counter[tuple[str, str, str]]:
    """Count the quarantines in the log from this event on: source anchor, attribute, key."""
    return Counter(
        (fields["anchor"], fields["attribute"], key(fields["value"]))
        for event, fields in world.log.events[since:]
        if event == "export.quarantined"
    )


def touched(world: World, since: int, without: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return the objects that the log says were exported from this event on."""
    return [
        (event, fields["anchor"])
        for event, fields in world.log.events[since:]
        if event.startswith("object.") and fields["anchor"] not in without
    ]


def texts_astray(world: World) -> list[tuple[Any, ...]]:
    """Return the texts of a connector space that are missing, that nothing names or that two objects name."""
    connection = world.parts.space._database.conn
    return connection.execute(
        """WITH named AS (
               SELECT text, anchor FROM entry WHERE text IS NOT NULL
               UNION SELECT told, anchor FROM projection WHERE told IS NOT NULL
               UNION SELECT wanted, anchor FROM projection WHERE wanted IS NOT NULL)
           SELECT n.text, count(DISTINCT n.anchor), t.id FROM named n LEFT JOIN text t ON t.id = n.text
           GROUP BY n.text HAVING t.id IS NULL OR count(DISTINCT n.anchor) > 1
           UNION ALL SELECT id, 0, id FROM text WHERE id NOT IN (SELECT text FROM named)"""
    ).fetchall()
