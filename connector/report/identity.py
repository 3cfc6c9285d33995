"""Find the object that a person means: by what it alone has, else by a name, which others may have too.

A DN, a source anchor, a cloud id, a UPN or an address means one object. A display name, a uid, a
sAMAccountName or a cn is tried after these; where several objects have it, nobody guesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.errors import AmbiguousIdentity, UnknownObject
from connector.tenant.finding import distinguished_name
from connector.values.collation import name_key
from connector.values.printable import cut, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connector.staging.lookup import FoundEntry
    from connector.staging.space import ConnectorSpace
    from connector.tenant.objects import TenantObject
    from connector.tenant.service import TenantService

_LISTED = 10


class Named(NamedTuple):
    """An object by its names; ``id`` is None where the cloud does not have it, ``dn`` where it alone has.

    ``type`` is None for an entry that is never synced.
    """

    name: str
    type: str | None
    anchor: str | None
    dn: str | None
    id: str | None


def cloud_identity(
    space: ConnectorSpace, tenant: TenantService, identity: str, *, deleted: bool = False
) -> str:
    """Return the cloud id of the one object that an identity means.

    ``deleted`` looks among the soft-deleted users. Raises UnknownObject, and AmbiguousIdentity when
    several objects have this name.
    """
    try:
        return tenant.find(identity, deleted=deleted).id
    except UnknownObject:
        found = {item.id: item for item in tenant.named(identity, deleted=deleted)}
        for anchor in dict.fromkeys(entry.anchor for entry in space.lookup.find(identity)):
            if item := _with_anchor(tenant, anchor, deleted=deleted):
                found[item.id] = item
        if not found and not deleted and space.lookup.find(identity):
            raise UnknownObject(
                f"{cut(identity)} is in the directory, and not in the tenant: connector explain says why."
            ) from None
        if not found:
            raise
    return str(the_one(identity, [_of_tenant(item) for item in found.values()]).id)


def objects_meant(space: ConnectorSpace, tenant: TenantService, identity: str) -> list[Named]:
    """Return the objects that an identity means, on either side; none where nothing has it.

    Several share a source anchor or ask for one address. Raises AmbiguousIdentity when several have it
    as a name.
    """
    if staged := space.lookup.at(identity):
        return described(staged)
    if item := _exactly(tenant, identity):
        return [_of_tenant(item)]
    if staged := space.lookup.with_address(identity):
        return described(staged)
    if item := _exactly(tenant, identity, deleted=True):
        return [_of_tenant(item)]
    found = called(space, tenant, identity)
    return [the_one(identity, found)] if found else []


def called(space: ConnectorSpace, tenant: TenantService, name: str) -> list[Named]:
    """Return the objects that have this name: those of the directory, then those of the cloud alone.

    Deleted users are looked at only where no other object has it.
    """
    found = described(space.lookup.called(name))
    anchors = {one.anchor for one in found}
    found += [_of_tenant(one) for one in tenant.named(name) if one.anchor not in anchors]
    return found or [_of_tenant(item) for item in tenant.named(name, deleted=True)]


def the_one(identity: str, found: Sequence[Named]) -> Named:
    """Return the only object. Raises AmbiguousIdentity, with what tells them apart, for several."""
    if len(found) == 1:
        return found[0]
    lines = [f"  {_distinct(one)}" for one in sorted(found, key=by_name)[:_LISTED]]
    if len(found) > _LISTED:
        lines.append(f"  and {len(found) - _LISTED} more")
    head = f"{len(found)} objects are called {printable(cut(identity))}. Name one of them:"
    raise AmbiguousIdentity("\n".join([head, *lines]))


def by_name(one: Named) -> tuple[str, str, str]:
    """Return what objects are listed by: the name as people sort names, then the DN."""
    return name_key(one.name), name_key(one.dn or ""), one.dn or ""


def _distinct(one: Named) -> str:
    """Write what tells an object from others of its name, to be copied, and what it is."""
    kind, name = one.type or "not synced", printable(cut(one.name))
    what = f"{kind}, {name}" if name else kind
    if one.dn:
        return f"{printable(cut(one.dn))} ({what})"
    return f"{one.id or one.anchor} ({what}, in the cloud alone)"


def described(entries: Iterable[FoundEntry]) -> list[Named]:
    """Describe staged entries; those of one source anchor are one object."""
    found: dict[str, Named] = {}
    for one in entries:
        kind = one.entry.type.value if one.entry else None
        found.setdefault(
            one.anchor or one.dn, Named(_display_name(one), kind, one.anchor, one.dn, None)
        )
    return list(found.values())


def _display_name(found: FoundEntry) -> str:
    attributes = found.entry.attributes if found.entry else {}
    values = (*attributes.get("displayname", ()), *attributes.get("cn", ()), "")
    return values[0]


def _of_tenant(item: TenantObject) -> Named:
    return Named(item.display_name, item.type, item.anchor, distinguished_name(item), item.id)


def _with_anchor(tenant: TenantService, anchor: str, *, deleted: bool) -> TenantObject | None:
    return _exactly(tenant, anchor, deleted=deleted) if anchor else None


def _exactly(tenant: TenantService, identity: str, *, deleted: bool = False) -> TenantObject | None:
    try:
        return tenant.find(identity, deleted=deleted)
    except UnknownObject:
        return None
