"""Turn what Starlette knows of a request into a Call, have it answered by a thread, and send the Reply."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from connector.values.hosts import is_loopback
from connector.web import dispatch
from connector.web.envelope import refusal
from connector.web.exchange import Call, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import Receive, Scope, Send

    from connector.web.context import Context
    from connector.web.health import Answer

THREADS = 8
CLIENTS = 32
LONGEST_URL = 16 * 1024
LONGEST_BODY = 1024 * 1024
SECONDS_FOR_A_BODY = 30.0
_MONITORED = frozenset({"/healthz", "/readyz", "/metrics"})


class Application:
    """The web as an ASGI application: monitoring in threads of its own, the rest in at most eight.

    ``monitor`` answers the paths of monitoring. Not more than ``CLIENTS`` requests are under way; others
    are told to come again, and monitoring is answered all the same.
    """

    def __init__(self, context: Context, monitor: Callable[[str], Answer | None]) -> None:
        self._context = context
        self._monitor = monitor
        self._workers = ThreadPoolExecutor(THREADS, thread_name_prefix="web")
        self._monitors = ThreadPoolExecutor(2, thread_name_prefix="monitor")
        self._streams = ThreadPoolExecutor(CLIENTS, thread_name_prefix="stream")
        self._under_way = 0

    def close(self) -> None:
        """Take no more work; what is at work ends by itself."""
        for pool in (self._workers, self._monitors, self._streams):
            pool.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        response = await self._response(request)
        if response is not None:
            await response(scope, receive, send)

    async def _response(self, request: Request) -> Response | None:
        if request.url.path in _MONITORED:
            return await self._monitored(request)
        call = _call(request)
        if (wrong := self._wrong(call, request)) is not None:
            return _sent(wrong)
        if self._under_way >= CLIENTS:
            return _sent(
                self._refused(call, 503, "ServiceUnavailable", "Too many requests at once.")
            )
        self._under_way += 1
        try:
            return await self._answered(call, request)
        except (ClientDisconnect, asyncio.CancelledError):
            return None
        finally:
            self._under_way -= 1

    async def _monitored(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=405, headers={"Allow": "GET, HEAD"})
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._monitors, self._monitor, request.url.path)
        if found is None:
            return Response(status_code=404)
        headers = {"Cache-Control": "no-store", "Content-Type": found.content_type}
        return Response(found.body, found.status, headers)

    async def _answered(self, call: Call, request: Request) -> Response:
        try:
            async with asyncio.timeout(SECONDS_FOR_A_BODY):
                body = await _body(request)
        except TimeoutError:
            return _sent(self._refused(call, 408, "RequestTimeout", "The body came too slowly."))
        if body is None:
            text = f"The body is longer than {LONGEST_BODY:,} bytes."
            return _sent(self._refused(call, 413, "RequestEntityTooLarge", text))
        loop = asyncio.get_running_loop()
        whole = replace(call, body=body)
        reply = await loop.run_in_executor(self._workers, dispatch.answer, whole, self._context)
        return _sent(reply, pool=self._streams)

    def _wrong(self, call: Call, request: Request) -> Reply | None:
        """Return the refusal of a request that cannot be answered whatever it asks for."""
        raw = bytes(request.scope.get("raw_path") or b"") + request.scope["query_string"]
        if len(raw) > LONGEST_URL:
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
        return refusal(call, self._context.clock(), status, code, message, headers=headers)


def _call(request: Request) -> Call:
    """Return the request without its body; ``base`` is empty where the Host is not one."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    client = request.client.host if request.client else ""
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"].decode("latin-1")
    return Call(
        method=request.method,
        path=_decoded(path),
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
        told = request.headers.get("x-forwarded-proto", "")
        scheme = told if told in ("http", "https") else scheme
        host = request.headers.get("x-forwarded-host", host)
    return f"{scheme}://{host}" if dispatch.is_host(host) else ""


async def _body(request: Request) -> bytes | None:
    """Read the body; None when it is too long."""
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > LONGEST_BODY:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            return None
    return bytes(body)


def _sent(reply: Reply, pool: ThreadPoolExecutor | None = None) -> Response:
    headers = dict(reply.headers)
    if reply.content_type is not None:
        headers["Content-Type"] = reply.content_type
    if reply.stream is not None and pool is not None:
        return StreamingResponse(_pieces(reply.stream, pool), reply.status, headers)
    return Response(reply.body, reply.status, headers)


async def _pieces(stream: Iterator[bytes], pool: ThreadPoolExecutor) -> AsyncIterator[bytes]:
    """Yield the pieces of a stream; each is waited for in a thread."""
    loop = asyncio.get_running_loop()
    try:
        while (piece := await loop.run_in_executor(pool, next, stream, None)) is not None:
            yield piece
    finally:
        if hasattr(stream, "close"):
            pool.submit(stream.close)


def _decoded(path: bytes) -> str:
    return unquote_to_bytes(path).decode("utf-8", "surrogateescape")


def _is_unreadable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
