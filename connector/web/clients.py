"""Keep the connections of the web few and short: who takes too long, or is too many, is hung up on.

A client that is being answered keeps its place. When others need room, those go that have sent nothing, or only
a part of a request, for the longest; then those that do not read their answers.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

MOST = 64
"""Connections at the same time: twice the requests, so that there is room for a monitor."""

SECONDS_TO_ASK = 10.0
"""From the first byte, or from the connection, to the end of the headers."""

SECONDS_TO_SEND = 40.0
"""For a body."""

SECONDS_TO_READ = 60.0
"""For an answer, or a piece of one."""

_SECONDS_TO_CLOSE = 5.0
_SECONDS_OF_PATIENCE = 2.0


class State(Enum):
    """What a client does: nothing yet, or nothing since its last answer; sending; or waiting for its answer."""

    SILENT = "silent"
    ASKING = "asking"
    SENDING_BODY = "sending body"
    ANSWERED = "answered"


_SECONDS = {
    State.SILENT: SECONDS_TO_ASK,
    State.ASKING: SECONDS_TO_ASK,
    State.SENDING_BODY: SECONDS_TO_SEND,
}


class Client:
    """A connection; ``transport`` is None until its TLS handshake is done."""

    def __init__(self, connection: socket.socket, now: float) -> None:
        self._connection = connection
        self.transport: asyncio.Transport | None = None
        self.state = State.SILENT
        self.since = now
        self.unread_since: float | None = None
        self.closing_since: float | None = None

    def become(self, state: State, now: float) -> None:
        """Note what the client does from now on."""
        if state is not self.state:
            self.state, self.since = state, now

    def look(self, now: float) -> None:
        """Note since when the client reads nothing, and since when it is being closed."""
        if self.transport is None:
            return
        if self.transport.get_write_buffer_size() == 0:
            self.unread_since = None
        elif self.unread_since is None:
            self.unread_since = now
        if self.transport.is_closing() and self.closing_since is None:
            self.closing_since = now

    def is_too_slow(self, now: float) -> bool:
        """Tell whether it has taken longer than it may."""
        return (
            now - self.since > _SECONDS.get(self.state, float("inf"))
            or _is_older(self.unread_since, SECONDS_TO_READ, now)
            or _is_older(self.closing_since, _SECONDS_TO_CLOSE, now)
        )

    def hang_up(self) -> None:
        """End the connection at once, whatever is still to be sent."""
        if self.transport is not None:
            self.transport.abort()
        else:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)


class Clients:
    """The connections of a server; only the thread of its event loop uses it."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.now = monotonic
        self._open: dict[Client, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def welcome(self, connection: socket.socket) -> Client | None:
        """Take in a connection, for which another one may have to go; None where none can."""
        now = self.now()
        if len(self._open) >= MOST:
            leaving = self._dispensable(now)
            if leaving is None:
                return None
            self.forget(leaving)
            leaving.hang_up()
        client = Client(connection, now)
        self._open[client] = None
        return client

    def forget(self, client: Client) -> None:
        """Note that a connection has ended."""
        self._open.pop(client, None)

    def sweep(self) -> None:
        """Hang up on those who take too long."""
        now = self.now()
        for client in list(self._open):
            client.look(now)
            if client.is_too_slow(now):
                self.forget(client)
                client.hang_up()

    def hang_up(self) -> None:
        """Hang up on all."""
        for client in list(self._open):
            self.forget(client)
            client.hang_up()

    def _dispensable(self, now: float) -> Client | None:
        """Return the client that makes room: one that is not being answered, or does not read its answer."""
        waiting = [client for client in self._open if client.state is not State.ANSWERED]
        if waiting:
            return min(waiting, key=lambda client: client.since)
        for client in self._open:
            client.look(now)
        unread = [
            (client.unread_since, number, client)
            for number, client in enumerate(self._open)
            if client.unread_since is not None
            and _is_older(client.unread_since, _SECONDS_OF_PATIENCE, now)
        ]
        return min(unread)[2] if unread else None


def _is_older(since: float | None, seconds: float, now: float) -> bool:
    return since is not None and now - since > seconds
