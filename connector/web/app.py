"""Turn what Starlette knows of a request into a Call, have it answered by a thread, and send the Reply."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from connector.values.hosts import is_loopback
from connector.web import dispatch
from connector.web.exchange import LONGEST_URL, Call, Reply
from connector.web.sync import api as sync
from connector.web.workers import Workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import Receive, Scope, Send

    from connector.web.context import Context
    from connector.web.health import Answer

THREADS = 8
CLIENTS = 32
STREAMS = 16
LONGEST_BODY = 1024 * 1024
SECONDS_FOR_A_BODY = 30.0
_MONITORS = 2
_ORIGIN = re.compile(rb"https?://[^/]*", re.IGNORECASE)
_MONITORED = frozenset({"/healthz", "/readyz", "/metrics"})


class Application:
    """The web as an ASGI application: monitoring in threads of its own, the rest in at most eight.

    ``monitor`` answers the paths of monitoring. Not more than ``CLIENTS`` requests and ``STREAMS`` streams
    are under way; others are told to come again, and monitoring is answered all the same.
    """

    def __init__(self, context: Context, monitor: Callable[[str], Answer | None]) -> None:
        self._context = context
        self._monitor = monitor
        self._workers = Workers(THREADS, "web")
        self._monitors = Workers(_MONITORS, "monitor")
        self._streams = Workers(STREAMS, "stream")
        self._under_way = self._streaming = 0
        self._ends = False

    def end_streams(self) -> None:
        """Let the streams end at their next piece: the server stops."""
        self._ends = True

    def close(self) -> None:
        """Let the threads end that are not at work; the others end with the process."""
        for workers in (self._workers, self._monitors, self._streams):
            workers.shutdown(wait=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            response = await self._response(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        path = _decoded(_raw_path(request))
        if path in _MONITORED:
            return await self._monitored(request, path)
        began, call = time.monotonic(), _call(request)
        reply = self._wrong(call, request) or await self._answered(call, request)
        self._context.note_request(call, reply.status, time.monotonic() - began)
        if reply.stream is None:
            return _sent(reply)
        if self._streaming >= STREAMS:
            return _sent(
                self._refused(call, 503, "ServiceUnavailable", "Too many streams at once.")
            )
        return StreamingResponse(self._pieces(reply.stream), reply.status, _headers(reply))

    async def _monitored(self, request: Request, path: str) -> Response:
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=405, headers={"Allow": "GET, HEAD"})
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._monitors, self._monitor, path)
        if found is None:
            return Response(status_code=404)
        headers = {"Cache-Control": "no-store", "Content-Type": found.content_type}
        return Response(found.body, found.status, headers)

    async def _answered(self, call: Call, request: Request) -> Reply:
        longest = await self._longest_body(call)
        try:
            async with asyncio.timeout(SECONDS_FOR_A_BODY):
                body = await _body(request, longest)
        except TimeoutError:
            return self._refused(call, 408, "RequestTimeout", "The body came too slowly.")
        if body is None:
            text = f"The body is longer than {longest:,} bytes."
            return self._refused(call, 413, "RequestEntityTooLarge", text)
        if self._under_way >= CLIENTS:
            text = "Too many requests at once."
            return self._refused(call, 503, "ServiceUnavailable", text)
        self._under_way += 1
        try:
            loop = asyncio.get_running_loop()
            whole = replace(call, body=body)
            return await loop.run_in_executor(self._workers, dispatch.answer, whole, self._context)
        finally:
            self._under_way -= 1

    async def _longest_body(self, call: Call) -> int:
        """Return how long a body may be; whether who sends it may send more, a thread finds out."""
        if not sync.match(call.path):
            return LONGEST_BODY
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._workers, sync.longest_body, call, self._context)
        return found or LONGEST_BODY

    async def _pieces(self, stream: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the pieces of a stream; each is waited for in a thread, and an empty one says nothing."""
        loop = asyncio.get_running_loop()
        self._streaming += 1
        try:
            while not self._ends:
                piece = await loop.run_in_executor(self._streams, next, stream, None)
                if piece is None:
                    return
                if piece:
                    yield piece
        finally:
            self._streaming -= 1
            if hasattr(stream, "close"):
                self._streams.submit(stream.close)

    def _wrong(self, call: Call, request: Request) -> Reply | None:
        """Return the refusal of a request that cannot be answered whatever it asks for."""
        query = request.scope["query_string"]
        if len(_raw_path(request)) + len(b"?" * bool(query) + query) > LONGEST_URL:
            return self._refused(call, 414, "RequestUriTooLong", "The URL is longer than 16 KiB.")
        if not call.base:
            return self._refused(call, 400, "BadRequest", "The Host header is not host[:port].")
        parts = (call.path, *(text for pair in call.query for text in pair))
        if any(_is_unreadable(text) for text in parts):
            text = "The URL has a NUL or bytes that are not UTF-8."
            return self._refused(call, 400, "BadRequest", text)
        return None

    def _refused(self, call: Call, status: int, code: str, message: str) -> Reply:
        headers = {"Retry-After": "1"} if status == 503 else {}  # noqa: PLR2004 - HTTP's own number
        return dispatch.refuse(call, self._context, status, code, message, headers=headers)


def _call(request: Request) -> Call:
    """Return the request without its body; ``base`` is empty where the Host is not one."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    client = request.client.host if request.client else ""
    query = request.scope["query_string"].decode("latin-1")
    return Call(
        method=request.method,
        path=_decoded(_raw_path(request)),
        base=_base(request, client),
        query=parse_qsl(query, keep_blank_values=True, errors="surrogateescape"),
        headers=headers,
        client=client,
        request_id=str(uuid.uuid4()),
    )


def _base(request: Request, client: str) -> str:
    """Return scheme and host as the client sees them; a proxy on this machine may say what these are."""
    scheme, hosts = request.url.scheme, request.headers.getlist("host")
    host = hosts[0] if len(hosts) == 1 else ""
    if is_loopback(client):
        told = _last(request, "x-forwarded-proto", "")
        scheme = told if told in ("http", "https") else scheme
        host = _last(request, "x-forwarded-host", host)
    return f"{scheme}://{host}" if dispatch.is_host(host) else ""


def _last(request: Request, name: str, missing: str) -> str:
    """Return what the nearest proxy says; those before it are further to the left."""
    said = request.headers.getlist(name)
    return said[-1].rpartition(",")[2].strip() if said else missing


def _raw_path(request: Request) -> bytes:
    """Return the path as it was sent, without the scheme and the host that some clients put before it."""
    sent = request.scope.get("raw_path") or request.scope["path"].encode()
    return sent if sent.startswith(b"/") else _ORIGIN.sub(b"", sent, count=1) or b"/"


async def _body(request: Request, longest: int) -> bytes | None:
    """Read the body; None when it is too long."""
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > longest:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            return None
    return bytes(body)


def _sent(reply: Reply) -> Response:
    return Response(reply.body, reply.status, _headers(reply))


def _headers(reply: Reply) -> dict[str, str]:
    headers = {"X-Content-Type-Options": "nosniff", **reply.headers}
    if reply.content_type is not None:
        headers["Content-Type"] = reply.content_type
    return headers


def _decoded(path: bytes) -> str:
    return unquote_to_bytes(path).decode("utf-8", "surrogateescape")


def _is_unreadable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
