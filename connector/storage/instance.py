"""Lock a storage path for one instance; the lock ends with the process, however that ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.errors import InstanceLocked, StorageUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "connector.lock"


@contextmanager
def lock_storage(path: Path) -> Iterator[None]:
    """Hold the lock of a storage folder; create the folder if necessary.

    Raises InstanceLocked, naming the process that holds it, and StorageUnusable when the folder cannot
    be written to.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageUnusable(
            f"{path}: {error.strerror}. storage.path must be a folder that this user may write to."
        ) from error
    try:
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
        raise InstanceLocked(
            f"{path} is in use by another connector (process {holder}). "
            "Stop it, or let it do the work: a daemon answers `connector sync`."
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def is_locked(path: Path) -> bool:
    """Tell whether an instance is using the storage folder now."""
    try:
        descriptor = os.open(path / FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
