"""Say who may not use what, and whose it is: one sentence where a user lacks a right."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from connector.errors import StorageForbidden

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def refuse_stranger(storage: Path, databases: Iterable[Path]) -> None:
    """Raise StorageForbidden when this user may not read a storage folder or its databases.

    What is not there yet is not refused.
    """
    for path in (storage, *databases):
        try:
            path.stat()
        except PermissionError as error:
            raise forbidden(path, "use") from error
        except OSError:
            continue
        wanted = os.R_OK | os.X_OK if path == storage and path.is_dir() else os.R_OK
        if not os.access(path, wanted, effective_ids=True):
            raise forbidden(path, "use")


def forbidden(path: Path, what: str) -> StorageForbidden:
    """Return the error of a user who may not do something with a path: ``use``, ``write to``.

    In a folder that the user may not enter, it is the folder that is named.
    """
    user = _name(os.geteuid())
    try:
        status = path.stat()
    except PermissionError:
        path = _closed(path)
        status = path.stat()
    except OSError as error:
        return StorageForbidden(f"{user} may not {what} {path}: {error.strerror}.")
    owner = _name(status.st_uid)
    command = "sudo" if status.st_uid == 0 else f"sudo -u {owner}"
    return StorageForbidden(
        f"{user} may not {what} {path}, which belongs to {owner}. Run it as {owner}: {command} "
        "connector ..."
    )


def _closed(path: Path) -> Path:
    """Return the topmost folder above a path that this user may not enter."""
    for folder in reversed(path.parents):
        if not os.access(folder, os.X_OK, effective_ids=True):
            return folder
    return path


def _name(user: int) -> str:
    import pwd  # noqa: PLC0415 -- for the few who lack a right

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # a number without a name, as in containers
        return f"#{user}"
