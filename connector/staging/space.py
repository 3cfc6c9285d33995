"""The connector space: one database, one writer, and one way in for the rest of the program.

Each concern has a module of its own, which takes the open database. ``imports`` and ``removals`` stage
the directory, ``readback`` takes in the tenant; ``worklist`` and ``pending`` serve the synchronization,
``exports`` and ``results`` the export.
"""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING

from connector.errors import StorageUnusable
from connector.staging import foreign, readback
from connector.staging.deletions import Deletions
from connector.staging.excluded import Excluded
from connector.staging.exports import ExportQueue
from connector.staging.failures import Failures
from connector.staging.history import History
from connector.staging.lookup import Lookup
from connector.staging.reconciliation import Reconciliations
from connector.staging.state import State
from connector.staging.watermark import Watermark
from connector.staging.worklist import Worklist
from connector.storage.database import (
    empty_database,
    immediate,
    open_database,
    replace_contents,
)
from connector.storage.one_state import one_state
from connector.values.entries import stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from connector.model import Flowing
    from connector.ports import Directory, Reader, Stage, Tenant
    from connector.run import Counts
    from connector.staging import comparison, pending
    from connector.staging.reconciliation import Reconciled
    from connector.staging.removals import Removal
    from connector.staging.settling import Settled
    from connector.storage.database import Database

FILE = "connector-space.db"
PAUSED = "paused"
CLIENT = "client"


def client_of(file: Path) -> str | None:
    """Return the client id that the connector space in a file has; None where it has none, or is not there."""
    with (
        suppress(StorageUnusable),
        closing(open_database(file, "staging", read_only=True)) as found,
    ):
        return State(found).get(CLIENT)
    return None


class ConnectorSpace:
    """What the directory holds, what was exported of it, and what is between.

    ``worklist`` says what to synchronize, ``queue`` what to export. ``history`` has the runs,
    ``failures`` the objects that failed, ``excluded`` the entries that are not synced, ``deletions``
    the plan that waits for approval. ``watermark`` is how far the last import got,
    ``reconciliations`` say when all identities were compared, ``lookup`` finds single objects,
    ``state`` keeps single facts.
    """

    def __init__(
        self, database: Database, *, is_at_work: Callable[[], bool] = lambda: True
    ) -> None:
        self._database = database
        self.state = State(database)
        self.watermark = Watermark(database)
        self.reconciliations = Reconciliations(database)
        self.worklist = Worklist(database)
        self.queue = ExportQueue(database)
        self.failures = Failures(database)
        self.deletions = Deletions(database)
        self.excluded = Excluded(database)
        self.history = History(database, is_at_work=is_at_work)
        self.lookup = Lookup(database)

    @classmethod
    def open(cls, path: Path, *, stop: Callable[[], bool] = lambda: False) -> ConnectorSpace:
        """Open the connector space in a storage folder; raises StorageUnusable.

        While ``stop`` is true, nothing waits for another process.
        """
        return cls(open_database(path / FILE, "staging", stop=stop))

    @classmethod
    def read(cls, path: Path, *, is_at_work: Callable[[], bool]) -> ConnectorSpace:
        """Open it to read alone, while an instance may be at work; raises StorageUnusable."""
        return cls(open_database(path / FILE, "staging", read_only=True), is_at_work=is_at_work)

    @classmethod
    def empty(cls) -> ConnectorSpace:
        """Make an empty connector space in memory."""
        return cls(empty_database("staging"))

    @property
    def database(self) -> Database:
        return self._database

    def close(self) -> None:
        self._database.close()

    def one_state(self) -> AbstractContextManager[None]:
        """Read one state for as long as the block takes; for those who only read."""
        return one_state(self._database)

    def rewind(self, copy: Path) -> None:
        """Become what a copy of the connector space's database holds; raises StorageUnusable."""
        replace_contents(self._database, copy, "staging")

    def client(self) -> str | None:
        """Return the id of this sync client in its tenant, None before it has one."""
        return self.state.get(CLIENT)

    def foreign(self) -> list[str]:
        """Return the source anchors of what is staged here, and belongs to another client of the tenant."""
        return foreign.staged(self._database.conn)

    def recover(self, anchors: Iterable[str]) -> None:
        """Export these objects again, of which no read-back can tell that they are this client's."""
        with immediate(self._database):
            foreign.recover(self._database.conn, anchors)

    def be(self, client: str) -> None:
        """Keep the id of this sync client."""
        self.note(CLIENT, client)

    def knows(self, position: str) -> bool:
        """Tell whether something was exported to the tenant of this cookie."""
        return readback.is_of(self._database, position)

    # --- the steps of a run -------------------------------------------------------------------

    def import_from(  # noqa: PLR0913 - as ``imports``
        self,
        directory: Directory,
        *,
        full: bool,
        run: int,
        guard: Callable[[Removal], None],
        advance: Callable[[int], None] = lambda _: None,
        reconciled: Callable[[Reconciled], None] | None = None,
        reader: Reader | None = None,
    ) -> Counts:
        """Stage what changed in the directory, or with ``full`` everything; see ``imports``."""
        from connector.staging import imports  # noqa: PLC0415 - for a run alone

        cookie = None if full else self.watermark.cookie_for(directory.fingerprint())
        return imports.import_from(
            self._database,
            directory,
            cookie,
            run=run,
            guard=guard,
            advance=advance,
            reconciled=reconciled,
            reader=reader,
        )

    def read_back(self, tenant: Tenant, *, full: bool) -> Counts:
        """Take in what changed in the tenant, or with ``full`` everything; see ``readback``."""
        return readback.read_back(self._database, tenant, full=full)

    def refusal(self, tenant: Tenant) -> str | None:
        """Say why the tenant is not the one that the connector space knows, None where it is."""
        return readback.refusal(self._database, tenant)

    def is_unfamiliar(self) -> bool:
        """Tell whether the tenant was found to be another one, and nothing was exported to it since."""
        return self.state.get(readback.UNFAMILIAR) is not None

    def synchronizing(
        self, now: str, flowing: Flowing | None = None
    ) -> AbstractContextManager[pending.Synchronization]:
        """Open a synchronization of the worklist; see ``pending``."""
        from connector.staging import pending  # noqa: PLC0415 - for a run alone

        return pending.synchronizing(self._database, now=now, flowing=flowing)

    # --- facts --------------------------------------------------------------------------------

    def note(self, name: str, value: str | None) -> None:
        """Store a single fact in a transaction of its own."""
        with immediate(self._database):
            self.state.set(name, value)

    def paused_since(self) -> str | None:
        """Return when somebody paused the schedule, None while it runs."""
        return self.state.get(PAUSED)

    def compare(
        self, directory: Directory, tenant: Tenant, stage: Stage = stage
    ) -> Iterator[comparison.Difference]:
        """Name every difference between directory, connector space and tenant."""
        from connector.staging import comparison  # noqa: PLC0415 - for verify alone

        yield from comparison.damage(self._database)
        yield from comparison.with_directory(self._database, directory.read_all(), stage)
        shadows, _ = tenant.read_back(None)
        yield from comparison.with_tenant(self._database, shadows)
        yield from comparison.pending(self._database)

    def advise(
        self,
        found: Sequence[comparison.Difference],
        directory: Directory,
        tenant: Tenant,
        stage: Stage = stage,
    ) -> list[Settled]:
        """Say what settles each of these differences; see ``settling``."""
        cookie = self.watermark.cookie_for(directory.fingerprint())
        from connector.staging import settling  # noqa: PLC0415 - for verify alone

        return list(settling.advise(self._database, found, directory, tenant, cookie, stage=stage))
