"""Answer a sync client: with a value of JSON, or with lines of JSON, which may be packed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from connector.values.canonical import compact
from connector.web.exchange import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.web.exchange import Call

JSON_LINES = "application/x-ndjson"
_PIECE = 64 * 1024
_LEVEL = 1
_GZIP = 16 + zlib.MAX_WBITS


def answer(value: Any) -> Reply:
    """Answer with one value of JSON."""
    return Reply(200, f"{compact(value)}\n".encode(), JSON_LINES)


def _takes_gzip(call: Call) -> bool:
    return "gzip" in call.headers.get("accept-encoding", "").lower()


def packed(call: Call, body: bytes) -> Reply:
    """Answer with lines that are there; long ones are packed where the client takes that."""
    if not _takes_gzip(call) or len(body) < _PIECE:
        return Reply(200, body, JSON_LINES)
    packing = zlib.compressobj(_LEVEL, wbits=_GZIP)
    body = packing.compress(body) + packing.flush()
    return Reply(200, body, JSON_LINES, {"Content-Encoding": "gzip"})


def streamed(call: Call, written: Iterator[bytes]) -> Reply:
    """Answer with lines as they are read; what comes first is worked out before the answer begins."""
    next(written)  # what is wrong is told before the answer begins
    headers = {}
    stream = _pieces(written)
    if _takes_gzip(call):
        headers["Content-Encoding"] = "gzip"
        stream = _compressed(stream)
    return Reply(200, content_type=JSON_LINES, headers=headers, stream=stream)


def _pieces(written: Iterator[bytes]) -> Iterator[bytes]:
    """Put lines together to pieces that are worth sending."""
    waiting, size = [], 0
    try:
        for line in written:
            waiting.append(line)
            size += len(line)
            if size >= _PIECE:
                yield b"".join(waiting)
                waiting, size = [], 0
        yield b"".join(waiting)
    finally:
        _close(written)


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(_LEVEL, wbits=_GZIP)
    try:
        for piece in pieces:
            yield packing.compress(piece)
        yield packing.flush()
    finally:
        _close(pieces)


def _close(stream: Iterator[bytes]) -> None:
    if hasattr(stream, "close"):
        stream.close()
