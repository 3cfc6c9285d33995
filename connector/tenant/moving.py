"""Move a tenant from one database to another, of whatever engine.

All tables are copied, row by row in the order of their keys, so that no memory grows with the tenant; which
ones there are, the databases say, and both must have the same. What has arrived is read again and compared
before it is kept. ``moved`` says how a move that breaks off leaves both databases.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import StorageUnusable, TenantMoved
from connector.tenant.moved import ARRIVING, MOVED, Move, move_of, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from connector.ports import Progress
    from connector.tenant.ports import Store, Table

# What a tenant that was never used has rows in.
_FROM_THE_BEGINNING = frozenset({"change", "mark", "state"})
_AT_ONCE = 1000


class Copied(NamedTuple):
    """A table, or the read-back, that is the same in both places: how many rows, and their digest."""

    name: str
    rows: int
    digest: str


class Moved(NamedTuple):
    """What a move did; ``tables`` is empty where it finished one that was interrupted at its end."""

    tables: list[Copied]
    read_back: Copied | None


def move(source: Store, target: Store, this: Move, progress: Progress) -> Moved:
    """Move the tenant of a store to another one, which has none; or finish a move that broke off.

    Raises StorageUnusable where the target has a tenant, TenantMoved where the source went elsewhere before,
    and InstanceLocked while somebody else is at work on either. The source stays in use then.
    """
    before = move_of(source.state(MOVED))
    arriving = move_of(target.state(ARRIVING))
    if before is not None:
        if arriving is None or arriving.key != before.key:
            raise TenantMoved(refusal(source.state(MOVED), None) or "")
        _release(target)
        return Moved([], None)
    _refuse_to_overwrite(target, arriving, this)
    both = _tables_of_both(source, target)
    with source.tables.alone():
        with target.tables.alone():
            target.set_state(ARRIVING, this.text())
        with target.tables.alone():
            tables = [_copy(source, target, table, progress) for table in both]
            read_back = _compare_read_back(source, target, this, progress)
        source.set_state(MOVED, this.text())
    _release(target)
    return Moved(tables, read_back)


def take_back(store: Store) -> Move | None:
    """Let a tenant that was moved away be used again; return where it went, None where it did not."""
    with store.tables.alone():
        before = move_of(store.state(MOVED))
        store.tables.forget_state(MOVED)
    return before


def _release(target: Store) -> None:
    with target.tables.alone():
        target.tables.forget_state(ARRIVING)


def _refuse_to_overwrite(target: Store, arriving: Move | None, this: Move) -> None:
    """Refuse a target with a tenant; what is left of a move of the same one is not a tenant yet."""
    if arriving is not None:
        if arriving.tenant != this.tenant:
            raise StorageUnusable(
                f"{this.to} has a part of another tenant, whose move from {arriving.origin} was "
                "interrupted. Name an empty database."
            )
        return
    if is_used(target):
        raise StorageUnusable(
            f"{this.to} has a tenant already, and a move never writes over one. Name an empty database."
        )


def is_used(store: Store) -> bool:
    """Tell whether a store has a tenant that a connector ever worked on."""
    return store.version() > 0 or any(
        store.tables.count(table)
        for table in store.tables.all()
        if table.name not in _FROM_THE_BEGINNING
    )


def _tables_of_both(source: Store, target: Store) -> list[Table]:
    found, others = source.tables.all(), target.tables.all()
    if found != others:
        differing = sorted({table.name for table in {*found} ^ {*others}})
        raise StorageUnusable(
            f"Only one of both databases has these tables: {', '.join(differing)}. A tenant needs a "
            "database of its own."
        )
    return found


def _copy(source: Store, target: Store, table: Table, progress: Progress) -> Copied:
    count = source.tables.count(table)
    read = _Digest()
    progress.begin(f"Moving {table.name}", count)
    target.tables.fill(table, read.of(_watched(source.tables.rows(table), progress)))
    progress.begin(f"Checking {table.name}", count)
    arrived = _Digest().over(_watched(target.tables.rows(table), progress))
    progress.end()
    return _same(table.name, read, arrived)


def _compare_read_back(source: Store, target: Store, this: Move, progress: Progress) -> Copied:
    """Let both tell a client that knows nothing what they have; the target is to tell the same."""
    if target.identity() != this.tenant:
        raise StorageUnusable(f"{this.to} did not become the tenant of {this.origin}.")
    progress.begin("Checking the read-back")
    told, also_told = (
        _Digest().over(_watched(store.questions.shadows(None, store.version()), progress))
        for store in (source, target)
    )
    progress.end()
    return _same("read-back", told, also_told)


def _same(name: str, read: _Digest, arrived: _Digest) -> Copied:
    found, there = (read.count, read.text()), (arrived.count, arrived.text())
    if found != there:
        raise StorageUnusable(
            f"The tenant did not arrive as it was: {name} has {found[0]} rows, digest {found[1]}, "
            f"and {there[0]} rows, digest {there[1]}, where it was to go. The tenant stays where it is."
        )
    return Copied(name, *found)


def _watched(rows: Iterable[Any], progress: Progress) -> Iterator[Any]:
    for number, row in enumerate(rows, 1):
        yield row
        if number % _AT_ONCE == 0:
            progress.advance(_AT_ONCE)


class _Digest:
    """The count and the digest of rows, in their order."""

    def __init__(self) -> None:
        self.count = 0
        self._hash = blake2b(digest_size=16)

    def of(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield the rows, and take each of them in."""
        for row in rows:
            self.count += 1
            self._hash.update(repr(row).encode("utf-8", "surrogatepass"))
            yield row

    def over(self, rows: Iterable[Any]) -> _Digest:
        """Take in all rows."""
        for _ in self.of(rows):
            pass
        return self

    def text(self) -> str:
        return self._hash.hexdigest()
