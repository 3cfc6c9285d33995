"""Let a process of its own apply export batches, so that two cores work on a big export.

It is the same tenant with the same database: the process only decides and writes. What it takes to start one
is worth it for thousands of objects (``WORTHWHILE``); fewer are exported in this process.
"""

from __future__ import annotations

import marshal
import subprocess
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Self

from connector.errors import ProcessLost, StorageUnusable
from connector.processes import await_end, how_it_ended, start
from connector.storage import instance
from connector.tenant import wire
from connector.values.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connector.model import ShadowObject, SyncObject, SyncResult
    from connector.ports import Tenant
    from connector.tenant.service import TenantService

WORTHWHILE = 5_000
"""Objects that wait: from so many on, a process of its own saves more time than its start takes."""

_SECONDS_TO_END = 60.0


class TenantAtWork:
    """Gives a tenant that takes many objects in the best way.

    As a context manager it ends the process that it started, if it did.
    """

    def __init__(self, tenant: TenantService) -> None:
        self._tenant = tenant
        self._process: TenantProcess | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def start(self, expected: int) -> None:
        """Start a process that so many objects are worth, before they are there; it changes nothing yet."""
        if self._process is None and self._tenant.place is not None and expected >= WORTHWHILE:
            # Where the system gives no process now, this one applies the batches.
            with suppress(OSError):
                self._process = TenantProcess(self._tenant)

    @contextmanager
    def taking(self, waiting: int) -> Iterator[Tenant]:
        """Give the tenant that takes ``waiting`` objects; a process ends with the block."""
        self.start(waiting)
        with self:
            if self._process is None or waiting < WORTHWHILE:
                yield self._tenant
            else:
                self._process.expect(waiting)
                yield self._process


class TenantProcess:
    """A tenant whose batches another process applies; implements ``ports.Tenant``."""

    def __init__(self, tenant: TenantService) -> None:
        """Start the process; it opens the tenant while this one prepares the first batch.

        Raises OSError where the system gives no process.
        """
        self._tenant = tenant
        self._process, channel = start("connector.tenant.served", inherits=instance.inherited())
        self._channel = Connection(channel.detach())
        settings = tenant.settings.model_dump_json(exclude={"database", "database_password_file"})
        self._ask(str(tenant.place), settings)

    def expect(self, waiting: int) -> None:
        """Announce so many objects, in the name of the client of the tenant; comes before any batch."""
        self._ask(waiting, self._tenant.client)

    def close(self) -> None:
        """Let the process end, which it does at once between two batches."""
        self._channel.close()
        await_end(self._process)
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def export(self, batch: str, objects: Sequence[SyncObject]) -> list[SyncResult]:
        """Apply a batch as the tenant does.

        Raises ProcessLost when the process has ended: whether it applied the batch, ``results`` tells.
        """
        return self.begin(batch, objects)()

    def begin(self, batch: str, objects: Sequence[SyncObject]) -> Callable[[], list[SyncResult]]:
        """Hand a batch over, which the process reads while it is at work on the one before.

        Raises ProcessLost, as does what is returned.
        """
        self._ask(batch, [_plain(item) for item in objects])
        return lambda: wire.results_from_text(self._told())

    def finalize_export(self, *, exported: int, failed: int) -> None:
        self._ask()
        self._told()
        self._tenant.finalize_export(exported=exported, failed=failed)

    def _told(self) -> str:
        """Return what the process tells; raises what went wrong there."""
        kind, *told = self._answer()
        if kind == "done":
            return told[0]
        if kind == "unusable":
            error = StorageUnusable(told[0])
            error.reason = told[1]
            raise error
        raise RuntimeError(f"the process of the tenant met what it did not expect:\n{told[0]}")

    def results(self, batch: str) -> list[SyncResult] | None:
        return self._tenant.results(batch)

    def read_back(self, cookie: str | None) -> tuple[Iterator[ShadowObject], str]:
        return self._tenant.read_back(cookie)

    def position(self) -> str:
        return self._tenant.position()

    def refusal(self, cookie: str) -> str | None:
        return self._tenant.refusal(cookie)

    def _ask(self, *question: Any) -> None:
        try:
            self._channel.send_bytes(marshal.dumps(question))
        except OSError as error:
            raise self._lost() from error

    def _answer(self) -> Sequence[str]:
        try:
            answer: Sequence[str] = marshal.loads(self._channel.recv_bytes())  # noqa: S302 - our own process
        except (EOFError, OSError) as error:
            raise self._lost() from error
        return answer

    def _lost(self) -> ProcessLost:
        how = how_it_ended(self._process)
        return ProcessLost(
            f"The process that writes to the tenant {how}. Nothing is lost: the next cycle goes on "
            "where this one ended. Where it ends again, look for the reason in the system's journal "
            "(too little memory, for example)."
        )


def _plain(item: SyncObject) -> tuple[Any, ...]:
    properties = item.properties
    return (
        str(item.object_type),
        str(item.operation),
        item.source_anchor,
        None if properties is None else canonical(properties),
        [(change.anchor, change.add) for change in item.member_changes],
        item.manager,
    )
