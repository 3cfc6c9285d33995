"""``python -m tests.system.upgrade.killed NAME``: open stored databases, killed before each statement.

Prints what each database held afterwards: a list of pairs of its migrations and a digest of its rows.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from connector.storage import database
from tests.system.upgrade import restore

SCHEMAS = {"connector-space.db": "staging", "tenant.db": "tenant"}


def open_until(storage: Path, name: str, statements: int) -> bool:
    """Open a database in a process that dies before this statement; tell whether it got through."""
    process = os.fork()
    if process == 0:
        connect = database._connect
        left = iter(range(statements))

        def count(_: str) -> None:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        def traced(path: Path, *, read_only: bool) -> sqlite3.Connection:
            connection = connect(path, read_only=read_only)
            # A migration draws an identity: the same one each time, so that the digests can be compared.
            connection.create_function("randomblob", 1, bytes)
            connection.set_trace_callback(count)
            return connection

        database._connect = traced
        database.open_database(storage / name, SCHEMAS[name])
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def found(file: Path) -> tuple[str, str]:
    """Return the migrations of a database and a digest of the rest."""
    with closing(sqlite3.connect(file)) as connection:
        migrations = connection.execute(
            "SELECT name FROM _sqlite_migrations ORDER BY id"
        ).fetchall()
        lines = [line for line in connection.iterdump() if "_sqlite_migrations" not in line]
    text = "\n".join(sorted(lines))
    return ", ".join(name for (name,) in migrations), hashlib.sha256(text.encode()).hexdigest()


def main(stored: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        restore(stored, Path(folder, "stored"))
        seen: dict[str, list[tuple[str, str]]] = {name: [] for name in SCHEMAS}
        for name, states in seen.items():
            statements, done = 0, False
            while not done:
                storage = Path(folder, f"{name}-{statements}")
                shutil.copytree(Path(folder, "stored"), storage)
                done = open_until(storage, name, statements)
                states.append(found(storage / name))
                statements += 1
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1])
