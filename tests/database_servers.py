"""PostgreSQL as an operator has it: over TCP with TLS and passwords, or two servers of which one follows."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from tests.ports import free_port
from tests.postgresql import run
from tests.system.certificates import authority, server_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.lab.configuration import TlsFiles

HOST = "db.contoso.com"
"""What the certificate of a server names; clients get to it by ``hostaddr``."""

PATIENCE = 60.0
_INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
_HBA = """local all all trust
hostssl all all 127.0.0.1/32 scram-sha-256
hostnossl all all 127.0.0.1/32 reject
"""


class Server:
    """One server in a folder of its own; it listens on a private socket and, if told to, on a port."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(folder),
            "max_connections": "40",
            "shared_buffers": "32MB",
            "fsync": "off",
            "lock_timeout": "120s",
            "statement_timeout": "240s",
            **settings,
        }

    def start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in self._settings.items())
        at = ["-D", str(self.data), "-l", str(self.folder / "log"), "-o", options]
        run(self.folder, "pg_ctl", "start", "-w", "-t", "60", *at)

    def stop(self) -> None:
        run(self.folder, "pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self.data))

    @property
    def is_running(self) -> bool:
        return (self.data / "postmaster.pid").exists()

    def kill(self) -> None:
        """Kill it as a machine that fails does: no process of it says anything to anybody."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for number in (first, *map(int, children)):
            os.kill(number, signal.SIGKILL)
        until_gone(first)

    def socket_url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def ask(self, database: str, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.socket_url(database), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


def until_gone(process: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{process}/stat").exists() and not _is_dead(process):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _is_dead(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@contextmanager
def room() -> Iterator[Path]:
    """Make a folder that the user of the servers can get to, in memory where there is some."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder is made with a name that nobody knows
    parent = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="tests-servers-", dir=parent) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def one_server(folder: Path, **settings: str) -> Iterator[Server]:
    """Run a server with passwords over TLS, by a certificate of ``HOST`` from an authority of its own."""
    with ExitStack() as stack:
        made = _made(folder, "one", **settings)
        run(made.folder, "initdb", "-D", str(made.data), *_INITDB)
        (made.data / "pg_hba.conf").write_text(_HBA)
        made.start()
        stack.callback(made.stop)
        yield made


def tls_files(folder: Path) -> TlsFiles:
    """Make the authority and the files of a server, which its user may read."""
    files = server_files(folder, authority(folder), f"DNS:{HOST}")
    files.key.chmod(0o600)
    if os.geteuid() == 0:
        shutil.chown(files.key, "postgres")
    return files


@contextmanager
def two_servers(folder: Path, *, waits: bool) -> Iterator[tuple[Server, Server]]:
    """Run a primary and a standby that follows it; with ``waits`` a commit is one on both."""
    with ExitStack() as stack:
        primary = _made(folder, "primary")
        run(primary.folder, "initdb", "-D", str(primary.data), *_INITDB)
        primary.start()
        stack.callback(_ended, primary)
        standby = _made(folder, "standby")
        run(
            standby.folder, "pg_basebackup", "-D", str(standby.data), "-h", str(primary.folder),
            "-p", str(primary.port), "-U", "postgres", "-R", "-c", "fast", "-N",
        )  # fmt: skip
        standby.start()
        stack.callback(_ended, standby)
        if waits:
            primary.ask("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.ask("postgres", "SELECT pg_reload_conf()")
        yield primary, standby


def promote(server: Server) -> None:
    run(server.folder, "pg_ctl", "promote", "-w", "-D", str(server.data))


def _ended(server: Server) -> None:
    with suppress(subprocess.CalledProcessError):  # it was killed
        server.stop()


def _made(folder: Path, name: str, **settings: str) -> Server:
    own = folder / name
    own.mkdir()
    if os.geteuid() == 0:
        shutil.chown(own, "postgres")
    return Server(own, **settings)
