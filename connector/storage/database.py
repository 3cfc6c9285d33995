"""Open the SQLite databases: pragmas, numbered migrations, immediate transactions.

The only module that imports sqlite-utils. The two stores (staging, tenant) build on it. Tables come from
``schema/<name>/NNNN_*.sql`` as STRICT tables, never from an insert.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connector import resources
from connector.errors import StorageUnusable
from connector.storage.way import Wish
from connector.values.canonical import decode
from connector.values.entries import choose_by_name, staged_hash, staged_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlite_utils

__all__ = [
    "Database",
    "empty_database",
    "immediate",
    "open_database",
    "replace_contents",
]

_ENVIRONMENTAL = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
_SECONDS_TO_MAKE = 5.0
_SECONDS_ONCE_STOPPED = 0.5
_WAIT = "PRAGMA busy_timeout=5000"
_WAIT_A_LITTLE = "PRAGMA busy_timeout=100"
_SECONDS_BETWEEN_LOOKS = 0.01
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    _WAIT,
    "PRAGMA trusted_schema=OFF",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA cache_size=-14000",
    # Fewer checkpoints in a big run: a page that many transactions touch is copied back once.
    "PRAGMA wal_autocheckpoint=16000",
)


def _staged_hash(anchor: str, kind: str | None, attributes: str, dn: str, references: str) -> bytes:
    return staged_hash(anchor, kind, attributes, dn, sorted(decode(references)))


# What a migration may call, with the number of its arguments.
_FUNCTIONS: tuple[tuple[str, int, Callable[..., str | bytes]], ...] = (
    ("staged_key", 1, staged_key),
    ("staged_hash", 5, _staged_hash),
    ("choose_by_name", 2, choose_by_name),
)


class Database:
    """An open database; ``conn`` is its connection.

    A transaction waits for another process ``patience`` seconds; ``patience_for_much`` where ``is_much`` says
    that the other one may be doing what takes long; while ``stop`` is true no longer than a moment.
    """

    def __init__(self, conn: sqlite3.Connection, stop: Callable[[], bool] = lambda: False) -> None:
        self.conn = conn
        self.stop = stop
        self.is_much: Callable[[], bool] = lambda: False
        self.patience = 5.0
        self.patience_for_much = 120.0

    def begin(self) -> None:
        """Begin a transaction that writes; a rehearsal gives way to it."""
        with Wish() as wish:
            begin(self, wish)

    def commit(self) -> None:
        """Keep what the transaction did."""
        self.conn.commit()

    def roll_back(self) -> None:
        """Undo what the transaction did, if there is one."""
        if self.conn.in_transaction:
            self.conn.rollback()

    def close(self) -> None:
        self.conn.close()


def open_database(
    path: Path, name: str, *, read_only: bool = False, stop: Callable[[], bool] = lambda: False
) -> Database:
    """Open (and create or migrate) the database ``name``; its schema is ``schema/<name>``.

    Raises StorageUnusable, naming the file and the next step, when the file cannot be opened, is not
    a SQLite database, is damaged, or was written by a newer version of the program.
    """
    try:
        if not read_only:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with folder_to_itself(path.parent, shared=read_only):
            connection = _connect(path, read_only=read_only)
            database = Database(connection, stop)
            if read_only:
                _refuse_newer(database, path, name)
            else:
                for pragma in _PRAGMAS:
                    connection.execute(pragma)
                with Wish() as wish:
                    wish.say(path)
                    _migrate(database, path, name)
    except (sqlite3.Error, OSError) as error:
        raise unusable(path, error) from error
    return database


def empty_database(name: str, place: str = ":memory:") -> Database:
    """Make a database in memory, as it is before anything was written; no file is made.

    At the place "" SQLite keeps what memory has no room for in a file without a name.
    """
    connection = sqlite3.connect(place, check_same_thread=False)
    database = Database(connection)
    _migrate(database, Path(":memory:"), name)
    return database


@contextmanager
def folder_to_itself(folder: Path, *, shared: bool) -> Iterator[None]:
    """Let one process at a time make databases: a command may run while a daemon first starts.

    Those who share the folder only read. Raises StorageUnusable where the others take too long, and
    OSError when there is no such folder.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    deadline = time.monotonic() + _SECONDS_TO_MAKE
    try:
        while True:
            try:
                fcntl.flock(
                    descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
                )
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise StorageUnusable(
                        f"{folder}: another process is making or upgrading the databases, or hangs. "
                        "Try again; `connector daemon status` says whether the daemon answers."
                    ) from error
                time.sleep(_SECONDS_BETWEEN_LOOKS)
        yield
    finally:
        os.close(descriptor)


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a database that this process only reads."""
    # A thread of the web may end before its connection, which another thread then closes.
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False)
    connection.execute(_WAIT)
    return connection


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    if read_only:
        return connect_to_read(path)
    if not path.exists():
        path.touch(mode=0o600)
    return sqlite3.connect(path, check_same_thread=False)


def _migrate(database: Database, path: Path, name: str) -> None:
    # sqlite-utils takes 25 ms to import, which a reader need not pay.
    import sqlite_utils  # noqa: PLC0415
    from sqlite_utils.migrations import Migrations  # noqa: PLC0415

    migrations = Migrations(name)
    for file in sorted(resources.schema(name).glob("*.sql")):
        migrations(name=file.stem)(_script(file.read_text(encoding="utf-8")))
    _refuse_newer(database, path, name)
    for function, arguments, python in _FUNCTIONS:
        database.conn.create_function(function, arguments, python, deterministic=True)
    migrations.apply(
        sqlite_utils.Database(database.conn, recursive_triggers=False, execute_plugins=False)
    )


def is_there(path: Path) -> bool:
    """Tell whether there is a database; an empty file is where one was to be made.

    Raises StorageUnusable when this user may not look.
    """
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise unusable(path, error) from error


def is_current(path: Path, name: str) -> bool:
    """Tell whether a database has every migration that this version knows.

    Raises StorageUnusable when the file is not a database or cannot be read.
    """
    try:
        with (
            folder_to_itself(path.parent, shared=True),
            closing(_connect(path, read_only=True)) as connection,
        ):
            return _known(name) <= _applied(Database(connection), name)
    except (sqlite3.Error, OSError) as error:
        raise unusable(path, error) from error


def _known(name: str) -> set[str]:
    return {file.stem for file in resources.schema(name).glob("*.sql")}


def _applied(database: Database, name: str) -> set[str]:
    rows = database.conn.execute(
        "SELECT name FROM pragma_table_list WHERE name = '_sqlite_migrations'"
    )
    if rows.fetchone() is None:
        return set()
    sql = "SELECT name FROM _sqlite_migrations WHERE migration_set = ?"
    return {migration for (migration,) in database.conn.execute(sql, (name,))}


def _refuse_newer(database: Database, path: Path, name: str) -> None:
    if newer := sorted(_applied(database, name) - _known(name)):
        raise StorageUnusable(
            f"{path} was written by a newer version of the connector (it has {newer[-1]}). "
            "Install that version, or restore a backup made before the upgrade."
        )


def _script(sql: str) -> Callable[[sqlite_utils.Database], None]:
    """Make a migration that runs the statements of one SQL file in the caller's transaction."""

    def script(database: sqlite_utils.Database) -> None:
        statement = ""
        for line in sql.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                database.conn.execute(statement)
                statement = ""

    return script


