"""Know who else is at work on a tenant: each connection says by its name which client it serves.

A server shows the names of connections to everybody, whatever rights they have, and forgets them with the
connection. One that needs the tenant for itself says that too, and then looks for others; one that comes says who it is,
and then looks for one that needs it. So one of the two sees the other.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg

from connector.errors import InstanceLocked, StorageUnusable
from connector.tenant.postgresql.server import APPLICATION, open_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.tenant.postgresql.session import Session

PATIENCE = 3.0
"""So many seconds a wait for another writer is not worth a word."""

_SECONDS_FOR_WHO_IS_ALONE = 30.0
_SECONDS_TO_LEAVE = 2.0
_SECONDS_BETWEEN_LOOKS = 0.05
_ALONE = "/alone"
_NUMBER = f"substring(a.application_name FROM '^{APPLICATION}/([0-9]+)')::bigint"
# All connectors of a tenant use one role; other tenants of the database have others.
_AT_WORK = (
    "SELECT a.application_name, a.pid, c.host, c.place FROM pg_stat_activity AS a "  # noqa: S608
    f"LEFT JOIN client AS c ON c.number = {_NUMBER} "
    "WHERE a.datname = current_database() AND a.usename = current_user "
    f"AND a.application_name ~ '^{APPLICATION}/[0-9]' AND {_NUMBER} <> %s ORDER BY a.pid"
)
# One that waits stands behind others that wait: the last of the row waits for nobody.
_HOLDER = (
    "WITH RECURSIVE row (pid, place) AS (SELECT %s::int, 0 UNION SELECT b, place + 1 "  # noqa: S608
    "FROM row, unnest(pg_blocking_pids(row.pid)) AS b WHERE place < 50) "
    "SELECT a.application_name, a.pid, c.host, c.place FROM row JOIN pg_stat_activity AS a USING (pid) "
    f"LEFT JOIN client AS c ON c.number = {_NUMBER} "
    "WHERE row.place > 0 AND cardinality(pg_blocking_pids(a.pid)) = 0 ORDER BY row.place LIMIT 1"
)


class Others:
    """Implements ``ports.Others``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._client = 0
        self._waited_for = ""
        self.told: Callable[[str, float], None] = lambda _held_by, _seconds: None

    def announce(self, client: int) -> None:
        self._client = client
        self._session.be(f"{APPLICATION}/{client}")
        deadline = time.monotonic() + _SECONDS_FOR_WHO_IS_ALONE
        while who := self._at_work(alone=True):
            if self._session.stop() or time.monotonic() > deadline:
                self._session.be(APPLICATION)
                raise InstanceLocked(
                    f"{self._session.server.name} is in use by another connector ({who}), which needs it for "
                    "itself now."
                )
            time.sleep(_SECONDS_BETWEEN_LOOKS)

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        before = self._session.name
        self._session.be(f"{APPLICATION}/{self._client}{_ALONE}")
        try:
            # One that ended just now may still be leaving.
            deadline = time.monotonic() + _SECONDS_TO_LEAVE
            while who := self._at_work():
                if time.monotonic() > deadline:
                    raise InstanceLocked(
                        f"{self._session.server.name} is in use by another connector ({who}): {what} needs the "
                        "tenant for itself. Stop the other one first, or wait until it is done."
                    )
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            yield
        finally:
            self._session.be(before)

    def note_wait(self, process: int, seconds: float) -> None:
        """Tell who holds the tenant that a process of the server waits for; once while it is the same one."""
        with (
            suppress(psycopg.Error, StorageUnusable),
            open_connection(self._session.server) as asked,
        ):
            found = asked.execute(_HOLDER.encode(), (process,)).fetchone()
            held_by = "" if found is None else _described(*found)
            if held_by and held_by != self._waited_for:
                self._waited_for = held_by
                self.told(held_by, seconds)

    def note_turn(self) -> None:
        """Take note that the turn to write came soon."""
        self._waited_for = ""

    def _at_work(self, *, alone: bool = False) -> str:
        """Name one who is at work, or needs the tenant for itself; nobody is an empty text."""
        for name, *row in self._session.rows(_AT_WORK, (self._client,)):
            if not alone or name.partition(" ")[0].endswith(_ALONE):
                return _described(name, *row)
        return ""


def _described(name: str | None, process: int, host: str | None, place: str | None) -> str:
    """Name a connector by its host and its storage folder, any other program as the server does."""
    known = f"{host or ''} {place or ''}".strip()
    return known or f"{name or 'a program'}, process {process} of the server"
