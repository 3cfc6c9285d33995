"""What the tenant asks of the store that keeps it: the facts of a decision, its writing, and questions.

``sqlite`` implements it. What decides knows this alone. Another store keeps these promises:

- ``transaction`` makes all changes of its block or none, and one writer at a time is within one;
- what is returned in an order is returned in that order whatever the engine: texts by code point, and no
  two rows are equal in it;
- questions may be asked outside of a transaction, each of them is answered from one state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from connector.tenant.inquiries import Delta, ObjectCounts, Questions, Selections

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from connector.model import MemberChange
    from connector.settings import TenantSettings
    from connector.tenant.clients import Client
    from connector.tenant.identity import Position
    from connector.tenant.objects import Claim, Errors, Policy, TenantObject
    from connector.tenant.policy import Domain
    from connector.tenant.writes import Writes

__all__ = [
    "Arrivals",
    "Changes",
    "Clients",
    "Delta",
    "Held",
    "Known",
    "ObjectCounts",
    "Others",
    "Questions",
    "Selections",
    "Store",
    "Table",
    "Tables",
]

T = TypeVar("T")
_NOTHING: Mapping[int, TenantObject] = {}


class Known(NamedTuple):
    """What a store has of the source anchors of a batch.

    ``objects`` by source anchor, those of one by type and number; ``errors`` by number, of the objects that have some;
    ``failed`` are the anchors of groups that failed once.
    """

    objects: dict[str, list[TenantObject]]
    errors: dict[int, Errors]
    failed: set[str]


class Held(NamedTuple):
    """The holders of claims, and these holders by number."""

    holders: dict[Claim, int]
    objects: dict[int, TenantObject]


class Arrivals(Protocol):
    """How a store takes in a first export faster; all but ``prepare`` is done within transactions."""

    @property
    def at_work(self) -> bool: ...

    def prepare(self) -> None:
        """Get ready to ``begin``, outside of a transaction."""

    def begin(self) -> None:
        """Take in what arrives from now on; for a tenant that has nothing or little."""

    def settle(self) -> None:
        """End what ``begin`` began."""


class Changes(Protocol):
    """The changes that clients of Graph are told of; ``now`` gives the tenant's time."""

    now: Callable[[], datetime]

    def begin_timeline(self) -> None:
        """Let nobody go on from what was told before: the tenant is in another past now."""

    def forget(self, until: str) -> None:
        """Forget what was removed up to a time; from the last change before it a client can still go on."""


class Clients(Protocol):
    """The sync clients of the tenant; a number names one. Changes are made within a transaction."""

    def all(self) -> list[Client]: ...

    def objects(self) -> dict[int, int]:
        """Count the live objects of each client."""

    def quarantined(self, number: int) -> int:
        """Count the quarantined values of a client's objects, and of those without an owner."""

    def add(self, client: str, host: str, place: str) -> int:
        """Record a client; return its number."""

    def move(self, number: int, host: str, place: str) -> None: ...

    def bind(self, number: int, app: str) -> None:
        """Note the application by which a client comes over the network."""

    def note_export(self, number: int, at: str) -> None: ...

    def anchors(self, number: int) -> list[str]:
        """Return those of all that a client owns, sorted; of deleted users too."""

    def remove(self, number: int) -> None: ...

    def adopt(self, number: int) -> None:
        """Give a client all synchronized objects that have no owner."""

    def taken_from(self, number: int, anchors: Collection[str]) -> set[str]:
        """Return those of the source anchors that were taken from a client."""

    def take_over(self, number: int, anchors: Collection[str], version: int) -> list[str]:
        """Give a client what others own of these anchors, and what it lost and nobody has; return what it got."""


