"""One request and its answer, as the handlers of the web see them: without a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Role = Literal["reader", "admin"]
"""Of who uses the API of Graph."""

AppRole = Literal["reader", "admin", "synchronization"]
"""Of an application: the last one may be a sync client, and nothing else."""

LONGEST_URL = 16 * 1024
"""Bytes of a URL, from its path on; that of a request of a batch counts too."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an app or a person, proven by a token or a session."""

    name: str
    role: AppRole
    app: str | None = None
    """The client id of an app registration."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came.

    ``path`` is decoded and not yet normalized; ``query`` has the decoded pairs in their order; the names of
    ``headers`` are in lower case. ``base`` is scheme and host of the client's view, for absolute links.
    """

    method: str
    path: str
    base: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    caller: Caller | None = None
    client: str = ""
    """The address of the peer."""
    request_id: str = ""
    """A UUID of this request, which the answer and the log name."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Where there is a ``stream``, it is sent piece by piece in place of the body."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Iterator[bytes] | None = None
