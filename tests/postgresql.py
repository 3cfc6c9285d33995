"""A PostgreSQL of the tests' own: Debian's, on a private socket, in a folder that goes away.

Nothing that it holds has to last, so it never waits for a disk. A database serves one test after another:
it is emptied in between, which takes a tenth of the time that a new one does.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from connector.tenant.postgresql.migrating import migrate
from connector.tenant.postgresql.server import open_connection, server_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.tenant.postgresql.server import Server

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "10s",
    "logging_collector": "off",
    # Nothing waits for ever: a deadlock between two connections of a test fails it, and says so.
    "lock_timeout": "120s",
    "statement_timeout": "240s",
    "idle_in_transaction_session_timeout": "600s",
}
_NOTHING: Mapping[str, str] = {}
_SECONDS = "60"
_CREATED = {
    "state": "INSERT INTO state (name, value) VALUES ('identity', %(a)s), ('timeline', %(b)s), "
    "('version', '0')",
    "mark": "INSERT INTO mark (version, mark) VALUES (0, %(a)s)",
    "change": "INSERT INTO change (number, at, mark) VALUES (0, '', %(b)s)",
}


class Postgres:
    """A server that runs; it gives databases away, each with the empty tables of a tenant."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made = 0
        self._free: list[Server] = []

    def url(self, database: str) -> str:
        return f"postgresql:///{database}?host={self.folder}&user=postgres"

    @contextmanager
    def database(self) -> Iterator[Server]:
        """Lend a database with an empty tenant."""
        server = self._free.pop() if self._free else self.make()
        yield server
        self._empty(server)
        self._free.append(server)

    @contextmanager
    def databases(self) -> Iterator[Callable[[Path], str]]:
        """Lend databases with empty tenants: yield what gives the URL of the one that stands for a file."""
        with ExitStack() as stack:
            urls: dict[Path, str] = {}

            def url_for(file: Path) -> str:
                if file not in urls:
                    server = stack.enter_context(self.database())
                    urls[file] = self.url(server.parameters["dbname"])
                return urls[file]

            yield url_for

    def make(self, *, migrated: bool = True) -> Server:
        """Make a database; without ``migrated`` it has no tables."""
        self._made += 1
        name = f"tenant{self._made}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        server = server_at(self.url(name))
        if migrated:
            with open_connection(server) as connection:
                migrate(connection, server)
        return server

    @property
    def process(self) -> int:
        """The number of the server's first process."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def drop(self, name: str) -> None:
        """Remove a database that nobody uses any more."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name}".encode())

    def restart(self) -> None:
        """Kill the server and start it again."""
        run(self.folder, "pg_ctl", "restart", "-m", "immediate", "-w", *_data(self.folder))

    def _empty(self, server: Server) -> None:
        with psycopg.connect(self.url(server.parameters["dbname"])) as connection:
            for table in _tables(connection):
                connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608
            values = {"a": secrets.token_hex(16), "b": secrets.token_hex(8)}
            for sql in _CREATED.values():
                connection.execute(sql.encode(), values)


@contextmanager
def running(folder: Path, settings: Mapping[str, str] = _NOTHING) -> Iterator[Postgres]:
    """Run a server in a folder, which is removed with it; ``settings`` are its own."""
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with ExitStack() as stack:
        run(
            folder,
            "initdb",
            *_data(folder),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        options = [f"-c {name}='{value}'" for name, value in {**_SETTINGS, **settings}.items()]
        options.append(f"-c unix_socket_directories='{folder}'")
        start = [*_data(folder), "-l", str(folder / "log"), "-o", " ".join(options)]
        run(folder, "pg_ctl", "start", "-w", "-t", _SECONDS, *start)
        stack.callback(run, folder, "pg_ctl", "stop", "-m", "immediate", *_data(folder))
        yield Postgres(folder)


def rows_of(url: str) -> dict[str, bytes]:
    """Return all rows of a database by table."""
    with psycopg.connect(url) as connection:
        found = {}
        for table in _tables(connection):
            with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
                found[table] = b"".join(copy)
        return found


def fill(url: str, rows: dict[str, bytes]) -> None:
    """Let a database have these rows, and no others."""
    with psycopg.connect(url) as connection:
        for table in _tables(connection):
            connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608
            with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                copy.write(rows[table])


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration'"
    return [table for (table,) in connection.execute(sql.encode()).fetchall()]


def dump(url: str, file: Path) -> None:
    """Back a database up, as docs/postgresql.md says."""
    _tool("pg_dump", "--format=custom", f"--file={file}", url)


def restore(url: str, file: Path) -> None:
    """Bring a database back, as docs/postgresql.md says."""
    way = ("--clean", "--if-exists", "--single-transaction")
    _tool("pg_restore", *way, f"--dbname={url}", str(file))


def lose_all(url: str) -> None:
    """Lose what a database has."""
    with psycopg.connect(url) as connection:
        connection.execute(b"DROP SCHEMA public CASCADE")
        connection.execute(b"CREATE SCHEMA public")


def _tool(name: str, *arguments: str) -> None:
    subprocess.run([str(PROGRAMS[-1] / name), *arguments], check=True, timeout=120)


def run(folder: Path, program: str, *arguments: str) -> None:
    """Run a program of the server as its user."""
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_user, str(PROGRAMS[-1] / program), *arguments]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=120)


def _data(folder: Path) -> list[str]:
    return ["-D", str(folder / "data")]
