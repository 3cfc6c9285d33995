"""Lock a storage path for one instance; the lock ends with the process, however that ends."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from connector.errors import InstanceLocked, StorageRemoved, StorageUnusable
from connector.storage.rights import forbidden

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "connector.lock"
# ``is_locked`` holds the lock for a moment, which must not keep an instance from starting.
_ATTEMPTS = 5
_SECONDS_BETWEEN_ATTEMPTS = 0.02
# A process that inherited the lock ends its transaction before it follows the one that died.
_SECONDS_FOR_AN_HEIR = 30.0

_held: dict[Path, int] = {}


class StorageLock:
    """The lock of a storage folder, as the process holds it that works there."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._files = {path / FILE: _identity(os.fstat(descriptor))}

    def watch(self, *files: Path) -> None:
        """Have ``check`` look at these files too, as they are now."""
        self._files |= {file: _identity(file.stat()) for file in files}

    def check(self) -> None:
        """Raise StorageRemoved when a file is no longer the one that this process has open.

        What is written to a removed file is lost, and a removed lock lets a second instance in.
        """
        for file, identity in self._files.items():
            try:
                found = _identity(file.stat())
            except (FileNotFoundError, NotADirectoryError):
                found = None
            except OSError:
                continue  # a disk that does not answer now: the work itself will meet that
            if found != identity:
                what = "removed" if found is None else "replaced"
                raise StorageRemoved(
                    f"{file} was {what} while this instance worked on it. Put the storage back in "
                    "place, or restore a backup, then start again; `connector sync` on an empty "
                    "folder makes a new tenant."
                )


class TenantLock:
    """The share that a process has in the file of a tenant, which several connectors may use at once."""

    def __init__(self, tenant: Path, descriptor: int) -> None:
        self._tenant = tenant
        self._descriptor = descriptor

    def is_alone(self) -> bool:
        """Tell whether no other connector is at work on the tenant now."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        return True

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Keep others away for as long as the block takes; raises InstanceLocked while one is at work."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)
            raise InstanceLocked(
                f"{self._tenant} is in use by another connector: {what} needs the tenant for itself. "
                "Stop the other one first, or wait until it is done."
            ) from error
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)


@contextmanager
def share_tenant(tenant: Path) -> Iterator[TenantLock]:
    """Take a share in the file of a tenant, and wait for another process that needs it for itself.

    The share is in a file beside it: SQLite loses its own locks when the database is opened and closed by hand.
    Raises StorageUnusable.
    """
    file = tenant.with_name(f"{tenant.name}.lock")
    deadline = time.monotonic() + _SECONDS_FOR_AN_HEIR
    try:
        tenant.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise forbidden(file if file.exists() else file.parent, "write to") from error
    except OSError as error:
        raise StorageUnusable(f"{file}: {error.strerror}.") from error
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise InstanceLocked(
                        f"{tenant} is in use by another connector, which needs it for itself now."
                    ) from error
                time.sleep(_SECONDS_BETWEEN_ATTEMPTS)
        _held[file] = descriptor
        yield TenantLock(tenant, descriptor)
    finally:
        _held.pop(file, None)
        os.close(descriptor)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


@contextmanager
def lock_storage(path: Path) -> Iterator[StorageLock]:
    """Hold the lock of a storage folder; create the folder if necessary.

    Raises InstanceLocked, naming the process that holds it, and StorageUnusable when the folder cannot
    be written to.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = _open(path)
    except PermissionError as error:
        raise forbidden(path if path.exists() else path.parent, "write to") from error
    except OSError as error:
        raise StorageUnusable(
            f"{path}: {error.strerror}. storage.path must be a folder that this user may write to."
        ) from error
    try:
        _lock(descriptor, path)
        _held[path] = descriptor
        yield StorageLock(path, descriptor)
    finally:
        _held.pop(path, None)
        os.close(descriptor)


@contextmanager
def lock_stopped(path: Path) -> Iterator[StorageLock]:
    """Lock the storage folder for work that no connector may go on beside; the error says how to stop it.

    Raises InstanceLocked.
    """
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(lock_storage(path))
        except InstanceLocked as error:
            raise InstanceLocked(
                f"A connector (process {holder(path) or 'unknown'}) is at work on {path}. Stop it first: "
                "systemctl stop connector, or connector daemon stop."
            ) from error
        yield lock


def _open(path: Path) -> int:
    return os.open(path / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(descriptor: int, path: Path) -> None:
    attempts = _ATTEMPTS
    until = time.monotonic() + _SECONDS_FOR_AN_HEIR
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            attempts -= 1
            if attempts > 0 or (_is_left_to_an_heir(path) and time.monotonic() < until):
                time.sleep(_SECONDS_BETWEEN_ATTEMPTS)
                continue
            raise InstanceLocked(
                f"{path} is in use by another connector (process {holder(path) or 'unknown'}). "
                "Stop it, or let it do the work: a daemon answers `connector sync`."
            ) from error
        break
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def inherited() -> tuple[int, ...]:
    """Return the descriptors that a process must inherit which works on the storage for this one.

    The lock then lasts until both have ended: nobody starts on a tenant that is still written to.
    """
    return tuple(_held.values())


def _is_left_to_an_heir(path: Path) -> bool:
    """Tell whether the process that locked the folder died, and one that it started is still at work."""
    process = holder(path)
    if process is None:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def holder(path: Path) -> int | None:
    """Return the process that locked the storage folder last, None when that is unknown."""
    try:
        return int((path / FILE).read_bytes()[:20])
    except (OSError, ValueError):
        return None


def is_locked(path: Path) -> bool:
    """Tell whether an instance is using the storage folder now."""
    try:
        descriptor = os.open(path / FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