@contextmanager
def immediate(database: Database) -> Iterator[sqlite3.Connection]:
    """Run a write transaction: all of it, or nothing.

    BEGIN IMMEDIATE, because a deferred transaction that reads before it writes fails at once when
    another writer came between (SQLITE_BUSY_SNAPSHOT ignores the busy timeout).
    """
    try:
        database.begin()
        yield database.conn
        database.commit()
    except BaseException as error:
        database.roll_back()
        if isinstance(error, sqlite3.DatabaseError) and is_environmental(error):
            raise unusable(_path(database.conn), error) from error
        raise


def begin(database: Database, wish: Wish | None = None) -> None:
    """Begin a transaction; wait for another writer in small steps, because SQLite's wait hears no signal."""
    began = time.monotonic()
    deadline = began + database.patience
    database.conn.execute(_WAIT_A_LITTLE)
    try:
        while True:
            try:
                database.conn.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if database.stop():
                    deadline = min(deadline, time.monotonic() + _SECONDS_ONCE_STOPPED)
                elif time.monotonic() >= deadline and database.is_much():
                    deadline = began + database.patience_for_much
                if time.monotonic() >= deadline:
                    raise
                if wish is not None:
                    wish.say(_path(database.conn))
            else:
                return
    finally:
        database.conn.execute(_WAIT)


def _path(connection: sqlite3.Connection) -> Path:
    return Path(connection.execute("PRAGMA database_list").fetchone()[2] or ":memory:")


def is_environmental(error: sqlite3.DatabaseError) -> bool:
    """Tell a fault of the disk, the file or another process from a fault of the program."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _ENVIRONMENTAL


def replace_contents(database: Database, source: Path, name: str) -> None:
    """Replace the contents of an open database by a copy's, all or nothing; then migrate it.

    A concurrent reader sees either state. Raises StorageUnusable.
    """
    path = _path(database.conn)
    try:
        with closing(connect_to_read(source)) as origin, Wish() as wish:
            wish.say(path)
            origin.backup(database.conn)
        _migrate(database, path, name)
    except sqlite3.Error as error:
        raise unusable(path, error) from error


def unusable(path: Path, error: Exception) -> StorageUnusable:
    """Describe what is wrong with a database file, and the next step.

    A file that SQLite calls damaged is read again as a whole: after a short read it may be sound.
    """
    text = str(error)
    reason = StorageUnusable.reason
    if "disk is full" in text or "No space left" in text or "disk I/O error" in text:
        reason = "disk"
        advice = "Make sure that the disk has space and works, and run it again; nothing was lost."
    elif "not a database" in text or "malformed" in text:
        reason = "damaged"
        advice = (
            "Read once more, the file is damaged: move it away and restore a backup, or start with an "
            "empty one."
            if _is_damaged(path)
            else "A read failed; the file itself is not known to be damaged. Run it again. If this "
            "comes again, check the disk before you touch the file."
        )
    elif "locked" in text:
        reason = "locked"
        advice = "Another process writes to it: stop that process, or try again."
    else:
        advice = "Check that the folder exists and that this user may read and write it."
    found = StorageUnusable(f"{path}: {text}. {advice}")
    found.reason = reason
    return found


def _is_damaged(path: Path) -> bool:
    """Tell whether a file that is there is damaged when it is read again, by a connection of its own."""
    if not path.is_file():
        return False
    try:
        with closing(_connect(path, read_only=True)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
    return found != [("ok",)]
