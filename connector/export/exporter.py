"""Send the pending exports to the tenant, batch by batch, and record each answer.

A crash does no harm at any point, because of the order: note the batch, let the tenant commit it,
record the answers with the events to log and the place where the log stands, log the events slice by
slice, forget each. ``recover`` finds and finishes what a crash interrupted. While the tenant works on one batch, the answers to the one before are
recorded and the one after is read; so two batches are noted at a time, and the tenant remembers two.

A batch that only frees the values of a big circle is sent like any other, and not recorded: what is
exported of its objects follows in the same run, or is read back by the next.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.export import foreign
from connector.export.order import Circle, addresses_of, release_first
from connector.export.references import References
from connector.export.sending import Answered, Sending
from connector.model import (
    Batch,
    ObjectType,
    Operation,
    Outcome,
    SyncAction,
    SyncCode,
    SyncResult,
    about,
)
from connector.ports import TakesSoMuch
from connector.run import Counts
from connector.values.addresses import UNIQUE, ProxyAddress, unique_keys
from connector.values.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from connector.logs.log import Log
    from connector.model import Event, PendingExport
    from connector.ports import ExportQueue, Tenant

BATCH = 1500
"""Objects of one batch; it has more only where more objects must go together."""

ERROR_LIMIT = 5000
"""Failed objects that an export may have, as in the real product; more end it, the next one goes on."""

ADDRESSES = 15_000
"""Addresses of one batch: what it takes of memory is theirs where objects have hundreds of them."""

SLICE = 500
"""Events that are logged before they are forgotten: after a crash, the log is searched for so many."""

# The id of a batch that only gives values up begins so: its answers are not kept.
_FREES = "frees/"
# Bytes of an object in a batch beside its properties and its anchor, at most.
_AROUND = 256
_EVENTS = {
    SyncAction.ADDED: "object.added",
    SyncAction.UPDATED: "object.updated",
    SyncAction.DELETED: "object.deleted",
    SyncAction.RESTORED: "object.restored",
}


class _Together(NamedTuple):
    """Exports of one batch, with the number of their addresses; ``frees`` if they only give values up."""

    exports: list[PendingExport]
    addresses: int
    frees: bool = False


def _together(exports: list[PendingExport]) -> _Together:
    return _Together(exports, sum(map(addresses_of, exports)))


class Exporter:
    """One export; ``reported`` holds the errors that it logged.

    ``stopped`` says that it ended early: it was told to, or too many objects failed.
    """

    def __init__(  # noqa: PLR0913 -- two ports, the log, the clock and the caller's two wishes
        self,
        queue: ExportQueue,
        tenant: Tenant,
        log: Log,
        *,
        now: Callable[[], str],
        stop: Callable[[], bool] = lambda: False,
        advance: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._queue = queue
        self._tenant = tenant
        self._log = log
        self._now = now
        self._stop = stop
        self._advance = advance
        self._counts = Counts()
        self.stopped = False
        self.reported: list[dict[str, Any]] = []
        self._groups: set[str] = set()
        self._foreign: list[Outcome] = []
        self._limits = tenant if isinstance(tenant, TakesSoMuch) else None
        self._too_long: list[tuple[str, int]] = []

    @property
    def counts(self) -> Counts:
        """What it did so far."""
        return self._counts

    def recover(self) -> Counts:
        """Finish what a crash interrupted between the tenant's commit and the log."""
        session, noted = self._queue.session(), self._queue.batches()
        self._log_what_was_not()
        if session is None:
            return self._counts
        for number, batch in enumerate(noted, 1):
            results = self._tenant.results(batch.id)
            if results is None:
                self._queue.note(())
                break
            if batch.id.startswith(_FREES):
                continue
            exports = [self._queue.look_up(anchor) for anchor in batch.anchors]
            outcomes = list(map(Outcome, exports, results))
            position, following = self._tenant.position(), noted[number:]
            self._tell(outcomes, self._record(outcomes, position, session, following=following))
        return self._counts

    def export(self, number: int) -> Counts:
        """Send everything that is pending; ``number`` is that of the session unless one is still open."""
        session = self._queue.session()
        if session is None:
            session = number
            self._queue.open_session(session)
        self._export_objects(session)
        if not self.stopped:
            references = References(
                self._queue, self._tenant, self._log, self._counts, now=self._now, stop=self._stop
            )
            self.stopped = not references.export(session, self._groups)
        if not self.stopped:
            self._queue.close_session()
        self._finalize()
        return self._counts

    # --- objects ------------------------------------------------------------------------------

    def _export_objects(self, session: int) -> None:
        batches = map(self._named, self._batches(session))
        with Sending(self._tenant) as sending:
            noted = deque(islice(batches, 1))
            sent = deque[Future[Answered]]()
            if noted:
                self._queue.note([batch for batch, _ in noted])
                # The tenant begins with the first while the second is read.
                self._send(sending, noted, sent)
                noted.extend(islice(batches, 1))
            if len(noted) > 1:
                self._queue.note([batch for batch, _ in noted])
            while noted:
                self._send(sending, noted, sent)
                answered, (batch, exports) = sent.popleft().result(), noted.popleft()
                failed = sum(result.code != SyncCode.SUCCESS for result in answered.results)
                if self._stop() or self._counts.errors + failed > ERROR_LIMIT:
                    self.stopped = True
                if self.stopped:
                    # What the tenant has already is answered and recorded.
                    while len(noted) > len(sent):
                        noted.pop()
                else:
                    self._send(sending, noted, sent)
                    noted.extend(islice(batches, len(noted)))
                following = [batch for batch, _ in noted]
                if batch.id.startswith(_FREES):
                    self._queue.note(following)
                    continue
                outcomes = list(map(Outcome, exports, answered.results))
                events = self._record(outcomes, answered.position, session, following=following)
                # The tenant goes on while the log is written.
                self._send(sending, noted, sent)
                self._tell(outcomes, events)
        if not self.stopped:
            self._fail_too_long(session)

    def _fail_too_long(self, session: int) -> None:
        """Let the objects fail that are longer than the tenant takes; they were in no batch."""
        most = 0 if self._limits is None else self._limits.longest_object
        for anchor, size in self._too_long:
            description = (
                f"The object, with those whose values it takes over, has {size:,} bytes, and the server of the "
                f"tenant takes at most {most:,}. Trim the values of this object. The operation will be retried in "
                "the next synchronization cycle."
            )
            result = SyncResult(anchor, SyncCode.LARGE_OBJECT, SyncAction.FAILED, description)
            outcomes = [Outcome(self._queue.look_up(anchor), result)]
            self._tell(
                outcomes, self._record(outcomes, self._tenant.position(), session, following=())
            )
        if self._counts.errors > ERROR_LIMIT:
            self.stopped = True

    def _send(
        self,
        sending: Sending,
        noted: Sequence[tuple[Batch, Sequence[PendingExport]]],
        sent: deque[Future[Answered]],
    ) -> None:
        """Send as many of the batches that are noted as the tenant takes at a time."""
        while len(sent) < min(len(noted), sending.limit):
            batch, exports = noted[len(sent)]
            sent.append(sending.submit(batch.id, exports))

    def _batches(self, session: int) -> Iterator[tuple[list[PendingExport], bool]]:
        """Yield batches, and whether they only give values up."""
        batch: list[PendingExport] = []
        addresses, length, frees = 0, 0, False
        for together in self._going_together(session):
            longer = self._length(together)
            if longer is None:
                continue
            if batch and (together.frees is not frees or self._is_full(length + longer)):
                yield batch, frees
                batch, addresses, length = [], 0, 0
            frees = together.frees
            batch += together.exports
            addresses += together.addresses
            length += longer
            if len(batch) >= BATCH or addresses >= ADDRESSES:
                yield batch, frees
                batch, addresses, length = [], 0, 0
        if batch:
            yield batch, frees

    def _is_full(self, length: int) -> bool:
        return self._limits is not None and length > self._limits.longest_batch

    def _length(self, together: _Together) -> int | None:
        """Return the bytes of what goes together, 0 where the tenant takes any; None where it takes no such object."""
        if self._limits is None:
            return 0
        length = sum(map(_bytes_of, together.exports))
        if length <= self._limits.longest_object:
            return length
        if not together.frees:  # else the object itself comes after it
            self._too_long += [(export.anchor, length) for export in together.exports]
        return None

    def _going_together(self, session: int) -> Iterator[_Together]:
        """Yield what goes together; of a big circle every object alone, and before that what it frees."""
        look_up = self._queue.look_up
        for group in release_first(
            self._queue.in_order(session),
            self._queue.releases(session),
            look_up,
            limit=ADDRESSES,
        ):
            if not isinstance(group, Circle):
                yield _together(group)
            elif any(map(_frees_a_name, map(look_up, group.anchors))):
                # A user cannot be without a name: these go together, whatever it takes.
                yield _together([look_up(anchor) for anchor in group.anchors])
            else:
                for anchor in group.anchors:
                    export = look_up(anchor)
                    freeing = _freeing(export, self._queue.exported_properties(anchor))
                    # What the tenant lets go of takes as much of memory as what it is given.
                    yield _Together([freeing], len(export.releases), frees=True)
                for anchor in group.anchors:
                    yield _together([look_up(anchor)])

    def _named(
        self, batch: tuple[Sequence[PendingExport], bool]
    ) -> tuple[Batch, Sequence[PendingExport]]:
        """Give a batch a unique id with the time when it was read."""
        exports, frees = batch
        name = f"{_FREES if frees else ''}{self._now()}/{exports[0].anchor}"
        return Batch(name, [export.anchor for export in exports]), exports

    def _record(
        self,
        outcomes: Sequence[Outcome],
        position: str,
        session: int,
        *,
        following: Sequence[Batch],
    ) -> Sequence[Event]:
        """Keep the answers to a batch; return the events to log."""
        return self._queue.record(
            outcomes,
            session=session,
            now=self._now(),
            following=following,
            position=position,
            place=self._log.place(),
        )

    def _tell(self, outcomes: Sequence[Outcome], events: Sequence[Event]) -> None:
        """Count and log what became of a batch."""
        for outcome in outcomes:
            self._count(outcome)
            self._log_object(outcome)
        self._foreign += filter(foreign.is_foreign, outcomes)
        for start in range(0, len(events), SLICE):
            self._log_once(events[start : start + SLICE])
        self._advance(len(outcomes))

    def _count(self, outcome: Outcome) -> None:
        counts = self._counts
        match outcome.result.action:
            case SyncAction.ADDED | SyncAction.RESTORED:
                counts.adds += 1
            case SyncAction.UPDATED:
                counts.updates += 1
            case SyncAction.DELETED:
                counts.deletes += 1
            case SyncAction.FAILED:
                counts.errors += 1
            case SyncAction.UNCHANGED:
                counts.unchanged += 1
        counts.quarantined += len(outcome.result.quarantined)
        if outcome.export.type is ObjectType.GROUP:
            self._groups.add(outcome.export.anchor)

    # --- log ----------------------------------------------------------------------------------

    def _log_object(self, outcome: Outcome) -> None:
        export, result = outcome
        event = _EVENTS.get(result.action)
        if event is None:
            return
        if export.operation is Operation.UPDATE:
            self._log.info(event, **about(export), attributes=export.changed)
        else:
            self._log.info(event, **about(export))

    def _log_what_was_not(self) -> None:
        """Log the events that a crash left; those of the first slice may be in the log already."""
        there: set[int] | None = None
        while events := self._queue.unlogged(SLICE):
            if there is None:
                since = self._queue.log_place()
                there = self._log.sequence_numbers(events[0].id, since=since)
            self._log_once(events, there)

    def _log_once(self, events: Sequence[Event], there: Collection[int] = ()) -> None:
        """Log events that must appear exactly once, but for those that are in the log, and forget them."""
        for event in events:
            if event.id not in there:
                self._log.error(event.name, **event.fields, seq=event.id)
                kind = "quarantine" if event.name == "export.quarantined" else "export"
                self.reported.append({"kind": kind, **event.fields})
        self._log.flush()
        self._queue.logged(events, place=self._log.place())

    def _finalize(self) -> None:
        foreign.tell(self._log, self._foreign)
        self.reported += foreign.reported(self._foreign)
        counts = self._counts
        exported = counts.adds + counts.updates + counts.deletes + counts.unchanged
        self._tenant.finalize_export(exported=exported, failed=counts.errors)


def _bytes_of(export: PendingExport) -> int:
    return len(canonical(export.properties).encode()) + len(export.anchor) + _AROUND


def _frees_a_name(export: PendingExport) -> bool:
    return any(key.startswith("upn:") for key in export.releases)


def _freeing(export: PendingExport, exported: Mapping[str, Any]) -> PendingExport:
    """Return the update to what is exported already, without the values that ``export`` releases.

    A UPN is not among them: see ``_frees_a_name``.
    """
    released = frozenset(export.releases)
    kept = dict(exported)
    for name in UNIQUE - {"userPrincipalName"}:
        value = kept.pop(name, None)
        if isinstance(value, str):
            if released.isdisjoint(unique_keys({name: value})):
                kept[name] = value
        elif value and len(keys := unique_keys({name: value})) == len(value) and keys <= released:
            kept[name] = []
        elif value:
            kept[name] = [one for one in value if _key(ProxyAddress.parse(one)) not in released]
    return export._replace(properties=kept, releases=())


def _key(address: ProxyAddress) -> str:
    return f"{address.namespace}:{address.key}"
