"""Show a sync client what it may see of the tenant: its own objects, their errors, and who holds their values."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from connector.errors import UnknownObject
from connector.model import ObjectType
from connector.tenant.remote import lines, views
from connector.values.canonical import compact
from connector.web.sync import bodies
from connector.web.sync.refusals import malformed
from connector.web.sync.replies import answer, streamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connector.tenant.objects import TenantObject
    from connector.tenant.provisioning_errors import (
        ErrorQuery,
        ProvisioningErrorRecord,
        Summary,
    )
    from connector.tenant.service import TenantService
    from connector.web.exchange import Reply
    from connector.web.sync.asked import Asked

_PAGE = 500


def objects(asked: Asked) -> Reply:
    """Stream the objects of the client as Graph JSON, an array a line, and at the end how many there were."""
    found = bodies.fields(asked.call, {"type": (str, type(None)), "deleted": bool})
    if found["type"] not in {None, *map(str, ObjectType)}:
        raise malformed("The type is not user, group or contact.")

    def read(tenant: TenantService, client: int) -> Iterator[list[Any]]:
        every = tenant.objects(found["type"], deleted=found["deleted"])
        while page := list(islice(every, _PAGE)):
            known = tenant.by_id([item["id"] for item in page])
            for item in page:
                if item["id"] in known and views.is_own(known[item["id"]], client):
                    yield [item]

    return streamed(asked.call, _lines(asked, read))


def errors(asked: Asked) -> Reply:
    """Stream the provisioning errors of the client's objects that a query asks for; else as ``objects``."""
    try:
        query = views.query_from(bodies.fields(asked.call, views.QUERY))
    except ValueError:
        raise malformed("The query is not one for errors.") from None

    def read(tenant: TenantService, client: int) -> Iterator[list[Any]]:
        return islice(_own_errors(tenant, client, query), query.limit)

    return streamed(asked.call, _lines(asked, read))


def _own_errors(tenant: TenantService, client: int, query: ErrorQuery) -> Iterator[list[Any]]:
    every = iter(tenant.provisioning_errors(replace(query, limit=None)))
    while page := list(islice(every, _PAGE)):
        known = tenant.by_id({one.id for record in page for one in _objects_of(record)})
        for record in page:
            if record.object.id in known and views.is_own(known[record.object.id], client):
                yield views.record_to(record, _holder(record, known, client))


def _objects_of(record: ProvisioningErrorRecord) -> Iterable[Summary]:
    return (one for one in (record.object, record.holder) if one is not None)


def _holder(
    record: ProvisioningErrorRecord, known: dict[str, TenantObject], client: int
) -> Summary | None:
    if record.holder is None or record.holder.id not in known:
        return None
    holder = known[record.holder.id]
    if views.is_own(holder, client):
        return record.holder
    return views.summary_of(views.shown(holder, client))


def look_up(asked: Asked) -> Reply:
    """Return the objects that identities, names, cloud ids or source anchors of deleted users mean.

    By a cloud id, which a conflict tells, also another one's object is found; no more is told of it than that.
    """
    found = bodies.fields(asked.call, {"by": str, "values": list, "deleted": bool})
    values, deleted = found["values"], found["deleted"]
    if len(values) > views.MOST_VALUES or not all(map(bodies.is_text, values)):
        raise malformed("The values are not texts, or too many.")
    with asked.reading() as tenant:
        client = asked.client(tenant).number
        items: list[TenantObject]
        match found["by"]:
            case "id":
                items = list(tenant.by_id(values).values())
            case "identity":
                items = [
                    item for value in values for item in _found(tenant, value, deleted=deleted)
                ]
            case "name":
                items = [item for value in values for item in tenant.named(value, deleted=deleted)]
            case "anchor of a deleted user":
                rows = map(tenant.deleted_with, values)
                items = [item for item in rows if item is not None]
            case _:
                raise malformed("Objects are not looked up by that.")
        if found["by"] != "id":
            items = [item for item in items if views.is_own(item, client)]
        return answer({"found": [[*views.shown(item, client)] for item in items]})


def show(asked: Asked) -> Reply:
    """Return an object of the client as Graph JSON with its members, by its cloud id; null for none."""
    found = bodies.fields(asked.call, {"id": str, "deleted": bool})
    with asked.reading() as tenant:
        client = asked.client(tenant).number
        item = tenant.by_id([found["id"]]).get(found["id"])
        if item is None or not views.is_own(item, client):
            return answer({"object": None})
        return answer({"object": tenant.show(item.id, deleted=found["deleted"])})


def holder(asked: Asked) -> Reply:
    """Return who holds a value, null for nobody."""
    found = bodies.fields(asked.call, {"attribute": str, "value": str})
    if found["attribute"] not in {"UserPrincipalName", "ProxyAddresses"}:
        raise malformed("The attribute is not UserPrincipalName or ProxyAddresses.")
    with asked.reading() as tenant:
        client = asked.client(tenant).number
        summary = tenant.holder_of(found["attribute"], found["value"])
        item = summary and tenant.by_id([summary.id]).get(summary.id)
        if item is None or summary is None:
            return answer({"holder": None})
        if not views.is_own(item, client):
            summary = views.summary_of(views.shown(item, client))
        return answer({"holder": [*summary]})


def clashes(asked: Asked) -> Reply:
    """Return what other objects hold of all that an object of the client would ask for."""
    found = bodies.fields(asked.call, {"type": str, "anchor": str, "properties": dict})
    if found["type"] not in set(map(str, ObjectType)):
        raise malformed("The type is not user, group or contact.")
    try:
        lines.check_properties(found["properties"])
    except ValueError as error:
        raise malformed(str(error)) from None
    with asked.reading() as tenant:
        client = asked.client(tenant).number
        every = tenant.clashes(found["type"], found["anchor"], found["properties"])
        return answer(
            {
                "clashes": [
                    [one.attribute, one.value, [*views.shown(one.holder, client)]] for one in every
                ]
            }
        )


def _found(tenant: TenantService, identity: str, *, deleted: bool) -> list[TenantObject]:
    try:
        return [tenant.find(identity, deleted=deleted)]
    except UnknownObject:
        return []


def _lines(
    asked: Asked, read: Callable[[TenantService, int], Iterator[list[Any]]]
) -> Iterator[bytes]:
    """Yield nothing, and then what is read of one state of the tenant, a line each."""
    tenant = asked.context.sync.opened_to_read()
    try:
        client = asked.client(tenant).number
        with tenant.one_state():
            yield b""
            number = 0
            for number, one in enumerate(read(tenant, client), 1):  # noqa: B007 - the last one counts
                yield f"{compact(one)}\n".encode()
            yield f"{compact({'end': number})}\n".encode()
    finally:
        tenant.close()
