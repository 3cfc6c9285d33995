"""Copy both databases consistently; only a complete copy ever carries the target's name.

The connector space is copied first. The tenant may then be ahead of it, as after a crash between the
tenant's commit and its record: repeating an export changes nothing, and the next read-back, which starts
from the older cookie, confirms the rest. In the other order the connector space would believe in exports
that the copied tenant never had, and no read-back would name the missing objects.
"""

from __future__ import annotations

import errno
import glob
import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import StorageForbidden, StorageUnusable
from connector.storage.copying import copy_database, refuse_to_go_on, writing_to
from connector.storage.database import unusable
from connector.storage.rights import forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_STEPS_BETWEEN_LOOKS = 100_000
IN_ORDER = ("connector-space.db", "tenant.db")
RULES = "rules.toml"
"""The file of a backup that holds the rules of the user's own, where there are any."""

NOTES = "backups"
"""The file of a storage folder that says where backups of it were made, a JSON text a line."""


def in_place(storage: Path, tenant: Path | None = None) -> dict[str, Path]:
    """Return the files of both databases by their names in a backup; without ``tenant`` in one folder."""
    space, other = IN_ORDER
    return {space: storage / space, other: tenant or storage / other}


def back_up(
    storage: Path,
    target: Path,
    *,
    tenant: Path | None = None,
    rules: str = "",
    stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Copy the databases of a storage folder into ``target``, a new or empty folder; return it.

    ``tenant`` is the file of the tenant where it is not in that folder, ``rules`` the text of the rules to
    put beside. The caller holds the lock of the
    storage folder. Raises StorageUnusable when there is nothing to copy,
    when ``target`` exists and is not empty, when a copy is damaged, or when there is no room; WorkStopped
    once ``stop`` is true.
    """
    refuse_occupied(target)
    refuse_missing(storage, tenant)
    try:
        with partial_folder(target) as partial:
            for name, file in in_place(storage, tenant).items():
                copy_database(file, partial / name, stop=stop)
                _check(partial / name, stop)
                _flush(partial / name)
            if rules:
                (partial / RULES).write_text(rules, encoding="utf-8")
                _flush(partial / RULES)
            _flush(partial)
            partial.rename(target)
        _flush(target.parent)
    except OSError as error:
        raise StorageUnusable(
            f"{target}: {error.strerror}. No backup was made, and {storage} is as it was. Make room "
            "there, or name a folder on another disk."
            if error.errno in _NO_ROOM
            else f"{target}: {error.strerror}. No backup was made."
        ) from error
    return target


class Backup(NamedTuple):
    """A folder that holds a whole backup, and when it was made."""

    path: Path
    made: datetime


def note(storage: Path, folder: Path) -> None:
    """Remember where a backup was made, for a list; a note that cannot be kept fails no backup."""
    with suppress(OSError, StorageForbidden):
        if str(folder) not in _noted(storage):
            with (storage / NOTES).open("a", encoding="utf-8") as notes:
                notes.write(json.dumps(str(folder)) + "\n")


def listed(storage: Path, folder: Path | None = None) -> list[Backup]:
    """Return the backups in or below a folder, else those made of this storage, oldest first.

    What is gone or not whole is left out. Raises StorageUnusable for a folder that cannot be read, also
    where it is that of a backup which this user may not look into.
    """
    if folder is None:
        paths = [Path(text) for text in _noted(storage)]
    else:
        try:
            paths = [folder, *(path for path in folder.iterdir() if not path.name.startswith("."))]
        except OSError as error:
            raise StorageUnusable(f"{folder}: {error.strerror}.") from error
    found, closed = [], []
    for path in paths:
        try:
            if _is_whole(path) and path.resolve() != storage.resolve():
                found.append(Backup(path, _made(path)))
        except PermissionError:
            closed.append(path)
    if closed and (folder is None or not found):
        raise forbidden(closed[0] / IN_ORDER[0], "use")
    return sorted(found, key=lambda one: (one.made, one.path))


def _noted(storage: Path) -> list[str]:
    try:
        lines = (storage / NOTES).read_text(encoding="utf-8").splitlines()
    except PermissionError as error:
        raise forbidden(storage / NOTES, "use") from error
    except (OSError, UnicodeDecodeError):
        return []
    paths = []
    for line in lines:
        with suppress(ValueError):
            paths.append(str(json.loads(line)))
    return paths


def _is_whole(path: Path) -> bool:
    try:
        return all((path / name).is_file() for name in IN_ORDER)
    except PermissionError:
        raise
    except OSError:
        return False


def _made(path: Path) -> datetime:
    return datetime.fromtimestamp(max((path / n).stat().st_mtime for n in IN_ORDER), UTC)


def refuse_missing(storage: Path, tenant: Path | None = None) -> None:
    """Raise StorageUnusable where there is nothing to back up."""
    if missing := [file for file in in_place(storage, tenant).values() if not file.exists()]:
        raise StorageUnusable(f"{missing[0]}: not there, so there is nothing to back up.")


def refuse_occupied(target: Path) -> None:
    """Refuse an occupied target before copying, not at the rename afterwards."""
    if os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir())):
        raise StorageUnusable(f"{target} is there already. Name a folder that is not, or is empty.")


@contextmanager
def partial_folder(target: Path) -> Iterator[Path]:
    """Make a folder beside the target, and remove it when the work fails.

    Work that is killed leaves its folder behind; the next one with the same target removes it.
    """
    prefix = f".{target.name}.partial-"
    for left in target.parent.glob(f"{glob.escape(prefix)}*"):
        shutil.rmtree(left, ignore_errors=True)
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _check(file: Path, stop: Callable[[], bool]) -> None:
    file.chmod(0o600)
    try:
        with closing(sqlite3.connect(file)) as connection, writing_to(file):
            connection.set_progress_handler(stop, _STEPS_BETWEEN_LOOKS)
            # One file that stands alone: the log beside a copy is easily forgotten when it is moved.
            connection.execute("PRAGMA journal_mode = DELETE")
            found = [text for (text,) in connection.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as error:
        refuse_to_go_on(stop)
        raise unusable(file, error) from error
    if found != ["ok"]:
        raise StorageUnusable(f"{file.name} is damaged ({found[0]}): no backup was made.")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
