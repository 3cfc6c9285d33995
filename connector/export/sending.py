"""Send batches to the tenant in other threads, and wait for their answers in order."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

from connector.model import Operation, SyncObject, SyncOperation
from connector.ports import TakesAhead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.model import PendingExport, SyncResult
    from connector.ports import Tenant


class Answered(NamedTuple):
    """What the tenant answered to a batch, and its position afterwards."""

    results: Sequence[SyncResult]
    position: str


class Sending:
    """Sends batches to the tenant in other threads, in their order, at most ``limit`` at a time."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self.limit = 2 if isinstance(tenant, TakesAhead) else 1
        self._asker = ThreadPoolExecutor(1, thread_name_prefix="ask")
        self._answerer = ThreadPoolExecutor(1, thread_name_prefix="export")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._asker.shutdown()
        self._answerer.shutdown()

    def submit(self, batch: str, exports: Sequence[PendingExport]) -> Future[Answered]:
        """Send a batch; the answers come in the order of the batches."""
        asked = self._asker.submit(self._ask, batch, exports)
        return self._answerer.submit(lambda: self._answered(asked.result()))

    def _ask(
        self, batch: str, exports: Sequence[PendingExport]
    ) -> Callable[[], Sequence[SyncResult]]:
        objects = [_sync_object(export) for export in exports]
        if isinstance(self._tenant, TakesAhead):
            return self._tenant.begin(batch, objects)
        return partial(self._tenant.export, batch, objects)

    def _answered(self, answer: Callable[[], Sequence[SyncResult]]) -> Answered:
        results = answer()
        return Answered(results, self._tenant.position())


def _sync_object(export: PendingExport) -> SyncObject:
    if export.operation is Operation.DELETE:
        return SyncObject(export.type, SyncOperation.DELETE, export.anchor)
    return SyncObject(export.type, SyncOperation.SET, export.anchor, export.properties)
