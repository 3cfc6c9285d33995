"""Put a backup back in place of both databases, of which the former ones stay aside.

The connector space comes first: between the two renames the tenant is then the newer one, as after a
crash between the tenant's commit and its record, and the next cycle compares them.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from connector.errors import StorageUnusable
from connector.storage.backup import IN_ORDER, in_place
from connector.storage.database import folder_to_itself, open_database
from connector.storage.snapshots import REWINDING, SPACE, TENANT
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEMAS = dict(zip(IN_ORDER, ("staging", "tenant"), strict=True))
_LOGS = ("-wal", "-shm")


class Restored(NamedTuple):
    """When the backup was made, and the folder of the databases that it replaced, None without any.

    ``is_another_tenant`` tells that the tenant of the backup is not the one that was there, or not the
    one that its own connector space exported to.
    """

    taken: datetime
    former: Path | None
    is_another_tenant: bool


@contextmanager
def opened(folder: Path) -> Iterator[dict[str, IO[bytes]]]:
    """Open the databases of a backup by name, with the rights of the moment.

    Raises StorageUnusable when the folder is not a backup or cannot be read.
    """
    with ExitStack() as stack:
        files: dict[str, IO[bytes]] = {}
        for name in IN_ORDER:
            try:
                files[name] = stack.enter_context(open(folder / name, "rb", opener=_opener))
                if not stat.S_ISREG(os.fstat(files[name].fileno()).st_mode):
                    raise StorageUnusable(_not_there(folder, name))
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
                raise StorageUnusable(_not_there(folder, name)) from error
            except OSError as error:
                raise StorageUnusable(
                    f"{folder / name}: {error.strerror}. Nothing was changed."
                ) from error
            _refuse_raw_copy(folder / name)
        yield files


def _opener(path: str, flags: int) -> int:
    """Open a file without waiting for anybody to write to it, as a pipe would have it."""
    return os.open(path, flags | os.O_NONBLOCK)


def _not_there(folder: Path, name: str) -> str:
    return f"{folder} is not a backup: {name} is not there. Nothing was changed."


def _refuse_raw_copy(file: Path) -> None:
    """Refuse a file that was copied while it was in use: its newest changes are in a log beside it."""
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size:
        raise StorageUnusable(
            f"{file.parent} is not a backup: {log.name} beside {file.name} shows that the files were "
            "copied, not made by connector backup. Nothing was changed."
        )


def restore(storage: Path, files: dict[str, IO[bytes]], *, tenant: Path | None = None) -> Restored:
    """Replace both databases of a storage folder by those of a backup, checked before.

    ``tenant`` is the file of the tenant where it is not in that folder. The caller holds the lock of the folder. Owner, group and mode stay those of the replaced files. Raises
    StorageUnusable; unless it says otherwise, nothing was changed then.
    """
    places = in_place(storage, tenant)
    if all(_is_the_same(file, places[name]) for name, file in files.items()):
        raise StorageUnusable(
            f"The backup holds the databases of {storage} themselves. Nothing was changed."
        )
    taken = max(datetime.fromtimestamp(os.fstat(f.fileno()).st_mtime, UTC) for f in files.values())
    try:
        with ExitStack() as stack:
            copies = {}
            for name, file in files.items():
                # Beside the file that it replaces, which another disk may have.
                places[name].parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                made = tempfile.TemporaryDirectory(prefix=".restore-", dir=places[name].parent)
                copies[name] = Path(stack.enter_context(made)) / name
                _copy(file, copies[name])
                _check(copies[name], _SCHEMAS[name])
            for folder in sorted({place.parent.resolve() for place in places.values()}):
                stack.enter_context(folder_to_itself(folder, shared=False))
            there = _identity(places[TENANT])
            tenants = {_identity(copies[TENANT]), there, _exported_to(copies[SPACE])}
            former = _put_aside(storage, places)
            for name, copy in copies.items():
                _as_it_was(copy, places[name])
                copy.replace(places[name])
            (storage / REWINDING).unlink(missing_ok=True)
            for place in places.values():
                _flush(place.parent)
    except OSError as error:
        raise StorageUnusable(
            f"{storage}: {error.strerror}. The backup was not restored: make room, then try again."
        ) from error
    return Restored(taken, former, len(tenants - {None}) > 1)


def _is_the_same(file: IO[bytes], other: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), other.stat())
    except FileNotFoundError:
        return False


def _identity(tenant: Path) -> str | None:
    """Return what tells a tenant from every other, None where its database does not say."""
    return _state(tenant, "identity")


def _exported_to(space: Path) -> str | None:
    """Return the identity of the tenant that a connector space exported to last."""
    position = _state(space, "tenant-position")
    return position and position.partition(":")[0]


def _state(database: Path, name: str) -> str | None:
    if not database.exists():
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else None
    return None


def _copy(source: IO[bytes], target: Path) -> None:
    with target.open("xb") as copy:
        target.chmod(0o600)
        shutil.copyfileobj(source, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())


def _check(path: Path, schema: str) -> None:
    """Raise StorageUnusable for what is damaged, another database, or of a newer version."""
    name = path.name
    try:
        with closing(open_database(path, schema, read_only=True)) as copy:
            found = [text for (text,) in copy.conn.execute("PRAGMA quick_check(1)")]
            tables = {t for (t,) in copy.conn.execute("SELECT name FROM sqlite_schema")}
    except sqlite3.Error as error:
        raise StorageUnusable(_refusal(name, str(error))) from error
    except StorageUnusable as error:
        reason = str(error.__cause__ or error).replace(f"{path}", name)
        raise StorageUnusable(_refusal(name, reason)) from error
    if found != ["ok"]:
        raise StorageUnusable(_refusal(name, f"it is damaged: {found[0]}"))
    if ("object" if schema == "tenant" else "entry") not in tables:
        raise StorageUnusable(_refusal(name, "it is another database"))


def _refusal(name: str, reason: str) -> str:
    return f"{name} of the backup cannot be restored: {reason.rstrip('.')}. Nothing was changed."


def _put_aside(storage: Path, places: dict[str, Path]) -> Path | None:
    """Keep the databases that are there in a folder of their own; return it, None without any.

    They stay where they are as well until they are replaced, but for the logs of SQLite, which would be
    taken for those of the new files.
    """
    there = [name for name in IN_ORDER if places[name].exists()]
    if not there:
        return None
    former = _new_folder(storage, f"replaced-{moments.for_a_file_name(datetime.now(UTC))}")
    for name in there:
        file = places[name]
        with suppress(sqlite3.Error), closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _keep(file, former / name)
        for end in _LOGS:
            log = file.with_name(f"{file.name}{end}")
            if log.exists():
                shutil.move(log, former / f"{name}{end}")
    return former


def _new_folder(storage: Path, name: str) -> Path:
    """Make a folder of this name, or of the next one where several are made in one second."""
    for number in count(1):
        folder = storage / (name if number == 1 else f"{name}-{number}")
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            return folder
    raise AssertionError(name)


def _keep(file: Path, other: Path) -> None:
    """Give a file a second name or, where a file system knows none, copy it."""
    try:
        os.link(file, other)
    except OSError:
        shutil.copy2(file, other)


def _as_it_was(copy: Path, replaced: Path) -> None:
    """Give a file the owner, group and mode of the one that it replaces, as far as this user may."""
    try:
        before = replaced.stat()
    except FileNotFoundError:
        return
    with suppress(PermissionError):
        os.chown(copy, before.st_uid, before.st_gid)
    copy.chmod(stat.S_IMODE(before.st_mode))


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
