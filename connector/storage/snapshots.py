"""Name a state of both databases and go back to it, to try something twice from one start.

A snapshot is a backup below the storage folder. Two databases cannot change in one transaction, so a
rewind is noted first and then carried out; after a crash the next start finishes it. Where it cannot, a
person decides: another snapshot, or what is there.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from connector.errors import StorageUnusable, TenantRefused
from connector.storage.backup import back_up
from connector.storage.database import open_database, unusable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connector.storage.database import Database

FOLDER = "snapshots"
REWINDING = "rewinding"
SPACE, TENANT = "connector-space.db", "tenant.db"
_SCHEMAS = {SPACE: "staging", TENANT: "tenant"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Rewindable(Protocol):
    """An open database that can go back to an earlier state of itself."""

    def rewind(self, copy: Path, /) -> None:
        """Become what a copy of the database holds; raises StorageUnusable."""


class Snapshot(NamedTuple):
    """A named state of both databases; ``path`` is the folder that holds it."""

    name: str
    created: datetime
    path: Path


def take(
    storage: Path,
    name: str,
    *,
    tenant: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Snapshot:
    """Keep the state of both databases under a name.

    ``tenant`` is the file of the tenant where it is not in the storage folder. The caller holds the lock of the storage folder. Raises TenantRefused for a name that is taken or
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
    return _described(back_up(storage, target, tenant=tenant, stop=stop))


def listed(storage: Path) -> list[Snapshot]:
    """Return the snapshots of a storage folder, oldest first."""
    folder = storage / FOLDER
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted((_described(path) for path in found if _is_snapshot(path)), key=_age)


def remove(storage: Path, name: str) -> Snapshot:
    """Remove a snapshot, all at once or not at all; return what it was.

    The caller holds the lock of the storage folder. Raises TenantRefused for an unknown name, and for one
    that an interrupted rewind goes back to; StorageUnusable when it cannot be removed.
    """
    folder = _folder(storage, name)
    if not _is_snapshot(folder):
        raise _unknown(storage, name)
    if os.path.lexists(storage / REWINDING) and _noted(storage) == folder:
        raise TenantRefused(
            f"A rewind to {name} was interrupted: finish it (connector tenant rewind {name}), or forget "
            "it (connector tenant rewind --forget)."
        )
    found = _described(folder)
    try:
        gone = folder.rename(folder.with_name(f".{name}.removed"))
        shutil.rmtree(gone)
    except OSError as error:
        raise StorageUnusable(f"{folder}: {error.strerror}. Remove it by hand.") from error
    return found


def _unknown(storage: Path, name: str) -> TenantRefused:
    names = ", ".join(snapshot.name for snapshot in listed(storage)) or "none yet"
    return TenantRefused(f"There is no snapshot {name}. There are: {names}.")


def rewind(storage: Path, name: str, *, space: Rewindable, tenant: Rewindable) -> Snapshot:
    """Take both databases back to a snapshot, all the way or not at all.

    The caller holds the lock of the storage folder. Raises TenantRefused for an unknown name,
    StorageUnusable for one that is damaged or that a newer version made.
    """
    folder = _folder(storage, name)
    if not _is_snapshot(folder):
        raise _unknown(storage, name)
    _check(folder)
    _write(storage / REWINDING, name)
    _carry_out(storage, folder, space=space, tenant=tenant)
    return _described(folder)


def is_rewinding(storage: Path) -> bool:
    """Tell whether a rewind was interrupted."""
    return os.path.lexists(storage / REWINDING)


def finish_rewind(storage: Path, *, space: Rewindable, tenant: Rewindable) -> None:
    """Carry out the rewind noted in a storage folder, if there is one.

    Raises StorageUnusable, with what can be done, when the note or the snapshot cannot be used; nothing is
    changed then.
    """
    if not is_rewinding(storage):
        return
    try:
        folder = _noted(storage)
        _check(folder)
    except StorageUnusable as error:
        names = ", ".join(snapshot.name for snapshot in listed(storage)) or "none"
        raise StorageUnusable(
            f"A rewind was interrupted and cannot be finished: {error} Connector space and tenant may "
            "be of different times. Go back to a snapshot that is there (connector tenant rewind "
            f"NAME; there are: {names}), or go on with the databases as they are (connector tenant "
            "rewind --forget): the next sync compares them."
        ) from error
    _carry_out(storage, folder, space=space, tenant=tenant)


def forget_rewind(storage: Path) -> bool:
    """Forget a rewind that was interrupted; tell whether there was one. Both databases stay as they are.

    The caller holds the lock of the storage folder. Raises StorageUnusable.
    """
    note = storage / REWINDING
    try:
        note.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StorageUnusable(f"{note}: {error.strerror}. Remove it by hand.") from error
    return True


def _carry_out(storage: Path, folder: Path, *, space: Rewindable, tenant: Rewindable) -> None:
    """Take both databases back to a snapshot that was checked, as the note says."""
    note = storage / REWINDING
    try:
        space.rewind(folder / SPACE)
    except StorageUnusable:
        note.unlink()
        raise
    try:
        tenant.rewind(folder / TENANT)
    except StorageUnusable as error:
        raise StorageUnusable(
            f"{error} The connector space is back at {folder.name}, the tenant is not yet: finish it "
            f"(connector tenant rewind {folder.name}), or go on with both as they are (connector "
            "tenant rewind --forget)."
        ) from error
    note.unlink()


def _noted(storage: Path) -> Path:
    """Return the folder of the snapshot that the note names; raises StorageUnusable."""
    note = storage / REWINDING
    try:
        name = note.read_text(encoding="utf-8")
    except OSError as error:
        raise StorageUnusable(f"{note}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise StorageUnusable(f"{note} is damaged: it is not text.") from error
    if not _NAME.fullmatch(name):
        raise StorageUnusable(f"{note} is damaged: it names no snapshot.")
    folder = storage / FOLDER / name
    if not _is_snapshot(folder):
        raise StorageUnusable(f"{folder} is not there, or not whole.")
    return folder


def _check(folder: Path) -> None:
    """Check both copies of a snapshot before the first is taken; raises StorageUnusable."""
    for file, schema in _SCHEMAS.items():
        path = folder / file
        try:
            with closing(open_database(path, schema, read_only=True)) as copy:
                _refuse_damaged(copy, path)
        except StorageUnusable as error:
            # The advice for a database in use does not help with a copy.
            if error.__cause__ is not None:
                raise StorageUnusable(f"{path}: {error.__cause__}. Nothing was changed.") from error
            raise


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
