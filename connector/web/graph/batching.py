"""Answer many requests that came in one: JSON batching, at most 20 requests.

Each is answered as if it had come by itself, with headers and a body of its own, after those that it
depends on. Where one of these failed, it is not tried: 424.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from connector.web.envelope import refusal
from connector.web.exchange import LONGEST_URL
from connector.web.graph import bodies
from connector.web.graph.refusals import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from connector.web.exchange import Call, Reply
    from connector.web.graph.request import Request

MOST = 20
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_VERSIONS = ("v1.0", "beta")
# Where clients of Graph send absolute URLs, whatever they were told to talk to.
_GRAPH = "graph.microsoft.com"
_JSON = "application/json"
_NO_URL = "The url of the request is not one of this service that a batch may ask."
_TOO_LONG = "The URL is longer than 16 KiB."
_DEPENDENCY = "A request that this one depends on failed."


@dataclass(frozen=True, slots=True)
class Item:
    """One request of a batch; ``after`` has the ids of those that it depends on."""

    id: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    after: Sequence[str]


def batch(request: Request) -> Reply:
    """Answer the requests of a batch, each as if it had come by itself."""
    answers = answered(
        request.call,
        bodies.read_object(request.call.body),
        request.again,
        version=request.target.version,
        now=request.context.clock(),
    )
    return request.json({"responses": answers})


def answered(
    call: Call,
    batch: Mapping[str, Any],
    answer: Callable[[Call], Reply],
    *,
    version: str,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the answers to the requests of a batch, in their order.

    ``answer`` answers a call; ``version`` is that of URLs without one, ``now`` the moment in UTC. Raises
    Refusal for a batch that cannot be carried out as a whole.
    """
    items = read(batch)
    replies: dict[str, Reply] = {}
    for item in _in_order(items):
        its_call = replace(
            call,
            method=item.method,
            headers=item.headers,
            body=item.body,
            request_id=str(uuid4()),
        )
        if any(_failed(replies[other]) for other in item.after):
            replies[item.id] = refusal(its_call, now, 424, "FailedDependency", _DEPENDENCY)
            continue
        if len(item.url) > LONGEST_URL:
            replies[item.id] = refusal(its_call, now, 414, "RequestUriTooLong", _TOO_LONG)
            continue
        try:
            path, query = _target(item.url, call.base, version)
        except ValueError:
            replies[item.id] = refusal(its_call, now, 400, "BadRequest", _NO_URL)
        else:
            replies[item.id] = answer(replace(its_call, path=path, query=query))
    return [_written(item.id, replies[item.id]) for item in items]


def read(batch: Mapping[str, Any]) -> list[Item]:
    """Read the requests of a batch; raises Refusal."""
    given = batch.get("requests")
    if not isinstance(given, list) or not given:
        raise bad_request("Invalid batch payload format.")
    if len(given) > MOST:
        raise bad_request(f"Number of batch request steps exceeds the maximum value of {MOST}.")
    items = [_item(one) for one in given]
    ids = [item.id for item in items]
    if len(set(map(str.lower, ids))) < len(ids):
        raise bad_request("Duplicate identifier in batch requests: each id must be unique.")
    for item in items:
        for other in item.after:
            if other not in ids:
                raise bad_request(f"Request {item.id[:100]!r} depends on an id that is not there.")
    return items


def _item(given: Any) -> Item:
    if not isinstance(given, dict):
        raise bad_request("Invalid batch payload format.")
    name, method, url = given.get("id"), given.get("method"), given.get("url")
    name = str(name) if isinstance(name, int) and not isinstance(name, bool) else name
    if not isinstance(name, str) or not name:
        raise bad_request("Each request of a batch needs an id.")
    if not isinstance(method, str) or method.upper() not in _METHODS:
        raise bad_request(f"Request {name[:100]!r} needs a method: {', '.join(sorted(_METHODS))}.")
    if not isinstance(url, str) or not url:
        raise bad_request(f"Request {name[:100]!r} needs a url.")
    headers, after = given.get("headers") or {}, _after(given)
    if not isinstance(headers, dict) or not all(isinstance(text, str) for text in headers.values()):
        raise bad_request(f"The headers of request {name[:100]!r} are not an object of texts.")
    folded = {header.lower(): text for header, text in headers.items()}
    body = _body(name, given.get("body"), folded)
    return Item(name, method.upper(), url, folded, body, after)


def _after(given: Mapping[str, Any]) -> list[str]:
    """Return what a request depends on; msgraph-sdk for Python spells it ``depends_on``."""
    names = given.get("dependsOn") or given.get("depends_on") or []
    if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
        raise bad_request("Invalid batch payload format: dependsOn is a list of ids.")
    return [str(name) for name in names]


def _body(name: str, body: Any, headers: Mapping[str, str]) -> bytes:
    """Return the body of a request: JSON as it stands, anything else from base64."""
    if body is None:
        return b""
    if isinstance(body, str) and not headers.get("content-type", _JSON).startswith(_JSON):
        try:
            return b64decode(body, validate=True)
        except ValueError as error:
            raise bad_request(f"The body of request {name[:100]!r} is not base64.") from error
    return json.dumps(body).encode("ascii")


def _in_order(items: Sequence[Item]) -> list[Item]:
    """Return each request after those that it depends on; raises Refusal for a circle."""
    waiting = list(items)
    ordered: list[Item] = []
    done: set[str] = set()
    while waiting:
        item = next((one for one in waiting if done.issuperset(one.after)), None)
        if item is None:
            raise bad_request("Requests of the batch depend on each other in a circle.")
        waiting.remove(item)
        ordered.append(item)
        done.add(item.id)
    return ordered


def _target(url: str, base: str, version: str) -> tuple[str, list[tuple[str, str]]]:
    """Return path and query of a URL: absolute, with a version, or below it.

    Raises ValueError for a URL of another host, one that is none, and another batch.
    """
    # Two slashes at the start are one: what stands behind them is not the name of a host.
    parts = urlsplit(f"/{url.lstrip('/')}" if url.startswith("/") else url)
    if parts.scheme or parts.netloc:
        hosts = (urlsplit(base).netloc.lower(), _GRAPH)
        if parts.scheme not in ("http", "https") or parts.netloc.lower() not in hosts:
            raise ValueError(url)
    path = unquote(parts.path, errors="strict")
    first = path.strip("/").partition("/")[0].lower()
    below = path if first in _VERSIONS else f"/{version}/{path.lstrip('/')}"
    if path.rstrip("/").lower().endswith("/$batch"):
        raise ValueError(url)
    query = parse_qsl(parts.query, keep_blank_values=True, errors="strict")
    return f"/{below.lstrip('/')}", query


def _failed(reply: Reply) -> bool:
    return reply.status >= HTTPStatus.BAD_REQUEST.value


def _written(name: str, reply: Reply) -> dict[str, Any]:
    """Write an answer into that of the batch; what is not JSON is written as base64."""
    answer: dict[str, Any] = {"id": name, "status": reply.status, "headers": dict(reply.headers)}
    if reply.content_type is not None:
        answer["headers"]["Content-Type"] = reply.content_type
    if reply.body:
        is_json = (reply.content_type or "").startswith(_JSON)
        answer["body"] = json.loads(reply.body) if is_json else b64encode(reply.body).decode()
    return answer
