"""Move the tenant of the settings to another database, while no connector is at work on it.

No daemon does this: it has the tenant open. The settings are left to the operator, who may have them in
several files.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import InvalidRequest, StorageUnusable
from connector.operations.binding import Answer
from connector.settings.models import TENANT_FILE
from connector.settings.secrets import password_in
from connector.storage.database import is_there
from connector.storage.instance import lock_stopped, share_tenant
from connector.storage.snapshots import is_rewinding
from connector.tenant.machine import utc_now
from connector.tenant.moved import MOVED, Move, move_of
from connector.tenant.moving import move, take_back
from connector.tenant.opening import any_store_at, has_tenant, name_of, place_at, place_of
from connector.values import moments
from connector.values.database_url import database_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.ports import Progress
    from connector.settings import Settings
    from connector.tenant.moving import Copied
    from connector.tenant.opening import Place

SQLITE = "sqlite"
"""What names the usual file, ``tenant.db`` in ``storage.path``."""

_A_MOVE = "a move"
_FILES = ("", "-wal", "-shm")


def move_tenant(
    settings: Settings, to: str, progress: Progress, *, password_file: Path | None = None
) -> Answer:
    """Move the tenant to ``sqlite``, the path of a file or the URL of a server.

    ``password_file`` has the password for that server.

    Raises InstanceLocked while a daemon or another connector is at work, InvalidRequest for a place that
    cannot be meant, StorageUnusable where something is there, or a database cannot be used.
    """
    (origin, origin_name), (target, name) = (
        _source(settings),
        _target(settings, to, password_file),
    )
    if origin == target:
        raise InvalidRequest(f"The tenant is at {name} already.")
    _refuse_missing(origin, "move")
    with _alone(settings, origin, target):
        _refuse_amid_rewind(settings)
        aside = _set_aside(origin, target) if isinstance(target, Path) else None
        with closing(any_store_at(origin)) as old, closing(any_store_at(target)) as new:
            now = moments.timestamp(utc_now())
            this = Move(secrets.token_hex(8), old.identity(), origin_name, name, now)
            done = move(old, new, this, progress)
    is_usual = target == settings.storage.path.absolute() / TENANT_FILE
    return {
        "from": origin_name,
        "to": name,
        "tables": [_described(copied) for copied in done.tables],
        "readBack": None if done.read_back is None else _described(done.read_back),
        "finished": not done.tables,
        "setting": {
            "tenant.database": None if is_usual else name,
            "tenant.database_password_file": None if password_file is None else str(password_file),
        },
        "setAside": None if aside is None else str(aside),
    }


def take_tenant_back(settings: Settings) -> Answer:
    """Let the tenant of the settings be used again, which was moved away; raises InstanceLocked."""
    place, name = _source(settings)
    _refuse_missing(place, "take back")
    with _alone(settings, place), closing(any_store_at(place)) as store:
        before = take_back(store)
    return {"tenant": name, "movedTo": None if before is None else before.to}


class _Named(NamedTuple):
    """A place, and how it is named in the settings, without a password."""

    place: Place
    name: str


def _source(settings: Settings) -> _Named:
    place, database = place_of(settings), settings.tenant.database
    if isinstance(place, Path):
        return _Named(place.absolute(), str(place.absolute()))
    return _Named(place, str(database))


def _target(settings: Settings, to: str, password_file: Path | None) -> _Named:
    if to.lower() == SQLITE:
        file = settings.storage.path.absolute() / TENANT_FILE
        return _Named(file, str(file))
    if "://" not in to:
        file = Path(to).expanduser().absolute()
        return _Named(file, str(file))
    try:
        url = database_url(to)
    except ValueError as error:
        raise InvalidRequest(f"The place {error}.") from error
    if url.has_password:
        raise InvalidRequest(
            "The URL has a password, which others can see in the list of processes. Leave it out, and name a "
            "file that holds it: --password-file"
        )
    password = None if password_file is None else password_in(password_file, "--password-file")
    return _Named(place_at(url.text, password), url.text)


@contextmanager
def _alone(settings: Settings, *places: Place) -> Iterator[None]:
    """Keep connectors away from the storage and from the files; a server is asked later who is there."""
    with ExitStack() as stack:
        stack.enter_context(lock_stopped(settings.storage.path))
        for place in places:
            if isinstance(place, Path):
                stack.enter_context(stack.enter_context(share_tenant(place)).alone(_A_MOVE))
        yield


def _set_aside(origin: Place, target: Path) -> Path | None:
    """Rename the file of this very tenant that was moved away from there; return its new name."""
    if not is_there(target):
        return None
    with closing(any_store_at(origin)) as old, closing(any_store_at(target)) as there:
        is_left = move_of(there.state(MOVED)) is not None
        if not is_left or there.identity() != old.identity():
            return None
    aside = target.with_name(f"{target.name}.moved-{moments.to_second(utc_now()).replace(':', '')}")
    for suffix in _FILES:
        file = target.with_name(target.name + suffix)
        if file.exists():
            file.rename(aside.with_name(aside.name + suffix))
    return aside


def _refuse_missing(place: Place, what: str) -> None:
    if not has_tenant(place):
        raise InvalidRequest(f"{name_of(place)}: there is no tenant to {what}.")


def _refuse_amid_rewind(settings: Settings) -> None:
    """Refuse a tenant that has still to become what a snapshot holds: no server becomes that."""
    if is_rewinding(settings.storage.path):
        raise StorageUnusable(
            "A rewind was interrupted. Finish it first (connector sync), or forget it (connector tenant "
            "rewind --forget); then move."
        )


def _described(copied: Copied) -> Answer:
    return {"name": copied.name, "rows": copied.rows, "digest": copied.digest}
