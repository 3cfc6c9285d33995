"""Set the object with an error beside the one that it conflicts with, property by property."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.errors import UnknownObject
from connector.values.addresses import ProxyAddress, address_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.staging.space import ConnectorSpace
    from connector.tenant.service import TenantService

_PROPERTIES = (
    ("Display name", "displayName"),
    ("Type", "objectType"),
    ("User principal name", "userPrincipalName"),
    ("Mail", "mail"),
    ("Proxy addresses", "proxyAddresses"),
    ("Source anchor", "sourceAnchor"),
    ("Distinguished name", "distinguishedName"),
    ("Cloud id", "id"),
)
_CAUSES = {
    "UserPrincipalName": "userPrincipalName",
    "ProxyAddresses": "proxyAddresses",
    "SourceAnchor": "sourceAnchor",
    "Mail": "mail",
}
_PREFIXES = frozenset({"proxyAddresses"})


class Part(NamedTuple):
    """A value of a property: ``before``, the conflicting value where it is that, and a note about it."""

    before: str
    marked: str
    note: str = ""


class Compared(NamedTuple):
    """A row of the comparison: the values of both sides."""

    property: str
    subject: Sequence[Part]
    other: Sequence[Part]


def comparison(
    row: Mapping[str, Any], space: ConnectorSpace, tenant: TenantService
) -> list[Compared]:
    """Return the rows for an error as ``connector errors`` lists it; those that both sides lack are left out.

    The conflicting value stands on both sides, also where the object with the error does not have it: it
    asks for it.
    """
    subject, other = row["object"], row["conflictsWith"] or {}
    ours = _properties(subject, space, tenant, wanted=row["kind"] == "export")
    theirs = _properties(other, space, tenant, wanted=False) if other else {}
    cause, value = _CAUSES.get(row["propertyCausingError"] or ""), row["value"] or ""
    rows = []
    for label, name in _PROPERTIES:
        mine = _parts(name, ours.get(name), value)
        if name == cause and value and not any(part.marked for part in mine):
            mine = _asked_for(name, value, mine)
        found = Compared(label, mine, _parts(name, theirs.get(name), value))
        if found.subject or found.other:
            rows.append(found)
    return rows


def _properties(
    item: Mapping[str, Any], space: ConnectorSpace, tenant: TenantService, *, wanted: bool
) -> dict[str, Any]:
    """Return the properties of an object as the cloud has them, or as the directory ``wanted`` them."""
    found: dict[str, Any] = {}
    if item["id"]:
        found = _shown(tenant, item["id"])
    if (wanted or not found) and item["sourceAnchor"]:
        for record in space.failures.all(item["sourceAnchor"]):
            found |= json.loads(record.properties) if record.properties else {}
    names = (
        "displayName",
        "objectType",
        "userPrincipalName",
        "sourceAnchor",
        "distinguishedName",
        "id",
    )
    return {**found, **{name: item[name] for name in names if item[name] and name not in found}}


def _shown(tenant: TenantService, cloud_id: str) -> dict[str, Any]:
    for deleted in (False, True):
        try:
            return dict(tenant.show(cloud_id, deleted=deleted))
        except UnknownObject:
            continue
    return {}


def _parts(name: str, value: Any, conflicting: str) -> list[Part]:
    values = value if isinstance(value, list) else [value] if value else []
    return [_part(name, str(one), conflicting) for one in values]


def _part(name: str, text: str, conflicting: str) -> Part:
    if not conflicting or address_key(text) != address_key(conflicting):
        return Part(text, "")
    if name in _PREFIXES:
        bare = ProxyAddress.parse(text).address
        return Part(text.removesuffix(bare), bare)
    return Part("", text)


def _asked_for(name: str, value: str, mine: Sequence[Part]) -> list[Part]:
    """Put the value that the object asks for before those that it has."""
    asked = _part(name, value, value)._replace(note="asked for")
    if name != "proxyAddresses":
        mine = [part._replace(note="for now") for part in mine]
    return [asked, *mine]
