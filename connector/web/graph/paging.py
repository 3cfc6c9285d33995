"""Write and read ``$skiptoken``: the whole query, and the place where the next page starts.

The header ConsistencyLevel is in it as well, because clients that follow a link do not send it again. A
token is checked as the query itself is, so a forged one gets no more than a query could ask for.
"""

from __future__ import annotations

import binascii
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, NamedTuple

from connector.values.canonical import compact
from connector.web.graph.refusals import bad_request, is_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 1 << 16


class Place(NamedTuple):
    """A page of a collection: its path, the query, and the keys of the last object before it."""

    path: str
    asked: Mapping[str, str]
    eventual: bool
    after: tuple[str | int, ...]


def token(place: Place) -> str:
    packed = zlib.compress(compact(list(place)).encode(), 9)
    return urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def read(text: str, path: str) -> Place:
    """Read a token for the collection at a path; raises Refusal for any other text."""
    try:
        packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacked = zlib.decompressobj()
        found = json.loads(unpacked.decompress(packed, _LARGEST))
        own, asked, eventual, after = found
    except (ValueError, TypeError, binascii.Error, zlib.error, RecursionError) as error:
        raise _invalid() from error
    is_ours = (
        unpacked.eof
        and isinstance(asked, dict)
        and all(is_text(value) for value in asked.values())
        and isinstance(eventual, bool)
        and isinstance(after, list)
        and bool(after)
        and all(is_text(value) for value in after[:-1])
        and type(after[-1]) is int
        and abs(after[-1]) < 1 << 63
    )
    if not is_ours or own != path:
        raise _invalid()
    return Place(own, asked, eventual, tuple(after))


def _invalid() -> Exception:
    return bad_request("Invalid value specified for $skiptoken.")
