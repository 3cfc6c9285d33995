"""Read what a sync client sends: nothing of it is believed before it was looked at."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from connector.values.canonical import decode
from connector.web.sync.refusals import Refused, malformed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from connector.web.exchange import Call

LONGEST = 64 * 1024 * 1024
"""Bytes of a body that was compressed."""

_GZIP = 16 + zlib.MAX_WBITS
_LONGEST_TEXT = 4096


def unpacked(call: Call) -> bytes:
    """Return the body as it was before it was compressed; raises Refused."""
    encoding = call.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity":
        return call.body
    if encoding != "gzip":
        raise Refused(415, "UnsupportedMediaType", "The body is neither gzip nor plain.")
    unpacking = zlib.decompressobj(_GZIP)
    try:
        body = unpacking.decompress(call.body, LONGEST)
    except zlib.error:
        raise malformed("The body is not gzip.") from None
    if unpacking.unconsumed_tail:
        text = f"The body is longer than {LONGEST:,} bytes."
        raise Refused(413, "RequestEntityTooLarge", text)
    if not unpacking.eof or unpacking.unused_data:
        raise malformed("The body is not gzip.")
    return body


def fields(call: Call, kinds: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """Return the fields of the body, an object of JSON; raises Refused for other fields or kinds than these.

    A field that may be None may be left out.
    """
    try:
        found = decode(unpacked(call).decode() or "{}")
    except (ValueError, RecursionError):
        raise malformed("The body is not JSON.") from None
    if not isinstance(found, dict):
        raise malformed("The body is not an object of JSON.")
    read: dict[str, Any] = {}
    for name, kind in kinds.items():
        value = found.get(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise malformed(f"The field {name} is missing, or of another kind.")
        if isinstance(value, str) and not is_text(value):
            raise malformed(f"The field {name} is not a text that can be kept.")
        read[name] = value
    return read


def query(call: Call, names: Collection[str]) -> dict[str, str]:
    """Return the query by name; raises Refused for another name than these, and for one that comes twice."""
    found = dict(call.query)
    if len(found) != len(call.query) or not found.keys() <= set(names):
        raise malformed("The query has what this call does not take, or the same twice.")
    return found


def is_text(value: Any) -> bool:
    """Tell whether a value is a text that a store can keep, and people can read."""
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.isprintable()
