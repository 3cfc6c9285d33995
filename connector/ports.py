"""The ports: what a stage asks of another, and of those who watch, without knowing who it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from connector.model import (
        Batch,
        Change,
        DirectoryEntry,
        Event,
        Identity,
        ManagerWork,
        MemberWork,
        Outcome,
        PendingExport,
        ShadowObject,
        SyncObject,
        SyncResult,
    )
    from connector.values.schema import Schema
    from connector.values.staged import Staged, StagedPage


class Directory(Protocol):
    """The connected directory: the one port to the outside that imports read.

    Every method raises DirectoryUnavailable when the answer is not whole, and never reports a part
    of an answer as the whole.
    """

    def fingerprint(self) -> str:
        """Hash what a cookie is bound to: servers, base, filter, attributes, identity, classes."""

    @property
    def url(self) -> str:
        """The server in use, for messages."""

    def changes(self, cookie: bytes | None) -> Iterator[Change]:
        """Stream what changed since ``cookie``; everything there is without one.

        Ends with Complete. Raises ResyncRequired when the server refuses the cookie for good.
        """

    def read(self, uuids: Collection[bytes]) -> Iterator[DirectoryEntry]:
        """Read these entries now; what is gone or outside the search is left out."""

    def read_below(self, dn: str) -> Iterator[DirectoryEntry]:
        """Read the entry at ``dn`` and all below it now."""

    def read_all(self) -> Iterator[DirectoryEntry]:
        """Read every entry of the search now, in no way that depends on a cookie."""

    def identities(self) -> Iterator[Identity]:
        """List every entry of the search by its identity, as cheaply as the directory can."""

    def parents(self, uuids: Collection[bytes]) -> set[bytes]:
        """Return those of these entries that have others below them.

        A directory that cannot tell returns none.
        """

    def life(self) -> str:
        """Name the life of the server.

        The text is another one after the server was restarted, another server took over, or a
        connection was lost in use; so far as that can be told.
        """

    def schema(self) -> Schema:
        """Read the classes and attributes of the server; those of the standards if it hides them."""

    def close(self) -> None: ...


class Stage(Protocol):
    """Stages an entry, as ``values.entries.stage`` does."""

    def __call__(self, entry: DirectoryEntry) -> Staged: ...


class Reader(Protocol):
    """Reads the changes of the directory for an import, and stages entries with their properties.

    ``version`` names the rules by which the properties are worked out; None where none are.
    """

    @property
    def version(self) -> str | None: ...

    def changes(self, cookie: bytes | None) -> Iterator[Change | StagedPage]:
        """Stream as ``Directory.changes`` does; pages are entries that are staged already."""

    def stage(self, entry: DirectoryEntry) -> Staged:
        """Stage an entry as ``values.entries.stage`` does, with its properties where it can."""


class Tenant(Protocol):
    """The cloud directory as a sync client sees it: export, finalize, read back."""

    def export(self, batch: str, objects: Sequence[SyncObject]) -> list[SyncResult]:
        """Apply a batch in one transaction, values released before values claimed.

        The results come in the order of the objects. A batch id that was applied just before, or before
        the last one, changes nothing and gives the same results again: a client that lost the answer
        may repeat the call.
        """

    def results(self, batch: str) -> list[SyncResult] | None:
        """Return the results of a batch if it was one of the last two applied, else None."""

    def finalize_export(self, *, exported: int, failed: int) -> None:
        """Tell the tenant the totals of an export run."""

    def read_back(self, cookie: str | None) -> tuple[Iterator[ShadowObject], str]:
        """Return the synced objects that changed since the cookie, and the next cookie."""

    def position(self) -> str:
        """Return the cookie of what the tenant holds now."""

    def refusal(self, cookie: str) -> str | None:
        """Say why the tenant cannot go on from a cookie, None where it can.

        Another tenant gave it, or this one is behind it: restored from an older backup.
        """


@runtime_checkable
class TakesAhead(Protocol):
    """A tenant that takes a batch while it is at work on the one before."""

    def begin(
        self, batch: str, objects: Sequence[SyncObject]
    ) -> Callable[[], Sequence[SyncResult]]:
        """Hand a batch over; what is returned waits for the answer, as ``Tenant.export`` gives it.

        Batches are handed over, and their answers waited for, in the same order; not more than two are
        on their way.
        """


@runtime_checkable
class TakesSoMuch(Protocol):
    """A tenant that takes batches of a limited length only, in bytes of what the objects are told to be."""

    longest_batch: int
    longest_object: int
    """What one object may have, or several that must go together."""

    most_links: int
    """Memberships or managers of a batch."""


class Releases(Protocol):
    """The unique values that updates give up."""

    def __len__(self) -> int: ...

    def givers(self, keys: Collection[str]) -> set[str]:
        """Return the source anchors of the updates that give up one of these values."""


class ExportQueue(Protocol):
    """What the tenant has yet to be told, and where the answers are written down.

    An export is a session of batches. A batch is written down before it is sent, so that after a crash
    the tenant can be asked what became of it; what was tried in a session is not tried twice in it.
    Two are written down at a time: one is sent while the answer to the one before is recorded.
    """

    def session(self) -> int | None:
        """Return the session that a crash or a stop left open."""

    def open_session(self, number: int) -> None: ...

    def close_session(self) -> None: ...

    def batches(self) -> list[Batch]:
        """Return, in order, the batches whose answers were never recorded."""

    def note(self, batches: Sequence[Batch]) -> None:
        """Write down the batches about to be sent."""

    def in_order(self, session: int) -> Iterator[PendingExport]:
        """Yield what the session has not tried: deletes first, then by creation time and anchor."""

    def look_up(self, anchor: str) -> PendingExport: ...

    def exported_properties(self, anchor: str) -> Mapping[str, Any]:
        """Return what was exported of an object, empty where nothing was."""

    def releases(self, session: int) -> Releases:
        """Return the unique values that updates give up which were not tried yet."""

    def record(  # noqa: PLR0913 - all of it is written in one transaction
        self,
        outcomes: Sequence[Outcome],
        *,
        session: int,
        now: str,
        following: Sequence[Batch],
        position: str,
        place: str | None,
    ) -> list[Event]:
        """Store answers and the batches that come next; return what has to be logged about them.

        ``position`` is where the tenant stood afterwards, ``place`` where the log did before.
        """

    def unlogged(self, limit: int) -> list[Event]:
        """Return the first events that are not known to be in the log."""

    def log_place(self) -> str | None:
        """Return where the log stood before the first of these events."""

    def logged(self, events: Sequence[Event], *, place: str | None) -> None:
        """Forget events that are in the log, which stands at ``place`` now."""

    def members(self, limit: int) -> Iterator[list[MemberWork]]:
        """Yield membership changes that can be sent, at most ``limit`` changes at a time."""

    def record_members(self, work: Sequence[MemberWork], *, position: str) -> None:
        """Store membership changes that the tenant took; it stood at ``position`` afterwards."""

    def managers(self, limit: int) -> Iterator[list[ManagerWork]]:
        """Yield changes of managers that can be sent, at most ``limit`` at a time."""

    def record_managers(self, work: Sequence[ManagerWork], *, position: str) -> None:
        """Store changes of managers that the tenant took; it stood at ``position`` afterwards."""


class Progress(Protocol):
    """Somebody who watches: ``begin`` a piece of work, ``advance`` through it, ``end`` it.

    Pieces do not nest. The worker calls ``advance`` once a batch, not once an object.
    """

    def begin(self, name: str, total: int | None = None) -> None:
        """Start a piece of work of ``total`` objects, None where that is not known."""

    def advance(self, count: int) -> None: ...

    def end(self) -> None: ...


class Silent:
    """Nobody watches."""

    def begin(self, name: str, total: int | None = None) -> None:
        pass

    def advance(self, count: int) -> None:
        pass

    def end(self) -> None:
        pass


SILENT = Silent()
