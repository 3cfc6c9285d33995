"""Answer what changed in a collection: a first round tells everything, each later one what changed since."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connector.tenant.sweeper import CHANGES_KNOWN_FOR
from connector.web.graph import delta_token, options
from connector.web.graph.delta_token import Token
from connector.web.graph.refusals import Refusal, bad_request, invalid
from connector.web.graph.types import BY_TENANT, GROUP
from connector.web.graph.wire import row_of, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from connector.assembly import Readers
    from connector.tenant.delta import Changed, Member
    from connector.tenant.objects import TenantObject
    from connector.tenant.service import TenantService
    from connector.web.exchange import Reply
    from connector.web.graph.request import Request
    from connector.web.graph.types import GraphType

TAKES = ("$select", "$filter", "$skiptoken", "$deltatoken")
MOST_IDS = 50
_SKIP, _DELTA = "$skiptoken", "$deltatoken"
_LATEST = "latest"
_PAGE_SIZE = re.compile(r"odata[.]maxpagesize\s*=\s*(\d{1,6})", re.IGNORECASE | re.ASCII)
_ONE_ID = r"\s*\(*\s*id\s+eq\s+'([^']*)'\s*\)*\s*"
_IDS = re.compile(rf"{_ONE_ID}(?:or{_ONE_ID})*", re.IGNORECASE)
_EACH_ID = re.compile(r"'([^']*)'")


def changes(of: GraphType) -> Callable[[Request], Reply]:
    """Make the answer for the changes of all objects of a type."""

    def answer(request: Request) -> Reply:
        asked = options.given(request.call.query)
        for name in asked:
            if name not in TAKES:
                raise invalid(f"The query option '{name}' is not supported with delta.")
        with request.reading() as readers:
            token = _token(request, readers, of, asked)
            if asked.get(_DELTA, "").lower() == _LATEST:
                return _page(request, of, token, [], None)
            size, place = _size(request), token.place
            asked_for = token.round(of.tenant)
            page = readers.tenant.delta.page(asked_for, place or asked_for.start, size)
            items = list(_written(request, readers.tenant, page.changes, token.select))
            if page.rest is not None:
                following = replace(token, place=page.rest, issued=_now(readers))
                return _page(request, of, following, items, _SKIP)
            return _page(request, of, _at(readers, token), items, _DELTA)

    return answer


# --- what is asked for ------------------------------------------------------------------------


def _token(request: Request, readers: Readers, of: GraphType, asked: Mapping[str, str]) -> Token:
    """Return how far the client knows the collection; raises Refusal where nobody can go on from there."""
    if _SKIP in asked and _DELTA in asked:
        raise bad_request("A request has $skiptoken or $deltatoken, not both.")
    text = asked.get(_SKIP, asked.get(_DELTA, ""))
    if not text or (_DELTA in asked and text.lower() == _LATEST):
        return _first(readers, of, asked)
    token = delta_token.read(text, of.collection)
    if (token.place is None) is (_SKIP in asked):
        raise bad_request("Badly formed token.")
    age = _now(readers) - token.issued
    if age > CHANGES_KNOWN_FOR.total_seconds() or not readers.tenant.delta.knows(token.moment):
        raise _gone(request, of, token)
    return token


def _first(readers: Readers, of: GraphType, asked: Mapping[str, str]) -> Token:
    """Return the token of a client that knows nothing yet."""
    names = {name.strip().lower() for name in asked.get("$select", "").split(",")} - {""}
    select = options.selected(asked.get("$select"))
    members = of is GROUP and (not names or "members" in names)
    return Token(
        of.collection,
        readers.tenant.delta.now(),
        _now(readers),
        select,
        _ids(asked.get("$filter")),
        own=names != {"members"},
        members=members,
        first=True,
    )


def _ids(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    if not _IDS.fullmatch(text) or text.count("(") != text.count(")"):
        raise invalid("The filter of delta is one id or several: id eq '...' or id eq '...'.")
    ids = tuple(dict.fromkeys(found.lower() for found in _EACH_ID.findall(text)))
    if len(ids) > MOST_IDS:
        raise invalid(f"The filter of delta names {MOST_IDS} ids at most.")
    return ids


def _size(request: Request) -> int:
    """Return how many objects the client wants in a page."""
    return _wish(request) or options.PAGE


def _wish(request: Request) -> int:
    """Return the page size that the client prefers, as far as it can be had; 0 where it prefers none."""
    found = _PAGE_SIZE.search(request.call.headers.get("prefer", ""))
    return 0 if found is None else min(int(found[1]), options.LARGEST_PAGE)


def _now(readers: Readers) -> int:
    return int(readers.tenant.clock.now().timestamp())


def _at(readers: Readers, token: Token) -> Token:
    """Return the token of a client that knows everything up to now."""
    moment = readers.tenant.delta.now()
    return replace(token, moment=moment, issued=_now(readers), first=False, place=None)


def _gone(request: Request, of: GraphType, token: Token) -> Refusal:
    """Refuse a token that nobody can go on from, with the address of a new beginning."""
    asked = []
    if token.select is not None or token.own is False:
        names = [*(token.select or ()), *(["members"] if token.members else ())]
        asked.append(f"$select={quote(','.join(names), safe=',')}")
    if token.ids:
        condition = " or ".join(f"id eq '{name}'" for name in token.ids)
        asked.append(f"$filter={quote(condition)}")
    location = f"{request.root()}/{of.collection}/delta?{'&'.join([*asked, '$deltatoken='])}"
    return Refusal(
        410,
        "syncStateNotFound",
        "The token is expired, or of another state of the tenant. Begin anew.",
        headers={"Location": location},
    )


# --- what is told -----------------------------------------------------------------------------


def _page(
    request: Request, of: GraphType, token: Token, items: Sequence[Any], link: str | None
) -> Reply:
    body: dict[str, Any] = {}
    if link == _SKIP:
        name = "@odata.nextLink"
    else:
        name, link, token = "@odata.deltaLink", _DELTA, replace(token, first=False, place=None)
    body[name] = f"{request.root()}/{of.collection}/delta?{link}={token.text()}"
    body["value"] = items
    chosen = () if token.select is None else (n for n in token.select if n in of.properties)
    names = ",".join(chosen)
    fragment = f"{of.collection}({names})" if names else of.collection
    applied = (
        {"Preference-Applied": f"odata.maxpagesize={size}"} if (size := _wish(request)) else {}
    )
    return request.json(body, of=fragment, headers=applied)


def _written(
    request: Request,
    tenant: TenantService,
    changed: Sequence[Changed],
    select: Sequence[str] | None,
) -> Iterator[dict[str, Any]]:
    there = [change.item for change in changed if _is_there(change.item)]
    errors = tenant.questions.errors_of([item.number for item in there if item is not None])
    for change in changed:
        item = change.item
        if item is None or item.deleted is not None:
            reason = "deleted" if item is None else "changed"
            yield {"id": change.id, "@removed": {"reason": reason}}
            continue
        found = written(row_of(item, errors.get(item.number, ())), select)
        if change.members:
            found["members@delta"] = [_member(request, member) for member in change.members]
        yield found


def _is_there(item: TenantObject | None) -> bool:
    return item is not None and item.deleted is None


def _member(request: Request, member: Member) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if request.says_types():
        found["@odata.type"] = f"#microsoft.graph.{BY_TENANT[member.type].name}"
    found["id"] = member.id
    if member.removed:
        found["@removed"] = {"reason": "deleted"}
    return found
