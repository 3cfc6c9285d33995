"""Answer the calls of sync clients: the five of ``ports.Tenant``, and what comes before and beside them."""

from __future__ import annotations

import tempfile
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from connector.errors import StorageCopied
from connector.tenant.clients import ClientRefused, Comer, PlaceAsked, deciding, other_settings
from connector.tenant.remote import lines
from connector.values.canonical import compact
from connector.web.sync import bodies, refusals, rehearsing, views
from connector.web.sync.refusals import Refused, malformed
from connector.web.sync.replies import answer, packed, streamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.tenant.clients import Client
    from connector.tenant.service import TenantService
    from connector.web.exchange import Call, Reply
    from connector.web.sync.asked import Asked

T = TypeVar("T")

_MOST_ANCHORS = 100_000
_MOST_EXPORTED = 2**53
_IN_MEMORY = 8 * 1024 * 1024
_THERE = "at the server of the tenant"


def hello(asked: Asked) -> Reply:
    """Say what the server is, and who its client is, None for one that never came."""
    bodies.fields(asked.call, {})
    with asked.reading() as tenant:
        client = tenant.clients.of_app(asked.app)
        return answer({"tenant": tenant.id(), "client": client and client.id})


def enter(asked: Asked) -> Reply:
    """Let a client in: say who it is, and by how much the clock of the tenant runs ahead."""
    return _come(asked, is_to_enter=True)


def check(asked: Asked) -> Reply:
    """Say what ``enter`` would say, and let nobody in; the client is null where it would be a new one."""
    return _come(asked, is_to_enter=False)


def _come(asked: Asked, *, is_to_enter: bool) -> Reply:
    found = bodies.fields(
        asked.call,
        {
            "client": (str, type(None)),
            "host": str,
            "place": str,
            "moved": bool,
            "exported": bool,
            "there": dict,
            "settings": dict,
        },
    )
    comer = Comer(found["client"], found["host"], found["place"], moved=found["moved"])
    apps = asked.context.signin.apps

    def is_there(client: Client) -> bool:
        if client.place not in found["there"]:
            raise PlaceAsked(client.place)
        return bool(found["there"][client.place])

    with asked.at_work() as tenant:
        examine = partial(
            tenant.clients.examine_app,
            comer,
            asked.app,
            is_registered=lambda app: apps.find(app) is not None,
            is_there=is_there,
        )
        client = _admitted(examine)
        ours = deciding(tenant.settings)
        if problems := other_settings(ours, found["settings"], _THERE):
            raise Refused(
                409,
                "OtherSettings",
                "The settings of the tenant are others there.",
                problems=problems,
            )
        if is_to_enter:
            client = _admitted(
                lambda: tenant.clients.admit(
                    comer, asked.app, examine, has_exported=found["exported"]
                )
            )
            if asked.rehearsal() is None:
                asked.context.note_client(asked.call, client)
        return answer(
            {
                "client": client and client.id,
                "tenant": tenant.id(),
                "ahead": tenant.clock.ahead().total_seconds(),
            }
        )


def _admitted(admit: Callable[[], T]) -> T:
    try:
        return admit()
    except PlaceAsked as error:
        raise Refused(409, "PlaceAsked", str(error), problems=[error.place]) from None
    except StorageCopied as error:
        raise Refused(409, "StorageCopied", str(error)) from None
    except ClientRefused as error:
        raise Refused(403, "ClientRefused", str(error)) from None


def export(asked: Asked) -> Reply:
    """Apply a batch, whose id and whether it takes over are in the query; answer with its results."""
    query = bodies.query(asked.call, ("batch", "take-over"))
    batch, take_over = query.get("batch"), query.get("take-over", "false")
    if not lines.is_batch_id(batch) or take_over not in ("true", "false"):
        raise malformed("The query has no batch, or take-over is not true or false.")
    try:
        objects = lines.batch_from_lines(bodies.unpacked(asked.call))
    except ValueError as error:
        raise malformed(str(error)) from None
    with asked.at_work() as tenant:
        asked.client(tenant)
        before = tenant.settings
        tenant.settings = before.model_copy(update={"take_over": take_over == "true"})
        try:
            results = tenant.export(str(batch), objects)
        finally:
            tenant.settings = before
        return packed(asked.call, lines.answer_to_lines(results, tenant.position()))


def results(asked: Asked) -> Reply:
    """Answer a batch again that was one of the last two of the client; null for another one."""
    batch = bodies.fields(asked.call, {"batch": str})["batch"]
    with asked.at_work() as tenant:
        asked.client(tenant)
        found = tenant.results(batch)
        if found is None:
            return answer(None)
        return packed(asked.call, lines.answer_to_lines(found, tenant.position()))


def finalize(asked: Asked) -> Reply:
    """Keep the totals of an export run."""
    totals = bodies.fields(asked.call, {"exported": int, "failed": int})
    if not all(0 <= total <= _MOST_EXPORTED for total in totals.values()):
        raise malformed("The totals of an export are not numbers of objects.")
    with asked.at_work() as tenant:
        asked.client(tenant)
        tenant.finalize_export(**totals)
        return answer({})


