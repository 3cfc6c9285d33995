"""Name a state of both databases and go back to it, to try something twice from one start.

A snapshot is a backup below the storage folder. Two databases cannot change in one transaction, so a
rewind is noted first and then carried out; after a crash the next start finishes it.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import StorageUnusable, TenantRefused
from connector.storage.backup import back_up
from connector.storage.database import open_database, unusable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connector.staging.space import ConnectorSpace
    from connector.storage.database import Database
    from connector.tenant.service import TenantService

FOLDER = "snapshots"
REWINDING = "rewinding"
SPACE, TENANT = "connector-space.db", "tenant.db"
_SCHEMAS = {SPACE: "staging", TENANT: "tenant"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Snapshot(NamedTuple):
    """A named state of both databases; ``path`` is the folder that holds it."""

    name: str
    created: datetime
    path: Path


def take(storage: Path, name: str, *, stop: Callable[[], bool] = lambda: False) -> Snapshot:
    """Keep the state of both databases under a name.

    The caller holds the lock of the storage folder. Raises TenantRefused for a name that is taken or
    invalid, StorageUnusable when it cannot be written.
    """
    target = _folder(storage, name)
    if os.path.lexists(target):
        raise TenantRefused(
            f"There is a snapshot {name} already. Choose another name, or remove {target}."
        )
    try:
        target.parent.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StorageUnusable(f"{target.parent}: {error.strerror}.") from error
    return _described(back_up(storage, target, stop=stop))


def listed(storage: Path) -> list[Snapshot]:
    """Return the snapshots of a storage folder, oldest first."""
    folder = storage / FOLDER
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted((_described(path) for path in found if _is_snapshot(path)), key=_age)


def rewind(storage: Path, name: str, *, space: ConnectorSpace, tenant: TenantService) -> Snapshot:
    """Take both databases back to a snapshot, all the way or not at all.

    The caller holds the lock of the storage folder. Raises TenantRefused for an unknown name,
    StorageUnusable for one that is damaged or that a newer version made.
    """
    folder = _folder(storage, name)
    if not _is_snapshot(folder):
        names = ", ".join(snapshot.name for snapshot in listed(storage)) or "none yet"
        raise TenantRefused(f"There is no snapshot {name}. There are: {names}.")
    for file, schema in _SCHEMAS.items():
        with closing(open_database(folder / file, schema, read_only=True)) as copy:
            _refuse_damaged(copy, folder / file)
    _write(storage / REWINDING, name)
    finish_rewind(storage, space=space, tenant=tenant)
    return _described(folder)


def finish_rewind(storage: Path, *, space: ConnectorSpace, tenant: TenantService) -> None:
    """Carry out the rewind noted in a storage folder, if there is one."""
    note = storage / REWINDING
    if not note.exists():
        return
    folder = storage / FOLDER / note.read_text(encoding="utf-8")
    space.rewind(folder / SPACE)
    tenant.rewind(folder / TENANT)
    note.unlink()


def _folder(storage: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise TenantRefused(
            f"{name!r} is not a name for a snapshot: use up to 64 letters, digits, dots, dashes and "
            "underscores, the first a letter or a digit."
        )
    return storage / FOLDER / name


def _refuse_damaged(copy: Database, path: Path) -> None:
    try:
        [(found,)] = copy.conn.execute("PRAGMA quick_check(1)")
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    if found != "ok":
        raise StorageUnusable(f"{path} is damaged ({found}): nothing was changed.")


def _age(snapshot: Snapshot) -> tuple[datetime, str]:
    return snapshot.created, snapshot.name


def _is_snapshot(path: Path) -> bool:
    return _NAME.fullmatch(path.name) is not None and all(
        (path / file).is_file() for file in _SCHEMAS
    )


def _described(path: Path) -> Snapshot:
    return Snapshot(path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC), path)


def _write(path: Path, text: str) -> None:
    """Write a file completely or not at all, even across a power failure."""
    partial = path.with_suffix(".partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise StorageUnusable(f"{path}: {error.strerror}. Nothing was changed.") from error
