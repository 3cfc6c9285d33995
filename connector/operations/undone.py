"""Open both databases for a rehearsal: of what is done to them nothing is kept.

Each is worked on where it lies, in a transaction that is undone (``storage.rehearsed``). A copy of it, in a
folder that is removed, is worked on where that cannot be: this user may not write, an older version has
written, or somebody else has work to do on it. So nobody waits for a rehearsal for long. A server undoes it too,
but is not copied: there the rehearsal is begun anew, and refused in the end.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connector.assembly import put_together
from connector.entry import enter_tenant
from connector.errors import StorageUnusable
from connector.logs.log import silent_log
from connector.settings.models import SPACE_FILE
from connector.staging.space import ConnectorSpace
from connector.storage.copying import copy_database
from connector.storage.database import empty_database, is_there
from connector.storage.rehearsed import Rehearsed, open_rehearsed
from connector.tenant.opening import has_tenant, name_of, place_of, rehearsed_store_at
from connector.tenant.remote.opening import open_remote
from connector.tenant.remote.refusals import RehearsalOver
from connector.tenant.service import open_tenant, tenant_in, tenant_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.assembly import Parts
    from connector.ports import Directory, Progress
    from connector.settings import Settings
    from connector.storage.database import Database
    from connector.tenant.opening import Rehearsing
    from connector.tenant.service import TenantService

_FAULTS_OF_THE_PLACE = ("disk", "locked")
_ATTEMPTS = 3
# Whatever would be written into the storage folder of a rehearsal by its name cannot be.
_NOWHERE = Path(os.devnull) / "rehearsal"


class Halt:
    """Tells the directory that a caller of ``rehearse`` opened when a read has to end."""

    def __init__(self) -> None:
        self.asked: Callable[[], bool] = lambda: False

    def __call__(self) -> bool:
        return self.asked()


class GivenUp(Exception):
    """A rehearsal gave way to a writer, or found no room; the next one works on a copy."""


class Undone:
    """The databases of the settings, to be opened as often as a rehearsal has to begin anew.

    With ``empty`` they are those of a new tenant. Staging mode keeps nothing back.
    """

    def __init__(self, settings: Settings, *, empty: bool, stop: Callable[[], bool]) -> None:
        self._real = settings
        schedule = settings.schedule.model_copy(update={"staging_mode": False})
        storage = settings.storage.model_copy(update={"path": _NOWHERE})
        tenant = settings.tenant.model_copy(update={"database": None})
        changed = {"storage": storage, "schedule": schedule, "tenant": tenant}
        self._settings = settings.model_copy(update=changed)
        self._empty = empty
        self._stop = stop
        self._space_file = settings.databases[SPACE_FILE]
        self._place = None if settings.tenant.url else place_of(settings)
        self._on_server: Rehearsing | None = None
        self._attempts = 0
        self._to_copy: set[Path] = set()
        self._in_place: dict[Path, Rehearsed] = {}

    def has_tenant(self) -> bool:
        """Tell whether there was a tenant before the rehearsal; raises StorageUnusable."""
        return not self._empty and (self._place is None or has_tenant(self._place))

    def must_stop(self) -> bool:
        """Tell whether the rehearsal has to end: it was told to, or it gives way."""
        return self._stop() or any(one.gives_way() for one in self._worked_on())

    def _worked_on(self) -> list[Rehearsed | Rehearsing]:
        on_server = [] if self._on_server is None else [self._on_server]
        return [*self._in_place.values(), *on_server]

    @contextmanager
    def open(self, directory: Directory | None, progress: Progress) -> Iterator[Parts]:
        """Open what a run works with; raises StorageUnusable, and GivenUp where to begin anew."""
        self._in_place, self._on_server = {}, None
        try:
            with ExitStack() as stack:
                space, tenant = self._open_space(stack), self._open_tenant(stack)
                enter_tenant(tenant, settings=self._real, space=space)
                yield put_together(
                    stack,
                    self._settings,
                    space,
                    tenant,
                    log=silent_log(),
                    directory=directory,
                    progress=progress,
                    stop=self.must_stop,
                )
        except Exception as error:
            self._begin_anew_on_copies(error)
            raise
        self._begin_anew_on_copies()

    def _begin_anew_on_copies(self, error: Exception | None = None) -> None:
        """Raise GivenUp where a copy of a database would help; it is copied the next time."""
        if isinstance(error, RehearsalOver):
            self._give_way(error)
        places = {path for path, one in self._in_place.items() if one.is_given_up}
        if (
            not places
            and isinstance(error, StorageUnusable)
            and error.reason in _FAULTS_OF_THE_PLACE
        ):
            places = set(self._in_place)
        if places:
            self._to_copy |= places
            raise GivenUp from error
        if self._on_server is not None and self._on_server.gave_way:
            self._give_way(error)

    def _give_way(self, error: Exception | None) -> None:
        """Begin anew on the server, of whose tenant nothing is copied; raises StorageUnusable after some times."""
        self._attempts += 1
        if self._attempts < _ATTEMPTS:
            raise GivenUp from error
        refusal = StorageUnusable(
            f"{self._name()}: the rehearsal gave way {_ATTEMPTS} times to other connectors that write "
            "to it. Nothing was changed: try again when they are done."
        )
        refusal.reason = "locked"
        raise refusal from error

    def _name(self) -> str:
        return str(self._real.tenant.url) if self._place is None else name_of(self._place)

    def _open_space(self, stack: ExitStack) -> ConnectorSpace:
        if database := self._open_uncopied(stack, self._space_file, "staging"):
            return ConnectorSpace(database)
        space = ConnectorSpace.open(_copied(stack, self._space_file).parent, stop=self._stop)
        stack.callback(space.close)
        return space

    def _open_tenant(self, stack: ExitStack) -> TenantService:
        chosen = self._settings.tenant
        if self._place is None and not self._empty:
            remote = open_remote(self._real.tenant, rehearsed=True, stop=self._stop)
            stack.callback(remote.close)
            return remote
        if not isinstance(self._place, Path):
            return self._open_on_server(stack)
        if database := self._open_uncopied(stack, self._place, "tenant"):
            return tenant_on(database, chosen)
        tenant = open_tenant(_copied(stack, self._place), chosen, stop=self._stop)
        stack.callback(tenant.close)
        return tenant

    def _open_on_server(self, stack: ExitStack) -> TenantService:
        """Open the tenant of a server where it is; one that was never made is an empty file."""
        chosen = self._settings.tenant
        opened = None
        if self._place is not None and self.has_tenant():
            opened = rehearsed_store_at(self._place, self._stop)
        if opened is None:
            database = empty_database("tenant", "")
            stack.callback(database.close)
            return tenant_on(database, chosen)
        store, self._on_server = opened
        stack.callback(store.close)
        return tenant_in(store, chosen)

    def _open_uncopied(self, stack: ExitStack, path: Path, name: str) -> Database | None:
        """Open a database where it is, or make one where none is; None where a copy is needed."""
        database: Database | None = None
        if not self._is_there(path):
            database = empty_database(name, "")
        elif path not in self._to_copy and (found := open_rehearsed(path, name, stop=self._stop)):
            database = self._in_place[path] = found
        if database is not None:
            stack.callback(database.close)
        return database

    def _is_there(self, path: Path) -> bool:
        return not self._empty and is_there(path)


def _copied(stack: ExitStack, source: Path) -> Path:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="connector-"))
    target = Path(folder) / source.name
    try:
        copy_database(source, target)
    except OSError as error:
        raise StorageUnusable(
            f"{target}: {error.strerror}. The copies need as much room there as the databases: make "
            "some, or set TMPDIR to another folder."
        ) from error
    return target