def position(asked: Asked) -> Reply:
    """Say where the tenant stands; with a cookie also why it cannot go on from there, null where it can."""
    cookie = bodies.fields(asked.call, {"cookie": (str, type(None))})["cookie"]
    with asked.reading() as tenant:
        refusal = None if cookie is None else tenant.refusal(cookie)
        return answer({"position": tenant.position(), "refusal": refusal})


def read_back(asked: Asked) -> Reply:
    """Stream what changed since a cookie, of everything without one: the next cookie first, the number last."""
    cookie = bodies.fields(asked.call, {"cookie": (str, type(None))})["cookie"]
    if asked.rehearsal() is not None:
        return streamed(asked.call, _rehearsed_read_back(asked, cookie))
    return streamed(asked.call, _read_back(asked, cookie))


def _read_back(asked: Asked, cookie: str | None) -> Iterator[bytes]:
    """Yield nothing, and then the lines of a read-back, of one state of the tenant."""
    tenant = asked.context.sync.opened_to_read()
    try:
        asked.client(tenant)
        with tenant.one_state():
            yield from _shadows(tenant, cookie)
    finally:
        tenant.close()


def _rehearsed_read_back(asked: Asked, cookie: str | None) -> Iterator[bytes]:
    """Yield the same of a rehearsal, which gives way as soon as all of it is in a file."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        with asked.at_work() as tenant:
            asked.client(tenant)
            file.writelines(_shadows(tenant, cookie))
        file.seek(0)
        yield b""
        yield from file


def _shadows(tenant: TenantService, cookie: str | None) -> Iterator[bytes]:
    try:
        shadows, following = tenant.read_back(cookie)
    except ValueError as error:
        raise Refused(409, "CookieRefused", str(error)) from None
    yield b""
    yield f"{compact({'cookie': following})}\n".encode()
    number = 0
    for number, shadow in enumerate(shadows, 1):  # noqa: B007 - the last one counts
        yield lines.shadow_to_line(shadow)
    yield f"{compact({'end': number})}\n".encode()


def remembered(asked: Asked) -> Reply:
    """Return the shadow of the object that a source anchor brings back to its client, null for none."""
    anchor = bodies.fields(asked.call, {"anchor": str})["anchor"]
    with asked.reading() as tenant:
        client = tenant.clients.of_app(asked.app)
        if client is None:
            raise refusals.NOT_ENTERED
        return answer({"shadow": tenant.remembered(anchor, client.number)})


def counts(asked: Asked) -> Reply:
    """Count the objects of the tenant and its quarantined values, and those of the client alone."""
    bodies.fields(asked.call, {})
    with asked.reading() as tenant:
        client = tenant.clients.of_app(asked.app)
        own = 0 if client is None else tenant.clients.quarantined(client.number)
        return answer({**tenant.counts()._asdict(), "own": own})


def take_over(asked: Asked) -> Reply:
    """Give the client what others have of these source anchors; say what it got."""
    anchors = _anchors(asked.call)
    with asked.at_work() as tenant:
        client = asked.client(tenant)
        taken = tenant.clients.take_over(client.number, anchors)
        if taken and asked.rehearsal() is None:
            asked.context.note_change(asked.call, "take over", f"{len(taken)} objects")
        return answer({"taken": taken})


def without_shadow(asked: Asked) -> Reply:
    """Say of which of these source anchors no read-back tells."""
    anchors = _anchors(asked.call)
    with asked.at_work() as tenant:
        asked.client(tenant)
        return answer({"without": tenant.clients.without_shadow(anchors)})


def _anchors(call: Call) -> list[str]:
    anchors: list[str] = bodies.fields(call, {"anchors": list})["anchors"]
    if len(anchors) > _MOST_ANCHORS or not all(map(bodies.is_text, anchors)):
        raise malformed("The anchors are not texts, or too many.")
    return anchors


def domains(asked: Asked) -> Reply:
    """List the verified domains of the tenant: name, whether it is the initial one, whether federated."""
    bodies.fields(asked.call, {})
    with asked.reading() as tenant:
        found = tenant.administrator.domains()
    return answer({"domains": [list(one) for one in found]})


def clients(asked: Asked) -> Reply:
    """List the client itself, and how many live objects it has."""
    bodies.fields(asked.call, {})
    with asked.reading() as tenant:
        mine = [one for one in tenant.clients.listed() if one.client.app == asked.app]
        return answer([[one.client.id, *one.client[2:5], one.objects] for one in mine])


CALLS: dict[str, Callable[[Asked], Reply]] = {
    "check": check,
    "clashes": views.clashes,
    "clients": clients,
    "counts": counts,
    "domains": domains,
    "enter": enter,
    "errors": views.errors,
    "export": export,
    "finalize": finalize,
    "hello": hello,
    "holder": views.holder,
    "look-up": views.look_up,
    "objects": views.objects,
    "position": position,
    "read-back": read_back,
    "rehearse": rehearsing.rehearse,
    "remembered": remembered,
    "results": results,
    "show": views.show,
    "sweep": rehearsing.sweep,
    "take-over": take_over,
    "undo": rehearsing.undo,
    "without-shadow": without_shadow,
}