class Table(NamedTuple):
    """A table of a tenant, as every engine has it: its columns, sorted, and those of its key in their order."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


class Tables(Protocol):
    """The rows of a tenant as they are, for a move to another database."""

    @property
    def alone(self) -> Callable[[], AbstractContextManager[None]]:
        """Make all changes of a block or none, while nobody else is at work; raises InstanceLocked."""

    def all(self) -> list[Table]:
        """Return all tables that belong to the tenant, by name."""

    def count(self, table: Table) -> int: ...

    def rows(self, table: Table) -> Iterator[tuple[Any, ...]]:
        """Stream the rows of a table in the order of its key, but what of the state stays behind."""

    def fill(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        """Have these rows in a table in place of those that are there; raises StorageUnusable."""

    def forget_state(self, name: str) -> None:
        """Remove a value of the state."""


class Others(Protocol):
    """Who else is at work on the tenant, where its store knows; a file has a lock beside it, which tells.

    ``told`` hears, once in a wait, who holds the tenant and for how many seconds it was waited for.
    """

    told: Callable[[str, float], None]

    def announce(self, client: int) -> None:
        """Be seen at work as a client until the store is closed; raises InstanceLocked.

        One that needs the tenant for itself is waited for.
        """

    def alone(self, what: str) -> AbstractContextManager[None]:
        """Keep others away for as long as the block takes; raises InstanceLocked while one is at work.

        ``what`` needs the tenant for itself, as people say it.
        """


class Store(Protocol):
    """The tables of one tenant. Every change is made inside ``transaction``."""

    @property
    def arrivals(self) -> Arrivals: ...

    @property
    def changes(self) -> Changes: ...

    @property
    def clients(self) -> Clients: ...

    @property
    def delta(self) -> Delta: ...

    @property
    def others(self) -> Others: ...

    @property
    def questions(self) -> Questions: ...

    @property
    def selections(self) -> Selections: ...

    @property
    def tables(self) -> Tables: ...

    def close(self) -> None: ...

    def repeated(self, work: Callable[[], T]) -> T:
        """Do a work that may be done twice; again where another writer, or the server, got in between."""

    def transaction(self) -> AbstractContextManager[None]:
        """Make all changes of the block, or none of them."""

    def prepare_to_serve(self) -> None:
        """Get ready to answer many questions, one after another."""

    def limited(self, seconds: float) -> AbstractContextManager[None]:
        """Give up questions of the block after this time; raises QueryTooLong. It changes nothing."""

    def one_state(self) -> AbstractContextManager[None]:
        """Read one state for as long as the block takes; for those who only read."""

    def replace(self, copy: Path) -> None:
        """Become what a copy holds; raises StorageUnusable."""

    # --- facts --------------------------------------------------------------------------------

    def state(self, name: str) -> str | None: ...

    def set_state(self, name: str, value: str) -> None: ...

    def results_of(self, batch: str, client: int | None = None) -> str | None:
        """Return the results of a batch as text, if it is one of the last two of this client."""

    def remember_batch(self, batch: str, results: str, client: int | None = None) -> None: ...

    def policy(self, settings: TenantSettings) -> Policy:
        """Combine the settings with the switches of the tenant."""

    def set_feature(self, name: str, *, enabled: bool) -> None: ...

    def set_domain(self, domain: Domain) -> None: ...

    def features(self) -> dict[str, bool]: ...

    def domains(self) -> list[Domain]: ...

    def version(self) -> int:
        """Return the count of changes made to the tenant so far."""

    def set_version(self, version: int) -> None:
        """Count a change, and mark the version: in a copy that goes its own way it has another mark."""

    def identity(self) -> str:
        """Return what tells this tenant and its copies from every other one."""

    def position(self) -> Position:
        """Return the identity, the version and its mark."""

    def mark(self, version: int) -> str | None:
        """Return the mark of a version that this tenant had; None for others, and very old ones."""

    def last_number(self) -> int: ...

    def by_anchor(self, anchors: Collection[str]) -> dict[str, list[TenantObject]]: ...

    def by_number(self, numbers: Collection[int]) -> dict[int, TenantObject]: ...

    def by_id(self, ids: Collection[str]) -> dict[str, TenantObject]: ...

    def after(self, number: int, limit: int) -> list[TenantObject]:
        """Return the next ``limit`` objects after ``number``, but those that are deleted."""

    def live(self) -> Iterator[TenantObject]:
        """Stream all objects but those that are deleted, by number."""

    def errors_of(self, numbers: Collection[int]) -> dict[int, Errors]: ...

    def holders(self, claims: Iterable[Claim]) -> dict[Claim, int]:
        """Return the holders of these claims; claims that nobody holds are left out."""

    def is_held(self, claim: Claim) -> bool: ...

    def known(self, anchors: Collection[str], groups: Collection[str]) -> Known:
        """Return what there is of these source anchors; those of ``groups`` are asked whether they failed."""

    def held(self, claims: Iterable[Claim], known: Collection[int]) -> Held:
        """Return the holders of these claims with their objects, but those whose numbers are known."""

    def deleted_until(self, time: str) -> list[TenantObject]: ...

    # --- writing ------------------------------------------------------------------------------

    def write(
        self, writes: Writes, version: int, before: Mapping[int, TenantObject] = _NOTHING
    ) -> None:
        """Write a decision down.

        Claims are given up before others are granted, so that values may change hands. ``before`` has
        objects by number as they are in the tenant, as far as the caller knows: of these only what
        changes need be written.
        """

    def change_members(
        self, groups: Collection[tuple[int, Sequence[MemberChange]]], version: int
    ) -> set[int]:
        """Add and remove memberships; return the numbers of the groups that this changed.

        Members unknown to the tenant are ignored.
        """

    def change_managers(self, changes: Collection[tuple[int, str]], version: int) -> set[int]:
        """Give objects a manager by source anchor, or none; return the numbers of those that this changed.

        A manager unknown to the tenant is ignored.
        """
