"""Try whether the storage folder, the databases and files can be written, and leave everything as it was."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import tempfile
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from connector.errors import StorageUnusable
from connector.storage.database import open_database, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOM = 1 << 20
"""Bytes that must fit: two new databases, and what SQLite writes beside them."""


def try_folder(folder: Path, *, room: int = ROOM) -> None:
    """Write a file of this size into a folder, which is made if necessary, and remove both again.

    Raises OSError.
    """
    with _made(folder), tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(room))
        file.flush()
        os.fsync(file.fileno())


def try_append(path: Path) -> None:
    """Open a file as the log does, and look whether a line would fit. Raises OSError."""
    if not path.exists():
        with path.open("ab"):
            pass
        try:
            try_folder(path.parent, room=4096)
        finally:
            path.unlink()
        return
    with path.open("ab", buffering=0) as file:
        status = os.fstat(file.fileno())
        if stat.S_ISREG(status.st_mode):
            _has_room(path)
        elif stat.S_ISCHR(status.st_mode) and not file.isatty():
            file.write(b"\n")


def _has_room(path: Path) -> None:
    """Raise the OSError of a full disk where the file system of a path has no block left."""
    system = os.statvfs(path)
    free = system.f_bfree if os.geteuid() == 0 else system.f_bavail
    if not free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def try_database(path: Path, name: str, *, in_use: bool) -> None:
    """Open a database as a run does, without a change to it; one that is not there is well.

    A database that another process works on is not locked. Raises StorageUnusable.
    """
    if not path.exists():
        return
    open_database(path, name, read_only=True).close()
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        ) as connection:
            connection.execute("PRAGMA busy_timeout=1000")
            if not in_use:
                connection.execute("BEGIN IMMEDIATE")
                connection.rollback()
            elif not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    except (sqlite3.Error, OSError) as error:
        raise unusable(path, error) from error


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder with those above it, and remove what was made."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    made: list[Path] = []
    try:
        for one in reversed(missing):
            one.mkdir(mode=0o700)
            made.append(one)
        yield
    finally:
        for one in reversed(made):
            one.rmdir()


def cannot_be_written(folder: Path, error: OSError) -> StorageUnusable:
    """Describe a storage folder that cannot be written, with the next step."""
    if error.errno == errno.ENOSPC:
        advice = "Make room on that disk."
    else:
        advice = "storage.path must be a folder that this user may write to."
    return StorageUnusable(f"{folder}: {error.strerror}. {advice}")
