"""Have the tenants of a crash matrix in PostgreSQL, and kill the server under a connector too."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import psycopg

from connector.tenant.postgresql.migrating import migrate
from connector.tenant.postgresql.server import open_connection, server_at
from tests.postgresql import fill, lose_all, rows_of
from tests.system.kills import FILES_ONLY, PATIENCE, PHASES, SERVER, SERVER_PROCESS, Phase

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgresql import Postgres

_SLICES, _BATCHES = "tests.system.small_slices", "tests.system.small_batches"
_LATER = "tests.system.next_version"
SERVER_PHASES = (
    *(phase for phase in PHASES if phase.name not in FILES_ONLY),
    Phase("server in a first sync", ("sync", "--policy", "initial"), None, victim=SERVER),
    Phase("server in an export", ("sync",), "planned", _BATCHES, SERVER),
    Phase("process of the server in an export", ("sync",), "planned", _BATCHES, SERVER_PROCESS),
    Phase("server in a sweep", ("tenant", "sweep"), "freed", _SLICES, SERVER),
    Phase("process of the server in a migration", ("sync",), "synced", _LATER, SERVER_PROCESS),
)
_SCRATCH = "scratch"
_SESSIONS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


class ServerTenants:
    """The databases of the storages from which phases start, and one for all that are killed."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._urls: dict[str, str] = {}
        self._rows: dict[str, dict[str, bytes]] = {}

    def url(self, name: str) -> str:
        """Return the URL of the database of a storage; that of a kill has a number for a name."""
        key = _SCRATCH if name.isdecimal() else name
        if key not in self._urls:
            made = self._server.make(migrated=False)
            self._urls[key] = self._server.url(made.parameters["dbname"])
        return self._urls[key]

    def begin(self, name: str, copy: str | None, storage: Path) -> None:
        """Let the tenant of a storage be that of another one, which was moved here; or none."""
        lose_all(self.url(name))
        if copy is None:
            return
        if copy not in self._rows:
            self._rows[copy] = rows_of(self.url(copy))
        if not self._rows[copy]:
            return
        server = server_at(self.url(name))
        with open_connection(server) as connection:
            migrate(connection, server)
        fill(self.url(name), self._rows[copy])
        with psycopg.connect(self.url(name)) as connection:
            connection.execute("UPDATE client SET place = %s", (str(storage),))

    def lose(self, name: str) -> None:
        lose_all(self.url(name))

    def strike(self, victim: str, name: str) -> bool:
        """Kill the server, or the process that serves a connector; return whether there was one."""
        if victim == SERVER:
            self._server.restart()
            return True
        with psycopg.connect(self.url(name)) as connection:
            found = [number for (number,) in connection.execute(_SESSIONS.encode()).fetchall()]
        for number in found[:1]:
            os.kill(number, signal.SIGKILL)
        self._wait(name)
        return bool(found)

    def _wait(self, name: str) -> None:
        """Wait until the server takes connections again: it starts anew when a process of it is killed."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self.url(name)).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return
